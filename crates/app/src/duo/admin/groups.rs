//! Groups of users, and who is in them. Groups of devices are none of this protocol's business.

use sallyport_api::rest::{CreateGroup, UpdateGroup};
use sallyport_model::{Action, Group, GroupKind, Member, User, id::GroupId};
use sallyport_store::{Edge, Reader, Versioned};
use sallyport_wire::duo::{
    ParamError, Params, Reply,
    admin::{GroupFields, GroupMember, GroupObject, Groups, Paging, Slice, UserStatus, reference},
};

use super::{
    super::DuoError,
    ids, not_found,
    objects::{self, Objects},
    page, unknown,
    users::id_of,
};
use crate::{AppError, Ctx, group};

pub(super) async fn answer(ctx: &Ctx, call: &Groups, params: &Params) -> Result<Reply, DuoError> {
    match call {
        Groups::Create => create(ctx, GroupFields::read(params)?).await,
        Groups::Delete { group } => {
            let group = known(ctx, group).await?;
            group::delete(ctx, group.id).await?;
            Ok(Reply::empty())
        }
        Groups::List => list(ctx, params).await,
        Groups::Members { group } => members(ctx, group, params).await,
        Groups::Modify { group } => modify(ctx, group, GroupFields::read(params)?).await,
        Groups::Show { group, with_members } => show(ctx, group, *with_members).await,
    }
}

/// The group a path is about.
async fn known(ctx: &Ctx, duo_id: &str) -> Result<Versioned<Group>, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let duo_id = duo_id.to_owned();
    ctx.read(move |reader| ids::find_group(reader, &duo_id)).await?.ok_or_else(not_found)
}

async fn list(ctx: &Ctx, params: &Params) -> Result<Reply, DuoError> {
    ctx.allow(Action::ReadDirectory)?;
    let paging = Paging::read(params, Paging::MOST)?;
    let wanted = params.list("group_id_list")?;
    let slice = ctx
        .read_many(move |reader| {
            let (groups, total) = match wanted {
                None => {
                    let state = Some(GroupKind::Users.as_str());
                    reader.slice::<Group>(state, paging.offset, paging.limit)?
                }
                Some(ids) => {
                    let mut found = Vec::new();
                    for id in ids.iter().take(100) {
                        found.extend(ids::find_group(reader, id)?);
                    }
                    let slice = paging.of(found);
                    (slice.items, slice.total)
                }
            };
            Ok(Slice { items: groups.iter().map(|group| objects::group(group)).collect(), total })
        })
        .await?;
    Ok(page(paging, &slice))
}

/// A status for all of a group is a rule about the second door, and made where such rules are.
fn refuse_status(fields: &GroupFields) -> Result<(), AppError> {
    match fields.status {
        None | Some(UserStatus::Active) => Ok(()),
        Some(UserStatus::Bypass | UserStatus::Disabled) => {
            let text = "a group is active; who is asked for the second door is a matter of the policy";
            Err(AppError::invalid("status", text))
        }
    }
}

async fn create(ctx: &Ctx, fields: GroupFields) -> Result<Reply, DuoError> {
    refuse_status(&fields)?;
    let name = fields.name.ok_or(ParamError::Missing("name"))?;
    let description = fields.desc.unwrap_or_default();
    let created = group::create(ctx, CreateGroup { name, description, kind: GroupKind::Users }).await?;
    Ok(Reply::ok(&objects::group(&created)))
}

async fn modify(ctx: &Ctx, duo_id: &str, fields: GroupFields) -> Result<Reply, DuoError> {
    let before = known(ctx, duo_id).await?;
    refuse_status(&fields)?;
    let name = fields.name.filter(|name| *name != before.name);
    let description = fields.desc.filter(|desc| *desc != before.description);
    if name.is_none() && description.is_none() {
        return Ok(Reply::ok(&objects::group(&before)));
    }
    let input = UpdateGroup { name, description, ..UpdateGroup::default() };
    let after = group::update(ctx, before.id, None, input).await?;
    Ok(Reply::ok(&objects::group(&after)))
}

async fn show(ctx: &Ctx, duo_id: &str, with_members: bool) -> Result<Reply, DuoError> {
    let group = known(ctx, duo_id).await?;
    let mut object = objects::group(&group);
    if with_members {
        object.users = Some(ctx.read_many(move |reader| direct_members(reader, group.id)).await?);
    }
    Ok(Reply::ok(&object))
}

async fn members(ctx: &Ctx, duo_id: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let group = known(ctx, duo_id).await?;
    let slice = paging.of(ctx.read_many(move |reader| direct_members(reader, group.id)).await?);
    Ok(page(paging, &slice))
}

/// The people in a group without another one between, who are those that can be taken out of it.
fn direct_members(reader: &mut Reader, id: GroupId) -> Result<Vec<GroupMember>, AppError> {
    let mut found = Vec::new();
    for key in reader.rights_of(Edge::Member, &id.to_string())? {
        if let Some(Member::User(user)) = Member::from_key(&key) {
            found.extend(reader.find::<User>(user)?.map(|user| objects::member(&user)));
        }
    }
    Ok(found)
}

pub(super) async fn of_user(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let paging = Paging::read(params, Paging::MOST)?;
    let (id, now) = (id_of(ctx, user).await?.to_string(), ctx.now);
    let found: Vec<GroupObject> = ctx.read(move |reader| Objects::new(now).groups_of(reader, &id)).await?;
    Ok(page(paging, &paging.of(found)))
}

/// Whoever is in it already stays in it.
pub(super) async fn join(ctx: &Ctx, user: &str, params: &Params) -> Result<Reply, DuoError> {
    let group = reference(params, "group_id")?;
    let user = id_of(ctx, user).await?;
    ctx.write(move |tx| {
        tx.ctx.allow(Action::ManageGroups)?;
        let person = tx.expect::<User>(user)?;
        group::allow_upon_or_self(tx.ctx, &person)?;
        let group = ids::find_group(tx, &group)?.ok_or_else(|| unknown("group_id"))?;
        if tx.lefts_of(Edge::Member, &user.to_string())?.contains(&group.id.to_string()) {
            return Ok(());
        }
        group::join(tx, &group, Member::User(user))
    })
    .await?;
    Ok(Reply::empty())
}

/// Whoever is not in it stays out of it.
pub(super) async fn leave(ctx: &Ctx, user: &str, group: &str) -> Result<Reply, DuoError> {
    let (user, group) = (id_of(ctx, user).await?, known(ctx, group).await?.id);
    ctx.write(move |tx| {
        let group = tx.group_for(Action::ManageGroups, group)?;
        let person = tx.expect::<User>(user)?;
        group::allow_upon_or_self(tx.ctx, &person)?;
        group::leave(tx, &group, &user.to_string()).map(|_| ())
    })
    .await?;
    Ok(Reply::empty())
}
