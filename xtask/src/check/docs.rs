//! Documentation builds without a warning: no broken link from one item to another.

use anyhow::Result;

use super::Outcome;
use crate::workspace::{self, Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut command = workspace.cargo();
    command.args(["doc", "--locked", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    let clean = workspace::succeeds(&mut command)?;
    let findings = if clean { vec![] } else { vec![format!("{} has warnings", workspace::shown(&command))] };
    Ok(Outcome::from_findings(findings, "rustdoc, private items too"))
}
