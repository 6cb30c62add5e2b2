//! The table of security tests names tests that are there.
//!
//! The table is read by people who want to know where something is shown; a test that was renamed or deleted must not
//! leave a line that promises it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::Outcome;
use crate::workspace::Workspace;

const TABLE: &str = "docs/security-tests.md";
/// Begins what is said of something that is not shown by a test.
const NOT_YET: &str = "*not yet*: ";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let table = workspace.text(Path::new(TABLE))?.unwrap_or_default();
    let (rows, mut findings) = rows(&table);
    let mut named = 0;
    for row in &rows {
        for test in &row.tests {
            named += 1;
            let text = match workspace.path(test.file).is_file() {
                true => workspace.text(Path::new(test.file))?.unwrap_or_default(),
                false => String::new(),
            };
            if !has_test(&text, test.name) {
                findings
                    .push(format!("{TABLE}: {}: there is no test `{}` in {}", row.id, test.name, test.file));
            }
        }
    }
    Ok(Outcome::from_findings(findings, format!("{} lines, {named} tests", rows.len())))
}

/// A line of the table.
struct Row<'a> {
    id: &'a str,
    tests: Vec<Named<'a>>,
}

struct Named<'a> {
    file: &'a str,
    name: &'a str,
}

/// The lines of the table, and what is wrong with them.
fn rows(table: &str) -> (Vec<Row<'_>>, Vec<String>) {
    let (mut rows, mut findings, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for line in table.lines().filter(|line| line.starts_with("| T-")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, _, shown] = cells.as_slice() else {
            findings.push(format!("{TABLE}: not three cells: {line}"));
            continue;
        };
        if !seen.insert(*id) {
            findings.push(format!("{TABLE}: {id} is there twice"));
        }
        let tests: Vec<Named> = shown
            .split('`')
            .skip(1)
            .step_by(2)
            .filter_map(|code| code.split_once("::").map(|(file, name)| Named { file, name }))
            .collect();
        let says_why = shown.split_once(NOT_YET).is_some_and(|(_, why)| !why.trim().is_empty());
        if tests.is_empty() && !says_why {
            findings.push(format!("{TABLE}: {id} names no test and does not say why"));
        }
        rows.push(Row { id, tests });
    }
    if rows.is_empty() {
        findings.push(format!("{TABLE}: no line was found"));
    }
    (rows, findings)
}

/// Whether a Rust file has a function of this name that is run as a test: marked so, or listed in a macro that marks it.
fn has_test(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let head = format!("fn {name}(");
    let declared = lines.iter().position(|line| {
        line.strip_prefix("pub(crate) ")
            .unwrap_or(line)
            .strip_prefix("async ")
            .unwrap_or(line)
            .starts_with(&head)
    });
    let Some(at) = declared else { return false };
    let marks = lines.iter().take(at).rev().take_while(|line| line.starts_with("#["));
    let marked =
        marks.into_iter().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    marked || lines.iter().any(|line| *line == format!("{name},"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_was_renamed_or_is_none_is_found_out() {
        let text = "#[tokio::test(flavor = \"multi_thread\")]\nasync fn one_door() {}\n\nfn helper() {}\n\
                    #[test]\n#[ignore]\nfn two_doors() {}\non_both_engines!(\n    three,\n);\nfn three(place: &Place) {}\n";
        for there in ["one_door", "two_doors", "three"] {
            assert!(has_test(text, there), "{there}");
        }
        for missing in ["helper", "one", "doors", "four"] {
            assert!(!has_test(text, missing), "{missing}");
        }
    }

    #[test]
    fn every_line_names_a_test_or_says_why_not() {
        let good = "| T-a | a thing | `crates/a/src/lib.rs::it_holds`, `b.rs::too` |\n\
                    | T-b | another | *not yet*: there is no SMS |\n";
        let (rows, findings) = super::rows(good);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(rows.iter().map(|row| row.tests.len()).collect::<Vec<_>>(), [2, 0]);
        for bad in ["| T-a | a | |", "| T-a | a | *not yet*: |", "| T-a | a |", "", "| T-a | a | `x` |"] {
            assert!(!super::rows(bad).1.is_empty(), "{bad:?}");
        }
        assert!(!super::rows(&good.repeat(2)).1.is_empty(), "twice");
    }
}
