use serde_json::json;

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_is_made_changed_and_taken_away() {
    let world = World::full().await;
    let made = world
        .owner()
        .post("/bindings", json!({ "user_group": "people", "device_group": "laptops", "right": "administrator", "take_over": true }))
        .await
        .expect(201);
    let at = format!("/bindings/{}", text(&made.json["id"]));
    let shown = world.owner().get(&at).await.expect(200);
    assert_eq!(
        (&shown.json["subject_name"], &shown.json["target_name"]),
        (&json!("people"), &json!("laptops"))
    );
    assert_eq!(shown.header("etag"), "\"1\"");
    let right = world.owner().get("/users/alice/devices/d1").await.expect(200).json["effective"].clone();
    assert_eq!((&right["right"], &right["from"]["kind"]), (&json!("administrator"), &json!("group_binding")));
    assert_eq!(right["sources"].as_array().map(Vec::len), Some(2));
    let changed = world.owner().patch(&at, json!({ "right": null, "take_over": false })).await.expect(200);
    assert!(changed.json["right"].is_null());
    world.owner().delete(&at).await.expect(204);
    world.owner().get(&at).await.problem(404, "not-found");
    assert_eq!(
        world.owner().get("/bindings").await.expect(200).json["items"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_bound_is_refused() {
    let world = World::full().await;
    for (body, status, kind) in [
        (json!({ "user": "alice", "device": "d1" }), 409, "conflict"),
        (json!({ "user": "alice", "device": "d3" }), 409, "conflict"),
        (json!({ "user": "alice" }), 422, "invalid"),
        (json!({ "device": "d1" }), 422, "invalid"),
        (json!({ "user": "alice", "user_group": "people", "device": "d1" }), 422, "invalid"),
        (json!({ "user_group": "laptops", "device": "d1" }), 409, "conflict"),
        (json!({ "user": "nobody-there", "device": "d1" }), 404, "not-found"),
        (json!({ "user": "alice", "device": "d9" }), 404, "not-found"),
        (json!({ "user": "stella", "device": "d1", "right": "root" }), 422, "invalid"),
    ] {
        world.owner().post("/bindings", body).await.problem(status, kind);
    }
}
