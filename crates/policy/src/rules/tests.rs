mod by_reference;

use std::sync::Arc;

use sallyport_model::{
    AccessRule, Method, Platform, Role, Span, UserState,
    access_rule::{
        FromCountries, FromNetworks, FromWhere, OnDevice, RuleSays, SeenWithin, Then, What, When, Who,
    },
    id::UserId,
    policy::{RememberedDevices, Sections},
    settings::SecondDoorPolicy,
};
use uuid::Uuid;

use super::*;
use crate::{Decision, EffectivePolicy, Origin, Request, Standing, decide, tests as house};

pub(super) const PORTAL: At<'static> =
    At { kind: ResourceKind::UserPortal, application: None, name: "the portal" };

pub(super) fn rule(n: u128, effect: Effect, says: RuleSays) -> AccessRule {
    AccessRule {
        id: AccessRuleId::new(Uuid::from_u128(n)),
        name: format!("Rule {n}"),
        note: String::new(),
        mode: RuleMode::On,
        says: RuleSays { then: Then { effect, ..says.then.clone() }, ..says },
        created: Time(0),
    }
}

pub(super) fn rules(each: &[AccessRule]) -> Rules {
    Rules::new(each.iter().map(|rule| Arc::new(Compiled::new(rule).unwrap())))
}

fn expression(text: &str) -> RuleSays {
    RuleSays { expression: Some(text.into()), ..RuleSays::default() }
}

/// Friday, 27 November 2026, noon in UTC.
pub(super) fn noon() -> Time {
    "2026-11-27T12:00Z".parse().unwrap()
}

pub(super) fn by(n: u128) -> ByRule {
    ByRule { rule: AccessRuleId::new(Uuid::from_u128(n)), name: format!("Rule {n}") }
}

fn group(n: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(n))
}

fn here(address: &str) -> Place {
    Place { address: Some(address.parse().unwrap()), ..Place::default() }
}

/// A rule by itself, and what it says from this place on this device.
fn verdict(rule: &AccessRule, place: Place, device: Option<&DeviceFacts>) -> Verdict {
    let (user, groups) = (house::user(), BTreeSet::new());
    let asked = Asked { user: &user, groups: &groups, at: PORTAL, place, device, now: noon() };
    rules(std::slice::from_ref(rule)).verdicts(&asked).remove(&rule.id).unwrap()
}

pub(super) fn device() -> DeviceFacts {
    DeviceFacts {
        managed: true,
        bound: true,
        encrypted: None,
        platform: Platform::Linux,
        os: "Debian GNU/Linux".into(),
        os_version: "12".into(),
        seen: Some(noon().minus(Span::days(3))),
    }
}

#[test]
fn what_is_not_known_is_never_to_anybodys_advantage() {
    let networks = |not| FromWhere {
        networks: Some(FromNetworks { not, networks: vec!["192.0.2.0/24".parse().unwrap()] }),
        ..FromWhere::default()
    };
    let countries = |not| FromWhere {
        countries: Some(FromCountries { not, countries: BTreeSet::from(["CH".parse().unwrap()]) }),
        ..FromWhere::default()
    };
    let anonymous = |wanted| FromWhere { anonymous: Some(wanted), ..FromWhere::default() };
    let of = |effect, from: FromWhere, place| {
        verdict(&rule(1, effect, RuleSays { from, ..RuleSays::default() }), place, None)
    };
    let nowhere = Place::default();
    for (from, condition) in [
        (networks(false), Condition::Networks),
        (networks(true), Condition::Networks),
        (countries(false), Condition::Countries),
        (countries(true), Condition::Countries),
        (anonymous(false), Condition::Anonymous),
        (anonymous(true), Condition::Anonymous),
    ] {
        for effect in [Effect::Deny, Effect::SecondDoor] {
            assert_eq!(of(effect, from.clone(), nowhere), Verdict::Matches, "{from:?}");
        }
        assert_eq!(of(Effect::Allow, from, nowhere), Verdict::Unmet(condition));
    }
    // Of an address that is known, a country that is not is none of those that are named.
    let outside = here("203.0.113.9");
    assert_eq!(of(Effect::Deny, countries(false), outside), Verdict::Unmet(Condition::Countries));
    assert_eq!(of(Effect::Deny, countries(true), outside), Verdict::Matches);
    assert_eq!(of(Effect::Allow, countries(true), outside), Verdict::Unmet(Condition::Countries));
    assert_eq!(of(Effect::Allow, networks(true), outside), Verdict::Matches);
    assert_eq!(of(Effect::Allow, networks(false), here("::ffff:192.0.2.7")), Verdict::Matches);
}

#[test]
fn a_device_that_is_not_known_is_none_of_what_is_asked_of_it() {
    let of = |effect, on: OnDevice, device: Option<&DeviceFacts>| {
        verdict(&rule(1, effect, RuleSays { device: on, ..RuleSays::default() }), here("192.0.2.1"), device)
    };
    let encrypted = |wanted| OnDevice { encrypted: Some(wanted), ..OnDevice::default() };
    let managed = |wanted| OnDevice { managed: Some(wanted), ..OnDevice::default() };
    let seen = |not, days| OnDevice { seen: Some(SeenWithin { not, days }), ..OnDevice::default() };
    let known = device();
    let unseen = DeviceFacts { seen: None, ..device() };
    for (on, device, denies, spares) in [
        (managed(true), None, false, false),
        (managed(false), None, true, false),
        (managed(true), Some(&known), true, true),
        (managed(false), Some(&known), false, false),
        // It does not say.
        (encrypted(true), Some(&known), false, false),
        (encrypted(false), Some(&known), true, false),
        (seen(false, 3), Some(&known), true, true),
        (seen(false, 2), Some(&known), false, false),
        (seen(true, 2), Some(&known), true, true),
        (seen(true, 2), Some(&unseen), true, false),
        (seen(false, 2), Some(&unseen), false, false),
    ] {
        assert_eq!(of(Effect::Deny, on.clone(), device) == Verdict::Matches, denies, "{on:?}");
        assert_eq!(of(Effect::Allow, on.clone(), device) == Verdict::Matches, spares, "{on:?}");
    }
}

#[test]
fn a_rule_is_for_whom_and_what_it_names_and_never_for_those_it_excepts() {
    let alice = house::user();
    let other = UserId::new(Uuid::from_u128(77));
    let users = |of: &[UserId]| of.iter().copied().collect::<BTreeSet<_>>();
    let groups = |of: &[u128]| of.iter().copied().map(group).collect::<BTreeSet<_>>();
    let inside = groups(&[1, 2]);
    let of = |who: Who, what: What, at: At<'_>| {
        let rule = rule(1, Effect::Deny, RuleSays { who, what, ..RuleSays::default() });
        let asked =
            Asked { user: &alice, groups: &inside, at, place: Place::default(), device: None, now: noon() };
        rules(std::slice::from_ref(&rule)).verdicts(&asked).remove(&rule.id).unwrap()
    };
    let (who, everything) = (Who::default, What::default);
    let unmet = Verdict::Unmet;
    for (who, expected) in [
        (who(), Verdict::Matches),
        (Who { users: users(&[alice.id]), ..who() }, Verdict::Matches),
        (Who { users: users(&[other]), ..who() }, unmet(Condition::Who)),
        (Who { users: users(&[other]), groups: groups(&[2]), ..who() }, Verdict::Matches),
        (Who { groups: groups(&[3]), ..who() }, unmet(Condition::Who)),
        (Who { except_users: users(&[alice.id]), ..who() }, unmet(Condition::Excepted)),
        (Who { groups: groups(&[1]), except_groups: groups(&[2]), ..who() }, unmet(Condition::Excepted)),
    ] {
        assert_eq!(of(who.clone(), everything(), PORTAL), expected, "{who:?}");
    }
    let wiki = ApplicationId::new(Uuid::from_u128(5));
    let at_wiki = At { kind: ResourceKind::Application, application: Some(wiki), name: "Wiki" };
    let kinds = |kind| What { kinds: BTreeSet::from([kind]), ..everything() };
    let named = What { applications: BTreeSet::from([wiki]), ..everything() };
    for (what, at, matches) in [
        (kinds(ResourceKind::UserPortal), PORTAL, true),
        (kinds(ResourceKind::AdminPortal), PORTAL, false),
        (named.clone(), at_wiki, true),
        (named, PORTAL, false),
        (kinds(ResourceKind::Application), at_wiki, true),
        (kinds(ResourceKind::DuoApplication), at_wiki, false),
    ] {
        assert_eq!(of(who(), what.clone(), at) == Verdict::Matches, matches, "{what:?}");
    }
}

#[test]
fn whoever_administers_is_asked_at_the_portal_for_what_their_own_portal_wants() {
    let admin = User { roles: BTreeSet::from([Role::Owner]), ..house::user() };
    let what = What { kinds: BTreeSet::from([ResourceKind::AdminPortal]), ..What::default() };
    let then = Then { methods: Some(BTreeSet::from([Method::Passkey])), ..Then::default() };
    let says = RuleSays { what, then, ..RuleSays::default() };
    let (asks, denies) = (rule(1, Effect::SecondDoor, says.clone()), rule(2, Effect::Deny, says));
    let both = rules(&[asks, denies]);
    let groups = BTreeSet::new();
    let said = |user: &User, at| {
        both.ask(&Asked { user, groups: &groups, at, place: here("192.0.2.1"), device: None, now: noon() })
    };
    let administering = said(&admin, PORTAL);
    assert_eq!(administering.obligation.methods, Some(BTreeSet::from([Method::Passkey])));
    assert!(administering.against.is_empty(), "the user portal stays open to them");
    assert_eq!(said(&house::user(), PORTAL), Said::default());
    let at = At { kind: ResourceKind::AdminPortal, ..PORTAL };
    assert_eq!(said(&admin, at).against, [Reason::RuleDenies(by(2))]);
}

#[test]
fn an_expression_says_what_the_form_cannot_and_is_checked_before_it_is_kept() {
    for (text, expected) in [
        ("principal.name == \"alice\" && context.time.weekday == 5", true),
        ("context has address && context.address.isInRange(ip(\"192.0.2.0/24\"))", true),
        ("context has country && context.country == \"CH\"", false),
        ("principal.hasTag(\"team\") && principal.getTag(\"team\") == \"field\"", false),
        ("context has device && context.device.managed", false),
        ("resource.kind == \"user_portal\" // to the end", true),
        ("principal in Group::\"grp_00000000000000000000000000000001\"", false),
        ("!(principal.roles.contains(\"owner\"))", true),
    ] {
        let said = verdict(&rule(1, Effect::Deny, expression(text)), here("192.0.2.1"), None);
        let expected = if expected { Verdict::Matches } else { Verdict::Unmet(Condition::Expression) };
        assert_eq!(said, expected, "{text}");
    }
    let (deep, long) = ("(".repeat(2000), "a".repeat(5000));
    for wrong in [
        "",
        "context.country == \"CH\"",
        "principal.shoe_size == 44",
        "1 + 1",
        "principal.name == 3",
        "context.time.hour",
        "true }; permit (principal, action, resource) when { true",
        "principal in ?principal",
        "context.address.isInRange(ip(principal.name))",
        &deep,
        &long,
    ] {
        let rule = rule(1, Effect::Deny, expression(wrong));
        assert!(matches!(Compiled::new(&rule), Err(RuleError::Expression(_))), "{wrong:.80}");
        // One that was kept by another version all the same denies.
        let saved = Rules::new([Arc::new(Compiled::saved(&rule))]);
        let (user, groups) = (house::user(), BTreeSet::new());
        let asked = Asked {
            user: &user,
            groups: &groups,
            at: PORTAL,
            place: Place::default(),
            device: None,
            now: noon(),
        };
        assert_eq!(saved.ask(&asked).against, [Reason::RuleFailed(by(1))], "{wrong:.80}");
    }
}

#[test]
fn an_expression_knows_the_groups_it_names_and_one_that_errs_denies_whatever_it_would_have_said() {
    let (user, inside) = (house::user(), BTreeSet::from([group(1)]));
    let asked = Asked {
        user: &user,
        groups: &inside,
        at: PORTAL,
        place: here("192.0.2.1"),
        device: None,
        now: noon(),
    };
    let in_group = expression("principal in Group::\"grp_00000000000000000000000000000001\"");
    let said = rules(&[rule(1, Effect::Deny, in_group)]).ask(&asked);
    assert_eq!(said.against, [Reason::RuleDenies(by(1))]);
    for effect in Effect::ALL {
        let errs = rule(2, effect, expression("context.time.hour + 9223372036854775807 > 0"));
        assert_eq!(rules(std::slice::from_ref(&errs)).ask(&asked).against, [Reason::RuleFailed(by(2))]);
        let tried = AccessRule { mode: RuleMode::DryRun, ..errs };
        let said = rules(&[tried]).ask(&asked);
        assert!(said.against.is_empty());
        assert_eq!(said.tried, [Reason::RuleTried { by: by(2), would: Would::Fail }]);
    }
}

#[test]
fn fewer_methods_count_under_a_rule_and_duo_out_of_reach_lets_nobody_round_it() {
    let policy = EffectivePolicy::default();
    let obligation = Obligation { methods: Some(BTreeSet::from([Method::Passkey])), ..Obligation::default() };
    let under = policy.clone().under(&obligation);
    assert_eq!(under.usable().collect::<Vec<_>>(), [Method::Passkey]);
    assert_eq!(under.with_all_that_are_on().usable().collect::<Vec<_>>(), [Method::Passkey]);
    let none = obligation
        .and(&Obligation { methods: Some(BTreeSet::from([Method::Totp])), ..Obligation::default() });
    let under = policy.under(&none);
    assert_eq!(under.usable().count(), 0, "two rules with nothing in common let nothing count");
    assert!(under.methods.iter().any(|(_, standing)| *standing == Standing::RuledOut));
}

#[test]
fn what_is_remembered_counts_as_long_as_the_shortest_says_and_not_where_a_fresh_door_is_asked_for() {
    let (user, groups) = (house::user(), BTreeSet::new());
    let sections = Sections {
        second_door: Some(SecondDoorPolicy::Always),
        remembered_devices: Some(RememberedDevices { hours: 24, ..RememberedDevices::default() }),
        ..Sections::default()
    };
    let policy = EffectivePolicy::merge(&[(Origin::Organization, &sections)], &[], &groups);
    for (remember_hours, fresh_minutes, hours, passes) in [
        (Some(8), None, 8, true),
        (Some(48), None, 24, true),
        (Some(0), None, 0, false),
        (None, None, 24, false),
        (Some(8), Some(5), 8, false),
    ] {
        let then = Then { remember_hours, fresh_minutes, ..Then::default() };
        let rule = rule(1, Effect::SecondDoor, RuleSays { then, ..RuleSays::default() });
        let asked = Asked {
            user: &user,
            groups: &groups,
            at: PORTAL,
            place: here("192.0.2.1"),
            device: None,
            now: noon(),
        };
        let said = rules(std::slice::from_ref(&rule)).ask(&asked);
        let policy = policy.clone().under(&said.obligation);
        assert_eq!(policy.remembered_devices.value.hours, hours);
        let remembered =
            Request { rules: &said, remembered: true, ..house::request(&user, &groups, &policy) };
        let decision = decide(&remembered);
        assert_eq!(
            matches!(decision, Decision::Allow(_)),
            passes,
            "{then:?} {decision:?}",
            then = rule.says.then
        );
        let strange = decide(&Request { remembered: false, ..remembered });
        assert_eq!(strange, Decision::SecondDoor(vec![Reason::RuleRequires(by(1))]));
    }
}

#[test]
fn a_rule_spares_nobody_who_has_a_role_and_undoes_nothing_that_denies_or_asks() {
    let allows = rules(&[rule(1, Effect::Allow, RuleSays::default())]);
    let (groups, policy) = (BTreeSet::new(), EffectivePolicy::default());
    let decided = |user: &User, rules: &Rules| {
        let place = here("192.0.2.1");
        let said = rules.ask(&Asked { user, groups: &groups, at: PORTAL, place, device: None, now: noon() });
        decide(&Request { rules: &said, place, ..house::request(user, &groups, &policy) })
    };
    let alice = house::user();
    assert_eq!(decided(&alice, &allows), Decision::Allow(vec![Reason::RuleAllows(by(1))]));
    let admin = User { roles: BTreeSet::from([Role::HelpDesk]), ..house::user() };
    assert_eq!(decided(&admin, &allows), Decision::SecondDoor(vec![Reason::PolicyRequiresSecondDoor]));
    let suspended = User { state: UserState::Suspended, ..house::user() };
    assert_eq!(decided(&suspended, &allows), Decision::Deny(vec![Reason::UserSuspended]));
    let asked = rules(&[
        rule(1, Effect::Allow, RuleSays::default()),
        rule(2, Effect::SecondDoor, RuleSays::default()),
    ]);
    assert_eq!(decided(&alice, &asked), Decision::SecondDoor(vec![Reason::RuleRequires(by(2))]));
}

#[test]
fn a_device_without_the_server_spares_nobody_whom_a_rule_may_ask_or_deny() {
    let (user, groups) = (house::user(), BTreeSet::new());
    let nights = RuleSays { when: Some(When { outside: true, ..When::default() }), ..RuleSays::default() };
    let others = Who { groups: BTreeSet::from([group(3)]), ..Who::default() };
    let portal = What { kinds: BTreeSet::from([ResourceKind::UserPortal]), ..What::default() };
    let all = |denied, asked, may_be_denied| AtDevices { denied, asked, may_be_denied };
    for (effect, says, expected) in [
        (Effect::Deny, RuleSays::default(), all(true, true, true)),
        (Effect::Deny, nights.clone(), all(false, true, true)),
        (Effect::SecondDoor, nights.clone(), all(false, true, false)),
        (Effect::Allow, nights, all(false, false, false)),
        (Effect::Allow, expression("context.anonymous"), all(false, true, true)),
        (Effect::SecondDoor, expression("context.anonymous"), all(false, true, true)),
        (Effect::Deny, RuleSays { who: others, ..RuleSays::default() }, AtDevices::default()),
        (Effect::Deny, RuleSays { what: portal, ..RuleSays::default() }, AtDevices::default()),
    ] {
        let rule = rule(1, effect, says);
        assert_eq!(
            rules(std::slice::from_ref(&rule)).at_devices(&user, &groups),
            expected,
            "{:?}",
            rule.says
        );
        let off = AccessRule { mode: RuleMode::DryRun, ..rule };
        assert_eq!(rules(&[off]).at_devices(&user, &groups), AtDevices::default());
    }
}
