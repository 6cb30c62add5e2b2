//! What holds for somebody, as programs read it.

use serde_json::{Value, json};

use crate::world::{World, text};

/// The lines by their sections: what is said, and who says it.
fn line<'a>(held: &'a Value, section: &str) -> &'a Value {
    let lines = held["lines"].as_array().expect("lines");
    lines.iter().find(|line| line["section"] == section).expect("a line")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effective_policy_names_each_section_who_says_it_and_what_follows() {
    let world = World::bare().await;
    let owner = || world.owner();
    owner().post("/users", json!({ "name": "ada", "active": true })).await.expect(201);
    let staff = owner().post("/groups", json!({ "name": "staff", "kind": "users" })).await.expect(201).json;
    owner().post("/groups/staff/members", json!({ "user": "ada" })).await.expect(204);
    let write = async |name: &str, sections: Value| {
        let input = json!({ "name": name, "sections": sections });
        owner().post("/policies", input).await.expect(201).json
    };
    let strict =
        write("strict", json!({ "new_user": "deny", "lockout": { "wrong_codes": 3, "minutes": 30 } })).await;
    let lax = write("lax", json!({ "second_door": { "when": "never" }, "methods": ["totp"] })).await;
    let mut settings = owner().get("/settings").await.expect(200).json;
    settings["authorized_networks"] = json!({
        "no_second_door": ["192.0.2.0/24"], "require_enrollment": true, "second_door": [], "deny_others": false, "blocked": [],
    });
    owner().put("/settings", settings).await.expect(200);
    owner().post("/applications", json!({ "name": "vpn", "type": "duo-auth-api" })).await.expect(201);
    let policies = json!({
        "policy": strict["id"],
        "groups": [{ "group": staff["id"], "policy": lax["id"] }],
    });
    owner().patch("/applications/vpn", json!({ "policies": policies })).await.expect(200);

    let at = "/users/ada/effective-policy?application=vpn&source=192.0.2.7";
    let held = owner().get(at).await.expect(200).json;
    assert_eq!(
        line(&held, "second_door"),
        &json!({
            "section": "second_door",
            "says": "never asked for; of administrators always",
            "said_by": { "kind": "group", "policy": lax["id"], "group": staff["id"] },
            "because": "policy “lax”, applied here to group “staff”",
        })
    );
    assert_eq!(
        line(&held, "new_user"),
        &json!({
            "section": "new_user",
            "says": "whoever has no factor is denied",
            "said_by": { "kind": "resource", "policy": strict["id"] },
            "because": "policy “strict”, applied here",
        })
    );
    assert_eq!(
        line(&held, "authorized_networks"),
        &json!({
            "section": "authorized_networks",
            "says": "no second door from 192.0.2.0/24, for whoever has enrolled",
            "said_by": { "kind": "organization" },
            "because": "the organisation's policy",
        })
    );
    assert_eq!(line(&held, "user_location")["said_by"], json!({ "kind": "built_in" }));
    assert_eq!(held["lines"].as_array().expect("lines").len(), 9);
    assert_eq!(
        (&held["resource"]["kind"], &held["resource"]["name"], &held["offers"]),
        (&json!("application"), &json!("vpn"), &json!([]))
    );
    // Whatever denies, denies.
    assert_eq!((&held["decision"], &held["reasons"]), (&json!("deny"), &json!(["new_user_denied"])));
    assert_eq!(held["explanation"], json!(["the user has no factor, and policy denies users without one"]));
    let standing = |method: &str| {
        let methods = held["methods"].as_array().expect("methods");
        text(&methods.iter().find(|row| row["method"] == method).expect("a method")["standing"])
    };
    assert_eq!(["totp", "passkey", "mail"].map(standing), ["usable", "not_allowed", "off"]);
    // One policy that says all that holds, for whoever may read the settings.
    assert_eq!(held["sections"]["lockout"], json!({ "wrong_codes": 3, "minutes": 30 }));
    assert_eq!(held["sections"]["authorized_networks"]["no_second_door"], json!(["192.0.2.0/24"]));
    let helper = world.caller("help_desk").get(at).await.expect(200).json;
    assert_eq!(helper.get("sections"), None);
    assert_eq!(
        line(&helper, "authorized_networks")["says"],
        "no second door from 1 block, for whoever has enrolled"
    );

    // At the portal neither is applied.
    let held = owner().get("/users/ada/effective-policy").await.expect(200).json;
    assert_eq!((&held["resource"]["kind"], &held["decision"]), (&json!("portal"), &json!("deny")));
    assert_eq!(held["reasons"], json!(["password_pending"]));
    owner().get("/users/ada/effective-policy?application=nothing").await.problem(404, "not-found");
    owner().get("/users/ada/effective-policy?source=here").await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_at_a_device_is_asked_by_its_name_and_is_what_is_applied_to_devices() {
    let world = World::full().await;
    let owner = || world.owner();
    let sections =
        json!({ "second_door": { "when": "never" }, "lockout": { "wrong_codes": 4, "minutes": 20 } });
    let desks =
        owner().post("/policies", json!({ "name": "desks", "sections": sections })).await.expect(201).json;
    let mut settings = owner().get("/settings").await.expect(200).json;
    settings["device_policies"] = json!({ "policy": desks["id"], "groups": [] });
    owner().put("/settings", settings).await.expect(200);

    let by_name = owner().get("/users/alice/effective-policy?device=d1").await.expect(200).json;
    let by_id = format!("/users/alice/effective-policy?device={}", world.ids["d1"]);
    assert_eq!(owner().get(&by_id).await.expect(200).json, by_name);
    let resource = &by_name["resource"];
    assert_eq!(
        (&resource["kind"], &resource["device"]),
        (&json!("device_login"), &json!(world.ids["d1"])),
        "{resource}"
    );
    let applied = json!({ "kind": "resource", "policy": desks["id"] });
    for (section, says) in [
        ("second_door", "never asked for; of administrators always"),
        ("lockout", "4 wrong codes in a row shut the second door for 20 minutes"),
    ] {
        let line = line(&by_name, section);
        assert_eq!((&line["says"], &line["said_by"]), (&json!(says), &applied), "{line}");
    }
    assert_eq!(line(&by_name, "new_user")["said_by"], json!({ "kind": "built_in" }));
    assert_eq!(
        (&by_name["decision"], &by_name["reasons"][0]),
        (&json!("allow"), &json!("policy_allows_without"))
    );
    // Who is not bound there is not let in whatever the policy spares, and at the portal none of it holds.
    let elsewhere = owner().get("/users/nina/effective-policy?device=d1").await.expect(200).json;
    assert_eq!(elsewhere["decision"], "deny", "{elsewhere}");
    let portal = owner().get("/users/alice/effective-policy").await.expect(200).json;
    assert_eq!(line(&portal, "lockout")["said_by"], json!({ "kind": "built_in" }));
    assert_eq!(portal["decision"], "second_door");
    owner().get("/users/alice/effective-policy?device=nothing").await.problem(404, "not-found");
    owner().get("/users/alice/effective-policy?device=d1&application=vpn").await.problem(422, "invalid");
}
