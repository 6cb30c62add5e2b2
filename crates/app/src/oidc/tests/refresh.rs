//! Refresh tokens: each once, of one family.

use super::*;
use crate::{
    testing::at_once,
    user::news::{self, What, Who},
};

#[tokio::test]
async fn one_that_comes_back_ends_its_family_and_the_person_hears_of_it() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let first = house.tokens(&wiki, "openid offline_access", &session).await;
    let (old, access) = (first.refresh_token.unwrap(), first.access_token);
    let second = house.refresh(&wiki, &old).await.unwrap();
    let young = second.refresh_token.unwrap();
    assert_ne!(old, young);
    assert!(house.is_good(&wiki, &young).await && house.is_good(&wiki, &access).await);
    assert!(!house.is_good(&wiki, &old).await);
    assert_eq!(house.refresh(&wiki, &old).await.unwrap_err(), ErrorCode::InvalidGrant);
    for token in [&young, &access, &second.access_token] {
        assert!(!house.is_good(&wiki, token).await);
    }
    assert_eq!(house.refresh(&wiki, &young).await.unwrap_err(), ErrorCode::InvalidGrant);
    let told = house.test.system().read(|reader| Ok(reader.changes_after(0, 1000)?)).await.unwrap();
    let ended =
        told.iter().filter(|change| change.verb == grant::REUSED).map(|change| change.subject.noun.as_str());
    assert_eq!(ended.collect::<Vec<_>>(), ["application", "user"], "audit, once");
    let own = house.test.person(house.ada.id, &[]);
    let news = news::news(&own, &session).await.unwrap();
    let ended = news.iter().find(|news| news.what == What::AccessReused).map(|news| &news.who);
    assert_eq!(ended, Some(&Some(Who::Other("application Wiki".into()))), "{news:?}");
    // Another family of the same person lives on.
    let other = house.tokens(&wiki, "openid offline_access", &session).await;
    assert!(house.refresh(&wiki, &other.refresh_token.unwrap()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_at_once_on_two_nodes_one_refreshes() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let token = house.tokens(&wiki, "openid", &session).await.refresh_token.unwrap();
    let (header, _) = wiki.proves(&house.test.nobody());
    let nodes = house.test.doors();
    let came = at_once(&nodes, 50, |ctx| {
        let (header, asked) = (header.clone(), params(&refreshing(&token)));
        async move { word(super::token(&ctx, header.as_deref(), None, &asked).await).ok() }
    });
    let came: Vec<TokenReply> = came.await.into_iter().flatten().collect();
    assert_eq!(came.len(), 1);
    assert!(!house.is_good(&wiki, &came[0].access_token).await, "it was in more than one hand");
}

#[tokio::test]
async fn tokens_get_narrower_and_never_wider() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let first = house.tokens(&wiki, "openid profile", &session).await;
    let token = first.refresh_token.unwrap();
    let wider = with(&[("scope", "openid email")], &[]);
    let asked = [refreshing(&token).as_slice(), &wider].concat();
    assert_eq!(house.asks(&wiki, &asked).await.unwrap_err(), ErrorCode::InvalidScope);
    let asked = [refreshing(&token).as_slice(), &[("scope", "openid")]].concat();
    let narrow = house.asks(&wiki, &asked).await.expect("what went too far has cost nothing");
    assert_eq!(narrow.scope, "openid");
    assert_eq!(claims(&narrow.id_token.unwrap()).get("preferred_username"), None);
    let told = house.userinfo(&narrow.access_token).await.unwrap();
    assert_eq!(told, json!({ "sub": house.ada.id.to_string() }));
    assert_eq!(house.introspect(&wiki, &narrow.access_token).await["scope"], "openid");
    // The grant is what it was.
    let whole = house.refresh(&wiki, &narrow.refresh_token.unwrap()).await.unwrap();
    assert_eq!(whole.scope, "openid profile");
    assert_eq!(house.userinfo(&whole.access_token).await.unwrap()["preferred_username"], "ada");
}

#[tokio::test]
async fn one_is_for_its_client_and_of_one_without_a_secret_for_its_key() {
    let house = house().await;
    let session = house.signed_in().await;
    let (wiki, chat) = (house.wiki().await, house.rp("Chat", OidcClient::default()).await);
    let token = house.tokens(&wiki, "openid", &session).await.refresh_token.unwrap();
    assert_eq!(house.refresh(&chat, &token).await.unwrap_err(), ErrorCode::InvalidGrant);
    assert!(house.refresh(&wiki, &token).await.is_ok(), "somebody else's try has cost nothing");

    let public = OidcClient { authentication: ClientAuthentication::None, ..OidcClient::default() };
    let phone = house.rp("Phone", public).await;
    let (key, other, ctx) = (es256(), es256(), house.test.nobody());
    let by = |key: &JwsKey| proof(key, &ctx, ("POST", "/oidc/token"), None);
    let code = house.code(&phone, &[], &session).await;
    let tokens = house.asks_at(&ctx, &phone, &redeeming(&code), Some(&by(&key))).await.unwrap();
    let token = tokens.refresh_token.unwrap();
    for proof in [None, Some(by(&other))] {
        let refused = house.asks_at(&ctx, &phone, &refreshing(&token), proof.as_deref()).await;
        assert_eq!(refused.unwrap_err(), ErrorCode::InvalidDpopProof);
    }
    assert!(house.asks_at(&ctx, &phone, &refreshing(&token), Some(&by(&key))).await.is_ok());
}

#[tokio::test]
async fn a_grant_ends_after_ninety_days_however_often_it_is_refreshed_and_after_thirty_unused() {
    let house = house().await;
    let (wiki, session) = (house.wiki().await, house.signed_in().await);
    let idle = house.tokens(&wiki, "openid offline_access", &session).await.refresh_token.unwrap();
    let mut token = house.tokens(&wiki, "openid offline_access", &session).await.refresh_token.unwrap();
    for _ in 0..4 {
        house.test.clock.advance(Span::days(22));
        token = house.refresh(&wiki, &token).await.unwrap().refresh_token.unwrap();
    }
    assert_eq!(house.refresh(&wiki, &idle).await.unwrap_err(), ErrorCode::InvalidGrant);
    house.test.clock.advance(Span::days(3));
    assert_eq!(house.refresh(&wiki, &token).await.unwrap_err(), ErrorCode::InvalidGrant);
}
