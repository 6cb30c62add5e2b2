//! The same done to many users or devices, with what came of it one by one.

use serde::{Deserialize, Serialize};

/// What is done to many users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserAction {
    Activate,
    AddToGroup,
    /// Staged users alone.
    Delete,
    EndSessions,
    RemoveFromGroup,
    Suspend,
}

/// What is done to many devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeviceAction {
    AddToGroup,
    Admit,
    RemoveFromGroup,
    Revoke,
    /// Runs a command.
    Run,
}

/// Many users: either those that are named, or all that fit a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkUsers {
    /// The group that they are added to or removed from, by id or name; nothing where it is about no group.
    #[serde(default)]
    pub group: Option<String>,
    /// Ids or names, 5000 at most.
    #[serde(default)]
    pub users: Vec<String>,
    #[serde(default)]
    pub filter: Option<UserFilter>,
}

/// Many devices: either those that are named, or all that fit a filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkDevices {
    /// The group that they are added to or removed from, by id or name; nothing where it is about no group.
    #[serde(default)]
    pub group: Option<String>,
    /// The command that they run, by id or name.
    #[serde(default)]
    pub command: Option<String>,
    /// Ids or names, 5000 at most.
    #[serde(default)]
    pub devices: Vec<String>,
    #[serde(default)]
    pub filter: Option<DeviceFilter>,
}

/// Users that fit all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserFilter {
    /// Text that occurs in name, display name or mail address.
    #[serde(default)]
    pub text: String,
    /// staged, active or suspended
    #[serde(default)]
    pub state: Option<String>,
    /// A role that they have; `any` for those who have one at all.
    #[serde(default)]
    pub role: Option<String>,
    /// The group that they are in, directly or through other groups, by id or name.
    #[serde(default)]
    pub group: Option<String>,
    /// Whether they have a factor.
    #[serde(default)]
    pub has_factor: Option<bool>,
}

/// Devices that fit all that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceFilter {
    /// Text that occurs in the name.
    #[serde(default)]
    pub text: String,
    /// active, quarantined or revoked
    #[serde(default)]
    pub state: Option<String>,
    /// linux, macos or windows
    #[serde(default)]
    pub platform: Option<String>,
    /// The group that they are in, directly or through other groups, by id or name.
    #[serde(default)]
    pub group: Option<String>,
}

/// What was done, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkReport {
    /// Nothing was changed; this is what would happen.
    pub dry_run: bool,
    pub done: usize,
    pub left_out: usize,
    pub rows: Vec<BulkRow>,
}

/// One of those it was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkRow {
    /// What was given, where nothing of that id or name is there.
    pub id: String,
    pub name: String,
    pub outcome: BulkOutcome,
    /// What follows from it, or why it was left out.
    pub detail: String,
    /// Of the user or device after it, where it has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    Done,
    LeftOut,
}
