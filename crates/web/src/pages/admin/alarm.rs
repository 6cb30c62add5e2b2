//! Alarms: what people said was not them, with what to do next, until somebody says what came of it.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{Versioned, alarm};
use sallyport_model::{
    Alarm, AlarmKind, AlarmState,
    id::{AlarmId, UserId},
    signin::FirstDoor,
};

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

const HERE: &str = "/admin/alarms";

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/alarms", get(list)).route("/admin/alarms/{id}/close", post(close))
}

#[derive(Template)]
#[template(path = "admin/alarms.html")]
struct AlarmsPage {
    shell: Shell,
    alarms: Vec<Versioned<Alarm>>,
    wanted: Wanted,
    next: Option<String>,
    /// Whose alarms the caller may close.
    closable: BTreeSet<UserId>,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = alarm::list(ctx, wanted.request()).await?;
    let open = found.items.iter().filter(|alarm| alarm.state == AlarmState::Open);
    let closable = alarm::closable(ctx, open.map(|alarm| alarm.user).collect()).await?;
    let page = AlarmsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        alarms: found.items,
        wanted,
        closable,
    };
    Ok(Page(page).into_response())
}

async fn close(
    Path(id): Path<AlarmId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    alarm::close(&admin.0.ctx, id, fields.raw("note")).await?;
    Ok(Redirect::to("/admin/alarms?done=alarm-closed"))
}
