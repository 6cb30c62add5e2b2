//! Who may use whom: the rooms of the workspace, and the libraries that must stay in one room.
//!
//! A room may use only the rooms listed for it, so effects keep going through `app`, SQL stays in `store`, and what is
//! loaded into somebody's login process stays small. Dev dependencies may in addition reach
//! the test kit and, to build what they test, the rooms one step further down.

use anyhow::Result;

use super::Outcome;
use crate::metadata::{Kind, Metadata, Package};
use crate::workspace::Workspace;

const PREFIX: &str = "sallyport-";

/// A room and the rooms it may use. `all` stands for every room.
struct Room {
    name: &'static str,
    may_use: &'static [&'static str],
}

#[rustfmt::skip]
const ROOMS: &[Room] = &[
    // Below: nouns and codecs, no IO.
    Room { name: "model",      may_use: &[] },
    Room { name: "crypto",     may_use: &["model"] },
    Room { name: "wire",       may_use: &["crypto", "model"] },
    Room { name: "saml",       may_use: &["crypto", "model"] },
    Room { name: "api",        may_use: &["model"] },
    // Services.
    Room { name: "policy",     may_use: &["model"] },
    Room { name: "store",      may_use: &["model", "crypto"] },
    Room { name: "connect",    may_use: &["wire", "crypto", "model"] },
    Room { name: "installers", may_use: &["crypto", "model"] },
    // Use cases.
    Room { name: "app",        may_use: &["store", "policy", "connect", "installers", "wire", "saml", "api", "crypto", "model"] },
    // Edges.
    Room { name: "web",        may_use: &["app", "api", "wire", "saml", "model"] },
    Room { name: "listen",     may_use: &["app", "wire", "model"] },
    Room { name: "ipc",        may_use: &[] },
    // Binaries.
    Room { name: "server",     may_use: &["web", "listen", "app", "store", "policy", "connect", "installers", "wire", "saml", "api", "crypto", "model"] },
    Room { name: "proxy",      may_use: &["connect", "wire", "api", "crypto", "model"] },
    Room { name: "agent",      may_use: &["connect", "api", "ipc", "wire", "crypto", "model"] },
    Room { name: "pam",        may_use: &["ipc"] },
    Room { name: "credprov",   may_use: &["ipc"] },
    Room { name: "authplugin", may_use: &["ipc"] },
    // Codecs as functions of bytes, for the fuzzer and for tests.
    Room { name: "fuzz",       may_use: &["agent", "pam", "connect", "wire", "saml", "api", "ipc", "policy", "crypto", "model"] },
    Room { name: "testkit",    may_use: &["all"] },
    // The workspace's own tasks put packages together.
    Room { name: "xtask",      may_use: &["installers"] },
];

/// Libraries that only some rooms may name in their manifests. A trailing `*` stands for any ending.
struct Kept {
    what: &'static str,
    crates: &'static [&'static str],
    rooms: &'static [&'static str],
}

const KEPT: &[Kept] = &[
    Kept {
        what: "SQL",
        crates: &["rusqlite", "postgres", "tokio-postgres", "sqlx*", "libsqlite3-sys", "diesel*", "sea-orm*"],
        rooms: &["store", "testkit"],
    },
    Kept {
        what: "serving HTTP",
        crates: &["axum*", "actix*", "warp", "rocket", "poem", "tower-http"],
        rooms: &["web", "server", "testkit"],
    },
    Kept {
        what: "an HTTP client",
        crates: &["reqwest", "ureq", "isahc", "curl", "hyper-rustls", "hyper-tls"],
        rooms: &["connect", "testkit"],
    },
];

/// Libraries that must not be linked into some rooms, by whatever road they come.
struct Barred {
    what: &'static str,
    crates: &'static [&'static str],
    rooms: &'static [&'static str],
}

const BARRED: &[Barred] = &[
    Barred {
        what: "pure rooms do no IO",
        crates: &[
            "tokio",
            "mio",
            "axum*",
            "hyper",
            "rusqlite",
            "postgres",
            "tokio-postgres",
            "sqlx*",
            "reqwest",
        ],
        rooms: &["model", "policy", "crypto", "wire", "saml", "api"],
    },
    Barred {
        what: "login shims carry no TLS, JSON or runtime",
        crates: &[
            "tokio",
            "rustls",
            "ring",
            "aws-lc-rs",
            "openssl",
            "hyper",
            "serde",
            "serde_json",
            "tracing",
        ],
        rooms: &["ipc", "pam", "credprov", "authplugin"],
    },
];

pub(super) fn run(workspace: &Workspace) -> Result<Outcome> {
    let metadata = Metadata::load(workspace)?;
    Ok(Outcome::from_findings(findings(&metadata), format!("{} rooms", metadata.members().count())))
}

fn findings(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for member in metadata.members() {
        let Some(room) = ROOMS.iter().find(|room| room.name == room_name(&member.name)) else {
            findings.push(format!(
                "`{}` is no known room; give it a line in the table of directions",
                member.name
            ));
            continue;
        };
        findings.extend(wrong_directions(room, member, metadata));
        findings.extend(wrong_rooms(room, member));
        findings.extend(wrongly_linked(room, member, metadata));
    }
    findings
}

/// Uses of another room that are not in the table.
fn wrong_directions(room: &Room, member: &Package, metadata: &Metadata) -> Vec<String> {
    let ours = |name: &str| metadata.members().any(|other| other.name == name);
    let below = |name: &str| {
        room.may_use
            .iter()
            .any(|used| ROOMS.iter().any(|room| room.name == *used && room.may_use.contains(&name)))
    };
    let allowed = |name: &str, kind: Option<Kind>| {
        room.may_use.contains(&"all")
            || room.may_use.contains(&name)
            || (kind == Some(Kind::Dev) && (name == "testkit" || name == room.name || below(name)))
    };
    let uses = member.dependencies.iter().filter(|dependency| ours(&dependency.name));
    uses.filter(|dependency| !allowed(room_name(&dependency.name), dependency.kind))
        .map(|dependency| format!("`{}` may not use `{}`", room.name, room_name(&dependency.name)))
        .collect()
}

/// Libraries named in the manifest of a room that may not have them. Tests may use what they like.
fn wrong_rooms(room: &Room, member: &Package) -> Vec<String> {
    let mut findings = Vec::new();
    for dependency in member.dependencies.iter().filter(|dependency| dependency.kind != Some(Kind::Dev)) {
        for kept in KEPT.iter().filter(|kept| !kept.rooms.contains(&room.name)) {
            if matches_any(&dependency.name, kept.crates) {
                let rooms = kept.rooms.join(", ");
                findings.push(format!(
                    "`{}` may not use `{}`: {} lives in {rooms}",
                    room.name, dependency.name, kept.what
                ));
            }
        }
    }
    findings
}

/// Libraries that reach a room that must be free of them.
fn wrongly_linked(room: &Room, member: &Package, metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    let barred: Vec<&Barred> = BARRED.iter().filter(|barred| barred.rooms.contains(&room.name)).collect();
    if barred.is_empty() {
        return findings;
    }
    for (id, by) in metadata.linked_into(&member.id) {
        let name = metadata.package(id).map_or(id, |package| package.name.as_str());
        let by = metadata.package(by).map_or(by, |package| package.name.as_str());
        for barred in barred.iter().filter(|barred| matches_any(name, barred.crates)) {
            findings.push(format!("`{}` links `{name}` (through `{by}`): {}", room.name, barred.what));
        }
    }
    findings
}

fn room_name(package: &str) -> &str {
    package.strip_prefix(PREFIX).unwrap_or(package)
}

fn matches_any(name: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

#[cfg(test)]
mod tests;
