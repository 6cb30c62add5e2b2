//! Runs: the list, and one with its output as it comes.

mod live;

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx, Versioned,
    run::{self, RunFilter},
};
use sallyport_model::{Run, RunState, id::RunId};

use super::pick::{self, Choice, Kind};
use crate::{
    State,
    pages::{
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
        table::{AT_ONCE, Asked, Cell, Column, Filter, PAGE, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/runs";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/runs", get(list))
        .route("/admin/runs.csv", get(export))
        .route("/admin/runs/{id}", get(live::show))
        .route("/admin/runs/{id}/live", get(live::more))
        .route("/admin/runs/{id}/cancel", post(cancel))
}

#[derive(Template)]
#[template(path = "admin/runs.html")]
struct RunsPage {
    shell: Shell,
    table: Table,
}

pub(super) struct RunRow {
    pub(super) run: Run,
    pub(super) device: String,
}

const TABLE: TableOf<RunRow> = TableOf {
    name: "runs",
    path: HERE,
    columns: &[
        Column::new("launched", "Launched", |row| {
            Cell(vec![Part::TimedLink { href: format!("{HERE}/{}", row.run.id), time: row.run.created }])
        }),
        Column::new("command", "Command", |row| Cell::text(&*row.run.command_name)),
        Column::new("device", "Device", |row| {
            Cell::link(format!("/admin/devices/{}", row.run.device), &*row.device)
        }),
        Column::new("state", "State", |row| Cell::badge(tone(&row.run.state), row.run.state.as_str())),
        Column::new("end", "End", |row| Cell::text(end(&row.run.state))),
        Column::new("launched_by", "By", |row| Cell::text(&*row.run.launched_by)),
        Column::unusual("id", "Id", |row| Cell::code(row.run.id.to_string())),
    ],
    sorts: &[],
    usual_sort: "",
    noun: "runs",
    empty: "Nothing ran so far. A run is one execution of a command on one device, with what it printed.",
    tick: None,
    act: None,
};

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = run::list(ctx, filter(&asked, PAGE)).await?;
    let table = TABLE.asked(&asked, filters_of(&asked)).logged(&asked, found.next.map(|id| id.to_string()));
    let table = table.begin(true, "/admin/commands", "Look through the commands");
    let rows = rows(ctx, found.items).await?.iter().map(|row| TABLE.line(&table, row)).collect();
    let page = RunsPage { shell: Shell::admin(&admin, HERE), table: table.rows(rows) };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (mut file, mut wanted) = (TABLE.file(&asked), filter(&asked, AT_ONCE));
    loop {
        let page = run::list(ctx, wanted.clone()).await?;
        for row in rows(ctx, page.items).await? {
            file.row(&row);
        }
        match page.next {
            Some(next) => wanted.before = Some(next),
            None => return Ok(file.into_response()),
        }
    }
}

fn filter(asked: &Asked, limit: usize) -> RunFilter {
    RunFilter {
        command: asked.text("command").parse().ok(),
        device: asked.text("device").parse().ok(),
        text: asked.text("text"),
        state: asked.optional("state"),
        before: asked.text("after").parse().ok(),
        limit,
    }
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let states = ["queued", "started", "finished", "cancelled", "expired", "unknown"];
    vec![Filter::words(asked, "Command"), Filter::states(asked, "All states", states)]
}

/// The runs with their devices by name.
async fn rows(ctx: &Ctx, runs: Vec<Versioned<Run>>) -> Result<Vec<RunRow>, AppError> {
    let devices = devices_of(ctx, &runs).await?;
    Ok(runs.into_iter().map(|run| row(run.value, &devices)).collect())
}

async fn cancel(Path(id): Path<RunId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    run::cancel(&form.who.0.ctx, id).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=cancelled")))
}

/// The devices of these runs, by name.
async fn devices_of(ctx: &Ctx, runs: &[Versioned<Run>]) -> Result<Vec<Choice>, AppError> {
    let ids: BTreeSet<String> = runs.iter().map(|run| run.device.to_string()).collect();
    pick::chosen(ctx, Kind::Devices, &ids.into_iter().collect::<Vec<_>>()).await
}

fn row(run: Run, devices: &[Choice]) -> RunRow {
    let id = run.device.to_string();
    let name = devices.iter().find(|device| device.id == id).map(|device| device.name.clone());
    RunRow { device: name.unwrap_or(id), run }
}

/// How a run ended, in words.
pub(super) fn end(state: &RunState) -> String {
    match state {
        RunState::Queued | RunState::Started { .. } | RunState::Cancelled { .. } => String::new(),
        RunState::Finished { exit_code: Some(code), reason: None, .. } => format!("exit code {code}"),
        RunState::Finished { exit_code: Some(code), reason: Some(reason), .. } => {
            format!("exit code {code}, {reason}")
        }
        RunState::Finished { exit_code: None, reason, .. } => {
            reason.clone().unwrap_or_else(|| "without an exit code".into())
        }
        RunState::Expired { .. } => "the device did not come for it in time".into(),
        RunState::Unknown { reason, .. } => reason.clone(),
    }
}

/// Green only where the program itself said that all is well.
pub(super) fn tone(state: &RunState) -> &'static str {
    match state {
        RunState::Finished { exit_code: Some(0), .. } => "bg-green-lt",
        RunState::Finished { .. } | RunState::Unknown { .. } => "bg-red-lt",
        RunState::Queued | RunState::Expired { .. } => "bg-yellow-lt",
        RunState::Started { .. } => "bg-blue-lt",
        RunState::Cancelled { .. } => "bg-secondary-lt",
    }
}
