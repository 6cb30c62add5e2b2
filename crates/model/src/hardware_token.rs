//! Things that show one-time codes: bought by the box, imported with their secrets, handed to people.

use serde::{Deserialize, Serialize};

use crate::{
    id::{FactorId, HardwareTokenId, UserId},
    time::Time,
};

/// What makes the next code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HardwareTokenKind {
    /// A button, which moves a counter (RFC 4226).
    Hotp {
        /// The counter of the first code that was not shown yet when the token was imported. Where it stands now is not
        /// part of this.
        counter: i64,
    },
    /// A clock (RFC 6238).
    Totp {
        /// Seconds that a code is shown, 30 or 60.
        interval: u32,
    },
    /// Counters under a key, which a YubiKey types as letters (Yubico OTP).
    Yubikey,
}

impl HardwareTokenKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hotp { .. } => "hotp",
            Self::Totp { .. } => "totp",
            Self::Yubikey => "yubikey",
        }
    }
}

/// The digest under a token's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CodeDigest {
    #[default]
    Sha1,
    Sha256,
    Sha512,
}

impl CodeDigest {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

/// A hardware token of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HardwareToken {
    pub id: HardwareTokenId,
    /// As it stands on the token, from 1 to 120 characters; no two differ in capitals alone.
    pub serial: String,
    #[serde(flatten)]
    pub kind: HardwareTokenKind,
    /// 6 or 8; 0 of a YubiKey, whose codes are letters.
    pub digits: u8,
    pub digest: CodeDigest,
    /// The 20-character id by which the Duo protocols name this token.
    pub duo_id: String,
    /// Whose it is.
    #[serde(default)]
    pub holder: Option<Holder>,
    pub created: Time,
}

/// The person who has a token, and the factor it is for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holder {
    pub user: UserId,
    pub factor: FactorId,
}

/// The token is somebody's already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the hardware token `{0}` is assigned; take it back first")]
pub struct AssignedError(pub String);

impl HardwareToken {
    /// In whose hands it is, in one word.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match self.holder {
            Some(_) => "assigned",
            None => "unassigned",
        }
    }

    /// It becomes this person's.
    ///
    /// # Errors
    /// It is somebody's already.
    pub fn assign(self, user: UserId, factor: FactorId) -> Result<Self, AssignedError> {
        match self.holder {
            None => Ok(Self { holder: Some(Holder { user, factor }), ..self }),
            Some(_) => Err(AssignedError(self.serial)),
        }
    }

    /// It is nobody's any more.
    #[must_use]
    pub fn unassign(self) -> Self {
        Self { holder: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_token_is_one_persons() {
        let token = HardwareToken {
            id: HardwareTokenId::new(Uuid::from_u128(1)),
            serial: "1".into(),
            kind: HardwareTokenKind::Hotp { counter: 0 },
            digits: 6,
            digest: CodeDigest::Sha1,
            duo_id: String::new(),
            holder: None,
            created: Time(0),
        };
        let (user, factor) = (UserId::new(Uuid::from_u128(2)), FactorId::new(Uuid::from_u128(3)));
        let assigned = token.clone().assign(user, factor).unwrap();
        assert_eq!(assigned.state(), "assigned");
        assert!(assigned.clone().assign(user, factor).is_err());
        assert_eq!(assigned.unassign(), token);
    }
}
