//! `cargo xtask check`: everything a change must pass beside its tests, one file per check.
//!
//! Every check runs even when an earlier one failed, so one run shows all that is wrong. A check that lacks its data
//! is *skipped*, never passed, and the table at the end says so.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace::Workspace;

mod advisories;
mod clippy;
mod directions;
mod docs;
mod format;
mod generated;
mod licences;
mod links;
mod lockfile;
mod security;
mod shell;
mod unused;
mod words;

/// One check. To add one, write its file and its line in [`STEPS`].
struct Step {
    name: &'static str,
    run: fn(&Workspace) -> Result<Outcome>,
}

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing wrong; a few words on what was looked at.
    Passed(String),
    /// What is wrong, a line each.
    Failed(Vec<String>),
    /// The check could not look, and why.
    Skipped(String),
}

impl Outcome {
    /// Passed where nothing was found wrong, else failed with what was.
    fn from_findings(findings: Vec<String>, looked_at: impl Into<String>) -> Self {
        if findings.is_empty() { Self::Passed(looked_at.into()) } else { Self::Failed(findings) }
    }
}

/// In the order in which they run: the quick ones first.
const STEPS: &[Step] = &[
    Step { name: "lockfile", run: lockfile::run },
    Step { name: "format", run: format::run },
    Step { name: "directions", run: directions::run },
    Step { name: "unused", run: unused::run },
    Step { name: "licences", run: licences::run },
    Step { name: "advisories", run: advisories::run },
    Step { name: "words", run: words::run },
    Step { name: "links", run: links::run },
    Step { name: "security", run: security::run },
    Step { name: "shell", run: shell::run },
    Step { name: "clippy", run: clippy::run },
    Step { name: "docs", run: docs::run },
    Step { name: "generated", run: generated::run },
];

/// A check that has run.
struct Finished {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

pub(crate) fn run(workspace: &Workspace, names: &[String]) -> Result<()> {
    let finished: Vec<Finished> = chosen(names)?.into_iter().map(|step| run_step(step, workspace)).collect();
    print!("{}", table(&finished));
    let failed = finished.iter().filter(|step| matches!(step.outcome, Outcome::Failed(_))).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", finished.len());
    }
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Step>> {
    if names.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    names.iter().map(|name| find(name)).collect()
}

fn find(name: &str) -> Result<&'static Step> {
    let Some(step) = STEPS.iter().find(|step| step.name == name) else {
        let known: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        bail!("unknown check `{name}`; there are: {}", known.join(", "));
    };
    Ok(step)
}

fn run_step(step: &'static Step, workspace: &Workspace) -> Finished {
    println!("==> {}", step.name);
    let start = Instant::now();
    let outcome = (step.run)(workspace).unwrap_or_else(|error| Outcome::Failed(vec![format!("{error:#}")]));
    match &outcome {
        Outcome::Passed(looked_at) => println!("    passed: {looked_at}"),
        Outcome::Failed(findings) => findings.iter().for_each(|finding| println!("    FAILED: {finding}")),
        Outcome::Skipped(why) => println!("    !!! SKIPPED: {why}"),
    }
    Finished { name: step.name, outcome, took: start.elapsed() }
}

fn table(finished: &[Finished]) -> String {
    let mut table = format!("\n{:<12} {:<8} {:>8}  note\n", "check", "result", "time");
    for step in finished {
        let (result, note) = match &step.outcome {
            Outcome::Passed(looked_at) => ("passed", looked_at.clone()),
            Outcome::Failed(findings) => ("FAILED", format!("{} found, listed above", findings.len())),
            Outcome::Skipped(why) => ("SKIPPED", why.clone()),
        };
        let seconds = step.took.as_secs_f64();
        table.push_str(&format!("{:<12} {result:<8} {seconds:>6.1} s  {note}\n", step.name));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_shows_skipped_loudly_and_counts_findings() {
        let finished = [
            Finished {
                name: "a",
                outcome: Outcome::Passed("3 files".into()),
                took: Duration::from_millis(1500),
            },
            Finished {
                name: "b",
                outcome: Outcome::Failed(vec!["x".into(), "y".into()]),
                took: Duration::ZERO,
            },
            Finished { name: "c", outcome: Outcome::Skipped("no data".into()), took: Duration::ZERO },
        ];
        let table = table(&finished);
        assert!(table.contains("a            passed      1.5 s  3 files"), "{table}");
        assert!(table.contains("b            FAILED      0.0 s  2 found, listed above"), "{table}");
        assert!(table.contains("c            SKIPPED     0.0 s  no data"), "{table}");
    }

    #[test]
    fn unknown_check_is_refused_with_the_list() {
        let error = chosen(&["speling".into()]).err().map(|error| error.to_string()).unwrap();
        assert!(error.starts_with("unknown check `speling`; there are: lockfile, format,"), "{error}");
    }

    #[test]
    fn a_step_that_errs_counts_as_failed() {
        static BROKEN: Step = Step { name: "broken", run: |_| bail!("no such tool") };
        let finished = run_step(&BROKEN, &Workspace::locate().unwrap());
        assert_eq!(finished.outcome, Outcome::Failed(vec!["no such tool".into()]));
    }
}
