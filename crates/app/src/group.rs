//! Groups of users and of devices, nested, never in a circle.

mod nesting;

use sallyport_api::rest::{CreateGroup, GroupMember, UpdateGroup};
use sallyport_model::{
    Action, Device, Group, GroupKind, Member, User, fold,
    id::{GroupId, UserId},
    name::{display_name, printable},
};
use sallyport_store::{Edge, Page, PageRequest, Reader, Versioned};
use serde::Serialize;

use crate::{
    AppError, Caller, Ctx, Tx, access_rule, binding,
    ctx::settings,
    device::{self, login_settings},
    policy,
    user::{self, expect_version},
};

/// Longest description, in characters.
const LONGEST_DESCRIPTION: usize = 500;

/// Most members on one page.
const LARGEST_PAGE: usize = 500;

/// A member with what people know it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedMember {
    #[serde(flatten)]
    pub member: Member,
    pub name: String,
    /// State of a user or device; kind of a group.
    pub state: &'static str,
}

/// Part of a group's members, in the order in which they were made.
#[derive(Debug, Clone, Serialize)]
pub struct Members {
    pub items: Vec<NamedMember>,
    pub total: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// A group somebody is in.
#[derive(Debug, Clone)]
pub struct Membership {
    pub group: Versioned<Group>,
    /// Whether without another group between.
    pub direct: bool,
}

impl Tx<'_, '_> {
    /// Loads a group to act upon.
    pub(crate) fn group_for(&mut self, action: Action, id: GroupId) -> Result<Versioned<Group>, AppError> {
        self.ctx.allow(action)?;
        self.find::<Group>(id)?.ok_or_else(|| AppError::not_found("group", id))
    }
}

/// One group by id or by name, as people type it.
///
/// # Errors
/// Denied, or no such group.
pub async fn resolve(ctx: &Ctx, name_or_id: &str) -> Result<Versioned<Group>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let given = name_or_id.to_owned();
    ctx.read(move |reader| named(reader, &given)).await
}

/// One group.
///
/// # Errors
/// Denied, or no such group.
pub async fn show(ctx: &Ctx, id: GroupId) -> Result<Versioned<Group>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read(move |reader| known(reader, id)).await
}

/// A page of groups, in order of names; the page's state filters by kind.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Group>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| Ok(reader.list::<Group>(&page)?)).await
}

/// Creates an empty group.
///
/// # Errors
/// Denied, invalid input, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateGroup) -> Result<Versioned<Group>, AppError> {
    ctx.allow(Action::ManageGroups)?;
    let group = Group {
        id: ctx.id(GroupId::new)?,
        name: display_name(&input.name)?,
        description: checked_description(&input.description)?,
        kind: input.kind,
        device_login: None,
        created: ctx.now,
    };
    ctx.write(move |tx| {
        let created = tx.create(group.clone())?;
        Ok(tx.record(created, "create"))
    })
    .await
}

/// Renames or describes a group, or says how people log in at the devices in it.
///
/// # Errors
/// Denied, invalid input, the name is taken, or it is not the version the caller saw.
pub async fn update(
    ctx: &Ctx,
    id: GroupId,
    version: Option<i64>,
    input: UpdateGroup,
) -> Result<Versioned<Group>, AppError> {
    ctx.write(move |tx| {
        let before = tx.group_for(Action::ManageGroups, id)?;
        expect_version(&before, version)?;
        let mut after = before.value.clone();
        if let Some(name) = &input.name {
            after.name = display_name(name)?;
        }
        if let Some(description) = &input.description {
            after.description = checked_description(description)?;
        }
        if let Some(login) = &input.device_login {
            // As much a part of the second door as the organisation's own settings.
            tx.ctx.allow(Action::ChangeSettings)?;
            if after.kind != GroupKind::Devices {
                return Err(AppError::invalid("device_login", "is of groups of devices alone"));
            }
            after.device_login = match login {
                Some(given) => Some(login_settings::set(after.device_login, given, tx)?),
                None => None,
            };
        }
        if after == before.value {
            return Err(AppError::invalid("body", "nothing would change"));
        }
        let changed = tx.update(&before, after)?;
        Ok(tx.record(changed, "update"))
    })
    .await
}

/// Deletes a group with its memberships and bindings, each recorded by itself so that whoever follows the feed
/// knows whom it reached.
///
/// # Errors
/// Denied, no such group, or a setting for the second door names it.
pub async fn delete(ctx: &Ctx, id: GroupId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let group = tx.group_for(Action::ManageGroups, id)?;
        refuse_if_asked_for(tx, &group)?;
        refuse_above_own_rights(tx, &group)?;
        binding::delete_all_of(tx, &id.to_string())?;
        for member in tx.rights_of(Edge::Member, &id.to_string())? {
            take_out(tx, &group, &member)?;
        }
        for around in tx.lefts_of(Edge::Member, &id.to_string())? {
            let around = known(tx, around.parse()?)?;
            leave(tx, &around, &id.to_string())?;
        }
        // Once, whoever was in it.
        refuse_own_lockout(tx, &group)?;
        let deleted = tx.delete(&group)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

/// Adds a member.
///
/// # Errors
/// Denied, of the wrong kind, a member already, or the group would contain itself.
pub async fn add_member(ctx: &Ctx, id: GroupId, input: GroupMember) -> Result<(), AppError> {
    ctx.write(move |tx| add_member_in(tx, id, &input)).await
}

pub(crate) fn add_member_in(tx: &mut Tx<'_, '_>, id: GroupId, input: &GroupMember) -> Result<(), AppError> {
    let group = tx.group_for(Action::ManageGroups, id)?;
    let member = known_member(tx, input)?;
    join(tx, &group, member)
}

/// Takes a member out.
///
/// # Errors
/// Denied, or not a member.
pub async fn remove_member(ctx: &Ctx, id: GroupId, input: GroupMember) -> Result<(), AppError> {
    ctx.write(move |tx| remove_member_in(tx, id, &input)).await
}

pub(crate) fn remove_member_in(
    tx: &mut Tx<'_, '_>,
    id: GroupId,
    input: &GroupMember,
) -> Result<(), AppError> {
    let group = tx.group_for(Action::ManageGroups, id)?;
    let member = known_member(tx, input)?;
    if leave(tx, &group, &member.key())? {
        return Ok(());
    }
    Err(AppError::Conflict(format!("it is not a direct member of group `{}`", group.name).into()))
}

/// The direct members of a group.
///
/// # Errors
/// Denied, or no such group.
pub async fn members(ctx: &Ctx, id: GroupId, page: PageRequest) -> Result<Members, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| {
        known(reader, id)?;
        let keys = reader.rights_of(Edge::Member, &id.to_string())?;
        named_page(reader, keys.iter().filter_map(|key| Member::from_key(key)).collect(), &page)
    })
    .await
}

/// The users or devices in a group, directly or through other groups.
///
/// # Errors
/// Denied, or no such group.
pub async fn effective_members(ctx: &Ctx, id: GroupId, page: PageRequest) -> Result<Members, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| {
        known(reader, id)?;
        let keys = reader.members_within(&id.to_string())?;
        let members = keys.iter().filter_map(|key| Member::from_key(key));
        let leaves = members.filter(|member| !matches!(member, Member::Group(_))).collect();
        named_page(reader, leaves, &page)
    })
    .await
}

/// The groups that a user, device or group is in.
///
/// # Errors
/// Denied.
pub async fn groups_of(ctx: &Ctx, member: Member) -> Result<Vec<Membership>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| memberships(reader, member)).await
}

pub(crate) fn memberships(reader: &mut Reader, member: Member) -> Result<Vec<Membership>, AppError> {
    let direct = reader.lefts_of(Edge::Member, &member.key())?;
    let mut found = Vec::new();
    for key in reader.groups_around(&member.key())? {
        if let Some(group) = reader.find::<Group>(key.parse()?)? {
            found.push(Membership { group, direct: direct.contains(&key) });
        }
    }
    found.sort_by_cached_key(|membership| fold(&membership.group.name));
    Ok(found)
}

/// The group with this id.
pub(crate) fn known(reader: &mut Reader, id: GroupId) -> Result<Versioned<Group>, AppError> {
    reader.find::<Group>(id)?.ok_or_else(|| AppError::not_found("group", id))
}

/// The group with this id or name.
pub(crate) fn named(reader: &mut Reader, given: &str) -> Result<Versioned<Group>, AppError> {
    let found = match given.parse::<GroupId>() {
        Ok(id) => reader.find::<Group>(id)?,
        Err(_) => reader.find_by_key::<Group>(&fold(given))?,
    };
    found.ok_or_else(|| AppError::not_found("group", printable(given, 64)))
}

/// The group with this id or name, which must be of this kind.
pub(crate) fn named_of_kind(
    reader: &mut Reader,
    given: &str,
    kind: GroupKind,
) -> Result<Versioned<Group>, AppError> {
    let group = named(reader, given)?;
    if group.kind == kind {
        Ok(group)
    } else {
        Err(AppError::Conflict(
            format!("group `{}` is a group of {}, not of {}", group.name, group.kind.as_str(), kind.as_str())
                .into(),
        ))
    }
}

/// The user with this id or name.
pub(crate) fn named_user(reader: &mut Reader, given: &str) -> Result<Versioned<User>, AppError> {
    let found = match given.parse::<UserId>() {
        Ok(id) => reader.find::<User>(id)?,
        Err(_) => user::by_any_name(reader, given)?,
    };
    found.ok_or_else(|| AppError::not_found("user", printable(given, 64)))
}

/// Refuses to change what somebody with higher rights is a part of; everybody may change it for themselves.
pub(crate) fn allow_upon_or_self(ctx: &Ctx, user: &User) -> Result<(), AppError> {
    match &ctx.caller {
        Caller::Person { id, .. } if *id == user.id => Ok(()),
        Caller::AdminApi { .. }
        | Caller::Person { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::LocalAdmin
        | Caller::Nobody
        | Caller::System { .. }
        | Caller::Token { .. } => ctx.allow_upon(user),
    }
}

/// The one of several alternatives that was given.
pub(crate) fn exactly_one<const N: usize>(
    field: &'static str,
    alternatives: [(&'static str, &Option<String>); N],
) -> Result<(&'static str, String), AppError> {
    let mut given = alternatives.iter().filter_map(|(name, value)| {
        value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(|value| (*name, value.to_owned()))
    });
    match (given.next(), given.next()) {
        (Some(only), None) => Ok(only),
        _ => {
            let names: Vec<_> = alternatives.iter().map(|(name, _)| *name).collect();
            Err(AppError::invalid(field, format!("give exactly one of {}", names.join(", "))))
        }
    }
}

/// Makes `member` a member of `group`.
pub(crate) fn join(tx: &mut Tx<'_, '_>, group: &Versioned<Group>, member: Member) -> Result<(), AppError> {
    let fits = match member {
        Member::Device(_) => group.kind == GroupKind::Devices,
        Member::User(_) => group.kind == GroupKind::Users,
        Member::Group(inner) => {
            let inner = known(tx, inner)?;
            nesting::refuse_circle(tx, group, &inner)?;
            group.kind == inner.kind
        }
    };
    refuse_above_own_rights(tx, group)?;
    if let Member::Group(_) = member {
        refuse_to_move_many(tx, group)?;
    }
    if !fits {
        let text =
            format!("group `{}` holds {} and groups of them, nothing else", group.name, group.kind.as_str());
        return Err(AppError::Conflict(text.into()));
    }
    let Some(changed) = tx.add_member(&group.value, &member.key())? else {
        return Err(AppError::Conflict(format!("it is a member of group `{}` already", group.name).into()));
    };
    tx.record(changed, "add_member");
    refuse_own_lockout(tx, group)
}

/// Who may not bind anybody makes nobody a device's administrator through a group either.
fn refuse_above_own_rights(tx: &mut Tx<'_, '_>, group: &Group) -> Result<(), AppError> {
    let may_bind = group.kind == GroupKind::Devices || tx.ctx.allow(Action::ManageBindings).is_ok();
    if may_bind || !user::gives_administrator(tx, &group.id.to_string())? {
        return Ok(());
    }
    Err(AppError::AboveOwnRights)
}

pub(crate) fn leave(tx: &mut Tx<'_, '_>, group: &Versioned<Group>, member: &str) -> Result<bool, AppError> {
    let left = take_out(tx, group, member)?;
    if left {
        refuse_own_lockout(tx, group)?;
    }
    Ok(left)
}

fn take_out(tx: &mut Tx<'_, '_>, group: &Versioned<Group>, member: &str) -> Result<bool, AppError> {
    if let Some(Member::Group(_)) = Member::from_key(member) {
        refuse_to_move_many(tx, group)?;
    }
    let Some(changed) = tx.remove_member(&group.value, member)? else { return Ok(false) };
    tx.record(changed, "remove_member");
    Ok(true)
}

/// Whoever is in a group, and whoever is not, may be asked for what they do not have: nobody shuts themselves out by that.
fn refuse_own_lockout(tx: &mut Tx<'_, '_>, group: &Group) -> Result<(), AppError> {
    if group.kind != GroupKind::Users || !policy::guards_portal(tx, group)? {
        return Ok(());
    }
    if matches!(tx.ctx.caller, Caller::Person { .. }) {
        policy::refuse_own_lockout(tx)?;
    }
    access_rule::refuse_to_shut_out(tx)
}

/// With a whole group people come and go whom nobody named, owners too: where that decides about the portal's second door,
/// it is as much as a change of the settings.
fn refuse_to_move_many(tx: &mut Tx<'_, '_>, group: &Group) -> Result<(), AppError> {
    if group.kind == GroupKind::Users && policy::guards_portal(tx, group)? {
        tx.ctx.allow(Action::ChangeSettings)?;
    }
    Ok(())
}

fn known_member(tx: &mut Tx<'_, '_>, input: &GroupMember) -> Result<Member, AppError> {
    let alternatives = [("user", &input.user), ("device", &input.device), ("group", &input.group)];
    match exactly_one("member", alternatives)? {
        ("user", given) => {
            let user = named_user(tx, &given)?;
            allow_upon_or_self(tx.ctx, &user)?;
            Ok(Member::User(user.id))
        }
        ("device", given) => Ok(Member::Device(device::named(tx, &given)?.id)),
        (_, given) => Ok(Member::Group(named(tx, &given)?.id)),
    }
}

/// A policy whose scope vanished would ask nobody for the second door, or everybody. Neither was meant.
fn refuse_if_asked_for(reader: &mut Reader, group: &Group) -> Result<(), AppError> {
    let settings = settings(reader)?;
    let what = if let Some(what) = policy::names_group(reader, &settings, group)? {
        what
    } else if settings.device_login.groups.contains(&group.id) {
        "the settings for logins at devices name".to_owned()
    } else {
        let names = |owner: &Versioned<Group>| {
            owner.device_login.as_ref().is_some_and(|login| login.groups.contains(&group.id))
        };
        match reader.list_all::<Group>()?.into_iter().find(names) {
            Some(owner) => format!("the login settings of group `{}` name", owner.name),
            None => return Ok(()),
        }
    };
    Err(AppError::Conflict(format!("{what} group `{}`; change that first", group.name).into()))
}

fn named_page(reader: &mut Reader, members: Vec<Member>, page: &PageRequest) -> Result<Members, AppError> {
    let (total, limit) = (members.len(), page.limit.clamp(1, LARGEST_PAGE));
    let mut rest = members.into_iter().filter(|member| member.key() > page.after).peekable();
    let mut items = Vec::new();
    let mut last = None;
    for member in rest.by_ref().take(limit) {
        last = Some(member.key());
        items.extend(with_name(reader, member)?);
    }
    let next = if rest.peek().is_some() { last } else { None };
    Ok(Members { items, total, next })
}

fn with_name(reader: &mut Reader, member: Member) -> Result<Option<NamedMember>, AppError> {
    let found = match member {
        Member::Device(id) => {
            reader.find::<Device>(id)?.map(|device| (device.value.name, device.value.state.as_str()))
        }
        Member::Group(id) => {
            reader.find::<Group>(id)?.map(|group| (group.value.name, group.value.kind.as_str()))
        }
        Member::User(id) => {
            reader.find::<User>(id)?.map(|user| (user.name.to_string(), user.value.state.as_str()))
        }
    };
    Ok(found.map(|(name, state)| NamedMember { member, name, state }))
}

fn checked_description(given: &str) -> Result<String, AppError> {
    let description = given.trim();
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(AppError::invalid(
            "description",
            format!("has at most {LONGEST_DESCRIPTION} characters"),
        ));
    }
    if printable(description, LONGEST_DESCRIPTION) != description {
        return Err(AppError::invalid("description", "must not contain control characters or line breaks"));
    }
    Ok(description.to_owned())
}

#[cfg(test)]
mod tests;
