use sallyport_model::{FactorKind, Role, Span, Telephony, id::UserId, telephony::TelephonyLimits};

use sallyport_policy::EffectivePolicy;

use super::*;
use crate::{
    Phrase, session, signin,
    signin::{
        Admission, USED_CODE, WRONG_CODE,
        tests::{denial, person, to_second_door},
    },
    telephony::testing::{Company, phone_of, twilio},
    testing::{self, TestOrg},
    user,
};

const NUMBER: &str = "+15005550010";

/// Alice with an authenticator and a phone, between the doors.
struct House {
    test: TestOrg,
    company: Company,
    alice: UserId,
    phone: FactorId,
}

async fn house(telephony: Telephony) -> House {
    let test = testing::org().await;
    let company = Company::of(&test, telephony).await;
    let alice = person(&test, "alice").await.id;
    let phone = phone_of(&test, alice, NUMBER).await.id;
    House { test, company, alice, phone }
}

impl House {
    async fn at_second_door(&self) -> Secret {
        to_second_door(&self.test.nobody(), "alice").await.handle
    }

    /// Why there is no text, or nothing if there is one.
    async fn text(&self, handle: &Secret) -> Option<Phrase> {
        let step = text(&self.test.nobody(), handle, self.phone).await.unwrap();
        let Step::SecondDoor(step) = step else { panic!("{step:?}") };
        step.problem
    }

    async fn answer(&self, handle: &Secret, code: &Secret) -> Result<Box<Admission>, Phrase> {
        match signin::passcode(&self.test.nobody(), handle, code).await.unwrap() {
            Step::Allowed(admission) => Ok(admission),
            Step::SecondDoor(step) => Err(step.problem.unwrap()),
            step @ (Step::Denied(_) | Step::EnrollmentNeeded { .. }) => panic!("{step:?}"),
        }
    }
}

#[tokio::test]
async fn a_texted_code_opens_the_second_door_once_within_ten_minutes() {
    let house = house(twilio()).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let texts = house.company.texts();
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].0, NUMBER, "the number is the stored one");
    assert!(
        !texts[0].1.to_lowercase().contains("alice") && !texts[0].1.contains("Example"),
        "{}",
        texts[0].1
    );
    assert!(texts[0].1.len() <= 160, "one text and not two: {}", texts[0].1);
    let code = house.company.codes().remove(0);
    assert!(!house.test.dump().windows(7).any(|bytes| bytes == code.expose().as_bytes()), "hashed at rest");
    let admission = house.answer(&handle, &code).await.unwrap();
    assert!(admission.both_doors());
    let again = house.at_second_door().await;
    assert_eq!(
        house.answer(&again, &code).await.unwrap_err(),
        WRONG_CODE,
        "good where it was asked for alone"
    );
}

#[tokio::test]
async fn a_single_code_is_good_for_ten_minutes_wherever_it_may_be_typed() {
    let house = house(twilio()).await;
    // At a step-up the door itself does not close before.
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let admission = house.answer(&handle, &house.company.codes().remove(0)).await.unwrap();
    let ctx = house.test.nobody();
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    for (waited, passes) in [(Span::minutes(10), true), (Span(Span::minutes(10).0 + 1), false)] {
        house.test.clock.advance(Span::seconds(31));
        let train = || Ctx { source: Some([203, 0, 113, 9].into()), ..house.test.nobody() };
        let (asking, _, session) = session::authenticate(&train(), cookie.expose()).await.unwrap();
        assert!(
            session::step_up::text(&asking, &session, &Resource::Portal, house.phone)
                .await
                .unwrap()
                .is_none()
        );
        let code = house.company.codes().remove(0);
        house.test.clock.advance(waited);
        let asking = Ctx { now: house.test.system().now, ..asking };
        let found = factor_accepts(&asking, house.alice, &code, &session).await;
        assert_eq!(found, passes, "{waited:?}");
    }
}

/// Whether a code is accepted for this session, whatever becomes of it.
async fn factor_accepts(ctx: &Ctx, user: UserId, code: &Secret, session: &Session) -> bool {
    let (code, place) = (code.clone(), session.hash.clone());
    let verdict = ctx.write(move |tx| {
        let user = tx.expect::<User>(user)?;
        factor::accept(tx, &user, &code, &[&place], &EffectivePolicy::default())
    });
    matches!(verdict.await.unwrap(), factor::Verdict::Accepted { kind: FactorKind::Phone, .. })
}

#[tokio::test]
async fn of_many_at_once_on_two_nodes_one_texted_code_opens_one_door() {
    let house = house(Telephony { codes: 3, ..twilio() }).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let code = house.company.codes().remove(0);
    let nodes = [house.test.nobody(), Ctx { source: house.test.nobody().source, ..house.test.other_node() }];
    let mut asked = tokio::task::JoinSet::new();
    for n in 0..10 {
        let (ctx, code) = (nodes[n % 2].clone(), code.clone());
        let handle = house.at_second_door().await;
        asked.spawn(async move {
            matches!(signin::passcode(&ctx, &handle, &code).await.unwrap(), Step::Allowed(_))
        });
    }
    assert_eq!(asked.join_all().await.into_iter().filter(|opened| *opened).count(), 1);
}

#[tokio::test]
async fn a_new_text_voids_the_codes_before() {
    let house = house(twilio()).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let former = house.company.codes().remove(0);
    let flood = house.text(&handle).await.unwrap();
    assert_eq!(flood, Phrase::TooSoon);
    assert_eq!(house.company.texts().len(), 1, "nothing more was sent");
    house.test.clock.advance(Span::seconds(31));
    assert_eq!(house.text(&handle).await, None);
    assert_eq!(house.answer(&handle, &former).await.unwrap_err(), WRONG_CODE);
    let latter = house.company.codes().remove(0);
    assert!(house.answer(&handle, &latter).await.is_ok());
}

#[tokio::test]
async fn the_codes_of_a_batch_are_numbered_and_open_any_door_once_each() {
    let house = house(Telephony { codes: 10, batch_hours: 2, ..twilio() }).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let codes = house.company.codes();
    let firsts: String = codes.iter().filter_map(|code| code.expose().chars().next()).collect();
    assert_eq!(firsts, "1234567890");
    assert!(house.company.texts()[0].1.len() <= 160, "{}", house.company.texts()[0].1);
    let next = async || {
        let (ctx, phone) = (house.test.system(), house.phone);
        let asking = ctx.clone();
        ctx.read(move |reader| factor::next_first_digit(reader, &asking, phone)).await.unwrap()
    };
    assert_eq!(next().await, Some('1'));
    assert!(house.answer(&handle, &codes[0]).await.is_ok());
    assert_eq!(next().await, Some('2'));
    house.test.clock.advance(Span::minutes(90));
    let later = house.at_second_door().await;
    assert_eq!(house.answer(&later, &codes[0]).await.unwrap_err(), USED_CODE);
    assert!(house.answer(&later, &codes[9]).await.is_ok());
    house.test.clock.advance(Span::minutes(31));
    let late = house.at_second_door().await;
    assert_eq!(house.answer(&late, &codes[1]).await.unwrap_err(), WRONG_CODE);
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn whatever_voids_sessions_voids_what_was_texted() {
    let house = house(Telephony { codes: 3, ..twilio() }).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let codes = house.company.codes();
    user::set_password(&house.test.system(), house.alice, &"another gravel hovercraft".into()).await.unwrap();
    user::set_password(&house.test.system(), house.alice, &signin::tests::PASSWORD.into()).await.unwrap();
    let handle = house.at_second_door().await;
    assert_eq!(house.answer(&handle, &codes[0]).await.unwrap_err(), WRONG_CODE);
}

#[tokio::test]
async fn nobody_with_a_role_is_texted_and_a_role_shuts_what_was_texted_before() {
    let house = house(Telephony { codes: 3, ..twilio() }).await;
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let codes = house.company.codes();
    user::set_roles(&house.test.system(), house.alice, [Role::HelpDesk].into()).await.unwrap();
    let step = to_second_door(&house.test.nobody(), "alice").await;
    assert!(step.offers.iter().all(|offer| offer.kind() != FactorKind::Phone), "{:?}", step.offers);
    house.test.clock.advance(Span::seconds(31));
    assert!(house.text(&step.handle).await.is_some());
    assert_eq!(house.company.texts().len(), 1);
    assert_eq!(house.answer(&step.handle, &codes[0]).await.unwrap_err(), WRONG_CODE);
}

#[tokio::test]
async fn nobody_elses_phone_is_texted_and_no_phone_once_texts_are_off() {
    let house = house(twilio()).await;
    let bob = person(&house.test, "bob").await.id;
    let other = phone_of(&house.test, bob, "+15005550011").await.id;
    let handle = house.at_second_door().await;
    let ctx = house.test.nobody();
    let Step::SecondDoor(step) = text(&ctx, &handle, other).await.unwrap() else { panic!() };
    assert!(step.problem.is_some());
    let off =
        Telephony { texts: false, ..crate::telephony::show(&house.test.system()).await.unwrap().telephony };
    crate::telephony::update(&house.test.system(), None, off, None).await.unwrap();
    assert!(house.text(&handle).await.is_some());
    assert!(house.company.texts().is_empty());
    let nowhere = text(&ctx, &Secret::from("sph_nothing"), house.phone).await.unwrap();
    assert_eq!(denial(nowhere).reasons, [Reason::Expired]);
}

#[tokio::test]
async fn what_the_provider_does_not_take_opens_nothing_and_is_counted_all_the_same() {
    let limits = TelephonyLimits { per_person: 2, ..TelephonyLimits::default() };
    let house = house(Telephony { limits, ..twilio() }).await;
    house.company.answer_with(400);
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, Some(crate::telephony::NOT_SENT));
    let code = house.company.codes().remove(0);
    assert_eq!(house.answer(&handle, &code).await.unwrap_err(), WRONG_CODE);
    house.company.answer_with(201);
    for sent in [true, false] {
        house.test.clock.advance(Span::seconds(31));
        assert_eq!(house.text(&handle).await.is_none(), sent);
    }
}

#[tokio::test]
async fn a_code_for_the_step_up_is_good_for_its_session_alone() {
    let house = house(twilio()).await;
    let ctx = house.test.nobody();
    let handle = house.at_second_door().await;
    assert_eq!(house.text(&handle).await, None);
    let admission = house.answer(&handle, &house.company.codes().remove(0)).await.unwrap();
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let train = Ctx { source: Some([203, 0, 113, 9].into()), ..house.test.nobody() };
    house.test.clock.advance(Span::seconds(31));
    let (train, _, session) =
        session::authenticate(&Ctx { now: house.test.system().now, ..train }, cookie.expose()).await.unwrap();
    assert!(
        session::step_up::text(&train, &session, &Resource::Portal, house.phone).await.unwrap().is_none()
    );
    let code = house.company.codes().remove(0);
    let elsewhere = house.at_second_door().await;
    assert_eq!(house.answer(&elsewhere, &code).await.unwrap_err(), WRONG_CODE);
    let passed =
        session::step_up::pass(&train, &session, &Resource::Portal, Answer::Passcode(code)).await.unwrap();
    assert!(matches!(passed, SteppedUp::Through(_)), "{passed:?}");
}

#[tokio::test]
async fn who_guesses_is_texted_nothing_more() {
    let house = house(twilio()).await;
    let handle = house.at_second_door().await;
    for _ in 0..5 {
        house.answer(&handle, &"0000000".into()).await.ok();
    }
    let held = text(&house.test.nobody(), &handle, house.phone).await.unwrap();
    assert_eq!(denial(held).reasons, [Reason::Throttled]);
    assert!(house.company.texts().is_empty());
}
