//! The devices that differ from what they should be, and in what.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use sallyport_api::rest::DriftedDevice;
use sallyport_app::overview;
use serde::Deserialize;

use crate::pages::{filters, guard::Admin, page::Page, refusal::Refusal, shell::Shell};

#[derive(Template)]
#[template(path = "admin/drifted.html")]
struct DriftedPage {
    shell: Shell,
    devices: Vec<DriftedDevice>,
    wanted: Wanted,
}

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    text: String,
}

pub(super) async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let devices = overview::drifted(&admin.0.ctx, wanted.text.clone()).await?;
    Ok(Page(DriftedPage { shell: Shell::admin(&admin, "/admin/devices"), devices, wanted }).into_response())
}
