//! Applications people sign in to.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{
    ApplicationKind, Grant, OidcClient, SamlService, UsedBy, UsernameNormalization, policy::Applied,
};
use serde::{Deserialize, Serialize};

/// An application to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateApplication {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: ApplicationKind,
}

/// Changes to an application; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateApplication {
    pub name: Option<String>,
    /// All the addresses browsers may be sent back to from the prompt of Duo's Web SDK: `https`, or `http` on the
    /// machine itself. They are compared byte for byte. An empty list closes the prompt.
    pub redirect_uris: Option<Vec<String>>,
    /// The name by which the application calls us, where it is not the organisation's own: a DNS name, without port. An
    /// empty one takes it away. It has to lead here, and the certificate that is shown has to be good for it.
    pub api_host: Option<String>,
    /// A disabled application lets nobody in.
    pub enabled: Option<bool>,
    /// Whether signatures without a date are accepted at `/rest/v1`, as Debian's `login-duo` and `libpam-duo` make
    /// them. Whoever sees such a request can send it again, for ever; what a code opened once stays used.
    pub accepts_undated: Option<bool>,
    /// Which spellings of a name are the same person: `simple` takes `DOMAIN\user` and `user@domain` for `user` where nobody has
    /// the longer name as it is.
    pub username_normalization: Option<UsernameNormalization>,
    /// The policies that hold here over the organisation's own.
    pub policies: Option<Applied>,
    /// Who may use it.
    pub used_by: Option<UsedBy>,
    /// All of how an application asks by OpenID Connect.
    pub oidc: Option<OidcClient>,
    /// Where a bookmark leads: `https` or `http`.
    pub link: Option<String>,
    /// Where people reach an application behind a proxy: `https://host[:port]`, all of them.
    pub origins: Option<Vec<String>>,
    /// Its logo: PNG or WebP of at most 64 KiB, in base64 or as a `data:` address. An empty one takes it away.
    pub logo: Option<String>,
    /// To every question that its entry of the catalogue asks, by its key. The addresses that follow from them are made anew, and
    /// nothing else.
    pub answers: Option<BTreeMap<String, String>>,
    /// All of how an application asks by SAML 2.0.
    pub saml: Option<SamlService>,
    /// All that an application of the Admin API may do. Only owners make and change such applications.
    pub grants: Option<BTreeSet<Grant>>,
}

/// Metadata of an application that asks by SAML, as it publishes it, or where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SamlMetadata {
    /// The file, XML; or the address where it is published, which is read from then on once a day.
    pub metadata: String,
}
