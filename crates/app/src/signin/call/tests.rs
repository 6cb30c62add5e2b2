//! Calls, and what is typed in them.

mod nodes;

use std::time::Duration;

use sallyport_crypto::Secret;
use sallyport_model::{Role, Telephony, id::UserId, signin::Reason, telephony::TelephonyLimits};

use super::*;
use crate::{
    signin::{
        Answer, SecondDoorStep, Step, answer, challenge,
        tests::{person, to_second_door},
    },
    telephony::testing::{Company, phone_of, twilio},
    testing::{self, TestOrg},
    user,
};

const TOKEN: &str = "token";

/// Alice with an authenticator and a phone.
struct House {
    test: TestOrg,
    company: Company,
    alice: UserId,
    phone: FactorId,
}

/// Somebody whose phone rings.
#[derive(Clone)]
struct Call {
    step: SecondDoorStep,
    number: String,
    id: ChallengeId,
    over: String,
}

async fn house(telephony: Telephony) -> House {
    let test = testing::org().await;
    let company = Company::of(&test, telephony).await;
    let alice = person(&test, "alice").await.id;
    let phone = phone_of(&test, alice, "+15005550010").await.id;
    House { test, company, alice, phone }
}

impl House {
    async fn ask(&self, handle: &Secret, shows: Shows) -> SecondDoorStep {
        let wanted = Answer::Ask { phone: Some(self.phone), shows };
        let step = answer(&self.test.nobody(), handle, wanted).await.unwrap();
        let Step::SecondDoor(step) = step else { panic!("{step:?}") };
        step
    }

    async fn call(&self) -> Call {
        let at_door = to_second_door(&self.test.nobody(), "alice").await;
        let step = self.ask(&at_door.handle, Shows::Number).await;
        assert_eq!(step.problem, None);
        let waiting = step.waiting.clone().unwrap();
        assert_eq!(waiting.kind, FactorKind::Phone);
        let (twiml, over) = self.company.call();
        let [Verb::Gather(gather), Verb::Say(_), Verb::Hangup] = &twiml.0[..] else { panic!("{twiml:?}") };
        assert_eq!(gather.digits, 6);
        let number = waiting.number.unwrap();
        assert!(!gather.say.contains(&number) && !gather.say.contains("alice"), "{}", gather.say);
        assert!(!gather.say.to_lowercase().contains("press any key"));
        let id = over.split('/').rev().nth(1).unwrap().parse().unwrap();
        assert_eq!(gather.action, format!("https://sallyport.example.com/telephony/calls/{id}?turn=1"));
        Call { step, number, id, over }
    }

    async fn types(&self, call: &Call, turn: u8, digits: &str) -> Result<Twiml, AppError> {
        call.typed_at(&self.test.nobody(), turn, digits).await
    }

    async fn at_door(&self, call: &Call) -> Step {
        call.heard_at(&self.test.nobody()).await
    }
}

impl Call {
    /// What somebody types, told to this node by the provider.
    async fn typed_at(&self, ctx: &Ctx, turn: u8, digits: &str) -> Result<Twiml, AppError> {
        let form = posted(digits, CallState::InProgress);
        let url = format!("https://sallyport.example.com/telephony/calls/{}?turn={turn}", self.id);
        let header = signature::sign(&Secret::from(TOKEN), &url, &form);
        let said = typed(ctx, self.id, turn, form.encode().as_bytes(), &header).await?;
        Ok(Twiml::parse(&said).unwrap())
    }

    /// What the door hears at this node.
    async fn heard_at(&self, ctx: &Ctx) -> Step {
        challenge::wait(ctx, &self.step.handle, Duration::ZERO).await.unwrap()
    }
}

fn posted(digits: &str, state: CallState) -> Form {
    let digits = Some(digits.to_owned()).filter(|digits| !digits.is_empty());
    Callback { account: "AC1".into(), call: "CA1".into(), state: Some(state), digits }.form()
}

#[tokio::test]
async fn the_digits_at_the_door_open_it_once_they_are_typed_in_the_call() {
    let house = house(twilio()).await;
    let call = house.call().await;
    let Step::SecondDoor(waits) = house.at_door(&call).await else { panic!("not open") };
    assert!(waits.waiting.is_some());
    let said = house.types(&call, 1, &call.number).await.unwrap();
    assert_eq!(said, bye(THANK_YOU));
    let Step::Allowed(admission) = house.at_door(&call).await else { panic!("not allowed") };
    assert!(admission.both_doors());
    assert!(!matches!(house.at_door(&call).await, Step::Allowed(_)), "once");
}

#[tokio::test]
async fn a_key_alone_wrong_digits_and_silence_open_nothing() {
    let house = house(twilio()).await;
    let call = house.call().await;
    let wrong = if call.number == "000000" { "111111" } else { "000000" };
    for (turn, digits) in [(1, "1"), (2, wrong)] {
        let said = house.types(&call, turn, digits).await.unwrap();
        let [Verb::Gather(again), ..] = &said.0[..] else { panic!("{said:?}") };
        assert!(again.action.ends_with(&format!("turn={}", turn + 1)), "{}", again.action);
    }
    assert_eq!(house.types(&call, 3, "#").await.unwrap(), bye(WRONG), "the third is the last");
    assert_eq!(house.types(&call, 4, &call.number).await.unwrap(), bye(OVER));
    let Step::SecondDoor(step) = house.at_door(&call).await else { panic!("it opened") };
    assert!(step.problem.is_some() && step.waiting.is_none());
    house.test.clock.advance(Span::seconds(31));
    let call = house.call().await;
    assert_eq!(house.types(&call, 1, "").await.unwrap(), bye(SILENT));
    assert!(matches!(house.at_door(&call).await, Step::SecondDoor(step) if step.problem.is_some()));
}

#[tokio::test]
async fn a_callback_counts_under_the_providers_signature_once_and_nowhere_else() {
    let house = house(twilio()).await;
    let call = house.call().await;
    let form = posted(&call.number, CallState::InProgress);
    let url = format!("https://sallyport.example.com/telephony/calls/{}?turn=1", call.id);
    let good = signature::sign(&Secret::from(TOKEN), &url, &form);
    let ctx = house.test.nobody();
    let bring = async |form: &Form, turn: u8, header: &str| {
        typed(&ctx, call.id, turn, form.encode().as_bytes(), header).await
    };
    let forged = signature::sign(&Secret::from("guess"), &url, &form);
    let elsewhere = signature::sign(&Secret::from(TOKEN), &url.replace("sallyport", "evil"), &form);
    for header in ["", &forged, &elsewhere, "AAAA"] {
        let refused = bring(&form, 1, header).await.unwrap_err();
        assert!(matches!(refused, AppError::Unauthenticated), "{refused}");
    }
    let other = posted("000000", CallState::InProgress);
    assert!(matches!(bring(&other, 1, &good).await, Err(AppError::Unauthenticated)), "changed on the way");
    assert!(matches!(bring(&form, 2, &good).await, Err(AppError::Unauthenticated)), "for another turn");
    let stranger = Callback { account: "AC2".into(), ..Callback::read(&form).unwrap() }.form();
    let signed = signature::sign(&Secret::from(TOKEN), &url, &stranger);
    assert!(matches!(bring(&stranger, 1, &signed).await, Err(AppError::Unauthenticated)), "another account");
    let Step::SecondDoor(step) = house.at_door(&call).await else { panic!("it opened") };
    assert!(step.waiting.is_some(), "and none of it was an answer");
    assert!(bring(&form, 1, &good).await.is_ok());
    assert!(matches!(bring(&form, 1, &good).await, Err(AppError::Conflict(_))), "brought again");
}

#[tokio::test]
async fn whoever_hangs_up_lets_the_door_go_on_at_once() {
    let house = house(twilio()).await;
    let call = house.call().await;
    let ctx = house.test.nobody();
    let tell = async |state: CallState| {
        let form = posted("", state);
        let header = signature::sign(&Secret::from(TOKEN), &call.over, &form);
        over(&ctx, call.id, form.encode().as_bytes(), &header).await.unwrap();
    };
    tell(CallState::Ringing).await;
    assert!(matches!(house.at_door(&call).await, Step::SecondDoor(step) if step.waiting.is_some()));
    let handle = call.step.handle.clone();
    let (asking, door) = (ctx.clone(), handle.clone());
    let waits =
        tokio::spawn(async move { challenge::is_over(&asking, &door, Duration::from_secs(20)).await });
    tell(CallState::NoAnswer).await;
    assert!(waits.await.unwrap().unwrap(), "the door heard of it");
    assert_eq!(house.types(&call, 1, &call.number).await.unwrap(), bye(OVER));
    let forged = over(&ctx, call.id, b"CallStatus=completed", "").await;
    assert!(matches!(forged, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn nobody_is_called_where_nothing_can_be_shown_nor_over_budget_nor_with_a_role() {
    let limits = TelephonyLimits { per_number: 1, ..TelephonyLimits::default() };
    let house = house(Telephony { limits, ..twilio() }).await;
    let at_door = to_second_door(&house.test.nobody(), "alice").await;
    assert_eq!(house.ask(&at_door.handle, Shows::Nothing).await.problem, Some(Phrase::CannotShowDigits));
    assert_eq!(house.company.calls(), 0);
    let call = house.call().await;
    assert_eq!(house.company.calls(), 1);
    house.types(&call, 1, "").await.unwrap();
    house.test.clock.advance(Span::seconds(31));
    let at_door = to_second_door(&house.test.nobody(), "alice").await;
    let problem = house.ask(&at_door.handle, Shows::Number).await.problem.unwrap();
    assert_eq!(problem, Phrase::NoMore);
    user::set_roles(&house.test.system(), house.alice, [Role::Auditor].into()).await.unwrap();
    let at_door = to_second_door(&house.test.nobody(), "alice").await;
    assert_eq!(house.ask(&at_door.handle, Shows::Number).await.problem, Some(Phrase::NoPhoneToCall));
    assert_eq!(house.company.calls(), 1);
}

#[tokio::test]
async fn a_call_that_is_not_placed_is_said_at_the_door_and_its_digits_open_nothing() {
    let house = house(twilio()).await;
    house.company.answer_with(400);
    let at_door = to_second_door(&house.test.nobody(), "alice").await;
    let step = house.ask(&at_door.handle, Shows::Number).await;
    assert_eq!((step.problem, step.waiting), (Some(NOT_SENT), None));
}

#[tokio::test]
async fn a_call_ends_with_its_time_and_with_a_suspension() {
    let house = house(twilio()).await;
    let call = house.call().await;
    house.test.clock.advance(Span(LIFE.0 + 1));
    assert_eq!(house.types(&call, 1, &call.number).await.unwrap(), bye(OVER));
    let call = house.call().await;
    house.types(&call, 1, &call.number).await.unwrap();
    user::suspend(&house.test.system(), house.alice).await.unwrap();
    let Step::Denied(denial) = house.at_door(&call).await else { panic!("it opened") };
    assert_eq!(denial.reasons, [Reason::Expired]);
}

#[tokio::test]
async fn the_star_says_that_it_was_not_them_and_raises_the_alarm_and_opens_nothing() {
    for typed in ["*", "*#"] {
        let house = house(twilio()).await;
        let call = house.call().await;
        assert_eq!(house.types(&call, 1, typed).await.unwrap(), bye(NOT_ME));
        let Step::Denied(denial) = house.at_door(&call).await else { panic!("it opened") };
        assert_eq!(denial.reasons, [Reason::PushNotMe]);
        // The digits come too late, and by nobody's key.
        assert_eq!(house.types(&call, 2, &call.number).await.unwrap(), bye(OVER));
        assert_eq!(house.types(&call, 3, "*").await.unwrap(), bye(OVER));
        let alarms = crate::alarm::open(&house.test.system()).await.unwrap();
        let [alarm] = &alarms[..] else { panic!("{alarms:?}") };
        assert_eq!((alarm.user, alarm.times, alarm.last.factor), (house.alice, 1, Some(house.phone)));
        assert!(alarm.last.has().contains("knows their password"), "{}", alarm.last.has());
        // Nobody is called for a quarter of an hour, whoever asks.
        house.test.clock.advance(Span::seconds(31));
        let at_door = to_second_door(&house.test.nobody(), "alice").await;
        let held = house.ask(&at_door.handle, Shows::Number).await;
        assert_eq!((held.problem, held.waiting.is_none()), (Some(Phrase::NoPhoneToCall), true));
        house.test.clock.advance(Span::minutes(15));
        house.call().await;
    }
}

#[tokio::test]
async fn a_star_among_digits_is_a_slip_and_no_word() {
    let house = house(twilio()).await;
    let call = house.call().await;
    for (turn, typed) in [(1, "12*456"), (2, "#")] {
        let said = house.types(&call, turn, typed).await.unwrap();
        let [Verb::Gather(again), ..] = &said.0[..] else { panic!("{said:?}") };
        assert!(again.say.contains("press star, then hash"), "{}", again.say);
    }
    assert!(crate::alarm::open(&house.test.system()).await.unwrap().is_empty());
    assert_eq!(house.types(&call, 3, &call.number).await.unwrap(), bye(THANK_YOU));
}
