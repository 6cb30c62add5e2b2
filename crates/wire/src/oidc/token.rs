//! What is asked of the token endpoint, and what it answers (RFC 6749, RFC 8628, RFC 8693).

use sallyport_crypto::Secret;
use serde::Serialize;
use serde_json::Value;

use super::{
    error::{ErrorCode, OAuthError},
    pkce::Verifier,
    scope::Scope,
};
use crate::params::Params;

const MAX_URI: usize = 1024;
const MAX_SCOPE: usize = 2048;
const MAX_TOKEN: usize = 16 * 1024;

/// For what tokens are asked.
#[derive(Debug, Clone)]
pub enum GrantRequest {
    AuthorizationCode { code: Secret, redirect_uri: Option<String>, verifier: Option<Verifier> },
    ClientCredentials { scope: Option<Scope>, resource: Option<String> },
    DeviceCode { device_code: Secret },
    RefreshToken { token: Secret, scope: Option<Scope> },
    TokenExchange(TokenExchange),
}

/// A token in the place of another.
#[derive(Debug, Clone)]
pub struct TokenExchange {
    pub subject_token: Secret,
    pub scope: Option<Scope>,
    pub resource: Option<String>,
    /// The application that the new token is for, by its client id.
    pub audience: Option<String>,
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

impl GrantRequest {
    /// # Errors
    /// In the words of the protocol.
    pub fn read(params: &Params) -> Result<Self, OAuthError> {
        let scope = || match params.line("scope", MAX_SCOPE)? {
            Some(text) => Scope::read(&text).map(Some),
            None => Ok(None),
        };
        let secret = |name| params.required_line(name, MAX_TOKEN).map(Secret::new);
        match params.required_line("grant_type", 128)?.as_str() {
            "authorization_code" => Ok(Self::AuthorizationCode {
                code: secret("code")?,
                redirect_uri: params.line("redirect_uri", MAX_URI)?,
                verifier: match params.line("code_verifier", 256)? {
                    Some(text) => Some(Verifier::read(&text).ok_or_else(|| {
                        OAuthError::new(ErrorCode::InvalidGrant, "code_verifier is none by RFC 7636")
                    })?),
                    None => None,
                },
            }),
            "client_credentials" => {
                Ok(Self::ClientCredentials { scope: scope()?, resource: params.line("resource", MAX_URI)? })
            }
            DEVICE_CODE => Ok(Self::DeviceCode { device_code: secret("device_code")? }),
            "refresh_token" => Ok(Self::RefreshToken { token: secret("refresh_token")?, scope: scope()? }),
            TOKEN_EXCHANGE => {
                let kind = |name| {
                    let given = params.line(name, 128)?;
                    match given.as_deref() {
                        None | Some(ACCESS_TOKEN) => Ok(()),
                        Some(_) => Err(OAuthError::new(
                            ErrorCode::InvalidRequest,
                            format!("{name} is an access token"),
                        )),
                    }
                };
                kind("subject_token_type")?;
                kind("requested_token_type")?;
                if params.names().any(|name| name == "actor_token") {
                    return Err(OAuthError::new(
                        ErrorCode::InvalidRequest,
                        "actor_token is not taken: who asks acts",
                    ));
                }
                Ok(Self::TokenExchange(TokenExchange {
                    subject_token: secret("subject_token")?,
                    scope: scope()?,
                    resource: params.line("resource", MAX_URI)?,
                    audience: params.line("audience", 64)?,
                }))
            }
            _ => Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "grant_type is not one of ours")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum TokenType {
    Bearer,
    #[serde(rename = "DPoP")]
    Dpop,
}

/// The answer with tokens.
#[derive(Debug, Clone, Serialize)]
pub struct TokenReply {
    pub access_token: String,
    pub token_type: TokenType,
    /// In seconds.
    pub expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    pub scope: String,
    /// In the answer to an exchange alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    #[serde(flatten)]
    pub further: serde_json::Map<String, Value>,
}

impl TokenReply {
    pub const ISSUED: &'static str = ACCESS_TOKEN;
}

/// A token to be revoked, or looked at (RFC 7009, RFC 7662). Which kind it is shows by itself, so hints are not needed.
#[derive(Debug, Clone)]
pub struct Revocation {
    pub token: Secret,
}

impl Revocation {
    /// # Errors
    /// Without a token.
    pub fn read(params: &Params) -> Result<Self, OAuthError> {
        Ok(Self { token: Secret::new(params.required_line("token", MAX_TOKEN)?) })
    }
}
