//! What the organisation decided once for everybody.

use serde::{Deserialize, Serialize};

use crate::{
    id::GroupId,
    time::{Span, Time},
};

/// When the second door is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum SecondDoorPolicy {
    #[default]
    Always,
    /// Only for members of these groups of users.
    Groups {
        groups: Vec<GroupId>,
    },
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PasswordPolicy {
    pub shortest: u32,
    /// Refuse passwords found on lists of common ones, and the person's own name.
    pub refuse_common: bool,
    /// A password set longer ago has expired; 0 for never, which is what NIST advises.
    pub expire_after_days: u32,
}

impl PasswordPolicy {
    /// When the oldest password was set that has not expired at `now`, if they expire.
    #[must_use]
    pub fn oldest(&self, now: Time) -> Option<Time> {
        let days = i64::from(self.expire_after_days);
        (days > 0).then(|| now.minus(Span::days(days)))
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: 12, refuse_common: true, expire_after_days: 0 }
    }
}

/// What Unix accounts get where an administrator says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PosixDefaults {
    pub first_uid: u32,
    pub last_uid: u32,
    pub shell: String,
    /// `{name}` stands for the user name.
    pub home: String,
}

impl Default for PosixDefaults {
    fn default() -> Self {
        Self { first_uid: 20_000, last_uid: 59_999, shell: "/bin/bash".into(), home: "/home/{name}".into() }
    }
}

/// How people log in at devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DeviceLogin {
    /// PAM services the second door stands in front of.
    pub services: Vec<String>,
    /// How many wrong answers one login may give.
    pub prompts: u8,
}

impl Default for DeviceLogin {
    fn default() -> Self {
        Self { services: vec!["sshd".into(), "sudo".into(), "login".into(), "su".into()], prompts: 3 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    pub organization: String,
    #[serde(default)]
    pub second_door: SecondDoorPolicy,
    #[serde(default)]
    pub passwords: PasswordPolicy,
    #[serde(default)]
    pub posix: PosixDefaults,
    #[serde(default)]
    pub device_login: DeviceLogin,
}
