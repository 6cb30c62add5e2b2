//! Enrolled machines and the tokens that enrol them.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, EnrollmentTokenId, GroupId},
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    Linux,
    Macos,
    Windows,
}

impl Platform {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linux => "linux",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Enrolled and talking, but trusted with nothing until an administrator admits it.
    Quarantined,
    Active,
    /// Refused for ever; it must enrol anew.
    Revoked,
}

impl DeviceState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarantined => "quarantined",
            Self::Active => "active",
            Self::Revoked => "revoked",
        }
    }
}

/// In what a device differs from what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// Accounts that it could not make as desired.
    Accounts,
    /// The login component, which does not stand as desired.
    LoginComponent,
    /// It has not yet spoken of the state it should have.
    Behind,
    /// A disk that is not encrypted.
    Disk,
    /// An agent that is older than the server.
    Agent,
}

impl DriftKind {
    /// What weighs most first.
    pub const ALL: [Self; 5] = [Self::Accounts, Self::LoginComponent, Self::Behind, Self::Disk, Self::Agent];

    /// Where it is kept among others. Never changed.
    #[must_use]
    pub const fn bit(self) -> i64 {
        match self {
            Self::Accounts => 1,
            Self::LoginComponent => 2,
            Self::Behind => 4,
            Self::Disk => 8,
            Self::Agent => 16,
        }
    }

    /// For people to read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Accounts => "accounts differ",
            Self::LoginComponent => "login component differs",
            Self::Behind => "newest state not confirmed",
            Self::Disk => "disk not encrypted",
            Self::Agent => "old agent",
        }
    }
}

/// An enrolled machine with its own key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    pub id: DeviceId,
    /// Host name as the device gave it, or as an administrator renamed it.
    pub name: String,
    pub platform: Platform,
    pub state: DeviceState,
    /// Ed25519 public key, hexadecimal.
    pub public_key: String,
    pub enrolled_with: EnrollmentTokenId,
    pub created: Time,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("device `{name}` is {state} and cannot be {wanted}")]
pub struct DeviceTransitionError {
    pub name: String,
    pub state: &'static str,
    pub wanted: &'static str,
}

impl Device {
    /// Lets a device out of quarantine.
    ///
    /// # Errors
    /// If it is not quarantined.
    pub fn admit(self) -> Result<Self, DeviceTransitionError> {
        match self.state {
            DeviceState::Quarantined => Ok(Self { state: DeviceState::Active, ..self }),
            DeviceState::Active | DeviceState::Revoked => Err(self.cannot_be("admitted")),
        }
    }

    /// Refuses the device from now on.
    ///
    /// # Errors
    /// If it is revoked already.
    pub fn revoke(self) -> Result<Self, DeviceTransitionError> {
        match self.state {
            DeviceState::Quarantined | DeviceState::Active => {
                Ok(Self { state: DeviceState::Revoked, ..self })
            }
            DeviceState::Revoked => Err(self.cannot_be("revoked")),
        }
    }

    fn cannot_be(self, wanted: &'static str) -> DeviceTransitionError {
        DeviceTransitionError { name: self.name, state: self.state.as_str(), wanted }
    }
}

/// A permission for one machine to enrol, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrollmentToken {
    pub id: EnrollmentTokenId,
    pub description: String,
    /// Groups of devices the machine joins at once; with none it waits in quarantine.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    pub expires: Time,
    #[serde(default)]
    pub used_by: Option<DeviceId>,
    pub created: Time,
}
