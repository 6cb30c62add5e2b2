//! Every declared dependency is named somewhere in the code that may use it.
//!
//! A plain search for the library's name as a word, comments left out: a normal dependency in `src/`, a build
//! dependency in `build.rs` or `build/`, a dev dependency anywhere. One that is declared only to switch on a feature is listed
//! in `[package.metadata.cargo-machete] ignored`, the key that `cargo machete` reads too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Outcome;
use crate::metadata::{Dependency, Kind, Metadata, Package};
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let metadata = Metadata::load(workspace)?;
    let files = workspace.files()?;
    let mut findings = Vec::new();
    let mut looked_at = 0;
    for member in metadata.members() {
        let sources = Sources::read(workspace, member, &files)?;
        looked_at += member.dependencies.len();
        findings.extend(unused(member, &sources, &metadata));
    }
    Ok(Outcome::from_findings(findings, format!("{looked_at} dependencies")))
}

/// The words of a package's Rust code, by the kind of dependency they may come from.
#[derive(Default)]
struct Sources {
    normal: BTreeSet<String>,
    build: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Sources {
    fn read(workspace: &Workspace, member: &Package, files: &[PathBuf]) -> Result<Self> {
        let folder = member.manifest_path.parent().context("a manifest without a folder")?;
        let folder = folder.strip_prefix(workspace.root()).context("a member outside the workspace")?;
        let mut sources = Self::default();
        for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
            if let Ok(inside) = file.strip_prefix(folder) {
                sources.add(inside, &workspace.text(file)?.unwrap_or_default());
            }
        }
        Ok(sources)
    }

    fn add(&mut self, inside: &Path, code: &str) {
        let words = words(code);
        if inside.starts_with("src") {
            self.normal.extend(words.clone());
        } else if inside == Path::new("build.rs") || inside.starts_with("build") {
            self.build.extend(words.clone());
        }
        self.all.extend(words);
    }

    fn of(&self, kind: Option<Kind>) -> &BTreeSet<String> {
        match kind {
            None => &self.normal,
            Some(Kind::Build) => &self.build,
            Some(Kind::Dev) => &self.all,
        }
    }
}

/// Every word of the code, full-line comments left out.
fn words(code: &str) -> BTreeSet<String> {
    let lines = code.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
    let words = lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn unused(member: &Package, sources: &Sources, metadata: &Metadata) -> Vec<String> {
    let ignored = ignored(member);
    let declared =
        member.dependencies.iter().filter(|dependency| !ignored.contains(&dependency.name.as_str()));
    declared
        .filter(|dependency| !sources.of(dependency.kind).contains(&code_name(dependency, metadata)))
        .map(|dependency| format!("`{}` declares `{}` and does not use it", member.name, dependency.name))
        .collect()
}

fn ignored(member: &Package) -> Vec<&str> {
    let list = member.metadata.pointer("/cargo-machete/ignored").and_then(|list| list.as_array());
    list.into_iter().flatten().filter_map(|name| name.as_str()).collect()
}

/// What the code calls the dependency: its new name if renamed, else its library's, which may differ from its own.
fn code_name(dependency: &Dependency, metadata: &Metadata) -> String {
    let library = || {
        let package = metadata.packages.iter().find(|package| package.name == dependency.name);
        package.and_then(Package::library)
    };
    let name = dependency.rename.clone().or_else(library);
    name.unwrap_or_else(|| dependency.name.clone()).replace('-', "_")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(json: serde_json::Value) -> Package {
        serde_json::from_value(json).unwrap()
    }

    fn sources(files: &[(&str, &str)]) -> Sources {
        let mut sources = Sources::default();
        files.iter().for_each(|(name, code)| sources.add(Path::new(name), code));
        sources
    }

    #[test]
    fn a_dependency_named_only_in_a_comment_is_unused() {
        let member = package(
            json!({ "id": "a", "name": "a", "dependencies": [{ "name": "used" }, { "name": "idle" }] }),
        );
        let sources = sources(&[("src/lib.rs", "// idle was here\nuse used::Thing;\n")]);
        let expected = ["`a` declares `idle` and does not use it"];
        assert_eq!(unused(&member, &sources, &Metadata::default()), expected);
    }

    #[test]
    fn a_part_of_a_word_does_not_count() {
        let member = package(json!({ "id": "a", "name": "a", "dependencies": [{ "name": "ring" }] }));
        let sources = sources(&[("src/lib.rs", "let spring = String::new();")]);
        assert_eq!(unused(&member, &sources, &Metadata::default()).len(), 1);
    }

    #[test]
    fn a_normal_dependency_used_only_by_tests_should_be_a_dev_dependency() {
        let uses = json!([{ "name": "normal" }, { "name": "dev", "kind": "dev" }, { "name": "build", "kind": "build" }]);
        let member = package(json!({ "id": "a", "name": "a", "dependencies": uses }));
        let sources = sources(&[
            ("tests/it.rs", "normal::x(); dev::y();"),
            ("build/part.rs", "fn main() { build::z() }"),
        ]);
        let expected = ["`a` declares `normal` and does not use it"];
        assert_eq!(unused(&member, &sources, &Metadata::default()), expected);
    }

    #[test]
    fn the_library_may_have_another_name_than_its_package() {
        let uses = json!([{ "name": "odd-package" }, { "name": "long-name", "rename": "short" }]);
        let member = package(json!({ "id": "a", "name": "a", "dependencies": uses }));
        let targets = json!([{ "name": "plain_library", "kind": ["lib"] }]);
        let odd = package(json!({ "id": "odd", "name": "odd-package", "targets": targets }));
        let metadata = Metadata { packages: vec![odd], ..Metadata::default() };
        let sources = sources(&[("src/lib.rs", "plain_library::x(); short::y();")]);
        assert_eq!(unused(&member, &sources, &metadata), Vec::<String>::new());
    }

    #[test]
    fn the_manifest_may_ask_to_ignore_one() {
        let metadata = json!({ "cargo-machete": { "ignored": ["feature-only"] } });
        let uses = json!([{ "name": "feature-only" }]);
        let member = package(json!({ "id": "a", "name": "a", "dependencies": uses, "metadata": metadata }));
        assert_eq!(unused(&member, &Sources::default(), &Metadata::default()), Vec::<String>::new());
    }
}
