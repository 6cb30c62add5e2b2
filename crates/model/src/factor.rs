//! Proofs a person owns. Their secrets are kept apart, sealed.

use serde::{Deserialize, Serialize};

use crate::{
    id::{FactorId, HardwareTokenId, UserId},
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Codes an administrator hands out; each is good once.
    BypassCode,
    /// A hardware token of the organisation, in this person's hands.
    HardwareToken,
    /// An authenticator application (RFC 6238).
    Totp,
}

impl FactorKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BypassCode => "bypass_code",
            Self::HardwareToken => "hardware_token",
            Self::Totp => "totp",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factor {
    pub id: FactorId,
    pub user: UserId,
    pub kind: FactorKind,
    pub name: String,
    /// The 20-character id by which the Duo protocols name this factor.
    pub duo_id: String,
    /// Bypass codes end by themselves.
    #[serde(default)]
    pub expires: Option<Time>,
    /// The hardware token that it is, if it is one.
    #[serde(default)]
    pub token: Option<HardwareTokenId>,
    pub created: Time,
}
