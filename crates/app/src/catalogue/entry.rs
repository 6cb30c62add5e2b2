//! An entry of the catalogue, as its file has it. What each key means stands in `catalogue/README.md`.

use sallyport_api::rest::{AnswerKind, CatalogueEntry, Category, Protocol, Question};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub id: String,
    pub name: String,
    pub vendor: String,
    pub category: Category,
    pub homepage: String,
    pub protocol: Protocol,
    pub summary: String,
    pub tried: bool,
    /// `letters`, or `simple-icons:NAME`.
    pub logo: String,
    pub colour: String,
    #[serde(default)]
    pub ask: Vec<Question>,
    pub oidc: Option<Oidc>,
    pub saml: Option<Saml>,
    pub ws_federation: Option<WsFederation>,
    pub bookmark: Option<Bookmark>,
    #[serde(default)]
    pub claim: Vec<Claim>,
    pub step: Vec<Step>,
    #[serde(default)]
    pub notes: Vec<Note>,
    pub source: Vec<Source>,
}

impl Entry {
    /// The icon's name, where it has one.
    #[must_use]
    pub fn icon(&self) -> Option<&str> {
        self.logo.strip_prefix("simple-icons:")
    }

    /// Whether its metadata is asked for, as a file or an address.
    #[must_use]
    pub fn gives_metadata(&self) -> bool {
        self.saml.as_ref().is_some_and(|saml| saml.metadata.is_some())
    }

    /// Whether it can be made here: we speak its protocol, and all of it is known.
    #[must_use]
    pub fn is_available(&self) -> bool {
        match self.protocol {
            Protocol::Bookmark => true,
            // Nobody is let off PKCE (RFC 9700, section 2.1.1).
            Protocol::Oidc => self.oidc.as_ref().is_some_and(|oidc| oidc.pkce),
            Protocol::Saml => self.saml.is_some(),
            Protocol::WsFederation => self.ws_federation.is_some(),
        }
    }

    /// What is told about it before anything is asked.
    #[must_use]
    pub fn summed_up(&self) -> CatalogueEntry {
        CatalogueEntry {
            id: self.id.clone(),
            name: self.name.clone(),
            vendor: self.vendor.clone(),
            category: self.category,
            homepage: self.homepage.clone(),
            protocol: self.protocol,
            summary: self.summary.clone(),
            tried: self.tried,
            available: self.is_available(),
            asks: self.ask.clone(),
        }
    }

    /// Whether it asks for an address under this key.
    pub(super) fn asks_address(&self, key: &str) -> bool {
        let is_address = |kind| matches!(kind, AnswerKind::Origin | AnswerKind::Url);
        self.ask.iter().any(|ask| ask.key == key && is_address(ask.kind))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    pub backchannel_logout_uri: Option<String>,
    pub initiate_login_uri: Option<String>,
    pub scopes: Vec<String>,
    pub grant_types: Vec<String>,
    pub token_endpoint_auth_method: String,
    pub id_token_signed_response_alg: sallyport_model::oidc::SigningAlgorithm,
    pub pkce: bool,
    #[serde(default)]
    pub claims_in_id_token: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saml {
    pub metadata: Option<String>,
    pub entity_id: Option<String>,
    pub acs_urls: Option<Vec<String>>,
    pub default_relay_state: Option<String>,
    pub slo_url: Option<String>,
    pub start_url: Option<String>,
    pub name_id_format: String,
    pub name_id_value: String,
    pub sign: String,
    pub encrypt: bool,
    pub idp_initiated: bool,
    #[serde(default)]
    pub attribute: Vec<Attribute>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WsFederation {
    pub realm: String,
    pub reply_urls: Vec<String>,
    pub token: String,
    pub name_id_format: String,
    pub name_id_value: String,
    pub start_url: Option<String>,
    #[serde(default)]
    pub attribute: Vec<Attribute>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    pub name: String,
    pub name_format: String,
    pub value: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bookmark {
    pub url: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub table: Vec<(String, String)>,
    pub code: Option<String>,
    pub lang: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub url: String,
    pub title: String,
    pub says: String,
}
