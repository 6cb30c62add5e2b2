use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use sallyport_crypto::{Random, random::NoRandomness};
use sallyport_model::{Method, UserState, policy::MethodRow};

use super::*;
use crate::{
    Caller,
    testing::{self, TestOrg},
};

fn given(name: &str) -> Setup {
    Setup {
        organization: "Example".into(),
        admin_name: name.into(),
        password: "tulip gravel hovercraft".into(),
    }
}

fn local(test: &TestOrg) -> Ctx {
    test.system().with_caller(Caller::LocalAdmin)
}

#[tokio::test]
async fn setup_stays_closed_whatever_becomes_of_the_first_owner() {
    let test = testing::bare_org();
    let link = issue_link(&test.system()).await.unwrap().unwrap();
    let done = by_local_admin(&local(&test), given("olga")).await.unwrap();
    let second = test.user_with_password("oskar", "tulip gravel hovercraft").await;
    user::set_roles(&test.system(), second.id, [Role::Owner].into()).await.unwrap();
    user::set_roles(&test.system(), done.owner.id, std::collections::BTreeSet::new()).await.unwrap();
    let gone = user::suspend(&test.system(), done.owner.id).await.unwrap();
    assert_eq!(gone.state, UserState::Suspended);
    assert!(is_done(&test.system()).await.unwrap());
    assert!(issue_link(&test.system()).await.unwrap().is_none());
    assert!(!link_is_good(&test.nobody(), link.expose()).await.unwrap());
    assert!(matches!(
        by_link(&test.nobody(), link.expose(), given("mallory")).await,
        Err(AppError::Conflict(_))
    ));
    assert!(matches!(by_local_admin(&local(&test), given("mallory")).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn a_setup_link_is_good_once_and_for_a_day() {
    let test = testing::bare_org();
    let former = issue_link(&test.system()).await.unwrap().unwrap();
    let link = issue_link(&test.system()).await.unwrap().unwrap();
    assert!(!link_is_good(&test.nobody(), former.expose()).await.unwrap(), "a newer one voids it");
    assert!(link_is_good(&test.nobody(), link.expose()).await.unwrap());
    test.clock.advance(Span::hours(25));
    let late = by_link(&test.nobody(), link.expose(), given("olga")).await;
    assert!(matches!(late, Err(AppError::Unauthenticated)));
    let link = issue_link(&test.system()).await.unwrap().unwrap();
    by_link(&test.nobody(), link.expose(), given("olga")).await.unwrap();
    assert!(by_link(&test.nobody(), link.expose(), given("oskar")).await.is_err());
}

/// Randomness that runs dry.
struct Running(AtomicI64);

impl Random for Running {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        let left = self.0.fetch_sub(1, Ordering::SeqCst);
        out.fill(u8::try_from(left.clamp(1, 255)).unwrap());
        if left > 0 { Ok(()) } else { Err(NoRandomness) }
    }
}

#[tokio::test]
async fn a_setup_that_fails_anywhere_has_not_begun() {
    for draws in 0.. {
        let mut test = testing::bare_org();
        Arc::get_mut(&mut test.org).unwrap().random = Arc::new(Running(AtomicI64::new(draws)));
        let done = by_local_admin(&local(&test), given("olga")).await;
        assert_eq!(is_done(&test.system()).await.unwrap(), done.is_ok(), "after {draws} draws");
        if let Ok(done) = done {
            assert!(draws > 3, "nothing was drawn");
            assert!(factor::begin_totp(&test.nobody(), &done.enrollment_code).await.is_err(), "it is dry");
            break;
        }
    }
}

#[tokio::test]
async fn an_owner_who_cannot_come_in_is_helped_by_whoever_holds_the_machine() {
    let test = testing::bare_org();
    let done = by_local_admin(&local(&test), given("olga")).await.unwrap();
    test.user_with_password("alice", "tulip gravel hovercraft").await;
    let refused = recover(&test.system(), "olga", false).await;
    assert!(matches!(refused, Err(AppError::Unauthenticated)), "not even the server itself does it");
    for other in ["alice", "nobody-here", ""] {
        let refused = recover(&local(&test), other, false).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "owner", .. })), "{other}");
    }
    let (owner, code) = recover(&local(&test), "Olga", false).await.unwrap();
    assert_eq!(owner.id, done.owner.id);
    assert!(
        factor::begin_totp(&test.nobody(), &done.enrollment_code).await.is_err(),
        "the former one is void"
    );
    factor::begin_totp(&test.nobody(), &code).await.unwrap();
    let second = test.user_with_password("oskar", "tulip gravel hovercraft").await;
    user::set_roles(&test.system(), second.id, [Role::Owner].into()).await.unwrap();
    user::suspend(&test.system(), done.owner.id).await.unwrap();
    assert!(matches!(recover(&local(&test), "olga", false).await, Err(AppError::Conflict(_))));
}

#[tokio::test]
async fn an_owner_without_a_key_of_a_named_model_is_let_in_by_an_app_again() {
    let test = testing::bare_org();
    by_local_admin(&local(&test), given("olga")).await.unwrap();
    let maker = sallyport_wire::webauthn::soft::maker::Maker::new("Acme");
    let input = sallyport_api::rest::NamePasskeyModel {
        aaguid: Some("ee882879-721c-4913-9775-3dfcce97072a".into()),
        name: Some("Acme Key".into()),
        roots: Some(maker.root.1),
        metadata: None,
    };
    let named = crate::passkey::models::name(&test.system(), &input).await.unwrap();
    let mut settings = named.settings.value;
    settings.factors = vec![
        MethodRow { method: Method::Passkey, on: true, groups: Vec::new() },
        MethodRow { method: Method::Totp, on: false, groups: Vec::new() },
    ];
    crate::settings::update(&test.system(), None, settings).await.unwrap();
    recover(&local(&test), "olga", true).await.unwrap();
    let after = test.system().read(crate::ctx::settings).await.unwrap();
    let on: Vec<Method> = after.factors.iter().filter(|row| row.on).map(|row| row.method).collect();
    assert_eq!(on, [Method::Passkey, Method::Totp]);
}
