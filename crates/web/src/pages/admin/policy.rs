//! Policies: the organisation's own and those that are applied somewhere, where they are applied, and what they come to
//! for somebody.

mod applied;
mod effective;
mod sections;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreatePolicy, UpdatePolicy};
use sallyport_app::{
    Ctx, Versioned,
    listing::Listed as _,
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
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf, cell::Part},
        undo::Undo,
    },
};

const HERE: &str = "/admin/policies";
const ORGANIZATION: &str = "/admin/policies/organization";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/policies", get(list).post(create))
        .route("/admin/policies.csv", get(export))
        .route("/admin/policies/organization", get(show_organization).post(update_organization))
        .route("/admin/policies/applied", post(apply))
        .route("/admin/policies/{id}", get(show).post(update))
        .route("/admin/policies/{id}/take-back", post(take_back))
        .route("/admin/policies/{id}/delete", post(delete))
        .merge(effective::routes())
}

#[derive(Template)]
#[template(path = "admin/policies.html")]
struct PoliciesPage {
    shell: Shell,
    table: Table,
    settings: Versioned<Settings>,
    portal: AppliedForm,
    devices: AppliedForm,
    may_change: bool,
}

const TABLE: TableOf<Policy> = TableOf {
    name: "policies",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |policy| Cell::link(format!("{HERE}/{}", policy.id), &*policy.name)),
        Column::new("says", "Says", |policy| {
            let said = Section::ALL.iter().filter(|section| policy.sections.has(**section));
            Cell(said.map(|section| Part::badge("bg-secondary-lt me-1", section.title())).collect())
        }),
        Column::unusual("id", "Id", |policy| Cell::code(policy.id.to_string())),
    ],
    sorts: Policy::SORTS,
    usual_sort: "name",
    noun: "policies",
    empty: "No policies besides the organisation's. Write one where an application, the portal or logins at devices need something \
            else.",
    tick: None,
    act: None,
};

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

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let settings = settings::show(ctx).await?;
    let page = PoliciesPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Policy>(ctx, &asked, filters_of(&asked), |noun| noun).await?,
        portal: AppliedForm::of(ctx, &settings.portal_policies).await?,
        devices: AppliedForm::of(ctx, &settings.device_policies).await?,
        settings,
        may_change: may(ctx, Action::ChangeSettings),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Policy>(ctx, &asked, &filters, |noun| noun).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![Filter::words(asked, "Name")]
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
) -> Result<Response, Refusal> {
    let (ctx, version) = (&admin.0.ctx, fields.number("version"));
    let before = policy::show(ctx, id).await?;
    let shown = version.is_none_or(|version| version == before.version).then_some(&before.sections);
    let input =
        UpdatePolicy { name: fields.optional("name"), sections: Some(sections::read(&fields, shown)?) };
    let changed = policy::update(ctx, id, version, input).await?;
    Ok(beside(id, &changed))
}

/// To the page of a policy that was changed, with the way back to what it said before.
fn beside(id: PolicyId, changed: &policy::Changed) -> Response {
    let undo = Undo::new(format!("{HERE}/{id}/take-back")).with("version", changed.policy.version);
    undo.beside(&format!("{HERE}/{id}?done={}", saved(changed.notice)))
}

async fn take_back(Path(id): Path<PolicyId>, form: Posted<Admin>) -> Result<Response, Refusal> {
    let changed = policy::take_back(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(beside(id, &changed))
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
