mod at_duo;

use sallyport_model::{Role, Span, User, signin::Reason};

use super::*;
use crate::{
    Phrase,
    push::{self, Proved},
    session::{self, NewPassword},
    signin::{
        USED_CODE,
        tests::{PASSWORD, Person, passcode_of, person, set_policy, to_second_door, with_password},
    },
    testing::{self, TestOrg},
    user,
};

const HOME: [u8; 4] = [192, 0, 2, 7];
const TRAIN: [u8; 4] = [203, 0, 113, 9];

/// Alice, who may do everything.
async fn owner(test: &TestOrg) -> Person {
    let alice = person(test, "alice").await;
    user::set_roles(&test.system(), alice.id, [Role::Owner].into()).await.unwrap();
    alice
}

/// A call from an address, at the present time.
fn from(test: &TestOrg, address: [u8; 4]) -> Ctx {
    Ctx { source: Some(address.into()), ..test.nobody() }
}

/// Alice's cookie, after both doors at home.
async fn signed_in(test: &TestOrg, alice: &Person) -> Secret {
    let ctx = from(test, HOME);
    let step = to_second_door(&ctx, "alice").await;
    let Step::Allowed(admission) = passcode_of(&ctx, &step, alice, test).await else { panic!() };
    session::open(&ctx, &admission, "test").await.unwrap().0
}

async fn visit(ctx: &Ctx, cookie: &Secret) -> (Ctx, User, Session) {
    session::authenticate(ctx, cookie.expose()).await.unwrap()
}

/// What a cookie counts as from an address, and whether roles count.
async fn counts(test: &TestOrg, address: [u8; 4], cookie: &Secret) -> (Doors, bool) {
    let (ctx, _, session) = visit(&from(test, address), cookie).await;
    (doors(&ctx, &session), ctx.allow(sallyport_model::Action::ReadAudit).is_ok())
}

/// Types a fresh code from an address; the cookie that came of it.
async fn step_up(test: &TestOrg, address: [u8; 4], cookie: &Secret, alice: &Person) -> Secret {
    test.clock.advance(Span::seconds(60));
    let (ctx, _, session) = visit(&from(test, address), cookie).await;
    match pass(&ctx, &session, &Resource::Portal, Answer::Passcode(alice.code(test, 0))).await.unwrap() {
        SteppedUp::Through(secret) => secret,
        not_yet @ (SteppedUp::NotYet { .. } | SteppedUp::Waiting) => panic!("{not_yet:?}"),
    }
}

async fn refused(ctx: &Ctx, session: &Session, code: &Secret) -> (Phrase, bool) {
    match pass(ctx, session, &Resource::Portal, Answer::Passcode(code.clone())).await.unwrap() {
        SteppedUp::Through(_) | SteppedUp::Waiting => panic!("it passed"),
        SteppedUp::NotYet { text, retry_after_seconds } => (text, retry_after_seconds.is_some()),
    }
}

#[tokio::test]
async fn roles_count_only_from_a_network_the_second_door_was_passed_from() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    assert_eq!(counts(&test, HOME, &cookie).await, (Doors::Both, true));
    assert_eq!(counts(&test, [192, 0, 2, 200], &cookie).await, (Doors::Both, true), "the same network");
    assert_eq!(counts(&test, TRAIN, &cookie).await, (Doors::Elsewhere, false));
    // Where it is not known from where a call comes, it is from elsewhere.
    let (ctx, _, session) = visit(&Ctx { source: None, ..test.nobody() }, &cookie).await;
    assert_eq!(doors(&ctx, &session), Doors::Elsewhere);
    assert_eq!(refused(&ctx, &session, &alice.code(&test, 1)).await, (NOWHERE, false));
    let proved = step_up(&test, TRAIN, &cookie, &alice).await;
    assert_eq!(counts(&test, TRAIN, &proved).await, (Doors::Both, true));
    assert_eq!(counts(&test, HOME, &proved).await, (Doors::Both, true), "home is not forgotten");
}

#[tokio::test]
async fn a_session_that_was_opened_from_nowhere_known_counts_nowhere() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let nowhere = Ctx { source: None, ..test.nobody() };
    let step = to_second_door(&nowhere, "alice").await;
    let Step::Allowed(admission) = passcode_of(&nowhere, &step, &alice, &test).await else { panic!() };
    let (cookie, _) = session::open(&nowhere, &admission, "test").await.unwrap();
    let (ctx, _, session) = visit(&nowhere, &cookie).await;
    assert_eq!(doors(&ctx, &session), Doors::Elsewhere);
    assert_eq!(counts(&test, HOME, &cookie).await, (Doors::Elsewhere, false));
}

#[tokio::test]
async fn stepping_up_gives_the_session_another_secret_and_the_former_is_dead() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    let (_, _, before) = visit(&from(&test, TRAIN), &cookie).await;
    let proved = step_up(&test, TRAIN, &cookie, &alice).await;
    assert!(session::authenticate(&from(&test, HOME), cookie.expose()).await.is_err());
    assert!(session::authenticate(&from(&test, TRAIN), cookie.expose()).await.is_err());
    let (ctx, _, after) = visit(&from(&test, TRAIN), &proved).await;
    assert_ne!((&before.hash, &before.form_token), (&after.hash, &after.form_token));
    // It is the same session all the same: no longer life, no second line in the list.
    assert_eq!((before.created, before.expires), (after.created, after.expires));
    assert_eq!(session::list(&ctx, alice.id).await.unwrap().len(), 1);
    // A form that was sent twice finds a session that has ended.
    let late =
        pass(&from(&test, TRAIN), &before, &Resource::Portal, Answer::Passcode(alice.code(&test, 1))).await;
    assert!(matches!(late, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn wrong_and_used_codes_are_refused_counted_and_held_back_as_at_the_second_door() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    let (ctx, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    assert_eq!(refused(&ctx, &session, &alice.code(&test, 0)).await, (USED_CODE, false));
    for _ in 0..4 {
        assert_eq!(refused(&ctx, &session, &"000000".into()).await, (WRONG_CODE, false));
    }
    // Now not even the right one helps, at this door or at the other.
    assert_eq!(refused(&ctx, &session, &alice.code(&test, 1)).await, (Phrase::TooManyMinutes(5), true));
    let step = to_second_door(&from(&test, HOME), "alice").await;
    let Step::Denied(denial) = passcode_of(&from(&test, HOME), &step, &alice, &test).await else { panic!() };
    assert_eq!(denial.text, Phrase::TooManyMinutes(5));
    assert_eq!(counts(&test, TRAIN, &cookie).await, (Doors::Elsewhere, false));
    test.clock.advance(Span::minutes(6));
    step_up(&test, TRAIN, &cookie, &alice).await;
}

#[tokio::test]
async fn a_bypass_code_steps_up_once() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    let code = factor::issue_bypass_codes(&test.system(), alice.id, 1, 3600).await.unwrap().remove(0);
    let (ctx, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    let SteppedUp::Through(proved) =
        pass(&ctx, &session, &Resource::Portal, Answer::Passcode(code.clone())).await.unwrap()
    else {
        panic!()
    };
    let (ctx, _, session) = visit(&from(&test, [198, 51, 100, 1]), &proved).await;
    assert_eq!(refused(&ctx, &session, &code).await, (USED_CODE, false));
}

#[tokio::test]
async fn a_session_keeps_a_few_networks_and_the_first_goes() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let mut cookie = signed_in(&test, &alice).await;
    for n in 1..=4 {
        cookie = step_up(&test, [203, 0, n, 1], &cookie, &alice).await;
    }
    let (_, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    assert_eq!(session.networks, ["203.0.1.0/24", "203.0.2.0/24", "203.0.3.0/24", "203.0.4.0/24"]);
    assert_eq!(counts(&test, HOME, &cookie).await.0, Doors::Elsewhere);
    // One that is proved once more becomes the latest, and nothing is in the list twice.
    assert_eq!(with(&["a".into(), "b".into()], "a".into()), ["b", "a"]);
}

#[tokio::test]
async fn stepping_up_stands_in_the_sign_in_log_whether_it_succeeded_or_not() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    // The log is in the order of times.
    test.clock.advance(Span::seconds(1));
    let (ctx, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    refused(&ctx, &session, &"000000".into()).await;
    test.clock.advance(Span::seconds(1));
    step_up(&test, TRAIN, &cookie, &alice).await;
    let auditor = test.person(alice.id, &[Role::Auditor]);
    let wanted = crate::audit::SignInsWanted { text: String::new(), before: None, limit: 2 };
    let logged = crate::audit::sign_ins(&auditor, wanted).await.unwrap().items;
    let seen: Vec<_> = logged
        .iter()
        .map(|found| &found.sign_in)
        .map(|s| (s.source.as_deref(), s.first_door.clone(), s.state.as_str(), s.reasons.clone()))
        .collect();
    let session = Some(sallyport_model::signin::FirstDoor::Session);
    assert_eq!(
        seen,
        [
            (Some("203.0.113.9"), session.clone(), "allowed", vec![Reason::SteppedUp]),
            (Some("203.0.113.9"), session, "denied", vec![Reason::FactorWrong]),
        ]
    );
}

#[tokio::test]
async fn a_password_is_changed_from_another_network_with_a_code_only() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice).await;
    let (own, _, session) = visit(&from(&test, HOME), &cookie).await;
    assert!(!session::asks_for_code(&own, &session).await.unwrap());
    let (own, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    assert!(session::asks_for_code(&own, &session).await.unwrap());
    let new = "walnut ferry umbrella";
    let given = NewPassword { old: PASSWORD.into(), new: new.into(), passcode: Secret::default() };
    let refused = session::change_own_password(&own, &session, &given).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "passcode", .. })), "{refused:?}");
}

#[tokio::test]
async fn an_administrators_session_goes_on_after_a_password_change_however_old_it_is() {
    let test = testing::org().await;
    let alice = owner(&test).await;
    let cookie = signed_in(&test, &alice).await;
    for _ in 0..4 {
        test.clock.advance(Span::minutes(10));
        visit(&from(&test, HOME), &cookie).await;
    }
    let (own, _, session) = visit(&from(&test, HOME), &cookie).await;
    let new = "walnut ferry umbrella";
    let given = NewPassword { old: PASSWORD.into(), new: new.into(), passcode: alice.code(&test, 0) };
    let (next, _) = session::change_own_password(&own, &session, &given).await.unwrap();
    assert_eq!(counts(&test, HOME, &next).await, (Doors::Both, true));
}

#[tokio::test]
async fn whoever_came_in_by_one_door_is_behind_one_wherever_they_are() {
    let test = testing::org().await;
    person(&test, "alice").await;
    set_policy(&test.system(), sallyport_model::settings::SecondDoorPolicy::Never).await;
    let ctx = from(&test, HOME);
    let Step::Allowed(admission) = signin::begin(&ctx, with_password("alice", PASSWORD)).await.unwrap()
    else {
        panic!()
    };
    let (cookie, session) = session::open(&ctx, &admission, "test").await.unwrap();
    assert!(session.networks.is_empty());
    assert_eq!(counts(&test, HOME, &cookie).await.0, Doors::One);
    assert_eq!(counts(&test, TRAIN, &cookie).await.0, Doors::One);
}

#[tokio::test]
async fn nobody_becomes_an_administrator_within_a_session_that_is_open_or_half_open() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let cookie = signed_in(&test, &alice).await;
    let (elsewhere, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    test.clock.advance(Span::seconds(60));
    let half_open = to_second_door(&from(&test, HOME), "alice").await;
    user::set_roles(&test.system(), alice.id, [Role::Owner].into()).await.unwrap();
    let ended = session::authenticate(&from(&test, HOME), cookie.expose()).await;
    assert!(matches!(ended, Err(AppError::Unauthenticated)));
    let late = pass(&elsewhere, &session, &Resource::Portal, Answer::Passcode(alice.code(&test, 0))).await;
    assert!(matches!(late, Err(AppError::Unauthenticated)));
    let step = passcode_of(&from(&test, HOME), &half_open, &alice, &test).await;
    assert!(matches!(step, Step::Denied(_)));
    let cookie = signed_in(&test, &alice).await;
    assert_eq!(counts(&test, HOME, &cookie).await, (Doors::Both, true));
}

/// Alice's phone, asked from the train for this session; and the number that is shown there.
async fn asked(ctx: &Ctx, session: &Session, phone: FactorId) -> String {
    let asking = Answer::Ask { phone: Some(phone), shows: Shows::Number };
    let step = pass(ctx, session, &Resource::Portal, asking).await.unwrap();
    assert!(matches!(step, SteppedUp::Waiting), "{step:?}");
    let (offers, waiting) = offers(ctx, session, &Resource::Portal).await.unwrap();
    assert!(offers.iter().any(|offer| offer.factor == phone));
    waiting.unwrap().number.unwrap()
}

#[tokio::test]
async fn a_phone_steps_up_the_session_that_asked_it_and_no_other() {
    let test = testing::org().await;
    let (alice, handset) = push::tests::alice(&test).await;
    test.clock.advance(Span::minutes(2));
    let cookie = signed_in(&test, &alice).await;
    test.clock.advance(Span::minutes(2));
    let other = signed_in(&test, &alice).await;
    let (train, phone) = (from(&test, TRAIN), handset.phone.factor.id);
    let (ctx, _, session) = visit(&train, &cookie).await;
    let number = asked(&ctx, &session, phone).await;
    assert!(!is_over(&ctx, &session, Duration::ZERO).await.unwrap());
    assert!(matches!(
        pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await.unwrap(),
        SteppedUp::Waiting
    ));
    let request = handset.request(&test).await;
    assert_eq!((request.place.as_str(), request.digits), ("203.0.113.9", 3));
    handset.yes(&test, &request, &number).await.unwrap();

    let (ctx_of_other, _, other) = visit(&train, &other).await;
    let stolen = pass(&ctx_of_other, &other, &Resource::Portal, Answer::Elsewhere).await.unwrap();
    assert!(matches!(stolen, SteppedUp::NotYet { .. }), "{stolen:?}");
    assert!(is_over(&ctx, &session, Duration::ZERO).await.unwrap());
    let (thief, _, copied) = visit(&from(&test, [198, 51, 100, 1]), &cookie).await;
    let stolen = pass(&thief, &copied, &Resource::Portal, Answer::Elsewhere).await.unwrap();
    assert!(matches!(stolen, SteppedUp::NotYet { .. }), "{stolen:?}");
    let SteppedUp::Through(proved) =
        pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await.unwrap()
    else {
        panic!()
    };
    assert_eq!(counts(&test, TRAIN, &proved).await.0, Doors::Both);
    let late = pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await;
    assert!(matches!(late, Err(AppError::Unauthenticated)), "the former secret is dead");
    let logged = test.system().read(move |reader| Ok(reader.sign_ins_of(alice.id, None, 1)?)).await.unwrap();
    assert_eq!(logged[0].reasons, [Reason::SteppedUp, Reason::AnsweredElsewhere]);
}

#[tokio::test]
async fn a_phone_that_says_no_or_nothing_steps_up_nobody() {
    let test = testing::org().await;
    let (alice, handset) = push::tests::alice(&test).await;
    test.clock.advance(Span::minutes(2));
    let cookie = signed_in(&test, &alice).await;
    let phone = handset.phone.factor.id;
    let (ctx, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    asked(&ctx, &session, phone).await;
    let request = handset.request(&test).await;
    push::answer(&test.nobody(), &handset.phone, request.id, Proved::No).await.unwrap();
    let denied = pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await.unwrap();
    assert!(matches!(denied, SteppedUp::NotYet { .. }), "{denied:?}");
    // Another network of the thief's is another place, which the phone shows.
    let (ctx, _, session) = visit(&from(&test, [198, 51, 100, 1]), &cookie).await;
    asked(&ctx, &session, phone).await;
    assert_eq!(handset.request(&test).await.place, "198.51.100.1");
    test.clock.advance(Span::seconds(61));
    let (ctx, _, session) = visit(&from(&test, [198, 51, 100, 1]), &cookie).await;
    let silent = pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await.unwrap();
    assert!(matches!(silent, SteppedUp::NotYet { text, .. } if text == challenge::NO_ANSWER), "{silent:?}");
    assert_eq!(counts(&test, TRAIN, &cookie).await.0, Doors::Elsewhere);
}

#[tokio::test]
async fn a_call_steps_up_by_the_digits_that_are_shown() {
    use crate::telephony::testing::{Company, phone_of, twilio};
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let alice = person(&test, "alice").await;
    let phone = phone_of(&test, alice.id, "+15005550010").await.id;
    let cookie = signed_in(&test, &alice).await;
    let (ctx, _, session) = visit(&from(&test, TRAIN), &cookie).await;
    let digits = asked(&ctx, &session, phone).await;
    assert_eq!(digits.len(), 6);
    company.type_in_call(&test.nobody(), 1, &digits).await;
    let stepped_up = pass(&ctx, &session, &Resource::Portal, Answer::Elsewhere).await.unwrap();
    assert!(matches!(stepped_up, SteppedUp::Through(_)), "{stepped_up:?}");
}
