//! Users from a CSV file: first what would happen, row by row, then for real.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_api::rest::{ImportOutcome, ImportReport};
use sallyport_app::import;
use sallyport_model::Action;

use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/users/import", get(blank).post(run))
}

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage {
    shell: Shell,
    file: String,
    report: Option<ImportReport>,
}

/// Whoever could not send the form is not shown it.
async fn blank(admin: Admin) -> Result<Response, Refusal> {
    admin.0.ctx.allow(Action::CreateUser)?;
    let shell = Shell::admin(&admin, "/admin/users");
    Ok(Page(ImportPage { shell, file: String::new(), report: None }).into_response())
}

async fn run(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let file = fields.raw("file").to_owned();
    let report = if fields.raw("step") == "apply" {
        import::apply(&admin.0.ctx, file.as_bytes()).await?
    } else {
        import::plan(&admin.0.ctx, file.as_bytes()).await?
    };
    let page = ImportPage { shell: Shell::admin(&admin, "/admin/users"), file, report: Some(report) };
    Ok(Page(page).into_response())
}

/// The word under which an outcome has its colour.
pub(super) const fn outcome(outcome: &ImportOutcome) -> &'static str {
    match outcome {
        ImportOutcome::Create => "created",
        ImportOutcome::Refused => "denied",
        ImportOutcome::Skip => "skipped",
        ImportOutcome::Update => "updated",
    }
}
