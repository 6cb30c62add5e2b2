//! Whether a policy can hold, and whom its change would reach.

use std::collections::BTreeSet;

use sallyport_model::{
    Application, FactorKind, Group, GroupKind, Method, Policy, Settings, User,
    id::GroupId,
    policy::{Applied, AuthorizedNetworks, Lockout, MethodRow, RememberedDevices, Sections, VerifiedPush},
    signin::Resource,
};
use sallyport_policy::Decision;
use sallyport_store::{Reader, Versioned};

use crate::{
    AppError, Caller, Tx,
    access_rule::{self, From},
    factor, group,
    signin::{self, Offer},
};

/// # Errors
/// A section that cannot hold, or a group that is not there.
pub(crate) fn check_sections(reader: &mut Reader, sections: &Sections) -> Result<(), AppError> {
    users(reader, "second_door", sections.groups())?;
    if let Some(networks) = &sections.authorized_networks {
        if let Some(mapped) = networks.mapped() {
            let text = format!("`{mapped}` is of IPv4: write it as that");
            return Err(AppError::invalid("authorized_networks", text));
        }
        for blocks in [&networks.no_second_door, &networks.second_door, &networks.blocked] {
            if blocks.len() > AuthorizedNetworks::MOST {
                let most = AuthorizedNetworks::MOST;
                return Err(AppError::invalid("authorized_networks", format!("at most {most} in one list")));
            }
        }
    }
    if sections.remembered_devices.as_ref().is_some_and(|of| of.hours > RememberedDevices::LONGEST_HOURS) {
        let text = format!("from 1 to {} hours, or 0 for never", RememberedDevices::LONGEST_HOURS);
        return Err(AppError::invalid("remembered_devices.hours", text));
    }
    if sections.methods.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(AppError::invalid("methods", "name at least one, or leave the section out"));
    }
    let digits = VerifiedPush::FEWEST..=VerifiedPush::MOST;
    if sections.verified_push.as_ref().is_some_and(|of| !digits.contains(&of.digits)) {
        let text = format!("from {} to {}", digits.start(), digits.end());
        return Err(AppError::invalid("verified_push.digits", text));
    }
    let Some(lockout) = &sections.lockout else { return Ok(()) };
    if !(1..=Lockout::MOST_WRONG).contains(&lockout.wrong_codes) {
        return Err(AppError::invalid("lockout.wrong_codes", format!("from 1 to {}", Lockout::MOST_WRONG)));
    }
    if !(Lockout::SHORTEST..=Lockout::LONGEST).contains(&lockout.minutes) {
        let text = format!("from {} to {}", Lockout::SHORTEST, Lockout::LONGEST);
        return Err(AppError::invalid("lockout.minutes", text));
    }
    Ok(())
}

/// # Errors
/// A method that is there twice, none that is left, or a group that is not there.
pub(crate) fn check_rows(reader: &mut Reader, rows: &[MethodRow]) -> Result<(), AppError> {
    let methods: BTreeSet<Method> = rows.iter().map(|row| row.method).collect();
    if methods.len() < rows.len() {
        return Err(AppError::invalid("factors", "each factor once"));
    }
    for row in rows {
        users(reader, "factors", &row.groups)?;
    }
    if !MethodRow::complete(rows).iter().any(|row| row.on && row.method != Method::BypassCode) {
        return Err(AppError::invalid("factors", "one besides the bypass codes must be on"));
    }
    Ok(())
}

/// # Errors
/// A policy or a group that is not there, a group that is there twice, or too many.
pub(crate) fn check_applied(
    reader: &mut Reader,
    field: &'static str,
    applied: &Applied,
) -> Result<(), AppError> {
    for policy in applied.policies() {
        reader.find::<Policy>(policy)?.ok_or_else(|| AppError::not_found("policy", policy))?;
    }
    let groups: Vec<GroupId> = applied.groups.iter().map(|applied| applied.group).collect();
    users(reader, field, &groups)
}

fn users(reader: &mut Reader, field: &'static str, groups: &[GroupId]) -> Result<(), AppError> {
    let each: BTreeSet<&GroupId> = groups.iter().collect();
    if groups.len() > Applied::MOST || each.len() < groups.len() {
        return Err(AppError::invalid(field, format!("at most {} groups, each once", Applied::MOST)));
    }
    for id in groups {
        let group = group::known(reader, *id)?;
        if group.kind != GroupKind::Users {
            return Err(AppError::invalid(field, format!("`{}` is no group of users", group.name)));
        }
    }
    Ok(())
}

/// What names this group, if something does: without it that would reach nobody, or everybody.
pub(crate) fn names_group(
    reader: &mut Reader,
    settings: &Settings,
    group: &Group,
) -> Result<Option<String>, AppError> {
    let applied = |applied: &Applied| applied.groups.iter().any(|applied| applied.group == group.id);
    if settings.policy.groups().contains(&group.id) {
        return Ok(Some("the second-door policy names".into()));
    }
    if settings.factors.iter().any(|row| row.groups.contains(&group.id)) {
        return Ok(Some("the list of factors names".into()));
    }
    if super::of_settings(settings).into_iter().any(|(_, of)| applied(of)) {
        return Ok(Some("a policy is applied in the settings to".into()));
    }
    let names = |policy: &Versioned<Policy>| policy.sections.groups().contains(&group.id);
    if let Some(policy) = reader.list_all::<Policy>()?.into_iter().find(names) {
        return Ok(Some(format!("the policy `{}` names", policy.name)));
    }
    if let Some(named) = access_rule::names_group(reader, group)? {
        return Ok(Some(named));
    }
    let applies = |application: &Versioned<Application>| applied(&application.policies);
    let found = reader.list_all::<Application>()?.into_iter().find(applies);
    Ok(found.map(|application| format!("a policy is applied at the application `{}` to", application.name)))
}

/// Whether it matters for the portal who is in this group, directly or through others.
pub(crate) fn guards_portal(reader: &mut Reader, group: &Group) -> Result<bool, AppError> {
    let settings = crate::ctx::settings(reader)?;
    let mut around = reader.groups_around(&group.id.to_string())?;
    around.insert(group.id.to_string());
    let is_around = |group: &GroupId| around.contains(&group.to_string());
    let applied = &settings.portal_policies;
    if applied.groups.iter().any(|applied| is_around(&applied.group))
        || settings.policy.groups().iter().any(is_around)
        || settings.factors.iter().flat_map(|row| &row.groups).any(is_around)
    {
        return Ok(true);
    }
    for policy in applied.policies() {
        let policy = reader.find::<Policy>(policy)?;
        if policy.is_some_and(|policy| policy.sections.groups().iter().any(is_around)) {
            return Ok(true);
        }
    }
    access_rule::guards_portal(reader, is_around)
}

/// Whether it matters for logins at devices who is in one of these groups.
pub(crate) fn reaches_devices(
    reader: &mut Reader,
    settings: &Settings,
    groups: &BTreeSet<GroupId>,
) -> Result<bool, AppError> {
    let names = |sections: &Sections| sections.groups().iter().any(|group| groups.contains(group));
    if names(&settings.policy)
        || settings.device_policies.groups.iter().any(|applied| groups.contains(&applied.group))
    {
        return Ok(true);
    }
    for policy in settings.device_policies.policies() {
        if reader.find::<Policy>(policy)?.is_some_and(|policy| names(&policy.sections)) {
            return Ok(true);
        }
    }
    access_rule::reaches_devices(reader, groups)
}

/// Refuses a change after which whoever makes it in the portal could not sign in there from where they are.
pub(crate) fn refuse_own_lockout(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    let Caller::Person { id, .. } = tx.ctx.caller else { return Ok(()) };
    let Some(user) = tx.find::<User>(id)? else { return Ok(()) };
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    let asking = signin::Asking::here(ctx, user.id, &Resource::Portal);
    let ruling = signin::rule(tx, ctx, &user, asking)?;
    let (place, device) = (ctx.org.places.of(ctx.source), ctx.device_of(user.id));
    let administering = From { place, device, admin_portal: true, ..From::default() };
    let administering = super::in_force_from(tx, ctx, user.id, &Resource::Portal, &administering, false)?;
    if !user.roles.is_empty() && !administering.said.against().is_empty() {
        let text = "after this change you could not reach the administrators' portal yourself from where you are; nothing \
            was changed";
        return Err(AppError::Conflict(text.into()));
    }
    let offers = match ruling.decision {
        Decision::Allow(_) => return Ok(()),
        Decision::Deny(_) => Vec::new(),
        Decision::SecondDoor(_) => factor::offers(tx, user.id, &ruling.policy, now)?,
    };
    // A code that an administrator gave is gone with its next use.
    let lasting = offers.iter().map(Offer::kind).filter(|kind| *kind != FactorKind::BypassCode);
    let lasting: Vec<FactorKind> = lasting.collect();
    if lasting.is_empty() {
        let text = "after this change you could not sign in to the portal yourself from where you are; nothing was \
            changed";
        return Err(AppError::Conflict(text.into()));
    }
    if lasting.iter().all(|kind| *kind == FactorKind::Duo) && !factor::duo::is_proved(tx, ctx)? {
        let text = "after this change only Duo would let you in to the portal, and it has not said yet that it knows us by the \
            client id, API host and client secret there are: ask it (`sallyport duo check`, or the page of Duo), then do this \
            again; nothing was changed";
        return Err(AppError::Conflict(text.into()));
    }
    Ok(())
}
