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

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_devices_says_how_people_log_in_there() {
    let world = World::full().await;
    let login = json!({ "services": ["sshd"], "groups": ["people"], "prompts": 2 });
    let set = |login: serde_json::Value| json!({ "device_login": login });
    let group = world.owner().patch("/groups/laptops", set(login.clone())).await.expect(200).json;
    let found = &group["device_login"];
    assert_eq!((&found["groups"], &found["prompts"]), (&json!([world.ids["people"]]), &json!(2)));
    assert_eq!((&found["ssh_keys"], &found["auto_push"]), (&json!("key_and_second_door"), &json!(false)));
    let shown = world.caller("help_desk").get("/devices/d1/login-settings").await.expect(200).json;
    assert_eq!(shown["services"][0]["value"], "sshd");
    assert_eq!(shown["services"][0]["from"], json!([{ "group": group["id"], "name": "laptops" }]));
    assert_eq!(
        (&shown["everybody"]["value"], &shown["groups"][0]["value"]["name"]),
        (&json!(false), &json!("people"))
    );
    world.owner().delete("/groups/people").await.problem(409, "conflict");

    assert_eq!((&found["fail_mode"], &shown["fail_mode"]["value"]), (&json!("closed"), &json!("closed")));

    // What is not given stays.
    let keys = set(json!({ "ssh_keys": "key_alone" }));
    let changed = world.owner().patch("/groups/laptops", keys).await.expect(200).json;
    assert_eq!(
        (&changed["device_login"]["prompts"], &changed["device_login"]["ssh_keys"]),
        (&json!(2), &json!("key_alone"))
    );
    for bad in [
        json!({ "prompts": 0 }),
        json!({ "prompts": 6 }),
        json!({ "services": ["../sshd"] }),
        json!({ "servces": ["sshd"] }),
        json!({ "ssh_keys": "any" }),
        json!({ "fail_mode": "safe" }),
    ] {
        world.owner().patch("/groups/laptops", set(bad)).await.problem(422, "invalid");
    }
    world
        .owner()
        .patch("/groups/laptops", set(json!({ "groups": ["nothing"] })))
        .await
        .problem(404, "not-found");
    world
        .owner()
        .patch("/groups/laptops", set(json!({ "groups": ["laptops"] })))
        .await
        .problem(409, "conflict");
    world.owner().patch("/groups/people", set(login.clone())).await.problem(422, "invalid");
    world.caller("administrator").patch("/groups/laptops", set(login)).await.problem(403, "denied");

    let off = world.owner().patch("/groups/laptops", set(json!(null))).await.expect(200).json;
    assert_eq!(off.get("device_login"), None);
    let shown = world.owner().get("/devices/d1/login-settings").await.expect(200).json;
    assert_eq!((&shown["sources"][0]["group"], &shown["everybody"]["value"]), (&json!(null), &json!(true)));
}
