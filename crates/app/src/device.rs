//! Devices: enrolled, admitted, renamed, revoked.

pub mod break_glass;
pub mod enrollment;
pub mod fleet;
pub mod login_settings;
pub(crate) mod offline_logins;
pub mod proof;
pub(crate) mod standing;
#[cfg(test)]
pub(crate) mod testing;
pub mod view;

use sallyport_api::rest::RenameDevice;
use sallyport_model::{
    Action, Device, DeviceState, Group, fold,
    id::{DeviceId, GroupId},
    name::{display_name, printable},
};
use sallyport_store::{Edge, Page, PageRequest, Reader, Versioned};

pub use break_glass::reveal as reveal_break_glass;
pub use enrollment::{CreatedToken, create_token, enroll, list_tokens, revoke_token};
pub use login_settings::{LoginSettingsView, login_settings};
pub use view::{DeviceSummaries, DeviceSummary, DeviceView, summaries, view};

use crate::{AppError, Ctx, Tx, binding, user::expect_version};

/// Longest name, in characters: that of a host name on every system.
pub(crate) const LONGEST_NAME: usize = 64;

impl Tx<'_, '_> {
    /// Loads a device to act upon.
    pub(crate) fn device_for(&mut self, action: Action, id: DeviceId) -> Result<Versioned<Device>, AppError> {
        self.ctx.allow(action)?;
        known(self, id)
    }
}

/// One device.
///
/// # Errors
/// Denied, or no such device.
pub async fn show(ctx: &Ctx, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| known(reader, id)).await
}

/// One device by id, or by name where only one has it.
///
/// # Errors
/// Denied, no such device, or several of that name.
pub async fn resolve(ctx: &Ctx, name_or_id: &str) -> Result<Versioned<Device>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let given = name_or_id.to_owned();
    ctx.read(move |reader| named(reader, &given)).await
}

/// A page of devices, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Device>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| Ok(reader.list::<Device>(&page)?)).await
}

/// Gives a device another name in the directory.
///
/// # Errors
/// Denied, no such device, a name that is none, or it is not the version the caller saw.
pub async fn rename(
    ctx: &Ctx,
    id: DeviceId,
    version: Option<i64>,
    input: RenameDevice,
) -> Result<Versioned<Device>, AppError> {
    let name = display_name(&input.name)?;
    if name.chars().count() > LONGEST_NAME {
        return Err(AppError::invalid(
            "name",
            format!("a device's name has at most {LONGEST_NAME} characters"),
        ));
    }
    ctx.write(move |tx| {
        let before = tx.device_for(Action::ManageDevices, id)?;
        expect_version(&before, version)?;
        let changed = tx.update(&before, Device { name: name.clone(), ..before.value.clone() })?;
        Ok(tx.record(changed, "rename"))
    })
    .await
}

/// Lets a device out of quarantine: from now on it is told who may be on it.
///
/// # Errors
/// Denied, no such device, or it is not quarantined.
pub async fn admit(ctx: &Ctx, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    ctx.write(move |tx| admit_in(tx, id)).await
}

pub(crate) fn admit_in(tx: &mut Tx<'_, '_>, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    let before = tx.device_for(Action::ManageDevices, id)?;
    let admitted = before.value.clone().admit()?;
    let changed = tx.update(&before, admitted)?;
    let device = tx.record(changed, "admit");
    break_glass::renew(tx, id)?;
    Ok(device)
}

/// Refuses a device for ever. Everything it asks is looked up anew, so this holds with its next message.
///
/// # Errors
/// Denied, no such device, or revoked already.
pub async fn revoke(ctx: &Ctx, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    ctx.write(move |tx| revoke_in(tx, id)).await
}

pub(crate) fn revoke_in(tx: &mut Tx<'_, '_>, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    let before = tx.device_for(Action::ManageDevices, id)?;
    let revoked = before.value.clone().revoke()?;
    let changed = tx.update(&before, revoked)?;
    Ok(tx.record(changed, "revoke"))
}

/// Forgets a revoked device, its memberships and bindings.
///
/// # Errors
/// Denied, no such device, or it is not revoked.
pub async fn delete(ctx: &Ctx, id: DeviceId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let device = tx.device_for(Action::ManageDevices, id)?;
        if device.state != DeviceState::Revoked {
            return Err(AppError::Conflict(
                format!("device `{}` is not revoked; revoke it first", device.name).into(),
            ));
        }
        binding::delete_all_of(tx, &id.to_string())?;
        for group in tx.lefts_of(Edge::Member, &id.to_string())? {
            leave(tx, group.parse()?, id)?;
        }
        let deleted = tx.delete(&device)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

/// The device with this id.
pub(crate) fn known(reader: &mut Reader, id: DeviceId) -> Result<Versioned<Device>, AppError> {
    reader.find::<Device>(id)?.ok_or_else(|| AppError::not_found("device", id))
}

/// The device with this id, or the only one with this name.
pub(crate) fn named(reader: &mut Reader, given: &str) -> Result<Versioned<Device>, AppError> {
    if let Ok(id) = given.parse::<DeviceId>() {
        return known(reader, id);
    }
    let name = fold(given);
    // Keys are a folded name and an id, so all devices of one name stand together, right after this.
    let after = format!("{name} {}_", DeviceId::PREFIX);
    let page = reader.list::<Device>(&PageRequest {
        after,
        text: name.clone(),
        limit: 2,
        ..PageRequest::default()
    })?;
    let mut same = page.items.into_iter().filter(|device| fold(&device.name) == name);
    let shown = printable(given, LONGEST_NAME);
    match (same.next(), same.next()) {
        (Some(device), None) => Ok(device),
        (Some(_), Some(_)) => {
            Err(AppError::Conflict(format!("several devices are named `{shown}`; give the id").into()))
        }
        (None, _) => Err(AppError::not_found("device", shown)),
    }
}

fn leave(tx: &mut Tx<'_, '_>, group: GroupId, device: DeviceId) -> Result<(), AppError> {
    let Some(group) = tx.find::<Group>(group)? else { return Ok(()) };
    if let Some(changed) = tx.remove_member(&group.value, &device.to_string())? {
        tx.record(changed, "remove_member");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
