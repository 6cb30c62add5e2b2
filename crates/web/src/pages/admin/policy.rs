//! Policies: the organisation's own and those that are applied somewhere, where they are applied, and what they come to
//! for somebody.

mod applied;
mod effective;
mod sections;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreatePolicy, UpdatePolicy};
use sallyport_app::{
    Ctx, Versioned,
    policy::{self, AppliedTo},
    settings,
};
use sallyport_model::{
    Action, Method, Policy, Settings,
    id::PolicyId,
    policy::{
        AnonymousNetworks, Lockout, NewUser, NumberWhen, PlaceAction, RememberedDevices, RememberedFor,
        Section, Sections, VerifiedPush,
    },
};

pub(super) use self::applied::{AppliedForm, read as read_applied};
use super::{
    pick,
    stranded::{self, save, saved},
};
use crate::{
    State,
    pages::{
        guard::{Admin, Posted},
        listing::Wanted,
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/policies";
const ORGANIZATION: &str = "/admin/policies/organization";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/policies", get(list).post(create))
        .route("/admin/policies/organization", get(show_organization).post(update_organization))
        .route("/admin/policies/applied", post(apply))
        .route("/admin/policies/{id}", get(show).post(update))
        .route("/admin/policies/{id}/delete", post(delete))
        .merge(effective::routes())
}

#[derive(Template)]
#[template(path = "admin/policies.html")]
struct PoliciesPage {
    shell: Shell,
    policies: Vec<Versioned<Policy>>,
    wanted: Wanted,
    next: Option<String>,
    settings: Versioned<Settings>,
    portal: AppliedForm,
    devices: AppliedForm,
    may_change: bool,
}

/// A form of sections.
struct Form {
    sections: Sections,
    second_door_groups: Vec<pick::Choice>,
    /// Where what is not said comes from.
    inherits: &'static str,
}

#[derive(Template)]
#[template(path = "admin/policy.html")]
struct PolicyPage {
    shell: Shell,
    policy: Versioned<Policy>,
    applied_to: Vec<AppliedTo>,
    form: Form,
    may_change: bool,
}

#[derive(Template)]
#[template(path = "admin/policy_organization.html")]
struct OrganizationPage {
    shell: Shell,
    version: i64,
    form: Form,
    may_change: bool,
}

async fn form(ctx: &Ctx, sections: Sections, inherits: &'static str) -> Result<Form, Refusal> {
    let second_door_groups = pick::chosen(ctx, pick::Kind::UserGroups, sections.groups()).await?;
    Ok(Form { sections, second_door_groups, inherits })
}

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let found = policy::list(ctx, wanted.request()).await?;
    let settings = settings::show(ctx).await?;
    let page = PoliciesPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        policies: found.items,
        wanted,
        portal: AppliedForm::of(ctx, &settings.portal_policies).await?,
        devices: AppliedForm::of(ctx, &settings.device_policies).await?,
        settings,
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Redirect, Refusal> {
    let input = CreatePolicy { name: fields.text("name"), sections: Sections::default() };
    let created = policy::create(&admin.0.ctx, input).await?;
    Ok(Redirect::to(&format!("{HERE}/{}", created.id)))
}

async fn show(admin: Admin, Path(id): Path<PolicyId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let policy = policy::show(ctx, id).await?;
    let page = PolicyPage {
        shell: Shell::admin(&admin, HERE),
        applied_to: policy::applied_to(ctx, id).await?,
        form: form(ctx, policy.sections.clone(), "inherited").await?,
        policy,
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<PolicyId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let (ctx, version) = (&admin.0.ctx, fields.number("version"));
    let before = policy::show(ctx, id).await?;
    let shown = version.is_none_or(|version| version == before.version).then_some(&before.sections);
    let input =
        UpdatePolicy { name: fields.optional("name"), sections: Some(sections::read(&fields, shown)?) };
    let changed = policy::update(ctx, id, version, input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done={}", saved(changed.notice))))
}

async fn delete(Path(id): Path<PolicyId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    policy::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/policies?done=deleted"))
}

async fn show_organization(admin: Admin) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let settings = settings::show(ctx).await?;
    let page = OrganizationPage {
        shell: Shell::admin(&admin, HERE),
        version: settings.version,
        form: form(ctx, settings.policy.clone(), "as built in").await?,
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(Page(page).into_response())
}

async fn update_organization(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let before = settings::show(&admin.0.ctx).await?;
    let version: Option<i64> = fields.number("version");
    let shown = version.is_none_or(|version| version == before.version).then_some(&before.policy);
    let after = Settings { policy: sections::read(&fields, shown)?, ..before.value };
    let form = stranded::Form { action: ORGANIZATION, page: ORGANIZATION, menu: HERE };
    save(&admin, fields, after, form).await
}

/// Applies policies to what is no application.
async fn apply(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let before = settings::show(ctx).await?;
    let (portal_policies, device_policies) =
        (read_applied(ctx, &fields, "portal").await?, read_applied(ctx, &fields, "devices").await?);
    let after = Settings { portal_policies, device_policies, ..before.value };
    let form = stranded::Form { action: "/admin/policies/applied", page: HERE, menu: HERE };
    save(&admin, fields, after, form).await
}
