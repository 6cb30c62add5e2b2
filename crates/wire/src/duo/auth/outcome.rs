//! The answers of `auth` and `auth_status`: how a challenge stands.

use sallyport_crypto::Secret;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::super::call::Call;
use super::super::envelope::{self, ResponseError};
use super::super::params::{ParamError, Params};
use super::super::text::{printable_line, printable_lines};
use super::{MAX_ID, MAX_SHOWN, path};

/// What the application is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthResult {
    Allow,
    Deny,
    Waiting,
}

/// Why, as one word of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Calling,
    Answered,
    Pushed,
    PushFailed,
    Timeout,
    Fraud,
    Allow,
    Bypass,
    Deny,
    LockedOut,
    /// Passcodes were texted. A deny, after which the person types one.
    Sent,
}

impl Status {
    const ALL: [Self; 11] = [
        Self::Calling,
        Self::Answered,
        Self::Pushed,
        Self::PushFailed,
        Self::Timeout,
        Self::Fraud,
        Self::Allow,
        Self::Bypass,
        Self::Deny,
        Self::LockedOut,
        Self::Sent,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Answered => "answered",
            Self::Pushed => "pushed",
            Self::PushFailed => "push_failed",
            Self::Timeout => "timeout",
            Self::Fraud => "fraud",
            Self::Allow => "allow",
            Self::Bypass => "bypass",
            Self::Deny => "deny",
            Self::LockedOut => "locked_out",
            Self::Sent => "sent",
        }
    }

    /// The only result that goes with this status.
    #[must_use]
    pub const fn result(self) -> AuthResult {
        match self {
            Self::Calling | Self::Answered | Self::Pushed | Self::PushFailed => AuthResult::Waiting,
            Self::Allow | Self::Bypass => AuthResult::Allow,
            Self::Timeout | Self::Fraud | Self::Deny | Self::LockedOut | Self::Sent => AuthResult::Deny,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// How a challenge stands. Result and status cannot contradict each other.
#[derive(Debug, Clone)]
pub struct AuthStatus {
    result: AuthResult,
    status: Option<Status>,
    /// For people to read. Always there: one client takes an answer without it for broken.
    pub status_msg: String,
    trusted_device_token: Option<Secret>,
    pub auth_delayed: Option<bool>,
}

impl AuthStatus {
    #[must_use]
    pub fn new(status: Status, status_msg: impl Into<String>) -> Self {
        Self {
            result: status.result(),
            status: Some(status),
            status_msg: status_msg.into(),
            trusted_device_token: None,
            auth_delayed: None,
        }
    }

    /// Adds the token of a remembered device; only an answer that allows carries it.
    #[must_use]
    pub fn with_trusted_device_token(mut self, token: Secret) -> Self {
        self.trusted_device_token = (self.result == AuthResult::Allow).then_some(token);
        self
    }

    #[must_use]
    pub const fn result(&self) -> AuthResult {
        self.result
    }

    /// Nothing if a service said a word that we do not know; the result still holds.
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        self.status
    }

    #[must_use]
    pub const fn trusted_device_token(&self) -> Option<&Secret> {
        self.trusted_device_token.as_ref()
    }

    /// Reads an answer of `auth_status`.
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        Self::from_body(envelope::parse(status, body)?)
    }

    fn from_body(body: Body) -> Result<Self, ResponseError> {
        let (Some(result), Some(word)) = (body.result, body.status) else {
            return Err(ResponseError::Malformed);
        };
        let status = Status::parse(&word);
        let contradicts = status.is_some_and(|status| status.result() != AuthResult::Allow);
        if result == AuthResult::Allow && contradicts {
            return Err(ResponseError::Malformed);
        }
        Ok(Self {
            result,
            status,
            status_msg: printable_lines(&body.status_msg.unwrap_or_default(), MAX_SHOWN),
            trusted_device_token: body.trusted_device_token.filter(|_| result == AuthResult::Allow),
            auth_delayed: body.auth_delayed,
        })
    }
}

impl Serialize for AuthStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            result: AuthResult,
            status: &'static str,
            status_msg: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            trusted_device_token: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            auth_delayed: Option<bool>,
        }
        let fallback = match self.result {
            AuthResult::Allow => Status::Allow,
            AuthResult::Deny => Status::Deny,
            AuthResult::Waiting => Status::Pushed,
        };
        View {
            result: self.result,
            status: self.status.unwrap_or(fallback).as_str(),
            status_msg: &self.status_msg,
            trusted_device_token: self.trusted_device_token.as_ref().map(Secret::expose),
            auth_delayed: self.auth_delayed,
        }
        .serialize(serializer)
    }
}

/// The answer of `auth`: a transaction to ask about, or the outcome.
#[derive(Debug, Clone)]
pub enum AuthResponse {
    Accepted { txid: String },
    Done(AuthStatus),
}

impl AuthResponse {
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        let body: Body = envelope::parse(status, body)?;
        match (&body.txid, body.result) {
            (Some(txid), None) if !txid.is_empty() && txid.len() <= MAX_ID => {
                Ok(Self::Accepted { txid: printable_line(txid, MAX_ID) })
            }
            _ => AuthStatus::from_body(body).map(Self::Done),
        }
    }
}

impl Serialize for AuthResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Accepted<'a> {
            txid: &'a str,
        }
        match self {
            Self::Accepted { txid } => Accepted { txid }.serialize(serializer),
            Self::Done(status) => status.serialize(serializer),
        }
    }
}

#[derive(Deserialize)]
struct Body {
    result: Option<AuthResult>,
    status: Option<String>,
    status_msg: Option<String>,
    trusted_device_token: Option<Secret>,
    auth_delayed: Option<bool>,
    txid: Option<String>,
}

/// The question how a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthStatusRequest {
    pub txid: String,
}

impl AuthStatusRequest {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Ok(Self { txid: params.required_line("txid", MAX_ID)? })
    }

    #[must_use]
    pub fn call(&self) -> Call {
        Call::get(path::AUTH_STATUS).with("txid", &self.txid)
    }
}
