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

/// What a factor is, with what is known of it as long as it is that. The variants are those of [`FactorKind`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proof {
    BypassCode {
        /// A batch ends by itself.
        expires: Option<Time>,
    },
    HardwareToken {
        token: HardwareTokenId,
    },
    Totp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factor {
    pub id: FactorId,
    pub user: UserId,
    #[serde(flatten)]
    pub proof: Proof,
    pub name: String,
    /// The 20-character id by which the Duo protocols name this factor.
    pub duo_id: String,
    pub created: Time,
}

impl Factor {
    #[must_use]
    pub const fn kind(&self) -> FactorKind {
        match &self.proof {
            Proof::BypassCode { .. } => FactorKind::BypassCode,
            Proof::HardwareToken { .. } => FactorKind::HardwareToken,
            Proof::Totp => FactorKind::Totp,
        }
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn expires(&self) -> Option<Time> {
        match &self.proof {
            Proof::BypassCode { expires } => *expires,
            Proof::HardwareToken { .. } | Proof::Totp => None,
        }
    }

    /// The hardware token that it is, if it is one.
    #[must_use]
    pub const fn token(&self) -> Option<HardwareTokenId> {
        match &self.proof {
            Proof::HardwareToken { token } => Some(*token),
            Proof::BypassCode { .. } | Proof::Totp => None,
        }
    }
}
