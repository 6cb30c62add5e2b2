//! `auth`: asking a user for one factor.

use sallyport_crypto::Secret;

use super::super::call::Call;
use super::super::params::{ParamError, Params};
use super::device::DeviceRef;
use super::prompt::{MAX_ANSWER, PromptAnswer};
use super::pushinfo::MAX_PUSHINFO;
use super::{MAX_ID, Origin, UserRef, path};

/// The longest passcode of any kind, with room for blanks.
const MAX_PASSCODE: usize = 128;
const MAX_NOTICE: usize = 256;

/// The question.
#[derive(Debug, Clone)]
pub struct AuthRequest {
    pub user: UserRef,
    pub factor: AuthFactor,
    pub origin: Origin,
    /// Whether to answer at once with a transaction to ask about.
    pub is_async: bool,
    pub notice: PushNotice,
    /// The transaction of a verified push, from `preauth`. Some clients send it with every factor.
    pub txid: Option<String>,
}

/// The factor asked for, with what it needs.
#[derive(Debug, Clone)]
pub enum AuthFactor {
    /// The best that the device can do without the person typing anything.
    Auto(DeviceRef),
    Passcode(Secret),
    Phone(DeviceRef),
    /// An answer to the text prompt.
    Prompt(PromptAnswer),
    Push(DeviceRef),
    /// Sends passcodes; the answer is then a deny with status `sent`.
    Sms(DeviceRef),
}

/// What a phone shows of the request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PushNotice {
    /// Shown before "request".
    pub kind: Option<String>,
    pub display_username: Option<String>,
    /// Encoded; see `parse_pushinfo`.
    pub pushinfo: Option<String>,
}

impl AuthRequest {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Self::about(UserRef::read(params)?, AuthFactor::read(params)?, params)
    }

    /// The question for this factor of this user; the rest is read from the parameters.
    pub(in crate::duo) fn about(
        user: UserRef,
        factor: AuthFactor,
        params: &Params,
    ) -> Result<Self, ParamError> {
        Ok(Self {
            user,
            factor,
            origin: Origin::read(params)?,
            is_async: params.is_set("async")?,
            notice: PushNotice {
                kind: params.line("type", MAX_NOTICE)?,
                display_username: params.line("display_username", MAX_NOTICE)?,
                pushinfo: params.text("pushinfo", MAX_PUSHINFO)?,
            },
            txid: params.line("txid", MAX_ID)?,
        })
    }

    #[must_use]
    pub fn call(&self) -> Call {
        let call = self.factor.write(self.origin.write(self.user.write(Call::post(path::AUTH))));
        call.with_flag("async", self.is_async)
            .with_some("type", self.notice.kind.as_deref())
            .with_some("display_username", self.notice.display_username.as_deref())
            .with_some("pushinfo", self.notice.pushinfo.as_deref())
            .with_some("txid", self.txid.as_deref())
    }

    /// Whether a person typed what they want: a code, a word, or a choice of the menu.
    #[must_use]
    pub const fn is_typed(&self) -> bool {
        matches!(self.factor, AuthFactor::Prompt(_))
    }

    /// The transaction under which a push shows its number, where the factor is one that a verified push can be: of the
    /// menu, or as the client sends it. A word typed in place of a choice is none, whatever the client sends beside it:
    /// who takes the default was shown no menu.
    #[must_use]
    pub fn verified_push_txid(&self) -> Option<&str> {
        match &self.factor {
            AuthFactor::Push(_) => self.txid.as_deref(),
            AuthFactor::Prompt(PromptAnswer::VerifiedPush { txid, .. }) => {
                txid.as_deref().or(self.txid.as_deref())
            }
            AuthFactor::Auto(_)
            | AuthFactor::Passcode(_)
            | AuthFactor::Phone(_)
            | AuthFactor::Prompt(_)
            | AuthFactor::Sms(_) => None,
        }
    }

    /// By what the digits of a call are known that the menu showed, if one was chosen there.
    #[must_use]
    pub fn call_txid(&self) -> Option<&str> {
        match &self.factor {
            AuthFactor::Prompt(answer @ PromptAnswer::Phone { .. }) => answer.txid(),
            AuthFactor::Auto(_)
            | AuthFactor::Passcode(_)
            | AuthFactor::Phone(_)
            | AuthFactor::Prompt(_)
            | AuthFactor::Push(_)
            | AuthFactor::Sms(_) => None,
        }
    }
}

impl AuthFactor {
    fn read(params: &Params) -> Result<Self, ParamError> {
        let factor = params.required_line("factor", 32)?.to_ascii_lowercase();
        match factor.as_str() {
            "auto" => Ok(Self::Auto(DeviceRef::read(params)?)),
            "passcode" => {
                let passcode = Secret::new(params.required_line("passcode", MAX_PASSCODE)?);
                match passcode.expose().trim() {
                    "" => Err(ParamError::Missing("passcode")),
                    trimmed => Ok(Self::Passcode(Secret::from(trimmed))),
                }
            }
            "phone" => Ok(Self::Phone(DeviceRef::read(params)?)),
            "prompt" => {
                let answer = Secret::new(params.required_line("prompt", MAX_ANSWER)?);
                match answer.expose().trim() {
                    "" => Err(ParamError::Missing("prompt")),
                    trimmed => Ok(Self::Prompt(PromptAnswer::parse(trimmed))),
                }
            }
            "push" => Ok(Self::Push(DeviceRef::read(params)?)),
            "sms" => Ok(Self::Sms(DeviceRef::read(params)?)),
            _ => Err(ParamError::Invalid("factor")),
        }
    }

    fn write(&self, call: Call) -> Call {
        match self {
            Self::Auto(device) => device.write(call.with("factor", "auto")),
            Self::Passcode(passcode) => call.with("factor", "passcode").with("passcode", passcode.expose()),
            Self::Phone(device) => device.write(call.with("factor", "phone")),
            Self::Prompt(answer) => call.with("factor", "prompt").with("prompt", answer.word()),
            Self::Push(device) => device.write(call.with("factor", "push")),
            Self::Sms(device) => device.write(call.with("factor", "sms")),
        }
    }
}
