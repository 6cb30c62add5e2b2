use std::time::Duration;

use sallyport_api::rest::CallBackBy;
use sallyport_crypto::SystemRandom;
use sallyport_model::{Reset, ResetKind, Role};
use sallyport_wire::webpush::{Subscription, soft::Browser};

use super::*;
use crate::{
    feed::{catch_up, notices},
    push::verification,
    push::{
        self,
        tests::{Handset, Signer, activate_with, alice, asked, browser, look, own_session},
    },
    recovery::{approve, ask, call_back, confirm},
    signin::{Step, tests::person},
    testing::{self, TestOrg},
    user::{
        self,
        news::{self, What, Who},
    },
};

async fn anew(test: &TestOrg, begun: &Begun) -> Handset {
    activate_with(test, &begun.code, Signer::Browser(browser())).await.unwrap()
}

/// Alice's phone brings the number that a door shows; whether that opened it.
async fn opens(test: &TestOrg, handset: &Handset) -> bool {
    let (step, number) = asked(test).await;
    let request = handset.request(test).await;
    handset.yes(test, &request, &number).await.is_ok() && matches!(look(test, &step).await, Step::Allowed(_))
}

#[tokio::test]
async fn a_phone_set_up_anew_is_the_same_phone_with_another_key() {
    let test = testing::org().await;
    let (alice, old) = alice(&test).await;
    let before = old.phone.factor.clone();
    let subscription = Browser::new(&SystemRandom::new()).unwrap().subscription("https://127.0.0.1:1/push");
    let subscription = Subscription::parse(subscription.as_bytes()).unwrap();
    push::subscribe(&test.nobody(), &old.phone, &subscription).await.unwrap();
    let (own, session) = own_session(&test, "alice", &alice).await;
    factor_renamed(&own, &session, before.id).await;
    let begun = begin_own(&own, &session, before.id).await.unwrap();
    assert!(begun.url.expose().starts_with("https://sallyport.example.com/phone#"));
    assert!(opens(&test, &old).await, "what it has counts until there is something else");

    // What is open when the other key comes is void.
    let begun = begin_own(&own, &session, before.id).await.unwrap_or(begun);
    let (step, number) = asked(&test).await;
    let request = old.request(&test).await;
    let new = anew(&test, &begun).await;
    assert!(
        old.yes(&test, &request, &number).await.is_err() && new.yes(&test, &request, &number).await.is_err()
    );
    assert!(!matches!(look(&test, &step).await, Step::Allowed(_)));

    let after = new.phone.factor.clone();
    assert_eq!((after.id, &after.duo_id, after.created), (before.id, &before.duo_id, before.created));
    assert_eq!(after.name, "In my pocket", "whatever the new page calls itself");
    let phones = factors::list(&test.system(), alice.id).await.unwrap();
    assert_eq!(phones.iter().filter(|factor| factor.kind() == FactorKind::Push).count(), 1);
    let gone = push::authenticate(&test.nobody(), old.secret.expose()).await;
    assert!(matches!(gone, Err(AppError::Unauthenticated)), "{gone:?}");
    assert!(
        !push::about(&test.nobody(), &new.phone).await.unwrap().subscribed,
        "where the old one was woken"
    );
    assert!(!opens(&test, &old).await, "the old key");
    assert!(opens(&test, &new).await);
    assert!(activate_with(&test, &begun.code, Signer::Browser(browser())).await.is_err(), "once");
}

async fn factor_renamed(own: &Ctx, session: &Session, factor: FactorId) {
    factors::rename_own(own, session, factor, "In my pocket").await.unwrap();
}

#[tokio::test]
async fn only_ones_own_phones_are_set_up_anew_and_only_behind_both_doors() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let bob = person(&test, "bob").await;
    let (own, session) = own_session(&test, "bob", &bob).await;
    let phone = handset.phone.factor.id;
    let others = begin_own(&own, &session, phone).await;
    assert!(matches!(others, Err(AppError::NotFound { .. })), "{others:?}");
    let app = factors::list(&own, bob.id).await.unwrap().remove(0);
    let other_kind = begin_own(&own, &session, app.id).await;
    assert!(matches!(other_kind, Err(AppError::Conflict(_))), "{other_kind:?}");
    let (own, session) = own_session(&test, "alice", &alice).await;
    let one_door = Session { both_doors: false, ..session.clone() };
    assert!(matches!(begin_own(&own, &one_door, phone).await, Err(AppError::Unauthenticated)));
    // A code for a phone that is gone is none, and a new password voids every one.
    let begun = begin_own(&own, &session, phone).await.unwrap();
    user::set_password(&test.system(), alice.id, &"a new password of hers".into()).await.unwrap();
    assert!(activate_with(&test, &begun.code, Signer::Browser(browser())).await.is_err());
    let begun = issue(&test.system(), alice.id, phone, 3600).await.unwrap();
    factors::remove(&test.system(), alice.id, phone).await.unwrap();
    assert!(activate_with(&test, &begun.code, Signer::Browser(browser())).await.is_err());
}

#[tokio::test]
async fn a_help_desk_sets_a_phone_up_anew_as_it_resets_anything_else() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let phone = handset.phone.factor.id;
    let mut desks = Vec::new();
    for name in ["hana", "hugo"] {
        let id = person(&test, name).await.id;
        user::set_roles(&test.system(), id, [Role::HelpDesk].into()).await.unwrap();
        desks.push(test.person(id, &[Role::HelpDesk]));
    }
    let [hana, hugo] = desks.try_into().unwrap_or_else(|_| panic!());
    let alone = issue(&hana, alice.id, phone, 3600).await;
    assert!(matches!(alone, Err(AppError::Conflict(_))), "{alone:?}");
    let wanted = sallyport_api::rest::AskReset {
        what: ResetKind::Reactivate,
        reason: "another handset".into(),
        factor: Some(phone),
        number: None,
        token: None,
        mails: None,
    };
    let reset: Versioned<Reset> = ask(&hana, alice.id, wanted.clone()).await.unwrap();
    assert_eq!(
        (reset.what.clone(), reset.detail.as_str()),
        (ResetOf::Reactivate { factor: phone }, "My phone")
    );
    assert!(issue(&hana, alice.id, phone, 3600).await.is_err(), "nobody has approved");
    approve(&hugo, reset.id).await.unwrap();
    assert!(factors::remove(&hana, alice.id, phone).await.is_err(), "something else");
    let begun = issue(&hana, alice.id, phone, 3600).await.unwrap();
    assert!(issue(&hana, alice.id, phone, 3600).await.is_err(), "once");
    let new = anew(&test, &begun).await;
    assert_eq!(new.phone.factor.id, phone);
    assert!(opens(&test, &new).await);
    // Owners do it alone, but for whoever has a role, who has a day to stop it.
    let olga = test.person(person(&test, "olga").await.id, &[Role::Owner]);
    issue(&olga, alice.id, phone, 3600).await.unwrap();
    user::set_roles(&test.system(), alice.id, [Role::Auditor].into()).await.unwrap();
    let held = issue(&olga, alice.id, phone, 3600).await;
    assert!(matches!(held, Err(AppError::Conflict(_))), "{held:?}");
    assert!(matches!(issue(&hana, alice.id, phone, 3600).await, Err(AppError::AboveOwnRights)));
}

#[tokio::test]
async fn whoever_was_not_here_for_long_takes_an_administrators_code_and_is_told() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let phone = handset.phone.factor.id;
    let (own, session) = own_session(&test, "alice", &alice).await;
    let dormant = async |dormant: bool| {
        let system = test.system();
        let put = system.write(move |tx| {
            let user = tx.expect::<User>(alice.id)?;
            let changed = tx.update(&user, User { dormant, ..user.value.clone() })?;
            tx.record(changed, "test");
            Ok(())
        });
        put.await.unwrap();
    };
    dormant(true).await;
    assert!(matches!(begin_own(&own, &session, phone).await, Err(AppError::Conflict(_))));
    let begun = issue(&test.system(), alice.id, phone, 3600).await.unwrap();
    anew(&test, &begun).await;
    assert!(!user::show(&test.system(), alice.id).await.unwrap().dormant);
    let mails = Some(vec!["alice@example.com".into()]);
    let mails = sallyport_api::rest::UpdateUser { mails, ..Default::default() };
    user::update(&test.system(), alice.id, None, mails).await.unwrap();
    catch_up(&test.org).await.unwrap();
    let office = crate::mail::testing::Office::of(&test).await;
    let begun = issue(&test.system(), alice.id, phone, 3600).await.unwrap();
    anew(&test, &begun).await;
    catch_up(&test.org).await.unwrap();
    notices::send_due(&test.system()).await.unwrap();
    let subjects: Vec<String> = office.arrived().into_iter().map(|mail| mail.subject).collect();
    for words in ["A code to enrol a factor of yours was made", "A phone of yours was set up anew"] {
        assert!(subjects.iter().any(|subject| subject.contains(words)), "{words}: {subjects:?}");
    }
    let nothing = push::requests(&test.nobody(), &handset.phone, Duration::ZERO).await;
    assert!(nothing.unwrap().is_empty());
}

/// What a help desk asks for.
fn wanted(what: ResetKind, factor: Option<FactorId>) -> sallyport_api::rest::AskReset {
    sallyport_api::rest::AskReset {
        what,
        reason: "another handset".into(),
        factor,
        number: None,
        token: None,
        mails: None,
    }
}

/// Alice says yes on her phone, and sets it up anew before whoever asked has heard of it.
#[tokio::test]
async fn what_the_old_page_told_a_help_desk_dies_with_its_key() {
    let test = testing::org().await;
    let (alice, old) = alice(&test).await;
    let phone = old.phone.factor.id;
    let hana = person(&test, "hana").await.id;
    user::set_roles(&test.system(), hana, [Role::HelpDesk].into()).await.unwrap();
    let desk = || test.person(hana, &[Role::HelpDesk]);
    let (own, session) = own_session(&test, "alice", &alice).await;
    let reset = ask(&desk(), alice.id, wanted(ResetKind::BypassCodes, None)).await.unwrap().id;
    let number = call_back(&desk(), reset, CallBackBy::Push, None).await.unwrap().number.unwrap();
    old.yes(&test, &old.request(&test).await, &number).await.unwrap();
    test.clock.advance(Span::minutes(2));
    let verified = verification::ask(&test.system(), alice.id, phone).await.unwrap();
    old.yes(&test, &old.request(&test).await, &verified.number).await.unwrap();
    test.clock.advance(Span::minutes(1));
    let heard = async || verification::outcome(&test.system(), alice.id, verified.id).await.unwrap().unwrap();
    assert_eq!(heard().await, verification::Outcome::Confirmed);

    let own = Ctx { now: test.system().now, ..own };
    let begun = begin_own(&own, &session, phone).await.unwrap();
    anew(&test, &begun).await;
    let confirmed = confirm(&desk(), reset, None, Duration::ZERO).await;
    assert!(matches!(confirmed, Err(AppError::Conflict(_))), "{confirmed:?}");
    assert_eq!(heard().await, verification::Outcome::Refused);
}

#[tokio::test]
async fn what_a_phone_told_a_help_desk_is_old_after_ten_minutes_and_void_without_the_phone() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let phone = handset.phone.factor.id;
    let asked = async || {
        test.clock.advance(Span::minutes(11));
        let verified = verification::ask(&test.system(), alice.id, phone).await.unwrap();
        handset.yes(&test, &handset.request(&test).await, &verified.number).await.unwrap();
        verified.id
    };
    let heard = async |id| verification::outcome(&test.system(), alice.id, id).await.unwrap().unwrap();
    let id = asked().await;
    test.clock.advance(Span::minutes(10));
    assert_eq!(heard(id).await, verification::Outcome::Confirmed);
    test.clock.advance(Span(1));
    assert_eq!(heard(id).await, verification::Outcome::Refused);
    let id = asked().await;
    factors::remove(&test.system(), alice.id, phone).await.unwrap();
    assert_eq!(heard(id).await, verification::Outcome::Refused);
}

#[tokio::test]
async fn what_the_old_key_proved_is_void_but_for_the_session_that_asked() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let phone = handset.phone.factor.id;
    let open = async || {
        let (step, number) = asked(&test).await;
        handset.yes(&test, &handset.request(&test).await, &number).await.unwrap();
        let Step::Allowed(admission) = look(&test, &step).await else { panic!() };
        session::open(&test.nobody(), &admission, "test").await.unwrap().0
    };
    let (other, own) = (open().await, open().await);
    let enters = async |secret: &sallyport_crypto::Secret| {
        session::authenticate(&test.nobody(), secret.expose()).await.map(|(ctx, _, session)| (ctx, session))
    };
    let (ctx, session) = enters(&own).await.unwrap();
    let enrolment = factors::issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    let begun = begin_own(&ctx, &session, phone).await.unwrap();
    assert!(enters(&other).await.is_ok(), "the code alone voids nothing");
    anew(&test, &begun).await;
    let (ctx, session) = enters(&own).await.unwrap();
    assert!(matches!(enters(&other).await, Err(AppError::Unauthenticated)));
    assert!(factors::begin_totp(&test.nobody(), &enrolment).await.is_err(), "handed out before");
    // Where somebody else handed it out, nothing goes on.
    begin_own(&ctx, &session, phone).await.unwrap();
    let begun = issue(&test.system(), alice.id, phone, 3600).await.unwrap();
    anew(&test, &begun).await;
    assert!(matches!(enters(&own).await, Err(AppError::Unauthenticated)));
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_does_not_come_back_with_the_phone() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let (own, session) = own_session(&test, "alice", &alice).await;
    let begun = begin_own(&own, &session, handset.phone.factor.id).await.unwrap();
    session::end(&own, &session).await.unwrap();
    anew(&test, &begun).await;
    assert!(
        test.system().read(move |reader| Ok(reader.find_session(&session.hash)?)).await.unwrap().is_none()
    );
}

#[tokio::test]
async fn a_session_does_not_wave_through_the_phone_that_it_set_up_anew() {
    let test = testing::org().await;
    let (alice, handset) = alice(&test).await;
    let mails = Some(vec!["alice@example.com".into()]);
    let mails = sallyport_api::rest::UpdateUser { mails, ..Default::default() };
    user::update(&test.system(), alice.id, None, mails).await.unwrap();
    catch_up(&test.org).await.unwrap();
    let office = crate::mail::testing::Office::of(&test).await;
    let phone = handset.phone.factor.id;
    let (own, session) = own_session(&test, "alice", &alice).await;
    anew(&test, &begin_own(&own, &session, phone).await.unwrap()).await;
    test.clock.advance(Span::minutes(1));
    let here = Ctx { now: test.system().now, ..own };
    let told = async |ctx: &Ctx, session: &Session| {
        let all = news::news(ctx, session).await.unwrap();
        all.into_iter().find(|news| news.what == What::PhoneReactivated).map(|news| news.who)
    };
    assert_eq!(told(&here, &session).await, None);
    news::seen(&here, &session, here.now).await.unwrap();
    let (later, next) = own_session(&test, "alice", &alice).await;
    assert_eq!(told(&later, &next).await, Some(Some(Who::Oneself)), "at the next sign-in");

    anew(&test, &issue(&test.system(), alice.id, phone, 3600).await.unwrap()).await;
    catch_up(&test.org).await.unwrap();
    notices::send_due(&test.system()).await.unwrap();
    let anew = |mail: &crate::mail::testing::Arrived| mail.subject.contains("set up anew");
    let mails: Vec<_> = office.arrived().into_iter().filter(anew).map(|mail| mail.text).collect();
    let by = ["By: yourself\n", "By: whoever had the code for it\n"];
    assert!(mails.len() == 2 && mails.iter().zip(by).all(|(text, by)| text.contains(by)), "{mails:?}");
}
