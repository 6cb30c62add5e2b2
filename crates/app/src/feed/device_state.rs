//! Gives the desired state of a device a new number when a change reached it.
//!
//! Which devices a change reaches is asked of the directory as it is now, not as it was then. That is enough:
//! whatever moved in between is a change of its own, later in the feed, and finds its devices the same way.

use std::collections::BTreeSet;

use sallyport_model::{
    AccessRule, Binding, BindingTarget, Change, ChangeKind, Device, DeviceState, Group, Policy, RuleMode,
    Settings, User,
    access_rule::ResourceKind,
    id::{DeviceId, GroupId, PolicyId},
    settings::DeviceLogin,
};
use sallyport_store::{Noun as _, Reader};
use serde::Deserialize;

use super::Notice;
use crate::{
    AppError, Tx, binding,
    ctx::settings,
    desired::{self, Directory},
    device::login_settings::{self, Reach},
};

pub(super) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let mut directory = Directory::default();
    let mut notices = Vec::new();
    for id in affected(tx, changes)? {
        let Some(device) = tx.find::<Device>(id)?.filter(|device| device.state != DeviceState::Revoked)
        else {
            notices.push(Notice::Revoked(id));
            continue;
        };
        if desired::refresh(tx, &mut directory, &device, None)? {
            notices.push(Notice::Desired(id));
        }
    }
    Ok(notices)
}

/// The devices that these changes may reach: at least those that they do.
pub(super) fn affected(reader: &mut Reader, changes: &[Change]) -> Result<BTreeSet<DeviceId>, AppError> {
    let mut ends = Ends::default();
    for change in changes {
        ends.add(change);
    }
    ends.devices(reader)
}

/// What a change may have moved on a member's way to a device.
#[derive(Default)]
struct Ends {
    everything: bool,
    /// Users and groups whose bindings are to be followed.
    subjects: BTreeSet<String>,
    /// Groups whose devices are meant.
    groups: BTreeSet<String>,
    /// Groups of users who may now be, or no longer be, those who are asked for the second door somewhere.
    asked: BTreeSet<GroupId>,
    /// Policies that may be applied to logins at devices.
    policies: BTreeSet<PolicyId>,
    targets: Vec<BindingTarget>,
    devices: BTreeSet<DeviceId>,
}

/// A group's change that is one of its members.
#[derive(Deserialize)]
struct MemberChange {
    member_added: Option<String>,
    member_removed: Option<String>,
}

/// A group's change that may be one of its login settings.
#[derive(Deserialize)]
struct LoginChange {
    device_login: Option<DeviceLogin>,
}

fn decides_at_devices(rule: &AccessRule) -> bool {
    rule.mode == RuleMode::On && rule.says.what.covers(ResourceKind::DeviceLogin)
}

impl Ends {
    fn add(&mut self, change: &Change) {
        let id = &change.subject.id;
        match change.subject.noun.as_str() {
            noun if noun == User::NOUN => {
                self.subjects.insert(id.clone());
                // Nobody can say any more which groups they left empty, and so asking everybody.
                self.everything |= change.kind == ChangeKind::Deleted;
            }
            noun if noun == Device::NOUN => self.devices.extend(id.parse::<DeviceId>()),
            noun if noun == Settings::NOUN => self.everything = true,
            noun if noun == AccessRule::NOUN => {
                let docs = [&change.before, &change.after].into_iter().flatten();
                let rules = docs.map(|doc| serde_json::from_str::<AccessRule>(doc));
                // What cannot be read may be about anything.
                self.everything |=
                    rules.into_iter().any(|rule| rule.map_or(true, |rule| decides_at_devices(&rule)));
            }
            noun if noun == Policy::NOUN => self.policies.extend(id.parse::<PolicyId>()),
            noun if noun == Group::NOUN => {
                self.add_member_of(id, change);
                self.add_login_of(id, change);
            }
            noun if noun == Binding::NOUN => {
                let docs = [&change.before, &change.after].into_iter().flatten();
                self.targets.extend(
                    docs.filter_map(|doc| serde_json::from_str::<Binding>(doc).ok())
                        .map(|binding| binding.target),
                );
            }
            // Factors, applications, commands, runs and tokens are not on devices.
            _ => {}
        }
    }

    fn add_member_of(&mut self, group: &str, change: &Change) {
        let docs = [&change.before, &change.after].into_iter().flatten();
        for member in docs.filter_map(|doc| serde_json::from_str::<MemberChange>(doc).ok()) {
            for member in [member.member_added, member.member_removed].into_iter().flatten() {
                match member.parse::<DeviceId>() {
                    Ok(device) => {
                        self.devices.insert(device);
                    }
                    // A user, or a group of either kind: its people have other bindings, or its devices others.
                    Err(_) => {
                        self.asked.extend(group.parse::<GroupId>());
                        self.subjects.insert(group.to_owned());
                        self.groups.insert(member);
                    }
                }
            }
        }
    }

    fn add_login_of(&mut self, group: &str, change: &Change) {
        let login = |doc: &Option<String>| {
            let doc = doc.as_deref().and_then(|doc| serde_json::from_str::<LoginChange>(doc).ok());
            doc.and_then(|doc| doc.device_login)
        };
        if login(&change.before) != login(&change.after) {
            self.groups.insert(group.to_owned());
        }
    }

    /// Follows the groups of users, and those around them, to where their members are asked for the second door.
    fn follow_asked(&mut self, reader: &mut Reader) -> Result<(), AppError> {
        let mut asked = std::mem::take(&mut self.asked);
        for group in asked.clone() {
            asked.extend(
                reader.groups_around(&group.to_string())?.iter().filter_map(|id| id.parse::<GroupId>().ok()),
            );
        }
        if asked.is_empty() {
            return Ok(());
        }
        match login_settings::asking(reader, &asked)? {
            Reach::Everywhere => self.everything = true,
            Reach::Within(groups) => self.groups.extend(groups.iter().map(GroupId::to_string)),
        }
        Ok(())
    }

    fn devices(mut self, reader: &mut Reader) -> Result<BTreeSet<DeviceId>, AppError> {
        self.follow_asked(reader)?;
        if !self.policies.is_empty() {
            let applied = settings(reader)?.value.device_policies;
            self.everything |= applied.policies().any(|policy| self.policies.contains(&policy));
        }
        if self.everything {
            return Ok(reader.list_all::<Device>()?.iter().map(|device| device.id).collect());
        }
        let mut found = self.devices;
        let mut targets = self.targets;
        let mut bindings = BTreeSet::new();
        for subject in &self.subjects {
            bindings.extend(binding::held_by(reader, subject)?);
        }
        for id in bindings {
            targets.extend(reader.find::<Binding>(id)?.map(|binding| binding.target));
        }
        for target in targets {
            found.extend(binding::devices_at(reader, target)?);
        }
        for group in self.groups.iter().filter(|member| member.starts_with("grp_")) {
            found.extend(reader.members_within(group)?.iter().filter_map(|key| key.parse::<DeviceId>().ok()));
        }
        Ok(found)
    }
}
