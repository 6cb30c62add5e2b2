//! OpenID Connect Core 1.0 and OAuth 2.0 (RFC 6749) as a provider speaks them, with the advice of RFC 9700: what relying
//! parties send, read with types, and what they are told.
//!
//! Nothing may be said twice, an algorithm belongs to a key, and what cannot be read is an error with its standard name.
//! Who may do what is not decided here.

mod authorize;
mod claims_request;
mod client;
mod discovery;
mod dpop;
mod error;
mod jwk;
mod jwt;
mod pkce;
mod scope;
mod token;

#[cfg(test)]
mod tests;

pub use authorize::{Answered, AuthorizeRequest, Prompt, RequestSource, ResponseMode, Sent, pushed_uri};
pub use claims_request::{ClaimRequest, ClaimsRequest};
pub use client::{AssertionError, ClientAssertion, ClientAuth, ClientAuthError, client_auth};
pub use discovery::Metadata;
pub use dpop::{DpopError, DpopProof};
pub use error::{ErrorCode, OAuthError};
pub use jwk::{Jwk, JwkError, JwkSet, thumbprint};
pub use jwt::{Claims, JwtError, Token, left_half_hash, signed};
pub use pkce::{Challenge, Verifier};
pub use scope::Scope;
pub use token::{GrantRequest, Revocation, TokenExchange, TokenReply, TokenType};

pub use crate::{
    params::{ParamError, Params},
    urlencoded::with_query,
};

/// Where the endpoints are.
pub mod path {
    pub const AUTHORIZE: &str = "/oidc/authorize";
    pub const CONFIGURATION: &str = "/.well-known/openid-configuration";
    pub const DEVICE_AUTHORIZATION: &str = "/oidc/device_authorization";
    pub const INTROSPECT: &str = "/oidc/introspect";
    pub const JWKS: &str = "/oidc/jwks";
    pub const LOGOUT: &str = "/oidc/logout";
    pub const PAR: &str = "/oidc/par";
    pub const REVOKE: &str = "/oidc/revoke";
    /// RFC 8414.
    pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
    pub const TOKEN: &str = "/oidc/token";
    pub const USERINFO: &str = "/oidc/userinfo";
}

/// How far clocks may be apart, in seconds.
pub const LEEWAY: i64 = 60;
