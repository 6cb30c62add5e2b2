//! Who has which second factors, and who has none.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use sallyport_api::rest::Holding;
use sallyport_app::{Versioned, overview};
use sallyport_model::{Action, User};
use serde::Deserialize;

use super::charts;
use crate::pages::{
    chart::Shares,
    filters,
    guard::Admin,
    listing,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
};

#[derive(Template)]
#[template(path = "admin/holding.html")]
struct HoldingPage {
    shell: Shell,
    holding: Holding,
    factors: Shares,
    users: Vec<Versioned<User>>,
    wanted: Wanted,
    next: Option<String>,
    /// Whether enrolment links may be sent.
    may_send: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    holding: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let known = Holding::ALL.into_iter().find(|holding| holding.as_str() == wanted.holding);
    let holding = known.unwrap_or(Holding::None);
    let part =
        listing::Wanted { after: wanted.after.clone(), text: wanted.text.clone(), state: String::new() };
    let found = overview::people_holding(ctx, holding, part.request()).await?;
    let next = part.next(found.next.as_deref());
    let page = HoldingPage {
        shell: Shell::admin(&admin, super::super::methods::HERE),
        holding,
        factors: charts::factors(&overview::factors(ctx).await?),
        users: found.items,
        next: next.map(|next| format!("{next}&holding={}", holding.as_str())),
        wanted,
        may_send: may(ctx, Action::ManageFactors),
    };
    Ok(Page(page).into_response())
}
