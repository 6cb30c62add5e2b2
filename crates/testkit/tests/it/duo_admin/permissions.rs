//! What a program may do, and what none may.

use sallyport_testkit::story::text;
use serde_json::{Value, json};

use super::{Admin, EVERYTHING};

/// One call for each way in, with the permission it needs.
const NEEDED: [(&str, &str); 52] = [
    ("get_users", "read_resource"),
    ("get_user_by_id", "read_resource"),
    ("get_user_groups", "read_resource"),
    ("get_user_tokens", "read_resource"),
    ("get_user_bypass_codes", "read_resource"),
    ("get_groups", "read_resource"),
    ("get_group", "read_resource"),
    ("get_group_users", "read_resource"),
    ("get_tokens", "read_resource"),
    ("get_bypass_codes", "read_resource"),
    ("get_webauthncredentials", "read_resource"),
    ("get_phones", "read_resource"),
    ("add_phone", "write_resource"),
    ("delete_phone", "write_resource"),
    ("add_user_phone", "write_resource"),
    ("delete_webauthncredential", "write_resource"),
    ("add_user", "write_resource"),
    ("update_user", "write_resource"),
    ("delete_user", "write_resource"),
    ("enroll_user", "write_resource"),
    ("add_user_bypass_codes", "write_resource"),
    ("add_user_group", "write_resource"),
    ("delete_user_group", "write_resource"),
    ("add_user_token", "write_resource"),
    ("delete_user_token", "write_resource"),
    ("create_group", "write_resource"),
    ("modify_group", "write_resource"),
    ("delete_group", "write_resource"),
    ("add_hotp6_token", "write_resource"),
    ("delete_token", "write_resource"),
    ("resync_hotp_token", "write_resource"),
    ("get_authentication_log", "read_log"),
    ("get_administrator_log", "read_log"),
    ("get_activity_logs", "read_log"),
    ("get_telephony_log", "read_log"),
    ("get_info_summary", "info"),
    ("get_integrations", "integrations"),
    ("create_integration", "write_integrations"),
    ("update_integration", "write_integrations"),
    ("delete_integration", "write_integrations"),
    ("get_admins", "admins_read"),
    ("get_admin", "admins_read"),
    ("get_allowed_admin_auth_methods", "admins_read"),
    ("get_administrative_units", "read_resource"),
    ("send_sms_activation_to_phone", "write_resource"),
    ("send_sms_installation", "write_resource"),
    ("send_verification_push", "write_resource"),
    ("get_verification_push_response", "write_resource"),
    ("get_trust_monitor_events_by_offset", "read_log"),
    ("get_info_telephony_credits_used", "info"),
    ("get_settings", "settings"),
    ("update_settings", "settings"),
];

fn arguments(call: &str) -> Value {
    let (user, group, token) = ("DUXXXXXXXXXXXXXXXXXX", "DGXXXXXXXXXXXXXXXXXX", "DHXXXXXXXXXXXXXXXXXX");
    match call {
        "get_user_by_id"
        | "get_user_groups"
        | "get_user_tokens"
        | "get_user_bypass_codes"
        | "update_user"
        | "delete_user"
        | "add_user_bypass_codes" => json!({ "user_id": user }),
        "get_group" | "get_group_users" | "modify_group" | "delete_group" => json!({ "group_id": group }),
        "add_user" => json!({ "username": "ada" }),
        "enroll_user" => json!({ "username": "ada", "email": "ada@example.com" }),
        "add_user_group" | "delete_user_group" => json!({ "user_id": user, "group_id": group }),
        "add_user_token" | "delete_user_token" => json!({ "user_id": user, "token_id": token }),
        "add_phone" => json!({ "number": "+15005550010" }),
        "create_integration" => json!({ "name": "Tunnel", "integration_type": "unix" }),
        "update_integration" => json!({ "integration_key": "DIXXXXXXXXXXXXXXXXXX", "name": "Tunnel" }),
        "delete_integration" => json!({ "integration_key": "DIXXXXXXXXXXXXXXXXXX" }),
        "get_admin" => json!({ "admin_id": "DEXXXXXXXXXXXXXXXXXX" }),
        "send_verification_push" => json!({ "user_id": user, "phone_id": "DPXXXXXXXXXXXXXXXXXX" }),
        "get_verification_push_response" => json!({ "user_id": user, "push_id": "x" }),
        "get_trust_monitor_events_by_offset" => json!({ "mintime": 0, "maxtime": 1 }),
        "send_sms_activation_to_phone" | "send_sms_installation" | "delete_phone" => {
            json!({ "phone_id": "DPXXXXXXXXXXXXXXXXXX" })
        }
        "add_user_phone" => json!({ "user_id": user, "phone_id": "DPXXXXXXXXXXXXXXXXXX" }),
        "delete_webauthncredential" => json!({ "webauthnkey": "WAXXXXXXXXXXXXXXXXXX" }),
        "create_group" => json!({ "name": "Staff" }),
        "add_hotp6_token" => json!({ "serial": "1", "secret": "3132333435363738393031323334353637383930" }),
        "delete_token" => json!({ "token_id": token }),
        "resync_hotp_token" => json!({ "token_id": token, "code1": "1", "code2": "2", "code3": "3" }),
        "get_administrator_log" => json!({ "mintime": 0 }),
        "update_settings" => json!({ "minimum_password_length": 13 }),
        _ => json!({}),
    }
}

#[test]
fn without_its_permission_a_call_does_nothing() {
    let admin = Admin::open(&[]);
    let calls: Vec<(&str, Value)> = NEEDED.iter().map(|(call, _)| (*call, arguments(call))).collect();
    for left_out in EVERYTHING {
        let granted: Vec<&str> = EVERYTHING.into_iter().filter(|grant| *grant != left_out).collect();
        admin.grant(&granted);
        for (told, (call, needed)) in admin.told(&json!({}), &calls).iter().zip(NEEDED) {
            let forbidden = told["refused"]["code"] == 40301;
            assert_eq!(forbidden, needed == left_out, "{call} without {left_out}: {told}");
            if forbidden {
                let detail = text(&told["refused"], "message_detail");
                assert!(told["status"] == 403 && detail.contains(left_out), "{call}: {told}");
            }
        }
    }
    admin.grant(&EVERYTHING);
    admin.house.cli.json(&["application", "disable", "Admin API"]).unwrap();
    assert_eq!(admin.refusal("get_users", json!({})).1, 40301, "a disabled one may nothing");
}

#[test]
fn keys_of_one_kind_open_nothing_of_the_other() {
    let mut admin = Admin::open(&EVERYTHING);
    let mut config = admin.config();
    config["calls"] = json!([
        { "name": "check" },
        { "name": "preauth", "arguments": { "username": "olga" } },
        { "name": "auth", "arguments": { "username": "olga", "factor": "passcode", "passcode": "000000" } },
        { "name": "enroll", "arguments": { "username": "mallory" } },
    ]);
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/duo_auth.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let out = sallyport_testkit::cli::run(
        std::path::Path::new(&python),
        &[&script],
        Some(&config.to_string()),
        &[],
    )
    .unwrap();
    let told: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.len() == 4 && told.iter().all(|told| told["status"] == 403), "{told:?}");

    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    (admin.ikey, admin.skey) = (text(&vpn, "ikey"), text(&vpn, "skey"));
    let (status, code, detail) = admin.refusal("get_users", json!({}));
    assert_eq!((status, code, detail.as_str()), (403, 40301, "Wrong integration type for this API."));
    admin.skey = "x".repeat(40);
    assert_eq!(admin.refusal("get_users", json!({})).1, 40103);
    admin.ikey = "DIXXXXXXXXXXXXXXXXXX".into();
    assert_eq!(admin.refusal("get_users", json!({})).1, 40102);
}

#[test]
fn nobody_with_an_administrator_role_is_reached() {
    let admin = Admin::open(&EVERYTHING);
    let olga = admin.one("get_users_by_name", json!({ "username": "olga" }))[0]["user_id"].clone();
    let group = admin.one("create_group", json!({ "name": "Staff" }))["group_id"].clone();
    let token = admin.one(
        "add_totp6_token",
        json!({ "serial": "1", "secret": "3132333435363738393031323334353637383930" }),
    )["token_id"]
        .clone();
    for (call, arguments) in [
        ("update_user", json!({ "user_id": olga, "realname": "Mallory" })),
        ("update_user", json!({ "user_id": olga, "alias1": "mallory" })),
        ("update_user", json!({ "user_id": olga, "status": "disabled" })),
        ("delete_user", json!({ "user_id": olga })),
        ("add_user_bypass_codes", json!({ "user_id": olga, "count": 1 })),
        ("add_user_group", json!({ "user_id": olga, "group_id": group })),
        ("add_user_token", json!({ "user_id": olga, "token_id": token })),
    ] {
        let (status, code, detail) = admin.refusal(call, arguments);
        assert_eq!(
            (status, code, detail.as_str()),
            (403, 40301, "this would reach above your own rights"),
            "{call}"
        );
    }
}
