//! Groups of users and of devices, and who is in them.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateGroup, GroupMember, UpdateGroup};
use sallyport_app::{Ctx, Versioned, group, group::NamedMember, settings};
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
        page::{Csv, Page},
        refusal::Refusal,
        shell::{Shell, may},
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
    groups: Vec<Versioned<Group>>,
    wanted: Wanted,
    next: Option<String>,
    may_manage: bool,
}

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

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = group::list(&admin.0.ctx, wanted.request()).await?;
    let page = GroupsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        groups: found.items,
        wanted,
        may_manage: may(&admin.0.ctx, Action::ManageGroups),
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let mut csv = Csv::new(&["name", "kind", "description"]);
    loop {
        let page = group::list(&admin.0.ctx, wanted.request_of(500)).await?;
        for group in &page.items {
            csv.row(&[group.name.as_str(), group.kind.as_str(), group.description.as_str()]);
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("groups.csv")),
        }
    }
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

async fn add_member(Path(id): Path<GroupId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    group::add_member(&form.who.0.ctx, id, member(&form.fields)).await?;
    Ok(back(id, "member-added"))
}

async fn remove_member(Path(id): Path<GroupId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    group::remove_member(&form.who.0.ctx, id, member(&form.fields)).await?;
    Ok(back(id, "member-removed"))
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
