//! Devices: the list, the page of one with desired and actual side by side, and what can be done to it.

mod list;
mod show;

use axum::{
    Router,
    extract::Path,
    response::{Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::RenameDevice;
use sallyport_app::device;
use sallyport_model::id::DeviceId;

pub(super) use self::list::wanted;
use super::once::OncePage;
use crate::{
    State,
    pages::{
        guard::{Admin, Posted},
        refusal::Refusal,
    },
};

const HERE: &str = "/admin/devices";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/devices", get(list::show))
        .route("/admin/devices.csv", get(list::export))
        .route("/admin/devices/{id}", get(show::show).post(rename))
        .route("/admin/devices/{id}/admit", post(admit))
        .route("/admin/devices/{id}/revoke", post(revoke))
        .route("/admin/devices/{id}/delete", post(delete))
        .route("/admin/devices/{id}/break-glass", post(break_glass))
}

async fn rename(Path(id): Path<DeviceId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = RenameDevice { name: form.fields.text("name") };
    device::rename(&form.who.0.ctx, id, form.fields.number("version"), input).await?;
    Ok(back(id, "saved"))
}

async fn admit(Path(id): Path<DeviceId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    device::admit(&form.who.0.ctx, id).await?;
    Ok(back(id, "admitted"))
}

async fn revoke(Path(id): Path<DeviceId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    device::revoke(&form.who.0.ctx, id).await?;
    Ok(back(id, "revoked"))
}

async fn delete(Path(id): Path<DeviceId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    device::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/devices?done=deleted"))
}

async fn break_glass(
    Path(id): Path<DeviceId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let name = device::show(ctx, id).await?.name.clone();
    let code = device::reveal_break_glass(ctx, id).await?;
    let text = format!(
        "It opens the second door at the login of {name} even when this server cannot be reached. That you saw it is \
         recorded; once used, it is replaced when the device is back."
    );
    let secrets = vec![("Break-glass code", code.expose().to_owned())];
    Ok(OncePage::show(
        &admin,
        HERE,
        (format!("Break-glass code of {name}"), text),
        secrets,
        format!("{HERE}/{id}"),
    ))
}

fn back(id: DeviceId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}
