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
