//! Phones, and the activation of their pages.

use serde::Serialize;

use super::{
    super::{
        call::Call,
        params::{ParamError, Params},
    },
    MAX_TEXT,
    group::GroupMember,
};

const MAX_NUMBER: usize = 40;

/// What sort of phone it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneType {
    Landline,
    Mobile,
    Unknown,
}

impl PhoneType {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landline => "Landline",
            Self::Mobile => "Mobile",
            Self::Unknown => "Unknown",
        }
    }
}

/// What is said about a phone; what is not given stays. Platform and delays are nothing to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneFields {
    pub number: Option<String>,
    pub name: Option<String>,
    pub kind: Option<PhoneType>,
}

impl PhoneFields {
    /// An extension is dialled by nobody here, so that a number which needs one would ring at somebody else.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        if params.line("extension", MAX_NUMBER)?.is_some() {
            return Err(ParamError::Invalid("extension"));
        }
        let kind = match params.line("type", 20)?.map(|word| word.to_ascii_lowercase()).as_deref() {
            None => None,
            Some("landline") => Some(PhoneType::Landline),
            Some("mobile") => Some(PhoneType::Mobile),
            Some("unknown") => Some(PhoneType::Unknown),
            Some(_) => return Err(ParamError::Invalid("type")),
        };
        Ok(Self { number: params.line("number", MAX_NUMBER)?, name: params.line("name", MAX_TEXT)?, kind })
    }
}

impl PhoneFields {
    /// Says these fields in a call.
    #[must_use]
    pub fn write(&self, call: Call) -> Call {
        let kind = self.kind.map(|kind| kind.as_str().to_ascii_lowercase());
        call.with_some("number", self.number.as_ref())
            .with_some("name", self.name.as_ref())
            .with_some("type", kind)
    }
}

/// Which phones are asked for: all, or those with a number; or those with an extension, which none has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneFilter {
    All,
    None,
    Number(String),
}

impl PhoneFilter {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Ok(match (params.line("extension", MAX_NUMBER)?, params.line("number", MAX_NUMBER)?) {
            (Some(_), _) => Self::None,
            (None, Some(number)) => Self::Number(number),
            (None, None) => Self::All,
        })
    }
}

/// How long an activation is good, in seconds.
pub fn activation_life(params: &Params) -> Result<i64, ParamError> {
    const USUAL: i64 = 86_400;
    let secs = params.int("valid_secs")?.unwrap_or(USUAL);
    if secs > 0 { Ok(secs) } else { Err(ParamError::Invalid("valid_secs")) }
}

/// Longest words around a link: two texts of the telephone network, about.
const MAX_WORDS: usize = 320;

/// Whether a link to where the page is installed is asked for too.
pub fn wants_installation(params: &Params) -> Result<bool, ParamError> {
    params.is_set("install")
}

/// The words that `mark` stands for a link in, if the caller brings some.
pub fn words_around(params: &Params, name: &'static str, mark: &str) -> Result<Option<String>, ParamError> {
    match params.line(name, MAX_WORDS)? {
        Some(words) if words.matches(mark).count() != 1 => Err(ParamError::Invalid(name)),
        words => Ok(words),
    }
}

/// A phone as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhoneObject {
    pub phone_id: String,
    pub number: String,
    pub name: String,
    pub extension: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub platform: &'static str,
    pub predelay: String,
    pub postdelay: String,
    pub activated: bool,
    pub capabilities: Vec<&'static str>,
    pub encrypted: String,
    pub fingerprint: String,
    pub screenlock: String,
    pub tampered: String,
    pub model: String,
    pub last_seen: String,
    pub sms_passcodes_sent: bool,
    /// Left out inside of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<GroupMember>>,
}

/// By what a phone's page becomes a factor. Whoever has it enrols, hence no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct ActivationObject {
    pub activation_url: String,
    pub activation_barcode: String,
    /// Where the page is, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation_url: Option<String>,
    pub valid_secs: i64,
}

/// What was texted to a phone for its activation. Whoever has it enrols, hence no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SentActivationObject {
    pub activation_barcode: String,
    pub activation_msg: String,
    /// Empty, if it was asked for: there is nothing to install first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installation_msg: Option<String>,
    pub valid_secs: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentInstallationObject {
    pub installation_msg: String,
}

/// A request to a phone that its owner answers with the code, which whoever asks reads out to them.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct VerificationObject {
    pub push_id: String,
    pub confirmation_code: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerificationOutcome {
    pub push_id: String,
    /// `approve`, `deny`, `fraud` or `waiting`.
    pub result: &'static str,
}
