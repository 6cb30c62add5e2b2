//! The table of devices, and the same as a file.

use askama::Template;
use axum::response::{IntoResponse, Response};
use sallyport_app::{
    Ctx,
    device::fleet::{self, DevicesWanted},
    listing::{self, Listed as _},
};
use sallyport_model::{Action, Device, DeviceState, Platform};

use super::HERE;
use crate::pages::{
    admin::bulk::{BulkForm, TICKS, offers_for_devices},
    guard::Admin,
    page::Page,
    refusal::Refusal,
    shell::{Shell, may},
    table::{AT_ONCE, Act, Asked, Cell, Column, Filter, Table, TableOf, or_nothing},
};

pub(in crate::pages::admin) const TABLE: TableOf<DeviceRow> = TableOf {
    name: "devices",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |row| Cell::link(format!("{HERE}/{}", row.device.id), &*row.device.name)),
        Column::new("platform", "System", |row| Cell::text(platform(&row.device.platform))),
        Column::new("state", "State", |row| Cell::state(row.device.state.as_str())),
        Column::new("connection", "Connection", |row| {
            if row.connected { Cell::state("connected") } else { Cell::quiet("away") }
        }),
        Column::new("created", "Enrolled", |row| Cell::time(row.device.created)),
        Column::unusual("id", "Id", |row| Cell::code(row.device.id.to_string())),
    ],
    sorts: Device::SORTS,
    usual_sort: "name",
    noun: "devices",
    empty: "No device has enrolled yet. Make an enrolment token: the page then shows one line to type on the machine, and the \
            device appears here.",
    tick: Some(|row| Some((row.device.id.to_string(), format!("Choose {}", row.device.name)))),
    act: Some(admit),
};

#[derive(Template)]
#[template(path = "admin/devices.html")]
struct DevicesPage {
    shell: Shell,
    table: Table,
    bulk: BulkForm,
    may_enroll: bool,
}

pub(in crate::pages::admin) struct DeviceRow {
    device: Device,
    connected: bool,
    may_manage: bool,
}

impl DeviceRow {
    fn new(ctx: &Ctx, device: Device) -> Self {
        let may_manage = may(ctx, Action::ManageDevices);
        Self { connected: ctx.org.hub.is_connected(device.id), device, may_manage }
    }
}

pub(super) async fn show(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (found, problem) = or_nothing(fleet::page(ctx, wanted(&asked)).await)?;
    let may_enroll = may(ctx, Action::EnrollDevices);
    let table = TABLE.asked(&asked, filters_of(&asked)).paged(&asked, &found).without(problem).begin(
        may_enroll,
        "/admin/enrollment-tokens",
        "Make an enrolment token",
    );
    let offers = offers_for_devices(ctx);
    let commands = may(ctx, Action::LaunchCommands);
    let table = if offers.is_empty() { table } else { table.ticked_for(TICKS) };
    let rows = found.items.into_iter().map(|device| DeviceRow::new(ctx, device.value));
    let rows = rows.map(|row| TABLE.line(&table, &row)).collect();
    let bulk = BulkForm { offers, filter: asked.filter(), commands };
    let page = DevicesPage { shell: Shell::admin(&admin, HERE), table: table.rows(rows), bulk, may_enroll };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

pub(super) async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let ids = fleet::all(ctx, wanted(&asked)).await?;
    let mut file = TABLE.file(&asked);
    for some in ids.chunks(AT_ONCE) {
        for device in listing::by_ids::<Device>(ctx, some.to_vec()).await? {
            file.row(&DeviceRow::new(ctx, device.value));
        }
    }
    Ok(file.into_response())
}

/// Which devices are asked for.
pub(in crate::pages::admin) fn wanted(asked: &Asked) -> DevicesWanted {
    DevicesWanted {
        list: asked.wanted(&TABLE, &["platform"]),
        group: asked.optional("group"),
        connected: asked.yes_or_no("connected"),
    }
}

/// The one thing that waits to be done to a device in quarantine.
fn admit(row: &DeviceRow) -> Option<Act> {
    let waits = row.may_manage && row.device.state == DeviceState::Quarantined;
    waits.then(|| Act {
        action: format!("{HERE}/{}/admit", row.device.id),
        words: "Admit",
        label: format!("Admit {}", row.device.name),
        warning: None,
    })
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let platforms = [Platform::Linux, Platform::Macos, Platform::Windows];
    let platforms = platforms.iter().map(|one| (one.as_str(), platform(one)));
    vec![
        Filter::words(asked, "Name"),
        Filter::states(asked, "All states", ["active", "quarantined", "revoked"]),
        Filter::choice(asked, "platform", ("System", "Any system"), platforms),
        Filter::choice(
            asked,
            "connected",
            ("Connection", "Connected or away"),
            [("yes", "connected"), ("no", "away")],
        ),
        Filter::named(asked, "group", "In group"),
    ]
}

pub(super) const fn platform(platform: &Platform) -> &'static str {
    match platform {
        Platform::Linux => "Linux",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}
