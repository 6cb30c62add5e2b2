use super::*;
use crate::{
    signin::{
        self, Begin, FirstDoorProof, Step,
        tests::{PASSWORD, passcode_of, person},
    },
    testing::{self, TestOrg},
};

/// Alice's admission to what she asks for, by her password and a code.
async fn admitted(test: &TestOrg, alice: &signin::tests::Person, resource: Resource) -> Admission {
    test.clock.advance(Span::seconds(30));
    let first_door = FirstDoorProof::Password(PASSWORD.into());
    let begin = Begin { name: "alice".into(), resource, first_door };
    let Step::SecondDoor(step) = signin::begin(&test.nobody(), begin).await.unwrap() else { panic!() };
    let Step::Allowed(admission) = passcode_of(&test.nobody(), &step, alice, test).await else { panic!() };
    *admission
}

#[tokio::test]
async fn a_cookie_and_a_programs_secret_do_not_pass_for_each_other() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let portal = admitted(&test, &alice, Resource::Portal).await;
    let (cookie, in_browser) = open(&test.nobody(), &portal, "Browser/1").await.unwrap();
    let api = admitted(&test, &alice, Resource::Api).await;
    let (bearer, in_program) = open_bearer(&test.nobody(), &api, "program/1").await.unwrap();
    assert_eq!((in_browser.bearer, in_program.bearer), (false, true));
    let ctx = test.nobody();
    let (_, _, found) = authenticate(&ctx, cookie.expose()).await.unwrap();
    assert_eq!(found.hash, in_browser.hash);
    let (_, _, found) = authenticate_bearer(&ctx, bearer.expose()).await.unwrap();
    assert_eq!(found.hash, in_program.hash);
    let renamed = |secret: &Secret, prefix: &str| format!("{prefix}_{}", &secret.expose()[4..]);
    for cookie in [bearer.expose(), &renamed(&bearer, "sps")] {
        assert!(matches!(authenticate(&ctx, cookie).await, Err(AppError::Unauthenticated)));
    }
    for bearer in [cookie.expose(), &renamed(&cookie, "spb")] {
        assert!(matches!(authenticate_bearer(&ctx, bearer).await, Err(AppError::Unauthenticated)));
    }
}

#[tokio::test]
async fn whoever_was_let_in_to_something_else_has_no_session() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let (input, system) =
        (serde_json::from_value(serde_json::json!({ "name": "vpn", "type": "duo-auth-api" })), test.system());
    let (vpn, _) = crate::application::create(&system, input.unwrap()).await.unwrap();
    let resource = Resource::Application { application: vpn.id, name: vpn.name.clone() };
    let ctx = test.nobody();
    let to_vpn = admitted(&test, &alice, resource).await;
    let to_portal = admitted(&test, &alice, Resource::Portal).await;
    let to_api = admitted(&test, &alice, Resource::Api).await;
    for refused in [
        open(&ctx, &to_vpn, "").await,
        open_bearer(&ctx, &to_vpn, "").await,
        open_bearer(&ctx, &to_portal, "").await,
        open(&ctx, &to_api, "").await,
    ] {
        assert!(matches!(refused, Err(AppError::Unauthenticated)));
    }
    assert!(list(&test.person(alice.id, &[]), alice.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_that_looks_by_itself_keeps_nobody_signed_in() {
    let test = testing::org().await;
    let alice = person(&test, "alice").await;
    let portal = admitted(&test, &alice, Resource::Portal).await;
    let (cookie, session) = open(&test.nobody(), &portal, "Browser/1").await.unwrap();
    let seen = async || list(&test.person(alice.id, &[]), alice.id).await.unwrap().remove(0).seen;
    test.clock.advance(SEEN_EVERY);
    test.clock.advance(Span::seconds(1));
    authenticate_unused(&test.nobody(), cookie.expose()).await.unwrap();
    assert!(is_good(&test.nobody(), &session.hash).await.unwrap());
    assert_eq!(seen().await, session.seen);
    authenticate(&test.nobody(), cookie.expose()).await.unwrap();
    assert_eq!(seen().await, test.nobody().now);
    test.clock.advance(IDLE);
    test.clock.advance(Span::seconds(1));
    assert!(!is_good(&test.nobody(), &session.hash).await.unwrap());
    assert!(authenticate_unused(&test.nobody(), cookie.expose()).await.is_err());
    assert!(!is_good(&test.nobody(), "nobody's").await.unwrap());
}
