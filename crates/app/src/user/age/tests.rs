use sallyport_crypto::Secret;

use super::*;
use crate::{
    factor, jobs, session,
    signin::{
        self, Step,
        tests::{PASSWORD, Person, person, to_second_door, with_password},
    },
    testing::{self, TestOrg},
    user,
};

async fn is_dormant(test: &TestOrg, id: UserId) -> bool {
    user::show(&test.system(), id).await.unwrap().dormant
}

/// A session that this code opened.
async fn session_by(test: &TestOrg, name: &str, code: &Secret) -> (Ctx, sallyport_store::Session) {
    let ctx = test.nobody();
    let step = to_second_door(&ctx, name).await;
    let Step::Allowed(admission) = signin::passcode(&ctx, &step.handle, code).await.unwrap() else {
        panic!("not allowed")
    };
    let (cookie, _) = session::open(&ctx, &admission, "test").await.unwrap();
    let (own, _, session) = session::authenticate(&ctx, cookie.expose()).await.unwrap();
    (own, session)
}

async fn bypass_code(test: &TestOrg, id: UserId) -> Secret {
    factor::issue_bypass_codes(&test.system(), id, 1, 3600).await.unwrap().remove(0)
}

async fn enroll_with_code(test: &TestOrg, id: UserId) {
    let code = factor::issue_enrollment_code(&test.system(), id, 3600).await.unwrap();
    let pending = factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let seed = data_encoding::BASE32_NOPAD.decode(pending.seed.expose().as_bytes()).unwrap();
    let code = Person { id, seed }.code(test, 0);
    factor::confirm_totp(&test.nobody(), &pending.handle, &code).await.unwrap();
}

#[tokio::test]
async fn an_account_idle_for_long_enrols_nothing_without_a_code_of_an_administrator() {
    let test = testing::org().await;
    let dora = test.user_with_password("dora", PASSWORD).await;
    let needed = signin::begin(&test.nobody(), with_password("dora", PASSWORD)).await.unwrap();
    assert!(matches!(needed, Step::EnrollmentNeeded { .. }));
    // While she is new, a bypass code of an administrator is enough to enrol by.
    let (own, session) = session_by(&test, "dora", &bypass_code(&test, dora.id).await).await;
    factor::begin_own_totp(&own, &session).await.unwrap();
    test.clock.advance(Span::days(90));
    jobs::pass(&test.system()).await.unwrap();
    assert!(!is_dormant(&test, dora.id).await);
    test.clock.advance(Span::days(1));
    jobs::pass(&test.system()).await.unwrap();
    assert!(is_dormant(&test, dora.id).await);
    let needed = signin::begin(&test.nobody(), with_password("dora", PASSWORD)).await.unwrap();
    assert!(matches!(needed, Step::EnrollmentNeeded { .. }));
    let (own, session) = session_by(&test, "dora", &bypass_code(&test, dora.id).await).await;
    let refused = factor::begin_own_totp(&own, &session).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "{refused:?}");
    enroll_with_code(&test, dora.id).await;
    assert!(!is_dormant(&test, dora.id).await);
    factor::begin_own_totp(&own, &session).await.unwrap();
}

#[tokio::test]
async fn whoever_was_shut_out_in_between_is_dormant_until_a_factor_of_theirs_is_seen() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = factor::issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    let (own, session) = session_by(&test, "alice", &alice.code(&test, 0)).await;
    let begun = factor::begin_own_totp(&own, &session).await.unwrap();
    user::suspend(&test.system(), alice.id).await.unwrap();
    user::activate(&test.system(), alice.id).await.unwrap();
    assert!(is_dormant(&test, alice.id).await);
    // What was handed out or begun before is void.
    assert!(factor::begin_totp(&test.nobody(), &code).await.is_err());
    assert!(factor::confirm_totp(&own, &begun.handle, &alice.code(&test, 0)).await.is_err());
    let (own, session) = session_by(&test, "alice", &bypass_code(&test, alice.id).await).await;
    assert!(factor::begin_own_totp(&own, &session).await.is_err());
    test.clock.advance(Span::seconds(30));
    let (own, session) = session_by(&test, "alice", &alice.code(&test, 0)).await;
    assert!(!is_dormant(&test, alice.id).await);
    factor::begin_own_totp(&own, &session).await.unwrap();
}

#[tokio::test]
async fn signing_in_now_and_then_keeps_an_account_awake() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    for _ in 0..3 {
        test.clock.advance(Span::days(80));
        session_by(&test, "alice", &alice.code(&test, 0)).await;
        jobs::pass(&test.system()).await.unwrap();
        assert!(!is_dormant(&test, alice.id).await);
    }
}

#[tokio::test]
async fn an_enrolment_code_dies_with_a_new_password() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let code = factor::issue_enrollment_code(&test.system(), alice.id, 3600).await.unwrap();
    user::set_password(&test.system(), alice.id, &"walnut ferry umbrella".into()).await.unwrap();
    assert!(factor::begin_totp(&test.nobody(), &code).await.is_err());
}
