use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_created_described_filled_and_deleted() {
    let world = World::full().await;
    let group = world.owner().post("/groups", json!({ "name": "Staff", "kind": "users" })).await.expect(201);
    assert_eq!(group.json["version"], 1);
    let described =
        world.owner().patch("/groups/staff", json!({ "description": "Everybody" })).await.expect(200);
    assert_eq!(described.json["description"], "Everybody");
    world.owner().post("/groups/staff/members", json!({ "group": "people" })).await.expect(204);
    let direct = world.owner().get("/groups/staff/members").await.expect(200);
    assert_eq!((&direct.json["items"][0]["kind"], &direct.json["total"]), (&json!("group"), &json!(1)));
    let effective = world.owner().get("/groups/staff/members?effective=true").await.expect(200);
    assert_eq!(effective.json["items"][0]["name"], "alice");
    let groups = world.owner().get("/users/alice/groups").await.expect(200);
    assert_eq!(groups.json["items"].as_array().map(Vec::len), Some(2));
    let member = format!("/groups/staff/members/{}", world.ids["people"]);
    world.owner().delete(&member).await.expect(204);
    world.owner().delete(&member).await.problem(409, "conflict");
    world.owner().delete("/groups/staff").await.expect(204);
    world.owner().get("/groups/staff").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_cannot_hold_is_refused() {
    let world = World::full().await;
    for (group, member, status, kind) in [
        ("people", json!({ "user": "alice" }), 409, "conflict"),
        ("people", json!({ "device": "d1" }), 409, "conflict"),
        ("people", json!({ "group": "laptops" }), 409, "conflict"),
        ("people", json!({ "group": "people" }), 409, "conflict"),
        ("people", json!({ "user": "nobody-there" }), 404, "not-found"),
        ("people", json!({}), 422, "invalid"),
        ("people", json!({ "user": "stella", "group": "people" }), 422, "invalid"),
        ("nothing", json!({ "user": "stella" }), 404, "not-found"),
    ] {
        world.owner().post(&format!("/groups/{group}/members"), member).await.problem(status, kind);
    }
    world
        .owner()
        .post("/groups", json!({ "name": "people", "kind": "users" }))
        .await
        .problem(409, "conflict");
    world.owner().post("/groups", json!({ "name": "x", "kind": "cats" })).await.problem(422, "invalid");
    world.owner().get("/groups?state=cats").await.problem(422, "invalid");
    assert_eq!(
        world.owner().get("/groups?state=devices").await.expect(200).json["items"][0]["name"],
        "laptops"
    );
}
