//! No token passes for another, and none for another's.

use std::collections::BTreeSet;

use sallyport_model::oidc::{AccessTokenFormat, OidcGrant, SigningAlgorithm};
use sallyport_wire::oidc::left_half_hash;

use super::*;

#[tokio::test]
async fn nothing_passes_for_an_access_token_and_nothing_for_anybody_elses() {
    let house = house().await;
    let session = house.signed_in().await;
    for access_tokens in [AccessTokenFormat::Opaque, AccessTokenFormat::Jwt] {
        let settings = OidcClient { access_tokens, ..OidcClient::default() };
        let wiki = house.rp("Wiki", settings.clone()).await;
        let chat = house.rp("Chat", settings).await;
        let code = house.code(&wiki, &[], &session).await;
        let tokens = house.redeem(&wiki, &code).await.unwrap();
        let (access, id_token) = (tokens.access_token, tokens.id_token.unwrap());
        let refresh = tokens.refresh_token.unwrap();
        assert_eq!(house.userinfo(&access).await.unwrap()["sub"], house.ada.id.to_string());
        for other in [id_token.as_str(), &refresh, &code, "", ".", "..", "a.b.c", &format!("{access}x")] {
            assert_eq!(house.userinfo(other).await, Err(ErrorCode::InvalidToken), "{other}");
        }
        for other in [id_token.as_str(), &code, "nothing"] {
            assert!(!house.is_good(&wiki, other).await, "{other}");
            assert_eq!(house.refresh(&wiki, other).await.unwrap_err(), ErrorCode::InvalidGrant);
        }
        assert_eq!(house.refresh(&wiki, &access).await.unwrap_err(), ErrorCode::InvalidGrant);
        for theirs in [&access, &refresh, &id_token] {
            assert!(!house.is_good(&chat, theirs).await, "what is another's is nothing");
        }
        // Nor can another revoke it.
        let ctx = house.test.nobody();
        let (header, _) = chat.proves(&ctx);
        for token in [&access, &refresh] {
            word(revoke(&ctx, header.as_deref(), &params(&[("token", token)])).await).unwrap();
        }
        assert!(house.is_good(&wiki, &access).await && house.is_good(&wiki, &refresh).await);
        for rp in [&wiki, &chat] {
            application::delete(&house.test.system(), rp.id, None).await.unwrap();
        }
        assert_eq!(house.userinfo(&access).await, Err(ErrorCode::InvalidToken), "nor after its application");
    }
}

#[tokio::test]
async fn what_is_revoked_is_dead_and_a_refresh_token_takes_all_with_it() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let first = house.tokens(&wiki, "openid", &session).await;
    let ctx = house.test.nobody();
    let (header, _) = wiki.proves(&ctx);
    let dies = async |token: &str| {
        word(revoke(&ctx, header.as_deref(), &params(&[("token", token)])).await).unwrap();
        assert!(!house.is_good(&wiki, token).await);
    };
    dies(&first.access_token).await;
    let refresh = first.refresh_token.unwrap();
    let second = house.refresh(&wiki, &refresh).await.unwrap();
    dies(second.refresh_token.as_deref().unwrap()).await;
    assert!(!house.is_good(&wiki, &second.access_token).await);
    dies("what was never a token").await;
    assert_eq!(
        word(revoke(&ctx, None, &params(&[("token", "x")])).await).unwrap_err(),
        ErrorCode::InvalidClient,
        "nobody in particular revokes nothing"
    );
}

#[tokio::test]
async fn an_access_token_is_good_for_five_minutes_and_with_its_key_where_it_has_one() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let tokens = house.tokens(&wiki, "openid", &session).await;
    house.test.clock.advance(Span::seconds(300));
    assert!(house.is_good(&wiki, &tokens.access_token).await);
    house.test.clock.advance(Span::seconds(1));
    assert!(!house.is_good(&wiki, &tokens.access_token).await);

    let (key, other, ctx) = (es256(), es256(), house.test.nobody());
    let code = house.code(&wiki, &[], &session).await;
    let by = proof(&key, &ctx, ("POST", "/oidc/token"), None);
    let bound = house.asks_at(&ctx, &wiki, &redeeming(&code), Some(&by)).await.unwrap().access_token;
    assert!(house.introspect(&wiki, &bound).await["cnf"]["jkt"].is_string());
    assert_eq!(house.userinfo(&bound).await, Err(ErrorCode::InvalidToken), "without its key");
    let shows = async |proof: Option<String>| {
        word(userinfo(&ctx, Scheme::Dpop, &bound, proof.as_deref(), "GET").await)
    };
    let here = ("GET", "/oidc/userinfo");
    assert_eq!(shows(None).await, Err(ErrorCode::InvalidDpopProof));
    assert_eq!(shows(Some(proof(&other, &ctx, here, Some(&bound)))).await, Err(ErrorCode::InvalidDpopProof));
    assert_eq!(shows(Some(proof(&key, &ctx, here, Some("another")))).await, Err(ErrorCode::InvalidDpopProof));
    assert_eq!(shows(Some(proof(&key, &ctx, here, None))).await, Err(ErrorCode::InvalidDpopProof));
    let good = proof(&key, &ctx, here, Some(&bound));
    assert!(shows(Some(good.clone())).await.is_ok());
    assert_eq!(shows(Some(good)).await, Err(ErrorCode::InvalidDpopProof), "a proof is good once");
}

#[tokio::test]
async fn what_is_signed_says_for_whom_until_when_and_with_what() {
    let house = house().await;
    let session = house.signed_in().await;
    for signing_algorithm in SigningAlgorithm::ALL {
        let settings = OidcClient {
            signing_algorithm,
            access_tokens: AccessTokenFormat::Jwt,
            resources: BTreeSet::from(["https://api.example".to_owned()]),
            ..OidcClient::default()
        };
        let wiki = house.rp(signing_algorithm.as_str(), settings).await;
        let tokens = house.tokens(&wiki, "openid", &session).await;
        let (id_token, now) = (tokens.id_token.unwrap(), house.test.system().now.unix_seconds());
        let said = claims(&id_token);
        assert_eq!((&said["iss"], &said["aud"]), (&json!(ISSUER), &json!(wiki.client_id)));
        assert_eq!((&said["iat"], &said["exp"]), (&json!(now), &json!(now + 300)));
        assert_eq!((&said["nonce"], &said["sub"]), (&json!(NONCE), &json!(house.ada.id.to_string())));
        assert_eq!(said["auth_time"], session.created.unix_seconds());
        assert_eq!(said["acr"], "urn:sallyport:acr:both-doors");
        assert_eq!(said["amr"], json!(["mfa", "otp", "pwd"]));
        assert_eq!(said["sid"], session.id.unwrap().to_string());
        let hash = left_half_hash(crate::signing_key::jws(signing_algorithm), &tokens.access_token);
        assert_eq!(said["at_hash"], hash);
        let keys = crate::signing_key::published(&house.test.nobody()).await.unwrap();
        let read = sallyport_wire::oidc::Token::read(&id_token).unwrap();
        let mut candidates = keys.candidates(read.alg(), read.kid());
        assert!(candidates.next().is_some() && candidates.next().is_none(), "one key has this name");
        assert!(read.verified(&[Some("JWT")], keys.candidates(read.alg(), read.kid())).is_ok());
        // One for a resource is for nobody else, us included.
        let code = house.code(&wiki, &[("resource", "https://api.example")], &session).await;
        let for_api = house.redeem(&wiki, &code).await.unwrap().access_token;
        assert_eq!(claims(&for_api)["aud"], "https://api.example");
        assert_eq!(house.userinfo(&for_api).await, Err(ErrorCode::InvalidToken));
        let turn = house.comes(&wiki, &[("resource", "https://other.example")], Some(&session)).await;
        assert_eq!(error_in(turn), "invalid_target");
    }
}

#[tokio::test]
async fn an_assertion_proves_its_client_once_and_here() {
    let house = house().await;
    let settings = OidcClient {
        authentication: ClientAuthentication::PrivateKeyJwt,
        grants: [OidcGrant::ClientCredentials].into(),
        ..OidcClient::default()
    };
    let robot = house.rp("Robot", settings).await;
    let (ctx, key) = (house.test.nobody(), robot.key.as_ref().unwrap());
    let now = ctx.now.unix_seconds();
    let by = async |assertion: String| {
        let mut given = as_assertion(assertion);
        given.push(("grant_type", "client_credentials".into()));
        let given: Vec<(&str, &str)> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        word(token(&ctx, None, None, &params(&given)).await).map(drop)
    };
    let good = jwt(key, &json!({}), &robot.assertion(now, "one"));
    assert_eq!(by(good.clone()).await, Ok(()));
    assert_eq!(by(good).await, Err(ErrorCode::InvalidClient), "used before");
    let changed = |name: &str, value: Value| {
        let mut claims = robot.assertion(now, "two");
        claims[name] = value;
        claims
    };
    for claims in [
        changed("aud", json!("https://other.example")),
        changed("aud", json!([])),
        changed("aud", json!([ISSUER, "https://other.example"])),
        changed("iss", json!("somebody")),
        changed("exp", json!(now - 61)),
        changed("exp", json!(now + 4000)),
        changed("exp", Value::Null),
        changed("exp", json!((now + 60).to_string())),
        changed("nbf", json!(now + 61)),
        changed("jti", Value::Null),
    ] {
        assert!(by(jwt(key, &json!({}), &claims)).await.is_err(), "{claims}");
    }
    assert_eq!(
        by(jwt(&es256(), &json!({}), &robot.assertion(now, "two"))).await,
        Err(ErrorCode::InvalidClient)
    );
    assert_eq!(
        by(jwt(key, &json!({ "typ": "at+jwt" }), &robot.assertion(now, "two"))).await,
        Err(ErrorCode::InvalidClient)
    );
    assert_eq!(
        by(jwt(key, &json!({}), &robot.assertion(now, "two"))).await,
        Ok(()),
        "none of these has spent it"
    );
    // Its secret, which it has too, proves nothing.
    let plain = [("client_id", robot.client_id.as_str()), ("client_secret", robot.secret.expose())];
    let given = with(&plain, &[("grant_type", "client_credentials")]);
    assert_eq!(word(token(&ctx, None, None, &params(&given)).await).unwrap_err(), ErrorCode::InvalidClient);
}

#[tokio::test]
async fn a_client_that_is_disabled_or_has_another_secret_is_nobody() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let tokens = house.tokens(&wiki, "openid", &session).await;
    let code = house.code(&wiki, &[], &session).await;
    application::rotate_skey(&house.test.system(), wiki.id).await.unwrap();
    assert_eq!(house.redeem(&wiki, &code).await.unwrap_err(), ErrorCode::InvalidClient);
    house.change(&wiki, UpdateApplication { enabled: Some(false), ..UpdateApplication::default() }).await;
    assert_eq!(house.userinfo(&tokens.access_token).await, Err(ErrorCode::InvalidToken));
    assert!(matches!(house.comes(&wiki, &[], Some(&session)).await, Turn::Nowhere(_)));
    let stranger = Rp { client_id: "SPXXXXXXXXXXXXXXXXXX".into(), ..wiki };
    assert_eq!(house.redeem(&stranger, &code).await.unwrap_err(), ErrorCode::InvalidClient);
}
