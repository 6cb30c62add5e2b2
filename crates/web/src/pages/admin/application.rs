//! Applications people sign in to. Their secret keys are shown once.

mod saml;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::{CreateApplication, UpdateApplication};
use sallyport_app::{
    Versioned,
    application::{self, Credentials},
    duo::clients,
};
use sallyport_model::{
    Action, Application, ApplicationKind, Grant, UsernameNormalization,
    client::{FailMode, SeenClient},
    id::ApplicationId,
    policy::Section,
};

use super::{
    once::OncePage,
    policy::{AppliedForm, read_applied},
};
use crate::{
    State,
    pages::{
        filters,
        guard::{Admin, Posted},
        listing::Wanted,
        page::{Csv, Page},
        refusal::Refusal,
        shell::{Shell, may},
    },
};

const HERE: &str = "/admin/applications";

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/applications", get(list).post(create))
        .route("/admin/applications.csv", get(export))
        .route("/admin/applications/{id}", get(show).post(update))
        .route("/admin/applications/{id}/policies", post(apply))
        .route("/admin/applications/{id}/rotate", post(rotate))
        .route("/admin/applications/{id}/delete", post(delete))
        .merge(saml::routes())
}

#[derive(Template)]
#[template(path = "admin/applications.html")]
struct ApplicationsPage {
    shell: Shell,
    applications: Vec<Versioned<Application>>,
    wanted: Wanted,
    next: Option<String>,
    may_manage: bool,
    may_manage_admin_api: bool,
}

#[derive(Template)]
#[template(path = "admin/application.html")]
struct ApplicationPage {
    shell: Shell,
    application: Versioned<Application>,
    /// What it calls us, and what it would if it had no name of its own for us.
    host: String,
    usual_host: String,
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

async fn list(admin: Admin, Query(wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let found = application::list(&admin.0.ctx, wanted.request()).await?;
    let page = ApplicationsPage {
        shell: Shell::admin(&admin, HERE),
        next: wanted.next(found.next.as_deref()),
        applications: found.items,
        wanted,
        may_manage: may(&admin.0.ctx, Action::ManageApplications),
        may_manage_admin_api: may(&admin.0.ctx, Action::ManageTokens),
    };
    Ok(Page(page).into_response())
}

async fn export(admin: Admin, Query(mut wanted): Query<Wanted>) -> Result<Response, Refusal> {
    let mut csv = Csv::new(&["name", "type", "ikey", "host", "enabled"]);
    loop {
        let page = application::list(&admin.0.ctx, wanted.request_of(500)).await?;
        for application in page.items {
            let enabled = if application.enabled { "yes" } else { "no" };
            let host = admin.0.ctx.org.config.host_for(&application);
            csv.row(&[&application.name, application.kind.as_str(), &application.ikey, &host, enabled]);
        }
        match page.next {
            Some(next) => wanted.after = next,
            None => return Ok(csv.into_response("applications.csv")),
        }
    }
}

async fn create(Posted { who: admin, fields }: Posted<Admin>) -> Result<Response, Refusal> {
    let kind = fields.word("type").unwrap_or(ApplicationKind::DuoAuthApi);
    let input = CreateApplication { name: fields.text("name"), kind };
    let (application, credentials) = application::create(&admin.0.ctx, input).await?;
    if kind == ApplicationKind::Saml {
        return Ok(Redirect::to(&format!("{HERE}/{}/saml", application.id)).into_response());
    }
    Ok(keys(&admin, &application, &credentials))
}

async fn show(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let application = application::show(ctx, id).await?;
    let (needs, is_admin_api) = match application.kind {
        ApplicationKind::DuoAdminApi => (Action::ManageTokens, true),
        ApplicationKind::DuoAuthApi | ApplicationKind::Oidc | ApplicationKind::Saml => {
            (Action::ManageApplications, false)
        }
    };
    let page = ApplicationPage {
        shell: Shell::admin(&admin, HERE),
        policies: AppliedForm::of(ctx, &application.policies).await?,
        host: ctx.org.config.host_for(&application),
        usual_host: ctx.org.config.host().to_owned(),
        clients: clients::of(ctx, id).await?,
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
    let title = format!("Keys of {}", application.name);
    let text = "Type these into the application. The secret key cannot be read again; a new one can be made."
        .to_owned();
    let mut secrets = vec![
        ("Host", credentials.host.clone()),
        ("Integration key", credentials.ikey.clone()),
        ("Secret key", credentials.skey.expose().to_owned()),
    ];
    secrets.extend(credentials.ca.clone().map(|ca| ("Certificate authority", ca)));
    OncePage::show(admin, HERE, (title, text), secrets, format!("{HERE}/{}", application.id))
}
