//! No crate of the lock file has a known advisory: vulnerable, unsound or unmaintained.
//!
//! The check needs no network. It reads a copy of the RustSec database: the folder named by `ADVISORY_DB`, else the
//! dated snapshot kept beside the repository. Without data it is skipped, and says so.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rustsec::advisory::Informational;
use rustsec::report::{Report, Settings};
use rustsec::{Database, Lockfile};

use super::Outcome;
use crate::workspace::Workspace;

const SNAPSHOT: &str = "../shared/advisory-db";

/// An advisory that is known and does not concern us, and why.
struct Accepted {
    id: &'static str,
    reason: &'static str,
}

const ACCEPTED: &[Accepted] = &[];

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let folder = std::env::var_os("ADVISORY_DB").map_or_else(|| workspace.path(SNAPSHOT), PathBuf::from);
    if !folder.join("crates").is_dir() {
        return Ok(Outcome::Skipped(
            "no advisory data; set ADVISORY_DB to a copy of the RustSec database".into(),
        ));
    }
    let date = snapshot_date(&folder);
    println!("    advisories as of {date}");
    for accepted in ACCEPTED {
        println!("    accepted: {} ({})", accepted.id, accepted.reason);
    }
    let database = Database::open(&folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let known = database.iter().count();
    ensure!(known > 0, "`{}` holds no advisory", folder.display());
    let lockfile = Lockfile::load(workspace.path("Cargo.lock")).context("cannot read `Cargo.lock`")?;
    let looked_at = format!("{} crates against {known} advisories as of {date}", lockfile.packages.len());
    Ok(Outcome::from_findings(findings(&database, &lockfile)?, looked_at))
}

fn findings(database: &Database, lockfile: &Lockfile) -> Result<Vec<String>> {
    let report = Report::generate(database, lockfile, &settings()?);
    let vulnerable = report.vulnerabilities.list.iter().map(|found| (&found.package, Some(&found.advisory)));
    let warned = report.warnings.values().flatten().map(|found| (&found.package, found.advisory.as_ref()));
    let line = |(package, advisory): (&rustsec::package::Package, Option<&rustsec::advisory::Metadata>)| {
        let said =
            advisory.map_or_else(String::new, |advisory| format!("{}: {}", advisory.id, advisory.title));
        format!("`{} {}`: {said}", package.name, package.version)
    };
    Ok(vulnerable.chain(warned).map(line).collect())
}

fn settings() -> Result<Settings> {
    let ignore =
        ACCEPTED.iter().map(|accepted| accepted.id.parse().context("an accepted advisory has no valid id"));
    Ok(Settings {
        ignore: ignore.collect::<Result<_>>()?,
        informational_warnings: vec![Informational::Unmaintained, Informational::Unsound],
        ..Settings::default()
    })
}

/// The first date in the snapshot's own note, as it stands there.
fn snapshot_date(folder: &Path) -> String {
    let note = std::fs::read_to_string(folder.join("SNAPSHOT.md")).unwrap_or_default();
    let mut words = note.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.find(|word| is_date(word)).unwrap_or("an unknown date").to_owned()
}

/// Whether a word has the form 2026-01-31.
fn is_date(word: &str) -> bool {
    let form = |c: char| if c.is_ascii_digit() { '0' } else { c };
    word.chars().map(form).eq("0000-00-00".chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = r#"```toml
[advisory]
id = "RUSTSEC-2020-0001"
package = "holey"
date = "2020-01-01"

[versions]
patched = [">= 1.2.0"]
```

# It leaks

Badly.
"#;

    fn database() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("crates/holey")).unwrap();
        std::fs::write(folder.path().join("crates/holey/RUSTSEC-2020-0001.md"), ADVISORY).unwrap();
        std::fs::write(folder.path().join("SNAPSHOT.md"), "database, as of 2020-02-03, CC0").unwrap();
        folder
    }

    fn lockfile(version: &str) -> Lockfile {
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        let lock = format!(
            "version = 3\n[[package]]\nname = \"holey\"\nversion = \"{version}\"\nsource = \"{source}\"\n"
        );
        lock.parse().unwrap()
    }

    #[test]
    fn a_vulnerable_crate_is_found() {
        let folder = database();
        let database = Database::open(folder.path()).unwrap();
        let expected = ["`holey 1.1.9`: RUSTSEC-2020-0001: It leaks"];
        assert_eq!(findings(&database, &lockfile("1.1.9")).unwrap(), expected);
        assert_eq!(findings(&database, &lockfile("1.2.0")).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn the_date_is_the_snapshots_own() {
        assert_eq!(snapshot_date(database().path()), "2020-02-03");
        assert_eq!(snapshot_date(Path::new("/nonexistent")), "an unknown date");
    }
}
