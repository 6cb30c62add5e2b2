//! Errors, signatures and waiting, as clients know them.

use serde_json::json;

use super::{Admin, EVERYTHING, FAR};

#[test]
fn errors_are_those_that_clients_know() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada", "alias1": "al" }))["user_id"].clone();
    for (call, arguments, status, code) in [
        ("get_user_by_id", json!({ "user_id": "DUXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_group", json!({ "group_id": "DGXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_token_by_id", json!({ "token_id": "DHXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_user_by_id", json!({ "user_id": "../groups" }), 404, 40401),
        ("add_user", json!({ "username": "ada" }), 400, 40002),
        ("add_user", json!({ "username": "AL" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "Ada" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "al" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "root" }), 400, 40002),
        ("add_user", json!({ "username": "not a name" }), 400, 40002),
        ("add_user", json!({ "username": "" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "status": "bypass" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "email": "no address" }), 400, 40002),
        ("update_user", json!({ "user_id": ada, "username": "adele" }), 400, 40002),
        ("update_user", json!({ "user_id": ada, "status": "locked out" }), 400, 40002),
        ("add_user_group", json!({ "user_id": ada, "group_id": "DGXXXXXXXXXXXXXXXXXX" }), 400, 40002),
        ("create_group", json!({ "name": "x", "status": "bypass" }), 400, 40002),
        ("add_yubikey_token", json!({ "serial": "1", "private_id": "0", "aes_key": "0" }), 400, 40002),
        ("add_hotp6_token", json!({ "serial": "1", "secret": "00" }), 400, 40002),
        ("get_policy_v2", json!({ "policy_key": "POXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("delete_policy_v2", json!({ "policy_key": "global" }), 400, 40002),
        ("get_passport_config", json!({}), 404, 40401),
        ("get_admin", json!({ "admin_id": "DEXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        (
            "add_admin",
            json!({ "name": "M", "email": "m@example.com", "phone": "+1", "password": "x" }),
            403,
            40301,
        ),
        ("delete_admin", json!({ "admin_id": "DEXXXXXXXXXXXXXXXXXX" }), 403, 40301),
        ("create_integration", json!({ "name": "x", "integration_type": "adminapi" }), 403, 40301),
        ("create_integration", json!({ "name": "x", "integration_type": "Okta!" }), 400, 40002),
        ("update_integration", json!({ "integration_key": "DIXXXXXXXXXXXXXXXXXX", "name": "x" }), 404, 40401),
        ("update_settings", json!({ "helpdesk_bypass": "deny" }), 400, 40002),
    ] {
        let refusal = admin.refusal(call, arguments.clone());
        assert_eq!((refusal.0, refusal.1), (status, code), "{call} {arguments}: {}", refusal.2);
    }
    assert_eq!(admin.one("get_users_by_name", json!({ "username": "bob" })), json!([]), "nothing was done");
}

#[test]
fn every_form_of_signature_and_body_is_read() {
    let admin = Admin::open(&EVERYTHING);
    for (version, name) in [(2, "ada"), (4, "bob"), (5, "eve")] {
        let told = admin.all_with(
            &json!({ "sig_version": version }),
            &[
                ("add_user", json!({ "username": name, "realname": "Zoë & Søn +~" })),
                ("get_users_by_name", json!({ "username": name })),
            ],
        );
        assert_eq!((&told[0]["realname"], &told[1][0]), (&json!("Zoë & Søn +~"), &told[0]), "{version}");
    }
}

#[test]
fn a_client_that_asks_too_fast_waits_and_is_answered() {
    let admin = Admin::open(&EVERYTHING);
    let far = json!({ "times": 250, "arguments": { "api_version": 2, "maxtime": FAR } });
    let told = admin.told(&json!({}), &[("get_authentication_log", far), ("get_info_summary", json!({}))]);
    assert!(told[0]["waits"].as_i64().unwrap() > 0, "it was told to wait: {}", told[0]["waits"]);
    assert!(told[0]["answer"]["authlogs"].is_array() && told[1]["answer"]["user_count"] == 1, "{told:?}");
}
