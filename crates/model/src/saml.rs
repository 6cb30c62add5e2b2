//! How an application has people signed in by SAML 2.0, and what it is told about them.

use serde::{Deserialize, Serialize};

use crate::{oidc::ValueSource, redirect_uri::RedirectUri};

/// How people are named to an application (SAML core section 8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    EmailAddress,
    /// By a name that stays, and is another at every application.
    #[default]
    Persistent,
    /// By a name that is good for one session.
    Transient,
    /// By the user name, unless something else is said.
    Unspecified,
}

impl NameIdFormat {
    pub const ALL: [Self; 4] = [Self::EmailAddress, Self::Persistent, Self::Transient, Self::Unspecified];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::Persistent => "persistent",
            Self::Transient => "transient",
            Self::Unspecified => "unspecified",
        }
    }

    /// How messages name it.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            Self::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            Self::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
            Self::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        }
    }

    /// The format that messages name so. Some write the later version of the two that have only the earlier.
    #[must_use]
    pub fn named(uri: &str) -> Option<Self> {
        let earlier = uri.replacen("SAML:2.0:nameid-format:u", "SAML:1.1:nameid-format:u", 1);
        let earlier = earlier.replacen("SAML:2.0:nameid-format:e", "SAML:1.1:nameid-format:e", 1);
        Self::ALL.into_iter().find(|format| format.uri() == earlier)
    }
}

/// How a message travels through a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SamlBinding {
    /// In a form that sends itself.
    Post,
    /// In the query of an address.
    Redirect,
}

/// Where an answer may go, in a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SamlConsumer {
    /// By which number requests may name it.
    #[serde(default)]
    pub index: u16,
    pub url: RedirectUri,
    #[serde(default)]
    pub is_default: bool,
}

/// Where messages about the end of a session go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SamlEndpoint {
    pub binding: SamlBinding,
    pub url: RedirectUri,
    /// Where answers go, if elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_url: Option<RedirectUri>,
}

/// One thing that an application is told about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttributeRule {
    pub attribute: String,
    #[serde(flatten)]
    pub value: ValueSource,
}

/// Of which version the assertion is that an application gets by WS-Federation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SamlToken {
    /// What Microsoft 365 reads.
    #[default]
    Saml11,
    Saml20,
}

impl SamlToken {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Saml11 => "saml11",
            Self::Saml20 => "saml20",
        }
    }
}

/// A service provider: what it calls itself, where it is answered, and what it is told. In the words of WS-Federation its realm, its
/// reply addresses, and its claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SamlService {
    /// What it calls itself. Nobody is signed in to it before that is known.
    pub entity_id: String,
    /// Where it publishes what stands here, if it is read from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_url: Option<RedirectUri>,
    /// Where it is answered; of several the default, else the first, unless it asks for another of them.
    pub consumers: Vec<SamlConsumer>,
    pub logout: Vec<SamlEndpoint>,
    /// Certificates of the keys that it signs with, PEM or base64.
    pub certificates: Vec<String>,
    /// Those for which it is encrypted, and with what it says that it decrypts.
    pub encryption_certificates: Vec<String>,
    pub encryption_methods: Vec<String>,
    /// Whether it signs all that it asks, so that what is not signed is not answered.
    pub signs_requests: bool,
    /// Whether the answer is signed, and not only the assertion in it.
    pub wants_signed_response: bool,
    /// Whether assertions are encrypted.
    pub wants_encryption: bool,
    pub name_id: NameIdFormat,
    /// By WS-Federation alone.
    pub token: SamlToken,
    /// By what people are named, if not by what is usual for the format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_id_value: Option<ValueSource>,
    pub attributes: Vec<AttributeRule>,
    /// Whether people may begin here, without the application having asked.
    pub begins_here: bool,
    /// What it is sent then as the place where the person wants to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay_state: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_of_either_version() {
        for format in NameIdFormat::ALL {
            assert_eq!(NameIdFormat::named(format.uri()), Some(format));
        }
        let later = "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress";
        assert_eq!(NameIdFormat::named(later), Some(NameIdFormat::EmailAddress));
        assert_eq!(NameIdFormat::named("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"), None);
    }
}
