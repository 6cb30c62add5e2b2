//! `Cargo.lock` matches the manifests, and everything in it comes from the public registry.

use anyhow::Result;

use super::Outcome;
use crate::metadata::{Metadata, Package};
use crate::workspace::Workspace;

/// The only place third-party crates may come from: no git revisions, no private mirrors.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let metadata = Metadata::load(workspace)?;
    let findings = metadata.packages.iter().filter_map(foreign).collect();
    Ok(Outcome::from_findings(findings, format!("{} packages", metadata.packages.len())))
}

/// A package with a source that is not the registry. Packages of this workspace have none.
fn foreign(package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    (source != REGISTRY).then(|| format!("`{} {}` comes from `{source}`", package.name, package.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_registry_is_a_source() {
        let mut package = Package { name: "a".into(), version: "1.0.0".into(), ..Package::default() };
        assert_eq!(foreign(&package), None);
        package.source = Some(REGISTRY.into());
        assert_eq!(foreign(&package), None);
        package.source = Some("git+https://example.com/a#0123".into());
        assert_eq!(foreign(&package).unwrap(), "`a 1.0.0` comes from `git+https://example.com/a#0123`");
    }
}
