//! The pages of access rules: every condition as it is shown, sent and saved; whom a change reaches; and the administrators'
//! portal, which asks with every page.

use sallyport_api::rest::{CreateAccessRule, CreateApplication, CreateGroup, UpdateAccessRule};
use sallyport_app::{access_rule, application, group};
use sallyport_model::{
    AccessRule, ApplicationKind, GroupKind, Method, RuleMode, Span,
    access_rule::{
        DayTime, Effect, FromCountries, FromNetworks, FromWhere, OnDevice, OsVersions, ResourceKind,
        RuleSays, SeenWithin, Then, Weekday, What, When, Who,
    },
    id::AccessRuleId,
};

use super::{
    form::{fields_of, lent, set},
    house::{House, Person},
};

const RULES: &str = "/admin/access-rules";
const HOME: [u8; 4] = [192, 0, 2, 7];
const TRAIN: [u8; 4] = [203, 0, 113, 9];

async fn write(house: &House, name: &str, mode: RuleMode, says: RuleSays) -> AccessRuleId {
    let input = CreateAccessRule { name: name.into(), note: String::new(), mode, says };
    access_rule::create(&house.system(), input).await.unwrap().rule.id
}

async fn now(house: &House, id: AccessRuleId) -> AccessRule {
    access_rule::show(&house.system(), id).await.unwrap().value
}

/// A rule that minds everything.
async fn everything(house: &House, ada: &Person, not: bool) -> RuleSays {
    let ctx = house.system();
    let name = if not { "ops" } else { "staff" };
    let input = CreateGroup { name: name.into(), description: String::new(), kind: GroupKind::Users };
    let group = group::create(&ctx, input).await.unwrap().id;
    let input = CreateApplication { name: format!("vpn of {name}"), kind: ApplicationKind::DuoAuthApi };
    let vpn = application::create(&ctx, input).await.unwrap().0.id;
    RuleSays {
        who: Who {
            users: [ada.id].into(),
            groups: [group].into(),
            except_users: [ada.id].into(),
            except_groups: [group].into(),
        },
        what: What {
            kinds: [ResourceKind::Api, ResourceKind::DeviceLogin].into(),
            applications: [vpn].into(),
        },
        from: FromWhere {
            networks: Some(FromNetworks {
                not,
                networks: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            }),
            countries: Some(FromCountries {
                not,
                countries: ["CH".parse().unwrap(), "DE".parse().unwrap()].into(),
            }),
            anonymous: Some(!not),
        },
        device: OnDevice {
            managed: Some(!not),
            bound: Some(not),
            encrypted: Some(!not),
            os: Some(OsVersions {
                not,
                at_least: [("debian gnu/linux".into(), "12".into()), ("windows".into(), "10.0".into())]
                    .into(),
            }),
            seen: Some(SeenWithin { not, days: 30 }),
        },
        when: Some(When {
            outside: not,
            days: [Weekday::Monday, Weekday::Friday].into(),
            from: DayTime::new(8, 30),
            to: DayTime::new(18, 0),
            zone: "Europe/Zurich".into(),
        }),
        expression: Some("context.anonymous".into()),
        then: Then {
            effect: Effect::SecondDoor,
            methods: Some([Method::Passkey, Method::Totp].into()),
            fresh_minutes: Some(10),
            remember_hours: Some(0),
        },
    }
}

#[tokio::test]
async fn every_condition_comes_back_from_the_form_as_it_was_shown() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    for not in [false, true] {
        let says = everything(&house, &ada, not).await;
        let id = write(&house, &format!("Rule {not}"), RuleMode::DryRun, says.clone()).await;
        let page = format!("{RULES}/{id}");
        let shown = browser.get(&page).await.body;
        assert!(shown.contains("ask for the second door, by "), "{shown}");
        let mut fields = fields_of(&shown, &page);
        set(&mut fields, "note", "looked at");
        let saved = browser.submit(&page, &lent(&fields)).await;
        assert_eq!(saved.location(), format!("{page}?done=saved"), "{}", saved.body);
        let after = now(&house, id).await;
        assert_eq!((after.note.as_str(), after.says), ("looked at", says));
    }
    // And nothing of it where nothing is chosen.
    let mut fields = fields_of(&browser.get(&format!("{RULES}/new")).await.body, RULES);
    set(&mut fields, "name", "Nothing");
    let saved = browser.submit(RULES, &lent(&fields)).await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let found = access_rule::resolve(&house.system(), "nothing").await.unwrap().value;
    assert_eq!((found.mode, found.says), (RuleMode::DryRun, RuleSays::default()));
}

#[tokio::test]
async fn what_is_filled_in_and_not_minded_is_refused_and_so_is_what_cannot_hold() {
    let (house, ada) = House::with_owner().await;
    let mut browser = house.signed_in(&ada).await;
    let shown = fields_of(&browser.get(&format!("{RULES}/new")).await.body, RULES);
    for (changes, says) in [
        (&[("networks", "192.0.2.0/24")][..], "the rule does not mind"),
        (&[("time_from", "08:00")], "the rule does not mind"),
        (&[("networks_are", "is"), ("networks", "the office")], "no block of addresses"),
        (&[("countries_are", "is"), ("countries", "Switzerland")], "Switzerland"),
        (&[("os_is", "is"), ("os", "debian")], "no system and version"),
        (&[("when_is", "is")], "name days or hours"),
        (&[("expression", "principal.shoe_size == 44")], "shoe_size"),
    ] {
        let mut fields = shown.clone();
        set(&mut fields, "name", "Wrong");
        for (name, value) in changes {
            set(&mut fields, name, value);
        }
        let refused = browser.submit(RULES, &lent(&fields)).await;
        assert_eq!(refused.status, 422, "{changes:?}");
        assert!(refused.body.contains(says), "{changes:?}: {}", refused.body);
    }
    assert!(access_rule::all(&house.system()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_rule_that_is_on_is_shown_with_whom_it_reaches_before_it_is_saved_or_deleted() {
    let (house, ada) = House::with_owner().await;
    let bob = house.person("bob", &[]).await;
    house.signed_in(&bob).await;
    house.advance(Span::minutes(1));
    let mut browser = house.signed_in(&ada).await;
    let mut fields = fields_of(&browser.get(&format!("{RULES}/new")).await.body, RULES);
    set(&mut fields, "name", "Shut");
    set(&mut fields, "mode", "on");
    fields.push(("users".into(), bob.id.to_string()));
    let told = browser.submit(RULES, &lent(&fields)).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(
        told.body.contains("For bob, at every door: deny.") && told.body.contains("would have been denied")
    );
    assert!(access_rule::all(&house.system()).await.unwrap().is_empty(), "nothing is saved");
    let sure = fields_of(&told.body, RULES);
    let saved = browser.submit(RULES, &lent(&sure)).await;
    let rule = access_rule::resolve(&house.system(), "shut").await.unwrap().value;
    assert_eq!(saved.location(), format!("{RULES}/{}?done=saved", rule.id));
    assert_eq!((rule.mode, rule.says.who.users), (RuleMode::On, [bob.id].into()));
    // Deleting asks too, and the history brings it back.
    let page = format!("{RULES}/{}", rule.id);
    let delete = format!("{page}/delete");
    let told = browser.submit(&delete, &[("version", "1")]).await;
    assert!(told.body.contains("Delete it"), "{}", told.body);
    assert_eq!(browser.submit(&delete, &lent(&fields_of(&told.body, &delete))).await.status, 303);
    let history = browser.get(&format!("{page}/history")).await.body;
    assert!(history.contains("from then on it was not there"), "{history}");
    let back = fields_of(&history, &format!("{page}/return"));
    assert_eq!(
        browser.submit(&format!("{page}/return"), &lent(&back)).await.location(),
        format!("{page}?done=saved")
    );
    assert_eq!(now(&house, rule.id).await.mode, RuleMode::On);
}

#[tokio::test]
async fn the_administrators_portal_is_shut_from_where_a_rule_says_and_ones_own_pages_are_not() {
    let (house, ada) = House::with_owner().await;
    let networks = Some(FromNetworks { not: true, networks: vec!["192.0.2.0/24".parse().unwrap()] });
    let what = What { kinds: [ResourceKind::AdminPortal].into(), ..What::default() };
    let says = RuleSays { what, from: FromWhere { networks, ..FromWhere::default() }, ..RuleSays::default() };
    let id = write(&house, "Office", RuleMode::On, says).await;
    let mut browser = house.browser();
    browser.address = TRAIN;
    house.sign_in(&mut browser, &ada).await;
    let shut = browser.get("/admin").await;
    assert_eq!(shut.status, 403);
    assert!(shut.body.contains("An access rule does not let you in"), "{}", shut.body);
    assert!(!shut.body.contains("Office"), "the rule is named in the log alone");
    assert_eq!(browser.get("/").await.status, 200);
    let input = UpdateAccessRule { mode: Some(RuleMode::Off), ..UpdateAccessRule::default() };
    access_rule::update(&house.system(), id, None, input).await.unwrap();
    assert_eq!(browser.get("/admin").await.status, 200, "at once");
}

#[tokio::test]
async fn a_second_door_that_was_passed_too_long_ago_is_passed_once_more_for_the_administrators_portal() {
    let (house, ada) = House::with_owner().await;
    let what = What { kinds: [ResourceKind::AdminPortal].into(), ..What::default() };
    let then = Then { effect: Effect::SecondDoor, fresh_minutes: Some(5), ..Then::default() };
    write(&house, "Fresh", RuleMode::On, RuleSays { what, then, ..RuleSays::default() }).await;
    let mut browser = house.browser();
    browser.address = HOME;
    house.sign_in(&mut browser, &ada).await;
    assert_eq!(browser.get("/admin/users").await.status, 200);
    house.advance(Span::minutes(6));
    let sent = browser.get("/admin/users").await;
    assert_eq!(sent.location(), "/step-up?next=%2Fadmin%2Fusers");
    let page = browser.get("/step-up?next=%2Fadmin%2Fusers").await;
    assert!(page.body.contains("Pass the second door once more"), "{}", page.body);
    let code = house.fresh_code(&ada);
    let inside = browser.submit("/step-up", &[("passcode", &code), ("next", "/admin/users")]).await;
    assert_eq!((inside.status, inside.location()), (303, "/admin/users"), "{}", inside.body);
    assert_eq!(browser.get("/admin/users").await.status, 200);
}

#[tokio::test]
async fn what_if_is_told_on_a_page_rule_by_rule() {
    let (house, ada) = House::with_owner().await;
    house.person("bob", &[]).await;
    let networks = Some(FromNetworks { not: true, networks: vec!["192.0.2.0/24".parse().unwrap()] });
    let says = RuleSays {
        from: FromWhere { networks, ..FromWhere::default() },
        who: Who { except_users: [ada.id].into(), ..Who::default() },
        ..RuleSays::default()
    };
    write(&house, "Abroad", RuleMode::On, says).await;
    let mut browser = house.signed_in(&ada).await;
    let inside = browser.get("/admin/what-if?user=bob&source=192.0.2.9").await.body;
    assert!(inside.contains("its networks do not fit the address"), "{inside}");
    assert!(inside.contains("Asked for the second door"));
    let outside =
        browser.get("/admin/what-if?user=bob&source=203.0.113.9&at=api&time=2030-12-31T18:00").await.body;
    assert!(outside.contains("it matches, and denies") && outside.contains("2030-12-31 18:00"), "{outside}");
    assert!(outside.contains("For everybody except ada, at every door, not from 192.0.2.0/24: deny."));
    let wrong = browser.get("/admin/what-if?user=bob&time=noon").await;
    assert_eq!(wrong.status, 422);
}
