//! What holds for every route: problems, versions, pages, and nothing but what was asked for.

use axum::http::Method;
use sallyport_web::rest::{Needs, table};
use serde_json::json;

use crate::{
    authz::request,
    world::{World, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_a_problem() {
    let world = World::full().await;
    let owner = || world.owner();
    let post = |kind: &'static str, body: &str| {
        let (owner, body) = (world.owner(), Some((kind, body.to_owned())));
        async move { owner.send(Method::POST, "/users", body).await }
    };
    post("application/json", "{\"name\":").await.problem(400, "invalid");
    post("application/json", "{\"name\": 7}").await.problem(422, "invalid");
    post("application/json", "{}").await.problem(422, "invalid");
    post("application/x-www-form-urlencoded", "name=bob").await.problem(415, "content-type");
    post("application/json", &format!("{{\"name\": \"{}\"}}", "a".repeat(2 << 20)))
        .await
        .problem(413, "too-large");
    post("application/json", &format!("{{\"name\": \"bob\", \"mails\": {}", "[".repeat(100_000)))
        .await
        .problem(422, "invalid");
    owner().get("/nothing").await.problem(404, "not-found");
    owner().get("/users/nobody-of-this-name").await.problem(404, "not-found");
    owner().get(&format!("/users/{}", "a".repeat(5000))).await.problem(404, "not-found");
    owner().get("/users/%FF").await.problem(404, "not-found");
    owner().get("/bindings/alice").await.problem(404, "not-found");
    owner().get("/users?color=red").await.problem(422, "invalid");
    owner().get("/users?limit=none").await.problem(422, "invalid");
    owner().get("/users?limit=0").await.problem(422, "invalid");
    owner().get("/users?state=asleep").await.problem(422, "invalid");
    let method = owner().patch("/users", json!({})).await;
    method.problem(405, "method");
    assert_eq!(method.header("allow"), "GET,HEAD,POST");
    world.caller("nobody").get("/users").await.problem(401, "unauthenticated");
    world.caller("nobody").post("/users", json!({ "name": 7 })).await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unauthenticated_call_says_how_to_authenticate() {
    let world = World::bare().await;
    let refused = world.caller("nobody").get("/me").await;
    assert_eq!(refused.header("www-authenticate"), "Bearer");
    for token in ["", "x", "spt_", "Bearer", "sps_0000000000000000000000000000000000000000000"] {
        world.with_token(token).get("/me").await.problem(401, "unauthenticated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_refused_on_every_conditional_route() {
    let world = World::full().await;
    let mut tried = 0;
    world.owner().post("/applications", json!({ "name": "sso", "type": "saml" })).await.expect(201);
    for route in table().into_iter().filter(sallyport_web::rest::Route::is_conditional) {
        let (path, body) = request(&world, route.method.as_str(), route.path);
        let body = body.map(|body| ("application/json", body));
        let old = world.owner().with("if-match", "\"4711\"");
        old.send(route.method.clone(), &path, body.clone()).await.problem(412, "stale");
        let foreign = world.owner().with("if-match", "\"of another server\"");
        foreign.send(route.method.clone(), &path, body.clone()).await.problem(412, "stale");
        let malformed = world.owner().with("if-match", "3");
        malformed.send(route.method.clone(), &path, body.clone()).await.problem(400, "invalid");
        let several = world.owner().with("if-match", "\"1\", \"2\"");
        several.send(route.method, &path, body).await.problem(400, "invalid");
        tried += 1;
    }
    assert!(tried >= 25, "{tried}");
}

/// What changes something and takes no version, and why.
const WITHOUT_A_VERSION: [(&str, &str); 18] = [
    ("DELETE /groups/{group}/members/{member}", "members are no part of a group's version"),
    ("DELETE /me/factors/{factor}", "a factor is there or it is not"),
    ("DELETE /me/remembered-browsers/{browser}", "a browser is remembered or it is not"),
    ("DELETE /me/sessions/{session}", "sessions have no versions"),
    ("DELETE /passkey-models/{aaguid}", "a model is named or it is not"),
    ("DELETE /users/{user}/factors/{factor}", "a factor is there or it is not"),
    ("DELETE /users/{user}/remembered-browsers", "a browser is remembered or it is not"),
    ("DELETE /users/{user}/remembered-browsers/{browser}", "a browser is remembered or it is not"),
    ("DELETE /users/{user}/sessions", "sessions have no versions"),
    ("DELETE /users/{user}/sessions/{session}", "sessions have no versions"),
    ("PATCH /me/factors/{factor}", "factors are told without a version"),
    ("PATCH /users/{user}/factors/{factor}", "factors are told without a version"),
    ("POST /connectors/{connector}/check", "nothing here changes by asking somebody else"),
    ("POST /groups/{group}/members", "members are no part of a group's version"),
    ("POST /me/factors/{factor}/reactivate", "factors are told without a version"),
    ("POST /me/factors/{factor}/resync", "factors are told without a version"),
    ("POST /signing-keys/{signing_key}/revoke", "whoever revokes it means it, however it stands"),
    ("POST /me/resets/{reset}/stop", "whoever stops it means it, however it stands"),
];

#[test]
fn every_route_that_changes_what_is_there_takes_the_version_it_expects() {
    for route in table().iter().filter(|route| route.method != Method::GET) {
        let named = format!("{} {}", route.method, route.path);
        // Without a name in the path something new is made, except where there is but one of it.
        let changes_what_is_there =
            route.path.contains('{') || [Method::PATCH, Method::PUT].contains(&route.method);
        let exempt = WITHOUT_A_VERSION.iter().any(|(route, _)| *route == named);
        assert_eq!(route.is_conditional(), changes_what_is_there && !exempt, "{named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_under_the_right_version_is_done_and_under_the_former_one_is_not() {
    let world = World::full().await;
    let tag = async |path: &str| world.owner().get(path).await.expect(200).header("etag").to_owned();
    let alice = tag("/users/alice").await;
    let roles = json!({ "roles": ["auditor"] });
    world.owner().with("if-match", alice.as_str()).put("/users/alice/roles", roles).await.expect(200);
    let stale = || world.owner().with("if-match", alice.as_str());
    stale().act("/users/alice/suspend").await.problem(412, "stale");
    assert_eq!(world.owner().get("/users/alice").await.expect(200).json["state"], "active");
    let people = tag("/groups/people").await;
    world.owner().patch("/groups/people", json!({ "description": "All" })).await.expect(200);
    world.owner().with("if-match", people).delete("/groups/people").await.problem(412, "stale");
    let people = tag("/groups/people").await;
    world.owner().with("if-match", people).delete("/groups/people").await.expect(204);
    // One that is not there is not there, whatever is expected of it.
    world.owner().with("if-match", "\"1\"").delete("/groups/people").await.problem(404, "not-found");
    let binding = format!("/bindings/{}", world.ids["binding"]);
    world.owner().with("if-match", tag(&binding).await).delete(&binding).await.expect(204);
    world.owner().with("if-match", "\"1\"").delete(&binding).await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_that_was_given_is_the_one_that_fits() {
    let world = World::full().await;
    let alice = world.owner().get("/users/alice").await.expect(200);
    let tag = alice.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", alice.json["version"]));
    let change = |name: &str| json!({ "display_name": name });
    let first =
        world.owner().with("if-match", tag.as_str()).patch("/users/alice", change("A")).await.expect(200);
    assert_ne!(first.header("etag"), tag);
    world.owner().with("if-match", tag).patch("/users/alice", change("B")).await.problem(412, "stale");
    world.owner().with("if-match", "*").patch("/users/alice", change("C")).await.expect(200);
    let weak = format!("W/{}", first.header("etag"));
    world.owner().with("if-match", weak).patch("/users/alice", change("D")).await.problem(400, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_one_another_without_a_gap() {
    let world = World::bare().await;
    for n in 0..7 {
        world.owner().post("/users", json!({ "name": format!("user{n}") })).await.expect(201);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = world.owner().get(&format!("/users?limit=3&after={after}")).await.expect(200);
        let items = page.json["items"].as_array().expect("items");
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|user| user["name"].as_str().expect("a name").to_owned()));
        match page.json["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, ["user0", "user1", "user2", "user3", "user4", "user5", "user6"]);
    let found = world.owner().get("/users?text=ser5").await.expect(200);
    assert_eq!(found.json["items"].as_array().map(Vec::len), Some(1));
    let staged = world.owner().get("/users?state=staged&limit=500").await.expect(200);
    assert_eq!(staged.json["items"].as_array().map(Vec::len), Some(7));
    assert_eq!(world.owner().get("/users?state=active").await.expect(200).json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_not_asked_for_is_refused_on_every_route_that_reads_json() {
    let world = World::full().await;
    let second_door = json!({ "handle": world.ids["handle"], "passcode": world.ids["code"] });
    let home = [192, 0, 2, 7];
    let signed_in =
        world.caller("nobody").at(home).post("/sign-in/second-door", second_door).await.expect(200);
    let mut tried = 0;
    for route in table() {
        let (path, body) = request(&world, route.method.as_str(), route.path);
        let Some(mut body) = body.and_then(|body| serde_json::from_str::<serde_json::Value>(&body).ok())
        else {
            continue;
        };
        for (name, value) in [
            ("id", json!(world.ids["stella"])),
            ("credential_epoch", json!(9)),
            ("password_status", json!("active")),
            ("state", json!("active")),
            ("created", json!(0)),
            ("surprise", json!(true)),
        ] {
            body[name] = value;
            let caller = match route.needs {
                Needs::BothDoors | Needs::Session => {
                    world.with_token(&text(&signed_in.json["token"])).at(home)
                }
                Needs::Nothing | Needs::Right(_) | Needs::Token => world.owner(),
            };
            let refused =
                caller.send(route.method.clone(), &path, Some(("application/json", body.to_string()))).await;
            assert!(refused.problem(422, "invalid").contains(name), "{path}: {}", refused.text);
            body.as_object_mut().expect("an object").remove(name);
        }
        tried += 1;
    }
    assert!(tried >= 18, "{tried}");
    let user = json!({ "name": "mallory", "roles": ["owner"] });
    world.owner().post("/users", user).await.problem(422, "invalid");
    world.owner().get("/users/mallory").await.problem(404, "not-found");
    let deep = json!({ "organization": "X", "passwords": { "shortest": 12, "pepper": "" } });
    world.owner().put("/settings", deep).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_given_twice_is_refused() {
    let world = World::full().await;
    let body = "{\"display_name\": \"A\", \"display_name\": \"B\"}".to_owned();
    let refused = world.owner().send(Method::PATCH, "/users/alice", Some(("application/json", body))).await;
    refused.problem(422, "invalid");
    world.owner().get("/users?limit=1&limit=2").await.problem(422, "invalid");
}
