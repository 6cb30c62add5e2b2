//! Who is calling, and what is about to be done to them.

mod factor;

use std::collections::BTreeSet;

use sallyport_app::{Caller, recovery, session::refuse_expired_password};
use sallyport_model::{
    Action, Reset, Role,
    id::{TokenId, UserId},
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

pub(super) fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/me", show, Needs::Token, "Shows whom the token speaks for and what it may do.")
            .gives(Gives::One(shape::<Me>())),
        Route::get("/me/resets", resets, Needs::Session, "Lists what somebody asked to reset of yours.")
            .gives(Gives::All(shape::<Reset>())),
        Route::post(
            "/me/resets/{reset}/stop",
            stop,
            Needs::Session,
            "Stops a reset of yours. One door is enough: nobody loses anything by it.",
        )
        .gives(Gives::Noun(shape::<Reset>())),
    ];
    routes.extend(factor::routes());
    routes
}

async fn resets(signed_in: SignedIn) -> Answer<All<Reset>> {
    refuse_expired_password(&signed_in.user)?;
    Ok(recovery::standing(&signed_in.ctx, signed_in.user.id).await?.open.into_iter().collect())
}

async fn stop(signed_in: SignedIn, Named(reset): Named) -> Answer<Noun<Reset>> {
    refuse_expired_password(&signed_in.user)?;
    Ok(recovery::refuse(&signed_in.ctx, id(&reset)?).await?.into())
}

async fn show(bearer: Bearer) -> Answer<axum::Json<Me>> {
    let ctx = match bearer {
        Bearer::Session(signed_in) => {
            refuse_expired_password(&signed_in.user)?;
            signed_in.ctx
        }
        Bearer::Token(ctx) => ctx,
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
