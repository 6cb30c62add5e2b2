//! Applications, settings and counts.

use sallyport_testkit::story::text;
use serde_json::{Value, json};

use super::{Admin, EVERYTHING};

#[test]
fn applications_settings_and_counts_are_told() {
    let admin = Admin::open(&EVERYTHING);
    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let ikey = text(&vpn, "ikey");
    let told = admin.all(&[
        ("get_integrations", json!({})),
        ("get_integration", json!({ "integration_key": ikey })),
        ("get_settings", json!({})),
        ("update_settings", json!({ "minimum_password_length": 14, "inactive_user_expiration": 60 })),
        ("get_info_summary", json!({})),
        ("get_authentication_attempts", json!({})),
        ("get_user_authentication_attempts", json!({ "mintime": "0" })),
        ("get_info_telephony_credits_used", json!({})),
        ("get_phones", json!({})),
        ("get_webauthncredentials", json!({})),
        ("get_webauthncredentials_iterator", json!({})),
        ("get_u2ftokens", json!({})),
        ("get_desktoptokens", json!({})),
        ("get_endpoints", json!({})),
        ("get_registered_devices", json!({})),
    ]);
    let kinds: Vec<&Value> = told[0].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["adminapi", "authapi"]);
    assert_eq!(told[0][0]["adminapi_write_resource"], 1);
    assert_eq!((&told[1]["name"], told[1].get("secret_key")), (&json!("VPN"), None));
    assert_eq!(
        (&told[2]["name"], &told[2]["minimum_password_length"]),
        (&json!("Fortress & Sons"), &json!(12))
    );
    assert_eq!(
        (&told[3]["minimum_password_length"], &told[3]["inactive_user_expiration"]),
        (&json!(14), &json!(60))
    );
    assert_eq!(admin.house.cli.json(&["settings", "show"]).unwrap()["passwords"]["shortest"], 14);
    assert_eq!(
        (&told[4]["admin_count"], &told[4]["integration_count"], &told[4]["user_count"]),
        (&json!(1), &json!(2), &json!(1))
    );
    for counts in [&told[5]["authentication_attempts"], &told[6]["user_authentication_attempts"]] {
        assert!(
            ["ERROR", "FAILURE", "FRAUD", "SUCCESS"].iter().all(|word| counts[word].is_u64()),
            "{counts}"
        );
    }
    assert_eq!(told[7]["telephony_credits_used"], 0);
    for nothing in &told[8..] {
        assert_eq!(*nothing, json!([]));
    }
    assert_eq!(admin.refusal("get_secret_key", json!({ "integration_key": ikey })).1, 40301);
    assert_eq!(admin.refusal("update_settings", json!({ "lockout_threshold": 100 })).1, 40002);
    assert_eq!(admin.refusal("get_logo", json!({})).0, 404);
}

#[test]
fn applications_are_made_changed_and_deleted_and_their_keys_work() {
    let admin = Admin::open(&EVERYTHING);
    let made = admin.one(
        "create_integration",
        json!({ "name": "VPN", "integration_type": "authapi", "user_access": "ALL_USERS", "notes": "by us",
                "enroll_policy": "enroll", "username_normalization_policy": "simple", "self_service_allowed": false }),
    );
    let ikey = made["integration_key"].clone();
    assert_eq!((&made["type"], &made["user_access"]), (&json!("authapi"), &json!("ALL_USERS")));
    assert_eq!(made["username_normalization_policy"], "simple");
    let check = |ikey: &Value, skey: &Value| {
        let mut config = admin.config();
        (config["ikey"], config["skey"]) = (ikey.clone(), skey.clone());
        config["calls"] = json!([{ "name": "check" }]);
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
        let script = format!("{}/python/duo_auth.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let python = std::path::Path::new(&python);
        let out = sallyport_testkit::cli::run(python, &[&script], Some(&config.to_string()), &[]).unwrap();
        let told: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
        if told.get("answer").is_some() { Some(200) } else { told["status"].as_i64() }
    };
    assert_eq!(check(&ikey, &made["secret_key"]), Some(200), "the key that was told is the key");
    let with = |more: Value| {
        let mut all = json!({ "integration_key": ikey });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let told = admin.all(&[
        ("get_integration", with(json!({}))),
        ("update_integration", with(json!({ "name": "Tunnel", "user_access": "NO_USERS" }))),
        ("update_integration", with(json!({ "reset_secret_key": 1 }))),
        ("get_integrations", json!({})),
    ]);
    assert_eq!((told[0].get("secret_key"), &told[0]["name"]), (None, &json!("VPN")));
    assert_eq!((&told[1]["name"], &told[1]["user_access"]), (&json!("Tunnel"), &json!("NO_USERS")));
    assert_eq!(told[1].get("secret_key"), None);
    assert_eq!(check(&ikey, &made["secret_key"]), Some(401), "it was replaced");
    assert_eq!(check(&ikey, &told[2]["secret_key"]), Some(200));
    assert_eq!(told[3].as_array().unwrap().len(), 2);
    let shown = admin.house.cli.json(&["application", "show", "Tunnel"]).unwrap();
    assert_eq!((&shown["ikey"], &shown["enabled"]), (&ikey, &json!(false)), "what people see is the same");
    for (more, code) in [
        (json!({ "adminapi_read_log": true }), 40301),
        (json!({ "groups_allowed": "DGXXXXXXXXXXXXXXXXXX" }), 40002),
        (json!({ "enroll_policy": "deny" }), 40002),
        (json!({ "trusted_device_days": 5 }), 40002),
        (json!({ "ip_whitelist": "10.0.0.0/8" }), 40002),
        (json!({ "username_normalization_policy": "strict" }), 40002),
        (json!({ "sso": { "x": 1 } }), 40002),
    ] {
        let refused = admin.refusal("update_integration", with(more.clone()));
        assert!(refused.1 == code && refused.2.contains(": "), "{more}: {refused:?}");
    }
    let own = json!({ "integration_key": admin.ikey, "reset_secret_key": 1 });
    assert_eq!(admin.refusal("update_integration", own).1, 40301, "its own key is for owners");
    assert_eq!(admin.refusal("delete_integration", json!({ "integration_key": admin.ikey })).1, 40301);
    assert_eq!(admin.one("delete_integration", with(json!({}))), "");
    assert_eq!(admin.refusal("get_integration", with(json!({}))).1, 40401);
}

#[test]
fn settings_about_wrong_codes_and_texts_are_ours() {
    let admin = Admin::open(&EVERYTHING);
    let given = json!({ "lockout_threshold": 3, "lockout_expire_duration": 45, "sms_batch": 5, "sms_expiration": 240,
                        "sms_refresh": false, "push_enabled": true });
    let told = admin.one("update_settings", given);
    assert_eq!(
        (
            &told["lockout_threshold"],
            &told["lockout_expire_duration"],
            &told["sms_batch"],
            &told["sms_expiration"]
        ),
        (&json!(3), &json!(45), &json!(5), &json!(240))
    );
    let ours = admin.house.cli.json(&["settings", "show"]).unwrap();
    assert_eq!(ours["lockout"], json!({ "wrong_codes": 3, "minutes": 45 }));
    assert_eq!((&ours["telephony"]["codes"], &ours["telephony"]["batch_hours"]), (&json!(5), &json!(4)));
    for refused in [
        json!({ "sms_refresh": true }),
        json!({ "lockout_expire_duration": 0 }),
        json!({ "user_telephony_cost_max": 10 }),
        json!({ "helpdesk_can_send_enroll_email": true }),
        json!({ "telephony_warning_min": 100 }),
    ] {
        let told = admin.refusal("update_settings", refused.clone());
        assert!(told.1 == 40002 && told.2.contains(": "), "{refused}: {told:?}");
    }
}

#[test]
fn administrators_are_read() {
    let admin = Admin::open(&EVERYTHING);
    admin.house.cli.json(&["user", "create", "hugo", "--active"]).unwrap();
    admin.house.cli.json(&["user", "set-roles", "hugo", "--role", "help_desk"]).unwrap();
    let told = admin.all(&[
        ("get_admins", json!({})),
        ("get_admins_iterator", json!({})),
        ("get_admins", json!({ "limit": 1, "offset": 1 })),
        ("get_allowed_admin_auth_methods", json!({})),
        ("get_administrative_units", json!({})),
        ("get_trust_monitor_events_iterator", json!({ "mintime": 0, "maxtime": 1_700_000_000_000_i64 })),
        ("get_trust_monitor_events_by_offset", json!({ "mintime": 0, "maxtime": 1_700_000_000_000_i64 })),
    ]);
    let mut roles: Vec<&Value> = told[0].as_array().unwrap().iter().map(|one| &one["role"]).collect();
    roles.sort_unstable_by_key(|role| role.to_string());
    assert_eq!((roles, &told[1]), (vec![&json!("Help Desk"), &json!("Owner")], &told[0]));
    assert_eq!(told[2], json!([told[0][1]]));
    assert_eq!(admin.one("get_admin", json!({ "admin_id": told[0][0]["admin_id"] })), told[0][0]);
    assert_eq!((&told[3]["push_enabled"], &told[3]["sms_enabled"]), (&json!(true), &json!(false)));
    assert_eq!((&told[4], &told[5], &told[6]["events"]), (&json!([]), &json!([]), &json!([])));
    let olga = told[0].as_array().unwrap().iter().find(|one| one["role"] == "Owner").unwrap();
    let change = json!({ "admin_id": olga["admin_id"], "name": "Mallory" });
    assert_eq!(admin.refusal("update_admin", change).1, 40301);
    assert_eq!(admin.refusal("reset_admin", json!({ "admin_id": olga["admin_id"] })).1, 40301);
    assert_eq!(admin.refusal("set_allowed_admin_auth_methods", json!({ "sms_enabled": true })).1, 40301);
}
