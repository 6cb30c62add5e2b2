//! Groups of users and of devices, and who is in them.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateGroup, GroupMember, UpdateGroup};
use sallyport_app::{Ctx, Versioned, group, group::NamedMember, listing::Listed as _, settings};
use sallyport_model::{
    Action, Group, GroupKind, Member,
    id::GroupId,
    settings::{DeviceLogin, FailMode, SshKeys},
};

use super::{
    device_login as login,
    pick::{self, Choice, Kind},
};
use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        listing::{Wanted, everything},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf},
        undo::Undo,
    },
};

const HERE: &str = "/admin/groups";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/groups", get(list).post(create))
        .route("/admin/groups.csv", get(export))
        .route("/admin/groups/{id}", get(show).post(update))
        .route("/admin/groups/{id}/delete", post(delete))
        .route("/admin/groups/{id}/device-login", post(device_login))
        .route("/admin/groups/{id}/members", post(add_member))
        .route("/admin/groups/{id}/members/remove", post(remove_member))
}

#[derive(Template)]
#[template(path = "admin/groups.html")]
struct GroupsPage {
    shell: Shell,
    table: Table,
    may_manage: bool,
}

const TABLE: TableOf<Group> = TableOf {
    name: "groups",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |group| Cell::link(format!("{HERE}/{}", group.id), &*group.name)),
        Column::new("kind", "Holds", |group| Cell::text(group.kind.as_str())),
        Column::new("description", "Description", |group| Cell::text(&*group.description)),
        Column::unusual("created", "Created", |group| Cell::time(group.created)),
        Column::unusual("id", "Id", |group| Cell::code(group.id.to_string())),
    ],
    sorts: Group::SORTS,
    usual_sort: "name",
    noun: "groups",
    empty: "A group of users can be bound to a group of devices; whoever joins later is bound by that alone. Groups may \
            contain groups of their kind.",
    tick: None,
    act: None,
};

#[derive(Template)]
#[template(path = "admin/group.html")]
struct GroupPage {
    shell: Shell,
    group: Versioned<Group>,
    members: Vec<NamedMember>,
    total: usize,
    /// Everybody inside, through other groups too.
    effective: Vec<NamedMember>,
    effective_total: usize,
    next: Option<String>,
    may_manage: bool,
    /// Of a group of devices: what the form begins with, for those who may change it.
    login_form: Option<DeviceLogin>,
    login_groups: Vec<Choice>,
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = GroupsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Group>(ctx, &asked, filters_of(&asked), |group| group).await?,
        may_manage: may(ctx, Action::ManageGroups),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let filters = filters_of(&asked);
    Ok(TABLE.download::<Group>(&admin.0.ctx, &asked, &filters, |group| group).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    let kinds = [("users", "of users"), ("devices", "of devices")];
    vec![
        Filter::words(asked, "Name or description"),
        Filter::choice(asked, "state", ("Kind", "All kinds"), kinds),
    ]
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = CreateGroup {
        name: fields.text("name"),
        description: fields.text("description"),
        kind: fields.word("kind").unwrap_or(GroupKind::Users),
    };
    let group = group::create(&admin.0.ctx, input).await?;
    Ok(back(group.id, "created"))
}

async fn show(
    admin: Admin,
    Path(id): Path<GroupId>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let group = group::show(ctx, id).await?;
    let members = group::members(ctx, id, wanted.request()).await?;
    let effective = group::effective_members(ctx, id, everything()).await?;
    let login_form = login_form(ctx, &group).await?;
    let login_groups = login_form.as_ref().map(|login| login.groups.as_slice()).unwrap_or_default();
    let page = GroupPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(members.next.as_deref()),
        total: members.total,
        members: members.items,
        effective_total: effective.total,
        effective: effective.items,
        may_manage: may(ctx, Action::ManageGroups),
        login_groups: pick::chosen(ctx, Kind::UserGroups, login_groups).await?,
        login_form,
        group,
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<GroupId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateGroup {
        name: fields.optional("name"),
        description: Some(fields.text("description")),
        ..UpdateGroup::default()
    };
    group::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(back(id, "saved"))
}

/// What the form for the login settings of a group of devices shows: its own, or the organisation's to begin with.
async fn login_form(ctx: &Ctx, group: &Group) -> Result<Option<DeviceLogin>, Refusal> {
    if group.kind != GroupKind::Devices || !may(ctx, Action::ChangeSettings) {
        return Ok(None);
    }
    match &group.device_login {
        Some(login) => Ok(Some(login.clone())),
        None => Ok(Some(settings::show(ctx).await?.value.device_login)),
    }
}

async fn device_login(
    Path(id): Path<GroupId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let login = match fields.raw("own") {
        "yes" => Some(login::given(&fields)?),
        "no" => None,
        _ => return Err(Refusal::missing("Choose whether the group has login settings of its own.")),
    };
    let input = UpdateGroup { device_login: Some(login), ..UpdateGroup::default() };
    group::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(back(id, "saved"))
}

async fn delete(Path(id): Path<GroupId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    group::delete(&form.who.0.ctx, id).await?;
    Ok(Redirect::to("/admin/groups?done=deleted"))
}

async fn add_member(Path(id): Path<GroupId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    group::add_member(&form.who.0.ctx, id, member(&form.fields)).await?;
    let undo = of_member(Undo::new(format!("{HERE}/{id}/members/remove")), &form.fields);
    Ok(undo.beside(&format!("{HERE}/{id}?done=member-added")))
}

async fn remove_member(Path(id): Path<GroupId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    group::remove_member(&form.who.0.ctx, id, member(&form.fields)).await?;
    let undo = of_member(Undo::new(format!("{HERE}/{id}/members")), &form.fields);
    Ok(undo.beside(&format!("{HERE}/{id}?done=member-removed")))
}

/// The inverse, for the same member.
fn of_member(undo: Undo, fields: &Fields) -> Undo {
    ["user", "device", "group"].iter().fold(undo, |undo, name| undo.with_some(name, fields.optional(name)))
}

fn member(fields: &Fields) -> GroupMember {
    GroupMember {
        user: fields.optional("user"),
        device: fields.optional("device"),
        group: fields.optional("group"),
    }
}

fn back(id: GroupId, done: &str) -> Redirect {
    Redirect::to(&format!("{HERE}/{id}?done={done}"))
}

/// The page of a member.
fn page_of(member: &Member) -> String {
    match member {
        Member::Device(id) => format!("/admin/devices/{id}"),
        Member::Group(id) => format!("/admin/groups/{id}"),
        Member::User(id) => format!("/admin/users/{id}"),
    }
}

/// The name of the field by which a form names a member.
const fn field_of(member: &Member) -> &'static str {
    match member {
        Member::Device(_) => "device",
        Member::Group(_) => "group",
        Member::User(_) => "user",
    }
}
