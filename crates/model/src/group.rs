//! Groups of users and groups of devices, which may contain groups of their own kind.

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, GroupId, UserId},
    settings::DeviceLogin,
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    Devices,
    Users,
}

impl GroupKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Users => "users",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub kind: GroupKind,
    /// Of a group of devices: how people log in there, instead of as everywhere in the organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_login: Option<DeviceLogin>,
    pub created: Time,
}

/// One member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Member {
    Device(DeviceId),
    Group(GroupId),
    User(UserId),
}

impl Member {
    /// The text under which the store keeps this member.
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Device(id) => id.to_string(),
            Self::Group(id) => id.to_string(),
            Self::User(id) => id.to_string(),
        }
    }

    /// Reads what [`Self::key`] wrote.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        key.parse()
            .map(Self::User)
            .or_else(|_| key.parse().map(Self::Device))
            .or_else(|_| key.parse().map(Self::Group))
            .ok()
    }
}
