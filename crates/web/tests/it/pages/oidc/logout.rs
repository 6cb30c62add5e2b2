//! The modules of the OpenID Foundation's RP-Initiated Logout plan, one each, by their names.

use serde_json::json;

use super::*;

const OUT: &str = "https://wiki.example/out?x=1";

async fn usual() -> (Wiki, String) {
    let settings =
        OidcClient { post_logout_redirect_uris: vec![OUT.parse().unwrap()], ..OidcClient::default() };
    let mut wiki = wiki(settings).await;
    let hint = wiki.tokens(&[]).await["id_token"].as_str().unwrap().to_owned();
    (wiki, hint)
}

impl Wiki {
    async fn leaves(&mut self, given: &Pairs<'_>) -> Answer {
        self.browser.get(&with_query("/oidc/logout", given)).await
    }

    async fn is_in(&mut self) -> bool {
        self.browser.get("/").await.status == 200
    }
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    let (wiki, _) = usual().await;
    let found = json_of(&wiki.house.browser().get("/.well-known/openid-configuration").await);
    assert_eq!(found["end_session_endpoint"], format!("{URL}/oidc/logout"));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout() {
    let (mut wiki, hint) = usual().await;
    let given = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", OUT), ("state", "a&b")];
    let out = wiki.leaves(&given).await;
    assert_eq!((out.status, out.location()), (303, "https://wiki.example/out?x=1&state=a%26b"));
    assert!(!wiki.is_in().await);
    assert_eq!(wiki.error(&[("prompt", "none")]).await, "login_required");
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let (mut wiki, hint) = usual().await;
    let out = wiki.leaves(&[("id_token_hint", &hint), ("post_logout_redirect_uri", OUT)]).await;
    assert_eq!(out.location(), OUT);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let (mut wiki, hint) = usual().await;
    let out = wiki.leaves(&[("id_token_hint", &hint), ("state", "x")]).await;
    assert!(out.location().starts_with("/sign-in"), "{}", out.location());
    assert!(!wiki.is_in().await);
}

/// The person is asked, and nothing has happened yet.
async fn is_asked(wiki: &mut Wiki, given: &Pairs<'_>) -> Answer {
    let page = wiki.leaves(given).await;
    assert_eq!((page.status, page.location()), (200, ""), "{given:?}");
    assert!(page.body.contains("/oidc/logout/confirmed"), "{given:?}");
    assert!(wiki.is_in().await, "{given:?}");
    page
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let (mut wiki, _) = usual().await;
    is_asked(&mut wiki, &[]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let (mut wiki, _) = usual().await;
    is_asked(&mut wiki, &[("state", "x")]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let (mut wiki, _) = usual().await;
    is_asked(&mut wiki, &[("post_logout_redirect_uri", OUT)]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let (mut wiki, _) = usual().await;
    is_asked(&mut wiki, &[("id_token_hint", "not.a.token"), ("post_logout_redirect_uri", OUT)]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let (mut wiki, hint) = usual().await;
    let modified = format!("{}AAAA", &hint[..hint.len() - 4]);
    is_asked(&mut wiki, &[("id_token_hint", &modified), ("post_logout_redirect_uri", OUT)]).await;
    let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", hint.split('.').nth(1).unwrap());
    is_asked(&mut wiki, &[("id_token_hint", &unsigned), ("post_logout_redirect_uri", OUT)]).await;
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    let (mut wiki, hint) = usual().await;
    let given = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://evil.example/")];
    let out = wiki.leaves(&given).await;
    assert!(out.location().starts_with("/sign-in"), "nobody is sent off: {}", out.location());
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    let (mut wiki, hint) = usual().await;
    let added = format!("{OUT}&foo=bar");
    let out = wiki.leaves(&[("id_token_hint", &hint), ("post_logout_redirect_uri", &added)]).await;
    assert!(out.location().starts_with("/sign-in"), "{}", out.location());
}

#[tokio::test]
async fn oidcc_backchannel_rp_initiated_logout_discovery_endpoint_verification() {
    let (wiki, _) = usual().await;
    let found = json_of(&wiki.house.browser().get("/.well-known/openid-configuration").await);
    assert_eq!(found["backchannel_logout_supported"], json!(true));
    assert_eq!(found["backchannel_logout_session_supported"], json!(true));
}

#[tokio::test]
async fn whoever_is_asked_says_so_themselves_and_a_hint_of_another_session_signs_nobody_out() {
    let (mut wiki, hint) = usual().await;
    wiki.browser = wiki.house.signed_in(&wiki.ada).await;
    let given = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", OUT)];
    let page = is_asked(&mut wiki, &given).await;
    let query = page.between("name=\"query\" value=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
    let done = wiki.browser.submit("/oidc/logout/confirmed", &[("query", &query)]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("https://wiki.example/out?x=1"), "{}", done.body);
    assert!(!wiki.is_in().await);
}
