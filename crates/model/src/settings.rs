//! What the organisation decided once for everybody.

use serde::{Deserialize, Serialize};

use crate::id::GroupId;

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

impl SecondDoorPolicy {
    /// Whether it matters which groups a person is in.
    #[must_use]
    pub const fn looks_at_groups(&self) -> bool {
        match self {
            Self::Groups { .. } => true,
            Self::Always | Self::Never => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PasswordPolicy {
    pub shortest: u32,
    /// Refuse passwords found on lists of common ones, and the person's own name.
    pub refuse_common: bool,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: 12, refuse_common: true }
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

/// What a key in `authorized_keys` is worth to the ssh server. The order is from the loosest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SshKeys {
    /// A key opens by itself: neither password nor second door is asked for. Who comes without a key is asked for
    /// both.
    KeyAlone,
    /// A key is not enough: password and second door are asked for behind it, as they are without a key.
    #[default]
    KeyAndSecondDoor,
}

impl SshKeys {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyAlone => "key_alone",
            Self::KeyAndSecondDoor => "key_and_second_door",
        }
    }
}

/// How people log in at devices: of the whole organisation, or of a group of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DeviceLogin {
    /// PAM services the second door stands in front of; with none named, [`Self::USUAL_SERVICES`].
    pub services: Vec<String>,
    /// Groups of users who are asked for the second door at these devices. With none named, or with nobody in any
    /// of them, everybody is asked.
    pub groups: Vec<GroupId>,
    /// Whether a factor that can be pushed is tried without asking first. Without such a factor it changes nothing.
    pub auto_push: bool,
    /// How many wrong answers one login may give.
    pub prompts: u8,
    /// Whether the second door stands behind SSH keys as well.
    pub ssh_keys: SshKeys,
}

impl DeviceLogin {
    /// Where no service is named, these: doubt asks.
    pub const USUAL_SERVICES: [&str; 4] = ["sshd", "sudo", "login", "su"];
}

impl Default for DeviceLogin {
    fn default() -> Self {
        Self {
            services: Self::USUAL_SERVICES.map(str::to_owned).to_vec(),
            groups: Vec::new(),
            auto_push: false,
            prompts: 3,
            ssh_keys: SshKeys::default(),
        }
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
