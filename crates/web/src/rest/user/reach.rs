//! Where users belong and what follows from it: groups, bindings, devices, rights.

use sallyport_app::{binding, device, group, user};
use sallyport_model::{
    Action, EffectiveRight, GroupKind, Member, Platform,
    device::DeviceState,
    id::{DeviceId, GroupId},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    call::ApiCall,
    rest::{
        answer::{All, Answer},
        binding::NamedBinding,
        input::{Named, NamedTwo},
        route::{Gives, Needs::Right, Route, shape},
    },
};

/// A group that somebody or something is in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(in crate::rest) struct Membership {
    id: GroupId,
    name: String,
    kind: GroupKind,
    /// Whether without another group between.
    direct: bool,
}

impl From<group::Membership> for Membership {
    fn from(found: group::Membership) -> Self {
        let group = found.group.value;
        Self { id: group.id, name: group.name, kind: group.kind, direct: found.direct }
    }
}

/// A device that a user is bound to.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct BoundDevice {
    id: DeviceId,
    name: String,
    platform: Platform,
    state: DeviceState,
    right: EffectiveRight,
}

/// The right that holds; `null` if the user is not bound to the device.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Effective {
    effective: Option<EffectiveRight>,
}

pub(super) fn routes() -> Vec<Route> {
    let read = Right(Action::ReadDirectory);
    vec![
        Route::get(
            "/users/{user}/groups",
            groups,
            read,
            "Lists the groups a user is in, directly or through others.",
        )
        .gives(Gives::All(shape::<Membership>())),
        Route::get(
            "/users/{user}/bindings",
            bindings,
            read,
            "Lists a user's bindings, those through groups too.",
        )
        .gives(Gives::All(shape::<NamedBinding>())),
        Route::get(
            "/users/{user}/devices",
            devices,
            read,
            "Lists the devices a user is bound to, with the right on each.",
        )
        .gives(Gives::All(shape::<BoundDevice>())),
        Route::get(
            "/users/{user}/devices/{device}",
            effective,
            read,
            "Shows the right a user has on a device, and every source of it.",
        )
        .gives(Gives::One(shape::<Effective>())),
    ]
}

async fn groups(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<Membership>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(group::groups_of(&ctx, Member::User(user.id)).await?.into_iter().collect())
}

async fn bindings(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<NamedBinding>> {
    let user = user::resolve(&ctx, &user).await?;
    Ok(binding::list_of_user(&ctx, user.id).await?.into_iter().collect())
}

async fn devices(ApiCall(ctx): ApiCall, Named(user): Named) -> Answer<All<BoundDevice>> {
    let user = user::resolve(&ctx, &user).await?;
    let bound = binding::devices_of(&ctx, user.id).await?;
    Ok(bound
        .into_iter()
        .map(|binding::BoundDevice { device, right }| BoundDevice {
            id: device.id,
            name: device.name,
            platform: device.platform,
            state: device.state,
            right,
        })
        .collect())
}

async fn effective(ApiCall(ctx): ApiCall, NamedTwo(user, device): NamedTwo) -> Answer<axum::Json<Effective>> {
    let user = user::resolve(&ctx, &user).await?;
    let device = device::resolve(&ctx, &device).await?;
    Ok(axum::Json(Effective { effective: binding::effective(&ctx, user.id, device.id).await? }))
}
