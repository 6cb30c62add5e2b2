use serde_json::json;

use super::*;

fn read(value: &Value) -> Result<PolicyFields, ApiError> {
    PolicyFields::read(&Params::from_json(value.to_string().as_bytes()).unwrap())
}

fn detail(refused: Result<PolicyFields, ApiError>) -> String {
    let refused = refused.unwrap_err();
    assert_eq!(refused.status(), 400);
    refused.detail.unwrap_or_default()
}

#[test]
fn every_section_is_told_as_it_is_read() {
    let sections = json!({
        "anonymous_networks": { "anonymous_access_behavior": "require-mfa" },
        "authentication_methods": {
            "allowed_auth_list": ["duo-push"], "blocked_auth_list": ["sms"],
            "require_verified_push": true, "verified_push_digits": 6,
        },
        "authentication_policy": { "user_auth_behavior": "enforce" },
        "authorized_networks": {
            "no_2fa_required": { "ip_list": ["192.0.2.0/24"], "require_enrollment": false },
            "mfa_required": { "ip_list": [] }, "deny_other_access": true, "blocked": { "ip_list": ["::1"] },
        },
        "new_user": { "new_user_behavior": "no-mfa" },
        "remembered_devices": {
            "browser_apps": {
                "enabled": true, "remember_method": "user-based",
                "user_based": { "max_time_units": "days", "max_time_value": 30 },
            },
            "windows_logon": { "enabled": false },
        },
        "user_location": {
            "default_action": "deny-access", "allow_access_no_2fa_countries_list": ["CH"],
            "deny_access_countries_list": [], "ignore_location_countries_list": ["DE"],
            "require_mfa_countries_list": ["FR"], "access_device_only": true,
        },
    });
    let fields = read(&json!({ "policy_name": "VPN", "sections": sections })).unwrap();
    assert_eq!(
        (fields.name.as_deref(), serde_json::to_value(&fields.sections).unwrap()),
        (Some("VPN"), sections.clone())
    );
    let as_text = read(&json!({ "sections": sections.to_string() })).unwrap();
    assert_eq!(as_text.sections, fields.sections, "form-encoding clients send it as text");
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    for (given, named) in [
        (
            json!({ "sections": { "trusted_endpoints": {} } }),
            "sections.trusted_endpoints: there is no such section",
        ),
        (json!({ "sections": { "new_user": { "new_user_behavior": 1 } } }), "sections.new_user: "),
        (
            json!({ "sections": { "new_user": { "new_user_behavior": "deny", "x": 1 } } }),
            "sections.new_user: unknown field `x`",
        ),
        (
            json!({ "sections": { "anonymous_networks": { "anonymous_access_behavior": "warn" } } }),
            "sections.anonymous_networks: unknown variant",
        ),
        (json!({ "sections_to_delete": ["browsers"] }), "sections.browsers: "),
        (json!({ "apply_to_apps": { "apply_lists": ["DI1"] } }), "apply_to_apps: unknown field"),
        (
            json!({ "apply_to_groups_in_apps": { "apply_group_policies_list": [{}] } }),
            "apply_to_groups_in_apps: missing field",
        ),
        (json!({ "sections": [] }), "sections"),
        (json!({ "sections": "no object" }), "sections"),
        (json!({ "apply_to_apps": { "apply_list": vec!["DI1"; MOST + 1] } }), "apply_to_apps: at most 500"),
    ] {
        let told = detail(read(&given));
        assert!(told.starts_with(named), "{given}: {told}");
    }
    let long = "\u{1b}".repeat(10) + &"x".repeat(10_000);
    let told = detail(read(&json!({ "sections": { "new_user": { long: 1 } } })));
    assert!(told.len() < 500 && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_bulk_change_says_which_policies() {
    let read = |value: Value| BulkChange::read(&Params::from_json(value.to_string().as_bytes()).unwrap());
    let changes = json!({ "sections": { "new_user": { "new_user_behavior": "deny" } }, "sections_to_delete": ["user_location"] });
    let some = read(
        json!({ "policies_to_update": { "edit_all_policies": false, "edit_list": ["PO1"] }, "policy_changes": changes }),
    );
    let some = some.unwrap();
    assert_eq!(
        (some.policies.as_deref(), some.without.as_slice()),
        (Some(["PO1".to_owned()].as_slice()), [SectionName::UserLocation].as_slice())
    );
    let all = read(
        json!({ "policies_to_update": { "edit_all_policies": true, "edit_list": null }, "policy_changes": changes }),
    );
    assert_eq!(all.unwrap().policies, None);
    let none = read(json!({ "policies_to_update": { "edit_list": [] }, "policy_changes": changes }));
    assert_eq!(none.unwrap_err().detail.as_deref(), Some("edit_list"));
    assert!(read(json!({ "policy_changes": changes })).is_err());
}
