mod nodes;

use sallyport_model::signin::{FirstDoor, Reason, Resource};
use sallyport_wire::webauthn::soft::{SoftAuthenticator, TOUCHED, VERIFIED};

use super::*;
use crate::{
    session, settings as org_settings,
    signin::{
        Answer, SecondDoorStep, Step, WRONG_PASSKEY,
        tests::{Person, passcode_of, person, to_second_door},
    },
    testing::{self, TestOrg},
    user,
};

pub(crate) fn challenge_in(options: &impl serde::Serialize) -> Vec<u8> {
    let options = serde_json::to_value(options).unwrap();
    BASE64URL_NOPAD.decode(options["challenge"].as_str().unwrap().as_bytes()).unwrap()
}

pub(crate) fn soft(test: &TestOrg, user: UserId) -> SoftAuthenticator {
    let rp = relying_party(&test.system()).unwrap();
    let mut soft = SoftAuthenticator::new(&rp.id, &rp.origins[0]);
    soft.user_handle = Some(user_handle(user).to_vec());
    soft
}

pub(crate) async fn at_second_door(test: &TestOrg, name: &str) -> SecondDoorStep {
    // A minute later, for a code of an authenticator is good once.
    test.clock.advance(Span::minutes(1));
    to_second_door(&test.nobody(), name).await
}

/// A session of this person behind both doors.
pub(crate) async fn session_of(test: &TestOrg, name: &str, person: &Person) -> (Ctx, Session) {
    let step = at_second_door(test, name).await;
    let Step::Allowed(admission) = passcode_of(&test.nobody(), &step, person, test).await else { panic!() };
    let (secret, _) = session::open(&test.nobody(), &admission, "test").await.unwrap();
    let (own, _, session) = session::authenticate(&test.nobody(), secret.expose()).await.unwrap();
    (own, session)
}

pub(crate) async fn enroll(
    own: &Ctx,
    session: &Session,
    soft: &SoftAuthenticator,
) -> Result<Factor, AppError> {
    let options = ask_for_own(own, session).await.unwrap().unwrap();
    let answer = Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
    enroll_own(own, session, "Key ring", &answer).await
}

/// Alice, with an authenticator application and a passkey.
pub(crate) async fn alice(test: &TestOrg) -> (Person, SoftAuthenticator) {
    let alice = person(test, "alice").await;
    let (own, session) = session_of(test, "alice", &alice).await;
    let soft = soft(test, alice.id);
    enroll(&own, &session, &soft).await.unwrap();
    (alice, soft)
}

pub(crate) fn answer_to(soft: &SoftAuthenticator, options: &impl serde::Serialize) -> Box<Assertion> {
    Box::new(Assertion::parse(&soft.get(&challenge_in(options))).unwrap())
}

pub(crate) async fn by_passkey(test: &TestOrg, soft: &SoftAuthenticator) -> Step {
    let door = session::door_token(&test.nobody()).unwrap();
    let options = ask_at_first_door(&test.nobody(), &door).await.unwrap().unwrap();
    let answer = answer_to(soft, &options);
    signin::begin_by_passkey(&test.nobody(), Resource::Portal, &door, answer).await.unwrap()
}

#[tokio::test]
async fn a_passkey_opens_the_second_door_once() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let step = at_second_door(&test, "alice").await;
    let options = ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
    let answer = answer_to(&soft, &options);
    let opened = signin::answer(&test.nobody(), &step.handle, Answer::Passkey(answer.clone())).await.unwrap();
    let Step::Allowed(admission) = opened else { panic!("{opened:?}") };
    assert!(admission.both_doors());
    // The same answer once more, at a sign-in of its own and at this one.
    let next = at_second_door(&test, "alice").await;
    for handle in [&next.handle, &step.handle] {
        let again = signin::answer(&test.nobody(), handle, Answer::Passkey(answer.clone())).await.unwrap();
        assert!(!matches!(again, Step::Allowed(_)), "{again:?}");
    }
}

/// What was answered is remembered by its mark alone, which is swept once it has expired.
#[tokio::test]
async fn an_answer_stays_used_where_the_clock_runs_ahead_and_comes_back() {
    for jump in [Span::hours(1), Span::hours(13), Span::days(4000)] {
        let mut test = testing::org().await;
        let (_, soft) = alice(&test).await;
        crate::jobs::pass(&test.system()).await.unwrap();
        let door = session::door_token(&test.nobody()).unwrap();
        let options = ask_at_first_door(&test.nobody(), &door).await.unwrap().unwrap();
        let answer = answer_to(&soft, &options);
        let brought = async |test: &TestOrg| {
            signin::begin_by_passkey(&test.nobody(), Resource::Portal, &door, answer.clone()).await.unwrap()
        };
        assert!(matches!(brought(&test).await, Step::Allowed(_)));
        test.clock.advance(jump);
        for _ in 0..30 {
            crate::jobs::pass(&test.system()).await.unwrap();
        }
        test.restart();
        test.clock.advance(Span(-jump.0));
        assert!(matches!(brought(&test).await, Step::Denied(_)), "{jump:?}");
    }
}

#[tokio::test]
async fn of_many_answers_to_one_question_one_opens() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let door = session::door_token(&test.nobody()).unwrap();
    let options = ask_at_first_door(&test.nobody(), &door).await.unwrap().unwrap();
    let answer = answer_to(&soft, &options);
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (ctx, door, answer) = (test.nobody(), door.clone(), answer.clone());
            tokio::spawn(async move { signin::begin_by_passkey(&ctx, Resource::Portal, &door, answer).await })
        })
        .collect();
    let mut opened = 0;
    for tried in tries {
        opened += usize::from(matches!(tried.await.unwrap(), Ok(Step::Allowed(_))));
    }
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_passkey_that_verifies_opens_both_doors_without_a_name() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let Step::Allowed(admission) = by_passkey(&test, &soft).await else { panic!() };
    assert!(admission.both_doors());
    assert_eq!(admission.user().name.as_str(), "alice");
    assert_eq!(admission.reasons().first(), Some(&Reason::PasskeyPassed));
    let id = admission.sign_in().to_string();
    let logged =
        test.system().read(move |reader| Ok(reader.find_sign_in(&id)?)).await.unwrap().unwrap().sign_in;
    assert_eq!(logged.first_door, Some(FirstDoor::Passkey));
    assert_eq!(logged.second_door.unwrap().kind, FactorKind::Passkey);
}

#[tokio::test]
async fn touch_alone_is_no_first_door() {
    let test = testing::org().await;
    let (_, mut soft) = alice(&test).await;
    soft.flags = TOUCHED;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(denial) if denial.text == WRONG_PASSKEY));
}

#[tokio::test]
async fn touch_alone_opens_the_second_door_unless_the_organisation_wants_whoever_it_is_verified() {
    let test = testing::org().await;
    let (alice, mut soft) = alice(&test).await;
    let asked = async |soft: &SoftAuthenticator| {
        let step = at_second_door(&test, "alice").await;
        let options = ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
        let wanted = serde_json::to_value(&options).unwrap()["userVerification"].clone();
        let answer = Answer::Passkey(answer_to(soft, &options));
        (wanted, signin::answer(&test.nobody(), &step.handle, answer).await.unwrap())
    };
    soft.flags = TOUCHED;
    let (wanted, step) = asked(&soft).await;
    assert!(wanted == "preferred" && matches!(step, Step::Allowed(_)), "{step:?}");
    let mut settings = test.system().read(settings).await.unwrap().value;
    settings.passkeys.always_verified = true;
    org_settings::update(&test.system(), None, settings).await.unwrap();
    let (wanted, step) = asked(&soft).await;
    assert_eq!(wanted, "required");
    assert!(matches!(step, Step::SecondDoor(step) if step.problem == Some(WRONG_PASSKEY)));
    // Nor is one enrolled that was only touched.
    let (own, session) = session_of(&test, "alice", &alice).await;
    let mut another = self::soft(&test, alice.id);
    another.flags = TOUCHED;
    let refused = enroll(&own, &session, &another).await;
    assert!(matches!(refused, Err(AppError::Invalid { field: "passkey", .. })), "{refused:?}");
    soft.flags = TOUCHED | VERIFIED;
    assert!(matches!(asked(&soft).await.1, Step::Allowed(_)));
}

#[tokio::test]
async fn the_organisation_may_want_the_password_all_the_same() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let door = session::door_token(&test.nobody()).unwrap();
    let options = ask_at_first_door(&test.nobody(), &door).await.unwrap().unwrap();
    let mut settings = test.system().read(settings).await.unwrap().value;
    settings.passkeys.instead_of_password = false;
    org_settings::update(&test.system(), None, settings).await.unwrap();
    assert!(ask_at_first_door(&test.nobody(), &door).await.unwrap().is_none());
    // Nor is what was asked before.
    let answer = answer_to(&soft, &options);
    let late = signin::begin_by_passkey(&test.nobody(), Resource::Portal, &door, answer).await.unwrap();
    assert!(matches!(late, Step::Denied(_)));
}

#[tokio::test]
async fn whoever_is_suspended_has_no_first_door() {
    let test = testing::org().await;
    let (alice, soft) = alice(&test).await;
    user::suspend(&test.system(), alice.id).await.unwrap();
    let Step::Denied(denial) = by_passkey(&test, &soft).await else { panic!() };
    assert_eq!(denial.reasons, [Reason::UserSuspended]);
}

#[tokio::test]
async fn an_answer_is_to_one_door_one_browser_and_one_sign_in() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let (mine, theirs) =
        (session::door_token(&test.nobody()).unwrap(), session::door_token(&test.nobody()).unwrap());
    let nobody = test.nobody();
    let first = answer_to(&soft, &ask_at_first_door(&nobody, &mine).await.unwrap().unwrap());
    // Another browser's, at the same door.
    let stolen = signin::begin_by_passkey(&nobody, Resource::Portal, &theirs, first.clone()).await.unwrap();
    assert!(matches!(stolen, Step::Denied(_)));
    // The first door's, at the second.
    let step = at_second_door(&test, "alice").await;
    let wrong = signin::answer(&nobody, &step.handle, Answer::Passkey(first.clone())).await.unwrap();
    assert!(matches!(&wrong, Step::SecondDoor(step) if step.problem == Some(WRONG_PASSKEY)), "{wrong:?}");
    // Another sign-in's.
    let other = at_second_door(&test, "alice").await;
    let options = ask_at_second_door(&nobody, &other.handle, &other.offers).await.unwrap().unwrap();
    let wrong =
        signin::answer(&nobody, &step.handle, Answer::Passkey(answer_to(&soft, &options))).await.unwrap();
    assert!(matches!(wrong, Step::SecondDoor(_)), "{wrong:?}");
    // A challenge of nobody's, and one that is too old.
    let forged = Box::new(Assertion::parse(&soft.get(&[7; 56])).unwrap());
    let wrong = signin::begin_by_passkey(&nobody, Resource::Portal, &mine, forged).await.unwrap();
    assert!(matches!(wrong, Step::Denied(_)));
    test.clock.advance(Span::hours(13));
    let late = signin::begin_by_passkey(&test.nobody(), Resource::Portal, &mine, first).await.unwrap();
    assert!(matches!(late, Step::Denied(_)));
}

#[tokio::test]
async fn somebody_elses_passkey_opens_nothing_of_mine() {
    let test = testing::org().await;
    let (_, soft_of_alice) = alice(&test).await;
    let bob = person(&test, "bob").await;
    let (own, session) = session_of(&test, "bob", &bob).await;
    let soft_of_bob = soft(&test, bob.id);
    enroll(&own, &session, &soft_of_bob).await.unwrap();
    let step = at_second_door(&test, "bob").await;
    let options = ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
    let answer = Answer::Passkey(answer_to(&soft_of_alice, &options));
    let wrong = signin::answer(&test.nobody(), &step.handle, answer).await.unwrap();
    assert!(matches!(wrong, Step::SecondDoor(_)), "{wrong:?}");
    // One that says it is another person's.
    let mut liar = soft_of_bob;
    liar.user_handle = soft_of_alice.user_handle.clone();
    assert!(matches!(by_passkey(&test, &liar).await, Step::Denied(_)));
}

#[tokio::test]
async fn a_credential_belongs_to_one_person_and_answers_to_its_enrolment_once() {
    let test = testing::org().await;
    let (_, soft_of_alice) = alice(&test).await;
    let bob = person(&test, "bob").await;
    let (own, session) = session_of(&test, "bob", &bob).await;
    let taken = enroll(&own, &session, &soft_of_alice).await;
    assert!(matches!(taken, Err(AppError::Conflict(_))), "{taken:?}");
    let options = ask_for_own(&own, &session).await.unwrap().unwrap();
    let soft = soft(&test, bob.id);
    let answer = Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
    let made = enroll_own(&own, &session, "  ", &answer).await.unwrap();
    assert_eq!(made.name, "Passkey");
    assert!(matches!(enroll_own(&own, &session, "", &answer).await, Err(AppError::Conflict(_))));
    // Alice's still opens her door.
    assert!(matches!(by_passkey(&test, &soft_of_alice).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_counter_that_goes_back_opens_nothing() {
    let test = testing::org().await;
    let (_, mut soft) = alice(&test).await;
    soft.counter = 7;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
    for counter in [7, 6, 0] {
        soft.counter = counter;
        let Step::Denied(denial) = by_passkey(&test, &soft).await else { panic!("{counter}") };
        assert_eq!(denial.reasons, [Reason::FactorCopied]);
    }
    soft.counter = 8;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
    // One that may be on several devices counts on each.
    let bob = person(&test, "bob").await;
    let (own, session) = session_of(&test, "bob", &bob).await;
    let mut synced = self::soft(&test, bob.id);
    synced.flags |= 1 << 3;
    enroll(&own, &session, &synced).await.unwrap();
    for counter in [7, 6] {
        synced.counter = counter;
        assert!(matches!(by_passkey(&test, &synced).await, Step::Allowed(_)), "{counter}");
    }
}

#[tokio::test]
async fn a_passkey_stays_what_it_was_when_it_was_made() {
    let test = testing::org().await;
    let (_, mut soft) = alice(&test).await;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
    // That of a security key says that it is in a key chain now.
    soft.flags |= 1 << 3;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    soft.flags |= 1 << 4;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    soft.flags = TOUCHED | VERIFIED;
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
}

#[tokio::test]
async fn a_removed_passkey_opens_nothing_and_may_be_enrolled_again() {
    let test = testing::org().await;
    let (alice, soft) = alice(&test).await;
    let factors = factor::list(&test.system(), alice.id).await.unwrap();
    let passkey = factors.iter().find(|factor| factor.kind() == FactorKind::Passkey).unwrap();
    factor::remove(&test.system(), alice.id, passkey.id).await.unwrap();
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    let (own, session) = session_of(&test, "alice", &alice).await;
    enroll(&own, &session, &soft).await.unwrap();
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
}

#[tokio::test]
async fn guesses_at_codes_shut_out_nobody_who_has_a_passkey() {
    let test = testing::org().await;
    let (_, soft) = alice(&test).await;
    let step = at_second_door(&test, "alice").await;
    for _ in 0..8 {
        signin::passcode(&test.nobody(), &step.handle, &"000000".into()).await.unwrap();
    }
    let step = at_second_door(&test, "alice").await;
    let options = ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
    let answer = Answer::Passkey(answer_to(&soft, &options));
    assert!(matches!(signin::answer(&test.nobody(), &step.handle, answer).await.unwrap(), Step::Allowed(_)));
}

#[tokio::test]
async fn an_enrolment_code_brings_a_passkey_as_first_factor() {
    let test = testing::org().await;
    let input = sallyport_api::rest::CreateUser { name: "carol".into(), active: true, ..Default::default() };
    let carol = user::create(&test.system(), input).await.unwrap().id;
    let code = factor::issue_enrollment_code(&test.system(), carol, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let soft = soft(&test, carol);
    let options = ask_for_first(&test.nobody(), &pending.handle).await.unwrap().unwrap();
    let answer = Attestation::parse(&soft.create(&challenge_in(&options))).unwrap();
    // Not for whoever has another enrolment's handle, nor none.
    assert!(enroll_first(&test.nobody(), &"nothing".into(), "Laptop", &answer).await.is_err());
    enroll_first(&test.nobody(), &pending.handle, "Laptop", &answer).await.unwrap();
    // The code is spent with it.
    assert!(factor::begin_totp(&test.nobody(), &code).await.is_err());
    // It is a second door, and no whole account: the password was never brought.
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    user::set_password(&test.system(), carol, &crate::signin::tests::PASSWORD.into()).await.unwrap();
    assert!(matches!(by_passkey(&test, &soft).await, Step::Denied(_)));
    let step = at_second_door(&test, "carol").await;
    let options = ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().unwrap();
    let answer = Answer::Passkey(answer_to(&soft, &options));
    assert!(matches!(signin::answer(&test.nobody(), &step.handle, answer).await.unwrap(), Step::Allowed(_)));
    assert!(matches!(by_passkey(&test, &soft).await, Step::Allowed(_)));
}
#[tokio::test]
async fn no_question_is_asked_where_no_passkey_could_answer() {
    let test = testing::org().await;
    person(&test, "alice").await;
    let step = at_second_door(&test, "alice").await;
    assert!(ask_at_second_door(&test.nobody(), &step.handle, &step.offers).await.unwrap().is_none());
}
