//! Applications: those that people use, and programs. Their secret keys are shown once.

mod catalogue;
mod oidc;
mod reach;
mod saml;
mod told;
mod trial;

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateApplication, CreateBehindProxy, CreateBookmark, UpdateApplication};
use sallyport_app::{
    Ctx, Versioned,
    application::{self, Credentials},
    duo::clients,
    listing::Listed as _,
};
use sallyport_model::{
    Action, Application, ApplicationKind, Grant, OidcClient, UsedBy, UsernameNormalization,
    client::{FailMode, SeenClient},
    id::ApplicationId,
    oidc::{AccessTokenFormat, ClientAuthentication, OidcGrant, SigningAlgorithm, SubjectType},
    policy::Section,
};

use super::{
    once::OncePage,
    pick,
    policy::{AppliedForm, read_applied},
};
use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        mark::{Mark, Shape},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
        table::{Asked, Cell, Column, Filter, Table, TableOf, cell::Part},
    },
};

const HERE: &str = "/admin/applications";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/applications", get(list).post(create))
        .route("/admin/applications.csv", get(export))
        .route("/admin/applications/{id}", get(show).post(update))
        .route("/admin/applications/{id}/policies", post(apply))
        .route("/admin/applications/{id}/used-by", post(reach::say))
        .route("/admin/applications/{id}/logo", post(reach::draw))
        .route("/admin/applications/{id}/oidc", post(oidc::update))
        .route("/admin/applications/{id}/claims", get(oidc::claims))
        .route("/admin/applications/{id}/instructions", get(catalogue::instructions))
        .route("/admin/applications/{id}/answers", get(catalogue::ask_again).post(catalogue::answer))
        .route("/admin/applications/{id}/test", get(trial::show).post(trial::begin))
        .route("/admin/applications/{id}/test/back", get(trial::back))
        .route("/admin/catalogue", get(catalogue::list))
        .route("/admin/catalogue/{entry}", get(catalogue::show).post(catalogue::create))
        .route("/admin/applications/{id}/rotate", post(rotate))
        .route("/admin/applications/{id}/delete", post(delete))
        .merge(saml::routes())
}

#[derive(Template)]
#[template(path = "admin/applications.html")]
struct ApplicationsPage {
    shell: Shell,
    table: Table,
    may_manage: bool,
    may_see_keys: bool,
}

/// An application with the name that it calls us by.
struct Row {
    application: Application,
    host: String,
}

impl Row {
    fn of(ctx: &Ctx) -> impl Fn(Application) -> Self + '_ {
        |application| Self { host: ctx.org.config.host_for(&application), application }
    }
}

const TABLE: TableOf<Row> = TableOf {
    name: "applications",
    path: HERE,
    columns: &[
        Column::new("name", "Name", |row| {
            let href = format!("{HERE}/{}", row.application.id);
            let (mark, text) = (Mark::of(&row.application), row.application.name.clone());
            Cell(vec![Part::Marked { mark, href, text }])
        }),
        Column::filed(
            "type",
            "Type",
            |row| Cell::text(row.application.kind.text()),
            |row| row.application.kind.as_str().into(),
        ),
        Column::new("used_by", "Who may use it", |row| Cell::text(who(&row.application))),
        Column::unusual("ikey", "Integration key", |row| Cell::code(&*row.application.ikey)),
        Column::unusual("host", "API hostname", |row| Cell::code(&*row.host)),
        Column::new("state", "State", |row| {
            Cell::state(if row.application.enabled { "enabled" } else { "disabled" })
        }),
        Column::unusual("id", "Id", |row| Cell::code(row.application.id.to_string())),
    ],
    sorts: Application::SORTS,
    usual_sort: "name",
    noun: "applications",
    empty: "Nothing is signed in to yet. Choose something that your people use: the catalogue knows most of what has to \
            be typed, and the rest is asked.",
    tick: None,
    act: None,
};

/// A bookmark, or one that asks by OpenID Connect.
#[derive(Template)]
#[template(path = "admin/application_used.html")]
struct UsedPage {
    shell: Shell,
    application: Versioned<Application>,
    mark: Mark,
    used_by: reach::UsedByForm,
    /// How it asks, if it does.
    oidc: Option<oidc::OidcForm>,
    /// What is typed into it.
    values: Vec<(&'static str, String)>,
    policies: AppliedForm,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "admin/application.html")]
struct ApplicationPage {
    shell: Shell,
    application: Versioned<Application>,
    /// What it calls us, and what it would if it had no name of its own for us.
    host: String,
    usual_host: String,
    used_by: reach::UsedByForm,
    policies: AppliedForm,
    /// Who asked for it lately.
    clients: Vec<SeenClient>,
    may_manage: bool,
    is_admin_api: bool,
}

impl ApplicationPage {
    /// How many clients let people in by password alone while we are away.
    fn open_clients(&self) -> usize {
        self.clients.iter().filter(|client| client.fails_open()).count()
    }
}

async fn list(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = ApplicationsPage {
        shell: Shell::admin(&admin, HERE),
        table: TABLE.table::<Application>(ctx, &asked, filters_of(&asked), Row::of(ctx)).await?.begin(
            may(ctx, Action::ManageApplications),
            "/admin/catalogue",
            "Look through the catalogue",
        ),
        may_manage: may(ctx, Action::ManageApplications),
        may_see_keys: may(ctx, Action::ReadSettings),
    };
    Ok(asked.remember(&TABLE, Page(page).into_response()))
}

async fn export(admin: Admin, asked: Asked) -> Result<Response, Refusal> {
    let (ctx, filters) = (&admin.0.ctx, filters_of(&asked));
    Ok(TABLE.download::<Application>(ctx, &asked, &filters, Row::of(ctx)).await?)
}

fn filters_of(asked: &Asked) -> Vec<Filter> {
    vec![
        Filter::words(asked, "Name"),
        Filter::states(asked, "Any state", ["enabled", "disabled"]),
        Filter::choice(
            asked,
            "type",
            ("Type", "Any type"),
            ApplicationKind::ALL.iter().map(|kind| (kind.as_str(), kind.text())),
        ),
    ]
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let (name, kind) = (fields.text("name"), fields.word("type").unwrap_or(ApplicationKind::DuoAuthApi));
    let (application, credentials) = match kind {
        ApplicationKind::Bookmark => {
            application::create_bookmark(ctx, CreateBookmark { name, link: fields.text("link") }).await?
        }
        ApplicationKind::ForwardAuth => {
            let origins = fields.lines("origins");
            application::create_behind_proxy(ctx, CreateBehindProxy { name, origins }).await?
        }
        ApplicationKind::DuoAdminApi
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => application::create(ctx, CreateApplication { name, kind }).await?,
    };
    if kind.takes_assertions() {
        return Ok(Redirect::to(&format!("{HERE}/{}/saml", application.id)).into_response());
    }
    Ok(keys(&admin, &application, &credentials))
}

async fn show(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let application = application::show(&admin.0.ctx, id).await?;
    match application.kind {
        ApplicationKind::DuoAdminApi => duo(&admin, application, true).await,
        ApplicationKind::DuoAuthApi => duo(&admin, application, false).await,
        ApplicationKind::Bookmark
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => used(&admin, application).await,
    }
}

/// One that has a page for what it is used for.
async fn used(admin: &Admin, application: Versioned<Application>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let page = UsedPage {
        shell: Shell::admin(admin, HERE),
        mark: Mark::of(&application),
        used_by: reach::UsedByForm::of(ctx, &application.used_by).await?,
        oidc: application.oidc.as_ref().map(oidc::OidcForm::of),
        values: sallyport_app::catalogue::values(ctx, &application),
        policies: AppliedForm::of(ctx, &application.policies).await?,
        may_manage: may(ctx, Action::ManageApplications),
        application,
    };
    Ok(Page(page).into_response())
}

/// One that speaks a protocol of Duo's.
async fn duo(
    admin: &Admin,
    application: Versioned<Application>,
    is_admin_api: bool,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let needs = if is_admin_api { Action::ManageTokens } else { Action::ManageApplications };
    let page = ApplicationPage {
        shell: Shell::admin(admin, HERE),
        used_by: reach::UsedByForm::of(ctx, &application.used_by).await?,
        policies: AppliedForm::of(ctx, &application.policies).await?,
        host: ctx.org.config.host_for(&application),
        usual_host: ctx.org.config.host().to_owned(),
        clients: clients::of(ctx, application.id).await?,
        application,
        may_manage: may(ctx, needs),
        is_admin_api,
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateApplication {
        name: fields.optional("name"),
        redirect_uris: Some(fields.lines("redirect_uris")),
        api_host: Some(fields.text("api_host")),
        enabled: Some(fields.ticked("enabled")),
        accepts_undated: Some(fields.ticked("accepts_undated")),
        username_normalization: Some(if fields.ticked("simple_names") {
            UsernameNormalization::Simple
        } else {
            UsernameNormalization::None
        }),
        // They have forms of their own.
        policies: None,
        used_by: None,
        oidc: None,
        logo: None,
        answers: None,
        link: fields.optional("link"),
        // Only the form of one behind a proxy has them.
        origins: fields.ticked("origins").then(|| fields.lines("origins")),
        saml: None,
        // Left alone by the form of an application that has none.
        grants: fields.ticked("with_grants").then(|| fields.words("grants").into_iter().collect()),
    };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

async fn apply(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let policies = Some(read_applied(&admin.0.ctx, &fields, "application").await?);
    let input = UpdateApplication { policies, ..UpdateApplication::default() };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

async fn rotate(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Response, Refusal> {
    let credentials = application::rotate_skey(&admin.0.ctx, id).await?;
    let application = application::show(&admin.0.ctx, id).await?;
    Ok(keys(&admin, &application, &credentials))
}

async fn delete(Path(id): Path<ApplicationId>, form: Posted<Admin>) -> Result<Redirect, Refusal> {
    application::delete(&form.who.0.ctx, id, form.fields.number("version")).await?;
    Ok(Redirect::to("/admin/applications?done=deleted"))
}

fn keys(admin: &Admin, application: &Application, credentials: &Credentials) -> Response {
    let back = format!("{HERE}/{}", application.id);
    if !application.has_secret() {
        return Redirect::to(&format!("{back}?done=created")).into_response();
    }
    if application.made_from.is_some() {
        return catalogue::told(admin, application, Some(&credentials.skey));
    }
    let title = format!("Keys of {}", application.name);
    let text = "Type these into the application. The secret key cannot be read again; a new one can be made.";
    let mut secrets = match application.kind {
        ApplicationKind::Oidc => {
            let values = sallyport_app::catalogue::values(&admin.0.ctx, application);
            let values: Vec<_> = values.into_iter().take(3).collect();
            [values, vec![("Client secret", credentials.skey.expose().to_owned())]].concat()
        }
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAdminApi
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Saml
        | ApplicationKind::WsFederation => vec![
            ("Host", credentials.host.clone()),
            ("Integration key", credentials.ikey.clone()),
            ("Secret key", credentials.skey.expose().to_owned()),
        ],
    };
    secrets.extend(credentials.ca.clone().map(|ca| ("Certificate authority", ca)));
    OncePage::show(admin, HERE, (title, text.to_owned()), secrets, back)
}

/// Who may use an application, in a word.
fn who(application: &Application) -> String {
    let count = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    if !application.kind.is_for_people() {
        return String::new();
    }
    match &application.used_by {
        UsedBy::Everybody => "Everybody".into(),
        UsedBy::Only { users, groups } if users.is_empty() && groups.is_empty() => "Nobody yet".into(),
        UsedBy::Only { users, groups } => {
            let parts = [count(groups.len(), "group", "groups"), count(users.len(), "person", "people")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}
