//! The form of login settings, which the organisation and a group of devices share, and how they are shown.

use sallyport_api::rest::SetDeviceLogin;
use sallyport_app::{AppError, device::login_settings::LoginSource};
use sallyport_model::settings::{DeviceLogin, FailMode, SshKeys};

use crate::pages::{fields::Fields, refusal::Refusal};

/// What the form says, where it is all there is.
pub(super) fn read(fields: &Fields) -> Result<DeviceLogin, Refusal> {
    let groups = fields.list("login_groups").iter().map(|id| id.parse()).collect::<Result<_, _>>();
    Ok(DeviceLogin {
        services: services(fields),
        groups: groups.map_err(AppError::from)?,
        auto_push: fields.ticked("auto_push"),
        prompts: prompts(fields)?,
        ssh_keys: ssh_keys(fields)?,
        // Nothing opens for the whole organisation.
        fail_mode: FailMode::Closed,
    })
}

/// What the form says, for a use case that takes parts of it too.
pub(super) fn given(fields: &Fields) -> Result<SetDeviceLogin, Refusal> {
    Ok(SetDeviceLogin {
        services: Some(services(fields)),
        groups: Some(fields.list("login_groups")),
        auto_push: Some(fields.ticked("auto_push")),
        prompts: Some(prompts(fields)?),
        ssh_keys: Some(ssh_keys(fields)?),
        fail_mode: Some(fail_mode(fields)?),
    })
}

/// Whose settings these are.
pub(super) fn sources(from: &[LoginSource]) -> String {
    let name = |source: &LoginSource| match source.group {
        Some(_) => source.name.clone(),
        None => "the organisation".to_owned(),
    };
    from.iter().map(name).collect::<Vec<_>>().join(", ")
}

pub(super) const fn keys(keys: &SshKeys) -> &'static str {
    match keys {
        SshKeys::KeyAlone => "a key opens by itself",
        SshKeys::KeyAndSecondDoor => "password and second door behind a key",
    }
}

pub(super) const fn without_server(mode: &FailMode) -> &'static str {
    match mode {
        FailMode::Open => "open: standard users in front of the device pass by password alone, within limits",
        FailMode::Closed => "closed: nobody passes but by the break-glass code",
    }
}

fn services(fields: &Fields) -> Vec<String> {
    let text = fields.text("services");
    text.split([' ', ',']).filter(|service| !service.is_empty()).map(str::to_owned).collect()
}

fn prompts(fields: &Fields) -> Result<u8, Refusal> {
    let missing = || Refusal::missing("Give a number for the wrong answers a login may give.");
    fields.number("prompts").ok_or_else(missing)
}

fn ssh_keys(fields: &Fields) -> Result<SshKeys, Refusal> {
    fields.word("ssh_keys").ok_or_else(|| Refusal::missing("Choose what a key at the ssh server is worth."))
}

fn fail_mode(fields: &Fields) -> Result<FailMode, Refusal> {
    fields
        .word("fail_mode")
        .ok_or_else(|| Refusal::missing("Choose what becomes of logins without the server."))
}
