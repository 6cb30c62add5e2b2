//! The forms of policies: every section as it is shown, sent and saved, and where policies are applied.

use sallyport_api::rest::{CreateApplication, CreateGroup, CreatePolicy};
use sallyport_app::{application, group, policy, settings};
use sallyport_model::{
    ApplicationKind, GroupKind, Method,
    id::{GroupId, PolicyId},
    policy::{
        AnonymousNetworks, Applied, AuthorizedNetworks, GroupPolicy, Lockout, NewUser, NumberWhen,
        PlaceAction, RememberedDevices, RememberedFor, Section, Sections, UserLocation, VerifiedPush,
    },
    settings::SecondDoorPolicy,
};

use super::{
    browser::{Answer, Browser},
    factor::phone_of,
    form::{fields_of, lent, set, without},
    house::House,
    matrix,
};
use crate::world::World;

type Fields = Vec<(String, String)>;
/// A section, what is changed in its form, and what the policy then says.
type Change = (Section, Vec<(&'static str, String)>, Sections);

async fn group_of(house: &House, name: &str) -> GroupId {
    let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
    group::create(&house.system(), input).await.unwrap().id
}

async fn policy_of(house: &House, name: &str) -> PolicyId {
    let input = CreatePolicy { name: name.into(), sections: Sections::default() };
    policy::create(&house.system(), input).await.unwrap().id
}

/// Some other answer than is built in, in every section.
fn changes(ops: GroupId) -> Vec<Change> {
    let nothing = Sections::default;
    let networks = AuthorizedNetworks {
        no_second_door: vec!["192.0.2.0/24".parse().unwrap()],
        require_enrollment: false,
        second_door: vec!["192.0.2.128/25".parse().unwrap()],
        deny_others: true,
        blocked: vec!["198.51.100.9/32".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
    };
    let countries = [("FR", PlaceAction::SecondDoor), ("KP", PlaceAction::Deny), ("RU", PlaceAction::Deny)];
    let countries = countries.map(|(country, action)| (country.parse().unwrap(), action)).into();
    let location = UserLocation { countries, others: PlaceAction::NoSecondDoor };
    let remembered = RememberedDevices { hours: 8, reach: RememberedFor::All };
    let push = VerifiedPush { digits: 5, when: NumberWhen::WhereShown };
    let text = str::to_owned;
    vec![
        (
            Section::SecondDoor,
            vec![("second_door", text("groups")), ("+second_door_groups", ops.to_string())],
            Sections { second_door: Some(SecondDoorPolicy::Groups { groups: vec![ops] }), ..nothing() },
        ),
        (
            Section::NewUser,
            vec![("new_user", text("deny"))],
            Sections { new_user: Some(NewUser::Deny), ..nothing() },
        ),
        (
            Section::Methods,
            vec![
                ("-methods", String::new()),
                ("+methods", String::new()),
                ("+methods", text("passkey")),
                ("+methods", text("totp")),
            ],
            Sections { methods: Some([Method::Passkey, Method::Totp].into()), ..nothing() },
        ),
        (
            Section::VerifiedPush,
            vec![("digits", text("5")), ("number_when", text("where_shown"))],
            Sections { verified_push: Some(push), ..nothing() },
        ),
        (
            Section::Lockout,
            vec![("wrong_codes", text("3")), ("lockout_minutes", text("30"))],
            Sections { lockout: Some(Lockout { wrong_codes: 3, minutes: 30 }), ..nothing() },
        ),
        (
            Section::UserLocation,
            vec![
                ("countries_second_door", text("fr")),
                ("countries_deny", text("KP, ru")),
                ("countries_others", text("no_second_door")),
            ],
            Sections { user_location: Some(location), ..nothing() },
        ),
        (
            Section::AuthorizedNetworks,
            vec![
                ("networks_no_second_door", text("192.0.2.7/24")),
                ("-networks_require_enrollment", String::new()),
                ("networks_second_door", text("192.0.2.128/25")),
                ("+networks_deny_others", text("yes")),
                ("networks_blocked", text("198.51.100.9\n2001:db8::/32\n")),
            ],
            Sections { authorized_networks: Some(networks), ..nothing() },
        ),
        (
            Section::AnonymousNetworks,
            vec![("anonymous_networks", text("deny"))],
            Sections { anonymous_networks: Some(AnonymousNetworks::Deny), ..nothing() },
        ),
        (
            Section::RememberedDevices,
            vec![("remembered_hours", text("8")), ("remembered_reach", text("all"))],
            Sections { remembered_devices: Some(remembered), ..nothing() },
        ),
    ]
}

/// The form with these changes: `+` for one more field, `-` for none of the name.
fn changed(fields: &[(String, String)], changes: &[(&'static str, String)]) -> Fields {
    let mut fields = fields.to_vec();
    for (name, value) in changes {
        match (name.strip_prefix('+'), name.strip_prefix('-')) {
            (Some(more), _) => fields.push((more.to_owned(), value.clone())),
            (None, Some(less)) => fields = without(&fields, less),
            (None, None) => set(&mut fields, name, value),
        }
    }
    fields
}

fn said(mut fields: Fields, section: Section) -> Fields {
    let word = serde_json::to_value(section).unwrap();
    fields.push(("said".into(), word.as_str().unwrap().to_owned()));
    fields
}

/// Fields as they compare: in any order, lists by their lines, countries as they are written.
fn sorted(fields: &[(String, String)]) -> Fields {
    let written = |(name, value): &(String, String)| {
        let value = value.trim().to_owned();
        (
            name.clone(),
            if name.starts_with("countries_") { value.to_uppercase().replace(',', "") } else { value },
        )
    };
    let mut fields: Fields = fields.iter().map(written).filter(|(name, _)| name != "version").collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn every_section_is_saved_as_it_was_filled_in_and_shown_as_it_was_saved() {
    let (house, ada) = House::with_owner().await;
    let ops = group_of(&house, "Ops").await;
    let mut browser = house.signed_in(&ada).await;
    let mut tried = Vec::new();
    for (section, changes, expected) in changes(ops) {
        let id = policy_of(&house, section.title()).await;
        let page = format!("/admin/policies/{id}");
        let shown = fields_of(&browser.get(&page).await.body, &page);
        let sent = said(changed(&shown, &changes), section);
        let answer = browser.submit(&page, &lent(&sent)).await;
        assert_eq!(answer.location(), format!("{page}?done=saved"), "{section:?}: {}", answer.body);
        assert_eq!(policy::show(&house.system(), id).await.unwrap().value.sections, expected);
        let again = sorted(&fields_of(&browser.get(&page).await.body, &page));
        match section {
            // What was written otherwise is shown as it is meant.
            Section::AuthorizedNetworks => {
                let block = |name: &str| again.iter().find(|(named, _)| named == name).unwrap().1.clone();
                assert_eq!(block("networks_no_second_door"), "192.0.2.0/24");
                assert_eq!(block("networks_blocked"), "198.51.100.9/32\n2001:db8::/32");
                assert!(!again.iter().any(|(name, _)| name == "networks_require_enrollment"));
            }
            _ => assert_eq!(again, sorted(&sent), "{section:?}"),
        }
        // Not said any more, and touched in nothing else, it is taken out.
        let untouched = fields_of(&browser.get(&page).await.body, &page);
        assert_eq!(browser.submit(&page, &lent(&without(&untouched, "said"))).await.status, 303);
        assert_eq!(policy::show(&house.system(), id).await.unwrap().value.sections, Sections::default());
        tried.push(section);
    }
    tried.sort_unstable();
    let mut all = Section::ALL.to_vec();
    all.sort_unstable();
    assert_eq!(tried, all);
}

/// A change without its box, sent without the script that ticks it.
async fn is_refused(browser: &mut Browser, page: &str, sent: &[(String, String)], section: Section) {
    let answer = browser.submit(page, &lent(sent)).await;
    assert_eq!(answer.status, 422, "{section:?}");
    let says = [section.title(), "“Say it here” is not ticked", "Nothing was saved"];
    assert_eq!(says.map(|part| answer.body.contains(part)), [true; 3], "{}", answer.body);
}

#[tokio::test]
async fn a_section_that_was_changed_and_is_not_to_be_said_is_refused_and_not_lost() {
    let (house, ada) = House::with_owner().await;
    let ops = group_of(&house, "Ops").await;
    let id = policy_of(&house, "Strict").await;
    let mut browser = house.signed_in(&ada).await;
    let organization = "/admin/policies/organization";
    for page in [format!("/admin/policies/{id}").as_str(), organization] {
        for (section, changes, _) in changes(ops) {
            let shown = fields_of(&browser.get(page).await.body, page);
            is_refused(&mut browser, page, &changed(&shown, &changes), section).await;
            // Nothing ticked at all is a change too.
            if section == Section::Methods {
                let none = changed(&shown, &[("-methods", String::new()), ("+methods", String::new())]);
                is_refused(&mut browser, page, &none, section).await;
            }
            // What cannot be read was meant as something.
            if section == Section::Lockout {
                let garbled = changed(&shown, &[("wrong_codes", "many".into())]);
                is_refused(&mut browser, page, &garbled, section).await;
            }
        }
        // Nor is it taken out with what it was changed to.
        let shown = fields_of(&browser.get(page).await.body, page);
        let sent = said(changed(&shown, &[("new_user", "deny".into())]), Section::NewUser);
        assert_eq!(browser.submit(page, &lent(&sent)).await.status, 303);
        let shown = without(&fields_of(&browser.get(page).await.body, page), "said");
        let sent = changed(&shown, &[("new_user", "no_second_door".into())]);
        is_refused(&mut browser, page, &sent, Section::NewUser).await;
    }
    let expected = Sections { new_user: Some(NewUser::Deny), ..Sections::default() };
    assert_eq!(policy::show(&house.system(), id).await.unwrap().value.sections, expected);
    assert_eq!(settings::show(&house.system()).await.unwrap().value.policy, expected);
}

/// Sends what leaves bob outside, which is said and not saved, and then what the answer asks to be sent once more.
async fn saved_when_sure(house: &House, browser: &mut Browser, action: &str, fields: &Fields) -> String {
    let before = settings::show(&house.system()).await.unwrap();
    let told = browser.submit(action, &lent(fields)).await;
    assert!(told.status == 200 && told.body.contains("One person has"), "{}", told.body);
    assert!(told.body.contains("after this change: bob.") && told.body.contains("Save it all the same"));
    assert_eq!(settings::show(&house.system()).await.unwrap(), before, "nothing is saved");
    let sure = browser.submit(action, &lent(&fields_of(&told.body, action))).await;
    assert_eq!(sure.status, 303, "{}", sure.body);
    sure.location().to_owned()
}

#[tokio::test]
async fn whom_a_policy_leaves_outside_is_said_before_it_holds_for_the_organisation_or_the_portal() {
    let (house, ada) = House::with_owner().await;
    house.person("bob", &[]).await;
    phone_of(&house, ada.id).await;
    let mut browser = house.signed_in(&ada).await;
    let push_alone = Sections { methods: Some([Method::Push].into()), ..Sections::default() };

    let input = CreatePolicy { name: "Push alone".into(), sections: push_alone.clone() };
    let strict = policy::create(&house.system(), input).await.unwrap().id;
    let applied = "/admin/policies/applied";
    let mut fields = fields_of(&browser.get("/admin/policies").await.body, applied);
    set(&mut fields, "portal_policy", &strict.to_string());
    assert_eq!(saved_when_sure(&house, &mut browser, applied, &fields).await, "/admin/policies?done=saved");
    let after = settings::show(&house.system()).await.unwrap().value;
    assert_eq!(after.portal_policies, Applied { policy: Some(strict), groups: Vec::new() });
    // Taken back, nobody is left outside and nobody is asked.
    let mut fields = fields_of(&browser.get("/admin/policies").await.body, applied);
    set(&mut fields, "portal_policy", "");
    assert_eq!(browser.submit(applied, &lent(&fields)).await.location(), "/admin/policies?done=saved");

    let organization = "/admin/policies/organization";
    let shown = fields_of(&browser.get(organization).await.body, organization);
    let mut fields = said(without(&shown, "methods"), Section::Methods);
    fields.push(("methods".into(), "push".into()));
    let saved = saved_when_sure(&house, &mut browser, organization, &fields).await;
    assert_eq!(saved, "/admin/policies/organization?done=saved");
    assert_eq!(settings::show(&house.system()).await.unwrap().value.policy, push_alone);
}

#[tokio::test]
async fn policies_are_applied_to_groups_in_the_order_of_the_form() {
    let (house, ada) = House::with_owner().await;
    let ctx = house.system();
    let (ops, staff) = (group_of(&house, "Ops").await, group_of(&house, "Staff").await);
    let (lax, strict) = (policy_of(&house, "Lax").await, policy_of(&house, "Strict").await);
    let input = CreateApplication { name: "vpn".into(), kind: ApplicationKind::DuoAuthApi };
    let vpn = application::create(&ctx, input).await.unwrap().0.id;
    let mut browser = house.signed_in(&ada).await;
    let expected = Applied {
        policy: Some(strict),
        groups: vec![GroupPolicy { group: staff, policy: lax }, GroupPolicy { group: ops, policy: strict }],
    };
    let of_application = format!("/admin/applications/{vpn}");
    for (page, action, prefix) in [
        ("/admin/policies", "/admin/policies/applied".to_owned(), "portal"),
        ("/admin/policies", "/admin/policies/applied".to_owned(), "devices"),
        (of_application.as_str(), format!("{of_application}/policies"), "application"),
    ] {
        let mut fields = fields_of(&browser.get(page).await.body, &action);
        set(&mut fields, &format!("{prefix}_policy"), &strict.to_string());
        let mut rows =
            ["Staff".to_owned(), lax.to_string(), "ops".to_owned(), strict.to_string()].into_iter();
        for (name, value) in &mut fields {
            if name.starts_with(&format!("{prefix}_group")) {
                *value = rows.next().unwrap_or_default();
            }
        }
        assert_eq!(rows.next(), None, "two rows are free");
        let answer = browser.submit(&action, &lent(&fields)).await;
        assert_eq!(answer.status, 303, "{prefix}: {}", answer.body);
        let shown = fields_of(&browser.get(page).await.body, &action);
        let of_groups: Vec<String> = shown
            .into_iter()
            .filter(|(name, value)| name.starts_with(&format!("{prefix}_group")) && !value.is_empty())
            .map(|(_, value)| value)
            .collect();
        assert_eq!(of_groups, ["Staff".to_owned(), lax.to_string(), "Ops".to_owned(), strict.to_string()]);
    }
    let after = settings::show(&ctx).await.unwrap().value;
    assert_eq!((&after.portal_policies, &after.device_policies), (&expected, &expected));
    assert_eq!(application::show(&ctx, vpn).await.unwrap().value.policies, expected);
    // Half a row is no row.
    for half in [
        [("portal_group", "Ops"), ("portal_group_policy", "")],
        [("portal_group", ""), ("portal_group_policy", &lax.to_string())],
    ] {
        browser.get("/admin/policies").await;
        assert_eq!(browser.submit("/admin/policies/applied", &half).await.status, 422);
    }
}

/// The rows of the effective policy: the section, what is said, and who says it.
fn rows(page: &Answer) -> Vec<[String; 3]> {
    let table = page.between("id=\"lines\"", "</tbody>").split("<tr><th scope=\"row\">").skip(1);
    let cell = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start).unwrap();
        rest.split_once(end).unwrap().0.replace("&#39;", "'")
    };
    let row = |row: &str| {
        let [says, said_by] = [cell(row, "<td>", "</td>"), cell(row, "</td><td>", "</td>")];
        [row.split_once("</th>").unwrap().0.to_owned(), says, said_by]
    };
    table.map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effective_policy_is_read_line_by_line_at_an_application_and_at_a_device() {
    let world = World::full().await;
    let put = async |name: &str, sections: serde_json::Value| {
        let input = serde_json::json!({ "name": name, "sections": sections });
        world.owner().post("/policies", input).await.expect(201).json["id"].clone()
    };
    let strict = put("Strict", serde_json::json!({ "new_user": "deny" })).await;
    let lax = put("<i>Lax</i>", serde_json::json!({ "second_door": { "when": "never" } })).await;
    let people = world.owner().get("/groups/people").await.expect(200).json["id"].clone();
    let applied = serde_json::json!({ "policy": strict, "groups": [{ "group": people, "policy": lax }] });
    world.owner().patch("/applications/vpn", serde_json::json!({ "policies": applied })).await.expect(200);
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["device_policies"] = serde_json::json!({ "policy": strict, "groups": [] });
    settings["lockout"] = serde_json::json!({ "wrong_codes": 4, "minutes": 20 });
    world.owner().put("/settings", settings).await.expect(200);

    let mut browser = matrix::browser(&world, "auditor").await;
    let at_vpn = format!("user=alice&at={}&source=192.0.2.7", world.ids["application"]);
    for (page, program) in
        [(at_vpn.as_str(), "application=vpn&source=192.0.2.7"), ("user=alice&device=d1", "device=d1")]
    {
        let shown = browser.get(&format!("/admin/effective-policy?{page}")).await;
        assert_eq!(shown.status, 200, "{}", shown.body);
        let held = world
            .caller("auditor")
            .get(&format!("/users/alice/effective-policy?{program}"))
            .await
            .expect(200)
            .json;
        let told: Vec<[String; 2]> = held["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                ["says", "because"].map(|part| {
                    line[part].as_str().unwrap().replace("<i>", "&#60;i&#62;").replace("</i>", "&#60;/i&#62;")
                })
            })
            .collect();
        let rows = rows(&shown);
        assert_eq!(rows.iter().map(|[_, says, by]| [says.clone(), by.clone()]).collect::<Vec<_>>(), told);
        let is_there = |section: &str, says: &str, by: &str| {
            assert!(rows.contains(&[section.to_owned(), says.to_owned(), by.to_owned()]), "{rows:?}");
        };
        is_there("New users", "whoever has no factor is denied", "policy “Strict”, applied here");
        is_there(
            "Lockout",
            "4 wrong codes in a row shut the second door for 20 minutes",
            "the organisation's policy",
        );
        if program == "device=d1" {
            is_there("Second door", "always asked for", "built in; nobody said otherwise");
        } else {
            let group = "policy “&#60;i&#62;Lax&#60;/i&#62;”, applied here to group “people”";
            is_there("Second door", "never asked for; of administrators always", group);
            assert!(shown.body.contains("from 192.0.2.7"), "{}", shown.body);
        }
    }
    for wrong in ["user=alice&device=nothing", "user=nobody-there", "user=alice&source=here"] {
        let refused = browser.get(&format!("/admin/effective-policy?{wrong}")).await;
        assert!([404, 422].contains(&refused.status), "{wrong}: {}", refused.status);
    }
}
