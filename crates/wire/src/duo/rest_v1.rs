//! The older API (`/rest/v1`), as Unix login clients up to version 2.1, the OpenVPN plugin and `AuthV1` speak it.
//!
//! Its questions mean what those of the Auth API mean, so they are read into the same types, and only the spelling
//! is here. Answers are JSON or, where the path says so, BSON: the same envelope as one document.

use std::collections::BTreeMap;

use sallyport_crypto::Secret;
use serde::Serialize;
use serde_json::Value;

use super::auth::{
    AuthFactor, AuthRequest, AuthResponse, AuthResult, AuthStatus, MAX_ANSWER, MAX_USER, PreauthRequest,
    PreauthResponse, PreauthResult, PromptAnswer, UserRef,
};
use super::envelope::{self, ApiError, Code, Reply};
use super::params::{ParamError, Params};

pub mod bson;
#[cfg(test)]
mod tests;

/// Under which all of it is.
pub const ROOT: &str = "/rest/v1/";
/// What `ping` and `check` answer.
pub const PONG: &str = "pong";
pub const VALID: &str = "valid";

/// The calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    Auth,
    Check,
    Logo,
    Ping,
    Preauth,
    Status,
}

impl Endpoint {
    /// What is asked at this path, whatever format it names.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        let name = path.strip_prefix(ROOT)?;
        match name.strip_suffix(".bson").or_else(|| name.strip_suffix(".json")).unwrap_or(name) {
            "auth" => Some(Self::Auth),
            "check" => Some(Self::Check),
            "logo" => Some(Self::Logo),
            "ping" => Some(Self::Ping),
            "preauth" => Some(Self::Preauth),
            "status" => Some(Self::Status),
            _ => None,
        }
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Bson,
    Json,
}

impl Format {
    /// How whoever asks at this path wants to be answered.
    #[must_use]
    pub fn of(path: &str) -> Self {
        if path.starts_with(ROOT) && path.ends_with(".bson") { Self::Bson } else { Self::Json }
    }

    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Bson => "application/bson",
            Self::Json => envelope::CONTENT_TYPE,
        }
    }

    /// Status and body of this reply.
    #[must_use]
    pub fn write(self, reply: Reply) -> (u16, Vec<u8>) {
        match self {
            Self::Bson => match bson_of(&reply) {
                Some(body) => (reply.status, body),
                // A page of a list, or a number that clients cannot read; no answer of this API is one. They deny
                // upon this status, whatever the body.
                None => (ApiError::new(Code::Forbidden).status(), Vec::new()),
            },
            Self::Json => (reply.status, reply.body.into_bytes()),
        }
    }
}

fn bson_of(reply: &Reply) -> Option<Vec<u8>> {
    bson::encode(serde_json::from_str::<Value>(&reply.body).ok()?.as_object()?).ok()
}

/// A failure that clients take for an outage as one upon which they deny. Else replacing a key that leaked would open what it guards.
#[must_use]
pub fn closed(reply: Reply) -> Reply {
    if !reply.reads_as_outage() {
        return reply;
    }
    let body = serde_json::from_str::<Value>(&reply.body).unwrap_or_default();
    let reason = body.get("message").and_then(Value::as_str).unwrap_or_default();
    ApiError::new(Code::Forbidden).with_detail(reason).into()
}

/// Reads the question of `preauth`. These clients print and read lines, so it asks for the text.
pub fn preauth_request(params: &Params) -> Result<PreauthRequest, ParamError> {
    Ok(PreauthRequest { text_prompt: true, ..PreauthRequest::about(user(params)?, params)? })
}

/// Reads the question of `auth`.
pub fn auth_request(params: &Params) -> Result<AuthRequest, ParamError> {
    AuthRequest::about(user(params)?, factor(params)?, params)
}

fn user(params: &Params) -> Result<UserRef, ParamError> {
    Ok(UserRef::Name(params.required_line("user", MAX_USER)?))
}

/// Whatever names a phone is an answer to the text: clients send what a person chose or typed, who may try again.
fn factor(params: &Params) -> Result<AuthFactor, ParamError> {
    let factor = params.required_line("factor", 32)?.to_ascii_lowercase();
    match factor.as_str() {
        "auto" => Ok(AuthFactor::Prompt(PromptAnswer::parse(typed(params, "auto")?.expose()))),
        "passcode" => Ok(AuthFactor::Passcode(typed(params, "code")?)),
        "phone" => Ok(AuthFactor::Prompt(PromptAnswer::Phone { number: phone(params)?, txid: None })),
        "push" => Ok(AuthFactor::Prompt(PromptAnswer::Push(phone(params)?))),
        "sms" => Ok(AuthFactor::Prompt(PromptAnswer::Sms(phone(params)?))),
        _ => Err(ParamError::Invalid("factor")),
    }
}

fn typed(params: &Params, name: &'static str) -> Result<Secret, ParamError> {
    let text = Secret::new(params.required_line(name, MAX_ANSWER)?);
    match text.expose().trim() {
        "" => Err(ParamError::Missing(name)),
        trimmed => Ok(Secret::from(trimmed)),
    }
}

/// `phone1` and so on; without it, the first.
fn phone(params: &Params) -> Result<u8, ParamError> {
    let Some(text) = params.line("phone", 16)? else { return Ok(1) };
    let number = text.strip_prefix("phone").and_then(|digits| digits.parse().ok());
    number.filter(|number| *number > 0).ok_or(ParamError::Invalid("phone"))
}

/// The answer of `preauth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum PreauthAnswer {
    Allow {
        status: String,
    },
    Auth {
        prompt: String,
        /// The words behind the numbers, and `default`.
        factors: BTreeMap<String, String>,
    },
    Deny {
        status: String,
    },
    Enroll {
        status: String,
    },
}

impl From<PreauthResponse> for PreauthAnswer {
    fn from(PreauthResponse { result, status_msg: status }: PreauthResponse) -> Self {
        match result {
            PreauthResult::Allow => Self::Allow { status },
            PreauthResult::Auth { prompt, .. } => match prompt {
                Some(prompt) => Self::Auth { prompt: prompt.text, factors: prompt.factors },
                None => Self::Auth { prompt: "Enter a passcode: ".into(), factors: BTreeMap::new() },
            },
            PreauthResult::Deny => Self::Deny { status },
            PreauthResult::Enroll { prompt, .. } => Self::Enroll { status: prompt.unwrap_or(status) },
        }
    }
}

/// The answer of `auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AuthAnswer {
    Accepted { txid: String },
    Done(StatusAnswer),
}

/// How a challenge stands. While it is open there is no `result`: clients take one they do not know for an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Outcome>,
    status: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Allow,
    Deny,
}

impl From<AuthStatus> for StatusAnswer {
    fn from(status: AuthStatus) -> Self {
        let result = match status.result() {
            AuthResult::Allow => Some(Outcome::Allow),
            AuthResult::Deny => Some(Outcome::Deny),
            AuthResult::Waiting => None,
        };
        Self { result, status: status.status_msg }
    }
}

impl From<AuthResponse> for AuthAnswer {
    fn from(response: AuthResponse) -> Self {
        match response {
            AuthResponse::Accepted { txid } => Self::Accepted { txid },
            AuthResponse::Done(status) => Self::Done(status.into()),
        }
    }
}
