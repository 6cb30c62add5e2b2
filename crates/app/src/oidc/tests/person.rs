//! Who is asked what on the way: nobody, to sign in again, for more, for their consent.

use super::*;
use crate::{
    passkey::tests::{at_second_door, enroll, session_of, soft},
    session,
    signin::{Step, tests::passcode_of},
};

#[tokio::test]
async fn where_nothing_may_be_asked_the_application_is_told_why() {
    let house = house().await;
    let wiki = house.wiki().await;
    let silent = ("prompt", "none");
    assert_eq!(error_in(house.comes(&wiki, &[silent], None).await), "login_required");
    let session = house.signed_in().await;
    code_in(house.comes(&wiki, &[silent], Some(&session)).await);
    house.test.clock.advance(Span::seconds(10));
    for (given, error) in [
        (("max_age", "5"), "login_required"),
        (("prompt", "none login"), "invalid_request"),
        (("id_token_hint", "somebody.elses.token"), "login_required"),
        (("claims", r#"{"id_token":{"sub":{"value":"somebody else"}}}"#), "login_required"),
    ] {
        assert_eq!(error_in(house.comes(&wiki, &with(&[silent], &[given]), Some(&session)).await), error);
    }
    let settings = OidcClient { asks_consent: true, ..OidcClient::default() };
    let asks = house.rp("Asks", settings).await;
    assert_eq!(error_in(house.comes(&asks, &[silent], Some(&session)).await), "consent_required");
    // From another network the second door stands first.
    let ctx = Ctx { source: Some([198, 51, 100, 7].into()), ..house.test.nobody() };
    let turn = begin(&ctx, params(&wiki.asks(&[silent])), Some(&session)).await.unwrap();
    assert_eq!(error_in(turn), "interaction_required");
    // Whoever is out may know no more than that nobody is signed in.
    session::end(&house.test.nobody(), &session).await.unwrap();
    assert_eq!(error_in(house.comes(&wiki, &[silent], Some(&session)).await), "login_required");
}

#[tokio::test]
async fn whoever_has_to_sign_in_anew_does_so_once() {
    let house = house().await;
    let wiki = house.wiki().await;
    let old = house.signed_in().await;
    house.test.clock.advance(Span::minutes(5));
    for given in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "0"), ("max_age", "299")] {
        let (ticket, ask) = asked(house.comes(&wiki, &[given], Some(&old)).await);
        assert!(matches!(ask, Ask::SignIn { again: true, .. }), "{given:?} {ask:?}");
        let (_, ask) = asked(house.go_on(&ticket, Some(&old)).await);
        assert!(matches!(ask, Ask::SignIn { again: true, .. }), "the old session is not enough: {ask:?}");
        let (_, new) = session_of(&house.test, "ada", &house.ada).await;
        let code = code_in(house.go_on(&ticket, Some(&new)).await);
        let said = claims(&house.redeem(&wiki, &code).await.unwrap().id_token.unwrap());
        assert_eq!(said["auth_time"], new.created.unix_seconds(), "{given:?}");
        house.test.clock.advance(Span::minutes(5));
    }
    let (_, session) = session_of(&house.test, "ada", &house.ada).await;
    house.test.clock.advance(Span::seconds(300));
    code_in(house.comes(&wiki, &[("max_age", "300")], Some(&session)).await);
}

#[tokio::test]
async fn what_acr_asks_for_is_passed_or_told_as_missing() {
    let house = house().await;
    let wiki = house.wiki().await;
    let session = house.signed_in().await;
    let acr = async |code: String| claims(&house.redeem(&wiki, &code).await.unwrap().id_token.unwrap());
    // A wish beyond what somebody has is a wish, and what they did prove is told.
    let said = acr(code_in(house.comes(&wiki, &[("acr_values", "phr")], Some(&session)).await)).await;
    assert_eq!(
        (&said["acr"], &said["amr"]),
        (&json!("urn:sallyport:acr:both-doors"), &json!(["mfa", "otp", "pwd"]))
    );
    let essential =
        |values: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":{values}}}}}}}"#);
    for values in [r#"["phr"]"#, r#"["urn:nobody:knows"]"#] {
        let claims = essential(values);
        let turn = house.comes(&wiki, &[("claims", &claims)], Some(&session)).await;
        assert_eq!(error_in(turn), "unmet_authentication_requirements", "{values}");
    }
    let claims = essential(r#"["phr","urn:sallyport:acr:both-doors"]"#);
    code_in(house.comes(&wiki, &[("claims", &claims)], Some(&session)).await);

    // With a passkey at hand the second door is asked for once more, by it alone.
    let (own, session) = session_of(&house.test, "ada", &house.ada).await;
    enroll(&own, &session, &soft(&house.test, house.ada.id)).await.unwrap();
    let (_, session) = session_of(&house.test, "ada", &house.ada).await;
    for given in [("acr_values", "phr"), ("claims", &essential(r#"["phr"]"#))] {
        let (ticket, ask) = asked(house.comes(&wiki, &[given], Some(&session)).await);
        assert!(matches!(ask, Ask::StepUp { level: Level::PhishingResistant, .. }), "{ask:?}");
        let again = house.go_on(&ticket, Some(&session)).await;
        if given.0 == "acr_values" {
            code_in(again);
        } else {
            assert!(matches!(asked(again).1, Ask::StepUp { .. }), "no way around what is essential");
        }
        let silent = with(&[("prompt", "none")], &[given]);
        assert_eq!(error_in(house.comes(&wiki, &silent, Some(&session)).await), "interaction_required");
    }
    // What nobody here can reach is reached by nobody, passkey or not.
    let claims = essential(r#"["urn:nobody:knows"]"#);
    let turn = house.comes(&wiki, &[("claims", &claims)], Some(&session)).await;
    assert_eq!(error_in(turn), "unmet_authentication_requirements");
}

#[tokio::test]
async fn an_application_that_means_somebody_else_gets_nobody() {
    let house = house().await;
    let (wiki, bob) = (house.wiki().await, person(&house.test, "bob").await);
    let ada = house.signed_in().await;
    let hint = house.tokens(&wiki, "openid", &ada).await.id_token.unwrap();
    code_in(house.comes(&wiki, &[("id_token_hint", &hint)], Some(&ada)).await);
    let (_, of_bob) = session_of(&house.test, "bob", &bob).await;
    house.test.clock.advance(Span::seconds(1));
    let (ticket, ask) = asked(house.comes(&wiki, &[("id_token_hint", &hint)], Some(&of_bob)).await);
    assert!(matches!(ask, Ask::SignIn { again: true, .. }));
    // Bob once more: that is said, and not asked for ever.
    let (_, again) = session_of(&house.test, "bob", &bob).await;
    assert_eq!(error_in(house.go_on(&ticket, Some(&again)).await), "login_required");
    let ada = house.signed_in().await;
    code_in(house.go_on(&ticket, Some(&ada)).await);
}

#[tokio::test]
async fn consent_is_kept_and_asked_for_again_when_more_is_to_be_told() {
    let house = house().await;
    let settings = OidcClient { asks_consent: true, ..OidcClient::default() };
    let (wiki, session) = (house.rp("Wiki", settings).await, house.signed_in().await);
    let asks = async |given: Pairs<'_>| {
        let turn = house.comes(&wiki, given, Some(&session)).await;
        let Turn::Consent { ticket, consenting } = turn else { panic!("{turn:?}") };
        assert_eq!(consenting.application, "Wiki");
        (ticket, consenting.scopes)
    };
    let says =
        async |ticket: &Secret, yes| agree(&house.test.nobody(), ticket, Some(&session), yes).await.unwrap();
    let (ticket, scopes) = asks(&[("scope", "openid email")]).await;
    assert_eq!(scopes, ["email", "openid"]);
    assert_eq!(error_in(says(&ticket, false).await), "access_denied");
    assert!(matches!(says(&ticket, true).await, Turn::Nowhere(_)), "no is no");
    let (ticket, _) = asks(&[("scope", "openid email")]).await;
    assert!(matches!(agree(&house.test.nobody(), &ticket, None, true).await.unwrap(), Turn::Ask { .. }));
    code_in(says(&ticket, true).await);
    for given in [[("scope", "openid email")], [("scope", "openid")]] {
        code_in(house.comes(&wiki, &given, Some(&session)).await);
    }
    asks(&[("scope", "openid email profile")]).await;
    asks(&[("scope", "openid email"), ("prompt", "consent")]).await;
    // Single claims are told of too.
    let (_, scopes) = asks(&[("scope", "openid"), ("claims", r#"{"userinfo":{"phone_number":null}}"#)]).await;
    assert_eq!(scopes, ["openid", "phone"]);
    house.test.clock.advance(Span::days(366));
    let session = house.signed_in().await;
    let turn = house.comes(&wiki, &[("scope", "openid email")], Some(&session)).await;
    assert!(matches!(turn, Turn::Consent { .. }), "after a year");
}

#[tokio::test]
async fn what_a_caller_says_of_a_session_counts_for_nothing() {
    let house = house().await;
    let wiki = house.wiki().await;
    let step = at_second_door(&house.test, "ada").await;
    let Step::Allowed(admission) = passcode_of(&house.test.nobody(), &step, &house.ada, &house.test).await
    else {
        panic!()
    };
    let (_, mut claimed) = session::open(&house.test.nobody(), &admission, "").await.unwrap();
    // It is read by its secret.
    claimed.hash = "0".repeat(64);
    let (_, ask) = asked(house.comes(&wiki, &[], Some(&claimed)).await);
    assert!(matches!(ask, Ask::SignIn { .. }));
}
