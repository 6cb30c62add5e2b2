//! Codes: once, for one client, one address, one secret, one minute.

use sallyport_model::oidc::OidcGrant;

use super::*;
use crate::testing::at_once;

#[tokio::test]
async fn a_code_that_comes_twice_ends_what_it_gave() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let code = house.code(&wiki, &[("scope", "openid offline_access")], &session).await;
    let tokens = house.redeem(&wiki, &code).await.unwrap();
    let refresh_token = tokens.refresh_token.unwrap();
    assert!(house.is_good(&wiki, &tokens.access_token).await);
    assert_eq!(house.redeem(&wiki, &code).await.unwrap_err(), ErrorCode::InvalidGrant);
    assert!(!house.is_good(&wiki, &tokens.access_token).await);
    assert!(!house.is_good(&wiki, &refresh_token).await);
    assert_eq!(house.refresh(&wiki, &refresh_token).await.unwrap_err(), ErrorCode::InvalidGrant);
    assert_eq!(house.userinfo(&tokens.access_token).await, Err(ErrorCode::InvalidToken));
    let dump = house.test.dump();
    for secret in [code.as_str(), &tokens.access_token, &refresh_token, wiki.secret.expose()] {
        assert!(!dump.windows(secret.len()).any(|window| window == secret.as_bytes()), "none rests as it is");
    }
}

#[tokio::test]
async fn a_code_is_for_its_client_its_address_and_a_minute() {
    let house = house().await;
    let (wiki, chat) = (house.wiki().await, house.rp("Chat", OidcClient::default()).await);
    let session = house.signed_in().await;
    let code = house.code(&wiki, &[], &session).await;
    assert_eq!(house.redeem(&chat, &code).await.unwrap_err(), ErrorCode::InvalidGrant);
    let tokens = house.redeem(&wiki, &code).await.expect("others have spent nothing of it");
    // Nor does somebody else end what it gave.
    assert_eq!(house.redeem(&chat, &code).await.unwrap_err(), ErrorCode::InvalidGrant);
    assert!(house.is_good(&wiki, &tokens.access_token).await);

    for elsewhere in ["https://wiki.example/other", ""] {
        let code = house.code(&wiki, &[], &session).await;
        let given = with(&redeeming(&code), &[("redirect_uri", elsewhere)])
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<Vec<_>>();
        let given: Vec<(&str, &str)> = given.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(house.asks(&wiki, &given).await.unwrap_err(), ErrorCode::InvalidGrant, "{elsewhere}");
        assert_eq!(house.redeem(&wiki, &code).await.unwrap_err(), ErrorCode::InvalidGrant, "it is spent");
    }

    let code = house.code(&wiki, &[], &session).await;
    house.test.clock.advance(Span::seconds(60));
    assert!(house.redeem(&wiki, &code).await.is_ok());
    let code = house.code(&wiki, &[], &session).await;
    house.test.clock.advance(Span::seconds(61));
    assert_eq!(house.redeem(&wiki, &code).await.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_on_two_nodes_one_redeems_a_code() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let code = house.code(&wiki, &[], &session).await;
    let (header, _) = wiki.proves(&house.test.nobody());
    let nodes = house.test.doors();
    let came = at_once(&nodes, 20, |ctx| {
        let (header, asked) = (header.clone(), params(&redeeming(&code)));
        async move { word(token(&ctx, header.as_deref(), None, &asked).await).is_ok() }
    });
    assert_eq!(came.await.into_iter().filter(|redeemed| *redeemed).count(), 1);
}

#[tokio::test]
async fn a_code_takes_the_verifier_of_its_challenge_whoever_the_client_is() {
    let house = house().await;
    let session = house.signed_in().await;
    let public = OidcClient { authentication: ClientAuthentication::None, ..OidcClient::default() };
    let signs = OidcClient { authentication: ClientAuthentication::PrivateKeyJwt, ..OidcClient::default() };
    for (name, settings) in [("Secret", OidcClient::default()), ("Public", public), ("Signs", signs)] {
        let rp = house.rp(name, settings).await;
        let other = VERIFIER.replace('d', "e");
        for verifier in ["", &other, CHALLENGE, "short"] {
            let code = house.code(&rp, &[], &session).await;
            let usual = redeeming(&code);
            let given = with(&usual, &[("code_verifier", verifier)]);
            assert_eq!(
                house.asks(&rp, &given).await.unwrap_err(),
                ErrorCode::InvalidGrant,
                "{name} {verifier}"
            );
        }
        for given in [
            [("code_challenge", ""), ("code_challenge_method", "")],
            [("code_challenge", ""), ("code_challenge_method", "S256")],
            [("code_challenge", VERIFIER), ("code_challenge_method", "plain")],
            [("code_challenge", CHALLENGE), ("code_challenge_method", "")],
            [("code_challenge", CHALLENGE), ("code_challenge_method", "s256")],
            [("code_challenge", "dG9vIHNob3J0"), ("code_challenge_method", "S256")],
        ] {
            let turn = house.comes(&rp, &given, Some(&session)).await;
            assert_eq!(error_in(turn), "invalid_request", "{name} {given:?}");
        }
        let code = house.code(&rp, &[], &session).await;
        assert!(house.redeem(&rp, &code).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn a_request_is_as_it_came_first_whatever_is_said_on_the_way() {
    let house = house().await;
    let wiki = house.wiki().await;
    let (ticket, ask) = asked(house.comes(&wiki, &[("scope", "openid email")], None).await);
    assert!(matches!(ask, Ask::SignIn { again: false, .. }));
    let session = house.signed_in().await;
    // Nothing but the ticket is read, and it is spent.
    let code = code_in(house.go_on(&ticket, Some(&session)).await);
    assert_eq!(house.redeem(&wiki, &code).await.unwrap().scope, "email openid");
    let Turn::Nowhere(error) = house.go_on(&ticket, Some(&session)).await else { panic!() };
    assert_eq!(error.error, ErrorCode::InvalidRequest);
    // One that waited too long is over, and so is one whose address was taken away in the meantime.
    let (old, _) = asked(house.comes(&wiki, &[], None).await);
    let (elsewhere, _) = asked(house.comes(&wiki, &[], None).await);
    let uris = Some(vec!["https://wiki.example/other".to_owned()]);
    house.change(&wiki, UpdateApplication { redirect_uris: uris, ..UpdateApplication::default() }).await;
    assert!(matches!(house.go_on(&elsewhere, Some(&session)).await, Turn::Nowhere(_)));
    let uris = Some(vec![BACK.to_owned()]);
    house.change(&wiki, UpdateApplication { redirect_uris: uris, ..UpdateApplication::default() }).await;
    house.test.clock.advance(Span::minutes(31));
    assert!(matches!(house.go_on(&old, Some(&house.signed_in().await)).await, Turn::Nowhere(_)));
    assert!(matches!(house.go_on(&"spoq_guessed".into(), Some(&session)).await, Turn::Nowhere(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_at_once_on_two_nodes_one_ticket_gives_one_code() {
    let house = house().await;
    let wiki = house.wiki().await;
    let (ticket, _) = asked(house.comes(&wiki, &[], None).await);
    let session = house.signed_in().await;
    let nodes = house.test.doors();
    let came = at_once(&nodes, 20, |ctx| {
        let (ticket, session) = (ticket.clone(), session.clone());
        async move { matches!(go_on(&ctx, &ticket, Some(&session)).await.unwrap(), Turn::Back(_)) }
    });
    assert_eq!(came.await.into_iter().filter(|given| *given).count(), 1);
}

#[tokio::test]
async fn a_code_that_is_bound_to_a_key_is_redeemed_with_it() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let (key, other) = (es256(), es256());
    let jkt = sallyport_wire::oidc::thumbprint(&key.public().unwrap());
    let ctx = house.test.nobody();
    for proved in [None, Some(&other)] {
        let code = house.code(&wiki, &[("dpop_jkt", &jkt)], &session).await;
        let proof = proved.map(|key| proof(key, &ctx, ("POST", "/oidc/token"), None));
        let came = house.asks_at(&ctx, &wiki, &redeeming(&code), proof.as_deref()).await;
        assert_eq!(came.unwrap_err(), ErrorCode::InvalidGrant);
    }
    let code = house.code(&wiki, &[("dpop_jkt", &jkt)], &session).await;
    let proof = proof(&key, &ctx, ("POST", "/oidc/token"), None);
    let tokens = house.asks_at(&ctx, &wiki, &redeeming(&code), Some(&proof)).await.unwrap();
    assert_eq!(tokens.token_type, sallyport_wire::oidc::TokenType::Dpop);
}

#[tokio::test]
async fn a_client_is_given_what_it_is_registered_for() {
    let house = house().await;
    let session = house.signed_in().await;
    let settings = OidcClient { grants: [OidcGrant::ClientCredentials].into(), ..OidcClient::default() };
    let robot = house.rp("Robot", settings).await;
    assert_eq!(error_in(house.comes(&robot, &[], Some(&session)).await), "unauthorized_client");
    assert_eq!(house.redeem(&robot, "spok_x").await.unwrap_err(), ErrorCode::UnauthorizedClient);
    let own = house.asks(&robot, &[("grant_type", "client_credentials")]).await.unwrap();
    assert_eq!((own.scope.as_str(), own.id_token, own.refresh_token), ("", None, None));
    assert_eq!(house.userinfo(&own.access_token).await, Err(ErrorCode::InvalidToken), "about nobody");
    let wiki = house.wiki().await;
    let refused = house.asks(&wiki, &[("grant_type", "client_credentials")]).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::UnauthorizedClient);
    for grant in ["password", "implicit", "urn:ietf:params:oauth:grant-type:saml2-bearer"] {
        let refused = house.asks(&wiki, &[("grant_type", grant)]).await;
        assert_eq!(refused.unwrap_err(), ErrorCode::UnsupportedGrantType, "{grant}");
    }
    assert_eq!(house.asks(&wiki, &[]).await.unwrap_err(), ErrorCode::InvalidRequest);
}
