use axum::http::Method;
use serde_json::json;

use crate::world::World;

const FILE: &str = "name,display_name,mails\nbob,Bob,bob@example.com\nroot,Nobody,\nalice,Alice New,\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_an_import_then_does() {
    let world = World::full().await;
    let send = |path: &'static str| {
        let body = Some(("text/csv", FILE.to_owned()));
        let owner = world.owner();
        async move { owner.send(Method::POST, path, body).await }
    };
    let plan = send("/users/import?dry_run=true").await.expect(200);
    assert_eq!(plan.json["dry_run"], true);
    world.owner().get("/users/bob").await.problem(404, "not-found");
    let done = send("/users/import").await.expect(200);
    assert_eq!(plan.json["rows"], done.json["rows"]);
    let counts = ["created", "updated", "refused"].map(|name| done.json[name].clone());
    assert_eq!(counts, [json!(1), json!(1), json!(1)]);
    assert_eq!(world.owner().get("/users/bob").await.expect(200).json["display_name"], "Bob");
    assert_eq!(world.owner().get("/users/alice").await.expect(200).json["display_name"], "Alice New");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_table_is_refused() {
    let world = World::bare().await;
    let send = |kind: &'static str, body: &str| {
        let (owner, body) = (world.owner(), Some((kind, body.to_owned())));
        async move { owner.send(Method::POST, "/users/import", body).await }
    };
    send("application/json", "{}").await.problem(415, "content-type");
    send("text/csv", "").await.problem(422, "invalid");
    send("text/csv", "color\nred\n").await.problem(422, "invalid");
    send("text/csv", &"a".repeat(11 << 20)).await.problem(413, "too-large");
    let refused =
        world.owner().send(Method::POST, "/users/import?dry=true", Some(("text/csv", FILE.into()))).await;
    refused.problem(422, "invalid");
}
