//! Policies as a program reads and writes them.

use sallyport_api::rest::{CreateGroup, CreatePolicy, UpdatePolicy};
use sallyport_model::{
    Method,
    policy::{
        AuthorizedNetworks, Lockout, NewUser, NumberWhen, PlaceAction, RememberedDevices, RememberedFor,
        Sections, UserLocation, VerifiedPush,
    },
    settings::SecondDoorPolicy,
};

use super::*;
use crate::{duo::admin::ids, group, policy, settings};

const POLICIES: &str = "/admin/v2/policies";

impl House {
    async fn application(&self, name: &str) -> (sallyport_model::id::ApplicationId, String) {
        let input = CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi };
        let (made, _) = application::create(&self.test.system(), input).await.unwrap();
        (made.id, made.ikey.clone())
    }

    async fn group(&self, name: &str) -> (sallyport_model::id::GroupId, String) {
        let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
        let made = group::create(&self.test.system(), input).await.unwrap();
        (made.id, ids::of_group(made.id))
    }

    async fn said(&self, key: &str) -> Sections {
        policy::resolve(&self.test.system(), key).await.unwrap().sections.clone()
    }

    /// What is wrong with a call that is refused with *invalid*.
    async fn wrong(&self, method: &str, path: &str, params: Value) -> String {
        let told = self.call(&Grant::ALL, method, path, params).await;
        assert_eq!(told["code"], 40002, "{told}");
        told["message_detail"].as_str().unwrap().to_owned()
    }
}

/// Each section as it travels, and what it is here.
fn in_both_words() -> (Value, Sections) {
    let theirs = json!({
        "anonymous_networks": { "anonymous_access_behavior": "deny" },
        "authentication_methods": {
            "allowed_auth_list": ["duo-push", "webauthn-platform", "webauthn-roaming", "bypass"],
            "blocked_auth_list": ["duo-passcode", "hardware-token", "sms", "phonecall"],
            "require_verified_push": true, "verified_push_digits": 4,
        },
        "authentication_policy": { "user_auth_behavior": "bypass" },
        "authorized_networks": {
            "no_2fa_required": { "ip_list": ["192.0.2.0/24"], "require_enrollment": false },
            "mfa_required": { "ip_list": ["198.51.100.7/32"] },
            "deny_other_access": false,
            "blocked": { "ip_list": ["2001:db8::/32"] },
        },
        "new_user": { "new_user_behavior": "no-mfa" },
        "remembered_devices": {
            "browser_apps": {
                "enabled": true, "remember_method": "user-based",
                "user_based": { "max_time_units": "days", "max_time_value": 7 },
            },
            "windows_logon": { "enabled": false },
        },
        "user_location": {
            "default_action": "require-mfa", "allow_access_no_2fa_countries_list": ["CH"],
            "deny_access_countries_list": ["FR", "US"], "ignore_location_countries_list": [],
            "require_mfa_countries_list": [], "access_device_only": true,
        },
    });
    let countries = [("CH", PlaceAction::NoSecondDoor), ("FR", PlaceAction::Deny), ("US", PlaceAction::Deny)];
    let ours = Sections {
        second_door: Some(SecondDoorPolicy::Never),
        new_user: Some(NewUser::NoSecondDoor),
        user_location: Some(UserLocation {
            others: PlaceAction::SecondDoor,
            countries: countries.map(|(country, action)| (country.parse().unwrap(), action)).into(),
        }),
        authorized_networks: Some(AuthorizedNetworks {
            no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
            require_enrollment: false,
            second_door: vec!["198.51.100.7/32".parse().unwrap()],
            deny_others: false,
            blocked: vec!["2001:db8::/32".parse().unwrap()],
        }),
        anonymous_networks: Some(sallyport_model::policy::AnonymousNetworks::Deny),
        remembered_devices: Some(RememberedDevices { hours: 7 * 24, reach: RememberedFor::OneApplication }),
        methods: Some([Method::Push, Method::Passkey, Method::BypassCode].into()),
        verified_push: Some(VerifiedPush { digits: 4, when: NumberWhen::Always }),
        lockout: None,
    };
    (theirs, ours)
}

#[tokio::test]
async fn a_policy_is_written_and_read_section_by_section() {
    let house = house().await;
    let (theirs, ours) = in_both_words();
    let made = house.ok("POST", POLICIES, json!({ "policy_name": "All", "sections": theirs })).await;
    assert_eq!((&made["sections"], &made["policy_name"]), (&theirs, &json!("All")));
    let key = made["policy_key"].as_str().unwrap();
    assert_eq!(house.said(key).await, ours);
    let path = format!("{POLICIES}/{key}");
    assert_eq!(house.ok("GET", &path, json!({})).await, made);
    // What is not given stays, and what is deleted is inherited.
    let change = json!({ "policy_name": "Some", "sections_to_delete": ["authentication_methods", "user_location"],
                         "sections": { "new_user": { "new_user_behavior": "deny" } } });
    house.ok("PUT", &path, change).await;
    let after = Sections {
        new_user: Some(NewUser::Deny),
        methods: None,
        verified_push: None,
        user_location: None,
        ..ours
    };
    assert_eq!(house.said(key).await, after);
    // The same once more changes nothing and is no error.
    let again = json!({ "sections": { "new_user": { "new_user_behavior": "deny" } } });
    assert_eq!(house.ok("PUT", &path, again).await["policy_name"], "Some");
    assert_eq!(house.ok("DELETE", &path, json!({})).await, "");
    assert_eq!(house.code_of_refusal("GET", &path, json!({})).await, 40401);
    assert_eq!(house.code_of_refusal("DELETE", &path, json!({})).await, 40401);
}

#[tokio::test]
async fn a_push_that_need_not_be_verified_still_has_a_number_wherever_one_can_be_shown() {
    let house = house().await;
    let sections = json!({ "authentication_methods": { "require_verified_push": false } });
    let made = house.ok("POST", POLICIES, json!({ "policy_name": "Old", "sections": sections })).await;
    let key = made["policy_key"].as_str().unwrap();
    let said = house.said(key).await;
    assert_eq!(said.verified_push, Some(VerifiedPush { digits: 3, when: NumberWhen::WhereShown }));
    let told = made["sections"]["authentication_methods"].clone();
    assert_eq!((&told["require_verified_push"], &told["verified_push_digits"]), (&json!(false), &json!(3)));
    // Whoever writes back what they read changes nothing.
    let path = format!("{POLICIES}/{key}");
    house.ok("PUT", &path, json!({ "sections": { "authentication_methods": told } })).await;
    assert_eq!(house.said(key).await, said);
    let required = json!({ "sections": { "authentication_methods": { "require_verified_push": true } } });
    house.ok("PUT", &path, required).await;
    assert_eq!(house.said(key).await.verified_push, Some(VerifiedPush::default()));
}

#[tokio::test]
async fn what_this_protocol_has_no_word_for_is_kept_and_not_told() {
    let house = house().await;
    let (group, _) = house.group("Admins").await;
    let sections = Sections {
        second_door: Some(SecondDoorPolicy::Groups { groups: vec![group] }),
        lockout: Some(Lockout { wrong_codes: 3, minutes: 10 }),
        remembered_devices: Some(RememberedDevices { hours: 5, reach: RememberedFor::All }),
        ..Sections::default()
    };
    let input = CreatePolicy { name: "Ours".into(), sections: sections.clone() };
    let made = policy::create(&house.test.system(), input).await.unwrap();
    let path = format!("{POLICIES}/{}", made.duo_id);
    let told = house.ok("GET", &path, json!({})).await["sections"].clone();
    let remembered = json!({
        "browser_apps": { "enabled": true, "remember_method": "user-based",
                          "user_based": { "max_time_units": "hours", "max_time_value": 5 } },
        "windows_logon": { "enabled": false },
    });
    assert_eq!(told, json!({ "remembered_devices": remembered }));
    // Whoever writes back what they read changes nothing.
    house.ok("PUT", &path, json!({ "sections": told })).await;
    assert_eq!(house.said(&made.duo_id).await, sections);
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused_and_nothing_is_done() {
    let house = house().await;
    let methods = |given: Value| json!({ "authentication_methods": given });
    let remembered = |apps: Value| json!({ "remembered_devices": { "browser_apps": apps } });
    let networks = |list: Value| json!({ "authorized_networks": { "blocked": { "ip_list": list } } });
    let many: Vec<String> = (0..501).map(|n| format!("10.0.{}.{}", n / 256, n % 256)).collect();
    for (sections, named) in [
        (
            json!({ "trusted_endpoints": { "trusted_endpoint_checking": "require-trusted" } }),
            "sections.trusted_endpoints",
        ),
        (json!({ "authentication_policy": { "user_auth_behavior": "ask" } }), "enforce, bypass or deny"),
        (json!({ "new_user": { "new_user_behavior": "allow" } }), "enroll, no-mfa or deny"),
        (methods(json!({ "verified_push_digits": 7 })), "from 3 to 6"),
        (methods(json!({ "allowed_auth_list": ["desktop"] })), "`desktop` is not to be had"),
        (methods(json!({ "allowed_auth_list": ["carrier-pigeon"] })), "`carrier-pigeon` is no factor"),
        (methods(json!({ "blocked_auth_list": ["carrier-pigeon"] })), "`carrier-pigeon` is no factor"),
        (methods(json!({ "allowed_auth_list": [] })), "at least one"),
        (
            methods(json!({ "allowed_auth_list": ["sms"], "blocked_auth_list": ["sms"] })),
            "both allowed and blocked",
        ),
        (methods(json!({ "blocked_auth_list": ["webauthn-platform"] })), "both webauthn names"),
        (remembered(json!({ "enabled": true, "remember_method": "risk-based" })), "not by risk"),
        (remembered(json!({ "enabled": true })), "for how long"),
        (
            remembered(
                json!({ "enabled": true, "user_based": { "max_time_units": "years", "max_time_value": 1 } }),
            ),
            "hours, days or weeks",
        ),
        (
            remembered(
                json!({ "enabled": true, "user_based": { "max_time_units": "weeks", "max_time_value": 4_000_000_000_u32 } }),
            ),
            "remembered_devices.hours",
        ),
        (
            json!({ "remembered_devices": { "browser_apps": { "enabled": false }, "windows_logon": { "enabled": true } } }),
            "logins at devices",
        ),
        (networks(json!(["example.com"])), "`example.com` is no address"),
        (networks(json!(["10.0.0.9-10.0.0.1"])), "no range"),
        (networks(json!(["10.0.0.1-::2"])), "no range"),
        (networks(json!(many)), "at most 500"),
        (json!({ "user_location": { "access_device_only": false } }), "access_device_only"),
        (json!({ "user_location": { "deny_access_countries_list": ["CHE"] } }), "two letters"),
        (
            json!({ "user_location": { "deny_access_countries_list": ["CH"], "require_mfa_countries_list": ["ch"] } }),
            "`CH` stands in two lists",
        ),
    ] {
        let given = json!({ "policy_name": "Bad", "sections": sections });
        let told = house.wrong("POST", POLICIES, given.clone()).await;
        assert!(told.contains(named), "{given}: {told}");
    }
    assert_eq!(
        house.ok("GET", POLICIES, json!({})).await.as_array().unwrap().len(),
        1,
        "only the global one"
    );
}

#[tokio::test]
async fn lists_of_factors_and_of_addresses_are_read_as_clients_mean_them() {
    let house = house().await;
    let sections = json!({
        "authentication_methods": { "blocked_auth_list": ["desktop", "smart-card", "sms", "phonecall"] },
        "authorized_networks": { "blocked": { "ip_list": ["10.0.0.1-10.0.0.6", "192.0.2.9", "198.51.100.77/24"] } },
    });
    let made = house.ok("POST", POLICIES, json!({ "policy_name": "Lists", "sections": sections })).await;
    let said = house.said(made["policy_key"].as_str().unwrap()).await;
    // What the protocol has no word for is not allowed by leaving it out.
    let blocked_or_unknown =
        |method: &Method| matches!(method, Method::Text | Method::Call | Method::Mail | Method::Duo);
    let all_but: BTreeSet<Method> =
        Method::ALL.into_iter().filter(|method| !blocked_or_unknown(method)).collect();
    assert_eq!(said.methods, Some(all_but));
    let blocked: Vec<String> =
        said.authorized_networks.unwrap().blocked.iter().map(ToString::to_string).collect();
    assert_eq!(
        blocked,
        ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32", "192.0.2.9/32", "198.51.100.0/24"]
    );
}

#[tokio::test]
async fn the_global_policy_is_the_organisations() {
    let house = house().await;
    let global = format!("{POLICIES}/global");
    let told = house.ok("GET", &global, json!({})).await;
    assert_eq!((&told["is_global_policy"], &told["policy_name"]), (&json!(true), &json!("Global Policy")));
    for (section, member, value) in [
        ("new_user", "new_user_behavior", json!("enroll")),
        ("authentication_policy", "user_auth_behavior", json!("enforce")),
        ("anonymous_networks", "anonymous_access_behavior", json!("no-action")),
        ("user_location", "default_action", json!("ignore-location")),
        ("authentication_methods", "verified_push_digits", json!(3)),
    ] {
        assert_eq!(told["sections"][section][member], value, "{section}");
    }
    // By its key as well as by the word.
    let by_key = format!("{POLICIES}/{}", told["policy_key"].as_str().unwrap());
    let change = json!({ "sections": { "anonymous_networks": { "anonymous_access_behavior": "deny" } } });
    house.ok("PUT", &by_key, change).await;
    let ours = settings::show(&house.test.system()).await.unwrap().value;
    assert_eq!(ours.policy.anonymous_networks, Some(sallyport_model::policy::AnonymousNetworks::Deny));
    assert_eq!(ours.policy.new_user, None, "what is built in was not written down");
    house.ok("PUT", &global, json!({ "sections_to_delete": ["anonymous_networks"] })).await;
    assert_eq!(settings::show(&house.test.system()).await.unwrap().policy.anonymous_networks, None);
    assert!(house.wrong("DELETE", &global, json!({})).await.contains("cannot be deleted"));
    assert!(house.wrong("PUT", &global, json!({ "policy_name": "x" })).await.contains("keeps its name"));
    let (_, ikey) = house.application("VPN").await;
    let apply = json!({ "apply_to_apps": { "apply_list": [ikey] } });
    assert!(house.wrong("PUT", &global, apply).await.contains("holds everywhere"));
}

#[tokio::test]
async fn a_policy_is_applied_where_the_call_says_in_one_write() {
    let house = house().await;
    let ((vpn, vpn_key), (wiki, wiki_key)) =
        (house.application("VPN").await, house.application("Wiki").await);
    let (group, group_key) = house.group("Admins").await;
    let at = |key: &str, groups: &[&str]| json!({ "apply_group_policies_list": [{ "app_integration_key": key, "group_id_list": groups }] });
    let made = house
        .ok(
            "POST",
            POLICIES,
            json!({ "policy_name": "Strict", "sections": { "new_user": { "new_user_behavior": "deny" } },
                    "apply_to_apps": { "apply_list": [vpn_key] },
                    "apply_to_groups_in_apps": at(&wiki_key, &[&group_key]) }),
        )
        .await;
    let key = made["policy_key"].as_str().unwrap();
    let id = policy::resolve(&house.test.system(), key).await.unwrap().id;
    let applied = |of| {
        let ctx = house.test.system();
        async move { application::show(&ctx, of).await.unwrap().policies.clone() }
    };
    assert_eq!((applied(vpn).await.policy, applied(vpn).await.groups.len()), (Some(id), 0));
    assert_eq!((applied(wiki).await.policy, applied(wiki).await.groups[0].group), (None, group));
    let summary = house.ok("GET", &format!("{POLICIES}/summary"), json!({})).await;
    assert_eq!(
        summary["policies"][1]["policy_applies_to"],
        json!([
            { "app_integration_key": vpn_key, "app_name": "VPN", "apply_type": "app" },
            { "app_integration_key": wiki_key, "app_name": "Wiki", "apply_type": "group_app", "group_name": "Admins" },
        ])
    );
    let told = async |ikey: &str| house.ok("GET", &format!("/admin/v3/integrations/{ikey}"), json!({})).await;
    assert_eq!(
        (&told(&vpn_key).await["policy_key"], &told(&wiki_key).await["policy_key"]),
        (&json!(key), &Value::Null)
    );
    let path = format!("{POLICIES}/{key}");
    assert!(house.wrong("DELETE", &path, json!({})).await.contains("applied"));
    // Where one part is wrong, nothing of the rest was done.
    let bad = json!({ "policy_name": "Other", "unapply_from_apps": { "unapply_list": [vpn_key] },
                      "sections": { "authentication_methods": { "verified_push_digits": 9 } } });
    house.wrong("PUT", &path, bad).await;
    assert_eq!(applied(vpn).await.policy, Some(id));
    for bad in [
        json!({ "policy_name": "X", "apply_to_apps": { "apply_list": ["DIXXXXXXXXXXXXXXXXXX"] } }),
        json!({ "policy_name": "X", "apply_to_groups_in_apps": at(&vpn_key, &["DGXXXXXXXXXXXXXXXXXX"]) }),
    ] {
        house.wrong("POST", POLICIES, bad).await;
    }
    let itself = application::show(&house.test.system(), house.id).await.unwrap().ikey.clone();
    let own = json!({ "apply_to_apps": { "apply_list": [itself] } });
    assert!(house.wrong("PUT", &path, own).await.contains("that people sign in to"));
    let away = json!({ "unapply_from_apps": { "unapply_list": [vpn_key] },
                       "unapply_from_groups_in_apps": { "unapply_group_policies_list":
                           [{ "app_integration_key": wiki_key, "group_id_list": [group_key] }] } });
    house.ok("PUT", &path, away).await;
    assert_eq!((applied(vpn).await, applied(wiki).await), Default::default());
    house.ok("DELETE", &path, json!({})).await;
}

#[tokio::test]
async fn what_holds_for_somebody_is_told_with_who_says_it() {
    let house = house().await;
    let ada = person(&house.test, "ada").await;
    let (_, vpn) = house.application("VPN").await;
    let make = |name: &str, sections: Value, more: Value| {
        let mut body = json!({ "policy_name": name, "sections": sections });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let (group, group_key) = house.group("Admins").await;
    assert_eq!(user::resolve(&house.test.system(), "ada").await.unwrap().id, ada.id);
    group::add_member(&house.test.system(), group, user_member("ada")).await.unwrap();
    let new_user = |behavior: &str| {
        json!({ "new_user": { "new_user_behavior": behavior },
                                            "authentication_methods": { "blocked_auth_list": ["sms", "phonecall"] } })
    };
    let for_all = house
        .ok(
            "POST",
            POLICIES,
            make("All", new_user("deny"), json!({ "apply_to_apps": { "apply_list": [vpn] } })),
        )
        .await;
    let groups = json!({ "apply_to_groups_in_apps": { "apply_group_policies_list":
        [{ "app_integration_key": vpn, "group_id_list": [group_key] }] } });
    let for_group = house
        .ok("POST", POLICIES, make("Some", json!({ "new_user": { "new_user_behavior": "enroll" } }), groups))
        .await;
    let asked = json!({ "integration_key": vpn, "user_id": house.duo_id("ada").await });
    let path = format!("{POLICIES}/calculate");
    let told = house.ok("GET", &path, asked.clone()).await;
    assert_eq!(told["sections"]["new_user"]["new_user_behavior"], "enroll");
    assert_eq!(told["policy_elements"]["new_user"]["policy_key"], for_group["policy_key"]);
    assert_eq!(told["policy_elements"]["authentication_methods"]["policy_key"], for_all["policy_key"]);
    assert_eq!(told["policy_elements"]["user_location"]["apply_type"], "global");
    let counted = told["sections"]["authentication_methods"]["allowed_auth_list"].as_array().unwrap();
    assert!(counted.contains(&json!("duo-push")) && !counted.contains(&json!("sms")), "{counted:?}");
    for missing in ["integration_key", "user_id"] {
        let mut some = asked.clone();
        some[missing] = json!("DUXXXXXXXXXXXXXXXXXX");
        house.wrong("GET", &path, some.clone()).await;
        some.as_object_mut().unwrap().remove(missing);
        assert_eq!(house.code_of_refusal("GET", &path, some).await, 40001);
    }
}

#[tokio::test]
async fn several_are_changed_and_copied_at_once_or_not_at_all() {
    let house = house().await;
    let made = house
        .ok(
            "POST",
            POLICIES,
            json!({ "policy_name": "One", "sections": { "new_user": { "new_user_behavior": "deny" } } }),
        )
        .await;
    let copy = format!("{POLICIES}/copy");
    let copied = house
        .ok(
            "POST",
            &copy,
            json!({ "policy_key": made["policy_key"], "new_policy_names_list": ["Two", "Three"] }),
        )
        .await;
    assert_eq!(copied["policies"][1]["sections"], made["sections"]);
    house.wrong("POST", &copy, json!({ "new_policy_names_list": ["Four", "Two"] })).await;
    assert_eq!(house.ok("GET", POLICIES, json!({})).await.as_array().unwrap().len(), 4, "not even the first");
    let update = format!("{POLICIES}/update");
    let change = |which: Value, behavior: &str| {
        json!({ "policies_to_update": which,
                "policy_changes": { "sections": { "new_user": { "new_user_behavior": behavior } } } })
    };
    let missing = json!({ "edit_list": [made["policy_key"], "POXXXXXXXXXXXXXXXXXX"] });
    house.wrong("PUT", &update, change(missing, "no-mfa")).await;
    assert_eq!(house.said("One").await.new_user, Some(NewUser::Deny));
    let some = json!({ "edit_list": [made["policy_key"], "global", made["policy_key"]] });
    assert_eq!(house.ok("PUT", &update, change(some, "no-mfa")).await.as_array().unwrap().len(), 3);
    let ours = settings::show(&house.test.system()).await.unwrap().value;
    assert_eq!(
        (house.said("One").await.new_user, ours.policy.new_user),
        (Some(NewUser::NoSecondDoor), Some(NewUser::NoSecondDoor))
    );
    assert_eq!(house.said("Two").await.new_user, Some(NewUser::Deny));
    house.ok("PUT", &update, change(json!({ "edit_all_policies": true }), "enroll")).await;
    let ours = settings::show(&house.test.system()).await.unwrap().value;
    assert_eq!(house.said("Two").await.new_user, Some(NewUser::Enroll));
    assert_eq!(ours.policy.new_user, Some(NewUser::NoSecondDoor), "the global one is named or stays");
}

#[tokio::test]
async fn policies_need_the_grant_for_settings() {
    let house = house().await;
    let others: Vec<Grant> = Grant::ALL.into_iter().filter(|grant| *grant != Grant::Settings).collect();
    for (method, path) in [
        ("GET", POLICIES.to_owned()),
        ("POST", POLICIES.to_owned()),
        ("DELETE", format!("{POLICIES}/global")),
    ] {
        assert_eq!(house.call(&others, method, &path, json!({})).await["code"], 40301, "{method} {path}");
    }
    let told = house.call(&[Grant::Settings], "POST", POLICIES, json!({ "policy_name": "Mine" })).await;
    assert_eq!(told["stat"], "OK", "{told}");
    let key = told["response"]["policy_key"].as_str().unwrap();
    let input = UpdatePolicy { name: Some("Theirs".into()), ..UpdatePolicy::default() };
    let id = policy::resolve(&house.test.system(), key).await.unwrap().id;
    let refused = policy::update(&house.ctx(&others), id, None, input).await;
    assert!(matches!(refused, Err(AppError::Denied(Action::ChangeSettings))));
}
