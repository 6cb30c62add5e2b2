//! What a new organisation does first: a page of its own, and a card on the overview until it is done or put away.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use sallyport_api::rest::{FirstHour, FirstStep, FirstStepStands};
use sallyport_app::{AppError, Ctx, first_hour};
use sallyport_model::Action;

use crate::{
    State,
    pages::{
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/first-hour", get(show).post(dismiss))
}

#[derive(Template)]
#[template(path = "admin/first_hour.html")]
struct FirstHourPage {
    shell: Shell,
    list: FirstHour,
    /// Whether the caller may put it away.
    may_dismiss: bool,
    /// Whether the caller may make a token that enrols a device.
    may_enroll: bool,
}

async fn show(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = FirstHourPage {
        shell: Shell::admin(&admin, "/admin"),
        list: first_hour::show(ctx).await?,
        may_dismiss: may(ctx, Action::ChangeSettings),
        may_enroll: may(ctx, Action::EnrollDevices),
    };
    Ok(Page(page).into_response())
}

async fn dismiss(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    first_hour::dismiss(&admin.0.ctx, fields.ticked("dismissed")).await?;
    Ok(Redirect::to("/admin"))
}

/// The list for the overview: none where it is done, was put away, or is not the caller's to see.
pub(super) async fn unfinished(ctx: &Ctx) -> Result<Option<FirstHour>, AppError> {
    if !may(ctx, Action::ReadSettings) {
        return Ok(None);
    }
    let list = first_hour::show(ctx).await?;
    Ok(Some(list).filter(|list| !list.dismissed && list.next().is_some()))
}

/// What the way to a step is called.
const fn button(step: &FirstStepStands) -> &'static str {
    match step.step {
        FirstStep::OwnFactor => "My own pages",
        FirstStep::SecondOwner | FirstStep::People => "Users",
        FirstStep::Mail => "Mail",
        FirstStep::Factors => "Multi-factor",
        FirstStep::Application => "Catalogue",
        FirstStep::Device => "Enrol a device",
        FirstStep::Binding | FirstStep::DeviceLogin => "Devices",
    }
}
