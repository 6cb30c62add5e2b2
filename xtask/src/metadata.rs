//! The part of `cargo metadata` that the checks read.
//!
//! Own small types instead of a crate: five structs are all that is asked, and the tests build them by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::{self, Workspace};

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) resolve: Option<Resolve>,
    #[serde(default)]
    pub(crate) target_directory: PathBuf,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) source: Option<String>,
    #[serde(default)]
    pub(crate) license: Option<String>,
    #[serde(default)]
    pub(crate) manifest_path: PathBuf,
    #[serde(default)]
    pub(crate) dependencies: Vec<Dependency>,
    #[serde(default)]
    pub(crate) targets: Vec<Target>,
    /// `[package.metadata]`, free for tools; `null` where there is none.
    #[serde(default)]
    pub(crate) metadata: serde_json::Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) rename: Option<String>,
    #[serde(default)]
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Build,
    Dev,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Edge>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Edge {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<EdgeKind>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct EdgeKind {
    pub(crate) kind: Option<Kind>,
}

impl Metadata {
    /// What cargo says of this workspace, by the lock file as it stands: a stale one is an error.
    pub(crate) fn load(workspace: &Workspace) -> Result<Self> {
        let mut command = workspace.cargo();
        command.args(["metadata", "--format-version", "1", "--locked"]);
        let json = workspace::output(&mut command)?;
        serde_json::from_slice(&json).context("cannot read what `cargo metadata` printed")
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    pub(crate) fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }

    /// Every package that ends up inside `root` when it is built, with the package that brought it in.
    /// Dev and build dependencies do not.
    pub(crate) fn linked_into<'a>(&'a self, root: &'a str) -> BTreeMap<&'a str, &'a str> {
        let edges = self.edges();
        let mut brought_by = BTreeMap::new();
        let mut waiting = vec![root];
        let mut seen = BTreeSet::from([root]);
        while let Some(id) = waiting.pop() {
            for edge in edges.get(id).into_iter().flat_map(|node| &node.deps) {
                let linked = edge.dep_kinds.iter().any(|kind| kind.kind.is_none());
                if linked && seen.insert(&edge.pkg) {
                    brought_by.insert(edge.pkg.as_str(), id);
                    waiting.push(&edge.pkg);
                }
            }
        }
        brought_by
    }

    fn edges(&self) -> BTreeMap<&str, &Node> {
        let nodes = self.resolve.iter().flat_map(|resolve| &resolve.nodes);
        nodes.map(|node| (node.id.as_str(), node)).collect()
    }
}

impl Package {
    /// The name under which Rust code says this package, where it has a library.
    pub(crate) fn library(&self) -> Option<String> {
        const LIBRARIES: [&str; 5] = ["lib", "rlib", "dylib", "cdylib", "proc-macro"];
        let is_library = |target: &&Target| target.kind.iter().any(|kind| LIBRARIES.contains(&kind.as_str()));
        self.targets.iter().find(is_library).map(|target| target.name.replace('-', "_"))
    }
}
