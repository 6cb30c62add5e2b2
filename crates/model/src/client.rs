//! Clients of protected applications, as they name themselves: which ask, and what they do when they cannot.

use serde::{Deserialize, Serialize};

use crate::{id::ApplicationId, time::Time};

/// What a client does with people when it cannot reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// It lets nobody in.
    Closed,
    /// It lets people in by their password alone.
    Open,
}

impl FailMode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// A client that asked for a protected application lately. Whoever has the application's key says what stands here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeenClient {
    pub application: ApplicationId,
    /// As it names itself, its version with it, such as `login_duo/2.2.3`; empty if it does not.
    pub name: String,
    /// The machine that it says it guards; empty if it does not.
    pub host: String,
    /// Not there where it does not say.
    #[serde(default)]
    pub fail_mode: Option<FailMode>,
    /// The address that it called from last.
    #[serde(default)]
    pub source: Option<String>,
    /// When it was noted last, which is once an hour at most.
    pub seen: Time,
}

impl SeenClient {
    /// Whether people pass it by password alone while we are away.
    #[must_use]
    pub fn fails_open(&self) -> bool {
        self.fail_mode == Some(FailMode::Open)
    }
}
