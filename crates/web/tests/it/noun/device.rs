use serde_json::json;

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_shown_renamed_admitted_revoked_and_forgotten() {
    let world = World::full().await;
    assert_eq!(world.owner().get("/devices/d2").await.expect(200).json["state"], "quarantined");
    assert_eq!(
        world.owner().patch("/devices/d2", json!({ "name": "laptop-2" })).await.expect(200).json["name"],
        "laptop-2"
    );
    assert_eq!(world.owner().act("/devices/laptop-2/admit").await.expect(200).json["state"], "active");
    world.owner().act("/devices/laptop-2/admit").await.problem(409, "conflict");
    world.owner().delete("/devices/laptop-2").await.problem(409, "conflict");
    assert_eq!(world.owner().act("/devices/laptop-2/revoke").await.expect(200).json["state"], "revoked");
    world.owner().delete("/devices/laptop-2").await.expect(204);
    world.owner().get("/devices/laptop-2").await.problem(404, "not-found");
    world.owner().patch("/devices/d1", json!({ "name": "" })).await.problem(422, "invalid");
    let active = world.owner().get("/devices?state=active").await.expect(200);
    assert_eq!(active.json["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_difference_between_desired_and_actual_is_shown() {
    let world = World::full().await;
    let state = world.owner().get("/devices/d1/state").await.expect(200).json;
    assert_eq!(state["connected"], false);
    assert_eq!(state["groups"], json!(["laptops"]));
    assert_eq!(state["accounts"][0]["name"], "alice");
    assert_eq!(state["accounts"][0]["difference"], "pending");
    assert_eq!(state["accounts"][0]["desired"]["right"]["right"], "standard");
    assert_eq!(world.owner().get("/devices/d1/groups").await.expect(200).json["items"][0]["direct"], true);
    assert_eq!(
        world.owner().get("/devices/d1/bindings").await.expect(200).json["items"][0]["subject_name"],
        "alice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_break_glass_code_is_of_active_devices_and_its_sight_is_recorded() {
    let world = World::full().await;
    world.owner().act("/devices/d2/break-glass").await.problem(409, "conflict");
    let code = world.owner().act("/devices/d1/break-glass").await.expect(201);
    assert!(text(&code.json["code"]).len() >= 20);
    let changes = world.owner().get("/changes?limit=1").await.expect(200);
    assert_eq!(changes.json["items"][0]["verb"], "reveal_break_glass");
}

#[tokio::test(flavor = "multi_thread")]
async fn enrolment_tokens_are_made_listed_and_taken_back() {
    let world = World::full().await;
    let made = world
        .owner()
        .post("/enrollment-tokens", json!({ "description": "laptop-9", "groups": ["laptops"], "hours": 2 }))
        .await
        .expect(201);
    let (id, token) = (text(&made.json["id"]), text(&made.json["token"]));
    assert!(token.ends_with(&"0".repeat(32)));
    let listed = world.owner().get("/enrollment-tokens?text=laptop-9").await.expect(200);
    assert_eq!(listed.json["items"][0]["id"], id.as_str());
    world.owner().delete(&format!("/enrollment-tokens/{id}")).await.expect(204);
    world.owner().delete(&format!("/enrollment-tokens/{id}")).await.problem(404, "not-found");
    world.owner().post("/enrollment-tokens", json!({ "hours": 25 })).await.problem(422, "invalid");
    world.owner().post("/enrollment-tokens", json!({ "groups": ["people"] })).await.problem(409, "conflict");
    world
        .owner()
        .post("/enrollment-tokens", json!({ "groups": ["nothing"] }))
        .await
        .problem(404, "not-found");
}
