//! Who is calling, and what is about to be done to them.

mod factor;
mod session;

use std::collections::BTreeSet;

use sallyport_app::{Caller, Versioned, recovery, session::refuse_expired_password};
use sallyport_model::{
    Action, Reset, ResetKind, ResetState, Role, Time,
    id::{ResetId, TokenId, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Noun},
    input::{Named, id},
    route::{Gives, Needs, Route, shape},
};
use crate::{
    call::{Bearer, SignedIn},
    problem::Problem,
};

/// The token that calls, and what it may do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Me {
    /// An API token.
    Token { id: TokenId, name: String, role: Role, rights: Vec<Action> },
    /// A person who signed in. Roles count behind both doors only, and from where the second was passed.
    User { id: UserId, name: String, roles: BTreeSet<Role>, rights: Vec<Action> },
}

/// What somebody asked to reset of the caller's, as far as it takes to stop it. It is told behind one door, so nothing that
/// the person's password alone does not open: neither why, nor which number or factor.
#[derive(Debug, Serialize, ToSchema)]
struct OwnReset {
    id: ResetId,
    what: ResetKind,
    /// Who asked.
    author: String,
    /// `waiting`, `held`, `cleared`, or once it is stopped `refused`.
    state: String,
    /// It does not happen before, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Time>,
    created: Time,
}

impl From<Reset> for OwnReset {
    fn from(reset: Reset) -> Self {
        let from = match reset.state {
            ResetState::Held { from, .. } => Some(from),
            ResetState::Cleared { .. }
            | ResetState::Done { .. }
            | ResetState::Expired { .. }
            | ResetState::Refused { .. }
            | ResetState::Waiting { .. } => None,
        };
        let (id, what, author) = (reset.id, reset.what.kind(), reset.author.label());
        Self { id, what, author, state: reset.state.as_str().into(), from, created: reset.created }
    }
}

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/me", show, Needs::Token, "Shows whom the token speaks for and what it may do.")
            .gives(Gives::One(shape::<Me>())),
        Route::get("/me/resets", resets, Needs::Session, "Lists what somebody asked to reset of yours.")
            .gives(Gives::All(shape::<OwnReset>())),
        Route::post(
            "/me/resets/{reset}/stop",
            stop,
            Needs::Session,
            "Stops a reset of yours. One door is enough: nobody loses anything by it.",
        )
        .gives(Gives::Noun(shape::<OwnReset>())),
    ];
    routes.extend(factor::routes());
    routes.extend(session::routes());
    routes
}

async fn resets(signed_in: SignedIn) -> Answer<All<OwnReset>> {
    refuse_expired_password(&signed_in.user)?;
    Ok(recovery::standing(&signed_in.ctx, signed_in.user.id).await?.open.into_iter().collect())
}

async fn stop(signed_in: SignedIn, Named(reset): Named) -> Answer<Noun<OwnReset>> {
    refuse_expired_password(&signed_in.user)?;
    let Versioned { value, version } = recovery::refuse(&signed_in.ctx, id(&reset)?).await?;
    Ok(Noun { value: value.into(), version })
}

async fn show(bearer: Bearer) -> Answer<axum::Json<Me>> {
    let ctx = match bearer {
        Bearer::Session(signed_in) => {
            refuse_expired_password(&signed_in.user)?;
            signed_in.ctx
        }
        Bearer::Token(ctx) => *ctx,
    };
    let rights = Action::ALL.into_iter().filter(|action| ctx.allow(*action).is_ok()).collect();
    match ctx.caller {
        Caller::Person { id, name, roles } => Ok(axum::Json(Me::User { id, name, roles, rights })),
        Caller::Token { id, name, role } => Ok(axum::Json(Me::Token { id, name, role, rights })),
        Caller::AdminApi { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::System { .. } => Err(Problem::from(sallyport_app::AppError::Unauthenticated)),
    }
}
