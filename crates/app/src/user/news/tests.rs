use sallyport_crypto::Secret;
use sallyport_model::{Role, signin::Resource};

use super::*;
use crate::{
    factor,
    session::{self, NewPassword},
    signin::{
        self, Step,
        tests::{PASSWORD, Person, passcode_of, person, with_password},
    },
    testing::{self, TestOrg},
    user,
};

const NEW: &str = "walnut ferry umbrella";

/// Alice, who comes in through both doors from an address.
async fn comes_in(test: &TestOrg, alice: &Person, password: &str) -> (Ctx, Session) {
    test.clock.advance(Span::minutes(1));
    let ctx = test.nobody();
    let Step::SecondDoor(step) = signin::begin(&ctx, with_password("alice", password)).await.unwrap() else {
        panic!("no second door")
    };
    let Step::Allowed(admission) = passcode_of(&ctx, &step, alice, test).await else { panic!("not allowed") };
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let (own, _, session) = session::authenticate(&ctx, cookie.expose()).await.unwrap();
    (own, session)
}

async fn told(own: &(Ctx, Session)) -> Vec<What> {
    news(&own.0, &own.1).await.unwrap().into_iter().map(|news| news.what).collect()
}

/// Says that everything shown has been seen.
async fn dismiss(own: &(Ctx, Session)) {
    let newest = news(&own.0, &own.1).await.unwrap().first().map(|news| news.at).unwrap();
    seen(&own.0, &own.1, newest).await.unwrap();
}

#[tokio::test]
async fn what_an_administrator_did_is_told_with_who_and_from_where_until_it_was_seen() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let own = comes_in(&test, &alice, PASSWORD).await;
    dismiss(&own).await;
    assert_eq!(told(&own).await, []);

    test.clock.advance(Span::minutes(1));
    let input = sallyport_api::rest::CreateUser { name: "hugo".into(), active: true, ..Default::default() };
    let hugo = user::create(&test.system(), input).await.unwrap().id;
    let rita = Ctx { source: Some([198, 51, 100, 3].into()), ..test.person(hugo, &[Role::Administrator]) };
    let codes = factor::issue_bypass_codes(&rita, alice.id, 2, 3600).await.unwrap();
    assert_eq!(codes.len(), 2);
    let later = async || {
        test.clock.advance(Span::seconds(1));
        Ctx { now: test.system().now, ..rita.clone() }
    };
    user::set_password(&later().await, alice.id, &NEW.into()).await.unwrap();
    user::lock_password(&later().await, alice.id).await.unwrap();
    user::unlock(&later().await, alice.id).await.unwrap();
    factor::issue_enrollment_code(&later().await, alice.id, 3600).await.unwrap();

    let own = comes_in(&test, &alice, NEW).await;
    assert_eq!(
        told(&own).await,
        [What::EnrollmentCode, What::Unlocked, What::PasswordLocked, What::PasswordSet, What::BypassCodes]
    );
    for news in news(&own.0, &own.1).await.unwrap() {
        assert_eq!(news.who, Some(Who::Other("somebody".into())), "{news:?}");
        assert_eq!(news.source.as_deref(), Some("198.51.100.3"), "{news:?}");
    }
    dismiss(&own).await;
    assert_eq!(told(&own).await, []);
    assert_eq!(told(&comes_in(&test, &alice, NEW).await).await, []);
}

#[tokio::test]
async fn other_mail_addresses_are_told_whoever_changed_them() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let own = comes_in(&test, &alice, PASSWORD).await;
    dismiss(&own).await;
    test.clock.advance(Span::minutes(1));
    let mails = sallyport_api::rest::UpdateUser {
        mails: Some(vec!["alice@example.org".into()]),
        ..Default::default()
    };
    user::update(&test.system(), alice.id, None, mails).await.unwrap();
    test.clock.advance(Span::minutes(1));
    crate::import::apply(&test.system(), b"name,mails\nalice,alice@example.net\n").await.unwrap();
    let own = comes_in(&test, &alice, PASSWORD).await;
    assert_eq!(told(&own).await, [What::AddressesChanged, What::AddressesChanged]);
}

#[tokio::test]
async fn a_change_of_ones_own_is_told_at_the_next_sign_in_and_not_waved_through_by_the_session_that_made_it()
{
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let stolen = comes_in(&test, &alice, PASSWORD).await;
    dismiss(&stolen).await;
    test.clock.advance(Span::minutes(1));
    let stolen = (Ctx { now: test.system().now, ..stolen.0 }, stolen.1);
    let given = NewPassword { old: PASSWORD.into(), new: NEW.into(), passcode: Secret::default() };
    let (_, next) = session::change_own_password(&stolen.0, &stolen.1, &given).await.unwrap();
    let stolen = (stolen.0, next);
    assert_eq!(told(&stolen).await, []);
    test.clock.advance(Span::minutes(1));
    seen(&Ctx { now: test.system().now, ..stolen.0.clone() }, &stolen.1, Time(i64::MAX)).await.unwrap();

    let own = comes_in(&test, &alice, NEW).await;
    let news = news(&own.0, &own.1).await.unwrap();
    assert_eq!(news.iter().map(|news| &news.what).collect::<Vec<_>>(), [&What::PasswordChanged]);
    assert_eq!((&news[0].who, news[0].source.as_deref()), (&Some(Who::Oneself), Some("192.0.2.7")));
    dismiss(&own).await;
    assert_eq!(told(&own).await, []);
}

#[tokio::test]
async fn factors_that_came_and_went_are_told() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let own = comes_in(&test, &alice, PASSWORD).await;
    assert_eq!(told(&own).await, [What::EnrollmentCode, What::PasswordSet, What::FactorEnrolled]);
    dismiss(&own).await;
    test.clock.advance(Span::minutes(1));
    let code = factor::issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let second = Person { id: alice.id, seed };
    test.clock.advance(Span::minutes(1));
    let factor = factor::confirm_totp(&test.nobody(), &pending.handle, &second.code(&test, 0)).await.unwrap();
    let own = comes_in(&test, &second, PASSWORD).await;
    let shown = news(&own.0, &own.1).await.unwrap();
    assert_eq!(shown[0].what, What::FactorEnrolled);
    assert_eq!((&shown[0].who, shown[0].source.as_deref()), (&None, Some("192.0.2.7")));
    dismiss(&own).await;
    test.clock.advance(Span::minutes(1));
    factor::remove(&test.system(), alice.id, factor.id).await.unwrap();
    assert_eq!(told(&comes_in(&test, &alice, PASSWORD).await).await, [What::FactorRemoved]);
}

#[tokio::test]
async fn guesses_from_elsewhere_are_told_and_those_at_home_are_not() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let own = comes_in(&test, &alice, PASSWORD).await;
    dismiss(&own).await;
    test.clock.advance(Span::minutes(1));
    let from = |n: u8| Ctx { source: Some([203, 0, n, 1].into()), ..test.nobody() };
    for _ in 0..4 {
        signin::begin(&test.nobody(), with_password("alice", "wrong")).await.unwrap();
    }
    for n in 0..4 {
        signin::begin(&from(n), with_password("alice", "wrong")).await.unwrap();
    }
    assert_eq!(told(&comes_in(&test, &alice, PASSWORD).await).await, [], "too few to be worth a word");
    for n in 4..8 {
        signin::begin(&from(n), with_password("alice", "wrong")).await.unwrap();
    }
    let own = comes_in(&test, &alice, PASSWORD).await;
    assert_eq!(told(&own).await, [What::PasswordGuessed(8)]);
    // Somebody who knows the password is worth a word the first time.
    test.clock.advance(Span::minutes(1));
    signin::begin(&from(8), with_password("alice", PASSWORD)).await.unwrap();
    let own = comes_in(&test, &alice, PASSWORD).await;
    let shown = news(&own.0, &own.1).await.unwrap();
    assert_eq!(shown[0].what, What::PasswordKnown(1));
    assert_eq!((&shown[0].who, shown[0].source.as_deref()), (&None, Some("203.0.8.1")));
    dismiss(&own).await;
    assert_eq!(told(&own).await, []);
    for n in 9..120u8 {
        signin::begin(&from(n), with_password("alice", "wrong")).await.unwrap();
    }
    let own = comes_in(&test, &alice, PASSWORD).await;
    assert!(told(&own).await.contains(&What::PasswordLockedToStrangers), "{:?}", told(&own).await);
}

#[tokio::test]
async fn a_session_that_somebody_else_holds_is_told() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let own = comes_in(&test, &alice, PASSWORD).await;
    dismiss(&own).await;
    test.clock.advance(Span::minutes(1));
    for (network, times) in [([203, 0, 113, 9], 2), ([192, 0, 2, 9], 1)] {
        let thief = Ctx { source: Some(network.into()), now: test.system().now, ..own.0.clone() };
        for _ in 0..times {
            let tried = session::step_up::pass(
                &thief,
                &own.1,
                &Resource::Portal,
                signin::Answer::Passcode("000000".into()),
            )
            .await
            .unwrap();
            assert!(matches!(tried, session::step_up::SteppedUp::NotYet { .. }));
        }
    }
    let own = comes_in(&test, &alice, PASSWORD).await;
    assert_eq!(told(&own).await, [What::SessionElsewhere(2)], "and not what was mistyped at home");
}
