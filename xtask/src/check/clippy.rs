//! No compiler or clippy warning, in the workspace as a whole and in the device programs alone.
//!
//! The device programs are looked at a second time by themselves because they are shipped that way: built together
//! with the server they would borrow features that the server switches on.

use anyhow::Result;

use super::Outcome;
use crate::packages::DEVICE_PACKAGES;
use crate::workspace::{self, Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut findings = Vec::new();
    let mut whole = workspace.cargo();
    whole.args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    let mut device = workspace.cargo();
    device.args(["clippy", "--locked"]).args(DEVICE_PACKAGES.iter().flat_map(|name| ["--package", name]));
    device.args(["--", "-D", "warnings"]);
    for mut command in [whole, device] {
        if !workspace::succeeds(&mut command)? {
            findings.push(format!("{} has warnings or errors", workspace::shown(&command)));
        }
    }
    Ok(Outcome::from_findings(findings, "workspace with all targets; device programs alone"))
}
