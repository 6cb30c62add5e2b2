use sallyport_api::rest::HeldBack;
use sallyport_crypto::Secret;
use sallyport_model::{Settings, Span, settings::SecondDoorPolicy, signin::Reason};

use super::*;
use crate::{
    jobs, policy,
    session::{self, NewPassword},
    settings as org_settings,
    signin::{
        self, Step, WRONG,
        tests::{PASSWORD, Person, denial, person, set_policy, to_second_door, with_password},
    },
    testing::{self, TestOrg},
    user,
};

const NEW: &str = "walnut ferry umbrella";

async fn expire_after(test: &TestOrg, days: u32) {
    let mut settings: Settings = org_settings::show(&test.system()).await.unwrap().value;
    settings.passwords.expire_after_days = days;
    org_settings::update(&test.system(), None, settings).await.unwrap();
}

async fn status(test: &TestOrg, id: UserId) -> PasswordStatus {
    user::show(&test.system(), id).await.unwrap().password_status
}

async fn verbs(test: &TestOrg, id: UserId) -> Vec<String> {
    let wanted = crate::audit::ChangesWanted {
        subject: Some(id.to_string()),
        limit: 50,
        ..crate::audit::ChangesWanted::default()
    };
    let changes = crate::audit::changes(&test.system(), wanted).await.unwrap();
    changes.items.into_iter().map(|change| change.verb).collect()
}

/// The cookie of a person who came through both doors.
async fn signed_in(test: &TestOrg, person: &Person, password: &str) -> Secret {
    test.clock.advance(Span::seconds(60));
    let ctx = test.nobody();
    let Step::SecondDoor(step) = signin::begin(&ctx, with_password("alice", password)).await.unwrap() else {
        panic!("no second door")
    };
    let Step::Allowed(admission) = signin::passcode(&ctx, &step.handle, &person.code(test, 0)).await.unwrap()
    else {
        panic!("not allowed")
    };
    session::open(&ctx, &admission, "test").await.unwrap().0
}

fn typed(old: &str, new: &str, passcode: Secret) -> NewPassword {
    NewPassword { old: old.into(), new: new.into(), passcode }
}

/// What people hit: five wrong ones at home, and five codes.
#[tokio::test]
async fn forgetting_wrong_attempts_forgets_those_of_each_network_and_no_one_elses() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    person(&test, "bob").await;
    let at = |network: u8| Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
    let is_held = async |network: u8, name: &str| {
        let step = signin::begin(&at(network), with_password(name, "wrong")).await.unwrap();
        denial(step).retry_after_seconds.is_some()
    };
    for network in 1..=2 {
        for name in ["alice", "bob"] {
            for _ in 0..6 {
                assert!(!is_held(network, name).await);
            }
            assert!(is_held(network, name).await, "{name} {network}");
        }
    }
    user::unlock(&test.system(), alice.id).await.unwrap();
    for network in 1..=2 {
        to_second_door(&at(network), "alice").await;
        assert!(is_held(network, "bob").await, "{network}");
    }
    let wait = async || {
        let (id, now) = (alice.id, test.system().now);
        test.system().read(move |reader| throttle::own_code_wait(reader, id, now)).await.unwrap()
    };
    for _ in 0..6 {
        test.system().write(move |tx| throttle::own_code_failed(tx, alice.id)).await.unwrap();
    }
    assert!(wait().await.is_some());
    user::unlock(&test.system(), alice.id).await.unwrap();
    assert_eq!(wait().await, None);
}

#[tokio::test]
async fn administrators_see_how_long_somebody_waits_and_that_no_code_lets_them_in() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let held = async || user::held_back(&test.system(), alice.id).await.unwrap();
    let follows = async || {
        let found = policy::explain(&test.system(), alice.id, policy::Where::Portal, None).await.unwrap();
        (found.reasons().to_vec(), found.shut_until)
    };
    assert_eq!(held().await, HeldBack::default());
    assert_eq!(follows().await, (vec![Reason::PolicyRequiresSecondDoor], None));
    let step = to_second_door(&test.nobody(), "alice").await;
    for _ in 0..5 {
        signin::passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap();
    }
    for _ in 0..6 {
        signin::begin(&test.nobody(), with_password("alice", "wrong")).await.unwrap();
    }
    let shut = Some(test.system().now.plus(Span::minutes(5)));
    let waits = Some(test.system().now.plus(Span::seconds(30)));
    assert_eq!(held().await, HeldBack { second_door_until: shut, password_until: waits });
    assert_eq!(follows().await, (vec![Reason::Throttled], shut));
    let helper = test.person(alice.id, &[]);
    assert!(matches!(user::held_back(&helper, alice.id).await, Err(AppError::Denied(_))));
    test.clock.advance(Span::seconds(31));
    assert_eq!(held().await, HeldBack { second_door_until: shut, password_until: None });
    user::unlock(&test.system(), alice.id).await.unwrap();
    assert_eq!(held().await, HeldBack::default());
    assert_eq!(follows().await, (vec![Reason::PolicyRequiresSecondDoor], None));
}

#[tokio::test]
async fn an_expired_password_opens_nothing_but_the_change_of_itself() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    expire_after(&test, 90).await;
    let before = signed_in(&test, &alice, PASSWORD).await;
    test.clock.advance(Span::days(89));
    signed_in(&test, &alice, PASSWORD).await;
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Active);
    test.clock.advance(Span::days(1));
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Expired);
    assert!(verbs(&test, alice.id).await.contains(&"expire_password".to_owned()));
    let refused = session::authenticate(&test.nobody(), cookie.expose()).await;
    assert!(matches!(refused, Err(AppError::PasswordExpired)));
    assert!(session::authenticate(&test.nobody(), before.expose()).await.is_err());
    let (own, _, session) =
        session::authenticate_to_change_password(&test.nobody(), cookie.expose()).await.unwrap();
    for (old, new) in [("wrong", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short")] {
        assert!(
            session::change_own_password(&own, &session, &typed(old, new, Secret::default())).await.is_err()
        );
    }
    let given = typed(PASSWORD, NEW, Secret::default());
    let (next, _) = session::change_own_password(&own, &session, &given).await.unwrap();
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Active);
    assert!(session::authenticate(&test.nobody(), next.expose()).await.is_ok());
    // The session that opened nothing but the change opens nothing at all now.
    let refused = session::authenticate(&test.nobody(), cookie.expose()).await;
    assert!(matches!(refused, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn an_expired_password_asks_whoever_has_a_second_door_for_it_whatever_policy_says() {
    let test = testing::org().await;
    person(&test, "alice").await;
    expire_after(&test, 1).await;
    set_policy(&test.system(), SecondDoorPolicy::Never).await;
    let step = signin::begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::Allowed(_)));
    test.clock.advance(Span::days(2));
    to_second_door(&test.nobody(), "alice").await;
    // Somebody without a second door has only the password to show, as policy wants it.
    test.user_with_password("bob", PASSWORD).await;
    test.clock.advance(Span::days(2));
    let step = signin::begin(&test.nobody(), with_password("bob", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::Allowed(_)));
}

#[tokio::test]
async fn a_session_whose_second_door_is_long_ago_or_was_never_passed_needs_a_code_for_a_new_password() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    test.clock.advance(Span::minutes(11));
    let (own, _, session) = session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    assert!(session::asks_for_code(&own, &session).await.unwrap());
    for wrong in ["", "000000"] {
        let given = typed(PASSWORD, NEW, wrong.into());
        let refused = session::change_own_password(&own, &session, &given).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "passcode", .. })), "{refused:?}");
    }
    let given = typed(PASSWORD, NEW, alice.code(&test, 0));
    session::change_own_password(&own, &session, &given).await.unwrap();
    let step = signin::begin(&test.nobody(), with_password("alice", NEW)).await.unwrap();
    assert!(matches!(step, Step::SecondDoor(_)));
    assert_eq!(
        denial(signin::begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap()).text,
        WRONG
    );
}

#[tokio::test]
async fn the_hourly_look_marks_old_passwords_and_a_milder_policy_takes_it_back() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    expire_after(&test, 30).await;
    test.clock.advance(Span::days(31));
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Expired);
    expire_after(&test, 0).await;
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Expired, "once an hour");
    test.clock.advance(Span::hours(1));
    jobs::pass(&test.system()).await.unwrap();
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Active);
}

#[tokio::test]
async fn an_administrators_lock_shuts_every_first_door_and_ends_sessions() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    lock_password(&test.system(), alice.id).await.unwrap();
    assert!(session::authenticate(&test.nobody(), cookie.expose()).await.is_err());
    let ctx = test.nobody();
    let refused = denial(signin::begin(&ctx, with_password("alice", PASSWORD)).await.unwrap());
    assert_eq!((refused.text, refused.reasons), (WRONG, vec![Reason::PasswordLocked]));
    let vouched = signin::Begin {
        first_door: signin::FirstDoorProof::Vouched { by: "vpn".into() },
        ..with_password("alice", "")
    };
    assert!(matches!(signin::begin(&ctx, vouched).await.unwrap(), Step::Denied(_)));
    assert!(matches!(lock_password(&test.system(), alice.id).await, Err(AppError::Conflict(_))));
    unlock(&test.system(), alice.id).await.unwrap();
    to_second_door(&test.nobody(), "alice").await;
    lock_password(&test.system(), alice.id).await.unwrap();
    user::set_password(&test.system(), alice.id, &NEW.into()).await.unwrap();
    assert_eq!(status(&test, alice.id).await, PasswordStatus::Active);
    let verbs = verbs(&test, alice.id).await;
    assert!(
        ["lock_password", "unlock"].iter().all(|verb| verbs.iter().any(|found| found == verb)),
        "{verbs:?}"
    );
}

#[tokio::test]
async fn a_locked_person_without_a_password_has_none_after_unlocking_either() {
    let test = testing::org().await;
    let input = sallyport_api::rest::CreateUser { name: "dora".into(), active: true, ..Default::default() };
    let dora = user::create(&test.system(), input).await.unwrap();
    lock_password(&test.system(), dora.id).await.unwrap();
    assert_eq!(unlock(&test.system(), dora.id).await.unwrap().password_status, PasswordStatus::Pending);
}

#[tokio::test]
async fn the_last_owner_is_not_locked_out() {
    let test = testing::org().await;
    let olga = person(&test, "olga").await;
    user::set_roles(&test.system(), olga.id, [Role::Owner].into()).await.unwrap();
    assert!(matches!(lock_password(&test.system(), olga.id).await, Err(AppError::Conflict(_))));
}

/// Wrong passwords from a hundred networks, until nothing is checked any more.
async fn guess(test: &TestOrg) {
    for n in 0..120u8 {
        let ctx = Ctx { source: Some([203, 0, n, 1].into()), ..test.nobody() };
        signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap();
    }
}

#[tokio::test]
async fn after_a_hundred_guesses_from_elsewhere_the_password_opens_only_where_its_owner_was_before() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    guess(&test).await;
    let locked = user::show(&test.system(), alice.id).await.unwrap();
    assert_eq!(locked.password_lock, Some(PasswordLock::Strangers));
    // Waiting it out does not help a guesser, not even with the right password.
    test.clock.advance(Span::hours(7));
    let stranger = Ctx { source: Some([203, 0, 200, 1].into()), ..test.nobody() };
    let refused = denial(signin::begin(&stranger, with_password("alice", PASSWORD)).await.unwrap());
    assert_eq!((refused.text, refused.reasons), (WRONG, vec![Reason::PasswordLocked]));
    to_second_door(&test.nobody(), "alice").await;
    assert!(session::authenticate(&test.nobody(), cookie.expose()).await.is_ok());
    unlock(&test.system(), alice.id).await.unwrap();
    let stranger = Ctx { now: test.system().now, source: Some([203, 0, 201, 1].into()), ..stranger };
    to_second_door(&stranger, "alice").await;
}

/// While passwords are guessed from everywhere the owner comes in: where they were before, by a passkey anywhere, and where
/// somebody else checks the password, as sshd does.
#[tokio::test]
async fn an_owner_comes_in_by_every_way_of_theirs_while_the_guesses_go_on() {
    let test = testing::org().await;
    let (alice, soft) = crate::passkey::tests::alice(&test).await;
    let mut network = 0;
    for round in 0..4 {
        for _ in 0..50 {
            network += 1;
            let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
            signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap();
        }
        // From her own network somebody tries as well, but not for so long that nobody there gets in.
        let guess = signin::begin(&test.nobody(), with_password("alice", "wrong")).await.unwrap();
        assert!(matches!(guess, Step::Denied(_)));
        signed_in(&test, &alice, PASSWORD).await;
        let by_passkey = crate::passkey::tests::by_passkey(&test, &soft).await;
        assert!(matches!(by_passkey, Step::Allowed(_)), "round {round}: {by_passkey:?}");
        let elsewhere = Ctx { source: Some([198, 51, 100, 9].into()), ..test.nobody() };
        let door = session::door_token(&elsewhere).unwrap();
        let options = crate::passkey::ask_at_first_door(&elsewhere, &door).await.unwrap().unwrap();
        let answer = crate::passkey::tests::answer_to(&soft, &options);
        let resource = sallyport_model::signin::Resource::Portal;
        let step = signin::begin_by_passkey(&elsewhere, resource, &door, answer).await.unwrap();
        assert!(matches!(step, Step::Allowed(_)), "round {round}: {step:?}");
        let vouched = signin::FirstDoorProof::Vouched { by: "pam_unix".into() };
        let begin = signin::Begin { first_door: vouched, ..with_password("alice", "") };
        let Step::SecondDoor(_) = signin::begin(&elsewhere, begin).await.unwrap() else {
            panic!("round {round}: sshd says that it is her")
        };
    }
}

/// A guess a day from a network of its own, with what the sweep takes away in between.
#[tokio::test]
async fn guesses_that_come_slowly_are_as_many() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    signed_in(&test, &alice, PASSWORD).await;
    let guess_slowly = async |count: u8| {
        for network in 0..count {
            test.clock.advance(Span::hours(26));
            jobs::pass(&test.system()).await.unwrap();
            let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
            denial(signin::begin(&ctx, with_password("alice", "wrong")).await.unwrap());
        }
    };
    guess_slowly(60).await;
    // Its owner came, so that guesses are counted anew.
    signed_in(&test, &alice, PASSWORD).await;
    guess_slowly(99).await;
    assert_eq!(user::show(&test.system(), alice.id).await.unwrap().password_lock, None);
    guess_slowly(1).await;
    let locked = user::show(&test.system(), alice.id).await.unwrap();
    assert_eq!(locked.password_lock, Some(PasswordLock::Strangers));
}

#[tokio::test]
async fn an_old_storm_does_not_tell_a_name_that_somebody_has_from_one_that_nobody_has() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let mut answers = Vec::new();
    for name in ["alice", "zoe"] {
        let mut ask = async |network: u8| {
            let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
            let refused = denial(signin::begin(&ctx, with_password(name, "wrong")).await.unwrap());
            answers.push((name, refused.text, refused.retry_after_seconds));
        };
        for network in 0..120 {
            ask(network).await;
        }
        test.clock.advance(Span::days(2));
        for network in 120..125 {
            ask(network).await;
        }
    }
    let of = |name| answers.iter().filter(move |a| a.0 == name).map(|a| (a.1, a.2)).collect::<Vec<_>>();
    assert_eq!(of("alice"), of("zoe"));
}

#[tokio::test]
async fn a_guesser_cannot_tell_the_right_password_of_a_locked_account() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    lock_password(&test.system(), alice.id).await.unwrap();
    let mut answers = Vec::new();
    for (password, network) in [(PASSWORD, 1), ("wrong", 2)] {
        let ctx = Ctx { source: Some([203, 0, network, 1].into()), ..test.nobody() };
        for _ in 0..8 {
            let refused = denial(signin::begin(&ctx, with_password("alice", password)).await.unwrap());
            answers.push((network, refused.text, refused.retry_after_seconds));
        }
    }
    let of = |network| answers.iter().filter(move |a| a.0 == network).map(|a| (a.1, a.2)).collect::<Vec<_>>();
    assert_eq!(of(1), of(2));
}

#[tokio::test]
async fn wrong_present_passwords_hold_back_their_own_person_and_nobody_in_the_same_network() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let bob = test.user_with_password("bob", PASSWORD).await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    let (own, _, session) = session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    let change = async |old: &str| {
        session::change_own_password(&own, &session, &typed(old, NEW, Secret::default())).await.map(drop)
    };
    let mut wrong = 0;
    while !matches!(change("not this one").await, Err(AppError::Busy)) {
        wrong += 1;
        assert!(wrong < 20, "guesses are not held back");
    }
    assert!(wrong > 2, "nobody may mistype");
    assert!(matches!(change(PASSWORD).await, Err(AppError::Busy)), "the right one waits too");
    let code = crate::factor::issue_enrollment_code(&test.system(), bob.id, 3600).await.unwrap();
    crate::factor::begin_totp(&test.nobody(), &code).await.unwrap();
    user::unlock(&test.system(), alice.id).await.unwrap();
    change(PASSWORD).await.unwrap();
}

#[tokio::test]
async fn wrong_enrolment_codes_from_a_network_hold_back_nobodys_new_password() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    let guess = "1234-1234-1234-1234".into();
    while !matches!(crate::factor::begin_totp(&test.nobody(), &guess).await, Err(AppError::Busy)) {}
    let (own, _, session) = session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    session::change_own_password(&own, &session, &typed(PASSWORD, NEW, Secret::default())).await.unwrap();
}

#[tokio::test]
async fn a_right_password_that_passed_the_first_look_waits_for_the_wrong_ones_before_it() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    let (own, _, session) = session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    let (system, id) = (test.system(), alice.id);
    let (entered, inside) = tokio::sync::oneshot::channel::<()>();
    let (open, opened) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new((Some(entered), opened));
    // Guesses that are being counted while the right password is looked at.
    let guesses = tokio::spawn(async move {
        let counted = system.write(move |tx| {
            let mut gate = gate.lock().unwrap();
            if let Some(entered) = gate.0.take() {
                entered.send(()).unwrap();
                // Run again, it finds the gate open.
                gate.1.recv().ok();
            }
            (0..20).try_for_each(|_| throttle::old_password_failed(tx, id))
        });
        counted.await.unwrap();
    });
    inside.await.unwrap();
    let hashes = test.org.passwords.computed();
    let given = typed(PASSWORD, NEW, Secret::default());
    let right =
        tokio::spawn(async move { session::change_own_password(&own, &session, &given).await.map(drop) });
    // A hash is computed once the first look has found nothing in the way.
    while test.org.passwords.computed() == hashes {
        tokio::task::yield_now().await;
    }
    drop(open);
    guesses.await.unwrap();
    let right = right.await.unwrap();
    assert!(matches!(right, Err(AppError::Busy)), "{right:?}");
    let step = signin::begin(&test.nobody(), with_password("alice", PASSWORD)).await.unwrap();
    assert!(matches!(step, Step::SecondDoor(_)), "the password is as it was");
}

#[tokio::test]
async fn wrong_present_passwords_that_come_at_once_are_all_counted() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice, PASSWORD).await;
    let (own, _, session) = session::authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    let mut guesses = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (own, session) = (own.clone(), session.clone());
        guesses.spawn(async move {
            let given = typed("not this one", NEW, Secret::default());
            session::change_own_password(&own, &session, &given).await.map(drop)
        });
    }
    let wrong =
        |done: &Result<(), AppError>| matches!(done, Err(AppError::Invalid { field: "old_password", .. }));
    let looked_at = guesses.join_all().await.iter().filter(|done| wrong(done)).count();
    let id = alice.id;
    let held = test
        .system()
        .read(move |reader| Ok(reader.throttle(&throttle::old_password_bucket(id))?.failures))
        .await
        .unwrap();
    assert!(looked_at > 2);
    assert_eq!(usize::try_from(held).unwrap(), looked_at);
}
