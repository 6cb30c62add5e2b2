use serde_json::json;

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_made_with_keys_that_are_shown_once() {
    let world = World::bare().await;
    let made = world
        .owner()
        .post("/applications", json!({ "name": "VPN", "type": "duo-auth-api" }))
        .await
        .expect(201);
    assert_eq!(made.json["host"], "sallyport.example.com");
    assert!(text(&made.json["ca"]).starts_with("-----BEGIN"));
    let (ikey, skey) = (text(&made.json["ikey"]), text(&made.json["skey"]));
    assert_eq!((ikey.len(), skey.len()), (20, 40));
    assert_eq!(made.json["accepts_undated"], false);
    for name in ["vpn", &ikey, &text(&made.json["id"])] {
        let shown = world.owner().get(&format!("/applications/{name}")).await.expect(200);
        assert!(shown.json.get("skey").is_none());
    }
    let rotated = world.owner().act("/applications/vpn/rotate").await.expect(201);
    assert_eq!(rotated.json["ikey"], ikey.as_str());
    assert_ne!(rotated.json["skey"], skey.as_str());
    assert_eq!(
        world.owner().patch("/applications/vpn", json!({ "enabled": false })).await.expect(200).json["enabled"],
        false
    );
    for accepts in [true, false] {
        let changed = world.owner().patch("/applications/vpn", json!({ "accepts_undated": accepts })).await;
        assert_eq!(changed.expect(200).json["accepts_undated"], accepts);
    }
    assert_eq!(made.json["redirect_uris"], json!([]));
    let (here, local) = ("https://vpn.example/cb?x=1", "http://localhost:8080/duo-callback");
    for uris in [json!([here, local]), json!([])] {
        let changed = world.owner().patch("/applications/vpn", json!({ "redirect_uris": uris })).await;
        assert_eq!(changed.expect(200).json["redirect_uris"], uris);
    }
    let twice = world.owner().patch("/applications/vpn", json!({ "redirect_uris": [here, here] })).await;
    assert_eq!(twice.expect(200).json["redirect_uris"], json!([here]));
    for bad in
        ["http://vpn.example/", "https://vpn.example/#x", "https://u@vpn.example/", "javascript:alert(1)", ""]
    {
        let refused = world.owner().patch("/applications/vpn", json!({ "redirect_uris": [bad] })).await;
        refused.problem(422, "invalid");
    }
    let many = vec![here; 21];
    world.owner().patch("/applications/vpn", json!({ "redirect_uris": many })).await.problem(422, "invalid");
    world.owner().delete("/applications/vpn").await.expect(204);
    world.owner().get("/applications/vpn").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_may_call_us_by_a_name_of_its_own() {
    let world = World::bare().await;
    world.owner().post("/applications", json!({ "name": "VPN", "type": "duo-auth-api" })).await.expect(201);
    let named = world.owner().patch("/applications/vpn", json!({ "api_host": "API-VPN.example.com" })).await;
    let named = named.expect(200).json;
    assert_eq!((&named["api_host"], &named["host"]), (&named["host"], &json!("api-vpn.example.com")));
    let rotated = world.owner().act("/applications/vpn/rotate").await.expect(201).json;
    assert_eq!(rotated["host"], "api-vpn.example.com");
    let listed = world.owner().get("/applications").await.expect(200).json;
    assert_eq!(listed["items"][0]["host"], "api-vpn.example.com");
    for bad in ["192.0.2.1", "::1", "a.example:8443", "https://a.example", "a..b", "a b", &"x".repeat(300)] {
        let refused = world.owner().patch("/applications/vpn", json!({ "api_host": bad })).await;
        assert!(refused.problem(422, "invalid").contains("api_host"), "{bad}");
    }
    let former = world.owner().patch("/applications/vpn", json!({ "api_host": "" })).await.expect(200).json;
    assert_eq!(former["host"], "sallyport.example.com");
    assert!(former.get("api_host").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn duo_is_asked_by_the_name_that_is_set_and_by_no_template_that_names_nobody() {
    let world = World::bare().await;
    let set = |name: &str, template: &str| json!({ "name": name, "name_template": template });
    let put = async |body| world.owner().put("/duo", body).await;
    let shown = put(set("template", "EXAMPLE\\{name}")).await.expect(200).json;
    assert_eq!((&shown["name"], &shown["name_template"]), (&json!("template"), &json!("EXAMPLE\\{name}")));
    for bad in ["", "{name}", "EXAMPLE", "{name}{name}", "{name} x"] {
        assert!(put(set("template", bad)).await.problem(422, "invalid").contains("{name}"), "{bad}");
    }
    put(set("alias", "")).await.problem(422, "invalid");
    assert_eq!(put(set("username", "")).await.expect(200).json["name"], "username");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_the_admin_api_is_an_owners_and_granted_what_it_may_do() {
    let world = World::full().await;
    let made = json!({ "name": "sync", "type": "duo-admin-api" });
    world.caller("administrator").post("/applications", made.clone()).await.problem(403, "denied");
    let made = world.owner().post("/applications", made).await.expect(201).json;
    assert_eq!((&made["kind"], &made["grants"]), (&json!("duo-admin-api"), &json!([])));
    let grants = json!({ "grants": ["read_log", "info"] });
    world.caller("administrator").patch("/applications/sync", grants.clone()).await.problem(403, "denied");
    let granted = world.owner().patch("/applications/sync", grants.clone()).await.expect(200).json;
    assert_eq!(granted["grants"], json!(["info", "read_log"]));
    world
        .owner()
        .patch("/applications/sync", json!({ "grants": ["everything"] }))
        .await
        .problem(422, "invalid");
    world.owner().patch("/applications/vpn", grants).await.problem(422, "invalid");
    world.caller("administrator").act("/applications/sync/rotate").await.problem(403, "denied");
    world.caller("administrator").delete("/applications/sync").await.problem(403, "denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_application_is_refused() {
    let world = World::full().await;
    for (body, status, kind) in [
        (json!({ "name": "vpn", "type": "duo-auth-api" }), 409, "conflict"),
        (json!({ "name": "", "type": "duo-auth-api" }), 422, "invalid"),
        (json!({ "name": "x", "type": "radius" }), 422, "invalid"),
        (json!({ "name": "x" }), 422, "invalid"),
    ] {
        world.owner().post("/applications", body).await.problem(status, kind);
    }
    world.owner().act("/applications/nothing/rotate").await.problem(404, "not-found");
}
