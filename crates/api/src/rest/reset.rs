//! Resets.

use sallyport_model::{ResetKind, id::FactorId};
use serde::{Deserialize, Serialize};

/// A reset to ask for. Factor, number, token or mails are given for what takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskReset {
    pub what: ResetKind,
    /// Why, for the second person and the audit trail.
    pub reason: String,
    /// The factor to remove, or the phone to set up anew.
    #[serde(default)]
    pub factor: Option<FactorId>,
    /// The number of the phone to add, such as `+49 30 1234567`.
    #[serde(default)]
    pub number: Option<String>,
    /// The hardware token to hand out, by id or serial number.
    #[serde(default)]
    pub token: Option<String>,
    /// The mail addresses to have instead, for `addresses`: all of them.
    #[serde(default)]
    pub mails: Option<Vec<String>>,
}

/// How a person is asked whether it is them who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallBackBy {
    /// A voice tells them a code, which they read back.
    Call,
    /// The page of their phone asks for the number that whoever asked reads out to them.
    Push,
    /// A code is texted to them, which they read back.
    Text,
}

impl CallBackBy {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Push => "push",
            Self::Text => "text",
        }
    }
}

/// Over which of their factors a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    pub by: CallBackBy,
    /// The first that can be asked so, if not given.
    #[serde(default)]
    pub factor: Option<FactorId>,
}

/// What came of asking the person.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmReset {
    /// The code that they read out. Without one the answer of their phone is waited for.
    #[serde(default)]
    pub code: Option<String>,
}
