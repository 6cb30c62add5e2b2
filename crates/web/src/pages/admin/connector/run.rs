//! One run of a connector: what it did or means to do, person by person.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_app::connector::{self, ShownRun};
use sallyport_model::{
    Action, Connector,
    connector::{ExportOutcome, ExportStep},
    id::{ConnectorId, ExportRunId},
};
use serde::Deserialize;

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const STEPS_SHOWN: usize = 200;

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/connectors/{id}/runs/{run}", get(show))
        .route("/admin/connectors/{id}/runs/{run}/release", post(release))
}

#[derive(Template)]
#[template(path = "admin/connector_run.html")]
struct RunPage {
    shell: Shell,
    connector: Connector,
    shown: ShownRun,
    may_release: bool,
}

impl RunPage {
    /// What became of a step, and why.
    fn outcome(step: &ExportStep) -> (&'static str, &str) {
        match &step.outcome {
            ExportOutcome::Done => ("done", ""),
            ExportOutcome::Failed { why } => ("failed", why),
            ExportOutcome::Planned => ("", ""),
        }
    }
}

#[derive(Deserialize)]
struct From {
    after: Option<i64>,
}

async fn show(
    admin: Admin,
    Path((id, run)): Path<(ConnectorId, ExportRunId)>,
    Query(from): Query<From>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let shown = connector::show_run(ctx, id, run, from.after.unwrap_or(-1), STEPS_SHOWN).await?;
    let connector = connector::show(ctx, id).await?.connector.value;
    let may_release =
        shown.run.state.can_be_released() && connector.enabled && may(ctx, Action::ManageConnectors);
    let page = RunPage { shell: Shell::admin(&admin, super::HERE), connector, shown, may_release };
    Ok(Page(page).into_response())
}

async fn release(
    Path((id, run)): Path<(ConnectorId, ExportRunId)>,
    form: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    connector::release(&form.who.0.ctx, id, run).await?;
    Ok(Redirect::to(&format!("{}/{id}?done=connector-released", super::HERE)))
}
