//! What an administrator sees first.

use sallyport_model::{
    ChangeKind, DriftKind, FactorKind, Time,
    id::{DeviceId, UserId},
};
use serde::{Deserialize, Serialize};

/// What goes on. Parts that the caller may not read are missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    pub at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<DirectoryCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_ins: Option<SignInsSum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub devices: Option<DevicesSum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub factors: Option<FactorsSum>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangesSum>,
    /// Alarms that nobody has looked into, and whether passwords are being sprayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarms: Option<AlarmsSum>,
    /// Resets that wait for a call back or a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resets_waiting: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryCounts {
    pub users: u64,
    pub active_users: u64,
    pub groups: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlarmsSum {
    pub open: u64,
    pub spray: bool,
}

/// The sign-ins of a while that are decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInsSum {
    pub since: Time,
    pub allowed: u64,
    pub denied: u64,
    /// The same, part by part: hours of a day, days of a week.
    pub over_time: Vec<SignInsOfAWhile>,
    /// Why sign-ins were denied, the most frequent first.
    pub reasons: Vec<DeniedFor>,
    /// Who was denied most, the most frequent first.
    pub people: Vec<DeniedPerson>,
    /// Attempts under names that nobody has.
    pub strangers: u64,
    /// Whether the log is still being counted, so that there were more.
    pub at_least: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInsOfAWhile {
    pub since: Time,
    pub allowed: u64,
    pub denied: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeniedFor {
    /// A word, by which the sign-in log is filtered too.
    pub reason: String,
    /// For people to read.
    pub text: String,
    pub count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeniedPerson {
    pub user: UserId,
    pub name: String,
    pub count: u64,
    pub last: Time,
    pub reasons: Vec<DeniedFor>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DevicesSum {
    pub active: u64,
    pub quarantined: u64,
    /// Connected to the node that answers.
    pub connected: u64,
    /// Heard of within the last day.
    pub seen: u64,
    /// Active devices that differ from what they should be, in whatever.
    pub drifted: u64,
    /// How many differ in what.
    pub drifts: Vec<DriftCount>,
    /// Those that began to last.
    pub newest: Vec<DriftedDevice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftCount {
    pub kind: DriftKind,
    pub devices: u64,
}

/// A device that differs from what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DriftedDevice {
    pub device: DeviceId,
    pub name: String,
    pub since: Time,
    pub drifts: Vec<Drift>,
}

/// One thing in which a device differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Drift {
    pub kind: DriftKind,
    /// What exactly, for people to read.
    pub detail: String,
}

/// What second doors active people have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorsSum {
    pub active_users: u64,
    /// Who have none. Codes that administrators hand out are no factor of theirs.
    pub none: u64,
    /// Who have nothing but a telephone number.
    pub phone_only: u64,
    /// How many have one of a kind; whoever has several is counted at each.
    pub kinds: Vec<FactorCount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorCount {
    pub kind: FactorKind,
    pub users: u64,
}

/// What changed in the last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangesSum {
    pub since: Time,
    pub count: u64,
    /// By whom, the most first.
    pub actors: Vec<ChangesBy>,
    /// How many changes were made by others.
    pub others: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangesBy {
    pub who: String,
    pub count: u64,
    /// Of what, the most first.
    pub changed: Vec<ChangedNouns>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangedNouns {
    pub noun: String,
    pub kind: ChangeKind,
    pub count: u64,
}

/// Which second doors of theirs are asked for: people who have these, or lack any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Holding {
    HardwareToken,
    None,
    Passkey,
    PhoneOnly,
    Push,
    Totp,
}

impl Holding {
    pub const ALL: [Self; 6] =
        [Self::None, Self::PhoneOnly, Self::Passkey, Self::Push, Self::Totp, Self::HardwareToken];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HardwareToken => "hardware_token",
            Self::None => "none",
            Self::Passkey => "passkey",
            Self::PhoneOnly => "phone_only",
            Self::Push => "push",
            Self::Totp => "totp",
        }
    }

    /// For people to read, of the people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::HardwareToken => "with a hardware token",
            Self::None => "without any second factor",
            Self::Passkey => "with a passkey",
            Self::PhoneOnly => "with nothing but a phone number",
            Self::Push => "with a phone that asks",
            Self::Totp => "with an authenticator app",
        }
    }
}
