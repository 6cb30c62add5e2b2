//! The rules asked about one person at one resource.

use std::collections::BTreeSet;

use sallyport_api::agent::Inventory;
use sallyport_model::{
    ApplicationKind, Device, DeviceState, Time, User,
    access_rule::ResourceKind,
    id::{ApplicationId, DeviceId, GroupId, UserId},
    signin::Resource,
};
use sallyport_policy::{Asked, At, DeviceFacts, Place, Rules, Said};
use sallyport_store::Reader;

use crate::{AppError, Ctx, desired};

/// From where, when, and on what somebody asks to be let in.
#[derive(Debug, Clone, Default)]
pub(crate) struct From {
    pub(crate) place: Place,
    /// Now, unless it says otherwise.
    pub(crate) now: Option<Time>,
    /// The device that somebody is on, where it is not the one they log in at.
    pub(crate) device: Option<DeviceId>,
    /// The administrators' portal, which has no sign-in of its own.
    pub(crate) admin_portal: bool,
}

/// What all rules say.
pub(crate) fn ask(
    reader: &mut Reader,
    ctx: &Ctx,
    rules: &Rules,
    user: UserId,
    groups: &BTreeSet<GroupId>,
    resource: &Resource,
    from: &From,
) -> Result<Said, AppError> {
    if rules.is_empty() {
        return Ok(Said::default());
    }
    let user = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
    let device = facts(reader, rules, &user, resource, from)?;
    let at = at(reader, ctx, resource, from)?;
    Ok(rules.ask(&asked(ctx, &user, groups, at, device.as_ref(), from)))
}

pub(super) fn asked<'a>(
    ctx: &Ctx,
    user: &'a User,
    groups: &'a BTreeSet<GroupId>,
    at: At<'a>,
    device: Option<&'a DeviceFacts>,
    from: &From,
) -> Asked<'a> {
    Asked { user, groups, at, place: from.place, device, now: from.now.unwrap_or(ctx.now) }
}

/// What somebody wants to be let in to, as rules know it.
pub(super) fn at<'a>(
    reader: &mut Reader,
    ctx: &Ctx,
    resource: &'a Resource,
    from: &From,
) -> Result<At<'a>, AppError> {
    let (kind, application, name) = match resource {
        Resource::Portal if from.admin_portal => (ResourceKind::AdminPortal, None, "administrators' portal"),
        Resource::Portal => (ResourceKind::UserPortal, None, "portal"),
        Resource::Api => (ResourceKind::Api, None, "API"),
        Resource::DeviceLogin { name, .. } => (ResourceKind::DeviceLogin, None, name.as_str()),
        Resource::Application { application, name } => {
            (kind_of(reader, ctx, *application)?, Some(*application), name.as_str())
        }
    };
    Ok(At { kind, application, name })
}

/// Which kind an application is of. Of one that is not there nobody is let in anyway.
fn kind_of(reader: &mut Reader, ctx: &Ctx, id: ApplicationId) -> Result<ResourceKind, AppError> {
    let found = ctx.org.view.application(reader, id)?;
    Ok(match found.map(|application| application.kind) {
        Some(ApplicationKind::DuoAuthApi) => ResourceKind::DuoApplication,
        Some(
            ApplicationKind::Bookmark
            | ApplicationKind::DuoAdminApi
            | ApplicationKind::ForwardAuth
            | ApplicationKind::Oidc
            | ApplicationKind::Saml
            | ApplicationKind::WsFederation,
        )
        | None => ResourceKind::Application,
    })
}

/// What is known of the device somebody is on, as far as a rule asks.
pub(super) fn facts(
    reader: &mut Reader,
    rules: &Rules,
    user: &User,
    resource: &Resource,
    from: &From,
) -> Result<Option<DeviceFacts>, AppError> {
    let device = match resource {
        Resource::DeviceLogin { device, .. } => Some(*device),
        // What a browser says of its device is no proof; what the device says is.
        Resource::Api | Resource::Application { .. } | Resource::Portal => from.device,
    };
    match device {
        Some(device) if rules.ask_about_devices() => of_device(reader, user.id, device),
        Some(_) | None => Ok(None),
    }
}

fn of_device(reader: &mut Reader, user: UserId, id: DeviceId) -> Result<Option<DeviceFacts>, AppError> {
    let Some(device) = reader.find::<Device>(id)? else { return Ok(None) };
    let status = reader.device_status(&id.to_string())?;
    // One that cannot be read says nothing.
    let inventory: Inventory =
        status.inventory.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    Ok(Some(DeviceFacts {
        managed: device.state == DeviceState::Active,
        bound: desired::is_bound(reader, user, id)?,
        encrypted: are_encrypted(&inventory),
        platform: device.platform,
        os: inventory.os,
        os_version: inventory.os_version,
        seen: (status.seen != Time::default()).then_some(status.seen),
    }))
}

/// Whether the disks that hold what people keep are encrypted: all but those that only start the machine.
pub(crate) fn are_encrypted(inventory: &Inventory) -> Option<bool> {
    let starts = |at: &str| at == "/boot" || at.starts_with("/boot/") || at == "/efi";
    let mut disks = inventory.disks.iter().filter(|disk| !starts(&disk.mount_point)).peekable();
    disks.peek()?;
    disks.try_fold(true, |all, disk| disk.encrypted.map(|encrypted| all && encrypted))
}

#[cfg(test)]
mod tests {
    use sallyport_api::agent::Disk;

    use super::*;

    #[test]
    fn disks_are_encrypted_if_each_says_so_and_what_starts_the_machine_is_not_asked() {
        let disk = |mount_point: &str, encrypted| Disk {
            mount_point: mount_point.into(),
            encrypted,
            ..Disk::default()
        };
        let of = |disks: &[(&str, Option<bool>)]| {
            let disks = disks.iter().map(|(at, encrypted)| disk(at, *encrypted)).collect();
            are_encrypted(&Inventory { disks, ..Inventory::default() })
        };
        assert_eq!(of(&[("/", Some(true)), ("/boot", Some(false)), ("/boot/efi", Some(false))]), Some(true));
        assert_eq!(of(&[("/", Some(true)), ("/home", Some(false))]), Some(false));
        assert_eq!(of(&[("/", Some(false)), ("/home", None)]), None);
        assert_eq!(of(&[("/boot", Some(true))]), None);
        assert_eq!(of(&[]), None);
    }
}
