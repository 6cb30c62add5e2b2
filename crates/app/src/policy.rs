//! Policies: written here, applied to applications, to the portal and to logins at devices, and merged into what holds for
//! one person at one of them.

mod apply;
mod check;
mod effective;
mod lift;
mod moved;
mod spared;
#[cfg(test)]
mod tests;

use sallyport_api::rest::{CreatePolicy, UpdatePolicy};
use sallyport_model::{
    Action, Application, Policy, Settings, fold,
    id::{ApplicationId, PolicyId},
    name::{display_name, printable},
    policy::{Applied, Sections},
};
use sallyport_store::{ChangeFilter, Page, PageRequest, Reader, Versioned};

pub use self::effective::{Explained, Where, explain};
pub use self::moved::move_plain_pushes;
pub(crate) use self::{
    apply::{Placing, place},
    check::{
        check_applied, check_rows, check_sections, guards_portal, names_group, reaches_devices,
        refuse_own_lockout,
    },
    effective::{
        counts_for_somebody, explain_from, in_force, in_force_for, in_force_from, resource, sections_in_force,
    },
    lift::lift,
    spared::Spared,
};
use crate::{AppError, Ctx, Tx, ctx::settings, settings::PASSWORDS_ALONE, user::expect_version};
pub use sallyport_policy::{Decision, EffectivePolicy, Origin, Standing};

/// A policy as it was changed, and what whoever did it should know.
#[derive(Debug, Clone)]
pub struct Changed {
    pub policy: Versioned<Policy>,
    pub notice: Option<&'static str>,
}

/// Where a policy is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppliedTo {
    Application { id: ApplicationId, name: String },
    Devices,
    Portal,
}

/// A page of policies, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Policy>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| Ok(reader.list::<Policy>(&page)?)).await
}

/// All policies, in order of names, for whoever applies one.
///
/// # Errors
/// Denied.
pub async fn all(ctx: &Ctx) -> Result<Vec<Versioned<Policy>>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(|reader| Ok(reader.list_all::<Policy>()?)).await
}

/// One policy by id, key or name, as people type it.
///
/// # Errors
/// Denied, or no such policy.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<Policy>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<PolicyId>() {
            Ok(id) => reader.find::<Policy>(id)?,
            Err(_) => match reader.find_by_key::<Policy>(&fold(&given))? {
                Some(found) => Some(found),
                None => reader.list_all::<Policy>()?.into_iter().find(|policy| policy.duo_id == given),
            },
        };
        found.ok_or_else(|| AppError::not_found("policy", printable(&given, 64)))
    })
    .await
}

/// One policy.
///
/// # Errors
/// Denied, or no such policy.
pub async fn show(ctx: &Ctx, id: PolicyId) -> Result<Versioned<Policy>, AppError> {
    resolve(ctx, &id.to_string()).await
}

/// Where a policy is applied.
///
/// # Errors
/// Denied.
pub async fn applied_to(ctx: &Ctx, id: PolicyId) -> Result<Vec<AppliedTo>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| places(reader, id)).await
}

fn places(reader: &mut Reader, id: PolicyId) -> Result<Vec<AppliedTo>, AppError> {
    let names = |applied: &Applied| applied.policies().any(|policy| policy == id);
    let settings = settings(reader)?;
    let mut places = Vec::new();
    if names(&settings.portal_policies) {
        places.push(AppliedTo::Portal);
    }
    if names(&settings.device_policies) {
        places.push(AppliedTo::Devices);
    }
    let applications = reader.list_all::<Application>()?;
    let named = applications.into_iter().filter(|application| names(&application.policies));
    places.extend(named.map(|found| AppliedTo::Application { id: found.id, name: found.value.name }));
    Ok(places)
}

/// Writes a policy. It says nothing to anybody until it is applied.
///
/// # Errors
/// Denied, an unusable name, the name is taken, or a section that cannot hold.
pub async fn create(ctx: &Ctx, input: CreatePolicy) -> Result<Versioned<Policy>, AppError> {
    let policy = new(ctx, &input.name, input.sections)?;
    ctx.write(move |tx| write_new(tx, &policy)).await
}

/// A policy that is not written yet, with the randomness it needs.
pub(crate) fn new(ctx: &Ctx, name: &str, sections: Sections) -> Result<Policy, AppError> {
    Ok(Policy {
        id: ctx.id(PolicyId::new)?,
        name: display_name(name)?,
        duo_id: ctx.duo_id("PO")?,
        sections,
        created: ctx.now,
    })
}

pub(crate) fn write_new(tx: &mut Tx<'_, '_>, policy: &Policy) -> Result<Versioned<Policy>, AppError> {
    tx.ctx.allow(Action::ChangeSettings)?;
    check_sections(tx, &policy.sections)?;
    let created = tx.create(policy.clone())?;
    Ok(tx.record(created, "create"))
}

/// The policy of this name that says this and nothing else, which is written where there is none. One of the name that says
/// something else may be applied elsewhere, and stays as it is: this one's name is told from it by its id.
fn saying(tx: &mut Tx<'_, '_>, name: &str, sections: Sections) -> Result<PolicyId, AppError> {
    let all = tx.list_all::<Policy>()?;
    let told_apart = |policy: &Policy| policy.name == format!("{name} ({})", policy.duo_id);
    let of_name = |policy: &Policy| fold(&policy.name) == fold(name);
    let same =
        all.iter().find(|policy| policy.sections == sections && (of_name(policy) || told_apart(policy)));
    if let Some(found) = same {
        return Ok(found.id);
    }
    let taken = all.iter().any(|policy| of_name(policy));
    let (id, duo_id, created) = (tx.ctx.id(PolicyId::new)?, tx.ctx.duo_id("PO")?, tx.ctx.now);
    let name = if taken { format!("{name} ({duo_id})") } else { name.to_owned() };
    let created = tx.create(Policy { id, name, duo_id, sections, created })?;
    Ok(tx.record(created, "create").id)
}

/// Changes a policy, at once for everybody it is applied to.
///
/// # Errors
/// Denied, no such policy, changed by somebody else since `version`, a section that cannot hold, or it would shut out
/// whoever changes it.
pub async fn update(
    ctx: &Ctx,
    id: PolicyId,
    version: Option<i64>,
    input: UpdatePolicy,
) -> Result<Changed, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let before = tx.find::<Policy>(id)?.ok_or_else(|| AppError::not_found("policy", id))?;
        expect_version(&before, version)?;
        change(tx, &before, &input)
    })
    .await
}

/// Brings a policy back as it was before its last change.
///
/// # Errors
/// As [`update`], or it has not changed since it was written.
pub async fn take_back(ctx: &Ctx, id: PolicyId, version: Option<i64>) -> Result<Changed, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let now = tx.find::<Policy>(id)?.ok_or_else(|| AppError::not_found("policy", id))?;
        expect_version(&now, version)?;
        let newest = ChangeFilter { subject: Some(id.to_string()), limit: 1, ..ChangeFilter::default() };
        let before = tx.list_changes(&newest)?.pop().and_then(|change| change.before);
        let before =
            before.ok_or_else(|| AppError::Conflict("it has not changed since it was written".into()))?;
        let Policy { name, sections, .. } = serde_json::from_str(&before)?;
        change(tx, &now, &UpdatePolicy { name: Some(name), sections: Some(sections) })
    })
    .await
}

fn change(
    tx: &mut Tx<'_, '_>,
    before: &Versioned<Policy>,
    input: &UpdatePolicy,
) -> Result<Changed, AppError> {
    let mut after = before.value.clone();
    if let Some(name) = &input.name {
        after.name = display_name(name)?;
    }
    if let Some(sections) = &input.sections {
        check_sections(tx, sections)?;
        after.sections = sections.clone();
    }
    if after == before.value {
        return Err(AppError::invalid("body", "nothing would change"));
    }
    let settings = settings(tx)?;
    let spared = Spared::of(tx, &settings)?;
    let policy = write_changed(tx, before, after)?;
    let notice = Spared::of(tx, &settings)?.more_than(&spared).then_some(PASSWORDS_ALONE);
    Ok(Changed { policy, notice })
}

/// What was checked already is in force from now on.
pub(crate) fn write_changed(
    tx: &mut Tx<'_, '_>,
    before: &Versioned<Policy>,
    after: Policy,
) -> Result<Versioned<Policy>, AppError> {
    tx.ctx.allow(Action::ChangeSettings)?;
    let changed = tx.update(before, after)?;
    let changed = tx.record(changed, "update");
    refuse_own_lockout(tx)?;
    Ok(changed)
}

/// Deletes a policy that is applied nowhere.
///
/// # Errors
/// Denied, no such policy, changed by somebody else since `version`, or it is applied somewhere.
pub async fn delete(ctx: &Ctx, id: PolicyId, version: Option<i64>) -> Result<(), AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let policy = tx.find::<Policy>(id)?.ok_or_else(|| AppError::not_found("policy", id))?;
        expect_version(&policy, version)?;
        if let Some(place) = places(tx, id)?.first() {
            let place = match place {
                AppliedTo::Application { name, .. } => format!("at the application `{name}`"),
                AppliedTo::Devices => "to logins at devices".into(),
                AppliedTo::Portal => "to the portal".into(),
            };
            let text = format!("the policy `{}` is applied {place}; take it away there first", policy.name);
            return Err(AppError::Conflict(text.into()));
        }
        let deleted = tx.delete(&policy)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

/// The policies that these settings apply to what is no noun of its own.
pub(crate) fn of_settings(settings: &Settings) -> [(&'static str, &Applied); 2] {
    [("portal_policies", &settings.portal_policies), ("device_policies", &settings.device_policies)]
}
