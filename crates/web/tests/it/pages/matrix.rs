//! Every route of the pages by every kind of caller, against a matrix that people wrote.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_app::{factor, user};
use sallyport_crypto::{Secret, totp};
use sallyport_model::Role;

use super::{
    browser::{Answer, Browser},
    house::PASSWORD,
    routes::routes,
};
use crate::world::{MODEL, ROOT, World};

const MATRIX: &str = include_str!("../../pages.txt");
const TOKENS: &str = "serial,kind,secret\nSN-9,totp,3132333435363738393031323334353637383999\n";
const CALLERS: [&str; 7] =
    ["stranger", "person", "owner", "administrator", "help_desk", "auditor", "command_runner"];

/// What is expected of each caller at a route such as `GET /admin/users`.
pub(super) struct Line {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) cells: [&'static str; 7],
}

pub(super) fn matrix() -> Vec<Line> {
    let lines = MATRIX.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [method, path, cells @ ..] = words.as_slice() else {
                panic!("a line without a route: {line}")
            };
            let cells: [&str; 7] = cells.try_into().unwrap_or_else(|_| panic!("not seven cells: {line}"));
            assert!(cells.iter().all(|cell| ["ok", "403", "in"].contains(cell)), "{line}");
            Line { method, path, cells }
        })
        .collect()
}

#[test]
fn every_page_has_a_line_and_every_line_a_page() {
    let lines: Vec<String> = matrix().iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    let known: BTreeSet<String> = lines.iter().cloned().collect();
    assert_eq!(known.len(), lines.len(), "a line stands twice");
    let declared: BTreeSet<String> = routes()
        .iter()
        .flat_map(|route| {
            [("GET", "get("), ("POST", "post(")]
                .into_iter()
                .filter(|(_, declared)| route.methods.contains(declared))
                .map(|(method, _)| format!("{method} {}", route.path))
        })
        .collect();
    let missing: Vec<_> = declared.difference(&known).collect();
    assert!(missing.is_empty(), "routes without a line in tests/pages.txt: {missing:#?}");
    let superfluous: Vec<_> = known.difference(&declared).collect();
    assert!(superfluous.is_empty(), "lines in tests/pages.txt without a route: {superfluous:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_gets_what_the_matrix_of_pages_says() {
    let world = World::full().await;
    let mut browsers = BTreeMap::new();
    for caller in CALLERS {
        browsers.insert(caller, browser(&world, caller).await);
    }
    let feed = async || world.system().read(sallyport_app::ctx::feed_head).await.expect("the feed");
    let before = feed().await;
    let mut wrong = Vec::new();
    // Whoever is refused comes first, while everything is there; and then nothing may have changed.
    for refused in [true, false] {
        for line in &matrix() {
            let mut first = true;
            // Out of the house the way leads to the door, and that is no refusal.
            let is_refused =
                |cell: &str| cell != "ok" && !["/sign-out", "/oidc/logout/confirmed"].contains(&line.path);
            for (caller, cell) in
                CALLERS.into_iter().zip(line.cells).filter(|(_, cell)| is_refused(cell) == refused)
            {
                let browser = browsers.get_mut(caller).expect("a browser");
                let answer = ask(&world, browser, line).await;
                let met = match cell {
                    // What the one before did may stand in the way, but no missing right.
                    "ok" => came_through(&answer) && (!first || answer.status < 400 || may_fail(line)),
                    "in" => is_sent_to_sign_in(&answer),
                    _ => answer.status.to_string() == cell,
                };
                first = false;
                if !met {
                    let (status, to) = (answer.status, answer.location());
                    wrong.push(format!(
                        "{} {} by {caller}: {status} {to} instead of {cell}",
                        line.method, line.path
                    ));
                }
            }
        }
        if refused {
            assert_eq!(feed().await, before, "a refused request changed something");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The browser of somebody with this role, or without any, who came through both doors.
pub(super) async fn browser(world: &World, caller: &'static str) -> Browser {
    if caller == "stranger" {
        let mut browser = Browser::new(world.face.clone());
        browser.get("/sign-in").await;
        return browser;
    }
    let (mut browser, passcode) = half_way(world, caller).await;
    let inside = browser.submit("/sign-in/second", &[("passcode", &passcode)]).await;
    assert_eq!(inside.status, 303, "{caller}: {}", inside.body);
    browser.get("/").await;
    browser
}

/// The same between the doors, with the code that opens the second.
pub(super) async fn half_way(world: &World, caller: &'static str) -> (Browser, String) {
    let mut browser = Browser::new(world.face.clone());
    browser.get("/sign-in").await;
    let ctx = world.system();
    // Some of the words are names of system accounts.
    let name = format!("a-{}", caller.replace('_', "-"));
    let input = sallyport_api::rest::CreateUser { name: name.clone(), active: true, ..Default::default() };
    let id = user::create(&ctx, input).await.expect("a user").id;
    user::set_password(&ctx, id, &PASSWORD.into()).await.expect("a password");
    let role = Role::ALL.into_iter().find(|role| role.as_str() == caller);
    assert_eq!(role.is_none(), caller == "person");
    if let Some(role) = role {
        user::set_roles(&ctx, id, [role].into()).await.expect("a role");
    }
    let code = factor::issue_enrollment_code(&ctx, id, 3600).await.expect("a code");
    let pending = factor::begin_totp(&ctx, &code).await.expect("a seed");
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).expect("base32");
    let step = ctx.now.unix_seconds() / 30;
    let first = Secret::new(totp::code(&seed, step - 1));
    factor::confirm_totp(&ctx, &pending.handle, &first).await.expect("an authenticator");
    browser.submit("/sign-in", &[("name", &name), ("password", PASSWORD)]).await;
    (browser, totp::code(&seed, step))
}

pub(super) async fn ask(world: &World, browser: &mut Browser, line: &Line) -> Answer {
    let path = filled(world, line);
    if line.method == "GET" {
        return browser.get(&path).await;
    }
    // The form comes from a page of the caller's own: a door for whoever is out, the portal for whoever is in.
    browser.get("/sign-in").await;
    browser.get("/").await;
    let fields = fields(world, line.path);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(&path, &fields).await
}

/// No missing right, no fault of ours, and not out of the house.
fn came_through(answer: &Answer) -> bool {
    !matches!(answer.status, 401 | 403 | 405) && answer.status < 500 && !is_sent_to_sign_in(answer)
}

pub(super) fn is_sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.location().starts_with("/sign-in")
}

/// Forms that are taken and then answered with a *no*, whoever sends them here; and a setup that is over.
fn may_fail(line: &Line) -> bool {
    (line.method == "POST"
        || line.path.starts_with("/saml/")
        || line.path.starts_with("/ws-federation/")
        || line.path.starts_with("/branding/")
        || ["/setup", "/oauth/v1/prompt", "/oidc/authorize", "/oidc/continue", "/this-device/back"]
            .contains(&line.path))
        && [
            "/password",
            "/factors/",
            "/sessions/",
            "/remembered/",
            "/setup",
            "/enroll",
            "/sign-in",
            "/step-up",
            "/this-device/back",
            "/oauth/",
            "/oidc/",
            "/device",
            "/saml/",
            "/ws-federation/",
            // There is none; what there is, is looked at by itself.
            "/branding/",
            "/admin/duo/check",
            "/admin/users/{id}/resets",
            "/admin/alarms/{id}/close",
            "/admin/users/{id}/factors/{factor}/reactivate",
            "/admin/resets/{id}/call-back",
            "/admin/resets/{id}/confirm",
            // The application of these is of another kind; those that are of it are tried in `testkit`.
            "/admin/applications/{id}/saml",
            "/resets/",
        ]
        .iter()
        .any(|door| line.path.starts_with(door))
}

fn filled(world: &World, line: &Line) -> String {
    let id = |name: &str| world.ids[name].clone();
    if ["/forward-auth/begin", "/forward-auth/continue"].contains(&line.path) {
        return format!("{}?to=https://proxied.example.com/&browser={}", line.path, "0".repeat(64));
    }
    if line.path == "/admin/live" {
        // It would go on for long.
        return format!("{}?longest=0", line.path);
    }
    if line.path == "/frame/qr" {
        let host = data_encoding::BASE64.encode(b"sallyport.example.com");
        return format!("/frame/qr?value=duo://0000111122223333-{host}");
    }
    let of = match line.path {
        "/admin/users/{id}/delete" => id("stella"),
        path if path.starts_with("/admin/users/") => id("alice"),
        "/admin/groups/{id}/device-login" | "/admin/groups/{id}/delete" => id("laptops"),
        path if path.starts_with("/admin/groups/") => id("people"),
        path if path.starts_with("/admin/hardware-tokens/") => id("hardware_token"),
        path if path.starts_with("/admin/bindings/") => id("binding"),
        path if path.starts_with("/applications/") => id("charts"),
        path if path.starts_with("/admin/applications/")
            && ["/instructions", "/claims", "/answers", "/oidc", "/used-by", "/logo", "/test", "/back"]
                .iter()
                .any(|end| path.ends_with(end)) =>
        {
            id("charts")
        }
        path if path.starts_with("/admin/signing-keys/") => id("signing_key"),
        path if path.starts_with("/admin/applications/") => id("application"),
        path if path.starts_with("/admin/connectors/") => id("connector"),
        path if path.starts_with("/admin/webhooks/") => id("webhook"),
        path if path.starts_with("/admin/event-streams/") => id("event_stream"),
        "/admin/policies/{id}/delete" => id("unused_policy"),
        path if path.starts_with("/admin/policies/") => id("policy"),
        path if path.starts_with("/admin/access-rules/") => id("access_rule"),
        path if path.starts_with("/admin/commands/") => id("command"),
        path if path.starts_with("/admin/alarms/") => id("alarm"),
        path if path.contains("/resets/") => id("reset"),
        path if path.starts_with("/admin/runs/") => id("run"),
        "/admin/devices/{id}/admit" => id("d2"),
        "/admin/devices/{id}/delete" => id("d3"),
        path if path.starts_with("/admin/devices/") => id("d1"),
        path if path.starts_with("/admin/mailings/") => id("mailing"),
        path if path.starts_with("/admin/enrollment-tokens/") => id("enrollment_token"),
        path if path.starts_with("/admin/tokens/") => id("token"),
        path if path.starts_with("/factors/") => id("factor"),
        _ => id("session"),
    };
    let path = line.path.replace("{id}", &of).replace("{factor}", &id("factor"));
    let path = path.replace("{application}", &id("application"));
    let path = path.replace("{browser}", &id("browser")).replace("{aaguid}", MODEL);
    let path = path.replace("{entry}", "harbor");
    let path = path.replace("{run}", &id("export_run")).replace("{event}", &id("event"));
    path.replace("{session}", &id("session")).replace("{kind}", "users").replace("{digest}", "0000")
}

/// A form that somebody with the right would be granted.
pub(super) fn fields(world: &World, path: &str) -> Vec<(&'static str, String)> {
    let given: &[(&'static str, &str)] = match path {
        "/sign-in" => &[("name", "a-person"), ("password", PASSWORD)],
        "/admin/users/new" => &[("name", "bob")],
        "/admin/users/import" => &[("file", "name\ncarol\n"), ("step", "apply")],
        "/admin/users/bulk" => return vec![("action", "suspend".into()), ("id", world.ids["alice"].clone())],
        "/admin/devices/bulk" => return vec![("action", "admit".into()), ("id", world.ids["d2"].clone())],
        "/admin/users/{id}" => &[("display_name", "Alice A."), ("mails", "alice@example.com")],
        "/admin/users/{id}/resets" => &[("what", "unlock"), ("reason", "locked")],
        "/admin/resets/{id}/call-back" => &[("by", "text")],
        "/admin/resets/{id}/confirm" => &[("code", "1234567")],
        "/admin/users/{id}/factors/{factor}/rename" => &[("name", "Codes")],
        "/admin/alarms/{id}/close" => &[("note", "called her")],
        "/admin/users/{id}/phones" => &[("number", "+15005550012"), ("texts", "yes")],
        "/factors/number" => &[("number", "+15005550013")],
        "/sign-in/second/text" | "/step-up/text" => return vec![("phone", world.ids["phone"].clone())],
        "/admin/users/{id}/bypass-codes" => &[("count", "1"), ("hours", "1")],
        "/admin/users/{id}/hardware-token" => &[("token", "SN-3")],
        "/admin/users/{id}/password" => &[("password", "tulip gravel hovercraft")],
        "/admin/groups" => &[("name", "servers"), ("kind", "devices")],
        "/admin/groups/{id}" => &[("name", "people"), ("description", "All of us")],
        "/admin/groups/{id}/members" | "/admin/groups/{id}/members/remove" => &[("user", "bob")],
        "/admin/groups/{id}/device-login" => &[
            ("own", "yes"),
            ("services", "sshd"),
            ("prompts", "2"),
            ("ssh_keys", "key_alone"),
            ("fail_mode", "closed"),
        ],
        "/admin/branding" => &[("organization", "Example")],
        "/admin/passkey-models" => &[("name", "Acme Key"), ("aaguid", MODEL), ("roots", ROOT)],
        "/admin/hardware-tokens/import" => &[("file", TOKENS), ("step", "apply")],
        "/admin/hardware-tokens/{id}/assign" => &[("user", "alice")],
        "/admin/hardware-tokens/{id}/resync" => &[("code", "755224"), ("code", "287082")],
        "/admin/bindings" => &[("user", "bob"), ("device", "d1")],
        "/admin/bindings/{id}" => &[("right", "administrator")],
        "/admin/applications" => &[("name", "mail"), ("type", "duo-auth-api")],
        "/applications/{id}/favourite" => &[("favourite", "yes")],
        "/admin/catalogue/{entry}" => &[("answer_base_url", "https://harbor.example.com")],
        "/admin/applications/{id}/answers" => &[("answer_base_url", "https://c2.example.com")],
        "/admin/applications/{id}/oidc" => &[
            ("name", "charts"),
            ("enabled", "yes"),
            ("redirect_uris", "https://c3.example.com/cb"),
            ("authentication", "secret"),
            ("grants", "authorization_code"),
            ("scopes", "openid"),
            ("signing_algorithm", "RS256"),
        ],
        "/admin/applications/{id}/used-by" => &[("who", "only")],
        "/admin/signing-keys/rotate" => &[("algorithm", "RS256")],
        "/admin/applications/{id}" => &[
            ("name", "vpn 2"),
            ("enabled", "yes"),
            ("accepts_undated", "yes"),
            ("redirect_uris", "https://vpn.example/cb\r\nhttps://vpn.example/cb2"),
        ],
        "/admin/connectors" => &[
            ("name", "duo 2"),
            ("host", "api-1.example"),
            ("ikey", "DIWJ8X6AEYOR5OMC6TQ1"),
            ("skey", "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep"),
        ],
        "/admin/connectors/{id}" => &[
            ("name", "duo"),
            ("enabled", "yes"),
            ("who", "all"),
            ("username", "mail"),
            ("leavers", "trash"),
            ("brake_people", "3"),
            ("brake_percent", "2"),
        ],
        "/admin/webhooks" => &[("name", "hook 2"), ("url", "https://hooks.example.com/"), ("kinds", "user")],
        "/admin/webhooks/{id}" => &[("name", "hook"), ("enabled", "yes"), ("kinds", "user, sign_in.denied")],
        "/admin/event-streams" => &[
            ("name", "siem 2"),
            ("kind", "tls"),
            ("host", "siem.example.com"),
            ("port", "6514"),
            ("format", "cef"),
        ],
        "/admin/event-streams/{id}" => {
            &[("name", "siem"), ("enabled", "yes"), ("kind", "file"), ("file", "e.json")]
        }
        "/admin/sessions/end" => &[("session", "none")],
        "/admin/applications/{id}/policies" => {
            return vec![("application_policy", world.ids["policy"].clone())];
        }
        "/admin/policies" => &[("name", "strict")],
        "/admin/policies/{id}" => &[("name", "vpns"), ("said", "new_user"), ("new_user", "deny")],
        "/admin/access-rules" => &[("name", "abroad"), ("mode", "dry_run"), ("effect", "deny")],
        "/admin/access-rules/{id}" => &[("name", "office"), ("mode", "off"), ("effect", "deny")],
        "/admin/access-rules/{id}/return" => return vec![("change", world.ids["rule_version"].clone())],
        "/admin/policies/organization" => &[("said", "second_door"), ("second_door", "always")],
        "/admin/policies/applied" => return vec![("devices_policy", world.ids["policy"].clone())],
        "/admin/factors" => &[
            ("place_push", "2"),
            ("on_push", "yes"),
            ("place_passkey", "1"),
            ("on_passkey", "yes"),
            ("place_totp", "3"),
            ("on_totp", "yes"),
            ("place_hardware_token", "4"),
            ("place_text", "5"),
            ("place_call", "6"),
            ("place_mail", "7"),
            ("place_duo", "9"),
            ("place_bypass_code", "8"),
            ("on_bypass_code", "yes"),
        ],
        "/admin/commands" => &[("name", "uptime"), ("interpreter", "sh"), ("body", "uptime")],
        "/admin/commands/{id}" => &[("name", "hello"), ("interpreter", "sh"), ("body", "echo bye")],
        "/admin/commands/{id}/launch" => return vec![("devices", world.ids["d1"].clone())],
        "/admin/devices/{id}" => &[("name", "laptop-1")],
        "/admin/settings" => &[
            ("organization", "Example & Sons"),
            ("idle_days", "90"),
            ("shortest", "12"),
            ("expire_after_days", "0"),
            ("first_uid", "66000"),
            ("last_uid", "99999"),
            ("shell", "/bin/bash"),
            ("home", "/home/{name}"),
            ("prompts", "1"),
            ("ssh_keys", "key_and_second_door"),
        ],
        "/admin/mail" => &[
            ("host", "smtp.example.com"),
            ("port", "465"),
            ("security", "tls"),
            ("sender", "it@example.com"),
            ("per_address", "10"),
            ("per_person", "10"),
            ("per_day", "100"),
            ("subject", "Hello {name}"),
            ("text", "{link}"),
        ],
        "/admin/mail/preview" => &[("subject", "Hello {name}"), ("text", "{link}")],
        "/admin/mailings" | "/admin/mailings/preview" => &[("who", "users"), ("users", "emil")],
        "/admin/telephony" => &[
            // One that cannot be asked whether it knows us.
            ("provider", "gateway"),
            ("method", "post"),
            ("gateway_url", "https://sms.example/send"),
            ("headers", "X-Key: {secret}"),
            ("content_type", "json"),
            ("body", r#"{"to":"{to}","text":"{text}"}"#),
            ("sender", "+15005550006"),
            ("secret", "a-token"),
            ("texts", "yes"),
            ("countries", "+1 +49"),
            ("codes", "1"),
            ("batch_hours", "8"),
            ("per_number", "10"),
            ("per_person", "10"),
            ("per_country", "100"),
            ("per_day", "100"),
            ("text_price", "10"),
            ("call_price", "20"),
            ("ceiling", "1000"),
        ],
        "/admin/duo" => &[
            ("client_id", "DIXXXXXXXXXXXXXXXXXX"),
            ("host", "localhost:1"),
            ("name", "mail"),
            ("when_down", "own_factors"),
            ("self_service", "https://devices.example/"),
        ],
        "/admin/tokens" => &[("name", "backup"), ("role", "auditor"), ("days", "1")],
        _ => &[],
    };
    given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}
