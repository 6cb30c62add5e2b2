//! Groups and their members.

use axum::http::StatusCode;
use sallyport_api::rest::{CreateGroup, GroupMember, UpdateGroup};
use sallyport_app::group;
use sallyport_model::{Action, Group};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, Created, Noun, PageOf},
    input::{IfMatch, Json, Listing, Named, NamedTwo, Parameters},
    route::{Gives, LISTING, Needs::Right, Parameter, ParameterKind, Route, STATE, shape},
};
use crate::call::ApiCall;

const KINDS: [&str; 2] = ["devices", "users"];

/// A member of a group.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct NamedMember {
    /// `device`, `group` or `user`.
    kind: &'static str,
    id: String,
    name: String,
    /// State of a user or device; kind of a group.
    state: &'static str,
}

impl From<group::NamedMember> for NamedMember {
    fn from(member: group::NamedMember) -> Self {
        use sallyport_model::Member;
        let kind = match member.member {
            Member::Device(_) => "device",
            Member::Group(_) => "group",
            Member::User(_) => "user",
        };
        Self { kind, id: member.member.key(), name: member.name, state: member.state }
    }
}

/// Part of a group's members.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Members {
    items: Vec<NamedMember>,
    total: usize,
    /// Where the next part begins, if there is one.
    next: Option<String>,
}

impl From<group::Members> for Members {
    fn from(members: group::Members) -> Self {
        let items = members.items.into_iter().map(NamedMember::from).collect();
        Self { items, total: members.total, next: members.next }
    }
}

/// Which members to show.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichMembers {
    #[serde(default)]
    effective: bool,
    after: Option<String>,
    limit: Option<usize>,
}

pub(super) fn routes() -> Vec<Route> {
    const EFFECTIVE: Parameter = Parameter {
        name: "effective",
        about: "Users or devices that are in it through other groups too, instead of its direct members.",
        kind: ParameterKind::Flag,
    };
    let [_, after, limit] = LISTING;
    let (read, manage) = (Right(Action::ReadDirectory), Right(Action::ManageGroups));
    vec![
        Route::get("/groups", list, read, "Lists groups in order of names; the state is the kind.")
            .with(&LISTING)
            .with(&[STATE])
            .gives(Gives::PageOfNouns(shape::<Group>())),
        Route::post("/groups", create, manage, "Creates an empty group.")
            .takes::<CreateGroup>()
            .gives(Gives::Created(shape::<Group>())),
        Route::get("/groups/{group}", show, read, "Shows a group.").gives(Gives::Noun(shape::<Group>())),
        Route::patch(
            "/groups/{group}",
            update,
            manage,
            "Renames or describes a group, or says how people log in at its devices.",
        )
        .takes::<UpdateGroup>()
        .conditional()
        .gives(Gives::Noun(shape::<Group>())),
        Route::delete(
            "/groups/{group}",
            delete,
            manage,
            "Deletes a group with its memberships and bindings.",
        )
        .conditional(),
        Route::get("/groups/{group}/members", members, read, "Lists the members of a group.")
            .with(&[EFFECTIVE, after, limit])
            .gives(Gives::One(shape::<Members>())),
        Route::post("/groups/{group}/members", add_member, manage, "Adds a member to a group.")
            .takes::<GroupMember>(),
        Route::delete(
            "/groups/{group}/members/{member}",
            remove_member,
            manage,
            "Takes a member, by id, out of a group.",
        ),
    ]
}

async fn list(
    ApiCall(ctx): ApiCall,
    Parameters(listing): Parameters<Listing>,
) -> Answer<PageOf<Noun<Group>>> {
    Ok(group::list(&ctx, listing.page(&KINDS)?).await?.into())
}

async fn create(ApiCall(ctx): ApiCall, Json(input): Json<CreateGroup>) -> Answer<Created<Noun<Group>>> {
    let group = group::create(&ctx, input).await?;
    Ok(Created { at: format!("/groups/{}", group.id), noun: group.into() })
}

async fn show(ApiCall(ctx): ApiCall, Named(group): Named) -> Answer<Noun<Group>> {
    Ok(group::resolve(&ctx, &group).await?.into())
}

async fn update(
    ApiCall(ctx): ApiCall,
    Named(group): Named,
    IfMatch(version): IfMatch,
    Json(input): Json<UpdateGroup>,
) -> Answer<Noun<Group>> {
    let group = group::resolve(&ctx, &group).await?;
    Ok(group::update(&ctx, group.id, version, input).await?.into())
}

async fn delete(ApiCall(ctx): ApiCall, Named(group): Named, if_match: IfMatch) -> Answer<StatusCode> {
    let group = group::resolve(&ctx, &group).await?;
    let ctx = if_match.on::<Group>(group.id, ctx);
    group::delete(&ctx, group.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn members(
    ApiCall(ctx): ApiCall,
    Named(group): Named,
    Parameters(which): Parameters<WhichMembers>,
) -> Answer<axum::Json<Members>> {
    let group = group::resolve(&ctx, &group).await?;
    let page = Listing::after(which.after, which.limit).page(&[])?;
    let members = if which.effective {
        group::effective_members(&ctx, group.id, page).await?
    } else {
        group::members(&ctx, group.id, page).await?
    };
    Ok(axum::Json(members.into()))
}

async fn add_member(
    ApiCall(ctx): ApiCall,
    Named(group): Named,
    Json(input): Json<GroupMember>,
) -> Answer<StatusCode> {
    let group = group::resolve(&ctx, &group).await?;
    group::add_member(&ctx, group.id, input).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_member(ApiCall(ctx): ApiCall, NamedTwo(group, member): NamedTwo) -> Answer<StatusCode> {
    let group = group::resolve(&ctx, &group).await?;
    group::remove_member(&ctx, group.id, by_id(member)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The member that an id speaks of by its prefix.
fn by_id(id: String) -> GroupMember {
    use sallyport_model::id::{DeviceId, GroupId};
    match id.split('_').next() {
        Some(DeviceId::PREFIX) => GroupMember { device: Some(id), ..GroupMember::default() },
        Some(GroupId::PREFIX) => GroupMember { group: Some(id), ..GroupMember::default() },
        _ => GroupMember { user: Some(id), ..GroupMember::default() },
    }
}
