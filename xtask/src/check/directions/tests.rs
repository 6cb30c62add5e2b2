use serde_json::{Value, json};

use super::*;

/// Metadata of a workspace whose members are given with their dependencies; `dev:` marks a dev dependency.
/// The second list is what cargo would have resolved.
fn workspace(members: &[(&str, &[&str])], resolved: &[(&str, &[&str])]) -> Metadata {
    let packages = members.iter().map(|(name, uses)| {
        let dependencies: Vec<Value> = uses.iter().map(|name| dependency(name)).collect();
        json!({ "id": name, "name": name, "dependencies": dependencies })
    });
    let nodes = resolved.iter().map(|(id, uses)| {
        let edge = |pkg: &&str| json!({ "pkg": pkg, "dep_kinds": [{ "kind": null }] });
        json!({ "id": id, "deps": uses.iter().map(edge).collect::<Vec<_>>() })
    });
    let metadata = json!({
        "packages": packages.collect::<Vec<_>>(),
        "workspace_members": members.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "resolve": { "nodes": nodes.collect::<Vec<_>>() },
    });
    serde_json::from_value(metadata).unwrap()
}

fn dependency(name: &str) -> Value {
    match name.strip_prefix("dev:") {
        Some(name) => json!({ "name": name, "kind": "dev" }),
        None => json!({ "name": name, "kind": null }),
    }
}

#[test]
fn listed_directions_pass() {
    let metadata = workspace(
        &[
            ("sallyport-model", &[]),
            ("sallyport-store", &["sallyport-model", "rusqlite"]),
            ("sallyport-app", &["sallyport-store", "dev:sallyport-testkit"]),
            ("sallyport-testkit", &["sallyport-app", "axum", "postgres"]),
        ],
        &[("sallyport-store", &["sallyport-model", "rusqlite"])],
    );
    assert_eq!(findings(&metadata), Vec::<String>::new());
}

#[test]
fn web_may_not_go_round_app() {
    let metadata = workspace(&[("sallyport-web", &["sallyport-store"]), ("sallyport-store", &[])], &[]);
    assert_eq!(findings(&metadata), ["`web` may not use `store`"]);
}

#[test]
fn nothing_below_may_look_up() {
    let metadata = workspace(&[("sallyport-model", &["sallyport-crypto"]), ("sallyport-crypto", &[])], &[]);
    assert_eq!(findings(&metadata), ["`model` may not use `crypto`"]);
}

#[test]
fn the_test_kit_is_for_tests_only() {
    let metadata = workspace(&[("sallyport-app", &["sallyport-testkit"]), ("sallyport-testkit", &[])], &[]);
    assert_eq!(findings(&metadata), ["`app` may not use `testkit`"]);
}

#[test]
fn a_dev_dependency_reaches_one_step_further_down_and_no_other_way() {
    let found = |room: &str, uses: &str| {
        let other = uses.trim_start_matches("dev:");
        findings(&workspace(&[(room, &[uses]), (other, &[])], &[]))
    };
    assert_eq!(found("sallyport-web", "dev:sallyport-store"), Vec::<String>::new());
    assert_eq!(found("sallyport-web", "sallyport-store"), ["`web` may not use `store`"]);
    assert_eq!(found("sallyport-store", "dev:sallyport-app"), ["`store` may not use `app`"]);
    assert_eq!(found("sallyport-pam", "dev:sallyport-app"), ["`pam` may not use `app`"]);
}

#[test]
fn sql_stays_in_store_and_http_in_web() {
    let metadata = workspace(&[("sallyport-app", &["rusqlite", "axum-core", "ureq"])], &[]);
    assert_eq!(
        findings(&metadata),
        [
            "`app` may not use `rusqlite`: SQL lives in store, testkit",
            "`app` may not use `axum-core`: serving HTTP lives in web, server, testkit",
            "`app` may not use `ureq`: an HTTP client lives in connect, testkit",
        ]
    );
}

#[test]
fn pure_rooms_stay_pure_through_others_too() {
    let metadata = workspace(
        &[("sallyport-wire", &["innocent"])],
        &[("sallyport-wire", &["innocent"]), ("innocent", &["tokio"]), ("tokio", &[])],
    );
    assert_eq!(findings(&metadata), ["`wire` links `tokio` (through `innocent`): pure rooms do no IO"]);
}

#[test]
fn a_login_shim_carries_no_json() {
    let metadata = workspace(
        &[("sallyport-pam", &["sallyport-ipc"]), ("sallyport-ipc", &[])],
        &[("sallyport-pam", &["sallyport-ipc"]), ("sallyport-ipc", &["serde_json"])],
    );
    let shims = "login shims carry no TLS, JSON or runtime";
    assert_eq!(
        findings(&metadata),
        [
            format!("`pam` links `serde_json` (through `sallyport-ipc`): {shims}"),
            format!("`ipc` links `serde_json` (through `sallyport-ipc`): {shims}"),
        ]
    );
}

#[test]
fn build_and_dev_edges_link_nothing() {
    let metadata: Metadata = serde_json::from_value(json!({
        "packages": [{ "id": "sallyport-wire", "name": "sallyport-wire" }],
        "workspace_members": ["sallyport-wire"],
        "resolve": { "nodes": [
            { "id": "sallyport-wire", "deps": [
                { "pkg": "tokio", "dep_kinds": [{ "kind": "dev" }, { "kind": "build" }] },
            ] },
        ] },
    }))
    .unwrap();
    assert_eq!(findings(&metadata), Vec::<String>::new());
}

#[test]
fn an_unknown_room_is_refused() {
    let metadata = workspace(&[("sallyport-attic", &[])], &[]);
    assert_eq!(
        findings(&metadata),
        ["`sallyport-attic` is no known room; give it a line in the table of directions"]
    );
}
