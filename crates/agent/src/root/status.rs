//! What `sallyport-agent status` shows: written by the privileged half, readable by everybody, secret to nobody.

use std::{io, path::Path};

use sallyport_api::agent::{ComponentState, Condition, Failure, StateVersion};
use sallyport_model::{id::DeviceId, time::Time};
use serde::{Deserialize, Serialize};

use crate::{durable, paths::Paths};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub process: u32,
    pub device: Option<DeviceId>,
    pub organization: Option<String>,
    pub server: Option<String>,
    pub connected: bool,
    /// Since when it is, or is not.
    pub since: Time,
    pub revoked: bool,
    pub desired: Option<StateVersion>,
    pub applied: Option<StateVersion>,
    pub login_component: Option<ComponentState>,
    /// Why it does not stand as desired.
    #[serde(default)]
    pub login_failure: Option<String>,
    pub accounts: Vec<AccountStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountStatus {
    pub name: String,
    pub condition: Condition,
    pub failures: Vec<Failure>,
}

const LONGEST_FILE: u64 = 4 * 1024 * 1024;

impl Status {
    /// Of an agent that has not run since the machine started.
    #[must_use]
    pub const fn never_ran(now: Time) -> Self {
        Self {
            process: 0,
            device: None,
            organization: None,
            server: None,
            connected: false,
            since: now,
            revoked: false,
            desired: None,
            applied: None,
            login_component: None,
            login_failure: None,
            accounts: Vec::new(),
        }
    }

    /// Whether the agent that wrote this still runs.
    #[must_use]
    #[cfg(unix)]
    pub fn is_running(&self, paths: &Paths) -> bool {
        let name = std::fs::read_to_string(paths.proc().join(self.process.to_string()).join("comm"));
        self.process != 0 && name.is_ok_and(|name| name.trim_end() == "sallyport-agent")
    }

    /// Whether the agent has run; a system without a list of processes says no more.
    #[must_use]
    #[cfg(not(unix))]
    pub fn is_running(&self, _paths: &Paths) -> bool {
        self.process != 0
    }

    /// # Errors
    /// It cannot be read; `None` if the agent has never run.
    pub fn load(path: &Path) -> io::Result<Option<Self>> {
        let Some(bytes) = durable::read(path, LONGEST_FILE)? else { return Ok(None) };
        Ok(Some(serde_json::from_slice(&bytes)?))
    }

    /// # Errors
    /// What the file system says.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        durable::write(path, &serde_json::to_vec_pretty(self)?, 0o644)
    }
}
