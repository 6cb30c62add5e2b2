//! The overview: who fails to sign in and why, which devices drifted, which factors people lack, what changed, and what needs a
//! hand.

mod charts;
mod drifted;
mod holding;

use askama::Template;
use axum::{
    Router,
    extract::Query,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_api::rest::{FirstHour, Overview};
use sallyport_app::{
    AppError, Ctx, Versioned, alarm,
    overview::{self, Window},
    run::{self, RunFilter},
    signin::spray,
};
use sallyport_model::{Action, Alarm, Run, Spray};
use serde::Deserialize;

use super::first_hour;
use crate::{
    State,
    pages::{
        chart::{Bars, Shares},
        fields::encode,
        filters,
        guard::Admin,
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin", get(show))
        .route("/admin/devices/drifted", get(drifted::show))
        .route("/admin/factors/people", get(holding::show))
}

#[derive(Template)]
#[template(path = "admin/home.html")]
struct HomePage {
    shell: Shell,
    /// What a new organisation does first, while that is not done.
    first_hour: Option<FirstHour>,
    told: Overview,
    week: bool,
    sign_ins: Option<Bars>,
    /// Why sign-ins were refused.
    reasons: Option<Shares>,
    drifts: Option<Shares>,
    factors: Option<Shares>,
    /// The attack that goes on.
    spray: Option<Spray>,
    /// What people said was not them, and nobody has looked into.
    alarms: Vec<Versioned<Alarm>>,
    runs: Option<Vec<Run>>,
}

#[derive(Default, Deserialize)]
struct Wanted {
    days: Option<String>,
}

/// Runs that are shown, the newest.
const SHOWN: usize = 6;

async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let week = wanted.days.as_deref() == Some("7");
    let told = overview::show(ctx, if week { Window::Week } else { Window::Day }).await?;
    let reads_sign_ins = may(ctx, Action::ReadSignIns);
    let page = HomePage {
        shell: Shell::admin(&admin, "/admin"),
        first_hour: first_hour::unfinished(ctx).await?,
        week,
        sign_ins: told.sign_ins.as_ref().map(|sum| charts::sign_ins(sum, week)),
        reasons: told.sign_ins.as_ref().map(charts::reasons),
        drifts: told.devices.as_ref().map(charts::drifts),
        factors: told.factors.as_ref().map(charts::factors),
        told,
        spray: if reads_sign_ins { spray::going_on(ctx).await? } else { None },
        alarms: if reads_sign_ins { alarm::open(ctx).await? } else { Vec::new() },
        runs: runs(ctx).await?,
    };
    Ok(Page(page).into_response())
}

async fn runs(ctx: &Ctx) -> Result<Option<Vec<Run>>, AppError> {
    if !may(ctx, Action::ReadRuns) {
        return Ok(None);
    }
    let found = run::list(ctx, RunFilter { limit: SHOWN, ..RunFilter::default() }).await?;
    Ok(Some(found.items.into_iter().map(|run| run.value).collect()))
}
