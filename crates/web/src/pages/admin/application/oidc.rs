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
    oidc::{
        AccessTokenFormat, ClaimRule, ClientAuthentication, GroupNames, OidcGrant, SigningAlgorithm,
        SubjectType, ValueSource,
    },
};
use serde::Deserialize;

use super::HERE;
use crate::pages::{
    fields::Fields,
    guard::{Admin, Posted},
    mark::{Mark, Shape},
    page::Page,
    refusal::Refusal,
    shell::Shell,
};

/// Lines for further claims.
const MORE: usize = 2;

/// Where a claim's value may come from: a word of the form, and what it is called.
pub(super) const SOURCES: [(&str, &str); 11] = [
    ("user_name", "user name"),
    ("display_name", "display name"),
    ("given_name", "given name"),
    ("family_name", "family name"),
    ("mail", "mail address"),
    ("phone", "telephone number"),
    ("groups", "groups, or those that begin with"),
    ("groups_cut", "groups that begin with, without that"),
    ("attribute", "attribute named"),
    ("literal", "always the text"),
    ("id", "id that never changes"),
];

/// A line of the form: a claim, where it comes from, and what else that needs.
pub(super) struct ClaimRow {
    pub(super) place: usize,
    pub(super) claim: String,
    pub(super) from: &'static str,
    pub(super) of: String,
}

pub(super) struct OidcForm {
    pub(super) client: OidcClient,
    pub(super) claims: Vec<ClaimRow>,
}

impl OidcForm {
    pub(super) fn of(client: &OidcClient) -> Self {
        let rules = client.claims.iter().map(|rule| {
            let (from, of) = said(&rule.value);
            (rule.claim.clone(), from, of)
        });
        let blank = std::iter::repeat_n((String::new(), "user_name", String::new()), MORE);
        let row = |(place, (claim, from, of))| ClaimRow { place, claim, from, of };
        Self { claims: rules.chain(blank).enumerate().map(row).collect(), client: client.clone() }
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

/// A value's source in the words of the form.
fn said(source: &ValueSource) -> (&'static str, String) {
    match source {
        ValueSource::Attribute(name) => ("attribute", name.clone()),
        ValueSource::DisplayName => ("display_name", String::new()),
        ValueSource::FamilyName => ("family_name", String::new()),
        ValueSource::GivenName => ("given_name", String::new()),
        ValueSource::Groups(GroupNames { prefix, cut: false }) => ("groups", prefix.clone()),
        ValueSource::Groups(GroupNames { prefix, cut: true }) => ("groups_cut", prefix.clone()),
        ValueSource::Id => ("id", String::new()),
        ValueSource::Literal(text) => ("literal", text.clone()),
        ValueSource::Mail => ("mail", String::new()),
        ValueSource::Phone => ("phone", String::new()),
        ValueSource::UserName => ("user_name", String::new()),
    }
}

fn meant(from: &str, of: &str) -> Result<ValueSource, AppError> {
    let of = of.to_owned();
    Ok(match from {
        "attribute" => ValueSource::Attribute(of),
        "display_name" => ValueSource::DisplayName,
        "family_name" => ValueSource::FamilyName,
        "given_name" => ValueSource::GivenName,
        "groups" => ValueSource::Groups(GroupNames { prefix: of, cut: false }),
        "groups_cut" => ValueSource::Groups(GroupNames { prefix: of, cut: true }),
        "id" => ValueSource::Id,
        "literal" => ValueSource::Literal(of),
        "mail" => ValueSource::Mail,
        "phone" => ValueSource::Phone,
        "user_name" => ValueSource::UserName,
        other => {
            let text = format!("`{}` is nowhere that a value comes from", printable(other, 64));
            return Err(AppError::invalid("oidc.claims", text));
        }
    })
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
        claims: claim_rules(fields)?,
        claims_in_id_token: fields.ticked("claims_in_id_token"),
        asks_consent: fields.ticked("asks_consent"),
        requires_pushed_requests: fields.ticked("requires_pushed_requests"),
        requires_dpop: fields.ticked("requires_dpop"),
    })
}

/// The lines of claims; a blank one is none.
fn claim_rules(fields: &Fields) -> Result<Vec<ClaimRule>, AppError> {
    let (names, froms, ofs) = (fields.every("claim"), fields.every("claim_from"), fields.every("claim_of"));
    let mut rules = Vec::with_capacity(names.len());
    for ((claim, from), of) in names.into_iter().zip(froms).zip(ofs) {
        if !claim.trim().is_empty() {
            rules.push(ClaimRule { claim: claim.trim().to_owned(), value: meant(from, of.trim())? });
        }
    }
    Ok(rules)
}

fn address(fields: &Fields, name: &'static str) -> Result<Option<RedirectUri>, AppError> {
    fields.optional(name).map(|text| uri(name, &text)).transpose()
}

fn uri(name: &'static str, text: &str) -> Result<RedirectUri, AppError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_of_a_value_goes_through_the_form_and_comes_back() {
        for (from, _) in SOURCES {
            let source = meant(from, "x").unwrap();
            assert_eq!(said(&source).0, from);
            let (from, of) = said(&source);
            assert_eq!(meant(from, &of).unwrap(), source);
        }
        assert!(meant("shoe_size", "").is_err());
    }
}
