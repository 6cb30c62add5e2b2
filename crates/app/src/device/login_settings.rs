//! How people log in at a device: the organisation's settings, or those of the groups the device is in.
//!
//! A group of devices may carry settings of its own. They then hold instead of the organisation's, in the groups
//! within it too; where several reach a device, the strictest wins. What they come to is decided by
//! [`EffectiveLogin`]; here it is read from the directory, and shown with where each word of it comes from.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use sallyport_api::rest::SetDeviceLogin;
use sallyport_model::{
    Action, Group, GroupKind, Settings, fold,
    id::{DeviceId, GroupId},
    settings::{DeviceLogin, FailMode, SshKeys},
};
use sallyport_policy::{EffectiveLogin, Scope};
use sallyport_store::Reader;
use serde::Serialize;

use super::known;
use crate::{AppError, Ctx, ctx::settings, group, policy};

/// Most services and most groups one setting names.
const MOST_NAMED: usize = 32;

/// Whose settings they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoginSource {
    /// The group of devices; none for the organisation.
    pub group: Option<GroupId>,
    pub name: String,
}

/// A value with all who ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    pub value: T,
    pub from: Vec<LoginSource>,
}

/// A group of users who are asked for the second door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AskedGroup {
    pub id: GroupId,
    pub name: String,
}

/// How people log in at one device, and why so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoginSettingsView {
    /// All settings that reach the device.
    pub sources: Vec<LoginSource>,
    pub services: Vec<Sourced<String>>,
    /// Whether everybody is asked for the second door.
    pub everybody: Sourced<bool>,
    /// If not: the members of these are.
    pub groups: Vec<Sourced<AskedGroup>>,
    pub auto_push: Sourced<bool>,
    pub prompts: Sourced<u8>,
    pub ssh_keys: Sourced<SshKeys>,
    pub fail_mode: Sourced<FailMode>,
}

/// How people log in at this device, with where it comes from.
///
/// # Errors
/// Denied, or no such device.
pub async fn login_settings(ctx: &Ctx, id: DeviceId) -> Result<LoginSettingsView, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| {
        known(reader, id)?;
        view(reader, id)
    })
    .await
}

/// What holds at a device, for whatever opens a door there.
pub(crate) fn effective(reader: &mut Reader, device: DeviceId) -> Result<EffectiveLogin, AppError> {
    LoginSettings::default().effective(reader, device)
}

/// Settings as far as they were needed, read once for many devices of one snapshot.
#[derive(Default)]
pub(crate) struct LoginSettings {
    organization: Option<Rc<Settings>>,
    groups: HashMap<GroupId, Option<Rc<Group>>>,
    populated: HashMap<GroupId, bool>,
}

impl LoginSettings {
    /// The organisation's settings.
    pub(crate) fn organization(&mut self, reader: &mut Reader) -> Result<Rc<Settings>, AppError> {
        if let Some(known) = &self.organization {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(settings(reader)?.value);
        Ok(Rc::clone(self.organization.insert(found)))
    }

    pub(crate) fn effective(
        &mut self,
        reader: &mut Reader,
        device: DeviceId,
    ) -> Result<EffectiveLogin, AppError> {
        let reaching: Vec<_> = self.reaching(reader, device)?.into_iter().map(|(_, login)| login).collect();
        let populated = self.populated(reader, &reaching)?;
        Ok(EffectiveLogin::merge(&reaching, &populated))
    }

    /// All settings that reach the device, in order of names.
    fn reaching(
        &mut self,
        reader: &mut Reader,
        device: DeviceId,
    ) -> Result<Vec<(LoginSource, DeviceLogin)>, AppError> {
        let mut found = Vec::new();
        for id in reader.groups_around(&device.to_string())? {
            let Some(group) = self.group(reader, id.parse()?)? else { continue };
            if let Some(login) = &group.device_login {
                found.push((LoginSource { group: Some(group.id), name: group.name.clone() }, login.clone()));
            }
        }
        found.sort_by_cached_key(|(source, _)| fold(&source.name));
        if found.is_empty() {
            let organization = self.organization(reader)?;
            let source = LoginSource { group: None, name: organization.organization.clone() };
            // Whatever may stand there: only a group opens.
            let login = DeviceLogin { fail_mode: FailMode::Closed, ..organization.device_login.clone() };
            found.push((source, login));
        }
        Ok(found)
    }

    /// The groups of users that these settings name and somebody is in.
    fn populated(
        &mut self,
        reader: &mut Reader,
        settings: &[DeviceLogin],
    ) -> Result<BTreeSet<GroupId>, AppError> {
        let mut found = BTreeSet::new();
        for group in settings.iter().flat_map(|login| &login.groups) {
            let populated = match self.populated.get(group) {
                Some(known) => *known,
                None => reader.has_user_within(&group.to_string())?,
            };
            self.populated.insert(*group, populated);
            found.extend(populated.then_some(*group));
        }
        Ok(found)
    }

    fn group(&mut self, reader: &mut Reader, id: GroupId) -> Result<Option<Rc<Group>>, AppError> {
        if let Some(known) = self.groups.get(&id) {
            return Ok(known.clone());
        }
        let found = reader.find::<Group>(id)?.map(|group| Rc::new(group.value));
        self.groups.insert(id, found.clone());
        Ok(found)
    }
}

pub(crate) fn view(reader: &mut Reader, device: DeviceId) -> Result<LoginSettingsView, AppError> {
    let mut all = LoginSettings::default();
    let reaching = all.reaching(reader, device)?;
    let logins: Vec<_> = reaching.iter().map(|(_, login)| login.clone()).collect();
    let populated = all.populated(reader, &logins)?;
    let each: Vec<(LoginSource, EffectiveLogin)> = reaching
        .into_iter()
        .map(|(source, login)| (source, EffectiveLogin::merge([&login], &populated)))
        .collect();
    let merged = EffectiveLogin::merge(&logins, &populated);
    let from = |asks: &dyn Fn(&EffectiveLogin) -> bool| {
        each.iter().filter(|(_, login)| asks(login)).map(|(source, _)| source.clone()).collect::<Vec<_>>()
    };
    let mut groups = BTreeMap::new();
    if let Scope::MembersOf(asked) = &merged.scope {
        for id in asked {
            let Some(group) = all.group(reader, *id)? else { continue };
            let names = |login: &EffectiveLogin| match &login.scope {
                Scope::MembersOf(asked) => asked.contains(id),
                Scope::Everybody => false,
            };
            let value = AskedGroup { id: *id, name: group.name.clone() };
            groups.insert(fold(&group.name), Sourced { value, from: from(&names) });
        }
    }
    let everybody = merged.scope == Scope::Everybody;
    Ok(LoginSettingsView {
        sources: from(&|_| true),
        services: merged
            .services
            .iter()
            .map(|service| Sourced {
                value: service.clone(),
                from: from(&|login| login.services.contains(service)),
            })
            .collect(),
        everybody: Sourced {
            value: everybody,
            from: from(&|login| (login.scope == Scope::Everybody) == everybody),
        },
        groups: groups.into_values().collect(),
        auto_push: Sourced {
            value: merged.auto_push,
            from: from(&|login| login.auto_push == merged.auto_push),
        },
        prompts: Sourced { value: merged.prompts, from: from(&|login| login.prompts == merged.prompts) },
        ssh_keys: Sourced { value: merged.ssh_keys, from: from(&|login| login.ssh_keys == merged.ssh_keys) },
        fail_mode: Sourced {
            value: merged.fail_mode,
            from: from(&|login| login.fail_mode == merged.fail_mode),
        },
    })
}

/// The settings of a group after these were given; `before` is what it had.
pub(crate) fn set(
    before: Option<DeviceLogin>,
    given: &SetDeviceLogin,
    reader: &mut Reader,
) -> Result<DeviceLogin, AppError> {
    let mut login = match before {
        Some(login) => login,
        None => DeviceLogin { fail_mode: FailMode::Closed, ..settings(reader)?.value.device_login },
    };
    if let Some(services) = &given.services {
        login.services.clone_from(services);
    }
    if let Some(groups) = &given.groups {
        let found = groups.iter().map(|given| group::named_of_kind(reader, given, GroupKind::Users));
        login.groups = found.map(|group| Ok(group?.id)).collect::<Result<_, AppError>>()?;
    }
    login.auto_push = given.auto_push.unwrap_or(login.auto_push);
    login.prompts = given.prompts.unwrap_or(login.prompts);
    login.ssh_keys = given.ssh_keys.unwrap_or(login.ssh_keys);
    login.fail_mode = given.fail_mode.unwrap_or(login.fail_mode);
    check(&login, reader)?;
    Ok(login)
}

/// Refuses settings that cannot hold for the whole organisation.
pub(crate) fn check_organization(login: &DeviceLogin, reader: &mut Reader) -> Result<(), AppError> {
    match login.fail_mode {
        FailMode::Closed => check(login, reader),
        FailMode::Open => {
            Err(AppError::invalid("device_login.fail_mode", "`open` is for groups of devices alone"))
        }
    }
}

/// Refuses settings that cannot hold anywhere.
fn check(login: &DeviceLogin, reader: &mut Reader) -> Result<(), AppError> {
    if !(1..=5).contains(&login.prompts) {
        return Err(AppError::invalid("device_login.prompts", "from 1 to 5"));
    }
    let plain = |service: &String| {
        !service.is_empty()
            && service.len() <= 32
            && service
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
    };
    if login.services.len() > MOST_NAMED || !login.services.iter().all(plain) {
        return Err(AppError::invalid("device_login.services", "names of PAM services such as sshd"));
    }
    if login.groups.len() > MOST_NAMED {
        return Err(AppError::invalid("device_login.groups", format!("at most {MOST_NAMED} groups")));
    }
    for id in &login.groups {
        let group = group::known(reader, *id)?;
        if group.kind != GroupKind::Users {
            return Err(AppError::invalid(
                "device_login.groups",
                format!("`{}` is no group of users", group.name),
            ));
        }
    }
    Ok(())
}

/// Where it matters for the second door who is in one of these groups of users.
pub(crate) fn asking(reader: &mut Reader, groups: &BTreeSet<GroupId>) -> Result<Reach, AppError> {
    let names = |login: &DeviceLogin| login.groups.iter().any(|group| groups.contains(group));
    let organization = settings(reader)?;
    if policy::reaches_devices(reader, &organization, groups)? || names(&organization.device_login) {
        return Ok(Reach::Everywhere);
    }
    let all = reader.list_all::<Group>()?;
    let owners = all.iter().filter(|group| group.device_login.as_ref().is_some_and(names));
    Ok(Reach::Within(owners.map(|group| group.id).collect()))
}

/// Where something holds.
pub(crate) enum Reach {
    Everywhere,
    /// In these groups of devices.
    Within(Vec<GroupId>),
}

#[cfg(test)]
mod tests;
