use sallyport_crypto::totp;
use sallyport_model::{
    FactorKind, Group, GroupKind, Time, UserState, id::GroupId, settings::SecondDoorPolicy,
};
use sallyport_store::Edge;

use super::*;
use crate::{
    factor, session, settings as org_settings,
    testing::{self, TestOrg},
    user,
};

mod once;

pub(crate) const PASSWORD: &str = "tulip gravel hovercraft";

/// A person with a password and an authenticator.
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) seed: Vec<u8>,
}

impl Person {
    pub(crate) fn code(&self, test: &TestOrg, offset: i64) -> Secret {
        totp::code(&self.seed, totp::step_at(test.system().now.unix_seconds()) + offset).into()
    }
}

pub(crate) async fn person(test: &TestOrg, name: &str) -> Person {
    let system = test.system();
    let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
    let id = user::create(&system, input).await.unwrap().id;
    user::set_password(&system, id, &PASSWORD.into()).await.unwrap();
    let code = factor::issue_enrollment_code(&system, id, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let first = totp::code(&seed, totp::step_at(system.now.unix_seconds()) - 1);
    factor::confirm_totp(&test.nobody(), &pending.handle, &first.into()).await.unwrap();
    Person { id, seed }
}

pub(crate) fn with_password(name: &str, password: &str) -> Begin {
    Begin {
        name: name.into(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Password(password.into()),
    }
}

pub(crate) async fn to_second_door(ctx: &Ctx, name: &str) -> SecondDoorStep {
    let step = begin(ctx, with_password(name, PASSWORD)).await.unwrap();
    let Step::SecondDoor(step) = step else { panic!("{step:?}") };
    step
}

/// Answers at the second door with this person's present code.
pub(crate) async fn passcode_of(ctx: &Ctx, step: &SecondDoorStep, person: &Person, test: &TestOrg) -> Step {
    passcode(ctx, &step.handle, &person.code(test, 0)).await.unwrap()
}

pub(crate) fn denial(step: Step) -> Denial {
    let Step::Denied(denial) = step else { panic!("{step:?}") };
    denial
}

#[tokio::test]
async fn two_doors_and_then_a_session() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "Alice ").await;
    assert_eq!(step.offers.iter().map(Offer::kind).collect::<Vec<_>>(), [FactorKind::Totp]);
    let Step::Allowed(admission) = passcode(&ctx, &step.handle, &alice.code(&test, 0)).await.unwrap() else {
        panic!("not allowed")
    };
    assert_eq!(admission.reasons(), [Reason::BothDoorsPassed, Reason::PolicyRequiresSecondDoor]);
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let (_, user, session) = session::authenticate(&ctx, cookie.expose()).await.unwrap();
    assert_eq!((user.id, session.both_doors), (alice.id, true));
}

#[tokio::test]
async fn whoever_fails_at_the_first_door_is_told_the_same() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let suspended = person(&test, "bob").await;
    user::suspend(&test.system(), suspended.id).await.unwrap();
    let input = sallyport_api::rest::CreateUser { name: "carol".into(), ..Default::default() };
    user::create(&test.system(), input).await.unwrap();
    let mut told = Vec::new();
    for (name, password) in [
        ("alice", "wrong"),
        ("bob", PASSWORD),
        ("bob", "wrong"),
        ("carol", "wrong"),
        ("nobody-here", "wrong"),
        ("", ""),
    ] {
        let denial = denial(begin(&test.nobody(), with_password(name, password)).await.unwrap());
        told.push((denial.text, denial.retry_after_seconds));
    }
    assert!(told.iter().all(|answer| *answer == (WRONG, None)), "{told:?}");
}

#[tokio::test]
async fn reasons_are_kept_for_administrators() {
    let test = testing::org().await;
    let bob = person(&test, "bob").await;
    user::suspend(&test.system(), bob.id).await.unwrap();
    begin(&test.nobody(), with_password("bob", PASSWORD)).await.unwrap();
    begin(&test.nobody(), with_password("x\u{1b}[31m", "p")).await.unwrap();
    let sign_ins = test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap();
    let reasons: Vec<_> = sign_ins.iter().map(|s| (s.name.as_str(), s.reasons.clone())).collect();
    assert!(reasons.contains(&("bob", vec![Reason::UserSuspended])), "{reasons:?}");
    assert!(reasons.contains(&("x[31m", vec![Reason::UnknownUser])), "{reasons:?}");
}

#[tokio::test]
async fn a_code_opens_once_even_in_two_sign_ins() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let (one, two) = (to_second_door(&ctx, "alice").await, to_second_door(&ctx, "alice").await);
    let code = alice.code(&test, 0);
    assert!(matches!(passcode(&ctx, &one.handle, &code).await.unwrap(), Step::Allowed(_)));
    let Step::SecondDoor(again) = passcode(&ctx, &two.handle, &code).await.unwrap() else { panic!() };
    assert_eq!(again.problem, Some(USED_CODE));
    // And a finished sign-in cannot be finished again.
    assert_eq!(denial(passcode(&ctx, &one.handle, &alice.code(&test, 0)).await.unwrap()).text, START_AGAIN);
}

#[tokio::test]
async fn guessing_codes_through_fresh_sign_ins_shuts_the_second_door() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let mut wrong = 0;
    loop {
        let step = to_second_door(&ctx, "alice").await;
        match passcode(&ctx, &step.handle, &"000000".into()).await.unwrap() {
            Step::SecondDoor(step) => assert_eq!(step.problem, Some(WRONG_CODE)),
            Step::Denied(denial) => {
                assert_eq!(denial.text, Phrase::TooManyMinutes(5));
                break;
            }
            step @ (Step::Allowed(_) | Step::EnrollmentNeeded { .. }) => panic!("{step:?}"),
        }
        wrong += 1;
        assert!(wrong <= 5, "guesses go on");
    }
    assert_eq!(wrong, 5);
    // Not even the right code helps now; after the wait it does.
    let step = to_second_door(&ctx, "alice").await;
    let held = denial(passcode(&ctx, &step.handle, &alice.code(&test, 0)).await.unwrap());
    assert_eq!(held.text, Phrase::TooManyMinutes(5));
    test.clock.advance(Span::minutes(6));
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "alice").await;
    assert!(matches!(passcode(&ctx, &step.handle, &alice.code(&test, 0)).await.unwrap(), Step::Allowed(_)));
}

#[tokio::test]
async fn a_storm_from_elsewhere_does_not_lock_the_owner_out() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let home = Ctx { source: Some([198, 51, 100, 9].into()), ..test.nobody() };
    let step = to_second_door(&home, "alice").await;
    assert!(matches!(passcode(&home, &step.handle, &alice.code(&test, 0)).await.unwrap(), Step::Allowed(_)));
    let mut checked = 0;
    for n in 0..130u8 {
        let attacker = Ctx { source: Some([203, 0, n, 1].into()), ..test.nobody() };
        let denial = denial(begin(&attacker, with_password("alice", "wrong")).await.unwrap());
        checked += u32::from(denial.retry_after_seconds.is_none());
    }
    assert_eq!(checked, 100, "wrong passwords checked for one account from unknown networks");
    test.clock.advance(Span::minutes(1));
    let home = Ctx { now: test.system().now, ..home };
    to_second_door(&home, "alice").await;
}

#[tokio::test]
async fn wrong_passwords_from_one_network_wait_longer_each_time() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let mut waits = Vec::new();
    for _ in 0..9 {
        let ctx = test.nobody();
        let denial = denial(begin(&ctx, with_password("alice", "wrong")).await.unwrap());
        if let Some(seconds) = denial.retry_after_seconds {
            waits.push(seconds);
            test.clock.advance(Span::seconds(i64::from(seconds)));
        }
    }
    assert_eq!(waits.first(), Some(&30), "{waits:?}");
    assert!(waits.is_sorted() && waits.last() > waits.first(), "{waits:?}");
}

#[tokio::test]
async fn whoever_is_held_back_is_told_how_long_and_not_whether_the_name_is_somebodys() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let mut told = Vec::new();
    for (network, name) in [(1, "alice"), (2, "nobody-here")] {
        let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
        let mut of_this = Vec::new();
        for _ in 0..8 {
            let denial = denial(begin(&ctx, with_password(name, "wrong")).await.unwrap());
            of_this.push((denial.text, denial.retry_after_seconds));
        }
        told.push(of_this);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].last(), Some(&(Phrase::TooManyAMinute, Some(30))));
}

#[tokio::test]
async fn suspension_between_the_doors_and_after_them_counts_at_once() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.nobody();
    let step = to_second_door(&ctx, "alice").await;
    let Step::Allowed(admission) = passcode(&ctx, &step.handle, &alice.code(&test, 0)).await.unwrap() else {
        panic!()
    };
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let between = to_second_door(&ctx, "alice").await;
    user::suspend(&test.system(), alice.id).await.unwrap();
    assert!(matches!(passcode(&ctx, &between.handle, &"123456".into()).await.unwrap(), Step::Denied(_)));
    assert!(session::authenticate(&ctx, cookie.expose()).await.is_err());
    // Back to life, but what was proved before stays void.
    user::activate(&test.system(), alice.id).await.unwrap();
    assert!(session::authenticate(&ctx, cookie.expose()).await.is_err());
}

#[tokio::test]
async fn the_second_door_does_not_stay_open_for_ever() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let step = to_second_door(&test.nobody(), "alice").await;
    test.clock.advance(SECOND_DOOR_OPEN);
    test.clock.advance(Span(1));
    let late = passcode(&test.nobody(), &step.handle, &alice.code(&test, 0)).await.unwrap();
    assert_eq!(denial(late).text, START_AGAIN);
    let forged = passcode(&test.nobody(), &"sph_0".into(), &alice.code(&test, 0)).await.unwrap();
    assert_eq!(denial(forged).text, START_AGAIN);
}

#[tokio::test]
async fn a_password_alone_never_enrols_a_factor() {
    let test = testing::org().await;
    let input = sallyport_api::rest::CreateUser { name: "dora".into(), active: true, ..Default::default() };
    let dora = user::create(&test.system(), input).await.unwrap();
    user::set_password(&test.system(), dora.id, &PASSWORD.into()).await.unwrap();
    let step = begin(&test.nobody(), with_password("dora", PASSWORD)).await.unwrap();
    // What comes back opens nothing: no handle, no session, only the word that enrolment is needed.
    assert!(matches!(step, Step::EnrollmentNeeded { user, .. } if user == dora.id));
}

#[tokio::test]
async fn policy_by_groups_reaches_through_nested_groups() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let ctx = test.system();
    let (inner, outer) = (group(&ctx, "inner").await, group(&ctx, "outer").await);
    let member = alice.id.to_string();
    ctx.write(move |tx| {
        tx.put_edge(Edge::Member, &inner.to_string(), &member)?;
        tx.put_edge(Edge::Member, &outer.to_string(), &inner.to_string())?;
        Ok(())
    })
    .await
    .unwrap();
    set_policy(&ctx, SecondDoorPolicy::Groups { groups: vec![outer] }).await;
    to_second_door(&test.nobody(), "alice").await;
    // Naming nobody was never meant to ask nobody.
    set_policy(&ctx, SecondDoorPolicy::Groups { groups: vec![] }).await;
    to_second_door(&test.nobody(), "alice").await;
    let other = group(&ctx, "other").await;
    set_policy(&ctx, SecondDoorPolicy::Groups { groups: vec![other] }).await;
    let step = begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::Allowed(admission) if !admission.both_doors()));
}

async fn group(ctx: &Ctx, name: &str) -> GroupId {
    let id = ctx.id(GroupId::new).unwrap();
    let group = Group {
        id,
        name: name.into(),
        description: String::new(),
        kind: GroupKind::Users,
        device_login: None,
        created: Time(0),
    };
    ctx.write(move |tx| {
        let created = tx.create(group.clone())?;
        tx.record(created, "create");
        Ok(())
    })
    .await
    .unwrap();
    id
}

pub(crate) async fn set_policy(ctx: &Ctx, second_door: SecondDoorPolicy) {
    let settings = org_settings::show(ctx).await.unwrap().value;
    org_settings::update(ctx, None, settings.with_second_door(second_door)).await.unwrap();
}

#[tokio::test]
async fn a_preview_says_what_would_happen_and_writes_nothing() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let staged = sallyport_api::rest::CreateUser { name: "eve".into(), ..Default::default() };
    assert_eq!(user::create(&test.system(), staged).await.unwrap().state, UserState::Staged);
    let ctx = test.nobody();
    assert!(matches!(preview(&ctx, "alice", &Resource::Portal).await.unwrap(), Preview::SecondDoor { .. }));
    assert!(matches!(preview(&ctx, "eve", &Resource::Portal).await.unwrap(), Preview::Denied { .. }));
    assert!(matches!(preview(&ctx, "nobody", &Resource::Portal).await.unwrap(), Preview::Unknown));
    assert!(ctx.read(|reader| Ok(reader.list_sign_ins(None, "", 10)?)).await.unwrap().is_empty());
}

#[tokio::test]
async fn names_and_passwords_beyond_measure_cost_no_hash() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let long = "x".repeat(1 << 20);
    assert_eq!(denial(begin(&test.nobody(), with_password("alice", &long)).await.unwrap()).text, WRONG);
    assert_eq!(denial(begin(&test.nobody(), with_password(&long, PASSWORD)).await.unwrap()).text, WRONG);
}

#[tokio::test]
async fn a_burst_of_guesses_at_once_gets_no_more_checks_than_one_after_the_other() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let mut burst = tokio::task::JoinSet::new();
    for n in 0..40 {
        let ctx = test.nobody();
        let password = if n == 39 { PASSWORD } else { "wrong" };
        burst.spawn(async move { begin(&ctx, with_password("alice", password)).await.unwrap() });
    }
    let checked = burst
        .join_all()
        .await
        .into_iter()
        .filter(|step| !matches!(step, Step::Denied(denial) if denial.retry_after_seconds.is_some()))
        .count();
    assert!(checked <= 7, "{checked} guesses were answered");
}

#[tokio::test]
async fn attempts_that_are_held_back_leave_no_rows() {
    let test = testing::org().await;
    for _ in 0..30 {
        begin(&test.nobody(), with_password("nobody-here", "wrong")).await.unwrap();
    }
    let kept = test.system().read(|reader| Ok(reader.list_sign_ins(None, "", 100)?)).await.unwrap();
    assert!(kept.len() <= 6, "{} rows", kept.len());
}

/// The work of one attempt with a wrong password from an address nobody came from yet: hashes, and what the database
/// is asked.
async fn work(test: &TestOrg, n: u8, name: &str) -> (u64, u64) {
    let counts = || (test.org.passwords.computed(), test.org.db.statements());
    let ctx = Ctx { source: Some([203, 0, n, 1].into()), ..test.nobody() };
    let before = counts();
    assert_eq!(denial(begin(&ctx, with_password(name, "wrong")).await.unwrap()).text, WRONG);
    let after = counts();
    (after.0 - before.0, after.1 - before.1)
}

#[tokio::test]
async fn every_kind_of_name_costs_the_same_work_at_the_first_door() {
    let test = testing::org().await;
    let system = test.system();
    person(&test, "ordinary").await;
    let suspended = person(&test, "suspended").await;
    user::suspend(&system, suspended.id).await.unwrap();
    let locked = person(&test, "locked").await;
    user::lock_password(&system, locked.id).await.unwrap();
    for (name, active) in [("passwordless", true), ("staged", false)] {
        let input = sallyport_api::rest::CreateUser { name: name.into(), active, ..Default::default() };
        user::create(&system, input).await.unwrap();
    }
    let aliases = Some(vec!["other-name".to_owned()]);
    let known_otherwise = sallyport_api::rest::UpdateUser { aliases, ..Default::default() };
    user::update(&system, locked.id, None, known_otherwise).await.unwrap();
    let (hashes, asked) = work(&test, 1, "ordinary").await;
    assert_eq!(hashes, 1);
    assert!(asked > 10, "{asked} statements cannot be all there is");
    let others = [
        "suspended",
        "locked",
        "passwordless",
        "staged",
        "other-name",
        "nobody-here",
        "n\u{1}bödy",
        "ordinary",
    ];
    for (n, name) in (2..).zip(others) {
        assert_eq!(work(&test, n, name).await, (hashes, asked), "{name}");
    }
}
