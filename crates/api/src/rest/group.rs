//! Groups and their members.

use sallyport_model::{
    GroupKind,
    settings::{FailMode, SshKeys},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// What the group holds besides groups of the same kind.
    pub kind: GroupKind,
}

/// Changes to a group; what is not given stays. `null` takes login settings of its own away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateGroup {
    pub name: Option<String>,
    pub description: Option<String>,
    /// Of a group of devices: how people log in there. Those who change it need the right to change settings.
    #[serde(default, with = "super::present")]
    pub device_login: Option<Option<SetDeviceLogin>>,
}

/// How people log in at the devices of a group. What is not given stays, or begins as the organisation has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDeviceLogin {
    /// PAM services the second door stands in front of; with none named, the usual ones.
    pub services: Option<Vec<String>>,
    /// Groups of users, by id or name, who are asked for the second door; with none named, everybody is.
    pub groups: Option<Vec<String>>,
    pub auto_push: Option<bool>,
    /// How many wrong answers one login may give, from 1 to 5.
    pub prompts: Option<u8>,
    pub ssh_keys: Option<SshKeys>,
    /// What becomes of a login without the server.
    pub fail_mode: Option<FailMode>,
}

/// One member, by id or name: give exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct GroupMember {
    pub user: Option<String>,
    pub device: Option<String>,
    pub group: Option<String>,
}
