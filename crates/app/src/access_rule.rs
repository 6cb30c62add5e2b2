//! Access rules: written here, asked at every door, tried out before they decide, and brought back as they were.

mod ask;
mod blast;
mod check;
mod history;
mod lockout;
mod portal;
mod sentence;
#[cfg(test)]
mod tests;
mod what_if;

use sallyport_api::rest::{CreateAccessRule, UpdateAccessRule};
use sallyport_model::{
    AccessRule, Action, RuleMode,
    access_rule::{Effect, ResourceKind},
    fold,
    id::AccessRuleId,
    name::{display_name, printable},
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};

pub(crate) use self::{
    ask::{From, are_encrypted, ask},
    check::{guards_portal, names_group, reaches_devices},
    lockout::{refuse_to_do_without, refuse_to_shut_out},
};
pub use sallyport_policy::{Verdict, rules::SCHEMA};

pub use self::{
    blast::{Difference, LOOKS_BACK, MOST_LOOKED_AT, Radius, Tried, WentOtherwise, radius},
    history::{RuleVersion, history, restore},
    portal::{AtAdminPortal, at_admin_portal},
    sentence::{Sentence, sentence, sentences},
    what_if::{RuleHeard, WhatIf, WhatIfAt, WhatIfTold, what_if},
};
use crate::{AppError, Ctx, Tx, policy, settings::PASSWORDS_ALONE, user::expect_version};

/// A rule as it was changed, and what whoever did it should know.
#[derive(Debug, Clone)]
pub struct Changed {
    pub rule: Versioned<AccessRule>,
    pub notice: Option<&'static str>,
}

/// A page of rules, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<AccessRule>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| Ok(reader.list::<AccessRule>(&page)?)).await
}

/// All rules, in order of names.
///
/// # Errors
/// Denied.
pub async fn all(ctx: &Ctx) -> Result<Vec<Versioned<AccessRule>>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(|reader| Ok(reader.list_all::<AccessRule>()?)).await
}

/// One rule by id or name, as people type it.
///
/// # Errors
/// Denied, or no such rule.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<AccessRule>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<AccessRuleId>() {
            Ok(id) => reader.find::<AccessRule>(id)?,
            Err(_) => reader.find_by_key::<AccessRule>(&fold(&given))?,
        };
        found.ok_or_else(|| AppError::not_found("access rule", printable(&given, 64)))
    })
    .await
}

/// One rule.
///
/// # Errors
/// Denied, or no such rule.
pub async fn show(ctx: &Ctx, id: AccessRuleId) -> Result<Versioned<AccessRule>, AppError> {
    resolve(ctx, &id.to_string()).await
}

/// Writes a rule.
///
/// # Errors
/// Denied, an unusable name, the name is taken, something that cannot hold, or it would shut out whoever writes it or every
/// owner.
pub async fn create(ctx: &Ctx, input: CreateAccessRule) -> Result<Changed, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    let rule = AccessRule {
        id: ctx.id(AccessRuleId::new)?,
        name: display_name(&input.name)?,
        note: check::note(&input.note)?,
        mode: input.mode,
        says: input.says,
        created: ctx.now,
    };
    ctx.write(move |tx| {
        check::says(tx, &rule)?;
        check::room(tx)?;
        let created = tx.create(rule.clone())?;
        let created = tx.record(created, "create");
        stands(tx, None, created)
    })
    .await
}

/// Changes a rule, at once for everybody.
///
/// # Errors
/// Denied, no such rule, changed by somebody else since `version`, something that cannot hold, or it would shut out whoever
/// changes it or every owner.
pub async fn update(
    ctx: &Ctx,
    id: AccessRuleId,
    version: Option<i64>,
    input: UpdateAccessRule,
) -> Result<Changed, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let before = known(tx, id)?;
        expect_version(&before, version)?;
        let mut after = before.value.clone();
        if let Some(name) = &input.name {
            after.name = display_name(name)?;
        }
        if let Some(note) = &input.note {
            after.note = check::note(note)?;
        }
        after.mode = input.mode.unwrap_or(after.mode);
        if let Some(says) = &input.says {
            after.says = says.clone();
        }
        // What was fit once may not be any more. To switch it off it need not be.
        if input.says.is_some() || after.mode != RuleMode::Off {
            check::says(tx, &after)?;
        }
        if after == before.value {
            return Err(AppError::invalid("body", "nothing would change"));
        }
        let changed = tx.update(&before, after)?;
        let changed = tx.record(changed, "update");
        stands(tx, Some(&before), changed)
    })
    .await
}

/// Deletes a rule. Its versions stay in the history, and it can be brought back from there.
///
/// # Errors
/// Denied, no such rule, changed by somebody else since `version`, or it was what let in whoever deletes it.
pub async fn delete(ctx: &Ctx, id: AccessRuleId, version: Option<i64>) -> Result<(), AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let rule = known(tx, id)?;
        expect_version(&rule, version)?;
        let deleted = tx.delete(&rule)?;
        tx.record(deleted, "delete");
        refuse_lockout(tx)
    })
    .await
}

pub(crate) fn known(reader: &mut Reader, id: AccessRuleId) -> Result<Versioned<AccessRule>, AppError> {
    reader.find::<AccessRule>(id)?.ok_or_else(|| AppError::not_found("access rule", id))
}

/// The rule as it stands from now on, if somebody still gets in.
fn stands(
    tx: &mut Tx<'_, '_>,
    before: Option<&AccessRule>,
    rule: Versioned<AccessRule>,
) -> Result<Changed, AppError> {
    refuse_lockout(tx)?;
    let spares = |rule: &AccessRule| {
        let asked_by_us = [ResourceKind::UserPortal, ResourceKind::DeviceLogin];
        rule.mode == RuleMode::On
            && rule.says.then.effect == Effect::Allow
            && asked_by_us.iter().any(|kind| rule.says.what.covers(*kind))
    };
    let notice = (spares(&rule) && !before.is_some_and(spares)).then_some(PASSWORDS_ALONE);
    Ok(Changed { rule, notice })
}

fn refuse_lockout(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    policy::refuse_own_lockout(tx)?;
    refuse_to_shut_out(tx)
}

/// Switches off every rule that could keep an owner out of the portals, for whoever holds the machine.
pub(crate) fn lift(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    for rule in tx.list_all::<AccessRule>()? {
        let portals = [ResourceKind::UserPortal, ResourceKind::AdminPortal];
        let keeps_out = rule.says.then.effect != Effect::Allow || rule.says.expression.is_some();
        if rule.mode != RuleMode::On || !keeps_out || !portals.iter().any(|kind| rule.says.what.covers(*kind))
        {
            continue;
        }
        let after = AccessRule { mode: RuleMode::Off, ..rule.value.clone() };
        let changed = tx.update(&rule, after)?;
        tx.record(changed, "lift");
    }
    Ok(())
}
