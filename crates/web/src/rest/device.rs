//! Devices.

use axum::http::StatusCode;
use sallyport_api::rest::RenameDevice;
use sallyport_app::{binding, device, group};
use sallyport_model::{Action, Device, Member};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{All, Answer, Made, Noun, PageOf},
    binding::NamedBinding,
    input::{IfMatch, Json, Listing, Named, Parameters},
    route::{Gives, LISTING, Needs::Right, Route, STATE, shape},
    user::Membership,
};
use crate::call::ApiCall;

const STATES: [&str; 3] = ["quarantined", "active", "revoked"];

/// The code that opens a login on the device when the server is gone.
#[derive(Serialize, ToSchema)]
struct BreakGlass {
    code: String,
}

pub(super) fn routes() -> Vec<Route> {
    let (read, manage) = (Right(Action::ReadDirectory), Right(Action::ManageDevices));
    let noun = || Gives::Noun(shape::<Device>());
    vec![
        Route::get("/devices", list, read, "Lists devices in order of names.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Device>())),
        Route::get("/devices/{device}", show, read, "Shows a device.").gives(noun()),
        Route::patch("/devices/{device}", rename, manage, "Gives a device another name in the directory.")
            .takes::<RenameDevice>()
            .conditional()
            .gives(noun()),
        Route::delete("/devices/{device}", delete, manage, "Forgets a revoked device.").conditional(),
        Route::post("/devices/{device}/admit", admit, manage, "Lets a device out of quarantine.").conditional().gives(noun()),
        Route::post("/devices/{device}/revoke", revoke, manage, "Refuses a device for ever.").conditional().gives(noun()),
        Route::get("/devices/{device}/state", state, read, "Shows how a device should look, how it looks, and the difference.")
            .gives(Gives::Anything("What was asked for, what the device reported, and the difference with reasons.")),
        Route::get("/devices/{device}/login-settings", login_settings, read, "Shows how people log in at a device, and which settings that comes from.")
            .gives(Gives::Anything("Services, who is asked for the second door, prompts, keys and push, each with the groups or the organisation that ask for it.")),
        Route::get("/devices/{device}/groups", groups, read, "Lists the groups a device is in, directly or through others.")
            .gives(Gives::All(shape::<Membership>())),
        Route::get("/devices/{device}/bindings", bindings, read, "Lists the bindings that reach a device, those through groups too.")
            .gives(Gives::All(shape::<NamedBinding>())),
        Route::post(
            "/devices/{device}/break-glass",
            break_glass,
            Right(Action::RevealBreakGlass),
            "Reveals the code that opens a login on the device when the server is gone. That it was revealed is recorded.",
        ).conditional()
        .gives(Gives::Made(shape::<BreakGlass>())),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Device>>> {
    Ok(device::list(&ctx, listing.page(&STATES)?).await?.into())
}

async fn show(ApiCall(ctx): ApiCall, Named(device): Named) -> Answer<Noun<Device>> {
    Ok(device::resolve(&ctx, &device).await?.into())
}

async fn rename(
    ApiCall(ctx): ApiCall,
    Named(device): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<RenameDevice>,
) -> Answer<Noun<Device>> {
    let device = device::resolve(&ctx, &device).await?;
    Ok(device::rename(&ctx, device.id, version, input).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(device): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let device = device::resolve(&ctx, &device).await?;
    let ctx = if_match.on::<Device>(device.id, ctx);
    device::delete(&ctx, device.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn admit(ApiCall(ctx): ApiCall, Named(device): Named, if_match: IfMatch) -> Answer<Noun<Device>> {
    let device = device::resolve(&ctx, &device).await?;
    let ctx = if_match.on::<Device>(device.id, ctx);
    Ok(device::admit(&ctx, device.id).await?.into())
}

async fn revoke(ApiCall(ctx): ApiCall, Named(device): Named, if_match: IfMatch) -> Answer<Noun<Device>> {
    let device = device::resolve(&ctx, &device).await?;
    let ctx = if_match.on::<Device>(device.id, ctx);
    Ok(device::revoke(&ctx, device.id).await?.into())
}

async fn state(ApiCall(ctx): ApiCall, Named(device): Named) -> Answer<axum::Json<device::DeviceView>> {
    let device = device::resolve(&ctx, &device).await?;
    Ok(axum::Json(device::view(&ctx, device.id).await?))
}

async fn login_settings(
    ApiCall(ctx): ApiCall,
    Named(device): Named,
) -> Answer<axum::Json<device::LoginSettingsView>> {
    let device = device::resolve(&ctx, &device).await?;
    Ok(axum::Json(device::login_settings(&ctx, device.id).await?))
}

async fn groups(ApiCall(ctx): ApiCall, Named(device): Named) -> Answer<All<Membership>> {
    let device = device::resolve(&ctx, &device).await?;
    Ok(group::groups_of(&ctx, Member::Device(device.id)).await?.into_iter().collect())
}

async fn bindings(ApiCall(ctx): ApiCall, Named(device): Named) -> Answer<All<NamedBinding>> {
    let device = device::resolve(&ctx, &device).await?;
    Ok(binding::list_of_device(&ctx, device.id).await?.into_iter().collect())
}

async fn break_glass(
    ApiCall(ctx): ApiCall,
    Named(device): Named,
    if_match: IfMatch,
) -> Answer<Made<BreakGlass>> {
    let device = device::resolve(&ctx, &device).await?;
    let ctx = if_match.on::<Device>(device.id, ctx);
    let code = device::reveal_break_glass(&ctx, device.id).await?;
    Ok(Made(BreakGlass { code: code.expose().to_owned() }))
}
