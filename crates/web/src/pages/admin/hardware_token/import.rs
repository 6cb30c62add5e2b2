//! Hardware tokens from a file: first what would happen, row by row, then for real.

use askama::Template;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_api::rest::ImportReport;
use sallyport_app::{Secret, hardware_token::import};
use sallyport_model::Action;

use super::HERE;
use crate::{
    State,
    pages::{
        admin::import::outcome,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::Shell,
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/hardware-tokens/import", get(blank).post(run))
}

#[derive(Template)]
#[template(path = "admin/hardware_token_import.html")]
struct ImportPage {
    shell: Shell,
    file: Secret,
    /// What an encrypted file was made with.
    key: Secret,
    report: Option<ImportReport>,
}

/// Whoever could not send the form is not shown it.
async fn blank(admin: Admin) -> Result<Response, Refusal> {
    admin.0.ctx.allow(Action::ManageHardwareTokens)?;
    let shell = Shell::admin(&admin, HERE);
    Ok(Page(ImportPage { shell, file: Secret::default(), key: Secret::default(), report: None })
        .into_response())
}

async fn run(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let (ctx, file, key) = (&admin.0.ctx, fields.secret("file"), fields.secret("key"));
    let for_real = fields.raw("step") == "apply";
    let report = if for_real {
        import::apply(ctx, &file, Some(&key)).await?
    } else {
        import::plan(ctx, &file, Some(&key)).await?
    };
    // What is done is not shown again: these are secrets.
    let (file, key) = if for_real { Default::default() } else { (file, key) };
    let page = ImportPage { shell: Shell::admin(&admin, HERE), file, key, report: Some(report) };
    Ok(Page(page).into_response())
}
