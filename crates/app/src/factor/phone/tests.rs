use sallyport_model::{FactorKind, Role};

use super::*;
use crate::{
    factor, session,
    signin::{
        Step,
        tests::{passcode_of, person, to_second_door},
    },
    telephony::testing::{Company, phone_of, twilio},
    testing::{self, TestOrg},
    user,
};

const NUMBER: &str = "+1 (500) 555-0010";

fn input(number: &str) -> AddPhone {
    AddPhone { number: number.into(), ..AddPhone::default() }
}

/// Somebody of this name who passed both doors.
async fn inside(test: &TestOrg, name: &str) -> (Ctx, Session) {
    let who = person(test, name).await;
    let ctx = test.nobody();
    let step = to_second_door(&ctx, name).await;
    let Step::Allowed(admission) = passcode_of(&ctx, &step, &who, test).await else { panic!("not let in") };
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let (ctx, _, session) = session::authenticate(&ctx, cookie.expose()).await.unwrap();
    (ctx, session)
}

fn later(test: &TestOrg, ctx: &Ctx) -> Ctx {
    test.clock.advance(Span::seconds(31));
    Ctx { now: test.system().now, ..ctx.clone() }
}

#[tokio::test]
async fn an_administrator_adds_a_phone_to_people_below_themselves() {
    let test = testing::org().await;
    Company::of(&test, twilio()).await;
    let alice = person(&test, "alice").await.id;
    let somebody = |role| test.person(UserId::new(uuid::Uuid::from_u128(9)), &[role]);
    // She has a factor, so help desk alone does not.
    let refused = add(&somebody(Role::HelpDesk), alice, input(NUMBER)).await.unwrap_err().to_string();
    assert!(refused.contains("ask for this reset first"), "{refused}");
    let administrator = somebody(Role::Administrator);
    let added = add(&administrator, alice, input(NUMBER)).await.unwrap();
    let Proof::Phone { number, texts: true, calls: true } = &added.proof else { panic!("{added:?}") };
    assert_eq!((number.as_str(), added.name.as_str()), ("+15005550010", "Phone ending in 0010"));
    assert!(added.duo_id.starts_with("DP") && added.duo_id.len() == 20, "{}", added.duo_id);
    for (bad, why) in [
        (input(NUMBER), "already"),
        (input("015005550010"), "calling code"),
        (input("+44 20 7946 0000"), "country"),
        (AddPhone { texts: Some(false), calls: Some(false), ..input("+15005550011") }, "texted, or called"),
    ] {
        let refused = add(&administrator, alice, bad).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
    assert!(matches!(
        add(&somebody(Role::Auditor), alice, input("+15005550011")).await,
        Err(AppError::Denied(_))
    ));
    user::set_roles(&test.system(), alice, [Role::Auditor].into()).await.unwrap();
    let refused = add(&test.system(), alice, input("+15005550011")).await.unwrap_err();
    assert!(refused.to_string().contains("role"), "{refused}");
}

#[tokio::test]
async fn ones_own_phone_is_proved_by_the_code_texted_to_it() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (ctx, session) = inside(&test, "alice").await;
    let pending = begin_own(&ctx, &session, &input(NUMBER)).await.unwrap();
    assert_eq!(pending.last_four, "0010");
    assert_eq!(company.texts()[0].0, "+15005550010");
    let code = company.codes().remove(0);
    let wrong = confirm_own(&ctx, &session, &pending.handle, &"0000000".into()).await.unwrap_err();
    assert!(matches!(wrong, AppError::Invalid { field: "passcode", .. }), "{wrong}");
    let added = confirm_own(&ctx, &session, &pending.handle, &code).await.unwrap();
    assert_eq!((added.kind(), added.user), (FactorKind::Phone, session.user));
    let again = confirm_own(&ctx, &session, &pending.handle, &code).await;
    assert!(again.is_err(), "once");
}

#[tokio::test]
async fn a_number_is_proved_once_and_guesses_at_its_code_are_counted_over_two_nodes() {
    let mut test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (ctx, session) = inside(&test, "alice").await;
    let nodes = |test: &TestOrg, ctx: &Ctx| {
        test.doors().map(|node| Ctx { caller: ctx.caller.clone(), source: ctx.source, ..node })
    };
    let bring = |code: Secret, handle: Secret| {
        let session = session.clone();
        move |ctx: Ctx| {
            let (code, handle, session) = (code.clone(), handle.clone(), session.clone());
            async move { confirm_own(&ctx, &session, &handle, &code).await }
        }
    };
    let pending = begin_own(&ctx, &session, &input(NUMBER)).await.unwrap();
    let right = bring(company.codes().remove(0), pending.handle.clone());
    let added = testing::at_once(&nodes(&test, &ctx), 10, &right).await;
    assert_eq!(added.iter().filter(|added| added.is_ok()).count(), 1, "{added:?}");
    test.restart();
    let again = testing::at_once(&nodes(&test, &ctx), 4, &right).await;
    assert!(again.iter().all(Result::is_err), "{again:?}");
    let ctx = later(&test, &ctx);
    let pending = begin_own(&ctx, &session, &input("+15005550011")).await.unwrap();
    let wrong = bring("0000000".into(), pending.handle.clone());
    let guessed = testing::at_once(&nodes(&test, &ctx), 12, &wrong).await;
    let looked_at = |one: &&Result<Factor, AppError>| matches!(one, Err(AppError::Invalid { .. }));
    assert_eq!(guessed.iter().filter(looked_at).count(), 6, "{guessed:?}");
    test.restart();
    let late =
        testing::at_once(&nodes(&test, &ctx), 2, bring(company.codes().remove(0), pending.handle.clone()))
            .await;
    assert!(late.iter().all(|one| matches!(one, Err(AppError::Busy))), "{late:?}");
}

#[tokio::test]
async fn a_code_goes_to_the_number_that_was_stored_and_proves_no_other() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (ctx, session) = inside(&test, "alice").await;
    let first = begin_own(&ctx, &session, &input("+15005550010")).await.unwrap();
    let first_code = company.codes().remove(0);
    let ctx = later(&test, &ctx);
    let second = begin_own(&ctx, &session, &input("+15005550011")).await.unwrap();
    let void = confirm_own(&ctx, &session, &first.handle, &first_code).await.unwrap_err();
    assert!(matches!(void, AppError::Conflict(_)), "{void}");
    assert!(confirm_own(&ctx, &session, &second.handle, &first_code).await.is_err());
    let (bob, bobs) = inside(&test, "bob").await;
    let code = company.codes().remove(0);
    let stolen = confirm_own(&bob, &bobs, &second.handle, &code).await.unwrap_err();
    assert!(matches!(stolen, AppError::Conflict(_)), "{stolen}");
    let added = confirm_own(&ctx, &session, &second.handle, &code).await.unwrap();
    assert_eq!(number_of(&added).unwrap().as_str(), "+15005550011");
}

#[tokio::test]
async fn a_phone_is_added_behind_both_doors_by_whoever_is_not_dormant_and_has_no_role() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let (ctx, session) = inside(&test, "alice").await;
    let one_door = Session { both_doors: false, ..session.clone() };
    assert!(matches!(begin_own(&ctx, &one_door, &input(NUMBER)).await, Err(AppError::Unauthenticated)));
    let train = Ctx { source: Some([203, 0, 113, 9].into()), ..ctx.clone() };
    assert!(matches!(begin_own(&train, &session, &input(NUMBER)).await, Err(AppError::Unauthenticated)));
    user::set_roles(&test.system(), session.user, [Role::Auditor].into()).await.unwrap();
    assert!(matches!(begin_own(&ctx, &session, &input(NUMBER)).await, Err(AppError::Conflict(_))));
    assert!(!crate::factor::enrollable::own(&ctx).await.unwrap().number);
    assert!(company.texts().is_empty());
}

#[tokio::test]
async fn nobody_learns_whether_a_number_is_known_here() {
    let test = testing::org().await;
    let company = Company::of(&test, twilio()).await;
    let bob = person(&test, "bob").await.id;
    phone_of(&test, bob, "+15005550011").await;
    let (ctx, session) = inside(&test, "alice").await;
    let mut told = Vec::new();
    let mut ctx = ctx;
    for number in ["+15005550011", "+15005550012"] {
        let pending = begin_own(&ctx, &session, &input(number)).await.unwrap();
        let code = company.codes().remove(0);
        let added = confirm_own(&ctx, &session, &pending.handle, &code).await.unwrap();
        told.push((pending.last_four.len(), added.proof.kind()));
        ctx = later(&test, &ctx);
    }
    assert_eq!(told[0], told[1], "somebody else's number is as good as a fresh one");
}

#[tokio::test]
async fn a_phone_that_is_gone_takes_its_codes_along() {
    let test = testing::org().await;
    let company = Company::of(&test, Telephony { codes: 2, ..twilio() }).await;
    let alice = person(&test, "alice").await.id;
    let phone = phone_of(&test, alice, NUMBER).await;
    let step = to_second_door(&test.nobody(), "alice").await;
    crate::signin::text(&test.nobody(), &step.handle, phone.id).await.unwrap();
    let code = company.codes().remove(0);
    factor::remove(&test.system(), alice, phone.id).await.unwrap();
    let step = to_second_door(&test.nobody(), "alice").await;
    let answered = crate::signin::passcode(&test.nobody(), &step.handle, &code).await.unwrap();
    assert!(matches!(answered, Step::SecondDoor(_)), "{answered:?}");
}
