//! `preauth`: whether a user may, must or cannot authenticate, and with what.

use std::collections::BTreeMap;

use sallyport_crypto::Secret;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::super::call::Call;
use super::super::envelope::{self, ResponseError};
use super::super::params::{ParamError, Params};
use super::super::text::{printable_line, printable_lines};
use super::device::{Device, DeviceBody};
use super::prompt::Prompt;
use super::{MAX_SHOWN, MAX_TOKEN, Origin, UserRef, path};

/// What the client does when it cannot reach us; told for the record only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailMode {
    Closed,
    Open,
}

/// The question.
#[derive(Debug, Clone)]
pub struct PreauthRequest {
    pub user: UserRef,
    pub origin: Origin,
    /// From an earlier answer that allowed.
    pub trusted_device_token: Option<Secret>,
    pub client_supports_verified_push: bool,
    pub text_prompt: bool,
    pub fail_mode: Option<FailMode>,
}

/// What a client says it does when it cannot reach us; nothing where it says none of the known words.
pub fn fail_mode(params: &Params) -> Result<Option<FailMode>, ParamError> {
    Ok(match params.line("failmode", 16)?.as_deref() {
        Some("closed" | "secure") => Some(FailMode::Closed),
        Some("open" | "safe") => Some(FailMode::Open),
        Some(_) | None => None,
    })
}

impl PreauthRequest {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Self::about(UserRef::read(params)?, params)
    }

    /// The question about this user; the rest is read from the parameters.
    pub(in crate::duo) fn about(user: UserRef, params: &Params) -> Result<Self, ParamError> {
        Ok(Self {
            user,
            origin: Origin::read(params)?,
            trusted_device_token: params.line("trusted_device_token", MAX_TOKEN)?.map(Secret::new),
            client_supports_verified_push: params.is_set("client_supports_verified_push")?,
            text_prompt: params.is_set("text_prompt")?,
            fail_mode: fail_mode(params)?,
        })
    }

    #[must_use]
    pub fn call(&self) -> Call {
        let fail_mode = self.fail_mode.map(|mode| match mode {
            FailMode::Closed => "closed",
            FailMode::Open => "open",
        });
        let call = self.origin.write(self.user.write(Call::post(path::PREAUTH)));
        call.with_some("trusted_device_token", self.trusted_device_token.as_ref().map(Secret::expose))
            .with_flag("client_supports_verified_push", self.client_supports_verified_push)
            .with_flag("text_prompt", self.text_prompt)
            .with_some("failmode", fail_mode)
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreauthResponse {
    pub result: PreauthResult,
    /// For people to read. Always there: one client takes an answer without it for broken.
    pub status_msg: String,
}

/// What the user has to do, with what belongs to each case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreauthResult {
    Allow,
    Auth {
        devices: Vec<Device>,
        /// Only if the client asked for one.
        prompt: Option<Prompt>,
        verified_push: Option<VerifiedPush>,
    },
    Deny,
    Enroll {
        portal_url: String,
        /// The same for a client that only prints, with the URL in it; only if it asked.
        prompt: Option<String>,
    },
}

/// A push that wants the number shown at the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPush {
    pub txid: String,
    /// To be shown to the person, who enters it on the phone.
    pub verification_code: String,
    /// How long the code lives, in seconds.
    pub expiration: u32,
}

impl PreauthResponse {
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        envelope::parse::<Body>(status, body).map(Self::from_body)
    }

    fn from_body(body: Body) -> Self {
        let prompt = body.prompt;
        let verified_push = match (body.txid, body.verification_code) {
            (Some(txid), Some(code)) => Some(VerifiedPush {
                txid,
                verification_code: printable_line(&code, 16),
                expiration: body.expiration.unwrap_or(60),
            }),
            _ => None,
        };
        let result = match body.result {
            Word::Allow => PreauthResult::Allow,
            Word::Auth => PreauthResult::Auth {
                devices: body
                    .devices
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(DeviceBody::device)
                    .collect(),
                prompt: prompt.map(|prompt| Prompt::from_service(&prompt.text, prompt.factors)),
                verified_push,
            },
            Word::Deny => PreauthResult::Deny,
            Word::Enroll => PreauthResult::Enroll {
                portal_url: printable_line(&body.enroll_portal_url.unwrap_or_default(), 2048),
                prompt: prompt.map(|prompt| printable_lines(&prompt.text, MAX_SHOWN)),
            },
        };
        Self { result, status_msg: printable_lines(&body.status_msg.unwrap_or_default(), MAX_SHOWN) }
    }
}

impl Serialize for PreauthResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut view = View { status_msg: &self.status_msg, ..View::default() };
        match &self.result {
            PreauthResult::Allow => view.result = Word::Allow,
            PreauthResult::Auth { devices, prompt, verified_push } => {
                view.result = Word::Auth;
                view.devices = Some(devices);
                view.prompt =
                    prompt.as_ref().map(|p| PromptView { text: &p.text, factors: Some(&p.factors) });
                view.txid = verified_push.as_ref().map(|push| push.txid.as_str());
                view.verification_code = verified_push.as_ref().map(|push| push.verification_code.as_str());
                view.expiration = verified_push.as_ref().map(|push| push.expiration);
            }
            PreauthResult::Deny => view.result = Word::Deny,
            PreauthResult::Enroll { portal_url, prompt } => {
                view.result = Word::Enroll;
                view.enroll_portal_url = Some(portal_url);
                view.prompt = prompt.as_ref().map(|text| PromptView { text, factors: None });
            }
        }
        view.serialize(serializer)
    }
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Allow,
    Auth,
    #[default]
    Deny,
    Enroll,
}

#[derive(Default, Serialize)]
struct View<'a> {
    result: Word,
    status_msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    devices: Option<&'a [Device]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enroll_portal_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<PromptView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    txid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<u32>,
}

#[derive(Serialize)]
struct PromptView<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    factors: Option<&'a BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Body {
    result: Word,
    status_msg: Option<String>,
    devices: Option<Vec<DeviceBody>>,
    enroll_portal_url: Option<String>,
    prompt: Option<PromptBody>,
    txid: Option<String>,
    verification_code: Option<String>,
    expiration: Option<u32>,
}

#[derive(Deserialize)]
struct PromptBody {
    text: String,
    factors: Option<BTreeMap<String, String>>,
}
