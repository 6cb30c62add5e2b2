//! A code for a statement (RFC 6749, section 4.1.3): what an application's server asks once the browser is back.

use sallyport_crypto::Secret;
use serde::{Deserialize, Serialize};

use super::super::params::{ParamError, Params};
use super::super::text::printable_line;
use super::{AssertionError, ClientAssertion, MAX_TOKEN, MAX_URI, form_body, path};

const MAX_CLIENT: usize = 64;
const MAX_CODE: usize = 1024;
const MAX_WORD: usize = 256;
const GRANT: &str = "authorization_code";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The words for what is wrong (RFC 6749, section 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OAuthError {
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    UnsupportedGrantType,
    /// Not in that section, but in 4.1.2.1, and the SDKs show any.
    ServerError,
}

/// What a server refuses with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenError {
    pub error: OAuthError,
    #[serde(rename = "error_description")]
    pub description: String,
}

impl TokenError {
    #[must_use]
    pub fn new(error: OAuthError, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }
}

impl From<ParamError> for TokenError {
    fn from(error: ParamError) -> Self {
        Self::new(OAuthError::InvalidRequest, error.to_string())
    }
}

impl From<AssertionError> for TokenError {
    fn from(error: AssertionError) -> Self {
        Self::new(OAuthError::InvalidClient, format!("the client assertion is not accepted: {error}"))
    }
}

/// A code to redeem.
#[derive(Debug, Clone)]
pub struct Redeem {
    /// As the request or its assertion names it. Proved by the assertion alone.
    pub client_id: String,
    pub assertion: Secret,
    pub code: Secret,
    pub redirect_uri: String,
}

impl Redeem {
    pub fn read(params: &Params) -> Result<Self, TokenError> {
        params.says_nothing_twice()?;
        if params.required_line("grant_type", MAX_WORD)? != GRANT {
            let description = format!("grant_type has to be `{GRANT}`");
            return Err(TokenError::new(OAuthError::UnsupportedGrantType, description));
        }
        if params.required_line("client_assertion_type", MAX_WORD)? != ASSERTION_TYPE {
            let description = format!("client_assertion_type has to be `{ASSERTION_TYPE}`");
            return Err(TokenError::new(OAuthError::InvalidClient, description));
        }
        let required = |name, max| params.text(name, max)?.ok_or(ParamError::Missing(name));
        let assertion = required("client_assertion", MAX_TOKEN)?;
        let client_id = match params.line("client_id", MAX_CLIENT)? {
            Some(client_id) => client_id,
            None => ClientAssertion::claimed_client(&assertion)?,
        };
        let redirect_uri = params.required_line("redirect_uri", MAX_URI)?;
        let code = required("code", MAX_CODE)?;
        Ok(Self { client_id, assertion: assertion.into(), code: code.into(), redirect_uri })
    }
}

/// As an application asks.
#[derive(Debug, Clone, Copy)]
pub struct RedeemRequest<'a> {
    pub code: &'a str,
    pub redirect_uri: &'a str,
    /// For this request and no other.
    pub jti: &'a str,
}

impl RedeemRequest<'_> {
    /// The form that is posted to `host`.
    #[must_use]
    pub fn form(&self, (client_id, secret): (&str, &Secret), host: &str, now: i64) -> String {
        let assertion = ClientAssertion::sign((client_id, secret), path::TOKEN, host, self.jti, now);
        form_body(&[
            ("grant_type", GRANT),
            ("code", self.code),
            ("redirect_uri", self.redirect_uri),
            ("client_id", client_id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ])
    }
}

/// What a code is redeemed for. One SDK accepts these members and no other.
#[derive(Clone, Serialize, Deserialize)]
pub struct RedeemReply {
    pub id_token: String,
    /// Good for nothing, but has to be there.
    pub access_token: String,
    pub token_type: TokenType,
    pub expires_in: u32,
}

/// The only type of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    #[serde(alias = "bearer")]
    Bearer,
}

impl RedeemReply {
    /// Reads an answer: the ID token, or what the service said in its place.
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Refused {
            error: String,
            #[serde(default)]
            error_description: String,
        }
        let unreadable =
            || format!("the service answered with status {status} and nothing that can be understood");
        if status == 200 {
            return serde_json::from_slice(body).map_err(|_| unreadable());
        }
        let refused: Refused = serde_json::from_slice(body).map_err(|_| unreadable())?;
        Err(printable_line(&format!("{}: {}", refused.error, refused.error_description), MAX_CODE))
    }
}
