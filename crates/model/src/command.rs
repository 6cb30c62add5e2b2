//! Instructions for devices, and their executions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    id::{CommandId, DeviceId, GroupId, RunId},
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Interpreter {
    Bash,
    Cmd,
    Powershell,
    Sh,
}

/// What makes a command run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    Manual,
    /// Once on every device of the target, when it first becomes active there.
    OnEnrollment,
}

impl Trigger {
    pub const ALL: [Self; 2] = [Self::Manual, Self::OnEnrollment];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::OnEnrollment => "on_enrollment",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Command {
    pub id: CommandId,
    pub name: String,
    pub interpreter: Interpreter,
    pub body: String,
    /// The local account it runs as.
    pub run_as: String,
    pub timeout_seconds: u32,
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    pub trigger: Trigger,
    /// Devices it is meant for, by name.
    #[serde(default)]
    pub devices: Vec<DeviceId>,
    /// Devices it is meant for, by group.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    pub created: Time,
}

/// How far one execution has come. The order is its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// Waits for the device.
    Queued,
    /// The device journalled it and began.
    Started { at: Time },
    /// The program ended.
    Finished { at: Time, exit_code: Option<i32>, reason: Option<String> },
    /// Withdrawn before, or stopped while, it ran.
    Cancelled { at: Time },
    /// The device did not come for it in time.
    Expired { at: Time },
    /// It was started and nobody can say how it ended. It is never run again.
    Unknown { at: Time, reason: String },
}

impl RunState {
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Started { .. } => "started",
            Self::Finished { .. } => "finished",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
            Self::Unknown { .. } => "unknown",
        }
    }

    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Queued | Self::Started { .. } => false,
            Self::Finished { .. } | Self::Cancelled { .. } | Self::Expired { .. } | Self::Unknown { .. } => {
                true
            }
        }
    }
}

/// One execution of a command on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Run {
    pub id: RunId,
    pub command: CommandId,
    pub command_name: String,
    pub device: DeviceId,
    #[serde(flatten)]
    pub state: RunState,
    pub trigger: Trigger,
    /// Who launched it, for people to read.
    pub launched_by: String,
    /// After this it is not started any more.
    pub not_after: Time,
    pub created: Time,
}

/// A step of a run that cannot follow the state it is in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("run `{run}` is {state} and cannot become {wanted}")]
pub struct RunTransitionError {
    pub run: RunId,
    pub state: &'static str,
    pub wanted: &'static str,
}

impl Run {
    /// Takes the next step of its life.
    ///
    /// # Errors
    /// A final state is never left, and nothing returns to the queue.
    pub fn advance(self, next: RunState) -> Result<Self, RunTransitionError> {
        let possible = match (&self.state, &next) {
            (RunState::Queued, RunState::Queued) => false,
            (RunState::Queued, _) => true,
            (
                RunState::Started { .. },
                RunState::Queued | RunState::Started { .. } | RunState::Expired { .. },
            ) => false,
            (RunState::Started { .. }, _) => true,
            _ => false,
        };
        if possible {
            Ok(Self { state: next, ..self })
        } else {
            Err(RunTransitionError { run: self.id, state: self.state.as_str(), wanted: next.as_str() })
        }
    }
}
