//! The list of devices, and the same as a file.

use askama::Template;
use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use sallyport_app::{Ctx, device};
use sallyport_model::{Action, Device, DeviceState, Platform};

use super::HERE;
use crate::pages::{
    filters,
    guard::Admin,
    listing::Wanted,
    page::{Csv, Page},
    refusal::Refusal,
    shell::{Shell, may},
};

#[derive(Template)]
#[template(path = "admin/devices.html")]
struct DevicesPage {
    shell: Shell,
    devices: Vec<DeviceRow>,
    wanted: Wanted,
    next: Option<String>,
    may_enroll: bool,
    may_manage: bool,
}

struct DeviceRow {
    device: Device,
    connected: bool,
}

impl DeviceRow {
    fn new(ctx: &Ctx, device: Device) -> Self {
        Self { connected: ctx.org.hub.is_connected(device.id), device }
    }
}

pub(super) async fn show(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = device::list(ctx, wanted.request()).await?;
    let page = DevicesPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        devices: found.items.into_iter().map(|device| DeviceRow::new(ctx, device.value)).collect(),
        wanted,
        may_enroll: may(ctx, Action::EnrollDevices),
        may_manage: may(ctx, Action::ManageDevices),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let mut csv = Csv::new(&["name", "platform", "state", "enrolled", "id"]);
    loop {
        let page = device::list(&admin.0.ctx, wanted.request_of(500)).await?;
        for device in &page.items {
            let (created, id) = (device.created.to_string(), device.id.to_string());
            csv.row(&[
                device.name.as_str(),
                platform(&device.platform),
                device.state.as_str(),
                &created,
                &id,
            ]);
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("devices.csv")),
        }
    }
}

pub(super) const fn platform(platform: &Platform) -> &'static str {
    match platform {
        Platform::Linux => "Linux",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}
