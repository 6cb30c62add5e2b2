//! Everybody's sessions: listed, and several ended together.

use sallyport_api::rest::EndSessions;
use sallyport_app::session::live::{self, Live, LiveWanted};
use sallyport_model::{Action, id::UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, PageOf},
    input::{Json, Parameters, limit},
    route::{Gives, LISTING, Needs::Right, Route, shape},
    user::credential::Session,
};
use crate::call::ApiCall;

/// A session of somebody's.
#[derive(Serialize, ToSchema)]
struct SomebodysSession {
    user: UserId,
    /// The name of whoever it is of.
    user_name: String,
    #[serde(flatten)]
    session: Session,
}

/// What became of sessions that were to be ended.
#[derive(Serialize, ToSchema)]
struct EndedSessions {
    ended: u64,
    /// Those of people with rights above yours, which go on.
    refused: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichSessions {
    #[serde(default)]
    text: String,
    after: Option<String>,
    limit: Option<usize>,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/sessions",
            list,
            Right(Action::ReadSignIns),
            "Lists everybody's sessions, the last used first. A text is looked for in name, address and browser.",
        )
        .with(&LISTING)
        .gives(Gives::Page(shape::<SomebodysSession>())),
        Route::post("/sessions/end", end, Right(Action::SuspendUser), "Ends several sessions together.")
            .takes::<EndSessions>()
            .gives(Gives::One(shape::<EndedSessions>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(which): Parameters<WhichSessions>,
) -> Answer<PageOf<SomebodysSession>> {
    let wanted = LiveWanted { text: which.text, after: which.after, limit: limit(which.limit)? };
    let (found, next) = live::list(&ctx, wanted).await?;
    let shown = |Live { session, user }| SomebodysSession {
        user: user.id,
        user_name: user.name.to_string(),
        session: session.into(),
    };
    Ok(PageOf { items: found.into_iter().map(shown).collect(), next })
}

async fn end(ApiCall(ctx): ApiCall, Json(input): Json<EndSessions>) -> Answer<axum::Json<EndedSessions>> {
    let live::Ended { ended, refused } = live::end(&ctx, input.sessions).await?;
    Ok(axum::Json(EndedSessions { ended, refused }))
}
