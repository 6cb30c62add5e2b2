//! How an application asks us to sign people in by OpenID Connect or OAuth 2, and what it is told about them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::redirect_uri::RedirectUri;

/// How a relying party proves at our endpoints who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// It cannot keep a secret: an application in the browser, on a phone or at a command line. PKCE binds its codes.
    None,
    /// It signs with a key of its own (`private_key_jwt`).
    PrivateKeyJwt,
    /// By its secret, in a header or in the form (`client_secret_basic`, `client_secret_post`).
    #[default]
    Secret,
}

/// For what an application may be given tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OidcGrant {
    /// A person signs in in a browser.
    AuthorizationCode,
    /// For itself, with nobody signed in.
    ClientCredentials,
    /// A person signs in in another browser (RFC 8628).
    DeviceCode,
    /// Anew, after a while.
    RefreshToken,
    /// For another application, with a token that was given for this one (RFC 8693).
    TokenExchange,
}

impl OidcGrant {
    pub const ALL: [Self; 5] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
            Self::RefreshToken => "refresh_token",
            Self::TokenExchange => "token_exchange",
        }
    }
}

/// What tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SigningAlgorithm {
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "RS256")]
    Rs256,
}

impl SigningAlgorithm {
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

/// By which name an application knows a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// By another than every other application, so that two of them cannot compare whom they know.
    Pairwise,
    /// By the same as all.
    #[default]
    Public,
}

/// What an access token is to whoever is shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    /// Signed, so that a resource can read it by itself (RFC 9068). It is good until it ends, whatever happens.
    Jwt,
    /// A secret without meaning, of which we are asked each time.
    #[default]
    Opaque,
}

/// Where the value of a claim or an attribute comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "from", content = "of", rename_all = "snake_case")]
pub enum ValueSource {
    /// An attribute of the organisation's own.
    Attribute(String),
    DisplayName,
    FamilyName,
    GivenName,
    /// Names of all groups around the person, in order; those that begin so, without that beginning if it is to be cut off.
    Groups(GroupNames),
    /// The id of the person here.
    Id,
    /// The same for everybody.
    Literal(String),
    /// The first mail address.
    Mail,
    /// The first telephone number.
    Phone,
    UserName,
}

/// Which groups are told by which name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct GroupNames {
    /// Only those whose name begins so.
    pub prefix: String,
    /// Whether that beginning is left out.
    pub cut: bool,
}

/// One more claim for an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClaimRule {
    pub claim: String,
    #[serde(flatten)]
    pub value: ValueSource,
}

/// How an application asks us by OpenID Connect or OAuth 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OidcClient {
    pub authentication: ClientAuthentication,
    /// Its public keys, as a JSON Web Key Set; for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// Where its public keys are to be had, if they are not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<RedirectUri>,
    pub grants: BTreeSet<OidcGrant>,
    /// What it may ask for, of what we know and of its own.
    pub scopes: BTreeSet<String>,
    /// Where browsers may be sent back to after a sign-out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that a session has ended (OpenID Connect Back-Channel Logout 1.0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<RedirectUri>,
    /// Where its tile leads: an address of its own that begins a sign-in here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<RedirectUri>,
    pub signing_algorithm: SigningAlgorithm,
    pub subject_type: SubjectType,
    pub access_tokens: AccessTokenFormat,
    /// The resources that its access tokens may be for, by their addresses (RFC 8707), or by client ids of applications that
    /// it exchanges tokens for.
    pub resources: BTreeSet<String>,
    /// The resource that it is itself, by its address: it may look at tokens that are for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Claims beside the usual ones.
    pub claims: Vec<ClaimRule>,
    /// Whether the ID token has what the scopes ask for, and not only the answer of the userinfo endpoint.
    pub claims_in_id_token: bool,
    /// Whether people are asked before it is told anything about them.
    pub asks_consent: bool,
    /// Whether its requests have to be pushed (RFC 9126).
    pub requires_pushed_requests: bool,
    /// Whether its tokens have to be bound to a key of its own (RFC 9449).
    pub requires_dpop: bool,
}

impl OidcClient {
    /// Scopes that have a meaning of their own here.
    pub const SCOPES: [&'static str; 6] = ["openid", "profile", "email", "phone", "groups", "offline_access"];
}

impl Default for OidcClient {
    /// What most applications need: people sign in in a browser, and the application keeps a secret.
    fn default() -> Self {
        Self {
            authentication: ClientAuthentication::default(),
            jwks: None,
            jwks_uri: None,
            grants: [OidcGrant::AuthorizationCode, OidcGrant::RefreshToken].into(),
            scopes: Self::SCOPES.map(str::to_owned).into(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            initiate_login_uri: None,
            signing_algorithm: SigningAlgorithm::default(),
            subject_type: SubjectType::default(),
            access_tokens: AccessTokenFormat::default(),
            resources: BTreeSet::new(),
            resource: None,
            claims: Vec::new(),
            claims_in_id_token: true,
            asks_consent: false,
            requires_pushed_requests: false,
            requires_dpop: false,
        }
    }
}
