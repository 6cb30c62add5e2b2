//! `enroll` and `enroll_status`: making a user known and following how that goes.

use serde::{Deserialize, Serialize};

use super::super::call::Call;
use super::super::envelope::{self, ResponseError};
use super::super::params::{ParamError, Params};
use super::{MAX_ID, MAX_TOKEN, MAX_USER, path};

/// How long an activation code lives unless the caller says otherwise, in seconds.
pub const DEFAULT_VALID_SECS: u32 = 86_400;

/// A new user, to be named by the server if without name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollRequest {
    pub username: Option<String>,
    pub valid_secs: u32,
    /// How many bypass codes to make at once; an old option.
    pub bypass_codes: u32,
}

impl EnrollRequest {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        let valid_secs = count(params, "valid_secs")?.unwrap_or(DEFAULT_VALID_SECS);
        if valid_secs == 0 {
            return Err(ParamError::Invalid("valid_secs"));
        }
        Ok(Self {
            username: params.line("username", MAX_USER)?,
            valid_secs,
            bypass_codes: count(params, "bypass_codes")?.unwrap_or(0),
        })
    }

    #[must_use]
    pub fn call(&self) -> Call {
        let codes = Some(self.bypass_codes).filter(|codes| *codes > 0).map(|codes| codes.to_string());
        Call::post(path::ENROLL)
            .with_some("username", self.username.as_deref())
            .with("valid_secs", self.valid_secs.to_string())
            .with_some("bypass_codes", codes)
    }
}

fn count(params: &Params, name: &'static str) -> Result<Option<u32>, ParamError> {
    params.int(name)?.map(|n| u32::try_from(n).map_err(|_| ParamError::Invalid(name))).transpose()
}

/// The new user and how to activate their device. Whoever has the code becomes the user's factor, hence no
/// `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollResponse {
    /// URL of an image with the activation code.
    pub activation_barcode: String,
    pub activation_code: String,
    /// URL to open on the phone itself.
    pub activation_url: String,
    /// Unix seconds.
    pub expiration: i64,
    pub user_id: String,
    pub username: String,
    /// Only if asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypass_codes: Option<Vec<String>>,
}

impl EnrollResponse {
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        envelope::parse(status, body)
    }
}

/// The question how an activation stands.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrollStatusRequest {
    pub user_id: String,
    pub activation_code: String,
}

impl EnrollStatusRequest {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Ok(Self {
            user_id: params.required_line("user_id", MAX_ID)?,
            activation_code: params.required_line("activation_code", MAX_TOKEN)?,
        })
    }

    #[must_use]
    pub fn call(&self) -> Call {
        Call::post(path::ENROLL_STATUS)
            .with("user_id", &self.user_id)
            .with("activation_code", &self.activation_code)
    }
}

/// How an activation stands; the whole answer is this one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnrollStatus {
    /// Unknown, expired or replaced by a newer one.
    Invalid,
    Success,
    Waiting,
}

impl EnrollStatus {
    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        envelope::parse(status, body)
    }
}
