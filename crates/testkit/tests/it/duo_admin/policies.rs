//! Policies, by every call of the client about them.

use serde_json::json;

use super::{Admin, EVERYTHING};

#[test]
fn policies_live_through_the_vendors_client() {
    let admin = Admin::open(&EVERYTHING);
    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let ada = admin.one("add_user", json!({ "username": "ada" }))["user_id"].clone();
    let admins = admin.one("create_group", json!({ "name": "Admins" }))["group_id"].clone();
    admin.one("add_user_group", json!({ "user_id": ada, "group_id": admins }));
    let location = json!({
        "default_action": "ignore-location", "allow_access_no_2fa_countries_list": [],
        "deny_access_countries_list": ["FR", "US"], "ignore_location_countries_list": [],
        "require_mfa_countries_list": [], "access_device_only": true,
    });
    let made = admin.one(
        "create_policy_v2",
        json!({ "json_request": {
            "policy_name": "At the VPN",
            "sections": { "user_location": location, "new_user": { "new_user_behavior": "deny" } },
            "apply_to_apps": { "apply_list": [vpn["ikey"]] },
        } }),
    );
    let key = made["policy_key"].clone();
    assert_eq!((&made["sections"]["user_location"], &made["is_global_policy"]), (&location, &json!(false)));
    let told = admin.all(&[
        ("get_policy_v2", json!({ "policy_key": key })),
        ("copy_policy_v2", json!({ "policy_key": key, "new_policy_names_list": ["For admins", "Spare"] })),
        ("get_policies_v2", json!({})),
        ("get_policies_v2", json!({ "limit": 2, "offset": 2 })),
        ("get_policy_v2", json!({ "policy_key": "global" })),
        ("get_policies_v2_iterator", json!({})),
    ]);
    assert_eq!((&told[0], &told[5]), (&made, &told[2]));
    let copies = told[1]["policies"].as_array().unwrap();
    assert_eq!((copies.len(), &copies[0]["sections"]), (2, &made["sections"]));
    assert_eq!((told[2].as_array().unwrap().len(), told[3].as_array().unwrap().len()), (4, 2));
    assert_eq!(told[4]["sections"]["new_user"]["new_user_behavior"], "enroll");
    let for_admins = copies[0]["policy_key"].clone();
    let told = admin.all(&[
        (
            "update_policy_v2",
            json!({ "policy_key": for_admins, "json_request": {
                "sections": { "new_user": { "new_user_behavior": "enroll" } },
                "sections_to_delete": ["user_location"],
                "apply_to_groups_in_apps": { "apply_group_policies_list":
                    [{ "app_integration_key": vpn["ikey"], "group_id_list": [admins] }] },
            } }),
        ),
        (
            "update_policies_v2",
            json!({ "sections": { "anonymous_networks": { "anonymous_access_behavior": "deny" } },
                    "sections_to_delete": [], "edit_list": [key] }),
        ),
        ("calculate_policy", json!({ "integration_key": vpn["ikey"], "user_id": ada })),
        ("get_policy_summary_v2", json!({})),
        ("delete_policy_v2", json!({ "policy_key": copies[1]["policy_key"] })),
    ]);
    assert_eq!(told[0]["sections"], json!({ "new_user": { "new_user_behavior": "enroll" } }));
    assert_eq!(told[1][0]["sections"]["anonymous_networks"]["anonymous_access_behavior"], "deny");
    let (elements, sections) = (&told[2]["policy_elements"], &told[2]["sections"]);
    assert_eq!(sections["new_user"]["new_user_behavior"], "enroll");
    assert_eq!(elements["new_user"]["policy_key"], for_admins);
    assert_eq!((&sections["user_location"], &elements["user_location"]["policy_key"]), (&location, &key));
    assert_eq!(elements["remembered_devices"]["apply_type"], "global");
    assert_eq!(told[3]["policy_count"], 4);
    assert_eq!(told[4], "");
    let applied = admin.refusal("delete_policy_v2", json!({ "policy_key": key }));
    assert!(applied.0 == 400 && applied.2.contains("VPN"), "{applied:?}");
    let unknown = json!({ "policy_key": key, "json_request": { "sections": { "browsers": {} } } });
    let refused = admin.refusal("update_policy_v2", unknown);
    assert!(refused.1 == 40002 && refused.2.contains("sections.browsers"), "{refused:?}");
}
