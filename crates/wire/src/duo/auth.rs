//! The messages of the Auth API (`/auth/v2`), both ways.
//!
//! Every request can be read from parameters, as a server does, and written as a `Call`, as a client does;
//! every answer can be serialised and parsed. Reading is strict where a login depends on it: who is meant
//! must be said once, a result must be one of the known words, and an answer that allows must not say
//! anything else at the same time.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::envelope::{self, ResponseError};
use super::params::{ParamError, Params};

mod activation;
mod device;
mod enroll;
mod outcome;
mod preauth;
mod prompt;
mod pushinfo;
mod second_factor;

pub use activation::{Activation, enrollment_digits};
pub use device::{Capability, Device, DeviceKind, DeviceRef};
pub use enroll::{DEFAULT_VALID_SECS, EnrollRequest, EnrollResponse, EnrollStatus, EnrollStatusRequest};
pub use outcome::{AuthResponse, AuthResult, AuthStatus, AuthStatusRequest, Status};
pub use preauth::{FailMode, PreauthRequest, PreauthResponse, PreauthResult, VerifiedPush, fail_mode};
pub(super) use prompt::MAX_ANSWER;
pub use prompt::{MenuDigits, Prompt, PromptAnswer, Shown};
pub use pushinfo::parse as parse_pushinfo;
pub use second_factor::{AuthFactor, AuthRequest, PushNotice};

/// The paths of the Auth API.
pub mod path {
    pub const PING: &str = "/auth/v2/ping";
    pub const CHECK: &str = "/auth/v2/check";
    pub const LOGO: &str = "/auth/v2/logo";
    pub const ENROLL: &str = "/auth/v2/enroll";
    pub const ENROLL_STATUS: &str = "/auth/v2/enroll_status";
    pub const PREAUTH: &str = "/auth/v2/preauth";
    pub const AUTH: &str = "/auth/v2/auth";
    pub const AUTH_STATUS: &str = "/auth/v2/auth_status";
}

pub(super) const MAX_USER: usize = 256;
const MAX_ID: usize = 64;
/// The longest name of a machine, in characters.
pub const MAX_HOSTNAME: usize = 256;
const MAX_TOKEN: usize = 1024;
/// What a client prints, at most, in characters.
const MAX_SHOWN: usize = 4096;

/// The answer of `ping` and `check`: the server's clock. Some clients set theirs by it, so it is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeResponse {
    pub time: i64,
}

impl TimeResponse {
    /// The call that needs no signature.
    #[must_use]
    pub const fn ping() -> Call {
        Call::get(path::PING)
    }

    /// The call that tells whether keys and clock are right.
    #[must_use]
    pub const fn check() -> Call {
        Call::get(path::CHECK)
    }

    pub fn parse(status: u16, body: &[u8]) -> Result<Self, ResponseError> {
        envelope::parse(status, body)
    }
}

/// Who is meant: exactly one of the two parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserRef {
    /// `user_id`, as an earlier answer gave it.
    Id(String),
    /// `username`, to be matched as the application says.
    Name(String),
}

impl UserRef {
    fn read(params: &Params) -> Result<Self, ParamError> {
        match (params.line("username", MAX_USER)?, params.line("user_id", MAX_ID)?) {
            (Some(name), None) => Ok(Self::Name(name)),
            (None, Some(id)) => Ok(Self::Id(id)),
            (Some(_), Some(_)) => Err(ParamError::Invalid("user_id")),
            (None, None) => Err(ParamError::Missing("username")),
        }
    }

    fn write(&self, call: Call) -> Call {
        match self {
            Self::Id(id) => call.with("user_id", id),
            Self::Name(name) => call.with("username", name),
        }
    }
}

/// Where the person is and what they are signing in to, as the application tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// Absent if not given or not an address (some clients put a host name there): an unknown place, which
    /// a policy trusts least.
    pub ipaddr: Option<IpAddr>,
    pub hostname: Option<String>,
}

impl Origin {
    fn read(params: &Params) -> Result<Self, ParamError> {
        let ipaddr = params.line("ipaddr", MAX_HOSTNAME)?.and_then(|text| address(&text));
        Ok(Self { ipaddr, hostname: params.line("hostname", MAX_HOSTNAME)? })
    }

    fn write(&self, call: Call) -> Call {
        call.with_some("ipaddr", self.ipaddr.map(|ip| ip.to_string()))
            .with_some("hostname", self.hostname.as_deref())
    }
}

/// An address without zone, and an IPv4 address also where it came mapped into IPv6.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.split('%').next().unwrap_or_default();
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests;
