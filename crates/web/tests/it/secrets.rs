//! What is secret is shown once, in the answer that made it, and never again.

use sallyport_web::rest::table;
use serde_json::json;

use crate::{
    authz::request,
    world::{World, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_a_get_holds_a_secret() {
    let mut world = World::full().await;
    let password = "canary canary hovercraft";
    world.owner().put("/users/alice/password", json!({ "password": password })).await.expect(200);
    let rotated = world.owner().act("/applications/vpn/rotate").await.expect(201);
    world.secrets.push(text(&rotated.json["skey"]));
    // What is kept of passwords is nobody's to read either.
    world.secrets.extend([password.to_owned(), "$argon2".into(), "$6$".into()]);
    assert!(world.secrets.len() > 15 && world.secrets.iter().all(|secret| secret.len() >= 3));
    for route in table().into_iter().filter(|route| route.method == "GET") {
        let (path, _) = request(&world, "GET", route.path);
        let answer = world.owner().get(&path).await.expect(200);
        for secret in &world.secrets {
            let plain = secret.replace('-', "");
            assert!(
                !answer.text.contains(secret.as_str()) && !answer.text.contains(&plain),
                "{path} tells {secret}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_does_not_repeat_a_secret() {
    let world = World::full().await;
    let refused = world.owner().put("/users/alice/password", json!({ "password": "canary" })).await;
    refused.problem(422, "invalid");
    assert!(!refused.text.contains("canary"));
    let refused = world.with_token("spt_canary").get("/users").await;
    refused.problem(401, "unauthenticated");
    assert!(!refused.text.contains("canary"));
}
