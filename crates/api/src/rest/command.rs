//! Commands and their runs.

use std::collections::BTreeMap;

use sallyport_model::{Interpreter, Trigger};
use serde::{Deserialize, Serialize};

/// A command to create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCommand {
    pub name: String,
    pub interpreter: Interpreter,
    /// The program itself, at most 256 KiB.
    pub body: String,
    /// The local account it runs as; `root` if not given.
    pub run_as: Option<String>,
    /// From 1 to 86,400; 600 if not given.
    pub timeout_seconds: Option<u32>,
    /// Names of `A-Z`, `0-9` and `_`.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// By hand if not given.
    pub trigger: Option<Trigger>,
    /// Devices it is meant for, by id or name.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Groups of devices it is meant for, by id or name.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether an on-enrolment command runs on the devices that are there already.
    #[serde(default)]
    pub run_on_present: bool,
}

/// Changes to a command; what is not given stays. Runs that were launched before keep what they were launched with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateCommand {
    pub name: Option<String>,
    pub interpreter: Option<Interpreter>,
    pub body: Option<String>,
    pub run_as: Option<String>,
    pub timeout_seconds: Option<u32>,
    pub environment: Option<BTreeMap<String, String>>,
    pub trigger: Option<Trigger>,
    pub devices: Option<Vec<String>>,
    pub groups: Option<Vec<String>>,
    /// Whether a command that becomes on-enrolment, or gets new targets while it is, runs on the devices that
    /// are there already.
    #[serde(default)]
    pub run_on_present: bool,
}

/// Where to run a command now. With neither devices nor groups it runs on the command's own targets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LaunchCommand {
    /// By id or name.
    #[serde(default)]
    pub devices: Vec<String>,
    /// Groups of devices, by id or name.
    #[serde(default)]
    pub groups: Vec<String>,
    /// How long the runs wait for devices that are away: from 1 to 720 hours; 24 if not given.
    pub expires_in_hours: Option<u32>,
}
