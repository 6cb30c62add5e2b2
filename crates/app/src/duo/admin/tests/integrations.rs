//! Applications, made and changed by a program.

use super::*;

const PATH: &str = "/admin/v3/integrations";

impl House {
    async fn made(&self, params: Value) -> (String, String, Value) {
        let made = self.ok("POST", PATH, params).await;
        let ikey = made["integration_key"].as_str().unwrap().to_owned();
        (format!("{PATH}/{ikey}"), ikey, made)
    }

    /// Whether this is the secret key of this application.
    async fn is_key(&self, ikey: &str, skey: &Value) -> bool {
        let known = application::credentials(&self.test.nobody(), ikey).await.unwrap().unwrap();
        known.skey.expose() == skey.as_str().unwrap()
    }
}

#[tokio::test]
async fn an_application_is_made_changed_and_deleted_with_its_key_told_once() {
    let house = house().await;
    let (path, ikey, made) =
        house.made(json!({ "name": "VPN", "type": "unix", "user_access": "ALL_USERS" })).await;
    assert_eq!(
        (&made["name"], &made["type"], &made["user_access"]),
        (&json!("VPN"), &json!("unix"), &json!("ALL_USERS"))
    );
    assert!(house.is_key(&ikey, &made["secret_key"]).await);
    let told = house.ok("GET", &path, json!({})).await;
    assert_eq!((&told["type"], told.get("secret_key")), (&json!("unix"), None));
    let uris = json!(["https://vpn.example.com/callback"]);
    let changed = house.ok("POST", &path, json!({ "name": "Tunnel", "redirect_uris": uris })).await;
    assert_eq!((&changed["name"], &changed["redirect_uris"]), (&json!("Tunnel"), &uris));
    assert_eq!(changed.get("secret_key"), None);
    assert!(house.is_key(&ikey, &made["secret_key"]).await, "it stays");
    let reset = house.ok("POST", &path, json!({ "reset_secret_key": "1", "user_access": "NO_USERS" })).await;
    assert!(reset["secret_key"] != made["secret_key"] && house.is_key(&ikey, &reset["secret_key"]).await);
    assert_eq!(reset["user_access"], "NO_USERS");
    assert_eq!(house.ok("POST", &path, json!({ "name": "Tunnel" })).await["name"], "Tunnel", "nothing to do");
    let skey = format!("/admin/v1/integrations/{ikey}/skey");
    assert_eq!(house.code_of_refusal("GET", &skey, json!({})).await, 40301);
    house.test.clock.advance(Span::seconds(10));
    let log = house.ok("GET", "/admin/v1/logs/administrator", json!({})).await.to_string();
    assert!(log.contains("rotate_skey") && log.contains("application Sync"), "{log}");
    assert!(!log.contains(reset["secret_key"].as_str().unwrap()));
    assert_eq!(house.ok("DELETE", &path, json!({})).await, "");
    assert_eq!(house.code_of_refusal("GET", &path, json!({})).await, 40401);
}

#[tokio::test]
async fn whoever_says_nothing_lets_in_what_its_version_of_the_protocol_does() {
    let house = house().await;
    let (_, _, made) = house.made(json!({ "name": "A", "type": "websdk" })).await;
    assert_eq!((&made["user_access"], &made["type"]), (&json!("NO_USERS"), &json!("websdk")));
    // A kind that only its maker knows is told back.
    let (path, _, made) = house.made(json!({ "name": "Wiki", "type": "confluence" })).await;
    assert_eq!(made["type"], "confluence");
    assert_eq!(house.ok("POST", &path, json!({ "type": "dng-ssh" })).await["type"], "dng-ssh");
    assert_eq!(house.ok("GET", &path, json!({})).await["type"], "dng-ssh");
    for (n, version) in ["v1", "v2"].into_iter().enumerate() {
        let path = format!("/admin/{version}/integrations");
        let made = house.ok("POST", &path, json!({ "name": format!("B{n}"), "type": "authapi" })).await;
        assert_eq!(made["user_access"], "ALL_USERS", "{version}");
    }
}

#[tokio::test]
async fn no_program_makes_changes_or_deletes_a_program_or_grants_it_anything() {
    let house = house().await;
    let own = application::show(&house.test.system(), house.id).await.unwrap();
    let path = format!("{PATH}/{}", own.ikey);
    for (method, path, params) in [
        ("POST", PATH, json!({ "name": "Mine", "type": "adminapi" })),
        ("POST", PATH, json!({ "name": "Mine", "type": "authapi", "adminapi_read_log": 1 })),
        ("POST", path.as_str(), json!({ "name": "Mine" })),
        ("POST", path.as_str(), json!({ "reset_secret_key": 1 })),
        ("POST", path.as_str(), json!({ "adminapi_admins": "1" })),
        ("DELETE", path.as_str(), json!({})),
    ] {
        assert_eq!(house.code_of_refusal(method, path, params.clone()).await, 40301, "{method} {params}");
    }
    let after = application::show(&house.test.system(), house.id).await.unwrap();
    assert_eq!((after.version, &after.value), (own.version, &own.value));
    assert_eq!(house.ok("GET", PATH, json!({})).await.as_array().unwrap().len(), 1);
    // Nor behind a call that was put under the wrong grant.
    let ctx = house.ctx(&Grant::ALL);
    let wanted = CreateApplication { name: "Mine".into(), kind: ApplicationKind::DuoAdminApi };
    assert!(matches!(application::create(&ctx, wanted).await, Err(AppError::Denied(Action::ManageTokens))));
    let none = UpdateApplication { grants: Some([].into()), ..UpdateApplication::default() };
    let refused = application::update(&ctx, house.id, None, none).await;
    assert!(matches!(refused, Err(AppError::Denied(Action::ManageTokens))));
}

#[tokio::test]
async fn reading_applications_writes_none_and_a_policy_needs_its_own_grant() {
    let house = house().await;
    let (path, ..) = house.made(json!({ "name": "VPN", "type": "authapi" })).await;
    let all_but =
        |without: Grant| -> Vec<Grant> { Grant::ALL.into_iter().filter(|grant| *grant != without).collect() };
    let reader = all_but(Grant::WriteIntegrations);
    for (method, path, params) in [
        ("POST", PATH, json!({ "name": "B", "type": "authapi" })),
        ("POST", path.as_str(), json!({ "name": "B" })),
        ("DELETE", path.as_str(), json!({})),
    ] {
        let refused = house.call(&reader, method, path, params).await;
        assert_eq!(refused["code"], 40301);
        assert!(refused["message_detail"].as_str().unwrap().contains("write_integrations"), "{refused}");
    }
    let policy =
        json!({ "policy_name": "Strict", "sections": { "new_user": { "new_user_behavior": "deny" } } });
    let policy = house.ok("POST", "/admin/v2/policies", policy).await["policy_key"].clone();
    let apply = json!({ "policy_key": policy });
    let refused = house.call(&all_but(Grant::Settings), "POST", &path, apply.clone()).await;
    assert_eq!(refused["code"], 40301, "{refused}");
    assert_eq!(house.ok("POST", &path, apply).await["policy_key"], policy);
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "policy_key": "PO1" })).await, 40002);
    let global = house.ok("GET", "/admin/v2/policies/global", json!({})).await["policy_key"].clone();
    for none in [json!(""), global] {
        house.ok("POST", &path, json!({ "policy_key": policy })).await;
        let told = house.ok("POST", &path, json!({ "policy_key": none })).await;
        assert_eq!(told["policy_key"], Value::Null);
    }
}

#[tokio::test]
async fn what_cannot_hold_is_refused_and_nothing_of_the_call_is_done() {
    let house = house().await;
    let (path, ..) = house.made(json!({ "name": "VPN", "type": "authapi" })).await;
    for bad in [
        json!({ "type": "Confluence Server" }),
        json!({ "groups_allowed": "DG1" }),
        json!({ "redirect_uris": ["http://elsewhere.example/"] }),
        json!({ "networks_for_api_access": "10.0.0.0/8" }),
        json!({ "self_service_allowed": true }),
        json!({ "name": "" , "sso": { "idp_metadata": null } }),
    ] {
        let mut given = json!({ "name": "Renamed", "user_access": "ALL_USERS" });
        given.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        assert_eq!(house.code_of_refusal("POST", &path, given.clone()).await, 40002, "{given}");
        given
            .as_object_mut()
            .unwrap()
            .insert("type".into(), bad.get("type").cloned().unwrap_or("unix".into()));
        let code = house.code_of_refusal("POST", PATH, given.clone()).await;
        assert!(matches!(code, 40001 | 40002), "{given}");
    }
    assert_eq!(house.code_of_refusal("POST", PATH, json!({ "name": "X" })).await, 40001);
    assert_eq!(
        house.code_of_refusal("POST", PATH, json!({ "name": "VPN", "type": "unix" })).await,
        40002,
        "taken"
    );
    let told = house.ok("GET", PATH, json!({})).await;
    let all = told.as_array().unwrap();
    let vpn = all.iter().find(|one| one["name"] == "VPN").unwrap();
    assert_eq!((all.len(), &vpn["user_access"]), (2, &json!("NO_USERS")));
}
