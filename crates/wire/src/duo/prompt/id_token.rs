//! The statement about the second door: an ID token (OpenID Connect Core, section 2) with what the SDKs read besides.

use sallyport_crypto::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::params::ParamError;
use super::{
    LEEWAY,
    jwt::{Hs512, JwtError},
    path,
};

const MAX_CLAIM: usize = 1024;
/// How long a statement is good, in seconds.
const LIFE: i64 = 3600;

/// Somebody passed, as the server says it. `iss` and the times are added when it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// As the application wrote the name: every SDK compares it byte by byte.
    pub username: String,
    pub nonce: Option<String>,
    /// When the second door was passed, in Unix seconds.
    pub auth_time: i64,
    pub auth_result: AuthResult,
    pub auth_context: AuthContext,
}

/// How it ended. There is no token for whoever did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthResult {
    pub result: String,
    pub status: String,
    pub status_msg: String,
}

impl AuthResult {
    /// Let in.
    #[must_use]
    pub fn allow() -> Self {
        Self { result: "allow".into(), status: "allow".into(), status_msg: "Login Successful".into() }
    }
}

/// The circumstances, in the words of the authentication log. Every member is always there, and null where it is not known:
/// programs look for them by name, and SDKs that give each a type take null for an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthContext {
    pub txid: String,
    pub timestamp: i64,
    pub isotimestamp: String,
    pub event_type: &'static str,
    pub factor: &'static str,
    pub reason: &'static str,
    pub result: &'static str,
    /// The name as the application wrote it, where that is another one of the person's; else empty.
    pub alias: String,
    pub email: Option<String>,
    pub user: Person,
    pub application: NamedKey,
    pub auth_device: AuthDevice,
    pub access_device: AccessDevice,
    #[serde(flatten)]
    pub unjudged: Unjudged,
}

/// What this service does not look at: the state of machines, and how risky a sign-in is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Unjudged {
    adaptive_trust_assessments: Nothing,
    ood_software: Option<String>,
    trusted_endpoint_status: Unknown,
}

/// An object without members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Nothing {}

/// The protocol's own word for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unknown {
    #[default]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    pub key: String,
    pub name: String,
    pub groups: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedKey {
    pub key: String,
    pub name: String,
}

/// What the second door was opened with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuthDevice {
    /// The address that it answered from, where it is a phone that was asked.
    pub ip: Option<String>,
    pub key: Option<String>,
    pub name: Option<String>,
    pub location: Location,
}

/// What asks, a browser or a machine, and where it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AccessDevice {
    pub browser: Option<String>,
    pub hostname: Option<String>,
    pub ip: Option<String>,
    pub location: Location,
    pub os: Option<String>,
    #[serde(flatten)]
    pub unjudged: UnjudgedMachine,
}

/// What this service does not ask of a browser or of the machine that it runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UnjudgedMachine {
    browser_version: Option<String>,
    epkey: Option<String>,
    flash_version: Option<String>,
    is_encryption_enabled: Unknown,
    is_firewall_enabled: Unknown,
    is_password_set: Unknown,
    java_version: Option<String>,
    os_version: Option<String>,
    security_agents: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    pub city: Option<String>,
    pub state: Option<String>,
    pub country: Option<String>,
}

impl Location {
    /// In this country, as far as it is known. Nothing nearer ever is.
    #[must_use]
    pub fn within(country: Option<String>) -> Self {
        Self { country, ..Self::default() }
    }
}

#[derive(Serialize)]
struct Written<'a> {
    iss: String,
    aud: &'a str,
    sub: &'a str,
    exp: i64,
    iat: i64,
    preferred_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    auth_time: i64,
    auth_result: &'a AuthResult,
    auth_context: &'a AuthContext,
}

impl Statement {
    /// Signs it for the application, which knows us as `host`.
    #[must_use]
    pub fn sign(&self, (client_id, secret): (&str, &Secret), host: &str, now: i64) -> String {
        Hs512::new(secret).sign(&Written {
            iss: issuer(host),
            aud: client_id,
            sub: &self.username,
            exp: now.saturating_add(LIFE),
            iat: now,
            preferred_username: &self.username,
            nonce: self.nonce.as_deref(),
            auth_time: self.auth_time,
            auth_result: &self.auth_result,
            auth_context: &self.auth_context,
        })
    }
}

/// A moment in Unix seconds as the context writes it (ISO 8601).
#[must_use]
pub fn isotimestamp(seconds: i64) -> String {
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

/// Why a statement does not let anybody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    #[error("it is about another person")]
    Username,
    #[error("it is for another application, or another service's")]
    Foreign,
    #[error(transparent)]
    Jwt(#[from] JwtError),
    #[error("it belongs to another request")]
    Nonce,
    #[error("it does not say that the person passed")]
    NotAllowed,
    #[error("it has expired, is not good yet, or is older than the request")]
    Time,
}

impl From<ParamError> for IdTokenError {
    fn from(error: ParamError) -> Self {
        Self::Jwt(error.into())
    }
}

/// As an application: whether `host` states that `username` has passed, in answer to the request with this nonce, which was
/// sent at `since`. Whatever is missing or says something else is an error, and everything is compared byte by byte.
pub fn verify(
    id_token: &str,
    (client_id, secret): (&str, &Secret),
    host: &str,
    (username, nonce): (&str, &str),
    (since, now): (i64, i64),
) -> Result<(), IdTokenError> {
    let claims = Hs512::new(secret).open(id_token)?;
    if claims.line("iss", MAX_CLAIM)? != issuer(host) || claims.line("aud", MAX_CLAIM)? != client_id {
        return Err(IdTokenError::Foreign);
    }
    let (issued, expires) = (claims.time("iat")?, claims.time("exp")?);
    // Nothing can answer a request before it was sent.
    if issued > now.saturating_add(LEEWAY)
        || issued.saturating_add(LEEWAY) < since
        || expires.saturating_add(LEEWAY) < now
    {
        return Err(IdTokenError::Time);
    }
    if claims.line("preferred_username", MAX_CLAIM)? != username {
        return Err(IdTokenError::Username);
    }
    if claims.line("nonce", MAX_CLAIM)? != nonce {
        return Err(IdTokenError::Nonce);
    }
    let result = claims.params().json("auth_result")?.and_then(|said| said.get("result"));
    match result {
        Some(Value::String(word)) if word == "allow" => Ok(()),
        _ => Err(IdTokenError::NotAllowed),
    }
}

fn issuer(host: &str) -> String {
    format!("https://{host}{}", path::TOKEN)
}
