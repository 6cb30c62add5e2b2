//! Every generated file is what its generator writes today.
//!
//! Compared in memory, so a check never changes the tree.

use anyhow::Result;

use super::Outcome;
use crate::generate::{self, GENERATORS};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut findings = Vec::new();
    for generator in GENERATORS {
        let fresh = generate::output(workspace, generator)?;
        let stored = std::fs::read(workspace.path(generator.file)).unwrap_or_default();
        if stored != fresh {
            findings.push(format!("`{}` is not fresh; `make gen` writes it", generator.file));
        }
    }
    Ok(Outcome::from_findings(findings, format!("{} generated files", GENERATORS.len())))
}
