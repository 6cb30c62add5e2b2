//! Runs: the list, and one with its output as it comes.

mod live;

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx, Versioned,
    run::{self, RunFilter},
};
use sallyport_model::{Run, RunState, id::RunId};
use serde::Deserialize;

use super::pick::{self, Choice, Kind};
use crate::{
    State,
    pages::{
        fields::encode,
        filters,
        guard::{Admin, Posted},
        listing::PAGE,
        page::{Csv, Page},
        refusal::Refusal,
        shell::Shell,
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

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    command: String,
    #[serde(default)]
    device: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    before: String,
}

impl Wanted {
    fn filter(&self, limit: usize) -> RunFilter {
        RunFilter {
            command: self.command.parse().ok(),
            device: self.device.parse().ok(),
            text: self.text.clone(),
            state: Some(self.state.clone()).filter(|state| !state.is_empty()),
            before: self.before.parse().ok(),
            limit,
        }
    }

    fn query(&self) -> String {
        format!(
            "?command={}&device={}&text={}&state={}",
            encode(&self.command),
            encode(&self.device),
            encode(&self.text),
            encode(&self.state)
        )
    }
}

#[derive(Template)]
#[template(path = "admin/runs.html")]
struct RunsPage {
    shell: Shell,
    runs: Vec<RunRow>,
    wanted: Wanted,
    next: Option<String>,
}

pub(super) struct RunRow {
    pub(super) run: Run,
    pub(super) device: String,
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = run::list(ctx, wanted.filter(PAGE)).await?;
    let devices = devices_of(ctx, &found.items).await?;
    let page = RunsPage {
        shell: Shell::admin(&admin, HERE),
        next: found.next.map(|id| format!("{}&before={id}", wanted.query())),
        runs: found.items.into_iter().map(|run| row(run.value, &devices)).collect(),
        wanted,
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let mut csv = Csv::new(&["launched", "command", "device", "state", "end", "launched_by", "id"]);
    loop {
        let page = run::list(ctx, wanted.filter(500)).await?;
        let devices = devices_of(ctx, &page.items).await?;
        for run in page.items {
            let row = row(run.value, &devices);
            let run = &row.run;
            csv.row(&[
                run.created.to_string(),
                run.command_name.clone(),
                row.device,
                run.state.as_str().into(),
                end(&run.state),
                run.launched_by.clone(),
                run.id.to_string(),
            ]);
        }
        match page.next {
            Some(next) => wanted.before = next.to_string(),
            None => return Ok(csv.into_response("runs.csv")),
        }
    }
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
