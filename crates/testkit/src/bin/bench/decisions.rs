//! What one decision costs where there are many access rules and many groups: in this process, for nothing but the decision.

use std::{collections::BTreeSet, hint::black_box, sync::Arc, time::Instant};

use anyhow::Context as _;
use sallyport_model::{
    About, AccessRule, Method, PasswordStatus, Posix, RuleMode, Span, Time, User, UserState,
    access_rule::{
        Effect, FromCountries, FromNetworks, FromWhere, OnDevice, ResourceKind, RuleSays, Then, Weekday,
        What, When, Who,
    },
    id::{AccessRuleId, GroupId, UserId},
};
use sallyport_policy::{Asked, At, Compiled, EffectivePolicy, Enrolled, Place, Request, Rules, decide};
use uuid::Uuid;

use crate::{
    load::median,
    report::{Goal, Line, Report},
};

const RULES: u128 = 200;
const GROUPS: u128 = 10_000;
const TIMES: u32 = 2_000;
const ROUNDS: usize = 5;

pub(crate) fn measure(report: &mut Report) -> anyhow::Result<()> {
    let note = "a person in all groups; rules, obligations and policy together; median of 5 rounds of 2000";
    for (id, what, expressions) in [
        ("decision_typed", "one decision, 200 access rules, 10000 groups", 0),
        ("decision_expressed", "the same, 10 of them with an expression", 10),
    ] {
        let rules = rules(expressions)?;
        let line = Line::new(id, what, micros(&rules)?, "µs");
        report.add(line.goal(Goal::AtMost(100.0)).note(note));
    }
    Ok(())
}

fn group(n: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(n << 64))
}

/// Rules of which every other one is about this person, and most ask about more than one thing.
fn rules(expressions: u128) -> anyhow::Result<Rules> {
    let each = (0..RULES).map(|n| rule(n, n < expressions).map(Arc::new));
    Ok(Rules::new(each.collect::<anyhow::Result<Vec<_>>>()?))
}

fn rule(n: u128, expressed: bool) -> anyhow::Result<Compiled> {
    let member = if n.is_multiple_of(2) { group(n * 7 % GROUPS) } else { group(GROUPS + n) };
    let network = format!("10.{}.0.0/16", n % 250).parse()?;
    let networks = Some(FromNetworks { not: n.is_multiple_of(4), networks: vec![network] });
    let countries = Some(FromCountries { not: true, countries: ["CH".parse()?, "DE".parse()?].into() });
    let when = When { days: Weekday::ALL.into(), zone: "Europe/Zurich".into(), ..When::default() };
    let methods = Some([Method::Passkey, Method::Totp].into());
    let says = RuleSays {
        who: Who { groups: [member].into(), except_groups: [group(GROUPS + 5000 + n)].into(), ..Who::default() },
        what: What { kinds: [ResourceKind::UserPortal, ResourceKind::Application].into(), ..What::default() },
        from: FromWhere { networks, countries, ..FromWhere::default() },
        device: OnDevice { managed: Some(false), ..OnDevice::default() },
        when: Some(when),
        expression: expressed.then(|| {
            "context has address && context.address.isInRange(ip(\"192.0.2.0/24\")) && context.time.hour < 24".to_owned()
        }),
        then: Then { effect: Effect::SecondDoor, methods, ..Then::default() },
    };
    // What has an expression is asked it.
    let says =
        if expressed { RuleSays { who: Who::default(), from: FromWhere::default(), ..says } } else { says };
    let rule = AccessRule {
        id: AccessRuleId::new(Uuid::from_u128(n + 1)),
        name: format!("Rule {n}"),
        note: String::new(),
        mode: RuleMode::On,
        says,
        created: Time(0),
    };
    Compiled::new(&rule).context("a rule")
}

/// Microseconds of a decision.
fn micros(rules: &Rules) -> anyhow::Result<f64> {
    let (user, policy) = (user()?, EffectivePolicy::default());
    let groups: BTreeSet<GroupId> = (0..GROUPS).map(group).collect();
    let at = At { kind: ResourceKind::UserPortal, application: None, name: "portal" };
    let place =
        Place { address: Some([192, 0, 2, 7].into()), country: Some("FR".parse()?), anonymous: false };
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let began = Instant::now();
        for n in 0..TIMES {
            let now = Time(1_767_225_600_000_000).plus(Span::seconds(i64::from(n) + round as i64));
            let said = rules.ask(&Asked { user: &user, groups: &groups, at, place, device: None, now });
            let held = policy.clone().under(&said.obligation);
            black_box(decide(&Request {
                user: &user,
                groups: &groups,
                policy: &held,
                rules: &said,
                device_login: None,
                place,
                enrolled: Enrolled::Factor,
                remembered: false,
                own_password: true,
                stranger: false,
                objection: None,
            }));
        }
        rounds.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES));
    }
    Ok(median(rounds))
}

fn user() -> anyhow::Result<User> {
    Ok(User {
        id: UserId::new(Uuid::from_u128(1)),
        name: "alice".parse()?,
        aliases: Default::default(),
        display_name: "Alice".into(),
        mails: vec![],
        phones: vec![],
        posix: Posix { uid: 20_000, gid: 20_000, shell: "/bin/bash".into(), home: "/home/alice".into() },
        ssh_keys: vec![],
        manager: None,
        state: UserState::Active,
        trashed: None,
        dormant: false,
        password_status: PasswordStatus::Active,
        password_set: None,
        password_lock: None,
        roles: BTreeSet::new(),
        device_right: None,
        about: About::default(),
        credential_epoch: 0,
        duo_id: "DU".into(),
        created: Time(0),
    })
}
