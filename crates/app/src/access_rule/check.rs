//! Whether a rule can hold, and what it reaches.

use std::collections::BTreeSet;

use ipnet::IpNet;
use sallyport_model::{
    AccessRule, Application, Group, GroupKind, RuleMode, User,
    access_rule::{Effect, OnDevice, ResourceKind, RuleSays, Then, What, When, Who},
    id::GroupId,
};
use sallyport_policy::{Compiled, rules::RuleError};
use sallyport_store::Reader;

use crate::{AppError, group};

/// # Errors
/// Something that cannot hold, or that is not there.
pub(super) fn says(reader: &mut Reader, rule: &AccessRule) -> Result<(), AppError> {
    let says = &rule.says;
    who(reader, &says.who)?;
    what(reader, &says.what)?;
    from(says)?;
    device(&says.device)?;
    says.when.as_ref().map(when).transpose()?;
    then(&says.then)?;
    match Compiled::new(rule) {
        Ok(_) => Ok(()),
        Err(error) => {
            let field = match &error {
                RuleError::Expression(_) => "expression",
                RuleError::Version(_) => "device.os",
                RuleError::Zone(_) => "when.zone",
            };
            Err(AppError::invalid(field, error.to_string()))
        }
    }
}

/// # Errors
/// There are as many rules as there may be.
pub(super) fn room(reader: &mut Reader) -> Result<(), AppError> {
    let most = AccessRule::MOST;
    if reader.list_all::<AccessRule>()?.len() >= most {
        return Err(AppError::Conflict(format!("there are {most} rules; delete one first").into()));
    }
    Ok(())
}

/// # Errors
/// It is too long, or not to be shown.
pub(super) fn note(given: &str) -> Result<String, AppError> {
    let note = given.trim();
    if note.len() > AccessRule::LONGEST_NOTE || note.chars().any(char::is_control) {
        let text = format!("takes one line of at most {} bytes", AccessRule::LONGEST_NOTE);
        return Err(AppError::invalid("note", text));
    }
    Ok(note.to_owned())
}

fn few(field: &'static str, count: usize) -> Result<(), AppError> {
    let most = RuleSays::MOST_NAMED;
    if count > most { Err(AppError::invalid(field, format!("at most {most} in one list"))) } else { Ok(()) }
}

fn some(field: &'static str, count: usize) -> Result<(), AppError> {
    few(field, count)?;
    if count == 0 { Err(AppError::invalid(field, "name at least one, or leave it out")) } else { Ok(()) }
}

fn who(reader: &mut Reader, who: &Who) -> Result<(), AppError> {
    for (field, users) in [("who.users", &who.users), ("who.except_users", &who.except_users)] {
        few(field, users.len())?;
        for id in users {
            reader.find::<User>(*id)?.ok_or_else(|| AppError::not_found("user", id))?;
        }
    }
    for (field, groups) in [("who.groups", &who.groups), ("who.except_groups", &who.except_groups)] {
        few(field, groups.len())?;
        for id in groups {
            let group = group::known(reader, *id)?;
            if group.kind != GroupKind::Users {
                return Err(AppError::invalid(field, format!("`{}` is no group of users", group.name)));
            }
        }
    }
    Ok(())
}

fn what(reader: &mut Reader, what: &What) -> Result<(), AppError> {
    few("what.applications", what.applications.len())?;
    for id in &what.applications {
        reader.find::<Application>(*id)?.ok_or_else(|| AppError::not_found("application", id))?;
    }
    Ok(())
}

fn from(says: &RuleSays) -> Result<(), AppError> {
    if let Some(of) = &says.from.networks {
        some("from.networks", of.networks.len())?;
        let mapped = |block: &&IpNet| match block {
            IpNet::V4(_) => false,
            IpNet::V6(block) => block.addr().to_ipv4_mapped().is_some(),
        };
        if let Some(block) = of.networks.iter().find(mapped) {
            return Err(AppError::invalid(
                "from.networks",
                format!("`{block}` is of IPv4: write it as that"),
            ));
        }
    }
    match &says.from.countries {
        Some(of) => some("from.countries", of.countries.len()),
        None => Ok(()),
    }
}

fn device(on: &OnDevice) -> Result<(), AppError> {
    if let Some(os) = &on.os {
        some("device.os", os.at_least.len())?;
        if os.at_least.keys().any(|name| name.trim().is_empty() || name.len() > 64) {
            return Err(AppError::invalid("device.os", "name systems, such as `debian` or `windows`"));
        }
    }
    let days = 1..=RuleSays::MOST_DAYS;
    if on.seen.is_some_and(|seen| !days.contains(&seen.days)) {
        let text = format!("from {} to {} days", days.start(), days.end());
        return Err(AppError::invalid("device.seen.days", text));
    }
    Ok(())
}

fn when(when: &When) -> Result<(), AppError> {
    if when.days.is_empty() && when.from.is_none() && when.to.is_none() {
        return Err(AppError::invalid("when", "name days or hours, or leave it out"));
    }
    if when.from.is_some() != when.to.is_some() || (when.from.is_some() && when.from == when.to) {
        return Err(AppError::invalid("when", "hours have a beginning and another end"));
    }
    Ok(())
}

fn then(then: &Then) -> Result<(), AppError> {
    let Then { effect, methods, fresh_minutes, remember_hours } = then;
    match effect {
        Effect::SecondDoor => {}
        Effect::Allow | Effect::Deny => {
            let nothing = methods.is_none() && fresh_minutes.is_none() && remember_hours.is_none();
            let text = "factors, how fresh and how long remembered are asked of the second door alone";
            return if nothing { Ok(()) } else { Err(AppError::invalid("then", text)) };
        }
    }
    if methods.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(AppError::invalid("then.methods", "name at least one, or leave it out"));
    }
    let fresh = 1..=RuleSays::LONGEST_FRESH;
    if fresh_minutes.is_some_and(|minutes| !fresh.contains(&minutes)) {
        let text = format!("from {} to {} minutes", fresh.start(), fresh.end());
        return Err(AppError::invalid("then.fresh_minutes", text));
    }
    if remember_hours.is_some_and(|hours| hours > RuleSays::LONGEST_REMEMBERED) {
        let text = format!("at most {} hours; 0 for never", RuleSays::LONGEST_REMEMBERED);
        return Err(AppError::invalid("then.remember_hours", text));
    }
    Ok(())
}

/// The rule that names this group, if one does: without it that would reach nobody, or everybody.
pub(crate) fn names_group(reader: &mut Reader, group: &Group) -> Result<Option<String>, AppError> {
    for rule in reader.list_all::<AccessRule>()? {
        // What an expression names is found where it is compiled, whatever the mode.
        let compiled = Compiled::saved(&rule);
        if compiled.named_groups().any(|named| *named == group.id) {
            return Ok(Some(format!("the access rule `{}` names", rule.name)));
        }
    }
    Ok(None)
}

/// Whether it matters for a rule about the portals who is in one of these groups.
pub(crate) fn guards_portal(
    reader: &mut Reader,
    is_around: impl Fn(&GroupId) -> bool,
) -> Result<bool, AppError> {
    let portals = [ResourceKind::UserPortal, ResourceKind::AdminPortal];
    Ok(named_by_rules(reader, &portals)?.iter().any(is_around))
}

/// Whether it matters for logins at devices who is in one of these groups.
pub(crate) fn reaches_devices(reader: &mut Reader, groups: &BTreeSet<GroupId>) -> Result<bool, AppError> {
    let named = named_by_rules(reader, &[ResourceKind::DeviceLogin])?;
    Ok(named.iter().any(|group| groups.contains(group)))
}

/// Every group that a rule names which is on and about one of these.
fn named_by_rules(reader: &mut Reader, kinds: &[ResourceKind]) -> Result<BTreeSet<GroupId>, AppError> {
    let all = reader.list_all::<AccessRule>()?;
    let on = all
        .iter()
        .filter(|rule| rule.mode == RuleMode::On && kinds.iter().any(|kind| rule.says.what.covers(*kind)));
    Ok(on.flat_map(|rule| Compiled::saved(rule).named_groups().copied().collect::<Vec<_>>()).collect())
}
