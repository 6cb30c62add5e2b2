//! How an application asks by SAML or WS-Federation: what it reads of us, what it says about itself, and what it is told.

use askama::Template;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use sallyport_api::rest::UpdateApplication;
use sallyport_app::{
    AppError, Versioned, application,
    saml::{self, LastRead},
};
use sallyport_model::{
    Action, Application, ApplicationKind, NameIdFormat, SamlService,
    id::ApplicationId,
    saml::{AttributeRule, SamlConsumer, SamlToken},
};
use sallyport_saml::Certificate;

use super::{
    HERE,
    oidc::uri,
    told::{Row, rows, told},
};
use crate::{
    State,
    pages::{
        fields::Fields,
        filters,
        guard::{Admin, Posted},
        page::Page,
        refusal::Refusal,
        shell::{Shell, may},
    },
};

pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/admin/applications/{id}/saml", get(show).post(update))
        .route("/admin/applications/{id}/saml/metadata", post(read_metadata))
        .route("/admin/applications/{id}/saml/rotate", post(rotate))
}

#[derive(Template)]
#[template(path = "admin/application_saml.html")]
struct SamlPage {
    shell: Shell,
    application: Versioned<Application>,
    service: SamlService,
    entity_id: String,
    sign_on_url: String,
    logout_url: String,
    /// When its metadata was read last, if it is read from somewhere.
    last_read: Option<LastRead>,
    /// What it is told beside a name.
    told: Vec<Row>,
    /// Of the key that signs, and of the one that waits.
    certificates: Vec<Certificate>,
    may_manage: bool,
}

impl SamlPage {
    fn is_ws_federation(&self) -> bool {
        self.application.kind == ApplicationKind::WsFederation
    }

    /// What a format is called where people choose one.
    const fn named(format: &NameIdFormat) -> &'static str {
        match format {
            NameIdFormat::EmailAddress => "their mail address",
            NameIdFormat::Persistent => "a name that stays and is another at every application",
            NameIdFormat::Transient => "another name each time",
            NameIdFormat::Unspecified => "their user name",
        }
    }
}

async fn show(admin: Admin, Path(id): Path<ApplicationId>) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let application = application::show(ctx, id).await?;
    let service = application.saml.clone().unwrap_or_default();
    let page = SamlPage {
        shell: Shell::admin(&admin, HERE),
        entity_id: saml::entity_id(ctx, id),
        sign_on_url: match application.kind {
            ApplicationKind::WsFederation => saml::ws_federation::url(ctx, id),
            ApplicationKind::Bookmark
            | ApplicationKind::DuoAdminApi
            | ApplicationKind::DuoAuthApi
            | ApplicationKind::ForwardAuth
            | ApplicationKind::Oidc
            | ApplicationKind::Saml => saml::sign_on_url(ctx, id),
        },
        logout_url: saml::logout_url(ctx, id),
        last_read: saml::last_read(ctx, id).await?,
        told: rows(service.attributes.iter().map(|rule| (rule.attribute.as_str(), &rule.value))),
        service,
        certificates: application
            .saml_certificates
            .iter()
            .filter_map(|text| Certificate::parse(text).ok())
            .collect(),
        application,
        may_manage: may(ctx, Action::ManageApplications),
    };
    Ok(Page(page).into_response())
}

async fn update(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let ctx = &admin.0.ctx;
    let application = application::show(ctx, id).await?.value;
    let before = application.saml.clone().unwrap_or_default();
    let before = match application.kind {
        ApplicationKind::WsFederation => relying_party(&fields, before)?,
        ApplicationKind::Bookmark
        | ApplicationKind::DuoAdminApi
        | ApplicationKind::DuoAuthApi
        | ApplicationKind::ForwardAuth
        | ApplicationKind::Oidc
        | ApplicationKind::Saml => before,
    };
    let attributes = told(&fields, "saml.attributes")?.into_iter();
    let service = SamlService {
        attributes: attributes.map(|(attribute, value)| AttributeRule { attribute, value }).collect(),
        name_id: fields.word("name_id").unwrap_or(before.name_id),
        signs_requests: fields.ticked("signs_requests"),
        wants_signed_response: fields.ticked("wants_signed_response"),
        wants_encryption: fields.ticked("wants_encryption"),
        begins_here: fields.ticked("begins_here"),
        relay_state: fields.optional("relay_state"),
        ..before
    };
    let input = UpdateApplication { saml: Some(service), ..UpdateApplication::default() };
    application::update(ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}/saml?done=saved")))
}

/// What an application says about itself that has no metadata to read.
fn relying_party(fields: &Fields, before: SamlService) -> Result<SamlService, AppError> {
    let consumers = fields.lines("reply_urls");
    let consumer = |(nth, text): (usize, &String)| {
        let url = uri("reply_urls", text)?;
        Ok(SamlConsumer { index: u16::try_from(nth).unwrap_or(u16::MAX), url, is_default: nth == 0 })
    };
    Ok(SamlService {
        entity_id: fields.text("realm"),
        consumers: consumers.iter().enumerate().map(consumer).collect::<Result<_, AppError>>()?,
        token: if fields.raw("token") == SamlToken::Saml20.as_str() {
            SamlToken::Saml20
        } else {
            SamlToken::Saml11
        },
        ..before
    })
}

async fn read_metadata(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    saml::read_metadata(&admin.0.ctx, id, fields.number("version"), fields.raw("metadata")).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}/saml?done=saved")))
}

async fn rotate(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, .. }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    saml::rotate(&admin.0.ctx, id).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}/saml?done=saved")))
}
