use sallyport_model::{OidcClient, Role};
use sallyport_wire::oidc::{ErrorCode, Token};

use super::*;
use crate::oidc::tests::{House, Rp, error_in, house};

async fn keys(house: &House) -> Vec<(SigningKeyId, &'static str)> {
    let keys = list(&house.test.system()).await.unwrap();
    keys.iter().map(|key| (key.id, key.state.as_str())).collect()
}

async fn with_state(house: &House, state: &str) -> Vec<SigningKeyId> {
    keys(house).await.into_iter().filter(|(_, of)| *of == state).map(|(id, _)| id).collect()
}

/// Whether others verify this token with what we tell them.
async fn is_verified(house: &House, token: &str) -> bool {
    let published = published(&house.test.nobody()).await.unwrap();
    let read = Token::read(token).unwrap();
    read.verified(&[Some("JWT")], published.candidates(read.alg(), read.kid())).is_ok()
}

async fn id_token(house: &House, wiki: &Rp) -> String {
    let session = house.signed_in().await;
    house.tokens(wiki, "openid", &session).await.id_token.unwrap()
}

fn kid(token: &str) -> String {
    Token::read(token).unwrap().kid().unwrap().to_owned()
}

#[tokio::test]
async fn rotation_loses_nobody_for_two_days() {
    let house = house().await;
    let wiki = house.wiki().await;
    assert_eq!(keys(&house).await.len(), 2, "one signs, one waits");
    let known = published(&house.test.nobody()).await.unwrap();
    let before = id_token(&house, &wiki).await;
    let waiting = with_state(&house, "standby").await;
    rotate(&house.test.system(), SigningAlgorithm::Es256).await.unwrap();
    let after = id_token(&house, &wiki).await;
    assert_eq!(kid(&after), waiting[0].to_string());
    assert!(known.0.iter().any(|key| key.kid == Some(kid(&after))), "it was told before it signed");
    assert!(is_verified(&house, &before).await && is_verified(&house, &after).await);
    let session = house.signed_in().await;
    let hint = [("prompt", "none"), ("id_token_hint", before.as_str())];
    crate::oidc::tests::code_in(house.comes(&wiki, &hint, Some(&session)).await);
    let until = list(&house.test.system()).await.unwrap().iter().find_map(|key| match key.state {
        SigningKeyState::Retired { until } => Some(until),
        SigningKeyState::Standby | SigningKeyState::Active { .. } | SigningKeyState::Revoked { .. } => None,
    });
    house.test.clock.advance(until.unwrap().since(house.test.system().now));
    assert!(is_verified(&house, &before).await);
    house.test.clock.advance(Span::seconds(1));
    assert!(!is_verified(&house, &before).await && is_verified(&house, &after).await);
    let private = with_state(&house, "retired").await[0].to_string();
    let rests = house.test.system().read(move |reader| Ok(reader.find_secret(&private, PRIVATE)?)).await;
    assert_eq!(rests.unwrap(), None, "the private half of what signs no more is gone");
}

#[tokio::test]
async fn a_key_that_somebody_else_may_have_is_dead_at_once_and_so_is_what_it_signed() {
    let house = house().await;
    let settings =
        OidcClient { access_tokens: sallyport_model::oidc::AccessTokenFormat::Jwt, ..OidcClient::default() };
    let wiki = house.rp("Wiki", settings).await;
    let session = house.signed_in().await;
    let tokens = house.tokens(&wiki, "openid", &session).await;
    let (access, hint) = (tokens.access_token, tokens.id_token.unwrap());
    let there = house.test.other_node();
    assert!(house.userinfo(&access).await.is_ok());
    let stolen: SigningKeyId = kid(&hint).parse().unwrap();
    revoke(&house.test.system(), stolen).await.unwrap();
    assert!(!is_verified(&house, &hint).await);
    assert!(!published(&there).await.unwrap().0.iter().any(|key| key.kid == Some(stolen.to_string())));
    assert_eq!(house.userinfo(&access).await, Err(ErrorCode::InvalidToken));
    assert!(!house.is_good(&wiki, &access).await);
    let given = [("prompt", "none"), ("id_token_hint", hint.as_str())];
    assert_eq!(error_in(house.comes(&wiki, &given, Some(&session)).await), "login_required");
    // Everything goes on with another key, without a word to anybody; the refresh token was signed by nobody.
    let again = house.refresh(&wiki, &tokens.refresh_token.unwrap()).await.unwrap();
    assert!(is_verified(&house, &again.id_token.unwrap()).await);
    assert!(house.userinfo(&again.access_token).await.is_ok());
    // Once more changes nothing; the one that waits, and one that is retired, can be void too.
    let before = keys(&house).await;
    revoke(&house.test.system(), stolen).await.unwrap();
    assert_eq!(keys(&house).await, before);
    let waiting = with_state(&house, "standby").await[0];
    revoke(&house.test.system(), waiting).await.unwrap();
    let now = with_state(&house, "standby").await;
    assert!(now.len() == 1 && now[0] != waiting);
}

#[tokio::test]
async fn keys_turn_over_by_themselves_after_ninety_days() {
    let house = house().await;
    let wiki = house.wiki().await;
    let first = with_state(&house, "active").await;
    tend(&house.test.system()).await.unwrap();
    assert_eq!(with_state(&house, "active").await, first);
    house.test.clock.advance(SIGNS_FOR);
    tend(&house.test.system()).await.unwrap();
    let second = with_state(&house, "active").await;
    assert_ne!(second, first);
    assert_eq!(with_state(&house, "retired").await, first);
    tend(&house.test.system()).await.unwrap();
    assert_eq!(with_state(&house, "active").await, second, "once");
    assert_eq!(kid(&id_token(&house, &wiki).await), second[0].to_string());
    // What is good no more is forgotten.
    house.test.clock.advance(RETIRED_FOR);
    house.test.clock.advance(Span::seconds(1));
    tend(&house.test.system()).await.unwrap();
    assert_eq!(with_state(&house, "retired").await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_nodes_that_make_the_first_keys_one_does() {
    let house = house().await;
    let nodes = [house.test.system(), house.test.other_node()];
    let done =
        crate::testing::at_once(&nodes, 6, |ctx| async move { ensure(&ctx, SigningAlgorithm::EdDsa).await });
    assert!(done.await.into_iter().all(|made| made.is_ok()));
    assert_eq!(with_state(&house, "active").await.len(), 1);
    assert_eq!(with_state(&house, "standby").await.len(), 1);
}

#[tokio::test]
async fn keys_are_for_whoever_may_change_the_settings_and_nobody_reads_their_secret_half() {
    let house = house().await;
    house.wiki().await;
    let id = with_state(&house, "active").await[0];
    for roles in [&[][..], &[Role::HelpDesk], &[Role::Auditor]] {
        let ctx = house.test.person(house.ada.id, roles);
        assert!(matches!(rotate(&ctx, SigningAlgorithm::Es256).await, Err(AppError::Denied(_))));
        assert!(matches!(revoke(&ctx, id).await, Err(AppError::Denied(_))));
    }
    assert!(matches!(list(&house.test.person(house.ada.id, &[])).await, Err(AppError::Denied(_))));
    let refused = rotate(&house.test.system(), SigningAlgorithm::Rs256).await;
    assert!(matches!(refused, Err(AppError::Conflict(_))), "there is none of these");
    let told = serde_json::to_string(
        &list(&house.test.system()).await.unwrap().iter().map(|key| &key.value).collect::<Vec<_>>(),
    );
    assert!(!told.unwrap().contains("\\\"d\\\""));
}
