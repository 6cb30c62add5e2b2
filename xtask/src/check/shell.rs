//! Every shell script of the tree parses, in the shell it asks for.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Outcome;
use crate::workspace::{self, Workspace};

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for (file, shell) in scripts(workspace)? {
        looked_at += 1;
        if !workspace::succeeds(workspace.program(shell).arg("-n").arg(&file))? {
            findings.push(format!("{} does not parse as {shell}", file.display()));
        }
    }
    Ok(Outcome::from_findings(findings, format!("{looked_at} scripts")))
}

fn scripts(workspace: &Workspace) -> Result<Vec<(PathBuf, &'static str)>> {
    let mut scripts = Vec::new();
    for file in workspace.files()? {
        let may_be_script = file.extension().is_none_or(|ending| ending == "sh" || ending == "bash");
        if !may_be_script {
            continue;
        }
        let text = workspace.text(&file)?.unwrap_or_default();
        if let Some(shell) = shell_of(&file, text.lines().next().unwrap_or_default()) {
            scripts.push((file, shell));
        }
    }
    Ok(scripts)
}

/// The shell a script asks for in its first line, or by its ending.
fn shell_of(file: &Path, first_line: &str) -> Option<&'static str> {
    let asked = first_line.strip_prefix("#!").and_then(|line| line.split([' ', '/']).next_back());
    match asked {
        Some("bash") => Some("bash"),
        Some("sh" | "dash") => Some("sh"),
        Some(_) => None,
        None => file.extension().is_some_and(|ending| ending == "sh").then_some("sh"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_decides() {
        let plain = Path::new("scripts/setup");
        assert_eq!(shell_of(plain, "#!/bin/sh"), Some("sh"));
        assert_eq!(shell_of(plain, "#!/usr/bin/env bash"), Some("bash"));
        assert_eq!(shell_of(plain, "#!/usr/bin/env python3"), None);
        assert_eq!(shell_of(plain, "all:"), None);
        assert_eq!(shell_of(Path::new("postinst.sh"), "set -e"), Some("sh"));
    }
}
