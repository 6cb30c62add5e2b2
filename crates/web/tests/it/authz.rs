//! Every route by every kind of caller, against a matrix that people wrote.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use sallyport_model::{Role, Settings, access};
use sallyport_web::rest::{Needs, table};
use serde_json::{Value, json};

use crate::world::{MODEL, PASSWORD, ROOT, World};

const MATRIX: &str = include_str!("../matrix.txt");
/// What takes a person, whoever asked before, or a phone that nobody here has, so that a token with the right is told what is
/// missing. Who is granted it is tried in `noun::reset`, and by the command line.
const NOT_FOR_THESE: [&str; 5] = [
    "POST /users/{user}/factors/{factor}/reactivate",
    "POST /users/{user}/resets",
    "POST /resets/{reset}/approve",
    "POST /resets/{reset}/call-back",
    "POST /resets/{reset}/confirm",
];
const SAML_METADATA: &str = r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://app.example"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/acs"/></SPSSODescriptor></EntityDescriptor>"#;
const CALLERS: [&str; 8] =
    ["nobody", "owner", "administrator", "help_desk", "auditor", "command_runner", "expired", "revoked"];

/// What is expected of each caller, by route such as `GET /users`.
fn matrix() -> BTreeMap<String, [&'static str; 8]> {
    let mut lines = BTreeMap::new();
    for line in MATRIX.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, cells @ ..] = words.as_slice() else { panic!("a line without a route: {line}") };
        let cells: [&str; 8] = cells.try_into().unwrap_or_else(|_| panic!("not eight cells: {line}"));
        assert!(cells.iter().all(|cell| ["ok", "401", "403"].contains(cell)), "{line}");
        let former = lines.insert(format!("{method} {path}"), cells);
        assert!(former.is_none(), "twice: {line}");
    }
    lines
}

fn routes() -> BTreeSet<String> {
    table().iter().map(|route| format!("{} {}", route.method, route.path)).collect()
}

#[test]
fn every_route_has_a_line_and_every_line_a_route() {
    let lines: BTreeSet<String> = matrix().into_keys().collect();
    let missing: Vec<_> = routes().difference(&lines).cloned().collect();
    assert!(missing.is_empty(), "routes without a line in tests/matrix.txt: {missing:?}");
    let superfluous: Vec<_> = lines.difference(&routes()).cloned().collect();
    assert!(superfluous.is_empty(), "lines in tests/matrix.txt without a route: {superfluous:?}");
}

#[test]
fn the_right_that_the_document_names_is_the_one_that_decides() {
    let matrix = matrix();
    for route in table() {
        let cells = matrix[&format!("{} {}", route.method, route.path)];
        for (caller, cell) in CALLERS.iter().zip(cells) {
            let role = Role::ALL.into_iter().find(|role| role.as_str() == *caller);
            let named = match (route.needs, role) {
                (Needs::Nothing, _) | (Needs::Token, Some(_)) => "ok",
                (Needs::Right(action), Some(role)) if access::allows(role, action) => "ok",
                // These are API tokens all of them; people who signed in are in `session`.
                (Needs::BothDoors | Needs::Right(_) | Needs::Session, Some(_)) => "403",
                (Needs::BothDoors | Needs::Right(_) | Needs::Session | Needs::Token, None) => "401",
            };
            assert_eq!(named, cell, "{} {} for {caller}", route.method, route.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_what_the_matrix_says() {
    let mut wrong = Vec::new();
    for (route, cells) in matrix() {
        let world = World::full().await;
        // Its keys take a while to be made, so it is there only where it is needed.
        if route.contains("/saml/") {
            let application = json!({ "name": "sso", "type": "saml" });
            world.owner().post("/applications", application).await.expect(201);
        }
        let (method, path) = route.split_once(' ').expect("a method and a path");
        let (path, body) = request(&world, method, path);
        let mut callers: Vec<_> = CALLERS.into_iter().zip(cells).collect();
        // Whoever is refused comes first, while what the call is about is still as it was.
        callers.sort_by_key(|(_, cell)| *cell == "ok");
        let mut first = true;
        for (caller, cell) in callers {
            let method: Method = method.parse().expect("a method");
            let kind = if path.starts_with("/users/import") { "text/csv" } else { "application/json" };
            let answer =
                world.caller(caller).send(method, &path, body.clone().map(|body| (kind, body))).await;
            let status = answer.status.as_u16();
            let right = match cell {
                "ok" if first && NOT_FOR_THESE.contains(&route.as_str()) => status == 409,
                "ok" if first => answer.status.is_success(),
                // What the one before did may stand in the way, but no missing right.
                "ok" => !matches!(status, 401 | 403) && status < 500,
                _ => {
                    cell == status.to_string() && answer.header("content-type") == "application/problem+json"
                }
            };
            first &= cell != "ok";
            if !right {
                wrong.push(format!("{route} by {caller}: {status} instead of {cell}: {}", answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_are_for_whoever_reads_the_directory() {
    let world = World::full().await;
    for caller in CALLERS {
        let status = world.caller(caller).get_outside("/metrics").await.status.as_u16();
        let expected = if matches!(caller, "nobody" | "expired" | "revoked") { 401 } else { 200 };
        assert_eq!(status, expected, "{caller}");
    }
}

/// A request to a route that somebody with the right would be granted.
pub(crate) fn request(world: &World, method: &str, route: &str) -> (String, Option<String>) {
    let id = |name: &str| world.ids[name].clone();
    let user = match (method, route) {
        ("DELETE", "/users/{user}") | ("POST", "/users/{user}/activate") => "stella",
        _ => "alice",
    };
    let device = match (method, route) {
        ("POST", "/devices/{device}/admit") => "d2",
        ("DELETE", "/devices/{device}") => "d3",
        _ => "d1",
    };
    let group = if method == "DELETE" && route == "/groups/{group}" { "laptops" } else { "people" };
    let token = if route.starts_with("/enrollment-tokens") { id("enrollment_token") } else { id("token") };
    let path = route
        .replace("{user}", user)
        .replace("{device}", device)
        .replace("{group}", group)
        .replace("{token}", &token)
        .replace("{factor}", &id("factor"))
        .replace("{session}", &id("session"))
        .replace("{browser}", &id("browser"))
        .replace("{member}", &id("alice"))
        .replace("{binding}", &id("binding"))
        .replace("{hardware_token}", if route.ends_with("/unassign") { "SN-2" } else { "SN-1" })
        .replace("{aaguid}", MODEL)
        .replace("{mailing}", &id("mailing"))
        .replace("{application}/claims", "charts/claims?user=alice")
        .replace("{application}/instructions", "charts/instructions")
        .replace("{application}", if route.contains("/saml/") { "sso" } else { "vpn" })
        .replace("{signing_key}", &id("signing_key"))
        .replace("{connector}", "duo")
        .replace("{webhook}", "hook")
        .replace("{event}", &id("event"))
        .replace("{stream}", "siem")
        .replace("{export_run}", &id("export_run"))
        .replace("{policy}", "vpns")
        .replace("{access_rule}", "office")
        .replace("{reset}", &id("reset"))
        .replace("{alarm}", &id("alarm"))
        .replace("{command}", "hello")
        .replace("{run}", &id("run"));
    (path, body(world, method, route))
}

fn body(world: &World, method: &str, route: &str) -> Option<String> {
    let json: Value = match (method, route) {
        ("POST", "/sign-in") => json!({ "name": "alice", "password": PASSWORD }),
        ("POST", "/sign-in/second-door") => {
            json!({ "handle": world.ids["handle"], "passcode": world.ids["code"] })
        }
        ("POST", "/sign-in/text") => json!({ "handle": world.ids["handle"], "phone": world.ids["phone"] }),
        ("POST", "/users/{user}/phones") => json!({ "number": "+1 500 555 0011" }),
        ("POST", "/users/{user}/resets") => json!({ "what": "password", "reason": "forgotten" }),
        ("POST", "/alarms/{alarm}/close") => json!({ "note": "called her" }),
        ("POST", "/resets/{reset}/call-back") => json!({ "by": "text" }),
        ("POST", "/resets/{reset}/confirm") => json!({ "code": "1234567" }),
        ("PATCH", "/me/factors/{factor}" | "/users/{user}/factors/{factor}") => {
            json!({ "name": "My factor" })
        }
        ("POST", "/me/factors/totp/confirm" | "/me/factors/number/confirm") => {
            json!({ "handle": "none", "passcode": "000000" })
        }
        ("POST", "/me/factors/number") => json!({ "number": "+1 500 555 0012" }),
        ("POST", "/me/factors/{factor}/resync") => json!({ "codes": ["755224", "287082"] }),
        ("POST", "/users/{user}/factors/{factor}/reactivate") => json!({}),
        ("POST", "/step-up") => json!({ "passcode": "000000" }),
        ("POST", "/users") => json!({ "name": "bob" }),
        ("PATCH", "/users/{user}") => json!({ "display_name": "Alice A." }),
        ("PUT", "/users/{user}/roles") => json!({ "roles": [] }),
        ("PUT", "/users/{user}/password") => json!({ "password": "tulip gravel hovercraft" }),
        (
            "POST",
            "/users/{user}/bypass-codes" | "/users/{user}/enrollment-code" | "/users/{user}/enrollment-link",
        ) => {
            json!({})
        }
        ("POST", "/users/bulk/add-to-group" | "/users/bulk/remove-from-group") => {
            json!({ "users": ["alice"], "group": "people" })
        }
        ("POST", route) if route.starts_with("/users/bulk/") => json!({ "users": ["alice", "stella"] }),
        ("POST", "/devices/bulk/add-to-group" | "/devices/bulk/remove-from-group") => {
            json!({ "devices": ["d1"], "group": "laptops" })
        }
        ("POST", "/devices/bulk/run") => json!({ "devices": ["d1"], "command": "hello" }),
        ("POST", route) if route.starts_with("/devices/bulk/") => json!({ "filter": {} }),
        ("POST", "/users/import") => return Some("name\ncarol\n".into()),
        ("POST", "/groups") => json!({ "name": "servers", "kind": "devices" }),
        ("PATCH", "/groups/{group}") => json!({ "description": "All of us" }),
        ("POST", "/groups/{group}/members") => json!({ "user": "stella" }),
        ("POST", "/hardware-tokens/import") => {
            json!({ "file": "serial,kind,secret\nSN-8,hotp,3132333435363738393031323334353637383999\n" })
        }
        ("POST", "/hardware-tokens/{hardware_token}/assign") => json!({ "user": "alice" }),
        ("POST", "/hardware-tokens/{hardware_token}/resync") => json!({ "codes": ["755224", "287082"] }),
        ("PATCH", "/branding") => json!({ "help": { "en": "Call 4711" } }),
        ("PATCH", "/devices/{device}") => json!({ "name": "laptop-1" }),
        ("POST", "/enrollment-tokens" | "/commands/{command}/launch") => json!({}),
        ("POST", "/bindings") => json!({ "user_group": "people", "device_group": "laptops" }),
        ("PATCH", "/bindings/{binding}") => json!({ "right": "administrator" }),
        ("POST", "/applications") => json!({ "name": "mail", "type": "duo-auth-api" }),
        ("POST", "/signing-keys/rotate") => json!({ "algorithm": "RS256" }),
        ("PATCH", "/applications/{application}") => json!({ "enabled": false }),
        ("POST", "/applications/{application}/saml/metadata") => json!({ "metadata": SAML_METADATA }),
        ("POST", "/connectors") => json!({
            "name": "duo 2", "type": "duo-export", "host": "api-1.example", "ikey": "DIWJ8X6AEYOR5OMC6TQ1",
            "skey": "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
        }),
        ("PATCH", "/connectors/{connector}") => json!({ "phones": true }),
        ("POST", "/webhooks") => {
            json!({ "name": "hook 2", "url": "https://hooks.example.com/", "kinds": ["user"] })
        }
        ("PATCH", "/webhooks/{webhook}") => json!({ "kinds": ["sign_in.denied"] }),
        ("POST", "/event-streams") => json!({
            "name": "siem 2", "target": { "kind": "http", "url": "https://siem.example.com/", "shape": "splunk" },
            "secret": "11111111-2222", "format": "ocsf",
        }),
        ("PATCH", "/event-streams/{stream}") => json!({ "format": "cef" }),
        ("POST", "/sessions/end") => {
            json!({ "sessions": [{ "user": world.ids["alice"], "session": world.ids["session"] }] })
        }
        ("POST", "/policies") => json!({ "name": "strict", "sections": { "new_user": "deny" } }),
        ("PATCH", "/policies/{policy}") => json!({ "name": "stricter" }),
        ("POST", "/access-rules") => {
            json!({ "name": "abroad", "says": { "then": { "effect": "second_door" } } })
        }
        ("POST", "/access-rules/preview") => json!({ "says": { "then": { "effect": "deny" } } }),
        ("PATCH", "/access-rules/{access_rule}") => json!({ "note": "asked for by audit" }),
        ("POST", "/access-rules/{access_rule}/return") => {
            json!({ "change": world.ids["rule_version"].parse::<i64>().expect("a number") })
        }
        ("POST", "/commands") => json!({ "name": "uptime", "interpreter": "sh", "body": "uptime" }),
        ("PATCH", "/commands/{command}") => json!({ "body": "echo bye" }),
        ("POST", "/passkey-models") => json!({ "aaguid": MODEL, "name": "Acme Key", "roots": ROOT }),
        ("PUT", "/settings") | ("POST", "/settings/preview") => {
            json!(Settings { organization: "Example & Sons".into(), ..Settings::default() })
        }
        ("PUT", "/telephony") => json!({
            "provider": { "kind": "twilio", "account": "AC1" }, "sender": "+15005550006", "texts": true, "countries": ["+1"],
            "secret": "a-token",
        }),
        ("PUT", "/mail") => json!({
            "server": { "host": "smtp.example.com", "port": 465, "user": "it" }, "sender": "it@example.com", "password": "pass",
        }),
        ("POST", "/mail/preview") => json!({ "subject": "Hello {name}", "text": "{link}" }),
        ("POST", "/mailings" | "/mailings/preview") => json!({ "users": ["emil"] }),
        ("PUT", "/duo") => json!({
            "client_id": "DIXXXXXXXXXXXXXXXXXX", "host": "localhost:1", "name": "mail", "secret": "s".repeat(40),
        }),
        ("POST", "/tokens") => json!({ "name": "backup", "role": "auditor", "days": 1 }),
        _ => return None,
    };
    Some(json.to_string())
}
