//! The organisation's keys for what it states to others. A key is made known before it is used and stays known for a while
//! after; one that somebody else may have is dead at once.

use serde::{Deserialize, Serialize};

use crate::{id::SigningKeyId, oidc::SigningAlgorithm, time::Time};

/// Where a key stands. The order is its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SigningKeyState {
    /// Told to everybody, and signs nothing yet.
    Standby,
    /// Signs.
    Active { since: Time },
    /// Signs no more; what it signed is good until then.
    Retired { until: Time },
    /// What it signed is good no more.
    Revoked { at: Time },
}

impl SigningKeyState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Active { .. } => "active",
            Self::Retired { .. } => "retired",
            Self::Revoked { .. } => "revoked",
        }
    }
}

/// A key pair, of which the private half rests sealed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKey {
    pub id: SigningKeyId,
    pub algorithm: SigningAlgorithm,
    /// The public half, as a JSON Web Key.
    pub jwk: String,
    #[serde(flatten)]
    pub state: SigningKeyState,
    pub created: Time,
}

impl SigningKey {
    /// By what tokens name it.
    #[must_use]
    pub fn kid(&self) -> String {
        self.id.to_string()
    }

    /// Whether what it signed is still good.
    #[must_use]
    pub const fn is_known(&self, now: Time) -> bool {
        match self.state {
            SigningKeyState::Standby | SigningKeyState::Active { .. } => true,
            SigningKeyState::Retired { until } => now.0 <= until.0,
            SigningKeyState::Revoked { .. } => false,
        }
    }
}
