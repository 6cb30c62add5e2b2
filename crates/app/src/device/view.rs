//! A device as administrators see it: what was asked for, what is, and what stands between the two.

use std::collections::BTreeMap;

use sallyport_api::agent::{
    ActualAccount, ComponentState, Condition, DesiredAccount, Failure, Inventory, Report, StateVersion,
};
use sallyport_model::{
    Action, Device, EffectiveRight, Member, Time, User,
    id::{DeviceId, UserId},
    signin::SignIn,
};
use sallyport_store::{DeviceStatus, PageRequest, Reader};
use serde::Serialize;

use super::{
    known,
    login_settings::{self, LoginSettingsView},
    offline_logins,
};
use crate::{
    AppError, Ctx, binding,
    desired::{self, Content},
    group,
};

#[derive(Debug, Clone, Serialize)]
pub struct DeviceView {
    pub device: Device,
    pub version: i64,
    /// Whether it is connected to the node that answers.
    pub connected: bool,
    pub seen: Option<Time>,
    /// Names of the groups it is in, directly or through other groups.
    pub groups: Vec<String>,
    pub desired: StateVersion,
    /// The state its last report speaks of.
    pub reported: Option<StateVersion>,
    /// Whether that is the state it should have.
    pub reported_is_current: bool,
    /// In order of names.
    pub accounts: Vec<AccountView>,
    pub login_component: Option<ComponentState>,
    /// Why the login component does not stand as desired, as the device says.
    pub login_failure: Option<String>,
    /// How people log in there, and where that comes from.
    pub login: LoginSettingsView,
    /// PAM services the second door stands in front of.
    pub login_services: Vec<String>,
    /// Who passed there by the first door alone while it could not reach us, the newest first; for those who may read
    /// sign-ins.
    pub offline_logins: Vec<SignIn>,
    pub inventory: Option<Inventory>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountView {
    pub user: UserId,
    pub name: String,
    /// `None`: nobody wants it there any more.
    pub desired: Option<DesiredView>,
    /// `None`: the device has said nothing of it.
    pub actual: Option<Condition>,
    pub difference: Difference,
    /// What the device says about it, as text.
    pub reasons: Vec<Failure>,
}

/// A desired account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesiredView {
    pub uid: u32,
    pub gid: u32,
    pub shell: String,
    pub home: String,
    pub has_password: bool,
    pub ssh_keys: usize,
    pub suspended: bool,
    pub take_over: bool,
    /// Whether they are asked for the second door there.
    pub second_door: bool,
    /// With every source of it.
    pub right: Option<EffectiveRight>,
}

/// What stands between desired and actual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The device tried and says it is not so.
    Failed,
    /// As desired.
    None,
    /// The device has not yet spoken of the state it should have.
    Pending,
    /// As desired but for the password, which the directory does not have yet.
    WaitingForPassword,
}

/// A device as one row of a listing.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceSummary {
    pub device: Device,
    pub version: i64,
    /// Whether it is connected to the node that answers.
    pub connected: bool,
    pub seen: Option<Time>,
    /// Whether its last report speaks of the newest numbered state.
    pub reported_is_current: bool,
    /// Accounts that it could not make as desired.
    pub failed: usize,
}

/// Part of a listing.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceSummaries {
    pub items: Vec<DeviceSummary>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A page of devices with how they are, in order of names.
///
/// # Errors
/// Denied.
pub async fn summaries(ctx: &Ctx, page: PageRequest) -> Result<DeviceSummaries, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let hub = ctx.org.hub.clone();
    ctx.read_many(move |reader| {
        let page = reader.list::<Device>(&page)?;
        let mut items = Vec::with_capacity(page.items.len());
        for device in page.items {
            let status = reader.device_status(&device.id.to_string())?;
            let report = last_report(&status);
            let failed = |report: &Report| {
                report.accounts.iter().filter(|account| account.condition == Condition::Failed).count()
            };
            items.push(DeviceSummary {
                connected: hub.is_connected(device.id),
                seen: seen(&status),
                reported_is_current: report
                    .as_ref()
                    .is_some_and(|report| report.version == desired::version(&status)),
                failed: report.as_ref().map_or(0, failed),
                version: device.version,
                device: device.value,
            });
        }
        Ok(DeviceSummaries { items, next: page.next })
    })
    .await
}

/// One device with all that is known of it.
///
/// # Errors
/// Denied, or no such device.
pub async fn view(ctx: &Ctx, id: DeviceId) -> Result<DeviceView, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let call = ctx.clone();
    ctx.read_many(move |reader| {
        let device = known(reader, id)?;
        let status = reader.device_status(&id.to_string())?;
        let content = desired::compute(reader, &call, &device)?;
        let groups = group::memberships(reader, Member::Device(id))?;
        let report = last_report(&status);
        let current = is_current(&content, &status, report.as_ref())?;
        Ok(DeviceView {
            connected: call.org.hub.is_connected(id),
            seen: seen(&status),
            groups: groups.into_iter().map(|membership| membership.group.value.name).collect(),
            desired: desired::version(&status),
            reported: report.as_ref().map(|report| report.version),
            reported_is_current: current,
            accounts: accounts(reader, id, &content, report.as_ref(), current)?,
            login_component: report.as_ref().map(|report| report.login_component),
            login_failure: report.as_ref().and_then(|report| report.login_failure.clone()),
            login: login_settings::view(reader, id)?,
            login_services: content.login.services,
            offline_logins: offline_logins::list(reader, &call, id)?,
            inventory: status.inventory.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            version: device.version,
            device: device.value,
        })
    })
    .await
}

fn seen(status: &DeviceStatus) -> Option<Time> {
    (status.seen != Time::default()).then_some(status.seen)
}

pub(super) fn last_report(status: &DeviceStatus) -> Option<Report> {
    status.report.as_deref().and_then(|json| serde_json::from_str(json).ok())
}

fn is_current(content: &Content, status: &DeviceStatus, report: Option<&Report>) -> Result<bool, AppError> {
    let numbered = content.digest()? == status.digest;
    Ok(numbered && report.is_some_and(|report| report.version == desired::version(status)))
}

fn accounts(
    reader: &mut Reader,
    device: DeviceId,
    content: &Content,
    report: Option<&Report>,
    current: bool,
) -> Result<Vec<AccountView>, AppError> {
    let mut actual: BTreeMap<UserId, &ActualAccount> =
        report.iter().flat_map(|report| &report.accounts).map(|account| (account.user, account)).collect();
    let mut views = Vec::new();
    for account in &content.accounts {
        let found = actual.remove(&account.user);
        views.push(AccountView {
            user: account.user,
            name: account.name.clone(),
            desired: Some(without_secrets(reader, device, account)?),
            actual: found.map(|found| found.condition),
            difference: difference(Some(account), found, current),
            reasons: found.map(|found| found.failures.clone()).unwrap_or_default(),
        });
    }
    for (user, found) in actual {
        views.push(AccountView {
            user,
            name: found.name.clone(),
            desired: None,
            actual: Some(found.condition),
            difference: difference(None, Some(found), current),
            reasons: found.failures.clone(),
        });
    }
    views.sort_by(|a, b| a.name.cmp(&b.name).then(a.user.cmp(&b.user)));
    Ok(views)
}

fn without_secrets(
    reader: &mut Reader,
    device: DeviceId,
    account: &DesiredAccount,
) -> Result<DesiredView, AppError> {
    let bindings = binding::between(reader, account.user, device)?;
    let user = reader.find::<User>(account.user)?;
    Ok(DesiredView {
        uid: account.uid,
        gid: account.gid,
        shell: account.shell.clone(),
        home: account.home.clone(),
        has_password: account.password.is_some(),
        ssh_keys: account.ssh_keys.len(),
        suspended: account.suspended,
        take_over: account.take_over,
        second_door: account.second_door,
        right: user.and_then(|user| binding::effective_right(&user, &bindings)),
    })
}

fn difference(desired: Option<&DesiredAccount>, actual: Option<&ActualAccount>, current: bool) -> Difference {
    let open = desired.is_some_and(|desired| !desired.suspended);
    let found = match actual.map(|actual| actual.condition) {
        Some(Condition::InPlace) if open => Difference::None,
        Some(Condition::WaitingForPassword) if open => Difference::WaitingForPassword,
        Some(Condition::Locked) if !open => Difference::None,
        Some(Condition::InPlace | Condition::WaitingForPassword | Condition::Locked | Condition::Failed)
        | None => Difference::Failed,
    };
    // A device that speaks of an older state may be right about it; what it says of this one is still to come.
    if current || desired.is_none() && found == Difference::None { found } else { Difference::Pending }
}
