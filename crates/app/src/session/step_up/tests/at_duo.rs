//! Stepping up at Duo, by people who have nothing else.

use sallyport_model::{Duo, DuoDown, FactorKind, Method, id::UserId, signin::FirstDoor};

use super::*;
use crate::{factor::duo::testing::Service, settings as org_settings, signin::duo::Back};

struct House {
    test: TestOrg,
    service: Service,
}

impl House {
    async fn open() -> Self {
        let test = testing::org().await;
        let service = Service::of(&test).await;
        Self { test, service }
    }

    /// Somebody with a role, and a password and nothing else.
    async fn owner(&self, name: &str) -> UserId {
        let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
        let id = user::create(&self.test.system(), input).await.unwrap().id;
        user::set_password(&self.test.system(), id, &PASSWORD.into()).await.unwrap();
        user::set_roles(&self.test.system(), id, [Role::Owner].into()).await.unwrap();
        id
    }

    /// Their cookie, after both doors at home.
    async fn signed_in(&self, name: &str) -> Secret {
        let ctx = from(&self.test, HOME);
        let step = to_second_door(&ctx, name).await;
        let Going::To(url) = duo::go(&ctx, &step.handle, "").await.unwrap() else { panic!("not away") };
        let back = duo::back(&ctx, &step.handle, &self.service.visit(&url)).await.unwrap();
        let Back::AtDoor { step: Step::Allowed(admission), .. } = back else { panic!("{back:?}") };
        session::open(&ctx, &admission, "test").await.unwrap().0
    }

    /// To Duo from an open session; the query that the browser comes back with.
    async fn visit(&self, ctx: &Ctx, session: &Session) -> String {
        match go_to_duo(ctx, session, &Resource::Portal, "/admin/users").await.unwrap() {
            Leaves::To(url) => self.service.visit(&url),
            Leaves::Not(stepped_up) => panic!("{stepped_up:?}"),
        }
    }
}

async fn told(ctx: &Ctx, session: &Session, query: &str) -> Phrase {
    match back_from_duo(ctx, session, query).await.unwrap().0 {
        SteppedUp::NotYet { text, .. } => text,
        through @ (SteppedUp::Through(_) | SteppedUp::Waiting) => panic!("{through:?}"),
    }
}

async fn kinds(ctx: &Ctx, session: &Session) -> Vec<FactorKind> {
    offers(ctx, session, &Resource::Portal).await.unwrap().0.iter().map(Offer::kind).collect()
}

#[tokio::test]
async fn whoever_has_only_duo_steps_up_there_and_the_session_has_another_secret() {
    let house = House::open().await;
    let alice = house.owner("alice").await;
    let cookie = house.signed_in("alice").await;
    assert_eq!(counts(&house.test, TRAIN, &cookie).await, (Doors::Elsewhere, false));
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo]);
    let query = house.visit(&ctx, &session).await;
    assert_eq!(house.service.asked_about(), "alice");
    assert!(left_for_duo(&ctx, &session, &query).await.unwrap());
    let (stepped_up, next) = back_from_duo(&ctx, &session, &query).await.unwrap();
    let SteppedUp::Through(proved) = stepped_up else { panic!("{stepped_up:?}") };
    assert_eq!(next, "/admin/users");
    assert_eq!(counts(&house.test, TRAIN, &proved).await, (Doors::Both, true));
    assert_eq!(counts(&house.test, HOME, &proved).await, (Doors::Both, true), "home is not forgotten");
    for address in [HOME, TRAIN] {
        assert!(session::authenticate(&from(&house.test, address), cookie.expose()).await.is_err());
    }
    let logged =
        house.test.system().read(move |reader| Ok(reader.sign_ins_of(alice, None, 9)?)).await.unwrap();
    let again = logged.iter().find(|sign_in| sign_in.first_door == Some(FirstDoor::Session)).unwrap();
    assert_eq!(again.reasons, [Reason::SteppedUp]);
    assert_eq!(again.second_door.as_ref().unwrap().kind, FactorKind::Duo);
}

#[tokio::test]
async fn what_comes_back_from_duo_belongs_to_the_session_that_left_and_counts_once() {
    let house = House::open().await;
    house.owner("alice").await;
    house.owner("mallory").await;
    let (cookie, other) = (house.signed_in("alice").await, house.signed_in("alice").await);
    let mallorys = house.signed_in("mallory").await;
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    let query = house.visit(&ctx, &session).await;
    // Neither another session of hers, nor one of somebody else's, nor a sign-in that stands at its second door.
    for foreign in [&other, &mallorys] {
        let (ctx, _, session) = visit(&from(&house.test, TRAIN), foreign).await;
        assert!(!left_for_duo(&ctx, &session, &query).await.unwrap());
        assert_eq!(told(&ctx, &session, &query).await, crate::signin::START_AGAIN);
        house.visit(&ctx, &session).await;
        assert_eq!(told(&ctx, &session, &query).await, Phrase::DuoStale);
    }
    let at_door = to_second_door(&from(&house.test, TRAIN), "alice").await;
    let back = duo::back(&from(&house.test, TRAIN), &at_door.handle, &query).await.unwrap();
    let Back::AtDoor { step: Step::SecondDoor(step), .. } = back else { panic!("{back:?}") };
    assert_eq!(step.problem, Some(Phrase::DuoStale));
    // Nothing of that took it from whom it belongs to.
    let query = house.visit(&ctx, &session).await;
    let (stepped_up, _) = back_from_duo(&ctx, &session, &query).await.unwrap();
    let SteppedUp::Through(proved) = stepped_up else { panic!("{stepped_up:?}") };
    // And it is nothing a second time, neither for the session that was nor for the one that is.
    assert_eq!(told(&ctx, &session, &query).await, crate::signin::START_AGAIN);
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &proved).await;
    assert_eq!(told(&ctx, &session, &query).await, crate::signin::START_AGAIN);
    // What a sign-in brings back opens no session further.
    let step = to_second_door(&from(&house.test, HOME), "alice").await;
    let Going::To(url) = duo::go(&from(&house.test, HOME), &step.handle, "").await.unwrap() else { panic!() };
    let query = house.service.visit(&url);
    assert!(!left_for_duo(&ctx, &session, &query).await.unwrap());
}

#[tokio::test]
async fn a_stolen_session_gets_nothing_of_what_its_owner_did_at_duo() {
    let house = House::open().await;
    house.owner("alice").await;
    let cookie = house.signed_in("alice").await;
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    let query = house.visit(&ctx, &session).await;
    let (thief, _, copied) = visit(&from(&house.test, [198, 51, 100, 1]), &cookie).await;
    assert_eq!(told(&thief, &copied, &query).await, crate::signin::START_AGAIN);
    assert_eq!(counts(&house.test, [198, 51, 100, 1], &cookie).await.0, Doors::Elsewhere);
    // Nor where nobody knows from where it is used.
    let nowhere = Ctx { source: None, ..ctx.clone() };
    let Leaves::Not(SteppedUp::NotYet { text, .. }) =
        go_to_duo(&nowhere, &session, &Resource::Portal, "").await.unwrap()
    else {
        panic!("away")
    };
    assert_eq!(text, NOWHERE);
}

#[tokio::test]
async fn whoever_gives_up_or_is_refused_at_duo_stands_where_they_stood() {
    let house = House::open().await;
    let alice = house.owner("alice").await;
    let cookie = house.signed_in("alice").await;
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    let query = house.visit(&ctx, &session).await;
    let state = query.split('&').find(|pair| pair.starts_with("state=")).unwrap();
    let gave_up = format!("error=access_denied&{state}");
    assert_eq!(told(&ctx, &session, &gave_up).await, Phrase::DuoSaidNo);
    assert_eq!(told(&ctx, &session, &query).await, Phrase::DuoStale, "it was good once");
    house.service.twist(|claims| claims["auth_result"]["result"] = "deny".into());
    let query = house.visit(&ctx, &session).await;
    assert_eq!(told(&ctx, &session, &query).await, Phrase::DuoSaidNo);
    // What Duo says of somebody else, and what belongs to another request.
    for (claim, other) in [("preferred_username", "mallory"), ("nonce", "of another request")] {
        house.service.twist(move |claims| claims[claim] = other.into());
        let query = house.visit(&ctx, &session).await;
        assert_eq!(told(&ctx, &session, &query).await, Phrase::DuoSaidNo, "{claim}");
    }
    assert_eq!(counts(&house.test, TRAIN, &cookie).await, (Doors::Elsewhere, false));
    assert_eq!(counts(&house.test, HOME, &cookie).await, (Doors::Both, true), "and is signed in at home");
    // A person who is let in no more in the meantime.
    house.owner("bob").await;
    house.service.twist(|_| {});
    let query = house.visit(&ctx, &session).await;
    user::suspend(&house.test.system(), alice).await.unwrap();
    let late = back_from_duo(&ctx, &session, &query).await;
    assert!(matches!(late, Ok((SteppedUp::NotYet { .. }, _)) | Err(AppError::Unauthenticated)), "{late:?}");
}

#[tokio::test]
async fn while_duo_is_down_stepping_up_stays_shut_or_takes_own_factors_as_is_set() {
    let house = House::open().await;
    let alice = super::owner(&house.test).await;
    let cookie = super::signed_in(&house.test, &alice).await;
    let before = org_settings::show(&house.test.system()).await.unwrap().value;
    let mut after = before.clone();
    after.policy.methods = Some([Method::Duo, Method::BypassCode].into());
    org_settings::update(&house.test.system(), None, after).await.unwrap();
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo], "her authenticator does not count here");
    house.service.answer_with(Some(503));
    let gone = go_to_duo(&ctx, &session, &Resource::Portal, "").await.unwrap();
    assert!(matches!(gone, Leaves::Not(SteppedUp::NotYet { text: Phrase::DuoIsDown, .. })), "{gone:?}");
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo]);
    house.test.clock.advance(Span::minutes(1));
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    assert_eq!(refused(&ctx, &session, &alice.code(&house.test, 0)).await.0, WRONG_CODE);
    // Own factors: once Duo was asked here and did not answer.
    house.service.ask_it(&house.test, Duo { when_down: DuoDown::OwnFactors, ..Duo::default() }).await;
    house.test.clock.advance(Span::minutes(6));
    let (ctx, _, session) = visit(&from(&house.test, TRAIN), &cookie).await;
    let down = async || {
        let gone = go_to_duo(&ctx, &session, &Resource::Portal, "").await.unwrap();
        assert!(matches!(gone, Leaves::Not(SteppedUp::NotYet { text: Phrase::DuoIsDown, .. })), "{gone:?}");
    };
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo]);
    house.service.answer_with(Some(429));
    down().await;
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo], "anybody could bring that about");
    house.service.answer_with(Some(503));
    down().await;
    assert_eq!(kinds(&ctx, &session).await, [FactorKind::Duo, FactorKind::Totp]);
    let elsewhere = Ctx { source: Some([198, 51, 100, 1].into()), ..ctx.clone() };
    assert_eq!(kinds(&elsewhere, &session).await, [FactorKind::Duo], "there and at no other place");
    let code = alice.code(&house.test, 0);
    let through = pass(&ctx, &session, &Resource::Portal, Answer::Passcode(code)).await.unwrap();
    assert!(matches!(through, SteppedUp::Through(_)), "{through:?}");
}

#[tokio::test]
async fn a_new_password_is_set_after_stepping_up_at_duo_and_needs_no_code() {
    let house = House::open().await;
    house.owner("alice").await;
    let cookie = house.signed_in("alice").await;
    house.test.clock.advance(Span::minutes(11));
    let (ctx, _, session) = visit(&from(&house.test, HOME), &cookie).await;
    assert!(session::asks_for_code(&ctx, &session).await.unwrap());
    let query = house.visit(&ctx, &session).await;
    let (stepped_up, _) = back_from_duo(&ctx, &session, &query).await.unwrap();
    let SteppedUp::Through(cookie) = stepped_up else { panic!("{stepped_up:?}") };
    let (ctx, _, session) = visit(&from(&house.test, HOME), &cookie).await;
    assert!(!session::asks_for_code(&ctx, &session).await.unwrap());
    let new = NewPassword {
        old: PASSWORD.into(),
        new: "another long passphrase".into(),
        passcode: Secret::default(),
    };
    let (cookie, _) = session::change_own_password(&ctx, &session, &new).await.unwrap();
    // That was ten minutes, and no longer; the new password did not prolong it.
    house.test.clock.advance(Span::minutes(11));
    let (ctx, _, session) = visit(&from(&house.test, HOME), &cookie).await;
    assert!(session::asks_for_code(&ctx, &session).await.unwrap());
}
