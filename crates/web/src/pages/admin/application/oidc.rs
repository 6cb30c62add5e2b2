//! How an application asks by OpenID Connect, as a form; and what it would be told about somebody.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use sallyport_api::rest::UpdateApplication;
use sallyport_app::{AppError, application};
use sallyport_model::{
    Application, OidcClient, RedirectUri,
    id::ApplicationId,
    name::printable,
    oidc::{AccessTokenFormat, ClaimRule, ClientAuthentication, OidcGrant, SigningAlgorithm, SubjectType},
};
use serde::Deserialize;

use super::{
    HERE,
    told::{Row, rows, told},
};
use crate::pages::{
    fields::Fields,
    guard::{Admin, Posted},
    mark::{Mark, Shape},
    page::Page,
    refusal::Refusal,
    shell::Shell,
};

pub(super) struct OidcForm {
    pub(super) client: OidcClient,
    pub(super) claims: Vec<Row>,
}

impl OidcForm {
    pub(super) fn of(client: &OidcClient) -> Self {
        let claims = rows(client.claims.iter().map(|rule| (rule.claim.as_str(), &rule.value)));
        Self { claims, client: client.clone() }
    }

    /// Scopes that have no meaning of their own here.
    pub(super) fn other_scopes(&self) -> Vec<&str> {
        let known = OidcClient::SCOPES;
        self.client.scopes.iter().map(String::as_str).filter(|scope| !known.contains(scope)).collect()
    }

    pub(super) fn is_by(&self, authentication: ClientAuthentication) -> bool {
        self.client.authentication == authentication
    }
}

fn client(fields: &Fields) -> Result<OidcClient, AppError> {
    let words = |name: &str| fields.text(name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let scopes = fields.list("scopes").into_iter().chain(words("other_scopes")).collect();
    Ok(OidcClient {
        authentication: fields.word("authentication").unwrap_or(ClientAuthentication::Secret),
        jwks: fields.optional("jwks"),
        jwks_uri: address(fields, "jwks_uri")?,
        grants: fields.words::<OidcGrant>("grants").into_iter().collect(),
        scopes,
        post_logout_redirect_uris: fields
            .lines("post_logout_redirect_uris")
            .iter()
            .map(|text| uri("post_logout_redirect_uris", text))
            .collect::<Result<_, _>>()?,
        backchannel_logout_uri: address(fields, "backchannel_logout_uri")?,
        initiate_login_uri: address(fields, "initiate_login_uri")?,
        signing_algorithm: fields.word("signing_algorithm").unwrap_or(SigningAlgorithm::Es256),
        subject_type: fields.word("subject_type").unwrap_or(SubjectType::Public),
        access_tokens: fields.word("access_tokens").unwrap_or(AccessTokenFormat::Opaque),
        resources: fields.lines("resources").into_iter().collect(),
        resource: fields.optional("resource"),
        claims: told(fields, "oidc.claims")?
            .into_iter()
            .map(|(claim, value)| ClaimRule { claim, value })
            .collect(),
        claims_in_id_token: fields.ticked("claims_in_id_token"),
        asks_consent: fields.ticked("asks_consent"),
        requires_pushed_requests: fields.ticked("requires_pushed_requests"),
        requires_dpop: fields.ticked("requires_dpop"),
    })
}

fn address(fields: &Fields, name: &'static str) -> Result<Option<RedirectUri>, AppError> {
    fields.optional(name).map(|text| uri(name, &text)).transpose()
}

pub(super) fn uri(name: &'static str, text: &str) -> Result<RedirectUri, AppError> {
    text.parse().map_err(|error| AppError::invalid(name, format!("`{}` {error}", printable(text, 200))))
}

pub(super) async fn update(
    Path(id): Path<ApplicationId>,
    Posted { who: admin, fields }: Posted<Admin>,
) -> Result<Redirect, Refusal> {
    let input = UpdateApplication {
        name: fields.optional("name"),
        enabled: Some(fields.ticked("enabled")),
        redirect_uris: Some(fields.lines("redirect_uris")),
        oidc: Some(client(&fields)?),
        ..UpdateApplication::default()
    };
    application::update(&admin.0.ctx, id, fields.number("version"), input).await?;
    Ok(Redirect::to(&format!("{HERE}/{id}?done=saved")))
}

#[derive(Deserialize)]
pub(super) struct Whom {
    #[serde(default)]
    user: String,
}

#[derive(Template)]
#[template(path = "admin/application_claims.html")]
struct ClaimsPage {
    shell: Shell,
    application: Application,
    mark: Mark,
    user: String,
    /// What it would be told, as JSON.
    told: Option<Vec<(String, String)>>,
    problem: Option<String>,
}

/// What an application would be told about somebody, with its settings as they are.
pub(super) async fn claims(
    admin: Admin,
    Path(id): Path<ApplicationId>,
    Query(whom): Query<Whom>,
) -> Result<Response, Refusal> {
    let ctx = &admin.0.ctx;
    let application = application::show(ctx, id).await?.value;
    let user = whom.user.trim().to_owned();
    let told = match user.as_str() {
        "" => Ok(None),
        user => sallyport_app::oidc::preview(ctx, id, user).await.map(Some),
    };
    let (told, problem) = match told {
        Ok(told) => (told, None),
        Err(error @ (AppError::NotFound { .. } | AppError::Conflict(_))) => (None, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let told = told.map(|told| told.into_iter().map(|(name, value)| (name, value.to_string())).collect());
    let mark = Mark::of(&application);
    let page = ClaimsPage { shell: Shell::admin(&admin, HERE), application, mark, user, told, problem };
    Ok(Page(page).into_response())
}
