//! Settings, tokens, the audit trail, and who is calling.

use serde_json::json;

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_shown_and_replaced() {
    let world = World::full().await;
    let shown = world.owner().get("/settings").await.expect(200);
    let mut settings = shown.json.clone();
    settings["passwords"]["shortest"] = json!(14);
    settings["second_door"] = json!({ "when": "groups", "groups": [world.ids["people"]] });
    let tag = shown.header("etag").to_owned();
    let replaced =
        world.owner().with("if-match", tag.as_str()).put("/settings", settings.clone()).await.expect(200);
    assert_eq!(replaced.json["passwords"]["shortest"], 14);
    let notice = text(&replaced.json["notice"]);
    assert!(notice.contains("no longer asked") && notice.contains("15 characters"), "{notice}");
    world.owner().put("/settings", replaced.json).await.expect(200);
    world.owner().with("if-match", tag).put("/settings", settings.clone()).await.problem(412, "stale");
    // The policy needs the group.
    world.owner().delete("/groups/people").await.problem(409, "conflict");
    for (place, bad) in [
        ("/organization", json!("")),
        ("/passwords/shortest", json!(3)),
        ("/passwords/shortest", json!("14")),
        ("/second_door", json!({ "when": "sometimes" })),
        ("/posix/first_uid", json!(0)),
        ("/device_login/prompts", json!(0)),
        ("/device_login/services", json!(["../sshd"])),
        ("/device_login/fail_mode", json!("open")),
    ] {
        let mut settings = settings.clone();
        *settings.pointer_mut(place).expect("a place") = bad;
        world.owner().put("/settings", settings).await.problem(422, "invalid");
    }
    // What is left out would go back to what is built in.
    for left_out in ["factors", "portal_policies", "second_door", "telephony"] {
        let mut settings = settings.clone();
        settings.as_object_mut().expect("an object").remove(left_out).expect("a field");
        let refused = world.owner().put("/settings", settings).await;
        let detail = refused.problem(422, "invalid");
        assert!(detail.contains(left_out) && detail.contains("replaced whole"), "{detail}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_works_until_it_is_revoked() {
    let world = World::bare().await;
    let made = world
        .owner()
        .post("/tokens", json!({ "name": "backup", "role": "auditor", "days": 7 }))
        .await
        .expect(201);
    let (id, token) = (text(&made.json["id"]), text(&made.json["token"]));
    let me = world.with_token(&token).get("/me").await.expect(200);
    assert_eq!((&me.json["name"], &me.json["role"]), (&json!("backup"), &json!("auditor")));
    assert!(me.json["rights"].as_array().expect("rights").contains(&json!("read_audit")));
    assert!(!me.json["rights"].as_array().expect("rights").contains(&json!("create_user")));
    assert_eq!(world.owner().act(&format!("/tokens/{id}/revoke")).await.expect(200).json["revoked"], true);
    world.with_token(&token).get("/me").await.problem(401, "unauthenticated");
    world.owner().act(&format!("/tokens/{id}/revoke")).await.problem(409, "conflict");
    for bad in [
        json!({ "name": "x", "role": "king", "days": 1 }),
        json!({ "name": "x", "role": "auditor", "days": 0 }),
        json!({ "name": "x", "role": "auditor", "days": 367 }),
        json!({ "name": "", "role": "auditor", "days": 1 }),
    ] {
        world.owner().post("/tokens", bad).await.problem(422, "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_in_the_audit_trail_with_who_and_what() {
    let world = World::full().await;
    world
        .caller("administrator")
        .patch("/users/alice", json!({ "display_name": "Alice B." }))
        .await
        .expect(200);
    let changes = world.caller("auditor").get("/changes?limit=2").await.expect(200);
    let newest = &changes.json["items"][0];
    assert_eq!((&newest["verb"], &newest["who"]), (&json!("update"), &json!("token administrator")));
    assert_eq!(newest["changed"], json!(["display_name"]));
    assert_eq!(
        (&newest["before"]["display_name"], &newest["after"]["display_name"]),
        (&json!("Alice Ahmadi"), &json!("Alice B."))
    );
    let next = text(&changes.json["next"]);
    let older = world.owner().get(&format!("/changes?limit=2&after={next}")).await.expect(200);
    assert!(older.json["items"][0]["seq"].as_i64() < changes.json["items"][1]["seq"].as_i64());
    let of_alice = world.owner().get(&format!("/changes?subject={}", world.ids["alice"])).await.expect(200);
    assert!(
        of_alice.json["items"]
            .as_array()
            .expect("items")
            .iter()
            .all(|change| change["subject"]["id"] == world.ids["alice"])
    );
    let rows = world.owner().get("/changes/export?text=alice").await.expect(200);
    assert_eq!(rows.header("content-type"), "text/csv; charset=utf-8");
    assert!(rows.text.starts_with("place,time,who") && rows.text.contains("display_name"));
    world.owner().get("/changes?after=x").await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_can_be_exported() {
    let world = World::bare().await;
    assert_eq!(world.owner().get("/sign-ins").await.expect(200).json["items"], json!([]));
    assert!(world.owner().get("/sign-ins/export").await.expect(200).text.starts_with("id,time,name"));
    world.owner().get("/sign-ins?after=x").await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_spray_is_told_to_whoever_may_read_sign_ins() {
    use sallyport_app::{
        Ctx, jobs,
        signin::{Begin, FirstDoorProof, begin},
    };
    let world = World::full().await;
    assert_eq!(world.caller("auditor").get("/sprays").await.expect(200).json["items"], json!([]));
    for n in 0..60u8 {
        let begun = Begin {
            name: format!("person.{n}"),
            resource: sallyport_model::signin::Resource::Portal,
            first_door: FirstDoorProof::Password("Winter2026!!".into()),
        };
        begin(&Ctx { source: Some([203, 0, n, 9].into()), ..world.nobody() }, begun).await.expect("refused");
    }
    jobs::pass(&world.system()).await.expect("the jobs");
    let told = world.caller("auditor").get("/sprays").await.expect(200).json;
    let spray = &told["items"][0];
    assert_eq!(
        (&spray["names"], &spray["all_networks"], &spray["ended"]),
        (&json!(60), &json!(60), &json!(null))
    );
    assert_eq!(spray["networks"][0]["network"], "203.0.0.0/24");
    let changes = world.owner().get("/changes?text=spray").await.expect(200).json;
    assert_eq!(
        (&changes["items"][0]["verb"], &changes["items"][0]["who"]),
        (&json!("begin"), &json!("Sallyport (test)"))
    );
    assert!(metrics(&world).await.contains("\nsallyport_sprayed_names 60\n"));
    world.caller("command_runner").get("/sprays").await.problem(403, "denied");
}

/// The numbers for Prometheus.
async fn metrics(world: &World) -> String {
    let request = axum::http::Request::get("/metrics")
        .header("authorization", format!("Bearer {}", world.token("auditor")))
        .body(axum::body::Body::empty())
        .expect("a request");
    let response = world.face.answer(request).await;
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}
