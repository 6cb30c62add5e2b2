//! The table of attacks names tests that are there.

use anyhow::Result;

use super::Outcome;
use crate::workspace::Workspace;

const TABLE: &str = "docs/security-tests.md";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let table = workspace.text(TABLE.as_ref())?.unwrap_or_default();
    let mut findings = Vec::new();
    let named = named(&table);
    if named.is_empty() {
        findings.push(format!("{TABLE} names no test"));
    }
    for (file, test) in &named {
        let text = workspace.text(file.as_ref())?.unwrap_or_default();
        if !has_test(&text, test) {
            findings.push(format!("{TABLE}: `{file}` has no test `{test}`"));
        }
    }
    Ok(Outcome::from_findings(findings, format!("{} tests", named.len())))
}

/// Files and tests, as `path::test` in backticks.
fn named(table: &str) -> Vec<(&str, &str)> {
    table.split('`').skip(1).step_by(2).filter_map(split).collect()
}

fn split(word: &str) -> Option<(&str, &str)> {
    let (file, test) = word.rsplit_once("::")?;
    file.ends_with(".rs").then_some((file, test))
}

/// Whether a function of this name stands behind a test attribute.
fn has_test(text: &str, test: &str) -> bool {
    let wanted = format!("fn {test}(");
    text.split("test]").skip(1).chain(text.split("test(").skip(1)).any(|behind| {
        let head = behind.split('{').next().unwrap_or_default();
        head.contains(&wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tests_count() {
        let text = "fn helper() {}\n#[test]\nfn it_holds() {}\n#[tokio::test]\nasync fn so_does_this() {\n}\n\
                    #[tokio::test(flavor = \"multi_thread\")]\nasync fn and_this() {}";
        for (name, found) in [
            ("helper", false),
            ("it_holds", true),
            ("so_does_this", true),
            ("and_this", true),
            ("gone", false),
        ] {
            assert_eq!(has_test(text, name), found, "{name}");
        }
    }

    #[test]
    fn names_are_read_from_backticks() {
        let table = "| T-1 | `a/b.rs::x`, and `make check`; `c.rs::y` |";
        assert_eq!(named(table), [("a/b.rs", "x"), ("c.rs", "y")]);
    }
}
