//! The modules of the OpenID Foundation's Basic OP and Config OP plans, one each, by their names.

use serde_json::json;

use super::*;
use sallyport_app::user;

async fn usual() -> Wiki {
    wiki(OidcClient::default()).await
}

async fn described() -> Wiki {
    let wiki = usual().await;
    let input = json!({
        "display_name": "Ada Lovelace", "mails": ["ada@example.com"], "phones": ["+441632960000"],
        "about": { "given_name": "Ada", "family_name": "Lovelace" },
    });
    user::update(&wiki.house.system(), wiki.ada.id, None, serde_json::from_value(input).unwrap())
        .await
        .unwrap();
    wiki
}

/// What the userinfo endpoint says with this scope, beside whom it is about.
async fn told(wiki: &mut Wiki, scope: &str) -> Value {
    let tokens = wiki.tokens(&[("scope", scope)]).await;
    let mut told = json_of(&wiki.userinfo(tokens["access_token"].as_str().unwrap()).await);
    assert_eq!(told["sub"], claims(&tokens["id_token"])["sub"]);
    told.as_object_mut().unwrap().remove("sub");
    told
}

#[tokio::test]
async fn oidcc_server() {
    let mut wiki = usual().await;
    let tokens = wiki.tokens(&[]).await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(300)));
    let said = claims(&tokens["id_token"]);
    assert_eq!(
        (&said["iss"], &said["aud"], &said["nonce"]),
        (&json!(URL), &json!(wiki.client_id), &json!(NONCE))
    );
}

/// Of the plan of FAPI 2.0, whose other modules are at the use cases.
#[tokio::test]
async fn par_attempt_invalid_http_method() {
    let wiki = usual().await;
    for method in ["GET", "PUT", "DELETE"] {
        let request = axum::http::Request::builder().method(method).uri("/oidc/par");
        let refused = wiki.house.browser().send_bare(request.body(axum::body::Body::empty()).unwrap()).await;
        let allowed = refused.headers["allow"].to_str().unwrap();
        assert!(refused.status == 405 && allowed.starts_with("POST"), "{method}: {allowed}");
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    assert_eq!(usual().await.error(&[("response_type", "")]).await, "invalid_request");
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    let mut wiki = usual().await;
    let token = wiki.tokens(&[]).await["id_token"].as_str().unwrap().to_owned();
    let keys = wiki.house.browser().get("/oidc/jwks").await;
    let keys = sallyport_wire::oidc::JwkSet::read(keys.body.as_bytes()).unwrap();
    let read = sallyport_wire::oidc::Token::read(&token).unwrap();
    assert!(
        read.kid().is_some()
            && read.verified(&[Some("JWT")], keys.candidates(read.alg(), read.kid())).is_ok()
    );
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let wiki = usual().await;
    let found = json_of(&wiki.house.browser().get("/.well-known/openid-configuration").await);
    let offered = found["id_token_signing_alg_values_supported"].as_array().unwrap();
    assert!(!offered.contains(&json!("none")));
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    let mut wiki = usual().await;
    let tokens = wiki.tokens(&[]).await;
    let told = wiki.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((told.status, told.headers["content-type"].to_str().unwrap()), (200, "application/json"));
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let mut wiki = usual().await;
    let token = format!("Bearer {}", wiki.tokens(&[]).await["access_token"].as_str().unwrap());
    assert_eq!(wiki.posts("/oidc/userinfo", &[("authorization", &token)], &[]).await.status, 200);
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let mut wiki = usual().await;
    let tokens = wiki.tokens(&[]).await;
    let form = [("access_token", tokens["access_token"].as_str().unwrap())];
    assert_eq!(wiki.posts("/oidc/userinfo", &[], &form).await.status, 200);
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let tokens = usual().await.tokens(&[("nonce", "")]).await;
    assert_eq!(claims(&tokens["id_token"]).get("nonce"), None);
}

#[tokio::test]
async fn oidcc_scope_profile() {
    let expected = json!({ "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "preferred_username": "ada" });
    assert_eq!(told(&mut described().await, "openid profile").await, expected);
}

#[tokio::test]
async fn oidcc_scope_email() {
    let expected = json!({ "email": "ada@example.com", "email_verified": false });
    assert_eq!(told(&mut described().await, "openid email").await, expected);
}

#[tokio::test]
async fn oidcc_scope_address() {
    assert_eq!(
        told(&mut described().await, "openid address").await,
        json!({}),
        "nobody's address is known here"
    );
}

#[tokio::test]
async fn oidcc_scope_phone() {
    let expected = json!({ "phone_number": "+441632960000", "phone_number_verified": false });
    assert_eq!(told(&mut described().await, "openid phone").await, expected);
}

#[tokio::test]
async fn oidcc_scope_all() {
    let told = told(&mut described().await, "openid profile email address phone").await;
    assert_eq!(told.as_object().unwrap().len(), 8, "{told}");
}

#[tokio::test]
async fn oidcc_ensure_other_scope_order_succeeds() {
    assert!(!told(&mut described().await, "email openid").await["email"].is_null());
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let mut wiki = usual().await;
    assert!(wiki.tokens(&[("state", "other"), ("nonce", "another")]).await["id_token"].is_string());
}

#[tokio::test]
async fn oidcc_display_page() {
    usual().await.code(&[("display", "page")]).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    usual().await.code(&[("display", "popup")]).await;
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let mut wiki = usual().await;
    let first = claims(&wiki.tokens(&[]).await["id_token"])["auth_time"].as_i64().unwrap();
    wiki.house.advance(sallyport_model::Span::seconds(5));
    let at_door = wiki.comes(&[("prompt", "login")]).await;
    assert!(at_door.location().starts_with("/sign-in?"), "{}", at_door.location());
    let back = wiki.signs_in(&at_door).await;
    let code = code_after(&back);
    let again = json_of(&wiki.redeem(&code).await);
    assert!(claims(&again["id_token"])["auth_time"].as_i64().unwrap() > first);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let mut wiki = usual().await;
    wiki.browser = wiki.house.browser();
    assert_eq!(wiki.error(&[("prompt", "none")]).await, "login_required");
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let mut wiki = usual().await;
    let first = claims(&wiki.tokens(&[]).await["id_token"]);
    let again = claims(&wiki.tokens(&[("prompt", "none")]).await["id_token"]);
    assert_eq!((&first["sub"], &first["auth_time"]), (&again["sub"], &again["auth_time"]));
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let mut wiki = usual().await;
    wiki.house.advance(sallyport_model::Span::seconds(2));
    let at_door = wiki.comes(&[("max_age", "1")]).await;
    let back = wiki.signs_in(&at_door).await;
    let code = code_after(&back);
    assert!(claims(&json_of(&wiki.redeem(&code).await)["id_token"])["auth_time"].is_i64());
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let mut wiki = usual().await;
    wiki.house.advance(sallyport_model::Span::seconds(2));
    let first = claims(&wiki.tokens(&[]).await["id_token"]);
    let again = claims(&wiki.tokens(&[("max_age", "10000")]).await["id_token"]);
    assert_eq!(first["auth_time"], again["auth_time"]);
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    usual().await.code(&[("extra", "foobar")]).await;
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let mut wiki = usual().await;
    let hint = wiki.tokens(&[]).await["id_token"].as_str().unwrap().to_owned();
    wiki.code(&[("prompt", "none"), ("id_token_hint", &hint)]).await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    usual().await.code(&[("login_hint", "buffy@example.com")]).await;
}

#[tokio::test]
async fn oidcc_ui_locales() {
    usual().await.code(&[("ui_locales", "se de")]).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    usual().await.code(&[("claims_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let mut wiki = described().await;
    let asked = r#"{"userinfo":{"name":{"essential":true}}}"#;
    let tokens = wiki.tokens(&[("claims", asked)]).await;
    let told = json_of(&wiki.userinfo(tokens["access_token"].as_str().unwrap()).await);
    assert_eq!(told["name"], "Ada Lovelace");
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let mut wiki = usual().await;
    let acr = "urn:sallyport:acr:both-doors";
    let tokens = wiki.tokens(&[("acr_values", acr)]).await;
    assert_eq!(claims(&tokens["id_token"])["acr"], acr);
}

#[tokio::test]
async fn oidcc_codereuse() {
    let mut wiki = usual().await;
    let code = wiki.code(&[]).await;
    assert_eq!(wiki.redeem(&code).await.status, 200);
    assert_eq!(word(&wiki.redeem(&code).await), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let mut wiki = usual().await;
    let code = wiki.code(&[]).await;
    let tokens = json_of(&wiki.redeem(&code).await);
    wiki.house.advance(sallyport_model::Span::seconds(30));
    assert_eq!(word(&wiki.redeem(&code).await), (400, "invalid_grant".into()));
    assert_eq!(wiki.userinfo(tokens["access_token"].as_str().unwrap()).await.status, 401);
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let mut wiki = usual().await;
    let refused = wiki.comes(&[("redirect_uri", "https://wiki.example/other")]).await;
    assert_eq!((refused.status, refused.location()), (400, ""));
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let mut wiki = usual().await;
    let pairs = wiki.asks(&[]).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let pairs: Vec<_> = pairs.collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let site = [("origin", "https://wiki.example"), ("sec-fetch-site", "cross-site")];
    assert!(said(&wiki.browser.post("/oidc/authorize", &pairs, &site).await, "code").is_some());
    // A browser brings no cookie with another site's form: it is led on to where it does.
    let mut fresh = wiki.house.browser();
    let led = fresh.post("/oidc/authorize", &pairs, &site).await;
    assert!(led.location().starts_with("/oidc/continue?ticket="), "{}", led.location());
    let code = code_after(&wiki.browser.get(led.location()).await);
    assert_eq!(wiki.redeem(&code).await.status, 200);
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let mut wiki = usual().await;
    let code = wiki.code(&[]).await;
    let secret = wiki.secret.expose().to_owned();
    let by = [("client_id", wiki.client_id.as_str()), ("client_secret", secret.as_str())];
    let form = [&redeeming(&code)[..], &by].concat();
    assert_eq!(wiki.posts("/oidc/token", &[], &form).await.status, 200);
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    assert_eq!(
        usual().await.error(&[("request", "eyJhbGciOiJub25lIn0.e30.")]).await,
        "request_not_supported"
    );
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let mut wiki = usual().await;
    let object = data_encoding::BASE64URL_NOPAD.encode(br#"{"redirect_uri":"https://evil.example/"}"#);
    let object = format!("eyJhbGciOiJub25lIn0.{object}.");
    assert_eq!(wiki.error(&[("request", &object)]).await, "request_not_supported");
    let refused = wiki.comes(&[("request", &object), ("redirect_uri", "")]).await;
    assert_eq!((refused.status, refused.location()), (400, ""));
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let mut wiki = usual().await;
    let refused = wiki.comes(&[("request_uri", "https://wiki.example/request.jwt")]).await;
    assert_eq!((refused.status, refused.location()), (400, ""), "nothing is fetched");
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let mut wiki = usual().await;
    let tokens = wiki.tokens(&[("scope", "openid offline_access")]).await;
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
    let again = json_of(&wiki.token(&form).await);
    let (before, after) = (claims(&tokens["id_token"]), claims(&again["id_token"]));
    for name in ["iss", "sub", "aud", "auth_time", "acr"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert_eq!(wiki.userinfo(again["access_token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    usual().await.tokens(&[]).await;
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let wiki = usual().await;
    let answer = wiki.house.browser().get("/.well-known/openid-configuration").await;
    let found = json_of(&answer);
    assert_eq!(found["issuer"], URL);
    for (name, at) in [
        ("authorization_endpoint", "/oidc/authorize"),
        ("token_endpoint", "/oidc/token"),
        ("userinfo_endpoint", "/oidc/userinfo"),
        ("jwks_uri", "/oidc/jwks"),
        ("end_session_endpoint", "/oidc/logout"),
    ] {
        assert_eq!(found[name], format!("{URL}{at}"), "{name}");
    }
    assert_eq!(found["response_types_supported"], json!(["code"]));
    assert_eq!(found["code_challenge_methods_supported"], json!(["S256"]));
    assert!(found["id_token_signing_alg_values_supported"].as_array().unwrap().contains(&json!("RS256")));
    assert_eq!(found["claims_parameter_supported"], true);
    assert_eq!(answer.headers["cache-control"], "public, max-age=300");
    let other = wiki.house.browser().get("/.well-known/oauth-authorization-server").await;
    assert_eq!(json_of(&other), found);
}
