//! Devices and the tokens that enrol them.

use serde::{Deserialize, Serialize};

/// A permission for one machine to enrol.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateEnrollmentToken {
    /// For people to read, such as the machine it is meant for.
    #[serde(default)]
    pub description: String,
    /// Groups of devices, by id or name, that the machine joins at once. With none it waits in quarantine until
    /// it is admitted.
    #[serde(default)]
    pub groups: Vec<String>,
    /// How long it can be used, from 1 to 24 hours; 24 if not given.
    pub hours: Option<u32>,
}

/// Gives a device another name in the directory; its host name stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RenameDevice {
    pub name: String,
}
