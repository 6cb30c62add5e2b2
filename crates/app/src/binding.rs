//! Bindings: who is on which device, with which right, and why.
//!
//! A binding joins a user or a group of users to a device or a group of devices. What follows for one person on
//! one device is never stored: it is found from both ends each time, so it cannot be out of date.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_api::rest::{CreateBinding, UpdateBinding};
use sallyport_model::{
    Action, Binding, BindingSubject, BindingTarget, Device, DeviceState, EffectiveRight, Group, GroupKind,
    User,
    id::{BindingId, DeviceId, UserId},
    right::{Right, RightSource},
};
use sallyport_store::{Edge, PageRequest, Reader, Versioned};
use serde::Serialize;

use crate::{
    AppError, Caller, Ctx, Tx, device,
    group::{allow_upon_or_self, exactly_one, named_of_kind, named_user},
    user::expect_version,
};

/// A binding with what people call its ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedBinding {
    #[serde(flatten)]
    pub binding: Binding,
    pub version: i64,
    pub subject_name: String,
    pub target_name: String,
}

/// Part of the bindings.
#[derive(Debug, Clone, Serialize)]
pub struct NamedBindings {
    pub items: Vec<NamedBinding>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A device somebody is bound to.
#[derive(Debug, Clone, Serialize)]
pub struct BoundDevice {
    pub device: Device,
    pub right: EffectiveRight,
}

impl Tx<'_, '_> {
    /// Loads a binding to act upon.
    fn binding_for(&mut self, action: Action, id: BindingId) -> Result<Versioned<Binding>, AppError> {
        self.ctx.allow(action)?;
        self.find::<Binding>(id)?.ok_or_else(|| AppError::not_found("binding", id))
    }
}

/// One binding.
///
/// # Errors
/// Denied, or no such binding.
pub async fn show(ctx: &Ctx, id: BindingId) -> Result<NamedBinding, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| {
        let binding = reader.find::<Binding>(id)?.ok_or_else(|| AppError::not_found("binding", id))?;
        with_names(reader, binding)
    })
    .await
}

/// A page of bindings.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<NamedBindings, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| {
        let page = reader.list::<Binding>(&page)?;
        let items =
            page.items.into_iter().map(|binding| with_names(reader, binding)).collect::<Result<_, _>>()?;
        Ok(NamedBindings { items, next: page.next })
    })
    .await
}

/// The bindings that reach a device, by itself or through its groups.
///
/// # Errors
/// Denied.
pub async fn list_of_device(ctx: &Ctx, device: DeviceId) -> Result<Vec<NamedBinding>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| {
        let ids = reaching(reader, &device.to_string())?;
        named_all(reader, ids)
    })
    .await
}

/// The bindings that a user has, by themselves or through their groups.
///
/// # Errors
/// Denied.
pub async fn list_of_user(ctx: &Ctx, user: UserId) -> Result<Vec<NamedBinding>, AppError> {
    allow_reading(ctx, user)?;
    ctx.read_many(move |reader| {
        let ids = held_by(reader, &user.to_string())?;
        named_all(reader, ids)
    })
    .await
}

/// The devices a user is bound to, with their right on each, in order of names.
///
/// # Errors
/// Denied, or no such user.
pub async fn devices_of(ctx: &Ctx, user: UserId) -> Result<Vec<BoundDevice>, AppError> {
    allow_reading(ctx, user)?;
    ctx.read_many(move |reader| {
        let user = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        let mut bound = Vec::new();
        for (device, bindings) in bindings_by_device(reader, user.id)? {
            let found = reader.find::<Device>(device)?.map(|device| device.value);
            let right = effective_right(&user, &bindings);
            bound.extend(found.zip(right).map(|(device, right)| BoundDevice { device, right }));
        }
        bound.sort_by(|a, b| a.device.name.cmp(&b.device.name).then(a.device.id.cmp(&b.device.id)));
        Ok(bound)
    })
    .await
}

/// The right that a user has on a device and every source of it; `None` if they are not bound there.
///
/// # Errors
/// Denied, or no such user.
pub async fn effective(
    ctx: &Ctx,
    user: UserId,
    device: DeviceId,
) -> Result<Option<EffectiveRight>, AppError> {
    allow_reading(ctx, user)?;
    ctx.read(move |reader| {
        let user = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        Ok(effective_right(&user, &between(reader, user.id, device)?))
    })
    .await
}

/// Binds.
///
/// # Errors
/// Denied, one of the ends is not there or of the wrong kind, or they are bound already.
pub async fn create(ctx: &Ctx, input: CreateBinding) -> Result<Versioned<Binding>, AppError> {
    ctx.allow(Action::ManageBindings)?;
    let id = ctx.id(BindingId::new)?;
    ctx.write(move |tx| {
        let (subject, subject_name) = known_subject(tx, &input)?;
        let (target, target_name) = known_target(tx, &input)?;
        let (right, take_over, created) = (input.right, input.take_over, tx.ctx.now);
        let binding = Binding { id, subject, target, right, take_over, created };
        if tx.find_by_key::<Binding>(&binding.key())?.is_some() {
            return Err(AppError::Conflict(
                format!("`{subject_name}` is bound to `{target_name}` already").into(),
            ));
        }
        let created = tx.create(binding)?;
        let created = tx.record(created, "bind");
        tx.put_edge(Edge::BindingSubject, &id.to_string(), &subject.key())?;
        tx.put_edge(Edge::BindingTarget, &id.to_string(), &target.key())?;
        Ok(created)
    })
    .await
}

/// Changes the right a binding gives, or whether it may take an account over.
///
/// # Errors
/// Denied, no such binding, nothing would change, or it is not the version the caller saw.
pub async fn update(
    ctx: &Ctx,
    id: BindingId,
    version: Option<i64>,
    input: UpdateBinding,
) -> Result<Versioned<Binding>, AppError> {
    ctx.write(move |tx| {
        let before = tx.binding_for(Action::ManageBindings, id)?;
        expect_version(&before, version)?;
        allow_upon_subject(tx, before.subject)?;
        let mut after = before.value.clone();
        if let Some(right) = input.right {
            after.right = right;
        }
        if let Some(take_over) = input.take_over {
            after.take_over = take_over;
        }
        if after == before.value {
            return Err(AppError::invalid("body", "nothing would change"));
        }
        let changed = tx.update(&before, after)?;
        Ok(tx.record(changed, "update"))
    })
    .await
}

/// Unbinds. Accounts that nothing else keeps are locked on the devices; nothing is deleted there.
///
/// # Errors
/// Denied, or no such binding.
pub async fn delete(ctx: &Ctx, id: BindingId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let binding = tx.binding_for(Action::ManageBindings, id)?;
        allow_upon_subject(tx, binding.subject)?;
        let deleted = tx.delete(&binding)?;
        tx.record(deleted, "unbind");
        Ok(())
    })
    .await
}

/// Deletes the bindings that have `end` at either end; part of deleting what is there.
pub(crate) fn delete_all_of(tx: &mut Tx<'_, '_>, end: &str) -> Result<(), AppError> {
    let mut ids = tx.lefts_of(Edge::BindingSubject, end)?;
    ids.extend(tx.lefts_of(Edge::BindingTarget, end)?);
    for id in ids {
        if let Some(binding) = tx.find::<Binding>(id.parse()?)? {
            let deleted = tx.delete(&binding)?;
            tx.record(deleted, "unbind");
        }
    }
    Ok(())
}

/// Ids of the bindings that reach a device or group of devices, through the groups around it too.
pub(crate) fn reaching(reader: &mut Reader, target: &str) -> Result<BTreeSet<BindingId>, AppError> {
    from_all_around(reader, Edge::BindingTarget, target)
}

/// Ids of the bindings that a user or group of users has, through the groups around it too.
pub(crate) fn held_by(reader: &mut Reader, subject: &str) -> Result<BTreeSet<BindingId>, AppError> {
    from_all_around(reader, Edge::BindingSubject, subject)
}

fn from_all_around(reader: &mut Reader, edge: Edge, end: &str) -> Result<BTreeSet<BindingId>, AppError> {
    let mut ends = reader.groups_around(end)?;
    ends.insert(end.to_owned());
    let mut found = BTreeSet::new();
    for end in &ends {
        for id in reader.lefts_of(edge, end)? {
            found.insert(id.parse()?);
        }
    }
    Ok(found)
}

/// The bindings that put this user on this device, from whichever ends.
pub(crate) fn between(reader: &mut Reader, user: UserId, device: DeviceId) -> Result<Vec<Binding>, AppError> {
    let held = held_by(reader, &user.to_string())?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let reaching = reaching(reader, &device.to_string())?;
    let mut found = Vec::new();
    for id in held.intersection(&reaching) {
        found.extend(reader.find::<Binding>(*id)?.map(|binding| binding.value));
    }
    Ok(found)
}

/// The devices that a binding with this target reaches.
pub(crate) fn devices_at(reader: &mut Reader, target: BindingTarget) -> Result<BTreeSet<DeviceId>, AppError> {
    match target {
        BindingTarget::Device(id) => Ok(BTreeSet::from([id])),
        BindingTarget::Group(id) => {
            let within = reader.members_within(&id.to_string())?;
            Ok(within.iter().filter_map(|key| key.parse().ok()).collect())
        }
    }
}

/// The right that follows from a user's own setting and these bindings of theirs; `None` without any.
pub(crate) fn effective_right<'a>(
    user: &User,
    bindings: impl IntoIterator<Item = &'a Binding>,
) -> Option<EffectiveRight> {
    let of_bindings =
        bindings.into_iter().map(|binding| (source(binding), binding.right.unwrap_or_default()));
    let own = user.device_right.map(|right: Right| (RightSource::User, right));
    EffectiveRight::decide(of_bindings.chain(own).collect())
}

fn source(binding: &Binding) -> RightSource {
    match binding.subject {
        BindingSubject::Group(group) => RightSource::GroupBinding { binding: binding.id, group },
        BindingSubject::User(_) => RightSource::Binding { binding: binding.id },
    }
}

fn bindings_by_device(
    reader: &mut Reader,
    user: UserId,
) -> Result<BTreeMap<DeviceId, Vec<Binding>>, AppError> {
    let mut found: BTreeMap<DeviceId, Vec<Binding>> = BTreeMap::new();
    for id in held_by(reader, &user.to_string())? {
        let Some(binding) = reader.find::<Binding>(id)? else { continue };
        for device in devices_at(reader, binding.target)? {
            found.entry(device).or_default().push(binding.value.clone());
        }
    }
    Ok(found)
}

/// Whether the caller may look at what this user is bound to: administrators, and everybody at their own.
fn allow_reading(ctx: &Ctx, user: UserId) -> Result<(), AppError> {
    match &ctx.caller {
        Caller::Person { id, .. } if *id == user => Ok(()),
        Caller::AdminApi { .. }
        | Caller::Person { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::System { .. }
        | Caller::Token { .. } => ctx.allow(Action::ReadDirectory),
    }
}

fn allow_upon_subject(tx: &mut Tx<'_, '_>, subject: BindingSubject) -> Result<(), AppError> {
    match subject {
        BindingSubject::Group(_) => Ok(()),
        BindingSubject::User(id) => match tx.find::<User>(id)? {
            Some(user) => allow_upon_or_self(tx.ctx, &user),
            None => Ok(()),
        },
    }
}

fn known_subject(tx: &mut Tx<'_, '_>, input: &CreateBinding) -> Result<(BindingSubject, String), AppError> {
    match exactly_one("subject", [("user", &input.user), ("user_group", &input.user_group)])? {
        ("user", given) => {
            let user = named_user(tx, &given)?;
            // A device's administrator can read the password hashes on it, so binding somebody is acting upon them.
            allow_upon_or_self(tx.ctx, &user)?;
            Ok((BindingSubject::User(user.id), user.name.to_string()))
        }
        (_, given) => {
            let group = named_of_kind(tx, &given, GroupKind::Users)?;
            Ok((BindingSubject::Group(group.id), group.value.name))
        }
    }
}

fn known_target(tx: &mut Tx<'_, '_>, input: &CreateBinding) -> Result<(BindingTarget, String), AppError> {
    match exactly_one("target", [("device", &input.device), ("device_group", &input.device_group)])? {
        ("device", given) => {
            let device = device::named(tx, &given)?;
            if device.state == DeviceState::Revoked {
                return Err(AppError::Conflict(format!("device `{}` is revoked", device.name).into()));
            }
            Ok((BindingTarget::Device(device.id), device.value.name))
        }
        (_, given) => {
            let group = named_of_kind(tx, &given, GroupKind::Devices)?;
            Ok((BindingTarget::Group(group.id), group.value.name))
        }
    }
}

fn named_all(reader: &mut Reader, ids: BTreeSet<BindingId>) -> Result<Vec<NamedBinding>, AppError> {
    let mut found = Vec::new();
    for id in ids {
        if let Some(binding) = reader.find::<Binding>(id)? {
            found.push(with_names(reader, binding)?);
        }
    }
    Ok(found)
}

fn with_names(reader: &mut Reader, binding: Versioned<Binding>) -> Result<NamedBinding, AppError> {
    let subject = match binding.subject {
        BindingSubject::Group(id) => reader.find::<Group>(id)?.map(|group| group.value.name),
        BindingSubject::User(id) => reader.find::<User>(id)?.map(|user| user.name.to_string()),
    };
    let target = match binding.target {
        BindingTarget::Device(id) => reader.find::<Device>(id)?.map(|device| device.value.name),
        BindingTarget::Group(id) => reader.find::<Group>(id)?.map(|group| group.value.name),
    };
    Ok(NamedBinding {
        subject_name: subject.unwrap_or_else(|| binding.subject.key()),
        target_name: target.unwrap_or_else(|| binding.target.key()),
        version: binding.version,
        binding: binding.value,
    })
}

#[cfg(test)]
mod tests;
