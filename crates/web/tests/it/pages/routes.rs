//! What holds for every route of the pages. The list is read from where the routes stand, so a new one is in it by
//! itself.

use std::{fs, path::Path};

use axum::{body::Body, http::Request};
use sallyport_model::id::{
    AccessRuleId, AlarmId, ApplicationId, BindingId, CommandId, ConnectorId, DeviceId, EnrollmentTokenId,
    EventId, EventStreamId, ExportRunId, FactorId, GroupId, HardwareTokenId, PolicyId, ResetId, RunId,
    SigningKeyId, TokenId, WebhookId,
};
use sallyport_web::rest::{Needs, PREFIX, table};
use uuid::Uuid;

use super::house::{House, Person, URL};

/// What pages of other sites are meant to send: an application's request, which is as good by a link. What comes of it is tried
/// in `oidc` and in the tests of SAML.
const FROM_OTHER_SITES: [&str; 5] = [
    "/oidc/authorize",
    "/oidc/logout",
    "/saml/{application}/slo",
    "/saml/{application}/sso",
    "/ws-federation/{application}",
];

/// A route of the pages: where it is, and how it is declared.
pub(super) struct Route {
    pub(super) path: String,
    pub(super) methods: String,
}

pub(super) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    // Of the tree that is tested: a test program out of a shared target folder may have been built in another one.
    collect(&Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("src/pages"), &mut routes);
    assert!(routes.len() > 60, "only {} routes were found", routes.len());
    routes
}

fn collect(folder: &Path, routes: &mut Vec<Route>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, routes);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for declared in text.split(".route(").skip(1) {
            let declared = declared.trim_start();
            let Some((path, methods)) = declared.strip_prefix('"').and_then(|rest| rest.split_once('"'))
            else {
                panic!("a route of {} does not begin with its path: {:.60}", path.display(), declared)
            };
            let methods = methods.split(".route(").next().unwrap_or_default();
            let methods = methods.split(".merge(").next().unwrap_or_default();
            // What comes after the last one's function is code, which may say `get(` of other things.
            let methods = methods.split("\n}").next().unwrap_or_default().to_owned();
            routes.push(Route { path: path.to_owned(), methods });
        }
    }
}

/// A path with ids that read as such, the owner's where a user is meant.
fn filled(path: &str, ada: &Person) -> String {
    if path == "/admin/live" {
        // It would go on for long.
        return format!("{path}?longest=0");
    }
    let uuid = Uuid::from_u128(7);
    let of = |word: &str| path.contains(word);
    let id = if of("/webhooks/") {
        WebhookId::new(uuid).to_string()
    } else if of("/event-streams/") {
        EventStreamId::new(uuid).to_string()
    } else if of("/connectors/") {
        ConnectorId::new(uuid).to_string()
    } else if of("/users/") {
        ada.id.to_string()
    } else if of("/groups/") {
        GroupId::new(uuid).to_string()
    } else if of("/devices/") {
        DeviceId::new(uuid).to_string()
    } else if of("/bindings/") {
        BindingId::new(uuid).to_string()
    } else if of("/commands/") {
        CommandId::new(uuid).to_string()
    } else if of("/runs/") {
        RunId::new(uuid).to_string()
    } else if of("/applications/") {
        ApplicationId::new(uuid).to_string()
    } else if of("/policies/") {
        PolicyId::new(uuid).to_string()
    } else if of("/hardware-tokens/") {
        HardwareTokenId::new(uuid).to_string()
    } else if of("/enrollment-tokens/") {
        EnrollmentTokenId::new(uuid).to_string()
    } else if of("/tokens/") {
        TokenId::new(uuid).to_string()
    } else if of("/alarms/") {
        AlarmId::new(uuid).to_string()
    } else if of("/resets/") {
        ResetId::new(uuid).to_string()
    } else if of("/access-rules/") {
        AccessRuleId::new(uuid).to_string()
    } else if of("/signing-keys/") {
        SigningKeyId::new(uuid).to_string()
    } else if of("/factors/") {
        FactorId::new(uuid).to_string()
    } else {
        "0123".into()
    };
    let path = path.replace("{id}", &id).replace("{factor}", &FactorId::new(uuid).to_string());
    let path = path.replace("{event}", &EventId::new(uuid).to_string());
    let path = path.replace("{run}", &ExportRunId::new(uuid).to_string());
    path.replace("{session}", "0123").replace("{kind}", "users")
}

async fn places(house: &House) -> i64 {
    house.system().read(sallyport_app::ctx::feed_head).await.unwrap()
}

#[tokio::test]
async fn every_route_that_changes_something_refuses_what_our_pages_did_not_send() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    browser.get("/").await;
    let token = browser.form_token.clone();
    let before = places(&house).await;
    let mut tried = 0;
    let ours = |route: &&Route| !FROM_OTHER_SITES.contains(&route.path.as_str());
    for route in routes().iter().filter(|route| route.methods.contains("post(")).filter(ours) {
        let path = filled(&route.path, &ada);
        let good = [("form_token", token.as_str())];
        let mut answers = vec![
            ("no origin", browser.post(&path, &good, &[]).await.status),
            (
                "foreign origin",
                browser.post(&path, &good, &[("origin", "https://evil.example")]).await.status,
            ),
            (
                "foreign site",
                browser.post(&path, &good, &[("origin", URL), ("sec-fetch-site", "same-site")]).await.status,
            ),
            ("no token", browser.post(&path, &[], &[("origin", URL)]).await.status),
            ("wrong token", browser.post(&path, &[("form_token", "spf_x")], &[("origin", URL)]).await.status),
        ];
        let json = Request::post(&path).header("origin", URL).header("content-type", "text/plain");
        let json = json.body(Body::from(format!("{{\"form_token\":\"{token}\"}}"))).unwrap();
        answers.push(("JSON that calls itself text", browser.send(json).await.status));
        for (what, status) in answers {
            let refused = status == 403 || (status == 415 && what.starts_with("JSON"));
            assert!(refused, "{} with {what}: {status}", route.path);
        }
        tried += 1;
    }
    assert!(tried > 40, "only {tried} routes change something");
    assert_eq!(places(&house).await, before, "something was changed");
    assert_eq!(browser.get("/").await.status, 200, "the session goes on");
}

#[tokio::test]
async fn no_route_of_the_api_takes_a_browsers_cookie_for_a_token() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let before = places(&house).await;
    for route in table().iter().filter(|route| route.needs != Needs::Nothing) {
        let path = format!("{PREFIX}{}", route.path.replace(['{', '}'], ""));
        for (name, value) in [("origin", URL), ("x-http-method-override", "DELETE"), ("origin", "null")] {
            let request = Request::builder().method(route.method.clone()).uri(&path);
            let request = request.header(name, value).header("content-type", "application/json");
            let status = browser.send(request.body(Body::from("{}")).unwrap()).await.status;
            assert_eq!(status, 401, "{} {path}", route.method);
        }
    }
    assert_eq!(places(&house).await, before);
}

#[tokio::test]
async fn every_answer_carries_the_headers_whoever_asks() {
    let (house, ada) = House::with_owner().await;
    let (mut owner, mut stranger) = (house.signed_in(&ada).await, house.browser());
    let mut paths: Vec<String> = routes().iter().map(|route| filled(&route.path, &ada)).collect();
    paths.extend(table().iter().map(|route| format!("{PREFIX}{}", route.path)));
    // Addresses made to look like a picture or a style sheet, which caches in between like to keep.
    for made_up in
        ["/x.css", "/admin/users/x.css", "/;/a.png", "/sign-ins;/a.png", "/sign-ins/x.js", "/admin/..;/a.png"]
    {
        let answer = owner.get(made_up).await;
        assert!(answer.status == 404 || answer.status == 405, "{made_up}: {}", answer.status);
        paths.push(made_up.into());
    }
    paths.extend(["/healthz", "/readyz", "/auth/v2/ping", "/auth/v2/nothing", "/metrics"].map(str::to_owned));
    for path in &paths {
        for answer in [owner.get(path).await, stranger.get(path).await] {
            let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
            let policy = header("content-security-policy");
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}");
            assert!(header("strict-transport-security").contains("max-age="), "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("x-frame-options"), "DENY", "{path}");
            assert_eq!(header("cache-control"), "no-store", "{path}");
        }
    }
}
