//! Models of authenticators that an organisation names: which passkeys count is told by who made what keeps them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::factor::Proof;

/// The number of a model of authenticators (WebAuthn Level 3 section 6.5.2, *AAGUID*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Aaguid(Uuid);

/// Not the number of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an AAGUID is 32 hexadecimal digits, such as `ee882879-721c-4913-9775-3dfcce97072a`")]
pub struct AaguidError;

impl Aaguid {
    /// Of an authenticator that tells of no model, as keys that speak U2F alone cannot.
    pub const NONE: Self = Self(Uuid::nil());

    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    #[must_use]
    pub const fn bytes(self) -> [u8; 16] {
        *self.0.as_bytes()
    }
}

impl FromStr for Aaguid {
    type Err = AaguidError;

    fn from_str(given: &str) -> Result<Self, AaguidError> {
        let plain = matches!(given.len(), 32 | 36);
        let found = Uuid::try_parse(given).ok().filter(|_| plain);
        found.map(Self).ok_or(AaguidError)
    }
}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.hyphenated())
    }
}

impl Serialize for Aaguid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Aaguid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A model whose passkeys an organisation accepts, and whom it trusts to say that one is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyModel {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub aaguid: Aaguid,
    /// What people call it.
    pub name: String,
    /// The maker's certificates that its attestation leads to, each as PEM.
    pub roots: Vec<String>,
}

impl PasskeyModel {
    /// Most models in the list.
    pub const MOST: usize = 100;
    /// Most certificates of a model.
    pub const MOST_ROOTS: usize = 16;
    /// Longest certificate as PEM.
    pub const LONGEST_ROOT: usize = 8 << 10;
    /// Most bytes of all of them together: the list is read at sign-ins.
    pub const LONGEST: usize = 128 << 10;
}

/// What a passkey was proved to be when it was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attested {
    /// What the model was called then.
    pub model: String,
    /// The SHA-256 of the certificate that its attestation led to, in hexadecimal.
    pub root: String,
}

impl Proof {
    /// The model of a passkey, as far as it says: by its own word, unless it was attested.
    #[must_use]
    pub fn aaguid(&self) -> Option<Aaguid> {
        let Self::Passkey { aaguid, .. } = self else { return None };
        aaguid.parse().ok().filter(|aaguid| *aaguid != Aaguid::NONE)
    }

    /// What a passkey was proved to be.
    #[must_use]
    pub const fn attested(&self) -> Option<&Attested> {
        match self {
            Self::Passkey { attested, .. } => attested.as_ref(),
            Self::BypassCode { .. }
            | Self::Duo
            | Self::HardwareToken { .. }
            | Self::Mail { .. }
            | Self::Phone { .. }
            | Self::Push { .. }
            | Self::Totp => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aaguid_is_read_in_both_its_forms_and_written_in_one() {
        let written = "ee882879-721c-4913-9775-3dfcce97072a";
        for given in [written, "EE882879721C491397753DFCCE97072A"] {
            assert_eq!(given.parse::<Aaguid>().map(|found| found.to_string()), Ok(written.into()), "{given}");
        }
        let uri = format!("urn:uuid:{written}");
        let braced = format!("{{{written}}}");
        for bad in ["", "ee882879", "ee882879-721c-4913-9775-3dfcce97072g", &uri, &braced] {
            assert_eq!(bad.parse::<Aaguid>(), Err(AaguidError), "{bad}");
        }
        let aaguid: Aaguid = written.parse().unwrap();
        assert_eq!(Aaguid::from_bytes(aaguid.bytes()), aaguid);
    }
}
