//! The person's own answer.

use std::time::Duration;

use sallyport_api::rest::CallBackBy;
use sallyport_wire::twilio::twiml::Verb;

use super::*;
use crate::{
    Secret,
    push::{self, Proved, tests::alice},
    signin::{self, Step, tests::to_second_door},
    telephony::testing::phone_of,
};

const NUMBER: &str = "+15005550010";

/// Ada with a phone whose number she has used, and the company that carries what is sent there.
async fn with_number(test: &TestOrg, ada: &Person) -> (Company, sallyport_model::Factor) {
    let company = Company::of(test, twilio()).await;
    let phone = phone_of(test, ada.id, NUMBER).await;
    let handle = to_second_door(&test.nobody(), "ada").await.handle;
    signin::text(&test.nobody(), &handle, phone.id).await.unwrap();
    let step = signin::passcode(&test.nobody(), &handle, &company.codes().remove(0)).await.unwrap();
    assert!(matches!(step, Step::Allowed(_)), "{step:?}");
    test.clock.advance(Span::minutes(1));
    (company, phone)
}

async fn say(ctx: &Ctx, id: ResetId, code: &Secret) -> Result<Versioned<Reset>, AppError> {
    confirm(ctx, id, Some(code), Duration::ZERO).await
}

#[tokio::test]
async fn a_code_that_the_person_reads_back_clears_it_for_ten_minutes_and_once() {
    let (test, ada, hana, hugo) = house().await;
    let (company, phone) = with_number(&test, &ada).await;
    let (hana, hugo) = (now(&test, &hana), now(&test, &hugo));
    // Written down by an administrator, used by nobody.
    phone_of(&test, ada.id, "+15005550011").await;
    let id = asked(&hana, ada.id, ResetKind::EnrollmentCode).await;
    let found = ways(&hana, id).await.unwrap();
    let found: Vec<_> = found.iter().map(|way| (way.by, way.factor)).collect();
    assert_eq!(found, [(CallBackBy::Text, phone.id), (CallBackBy::Call, phone.id)]);
    assert!(ways(&hugo, id).await.unwrap().is_empty(), "somebody else's");
    assert!(is_in_the_way(call_back(&hugo, id, CallBackBy::Text, None).await));
    let before = company.texts().len();
    assert!(say(&hana, id, &"1234567".into()).await.is_err(), "none was sent");
    call_back(&hana, id, CallBackBy::Text, None).await.unwrap();
    let texts = company.texts();
    assert_eq!((texts.len(), texts[before].0.as_str()), (before + 1, NUMBER));
    for name in ["ada", "hana", "Example", "sallyport"] {
        assert!(!texts[before].1.contains(name), "{}", texts[before].1);
    }
    let code = company.codes().remove(0);
    assert!(is_in_the_way(say(&hugo, id, &code).await), "read to somebody else");
    assert!(say(&hana, id, &"0000000".into()).await.is_err());
    assert!(is_in_the_way(factor::issue_enrollment_code(&hana, ada.id, 60).await));
    say(&hana, id, &code).await.unwrap();
    assert!(say(&hana, id, &code).await.is_err(), "twice");
    test.clock.advance(Reset::AFTER_CALL_BACK);
    let late = now(&test, &hana);
    factor::issue_enrollment_code(&late, ada.id, 60).await.unwrap();
    assert!(is_in_the_way(factor::issue_enrollment_code(&late, ada.id, 60).await));
}

#[tokio::test]
async fn a_code_is_for_its_reset_and_dies_with_time_and_with_three_that_were_wrong() {
    let (test, ada, hana, _) = house().await;
    let (company, _) = with_number(&test, &ada).await;
    let hana = now(&test, &hana);
    let (id, other) = (
        asked(&hana, ada.id, ResetKind::EnrollmentCode).await,
        asked(&hana, ada.id, ResetKind::BypassCodes).await,
    );
    call_back(&hana, id, CallBackBy::Text, None).await.unwrap();
    let code = company.codes().remove(0);
    assert!(say(&hana, other, &code).await.is_err());
    for _ in 0..3 {
        assert!(say(&hana, id, &"0000000".into()).await.is_err());
    }
    assert!(say(&hana, id, &code).await.is_err(), "void");
    assert!(is_in_the_way(call_back(&hana, id, CallBackBy::Text, None).await), "too soon");
    test.clock.advance(Span::minutes(1));
    let hana = now(&test, &hana);
    call_back(&hana, id, CallBackBy::Text, None).await.unwrap();
    let code = company.codes().remove(0);
    test.clock.advance(Span::minutes(10));
    test.clock.advance(Span(1));
    assert!(say(&now(&test, &hana), id, &code).await.is_err(), "late");
    // What the provider did not take is not waited for.
    company.answer_with(500);
    let hana = now(&test, &hana);
    assert!(is_in_the_way(call_back(&hana, id, CallBackBy::Text, None).await));
}

#[tokio::test]
async fn a_voice_tells_the_code_too() {
    let (test, ada, hana, _) = house().await;
    let (company, _) = with_number(&test, &ada).await;
    let hana = now(&test, &hana);
    let id = asked(&hana, ada.id, ResetKind::EnrollmentCode).await;
    call_back(&hana, id, CallBackBy::Call, None).await.unwrap();
    let (twiml, _) = company.call();
    let [Verb::Say(words), Verb::Hangup] = twiml.0.as_slice() else { panic!("{twiml:?}") };
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let (once, again) = digits.split_at(7);
    assert_eq!(once, again);
    say(&hana, id, &once.into()).await.unwrap();
}

#[tokio::test]
async fn what_opens_no_door_for_the_person_restores_none() {
    let (test, ada, hana, _) = house().await;
    let (_company, _) = with_number(&test, &ada).await;
    let hana = now(&test, &hana);
    let id = asked(&hana, ada.id, ResetKind::EnrollmentCode).await;
    let before = org_settings::show(&test.system()).await.unwrap().value;
    let off = |method| sallyport_model::policy::MethodRow { method, on: false, groups: Vec::new() };
    let factors = [sallyport_model::Method::Text, sallyport_model::Method::Call].map(off).to_vec();
    org_settings::update(&test.system(), None, Settings { factors, ..before }).await.unwrap();
    assert!(ways(&hana, id).await.unwrap().is_empty());
    assert!(is_in_the_way(call_back(&hana, id, CallBackBy::Text, None).await));
}

#[tokio::test]
async fn a_help_desk_that_waits_for_a_phone_is_answered_when_the_server_stops() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let hana = somebody(&test, "hana", &[Role::HelpDesk]).await;
    let id = asked(&hana, alice.id, ResetKind::BypassCodes).await;
    let number = call_back(&hana, id, CallBackBy::Push, None).await.unwrap().number.unwrap();
    test.org.bells.stop();
    let waits = confirm(&hana, id, None, Duration::from_secs(3600));
    assert!(is_in_the_way(tokio::time::timeout(Duration::from_secs(60), waits).await.unwrap()));
    // Nothing is lost by it: they ask once more.
    handset.yes(&test, &handset.request(&test).await, &number).await.unwrap();
    confirm(&hana, id, None, Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_phone_that_brings_the_number_clears_it_and_one_that_says_not_me_stops_it() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let hana = somebody(&test, "hana", &[Role::HelpDesk]).await;
    let hugo = somebody(&test, "hugo", &[Role::HelpDesk]).await;
    let id = asked(&hana, alice.id, ResetKind::BypassCodes).await;
    assert!(is_in_the_way(confirm(&hana, id, None, Duration::ZERO).await), "nobody asked");
    let number = call_back(&hana, id, CallBackBy::Push, None).await.unwrap().number.unwrap();
    assert!(is_in_the_way(confirm(&hana, id, None, Duration::ZERO).await), "no answer yet");
    let request = handset.request(&test).await;
    assert!(request.what.contains("hana"), "{request:?}");
    assert!(handset.yes(&test, &request, "00000").await.is_err());
    handset.yes(&test, &request, &number).await.unwrap();
    assert!(is_in_the_way(confirm(&hugo, id, None, Duration::ZERO).await), "not the author");
    confirm(&hana, id, None, Duration::ZERO).await.unwrap();
    codes(&hana, alice.id).await.unwrap();
    let id = asked(&hana, alice.id, ResetKind::BypassCodes).await;
    call_back(&hana, id, CallBackBy::Push, None).await.unwrap();
    let request = handset.request(&test).await;
    push::answer(&test.nobody(), &handset.phone, request.id, Proved::NotMe).await.unwrap();
    assert_eq!(show(&hana, id).await.unwrap().state.as_str(), "refused");
    assert!(is_in_the_way(approve(&hugo, id).await), "a second person does not overrule the first");
    assert!(is_in_the_way(codes(&hana, alice.id).await));
    // Requests to the phone are off now, and turning them on again is a reset as well.
    assert!(is_in_the_way(user::unlock(&hana, alice.id).await));
}
