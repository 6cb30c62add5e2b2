//! The rules compared with a model that is slow and simple: every rule looked at by itself, one condition after the other, and
//! the strictest of all answers.

use ipnet::IpNet;
use proptest::prelude::*;
use sallyport_model::{
    AccessRule, Method, Role,
    access_rule::{
        FromCountries, FromNetworks, FromWhere, OnDevice, RuleSays, Then, Weekday, What, When, Who,
    },
    policy::Country,
    signin::Reason,
};

use super::{super::*, PORTAL, device, group, noon, rule, rules};
use crate::{Decision, EffectivePolicy, Request, decide, tests as house};

/// An attempt out of a small world.
#[derive(Debug, Clone)]
struct Attempt {
    administers: bool,
    groups: BTreeSet<GroupId>,
    kind: ResourceKind,
    place: Place,
    device: Option<DeviceFacts>,
    hour: u8,
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    of: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<Option<T>> {
    proptest::option::of(of).boxed()
}

fn kinds() -> impl Strategy<Value = BTreeSet<ResourceKind>> {
    let some = [ResourceKind::UserPortal, ResourceKind::Api, ResourceKind::DeviceLogin];
    proptest::collection::btree_set(proptest::sample::select(some.to_vec()), 0..3)
}

fn some_groups() -> impl Strategy<Value = BTreeSet<GroupId>> {
    proptest::collection::btree_set((1..5_u128).prop_map(group), 0..3)
}

fn country() -> impl Strategy<Value = Country> {
    proptest::sample::select(vec!["CH", "DE", "FR"]).prop_map(|name| name.parse().unwrap())
}

fn network() -> impl Strategy<Value = IpNet> {
    let some = vec!["192.0.2.0/24", "192.0.2.128/25", "2001:db8::/32", "0.0.0.0/0"];
    proptest::sample::select(some).prop_map(|name| name.parse().unwrap())
}

fn from_where() -> impl Strategy<Value = FromWhere> {
    let networks = (any::<bool>(), proptest::collection::vec(network(), 1..3))
        .prop_map(|(not, networks)| FromNetworks { not, networks });
    let countries = (any::<bool>(), proptest::collection::btree_set(country(), 1..3))
        .prop_map(|(not, countries)| FromCountries { not, countries });
    (maybe(networks), maybe(countries), maybe(any::<bool>()))
        .prop_map(|(networks, countries, anonymous)| FromWhere { networks, countries, anonymous })
}

fn says() -> impl Strategy<Value = RuleSays> {
    let who = (some_groups(), some_groups()).prop_map(|(groups, except_groups)| Who {
        groups,
        except_groups,
        ..Who::default()
    });
    let what = kinds().prop_map(|kinds| What { kinds, ..What::default() });
    let on = (maybe(any::<bool>()), maybe(any::<bool>())).prop_map(|(managed, encrypted)| OnDevice {
        managed,
        encrypted,
        ..OnDevice::default()
    });
    let when = (any::<bool>(), 0..24_u8, 0..24_u8).prop_map(|(outside, from, to)| When {
        outside,
        days: BTreeSet::from([Weekday::Friday, Weekday::Thursday]),
        from: DayTimeOf(from).into(),
        to: DayTimeOf(to).into(),
        zone: String::new(),
    });
    let expression = proptest::sample::select(vec![
        "context.anonymous",
        "context.time.hour < 12",
        // Errs in the afternoon.
        "context.time.hour + 9223372036854775795 > 0",
    ]);
    let methods = proptest::collection::btree_set(
        proptest::sample::select(vec![Method::Passkey, Method::Totp, Method::Push]),
        1..3,
    );
    let then = (proptest::sample::select(Effect::ALL.to_vec()), maybe(methods), maybe(0..3_u32)).prop_map(
        |(effect, methods, remember_hours)| Then { effect, methods, fresh_minutes: None, remember_hours },
    );
    let expression = maybe(expression.prop_map(str::to_owned));
    (who, what, from_where(), on, maybe(when), expression, then).prop_map(
        |(who, what, from, device, when, expression, then)| RuleSays {
            who,
            what,
            from,
            device,
            when,
            expression,
            then,
        },
    )
}

struct DayTimeOf(u8);

impl From<DayTimeOf> for Option<sallyport_model::access_rule::DayTime> {
    fn from(DayTimeOf(hour): DayTimeOf) -> Self {
        sallyport_model::access_rule::DayTime::new(hour, 0)
    }
}

fn several() -> impl Strategy<Value = Vec<AccessRule>> {
    let mode = proptest::sample::select(RuleMode::ALL.to_vec());
    proptest::collection::vec((says(), mode), 0..6).prop_map(|all| {
        let numbered = all.into_iter().zip(1..);
        numbered
            .map(|((says, mode), n)| AccessRule { mode, ..rule(n, says.then.effect, says) })
            .filter(|rule| rule.mode != RuleMode::Off)
            .collect()
    })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let addresses = vec!["192.0.2.7", "192.0.2.200", "203.0.113.9", "2001:db8::1", "::ffff:192.0.2.200"];
    let address = maybe(proptest::sample::select(addresses).prop_map(|text| text.parse().unwrap()));
    let place = (address, maybe(country()), any::<bool>()).prop_map(|(address, country, anonymous)| Place {
        address,
        country,
        anonymous,
    });
    let devices = maybe((any::<bool>(), maybe(any::<bool>())))
        .prop_map(|known| known.map(|(managed, encrypted)| DeviceFacts { managed, encrypted, ..device() }));
    let kind = proptest::sample::select(vec![
        ResourceKind::UserPortal,
        ResourceKind::Api,
        ResourceKind::DeviceLogin,
        ResourceKind::Radius,
    ]);
    (any::<bool>(), some_groups(), kind, place, devices, 0..24_u8).prop_map(
        |(administers, groups, kind, place, device, hour)| Attempt {
            administers,
            groups,
            kind,
            place,
            device,
            hour,
        },
    )
}

/// `None`: it cannot be told.
fn matches(says: &RuleSays, attempt: &Attempt) -> Option<bool> {
    let strict = says.then.effect != Effect::Allow;
    let holds = |fact: Option<bool>, wanted: bool, doubt: bool| match fact {
        Some(fact) => fact == wanted,
        None => strict && (!wanted || doubt),
    };
    let Attempt { groups, place, .. } = attempt;
    let nowhere = place.address.is_none();
    let mut all = says.what.kinds.is_empty() || says.what.kinds.contains(&attempt.kind);
    all &= says.who.groups.is_empty() || !says.who.groups.is_disjoint(groups);
    all &= says.who.except_groups.is_disjoint(groups);
    if let Some(of) = &says.from.networks {
        let within = place
            .address
            .map(|address| of.networks.iter().any(|block| block.contains(&address.to_canonical())));
        all &= holds(within, !of.not, true);
    }
    if let Some(of) = &says.from.countries {
        all &= holds(place.country.map(|country| of.countries.contains(&country)), !of.not, nowhere);
    }
    if let Some(wanted) = says.from.anonymous {
        let fact = (!nowhere || place.anonymous).then_some(place.anonymous);
        all &= holds(fact, wanted, true);
    }
    let device = attempt.device.as_ref();
    if let Some(wanted) = says.device.managed {
        all &= holds(device.map(|device| device.managed), wanted, false);
    }
    if let Some(wanted) = says.device.encrypted {
        all &= holds(device.and_then(|device| device.encrypted), wanted, false);
    }
    if let Some(when) = &says.when {
        let hour = |time: Option<sallyport_model::access_rule::DayTime>| time.unwrap().minutes() / 60;
        let (from, to, now) = (hour(when.from), hour(when.to), u16::from(attempt.hour));
        // It is Friday, and of the two days that are named the one before belongs to the night over to it.
        let inside = if from < to { from <= now && now < to } else { now >= from || now < to };
        all &= inside != when.outside;
    }
    if !all {
        return Some(false);
    }
    match says.expression.as_deref() {
        None => Some(true),
        Some("context.anonymous") => Some(place.anonymous),
        Some("context.time.hour < 12") => Some(attempt.hour < 12),
        Some(_) => (attempt.hour <= 12).then_some(true),
    }
}

/// Deny, then the second door, then whatever spares, then what is built in.
fn expected(all: &[AccessRule], attempt: &Attempt) -> (&'static str, Option<BTreeSet<Method>>) {
    let on: Vec<_> = all
        .iter()
        .filter(|rule| rule.mode == RuleMode::On)
        .map(|rule| (&rule.says.then, matches(&rule.says, attempt)))
        .collect();
    let any = |effect| on.iter().any(|(then, matches)| then.effect == effect && *matches == Some(true));
    let mut methods: Option<BTreeSet<Method>> = None;
    for (then, found) in &on {
        if let (Effect::SecondDoor, Some(true), Some(named)) = (then.effect, found, &then.methods) {
            methods = Some(methods.map_or_else(|| named.clone(), |all| &all & named));
        }
    }
    let end = if on.iter().any(|(_, matches)| matches.is_none()) || any(Effect::Deny) {
        "deny"
    } else if !any(Effect::SecondDoor) && any(Effect::Allow) && !attempt.administers {
        "allow"
    } else {
        "second door"
    };
    (end, methods)
}

fn decided(all: &Rules, attempt: &Attempt) -> (Decision, Said) {
    let roles = if attempt.administers { BTreeSet::from([Role::Auditor]) } else { BTreeSet::new() };
    let user = User { roles, ..house::user() };
    let now = noon().plus(sallyport_model::Span::hours(i64::from(attempt.hour) - 12));
    let said = all.ask(&Asked {
        user: &user,
        groups: &attempt.groups,
        at: At { kind: attempt.kind, ..PORTAL },
        place: attempt.place,
        device: attempt.device.as_ref(),
        now,
    });
    let policy = EffectivePolicy::default();
    let request = house::request(&user, &attempt.groups, &policy);
    (decide(&Request { rules: &said, place: attempt.place, ..request }), said)
}

const fn word(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow(_) => "allow",
        Decision::SecondDoor(_) => "second door",
        Decision::Deny(_) => "deny",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_strictest_of_all_rules_wins_and_one_that_errs_denies(all in several(), attempt in attempt()) {
        let (decision, said) = decided(&rules(&all), &attempt);
        let (end, methods) = expected(&all, &attempt);
        prop_assert_eq!(word(&decision), end, "{:?}", decision);
        prop_assert_eq!(said.obligation.methods, methods);
    }

    #[test]
    fn neither_order_nor_a_rule_in_a_dry_run_changes_anything(all in several(), attempt in attempt()) {
        let (decision, said) = decided(&rules(&all), &attempt);
        let turned: Vec<AccessRule> = all.iter().rev().cloned().collect();
        let (other, turned) = decided(&rules(&turned), &attempt);
        prop_assert_eq!(word(&decision), word(&other));
        prop_assert_eq!(&said.obligation, &turned.obligation);
        let on: Vec<AccessRule> = all.iter().filter(|rule| rule.mode == RuleMode::On).cloned().collect();
        let (by_those_on, of_those_on) = decided(&rules(&on), &attempt);
        prop_assert_eq!(&said.obligation, &of_those_on.obligation);
        let without_tries: Vec<_> =
            decision.reasons().iter().filter(|reason| !matches!(reason, Reason::RuleTried { .. })).collect();
        prop_assert_eq!(without_tries, by_those_on.reasons().iter().collect::<Vec<_>>());
    }

    #[test]
    fn each_rule_says_whether_it_matched(all in several(), attempt in attempt()) {
        let user = house::user();
        let asked = Asked {
            user: &user,
            groups: &attempt.groups,
            at: At { kind: attempt.kind, ..PORTAL },
            place: attempt.place,
            device: attempt.device.as_ref(),
            now: noon().plus(sallyport_model::Span::hours(i64::from(attempt.hour) - 12)),
        };
        let verdicts = rules(&all).verdicts(&asked);
        prop_assert_eq!(verdicts.len(), all.len());
        for rule in &all {
            let found = match verdicts.get(&rule.id) {
                Some(Verdict::Matches) => Some(true),
                Some(Verdict::Unmet(_)) => Some(false),
                Some(Verdict::Fails(_)) | None => None,
            };
            prop_assert_eq!(found, matches(&rule.says, &attempt), "{:?}", rule);
        }
    }
}
