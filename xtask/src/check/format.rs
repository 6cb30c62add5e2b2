//! The tree is formatted as `rustfmt.toml` says.

use anyhow::Result;

use super::Outcome;
use crate::workspace::{self, Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let clean = workspace::succeeds(workspace.cargo().args(["fmt", "--all", "--", "--check"]))?;
    let findings = if clean { vec![] } else { vec!["not formatted; `make fmt` does it".into()] };
    Ok(Outcome::from_findings(findings, "rustfmt"))
}
