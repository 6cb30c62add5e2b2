mod lockout;
mod looked_at;

use std::collections::BTreeSet;

use sallyport_api::{
    agent::Inventory,
    rest::{CreateApplication, SetDeviceLogin, UpdateGroup},
};
use sallyport_model::{
    ApplicationKind, FactorKind, GroupKind, Method, Role, Span, Time,
    access_rule::{
        FromNetworks, FromWhere, OnDevice, OsVersions, RuleSays, SeenWithin, Then, What, When, Who,
    },
    id::{ApplicationId, FactorId, UserId},
    policy::RememberedDevices,
    settings::{FailMode, SecondDoorPolicy},
    signin::{ByRule, Reason, Resource, Would},
};
use sallyport_store::{Proved, Session};

use super::*;
use crate::{
    Caller, audit,
    signin::{
        self, Begin, FirstDoorProof, Preview, Step, WRONG, WRONG_CODE,
        tests::{PASSWORD, denial, passcode_of, person, to_second_door, with_password},
    },
    sso::{self, Standing},
    testing::{self, TestOrg},
};

pub(super) fn says(effect: Effect) -> RuleSays {
    RuleSays { then: Then { effect, ..Then::default() }, ..RuleSays::default() }
}

pub(super) fn at(kind: ResourceKind, effect: Effect) -> RuleSays {
    let kinds = BTreeSet::from([kind]);
    RuleSays { what: What { kinds, ..What::default() }, ..says(effect) }
}

pub(super) fn from(not: bool, network: &str) -> FromWhere {
    let networks = Some(FromNetworks { not, networks: vec![network.parse().unwrap()] });
    FromWhere { networks, ..FromWhere::default() }
}

pub(super) fn on(name: &str, says: RuleSays) -> CreateAccessRule {
    CreateAccessRule { name: name.into(), note: String::new(), mode: RuleMode::On, says }
}

pub(super) async fn write(test: &TestOrg, name: &str, says: RuleSays) -> Versioned<AccessRule> {
    create(&test.system(), on(name, says)).await.unwrap().rule
}

pub(super) async fn to_mode(test: &TestOrg, id: AccessRuleId, mode: RuleMode) {
    let input = UpdateAccessRule { mode: Some(mode), ..UpdateAccessRule::default() };
    update(&test.system(), id, None, input).await.unwrap();
}

fn by(rule: &AccessRule) -> ByRule {
    ByRule { rule: rule.id, name: rule.name.clone() }
}

async fn duo_application(test: &TestOrg, name: &str) -> (ApplicationId, Resource) {
    let input = CreateApplication { name: name.into(), kind: ApplicationKind::DuoAuthApi };
    let (made, _) = crate::application::create(&test.system(), input).await.unwrap();
    (made.id, Resource::Application { application: made.id, name: name.into() })
}

async fn last_sign_in(test: &TestOrg) -> audit::ExplainedSignIn {
    let wanted = audit::SignInsWanted { limit: 1, ..Default::default() };
    audit::sign_ins(&test.system(), wanted).await.unwrap().items.remove(0)
}

async fn vouched(ctx: &Ctx, name: &str, resource: &Resource) -> Step {
    let first_door = FirstDoorProof::Vouched { by: "test".into() };
    signin::begin(ctx, Begin { name: name.into(), resource: resource.clone(), first_door }).await.unwrap()
}

#[tokio::test]
async fn a_rule_is_obeyed_at_every_front_door_and_named_in_the_log_but_not_at_the_door() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let (_, vpn) = duo_application(&test, "vpn").await;
    let login = Resource::DeviceLogin { device: device.id, name: "laptop".into(), service: "sshd".into() };
    let ctx = test.nobody();
    let (api, portal) = (Resource::Api, Resource::Portal);
    for (kind, resource) in [
        (ResourceKind::UserPortal, &portal),
        (ResourceKind::Api, &api),
        (ResourceKind::DuoApplication, &vpn),
        (ResourceKind::DeviceLogin, &login),
    ] {
        let rule = write(&test, "Shut", at(kind, Effect::Deny)).await;
        for other in [&portal, &api, &vpn, &login] {
            let step = vouched(&ctx, "alice", other).await;
            if other == resource {
                assert_eq!(denial(step).reasons, [Reason::RuleDenies(by(&rule))], "{kind:?}");
                let looked = signin::preview(&ctx, "alice", other).await.unwrap();
                assert!(matches!(looked, Preview::Denied { .. }), "{looked:?}");
            } else {
                assert!(matches!(step, Step::SecondDoor(_)), "{kind:?} {other:?}");
            }
        }
        delete(&test.system(), rule.id, None).await.unwrap();
    }
    // Where our password is asked for, it reads like a wrong one.
    let rule = write(&test, "Shut", says(Effect::Deny)).await;
    let denied = denial(signin::begin(&ctx, with_password("alice", PASSWORD)).await.unwrap());
    assert_eq!((denied.text, denied.reasons), (WRONG, vec![Reason::RuleDenies(by(&rule))]));
    let logged = last_sign_in(&test).await;
    assert_eq!(logged.reasons, ["the access rule “Shut” denies it"]);
}

#[tokio::test]
async fn a_rule_holds_from_its_commit_on_every_node_and_no_longer_than_it_is_on() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let [here, there] = test.doors();
    let rule = write(&test, "Shut", says(Effect::Deny)).await;
    for ctx in [&here, &there] {
        assert_eq!(
            denial(vouched(ctx, "alice", &Resource::Api).await).reasons,
            [Reason::RuleDenies(by(&rule))]
        );
    }
    to_mode(&test, rule.id, RuleMode::Off).await;
    for ctx in [&there, &here] {
        assert!(matches!(vouched(ctx, "alice", &Resource::Api).await, Step::SecondDoor(_)));
    }
    // A change that was refused in its own transaction leaves nothing behind in memory.
    let twice = create(&test.system(), on("shut", says(Effect::Deny))).await;
    assert!(matches!(twice, Err(AppError::Conflict(_))), "{twice:?}");
    assert!(matches!(vouched(&here, "alice", &Resource::Api).await, Step::SecondDoor(_)));
}

#[tokio::test]
async fn what_a_rule_does_not_count_is_neither_offered_nor_taken() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    crate::factor::issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap();
    let (ctx, methods) = (test.nobody(), Some(BTreeSet::from([Method::BypassCode])));
    let then = Then { effect: Effect::SecondDoor, methods, ..Then::default() };
    let rule = write(&test, "Codes", RuleSays { then, ..RuleSays::default() }).await;
    let step = to_second_door(&ctx, "alice").await;
    assert_eq!(step.offers.len(), 1);
    let Step::SecondDoor(again) = passcode_of(&ctx, &step, &alice, &test).await else { panic!("opened") };
    assert_eq!(again.problem, Some(WRONG_CODE));
    // From elsewhere too, where the rule does not hold where the sign-in began.
    let input = UpdateAccessRule {
        says: Some(RuleSays { from: from(true, "192.0.2.0/24"), ..rule.says.clone() }),
        ..UpdateAccessRule::default()
    };
    update(&test.system(), rule.id, None, input).await.unwrap();
    let step = to_second_door(&ctx, "alice").await;
    assert_eq!(step.offers.len(), 2);
    let elsewhere = Ctx { source: Some([198, 51, 100, 7].into()), ..test.nobody() };
    let moved = passcode_of(&elsewhere, &step, &alice, &test).await;
    assert!(matches!(moved, Step::SecondDoor(_)), "{moved:?}");
    assert!(matches!(passcode_of(&ctx, &step, &alice, &test).await, Step::Allowed(_)));
}

#[tokio::test]
async fn what_is_known_of_the_device_decides_at_logins_on_it_and_nothing_else_is_known() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let login = Resource::DeviceLogin { device: device.id, name: "laptop".into(), service: "sshd".into() };
    let ctx = test.nobody();
    let device_rule = |device| RuleSays { device, ..says(Effect::Deny) };
    let old = OsVersions { not: true, at_least: [("debian".to_owned(), "12".to_owned())].into() };
    let rules = [
        ("not managed", OnDevice { managed: Some(false), ..OnDevice::default() }),
        ("not bound", OnDevice { bound: Some(false), ..OnDevice::default() }),
        ("old", OnDevice { os: Some(old), ..OnDevice::default() }),
        ("not seen", OnDevice { seen: Some(SeenWithin { not: true, days: 7 }), ..OnDevice::default() }),
    ];
    let mut of = Vec::new();
    for (name, on) in rules {
        of.push(write(&test, name, device_rule(on)).await);
    }
    let denied = |names: &[&str]| -> Vec<Reason> {
        let mut named: Vec<_> = of.iter().filter(|rule| names.contains(&rule.name.as_str())).collect();
        named.sort_by(|a, b| a.name.cmp(&b.name));
        named.iter().map(|rule| Reason::RuleDenies(by(rule))).collect()
    };
    let all = ["not managed", "not bound", "old", "not seen"];
    assert_eq!(denial(vouched(&ctx, "alice", &Resource::Api).await).reasons, denied(&all));
    // It was never seen, and has said nothing.
    assert_eq!(denial(vouched(&ctx, "alice", &login).await).reasons, denied(&["not seen", "old"]));
    let says_of_itself = async |os_version: &str| {
        let inventory = Inventory {
            os: "Debian GNU/Linux".into(),
            os_version: os_version.into(),
            ..Inventory::default()
        };
        let json = serde_json::to_string(&inventory).unwrap();
        let ctx = test.system();
        let put = ctx.write(move |tx| {
            let key = device.id.to_string();
            let mut status = tx.device_status(&key)?;
            (status.seen, status.inventory) = (tx.ctx.now, Some(json.clone()));
            Ok(tx.put_device_status(&key, &status)?)
        });
        put.await.unwrap();
    };
    says_of_itself("11").await;
    assert_eq!(denial(vouched(&ctx, "alice", &login).await).reasons, denied(&["old"]));
    says_of_itself("12").await;
    assert!(matches!(vouched(&ctx, "alice", &login).await, Step::SecondDoor(_)));
    let later = Ctx { now: test.system().now.plus(Span::days(8)), ..test.nobody() };
    assert_eq!(denial(vouched(&later, "alice", &login).await).reasons, denied(&["not seen"]));
}

#[tokio::test]
async fn a_device_without_the_server_spares_nobody_whom_a_rule_may_ask() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let device = test.active_device("laptop").await.device;
    test.bind("alice", "laptop").await;
    let mut settings = crate::settings::show(&test.system()).await.unwrap().value;
    settings.policy.second_door = Some(SecondDoorPolicy::Never);
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    let laptops = test.group("laptops", GroupKind::Devices).await;
    test.join(&laptops, crate::device::testing::device_member("laptop")).await;
    let login = SetDeviceLogin { fail_mode: Some(FailMode::Open), ..SetDeviceLogin::default() };
    let input = UpdateGroup { device_login: Some(Some(login)), ..UpdateGroup::default() };
    crate::group::update(&test.system(), laptops.id, None, input).await.unwrap();
    let account = async || {
        let (ctx, id) = (test.system(), device.id);
        let call = ctx.clone();
        let found = ctx.read(move |reader| {
            let device = crate::device::known(reader, id)?;
            crate::desired::compute(reader, &call, &device)
        });
        let account = found.await.unwrap().accounts.remove(0);
        (account.second_door, account.fail_open, account.suspended)
    };
    assert_eq!(account().await, (false, true, false));
    let login = |effect| at(ResourceKind::DeviceLogin, effect);
    let abroad = |effect| RuleSays { from: from(true, "192.0.2.0/24"), ..login(effect) };
    for (says, expected) in [
        (abroad(Effect::SecondDoor), (true, true, false)),
        (abroad(Effect::Deny), (true, false, false)),
        (login(Effect::SecondDoor), (true, true, false)),
        (login(Effect::Deny), (true, false, true)),
        (at(ResourceKind::UserPortal, Effect::Deny), (false, true, false)),
        (login(Effect::Allow), (false, true, false)),
    ] {
        let rule = write(&test, "Rule", says.clone()).await;
        assert_eq!(account().await, expected, "{says:?}");
        to_mode(&test, rule.id, RuleMode::DryRun).await;
        assert_eq!(account().await, (false, true, false));
        delete(&test.system(), rule.id, None).await.unwrap();
    }
}

#[tokio::test]
async fn a_rule_in_a_dry_run_decides_nothing_and_is_written_down() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let input = CreateAccessRule { mode: RuleMode::DryRun, ..on("Try", says(Effect::Deny)) };
    let rule = create(&test.system(), input).await.unwrap().rule;
    let step = to_second_door(&test.nobody(), "alice").await;
    let Step::Allowed(admission) = passcode_of(&test.nobody(), &step, &alice, &test).await else {
        panic!("not opened")
    };
    let tried = Reason::RuleTried { by: by(&rule), would: Would::Deny };
    assert!(admission.reasons().contains(&tried), "{:?}", admission.reasons());
    let logged = last_sign_in(&test).await;
    assert!(logged.sign_in.reasons.contains(&tried));
    let words = "the access rule “Try” is in a dry run; it would have denied this";
    assert!(logged.reasons.iter().any(|reason| reason == words), "{:?}", logged.reasons);
}

#[tokio::test]
async fn the_first_door_is_enough_only_where_the_rule_says_and_never_for_whoever_has_a_role() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let office = RuleSays { from: from(false, "192.0.2.0/24"), ..at(ResourceKind::Api, Effect::Allow) };
    let rule = write(&test, "Office", office).await;
    let office = test.nobody();
    let abroad = Ctx { source: Some([198, 51, 100, 7].into()), ..test.nobody() };
    let nowhere = Ctx { source: None, ..test.nobody() };
    let Step::Allowed(admission) = vouched(&office, "alice", &Resource::Api).await else { panic!("asked") };
    assert_eq!(admission.reasons(), [Reason::RuleAllows(by(&rule))]);
    assert!(admission.reasons().iter().any(Reason::spares_by_place), "the session stays where it was opened");
    for ctx in [&abroad, &nowhere] {
        assert!(matches!(vouched(ctx, "alice", &Resource::Api).await, Step::SecondDoor(_)));
    }
    crate::user::set_roles(&test.system(), alice.id, [Role::Auditor].into()).await.unwrap();
    assert!(matches!(vouched(&office, "alice", &Resource::Api).await, Step::SecondDoor(_)));
}

fn session(user: UserId, created: Time, kind: FactorKind) -> Session {
    let network = crate::signin::throttle::network(Some([192, 0, 2, 7].into()));
    let factor = FactorId::new(uuid::Uuid::from_u128(1));
    Session {
        hash: "hash".into(),
        user,
        id: None,
        first_door: None,
        proofs: vec![Proved { kind, factor, at: created, network }],
        bearer: false,
        opened_for: None,
        both_doors: true,
        epoch: 0,
        networks: Vec::new(),
        form_token: String::new(),
        source: None,
        user_agent: String::new(),
        created,
        proved: None,
        expires: created.plus(Span::hours(8)),
        seen: created,
    }
}

#[tokio::test]
async fn the_administrators_portal_asks_with_every_page() {
    let test = testing::org().await;
    let (olga, otto) = (person(&test, "olga").await, person(&test, "otto").await);
    for owner in [&olga, &otto] {
        crate::user::set_roles(&test.system(), owner.id, [Role::Owner].into()).await.unwrap();
    }
    let found = crate::user::show(&test.system(), olga.id).await.unwrap().value;
    let ctx = Ctx { source: Some([192, 0, 2, 7].into()), ..test.person(olga.id, &[Role::Owner]) };
    let open = session(olga.id, ctx.now, FactorKind::Totp);
    let now = async |ctx: &Ctx| at_admin_portal(ctx, &found, &open).await.unwrap();
    assert_eq!(now(&ctx).await, AtAdminPortal::Open);
    let who = Who { except_users: [otto.id].into(), ..Who::default() };
    let says =
        RuleSays { who, from: from(true, "192.0.2.0/24"), ..at(ResourceKind::AdminPortal, Effect::Deny) };
    let rule = write(&test, "Office", says).await;
    assert_eq!(now(&ctx).await, AtAdminPortal::Open);
    let abroad = Ctx { source: Some([198, 51, 100, 7].into()), ..ctx.clone() };
    assert_eq!(now(&abroad).await, AtAdminPortal::Shut(vec![Reason::RuleDenies(by(&rule))]));
    assert!(matches!(
        signin::begin(&abroad, with_password("olga", PASSWORD)).await.unwrap(),
        Step::SecondDoor(_)
    ));
    let then = Then { effect: Effect::SecondDoor, fresh_minutes: Some(10), ..Then::default() };
    let fresh = RuleSays { then, ..at(ResourceKind::AdminPortal, Effect::SecondDoor) };
    write(&test, "Fresh", fresh).await;
    let methods = Some([Method::Passkey].into());
    let then = Then { effect: Effect::SecondDoor, methods, ..Then::default() };
    let who = Who { users: [olga.id].into(), ..Who::default() };
    let keys = RuleSays { who, then, ..at(ResourceKind::AdminPortal, Effect::SecondDoor) };
    let keys = write(&test, "Keys", keys).await;
    assert_eq!(now(&ctx).await, AtAdminPortal::StepUp);
    let by_key = session(olga.id, ctx.now, FactorKind::Passkey);
    assert_eq!(at_admin_portal(&ctx, &found, &by_key).await.unwrap(), AtAdminPortal::Open);
    to_mode(&test, keys.id, RuleMode::Off).await;
    let later = |minutes| Ctx { now: ctx.now.plus(Span::minutes(minutes)), ..ctx.clone() };
    assert_eq!(now(&later(10)).await, AtAdminPortal::Open);
    assert_eq!(now(&later(11)).await, AtAdminPortal::StepUp);
}

#[tokio::test]
async fn a_session_passes_to_an_application_with_what_the_rules_count_there_and_as_fresh_as_they_want_it() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let (id, _) = duo_application(&test, "wiki").await;
    let application = crate::application::show(&test.system(), id).await.unwrap().value;
    let epoch = crate::user::show(&test.system(), alice.id).await.unwrap().credential_epoch;
    let ctx = test.nobody();
    let network = crate::signin::throttle::network(ctx.source);
    let open = Session {
        id: Some(sallyport_model::id::SessionId::new(uuid::Uuid::from_u128(1))),
        first_door: Some(sallyport_model::signin::FirstDoor::Password),
        networks: vec![network],
        epoch,
        ..session(alice.id, ctx.now, FactorKind::Totp)
    };
    let put = open.clone();
    test.system().write(move |tx| Ok(tx.put_session(&put)?)).await.unwrap();
    let stands = async |ctx: &Ctx| {
        let (asking, open, application) = (ctx.clone(), open.clone(), application.clone());
        let found = ctx.read(move |reader| {
            let (to, level) = (sso::resource(&application), sso::Level::OneDoor);
            let wanted = sso::Wanted { to: &to, since: None, level };
            sso::stand(reader, &asking, &open, wanted)
        });
        match found.await.unwrap() {
            Standing::Through(_) => "through",
            Standing::Denied(denial) if denial.reasons == [Reason::NoFactor] => "nothing to prove",
            Standing::Denied(_) => "denied",
            Standing::Ask(sso::Ask::StepUp { .. }) => "step up",
            Standing::Ask(sso::Ask::NewPassword | sso::Ask::SignIn { .. }) => "sign in",
        }
    };
    assert_eq!(stands(&ctx).await, "through");
    let asks = |methods: Option<Method>, fresh_minutes| RuleSays {
        then: Then {
            effect: Effect::SecondDoor,
            methods: methods.map(|method| [method].into()),
            fresh_minutes,
            ..Then::default()
        },
        ..at(ResourceKind::DuoApplication, Effect::SecondDoor)
    };
    let fresh = write(&test, "Fresh", asks(None, Some(10))).await;
    let later = |minutes| Ctx { now: ctx.now.plus(Span::minutes(minutes)), ..ctx.clone() };
    assert_eq!(stands(&later(10)).await, "through");
    assert_eq!(stands(&later(11)).await, "step up");
    to_mode(&test, fresh.id, RuleMode::Off).await;
    let keys = write(&test, "Keys", asks(Some(Method::Passkey), None)).await;
    assert_eq!(stands(&ctx).await, "nothing to prove");
    to_mode(&test, keys.id, RuleMode::DryRun).await;
    assert_eq!(stands(&ctx).await, "through");
    write(&test, "Shut", at(ResourceKind::DuoApplication, Effect::Deny)).await;
    assert_eq!(stands(&ctx).await, "denied");
}

#[tokio::test]
async fn what_cannot_hold_is_refused_and_only_owners_write_rules() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    let administrator = test.person(olga.id, &[Role::Administrator]);
    let denied = create(&administrator, on("Rule", says(Effect::Deny))).await;
    assert!(matches!(denied, Err(AppError::Denied(Action::ChangeSettings))), "{denied:?}");
    let expression = |text: &str| RuleSays { expression: Some(text.into()), ..says(Effect::Deny) };
    let when = |when| RuleSays { when: Some(when), ..says(Effect::Deny) };
    let nobody = UserId::new(uuid::Uuid::from_u128(7));
    let methods = Some(BTreeSet::new());
    for (wrong, field) in [
        (expression("principal.shoe_size == 44"), "expression"),
        (when(When::default()), "when"),
        (
            when(When {
                zone: "Mars".into(),
                days: [sallyport_model::access_rule::Weekday::Friday].into(),
                ..When::default()
            }),
            "when.zone",
        ),
        (when(When { from: "08:00".parse().ok(), ..When::default() }), "when"),
        (
            RuleSays {
                from: FromWhere { networks: Some(FromNetworks::default()), ..FromWhere::default() },
                ..says(Effect::Deny)
            },
            "from.networks",
        ),
        (RuleSays { from: from(false, "::ffff:192.0.2.0/120"), ..says(Effect::Deny) }, "from.networks"),
        (
            RuleSays {
                then: Then { methods: methods.clone(), effect: Effect::SecondDoor, ..Then::default() },
                ..RuleSays::default()
            },
            "then.methods",
        ),
        (
            RuleSays { then: Then { fresh_minutes: Some(5), ..Then::default() }, ..RuleSays::default() },
            "then",
        ),
        (
            RuleSays {
                device: OnDevice { seen: Some(SeenWithin::default()), ..OnDevice::default() },
                ..says(Effect::Deny)
            },
            "device.seen.days",
        ),
    ] {
        let refused = create(&test.system(), on("Rule", wrong)).await;
        let Err(AppError::Invalid { field: said, .. }) = &refused else { panic!("{field}: {refused:?}") };
        assert_eq!(*said, field);
    }
    let unknown = RuleSays { who: Who { users: [nobody].into(), ..Who::default() }, ..says(Effect::Deny) };
    let refused = create(&test.system(), on("Rule", unknown)).await;
    assert!(matches!(refused, Err(AppError::NotFound { noun: "user", .. })), "{refused:?}");
    assert!(all(&test.system()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_group_that_a_rule_names_cannot_be_deleted_before_that_is_changed() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let group = test.group("staff", GroupKind::Users).await;
    let who = Who { except_groups: [group.id].into(), ..Who::default() };
    let named = write(&test, "Named", RuleSays { who, ..says(Effect::SecondDoor) }).await;
    let refused = crate::group::delete(&test.system(), group.id).await;
    let Err(AppError::Conflict(text)) = refused else { panic!("{refused:?}") };
    assert!(text.to_string().contains("the access rule `Named`"), "{text}");
    let text = format!("principal in Group::\"{}\"", group.id);
    let expression = RuleSays { expression: Some(text), ..says(Effect::SecondDoor) };
    let input = UpdateAccessRule { says: Some(expression), ..UpdateAccessRule::default() };
    update(&test.system(), named.id, None, input).await.unwrap();
    assert!(crate::group::delete(&test.system(), group.id).await.is_err());
    delete(&test.system(), named.id, None).await.unwrap();
    crate::group::delete(&test.system(), group.id).await.unwrap();
}

#[tokio::test]
async fn what_is_remembered_counts_no_longer_than_a_rule_lets_it() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let mut settings = crate::settings::show(&test.system()).await.unwrap().value;
    settings.policy.remembered_devices =
        Some(RememberedDevices { hours: 24, ..RememberedDevices::default() });
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    let held = async || {
        let (ctx, id) = (test.nobody(), alice.id);
        let call = ctx.clone();
        let held = ctx.read(move |reader| policy::in_force(reader, &call, id, &Resource::Portal, false));
        held.await.unwrap().policy
    };
    assert_eq!(held().await.remembered_devices.value.hours, 24);
    let then = Then {
        effect: Effect::SecondDoor,
        remember_hours: Some(8),
        fresh_minutes: Some(30),
        ..Then::default()
    };
    write(&test, "Short", RuleSays { then, ..RuleSays::default() }).await;
    let held = held().await;
    assert_eq!(held.remembered_devices.value.hours, 8);
    assert_eq!(
        held.obligation.fresh,
        Some(Span::minutes(30)),
        "for whoever asks how old a second door may be"
    );
}
