//! Proofs a person owns. Their secrets are kept apart, sealed.

use serde::{Deserialize, Serialize};

use crate::{
    id::{FactorId, HardwareTokenId, UserId},
    passkey_model::Attested,
    phone::PhoneNumber,
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Codes an administrator hands out; each is good as often as was said.
    BypassCode,
    /// What Duo asks for, where it is asked. Nobody's own: there is no factor of this kind in the directory.
    Duo,
    /// A hardware token of the organisation, in this person's hands.
    HardwareToken,
    /// The mail address of record, which nobody enrols. Never anybody's who has a role.
    Mail,
    /// A credential of Web Authentication: of this device, of a security key, or of somebody's key chain.
    Passkey,
    /// A telephone number, by texts or by calls. Never anybody's who has a role.
    Phone,
    /// The page of a phone that is asked.
    Push,
    /// An authenticator application (RFC 6238).
    Totp,
}

impl FactorKind {
    /// What people call it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::BypassCode => "codes of an administrator",
            Self::Duo => "Duo",
            Self::HardwareToken => "hardware token",
            Self::Mail => "mail address",
            Self::Passkey => "passkey",
            Self::Phone => "phone number",
            Self::Push => "phone that asks",
            Self::Totp => "authenticator app",
        }
    }

    /// Whether it is proved by a code that is typed.
    #[must_use]
    pub const fn is_code(self) -> bool {
        match self {
            Self::BypassCode | Self::HardwareToken | Self::Mail | Self::Phone | Self::Totp => true,
            Self::Duo | Self::Passkey | Self::Push => false,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BypassCode => "bypass_code",
            Self::Duo => "duo",
            Self::HardwareToken => "hardware_token",
            Self::Mail => "mail",
            Self::Passkey => "passkey",
            Self::Phone => "phone",
            Self::Push => "push",
            Self::Totp => "totp",
        }
    }
}

/// With what a phone signs its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhoneKeyKind {
    /// A key of its browser that cannot be exported (WebCrypto).
    BrowserKey,
    /// A passkey of the phone, which verifies who uses it.
    Passkey,
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
    /// Only ever offered, never enrolled.
    Duo,
    HardwareToken {
        token: HardwareTokenId,
    },
    Mail {
        address: String,
    },
    Passkey {
        /// Its id, as base64url.
        credential: String,
        /// How browsers may reach it, by the words of WebAuthn.
        #[serde(default)]
        transports: Vec<String>,
        /// The model of the authenticator, by its own word: 32 hexadecimal digits, all zero where it does not tell.
        aaguid: String,
        /// Whether it may come to be on other devices of the person too.
        synced: bool,
        /// Whether it may open the first door as well: once its owner has brought it together with their password. An
        /// enrolment code alone must not be worth an account.
        #[serde(default)]
        opens_first_door: bool,
        /// What its maker vouched for, where the organisation named models and so it was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attested: Option<Attested>,
    },
    Phone {
        number: PhoneNumber,
        /// Whether codes are texted to it.
        texts: bool,
        /// Whether it is called.
        calls: bool,
    },
    Push {
        /// The phone and its browser, by their own word.
        platform: String,
        signs_with: PhoneKeyKind,
    },
    Totp,
}

impl Proof {
    #[must_use]
    pub const fn kind(&self) -> FactorKind {
        match self {
            Self::BypassCode { .. } => FactorKind::BypassCode,
            Self::Duo => FactorKind::Duo,
            Self::HardwareToken { .. } => FactorKind::HardwareToken,
            Self::Mail { .. } => FactorKind::Mail,
            Self::Passkey { .. } => FactorKind::Passkey,
            Self::Phone { .. } => FactorKind::Phone,
            Self::Push { .. } => FactorKind::Push,
            Self::Totp => FactorKind::Totp,
        }
    }

    /// Whether codes are sent there when somebody asks for one: as a text, or by mail.
    #[must_use]
    pub const fn is_sent_codes(&self) -> bool {
        matches!(self, Self::Phone { texts: true, .. } | Self::Mail { .. })
    }
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
        self.proof.kind()
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn expires(&self) -> Option<Time> {
        match &self.proof {
            Proof::BypassCode { expires } => *expires,
            Proof::Duo
            | Proof::HardwareToken { .. }
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Push { .. }
            | Proof::Totp => None,
        }
    }

    /// The hardware token that it is, if it is one.
    #[must_use]
    pub const fn token(&self) -> Option<HardwareTokenId> {
        match &self.proof {
            Proof::HardwareToken { token } => Some(*token),
            Proof::BypassCode { .. }
            | Proof::Duo
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Push { .. }
            | Proof::Totp => None,
        }
    }
}
