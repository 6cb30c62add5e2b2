//! Everything that is built into the product may be shipped under Apache-2.0.
//!
//! Crates are judged by the licence expression of their manifest, npm packages by that in the lock file. Packages that
//! only development needs are judged as well: the list is short and a surprise there is worth knowing, too.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Outcome;
use crate::metadata::Metadata;
use crate::workspace::Workspace;

const SHIPPED_LOCKS: [&str; 2] =
    ["crates/web/ui/package-lock.json", "crates/server/places/package-lock.json"];

/// What tests drive the server with, and the bench measures against. None of it is shipped.
const TEST_LOCKS: [&str; 2] =
    ["crates/testkit/node/package-lock.json", "crates/testkit/node-bench/package-lock.json"];

/// Permissive licences, and weak copyleft that stays within its own files.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "OpenSSL",
    // Of data: given to everybody.
    "PDDL-1.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Besides these, for what only tests run.
const ALLOWED_IN_TESTS: &[&str] = &["MPL-2.0"];

/// Old packages that state theirs in a file, or in a way that lock files leave out: what it says there, or the one to choose.
const STATED_WITHIN: &[(&str, &str)] = &[
    ("node_modules/@auth0/xmldom", "MIT"),
    ("node_modules/passport-strategy", "MIT"),
    ("node_modules/passport-wsfed-saml2", "MIT"),
    ("node_modules/valid-url", "MIT"),
];

/// Additions to a licence that only give more rights.
const ALLOWED_EXCEPTIONS: &[&str] = &["LLVM-exception"];

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let metadata = Metadata::load(workspace)?;
    let (npm, tests) = (npm_packages(workspace, &SHIPPED_LOCKS)?, npm_packages(workspace, &TEST_LOCKS)?);
    let crates = metadata
        .packages
        .iter()
        .map(|package| (format!("{} {}", package.name, package.version), &package.license));
    let shipped = crates.chain(npm.iter().map(|(name, licence)| (name.clone(), licence)));
    let mut findings = findings(shipped, &[]);
    let tests_only = tests.iter().map(|(name, licence)| (name.clone(), licence));
    findings.extend(self::findings(tests_only, ALLOWED_IN_TESTS));
    let looked_at = format!("{} crates, {} npm packages", metadata.packages.len(), npm.len() + tests.len());
    Ok(Outcome::from_findings(findings, looked_at))
}

fn findings<'a>(
    packages: impl Iterator<Item = (String, &'a Option<String>)>,
    further: &[&str],
) -> Vec<String> {
    packages
        .filter_map(|(name, licence)| Some(format!("`{name}`: {}", objection(licence.as_deref(), further)?)))
        .collect()
}

/// Why a licence will not do, if it will not, where these further ones are allowed.
fn objection(licence: Option<&str>, further: &[&str]) -> Option<String> {
    let Some(licence) = licence else { return Some("no licence is stated".into()) };
    // Old manifests write `MIT/Apache-2.0`, which the lax mode reads as OR.
    match spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX) {
        Ok(expression) => (!expression.evaluate(|requirement| allowed(requirement, further)))
            .then(|| format!("licence `{licence}` is not allowed")),
        Err(error) => Some(format!("licence `{licence}` cannot be read: {}", error.reason)),
    }
}

fn allowed(requirement: &spdx::LicenseReq, further: &[&str]) -> bool {
    let Some(licence) = requirement.license.id() else { return false };
    let addition = requirement.addition.as_ref().map(ToString::to_string);
    let addition_allowed = addition.is_none_or(|addition| ALLOWED_EXCEPTIONS.contains(&addition.as_str()));
    addition_allowed && (ALLOWED.contains(&licence.name) || further.contains(&licence.name))
}

#[derive(Deserialize)]
struct NpmLock {
    packages: BTreeMap<String, NpmPackage>,
}

#[derive(Deserialize)]
struct NpmPackage {
    license: Option<String>,
}

/// The packages of the lock files and their licences; none where there is no such file.
fn npm_packages(workspace: &Workspace, locks: &[&str]) -> Result<Vec<(String, Option<String>)>> {
    let mut packages = Vec::new();
    for lock in locks {
        let path = workspace.path(lock);
        if path.is_file() {
            let json = std::fs::read(&path).with_context(|| format!("cannot read `{lock}`"))?;
            packages.extend(npm_licences(&json).with_context(|| format!("cannot read `{lock}`"))?);
        }
    }
    Ok(packages)
}

/// The entry with an empty name is what the lock file is for.
fn npm_licences(json: &[u8]) -> Result<Vec<(String, Option<String>)>> {
    let lock: NpmLock = serde_json::from_slice(json)?;
    let packages = lock.packages.into_iter().filter(|(name, _)| !name.is_empty());
    let within = |wanted: &str| STATED_WITHIN.iter().find(|(name, _)| *name == wanted);
    let licences = packages.map(|(name, package)| {
        let stated = package.license.or_else(|| within(&name).map(|(_, licence)| (*licence).to_owned()));
        (name, stated)
    });
    Ok(licences.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissive_licences_pass() {
        for licence in [
            "Apache-2.0",
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
            "LGPL-2.1-or-later OR MIT",
        ] {
            assert_eq!(objection(Some(licence), &[]), None, "{licence}");
        }
    }

    #[test]
    fn copyleft_fails_even_beside_a_permissive_one() {
        for licence in
            ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "MIT WITH Classpath-exception-2.0"]
        {
            assert_eq!(objection(Some(licence), &[]), Some(format!("licence `{licence}` is not allowed")));
        }
    }

    #[test]
    fn missing_or_unreadable_licences_fail() {
        assert_eq!(objection(None, &[]).unwrap(), "no licence is stated");
        assert!(
            objection(Some("as you like"), &[]).unwrap().starts_with("licence `as you like` cannot be read")
        );
        assert!(objection(Some("LicenseRef-ours"), &[]).unwrap().ends_with("is not allowed"));
    }

    #[test]
    fn a_tool_of_tests_may_be_copyleft_within_its_own_files_and_what_is_shipped_may_not() {
        assert!(objection(Some("MPL-2.0"), &[]).unwrap().ends_with("is not allowed"));
        assert_eq!(objection(Some("MPL-2.0"), ALLOWED_IN_TESTS), None);
        assert!(objection(Some("GPL-3.0-only"), ALLOWED_IN_TESTS).unwrap().ends_with("is not allowed"));
    }

    #[test]
    fn a_finding_names_the_package() {
        let licence = Some("GPL-3.0-only".to_owned());
        let packages =
            [("good 1.0.0".to_owned(), &Some("MIT".to_owned())), ("bad 2.0.0".to_owned(), &licence)];
        assert_eq!(
            findings(packages.into_iter(), &[]),
            ["`bad 2.0.0`: licence `GPL-3.0-only` is not allowed"]
        );
    }

    #[test]
    fn npm_packages_are_read_from_the_lock_file() {
        let lock =
            r#"{ "packages": { "": {}, "node_modules/a": { "license": "MIT" }, "node_modules/b": {} } }"#;
        let expected =
            [("node_modules/a".to_owned(), Some("MIT".to_owned())), ("node_modules/b".to_owned(), None)];
        assert_eq!(npm_licences(lock.as_bytes()).unwrap(), expected);
        assert!(npm_licences(b"[]").is_err());
        let within = r#"{ "packages": { "node_modules/valid-url": {} } }"#;
        let expected = [("node_modules/valid-url".to_owned(), Some("MIT".to_owned()))];
        assert_eq!(npm_licences(within.as_bytes()).unwrap(), expected);
    }
}
