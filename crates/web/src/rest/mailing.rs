//! Enrolment links to many people by mail.

use sallyport_api::rest::ChoosePeople;
use sallyport_app::factor::mailing;
use sallyport_model::{Action, Time};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Made},
    input::{Json, Named},
    route::{Gives, Needs::Right, Route, shape},
};
use crate::call::ApiCall;

/// Somebody who would get a link, or cannot.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Chosen {
    user: String,
    name: String,
    display_name: String,
    /// The address it would go to.
    to: Option<String>,
    /// What stands in the way.
    obstacle: Option<String>,
}

/// Enrolment links that were sent to many people.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Mailing {
    id: String,
    /// Who began it.
    by: String,
    begun: Time,
    /// When the last was sent; null while it is under way.
    ended: Option<Time>,
    total: usize,
}

/// What became of one person's link.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MailingLine {
    user: String,
    name: String,
    /// `waiting`, `sending`, `sent`, `failed`, or `unknown` where the server stopped while it was sent.
    state: &'static str,
    /// Where it went.
    to: Option<String>,
    /// Why it did not, or may not have.
    why: Option<String>,
}

/// A mailing with what became of every link.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ShownMailing {
    #[serde(flatten)]
    mailing: Mailing,
    lines: Vec<MailingLine>,
}

pub(super) fn routes() -> Vec<Route> {
    let manage = Right(Action::ManageFactors);
    vec![
        Route::get("/mailings", list, manage, "Lists the mailings of the last thirty days, the newest first.")
            .gives(Gives::All(shape::<Mailing>())),
        Route::post(
            "/mailings",
            begin,
            manage,
            "Sends enrolment links by mail, in the background, to all who can get one.",
        )
        .takes::<ChoosePeople>()
        .gives(Gives::Made(shape::<Mailing>())),
        Route::post(
            "/mailings/preview",
            preview,
            manage,
            "Lists who would get an enrolment link, and what stands in the way of the others. Nothing is sent.",
        )
        .takes::<ChoosePeople>()
        .gives(Gives::All(shape::<Chosen>())),
        Route::get("/mailings/{mailing}", show, manage, "Shows a mailing with what became of every link.")
            .gives(Gives::One(shape::<ShownMailing>())),
    ]
}

async fn list(ApiCall(ctx): ApiCall) -> Answer<All<Mailing>> {
    Ok(mailing::list(&ctx).await?.into_iter().collect())
}

async fn begin(ApiCall(ctx): ApiCall, Json(input): Json<ChoosePeople>) -> Answer<Made<Mailing>> {
    Ok(Made(mailing::begin(&ctx, input).await?.into()))
}

async fn preview(ApiCall(ctx): ApiCall, Json(input): Json<ChoosePeople>) -> Answer<All<Chosen>> {
    Ok(mailing::preview(&ctx, input).await?.into_iter().collect())
}

async fn show(ApiCall(ctx): ApiCall, Named(id): Named) -> Answer<axum::Json<ShownMailing>> {
    let (mailing, lines) = mailing::show(&ctx, &id).await?;
    Ok(axum::Json(ShownMailing {
        mailing: mailing.into(),
        lines: lines.into_iter().map(Into::into).collect(),
    }))
}

impl From<mailing::Chosen> for Chosen {
    fn from(chosen: mailing::Chosen) -> Self {
        let mailing::Chosen { user, name, display_name, to, obstacle } = chosen;
        Self { user: user.to_string(), name, display_name, to, obstacle }
    }
}

impl From<mailing::Mailing> for Mailing {
    fn from(mailing: mailing::Mailing) -> Self {
        let mailing::Mailing { id, by, begun, ended, total } = mailing;
        Self { id, by, begun, ended, total }
    }
}

impl From<mailing::Line> for MailingLine {
    fn from(line: mailing::Line) -> Self {
        let mailing::Line { user, name, state, to, why } = line;
        Self { user: user.to_string(), name, state: state.as_str(), to, why }
    }
}
