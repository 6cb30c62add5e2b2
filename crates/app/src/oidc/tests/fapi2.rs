//! The modules of the OpenID Foundation's FAPI 2.0 Security Profile plan (final, plain, `private_key_jwt`, DPoP), one each, by
//! their names without what all of them begin with.

use super::*;

/// A client as the profile wants it, with the key that its tokens are bound to.
struct Fapi {
    house: House,
    rp: Rp,
    key: JwsKey,
    session: Session,
}

fn profile() -> OidcClient {
    OidcClient {
        authentication: ClientAuthentication::PrivateKeyJwt,
        requires_dpop: true,
        requires_pushed_requests: true,
        ..OidcClient::default()
    }
}

async fn fapi() -> Fapi {
    let house = house().await;
    let (rp, session) = (house.rp("Bank", profile()).await, house.signed_in().await);
    Fapi { house, rp, key: es256(), session }
}

impl Fapi {
    fn proof(&self, path: &str, access: Option<&str>) -> String {
        let method = if path == "/oidc/userinfo" { "GET" } else { "POST" };
        proof(&self.key, &self.house.test.nobody(), (method, path), access)
    }

    /// Pushes this, with what it proves itself by and this proof of possession.
    async fn pushes_as(
        &self,
        by: Pairs<'_>,
        given: Pairs<'_>,
        dpop: Option<&str>,
    ) -> Result<String, ErrorCode> {
        let all = with(&self.rp.asks(given), by);
        word(push(&self.house.test.nobody(), None, dpop, params(&all)).await).map(|pushed| pushed.request_uri)
    }

    async fn pushes(&self, given: Pairs<'_>) -> Result<String, ErrorCode> {
        let (_, by) = self.rp.proves(&self.house.test.nobody());
        let by: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.pushes_as(&by, given, None).await
    }

    /// A browser comes with what was pushed, and nothing else.
    async fn comes(&self, uri: &str, more: Pairs<'_>) -> Turn {
        let usual = [("client_id", self.rp.client_id.as_str()), ("request_uri", uri)];
        begin(&self.house.test.nobody(), params(&with(&usual, more)), Some(&self.session)).await.unwrap()
    }

    async fn code(&self, given: Pairs<'_>) -> String {
        let uri = self.pushes(given).await.unwrap();
        code_in(self.comes(&uri, &[]).await)
    }

    async fn redeem_with(&self, given: Pairs<'_>, dpop: Option<&str>) -> Result<TokenReply, ErrorCode> {
        self.house.asks_at(&self.house.test.nobody(), &self.rp, given, dpop).await
    }

    async fn redeem(&self, code: &str) -> Result<TokenReply, ErrorCode> {
        self.redeem_with(&redeeming(code), Some(&self.proof("/oidc/token", None))).await
    }

    /// What comes of a request with this assertion.
    async fn asserts(&self, assertion: String) -> Result<String, ErrorCode> {
        let by = as_assertion(assertion);
        let by: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.pushes_as(&by, &[], None).await
    }

    /// The usual claims of an assertion with one in its place.
    fn asserted(&self, name: &str, value: Value) -> String {
        let mut claims = self.rp.assertion(self.house.test.nobody().now.unix_seconds(), "one");
        claims[name] = value;
        jwt(self.rp.key.as_ref().unwrap(), &json!({}), &claims)
    }
}

#[tokio::test]
async fn happy_flow() {
    let fapi = fapi().await;
    let tokens = fapi.redeem(&fapi.code(&[]).await).await.unwrap();
    assert_eq!(tokens.token_type, sallyport_wire::oidc::TokenType::Dpop);
    assert_eq!(claims(&tokens.id_token.unwrap())["nonce"], NONCE);
    let (ctx, token) = (fapi.house.test.nobody(), tokens.access_token.as_str());
    let proof = fapi.proof("/oidc/userinfo", Some(token));
    assert!(userinfo(&ctx, Scheme::Dpop, token, Some(&proof), "GET").await.is_ok());
    let other = Fapi { key: es256(), ..fapi };
    let proof = other.proof("/oidc/userinfo", Some(token));
    let refused = word(userinfo(&ctx, Scheme::Dpop, token, Some(&proof), "GET").await);
    assert_eq!(refused, Err(ErrorCode::InvalidDpopProof), "the other client's key");
}

#[tokio::test]
async fn ensure_authorization_request_without_state_success() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[("state", "")]).await.unwrap();
    let Turn::Back(answered) = fapi.comes(&uri, &[]).await else { panic!() };
    assert!(field(&answered, "code").is_some() && field(&answered, "state").is_none());
}

#[tokio::test]
async fn ensure_authorization_request_without_nonce_success() {
    let fapi = fapi().await;
    let tokens = fapi.redeem(&fapi.code(&[("nonce", "")]).await).await.unwrap();
    assert_eq!(claims(&tokens.id_token.unwrap()).get("nonce"), None);
}

#[tokio::test]
async fn ensure_authorization_request_with_long_nonce_and_state() {
    let fapi = fapi().await;
    for length in [64, 384] {
        let nonce = "n".repeat(length);
        let tokens = fapi.redeem(&fapi.code(&[("nonce", &nonce)]).await).await.unwrap();
        assert_eq!(claims(&tokens.id_token.unwrap())["nonce"], nonce);
    }
    let state = "s".repeat(1000);
    let uri = fapi.pushes(&[("state", &state)]).await.unwrap();
    let Turn::Back(answered) = fapi.comes(&uri, &[]).await else { panic!() };
    assert_eq!(field(&answered, "state"), Some(state.as_str()));
}

#[tokio::test]
async fn ensure_authorization_code_is_bound_to_client() {
    let fapi = fapi().await;
    let (code, other) = (fapi.code(&[]).await, fapi.house.rp("Other", profile()).await);
    let proof = fapi.proof("/oidc/token", None);
    let refused =
        fapi.house.asks_at(&fapi.house.test.nobody(), &other, &redeeming(&code), Some(&proof)).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn attempt_reuse_authorization_code_after_one_second() {
    let fapi = fapi().await;
    let code = fapi.code(&[]).await;
    let token = fapi.redeem(&code).await.unwrap().access_token;
    fapi.house.test.clock.advance(Span::seconds(1));
    assert_eq!(fapi.redeem(&code).await.unwrap_err(), ErrorCode::InvalidGrant);
    assert!(!fapi.house.is_good(&fapi.rp, &token).await);
}

#[tokio::test]
async fn ensure_token_endpoint_fails_with_expired_auth_code() {
    let fapi = fapi().await;
    let code = fapi.code(&[]).await;
    fapi.house.test.clock.advance(Span::seconds(62));
    assert_eq!(fapi.redeem(&code).await.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ensure_client_assertion_in_token_endpoint() {
    let fapi = fapi().await;
    let (code, proof) = (fapi.code(&[]).await, fapi.proof("/oidc/token", None));
    let given = [&redeeming(&code)[..], &[("client_id", fapi.rp.client_id.as_str())]].concat();
    let refused = token(&fapi.house.test.nobody(), None, Some(&proof), &params(&given)).await;
    assert_eq!(word(refused).unwrap_err(), ErrorCode::InvalidClient);
}

#[tokio::test]
async fn ensure_invalid_client_assertions_fail() {
    let fapi = fapi().await;
    let now = fapi.house.test.nobody().now.unix_seconds();
    for (name, value) in [
        ("exp", json!(now - 300)),
        ("aud", json!("https://other.example")),
        ("sub", Value::Null),
        ("iss", Value::Null),
        ("jti", Value::Null),
        ("exp", Value::Null),
        ("nbf", json!(now + 3600)),
    ] {
        assert!(fapi.asserts(fapi.asserted(name, value)).await.is_err(), "{name}");
    }
    let stranger = jwt(&es256(), &json!({}), &fapi.rp.assertion(now, "one"));
    assert_eq!(fapi.asserts(stranger).await, Err(ErrorCode::InvalidClient));
    assert!(fapi.asserts(fapi.asserted("jti", json!("one"))).await.is_ok());
}

#[tokio::test]
async fn ensure_signed_client_assertion_with_rs256_fails() {
    let fapi = fapi().await;
    let pkcs8 = JwsKey::generate(JwsAlgorithm::Rs256, &SystemRandom::new()).unwrap();
    let rsa = JwsKey::from_pkcs8(JwsAlgorithm::Rs256, &pkcs8).unwrap();
    let claims = fapi.rp.assertion(fapi.house.test.nobody().now.unix_seconds(), "one");
    assert_eq!(fapi.asserts(jwt(&rsa, &json!({}), &claims)).await, Err(ErrorCode::InvalidClient));
}

#[tokio::test]
async fn ensure_mismatched_dpop_jkt_fails() {
    let fapi = fapi().await;
    let jkt = sallyport_wire::oidc::thumbprint(&es256().public().unwrap());
    let (_, by) = fapi.rp.proves(&fapi.house.test.nobody());
    let by: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let proof = fapi.proof("/oidc/par", None);
    let refused = fapi.pushes_as(&by, &[("dpop_jkt", &jkt)], Some(&proof)).await;
    assert_eq!(refused, Err(ErrorCode::InvalidRequest));
}

#[tokio::test]
async fn ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt() {
    let fapi = fapi().await;
    let (_, by) = fapi.rp.proves(&fapi.house.test.nobody());
    let by: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let uri = fapi.pushes_as(&by, &[], Some(&fapi.proof("/oidc/par", None))).await.unwrap();
    let code = code_in(fapi.comes(&uri, &[]).await);
    let other = proof(&es256(), &fapi.house.test.nobody(), ("POST", "/oidc/token"), None);
    assert_eq!(fapi.redeem_with(&redeeming(&code), Some(&other)).await.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ensure_dpopproof_at_par_endpoint_binding_success() {
    let fapi = fapi().await;
    let (_, by) = fapi.rp.proves(&fapi.house.test.nobody());
    let by: Vec<(&str, &str)> = by.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let uri = fapi.pushes_as(&by, &[], Some(&fapi.proof("/oidc/par", None))).await.unwrap();
    assert!(fapi.redeem(&code_in(fapi.comes(&uri, &[]).await)).await.is_ok());
}

#[tokio::test]
async fn ensure_dpop_auth_code_binding_success() {
    let fapi = fapi().await;
    let jkt = sallyport_wire::oidc::thumbprint(&fapi.key.public().unwrap());
    assert!(fapi.redeem(&fapi.code(&[("dpop_jkt", &jkt)]).await).await.is_ok());
}

#[tokio::test]
async fn ensure_token_endpoint_fails_with_mismatched_dpop_jkt() {
    let fapi = fapi().await;
    let jkt = sallyport_wire::oidc::thumbprint(&es256().public().unwrap());
    let code = fapi.code(&[("dpop_jkt", &jkt)]).await;
    assert_eq!(fapi.redeem(&code).await.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ensure_dpopproof_with_iat_10seconds_off_succeeds() {
    let fapi = fapi().await;
    for (seconds, jti) in [(-10, "one"), (10, "two")] {
        let code = fapi.code(&[]).await;
        let iat = fapi.house.test.nobody().now.unix_seconds() + seconds;
        let jwk = Jwk { kid: None, alg: None, key: fapi.key.public().unwrap() }.write();
        let said = json!({
            "htm": "POST", "htu": format!("{ISSUER}/oidc/token"), "iat": iat, "jti": jti, "nbf": iat, "exp": iat + 60,
        });
        let proof = jwt(&fapi.key, &json!({ "typ": "dpop+jwt", "jwk": jwk }), &said);
        assert!(fapi.redeem_with(&redeeming(&code), Some(&proof)).await.is_ok(), "{seconds}");
    }
}

#[tokio::test]
async fn dpop_negative_tests() {
    let fapi = fapi().await;
    let code = fapi.code(&[]).await;
    assert_eq!(fapi.redeem_with(&redeeming(&code), None).await.unwrap_err(), ErrorCode::InvalidDpopProof);
    for bad in ["", "x", "a.b.c", &fapi.proof("/oidc/par", None)] {
        let refused = fapi.redeem_with(&redeeming(&code), Some(bad)).await;
        assert_eq!(refused.unwrap_err(), ErrorCode::InvalidDpopProof, "{bad}");
    }
    let proof = fapi.proof("/oidc/token", None);
    assert!(fapi.redeem_with(&redeeming(&code), Some(&proof)).await.is_ok());
    let code = fapi.code(&[]).await;
    let again = fapi.redeem_with(&redeeming(&code), Some(&proof)).await;
    assert_eq!(again.unwrap_err(), ErrorCode::InvalidDpopProof, "a proof is good once");
}

#[tokio::test]
async fn refresh_token() {
    let fapi = fapi().await;
    let tokens = fapi.redeem(&fapi.code(&[("scope", "openid offline_access")]).await).await.unwrap();
    let token = tokens.refresh_token.unwrap();
    let without = fapi.redeem_with(&refreshing(&token), None).await;
    assert_eq!(without.unwrap_err(), ErrorCode::InvalidDpopProof);
    let again = fapi.redeem_with(&refreshing(&token), Some(&fapi.proof("/oidc/token", None))).await;
    assert_eq!(again.unwrap().token_type, sallyport_wire::oidc::TokenType::Dpop);
}

#[tokio::test]
async fn par_ensure_pkce_required() {
    let refused = fapi().await.pushes(&[("code_challenge", ""), ("code_challenge_method", "")]).await;
    assert_eq!(refused, Err(ErrorCode::InvalidRequest));
}

#[tokio::test]
async fn par_plain_pkce_rejected() {
    let refused =
        fapi().await.pushes(&[("code_challenge", VERIFIER), ("code_challenge_method", "plain")]).await;
    assert_eq!(refused, Err(ErrorCode::InvalidRequest));
}

#[tokio::test]
async fn ensure_pkce_code_verifier_required() {
    let fapi = fapi().await;
    let code = fapi.code(&[]).await;
    let usual = redeeming(&code);
    let given = with(&usual, &[("code_verifier", "")]);
    let refused = fapi.redeem_with(&given, Some(&fapi.proof("/oidc/token", None))).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn incorrect_pkce_code_verifier_rejected() {
    let fapi = fapi().await;
    let (code, other) = (fapi.code(&[]).await, VERIFIER.replace('d', "e"));
    let usual = redeeming(&code);
    let given = with(&usual, &[("code_verifier", other.as_str())]);
    let refused = fapi.redeem_with(&given, Some(&fapi.proof("/oidc/token", None))).await;
    assert_eq!(refused.unwrap_err(), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn ensure_different_nonce_and_state_inside_and_outside_request_object() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[]).await.unwrap();
    // What stands beside a pushed request counts for nothing.
    let code = code_in(fapi.comes(&uri, &[("nonce", "other"), ("state", "other")]).await);
    assert_eq!(claims(&fapi.redeem(&code).await.unwrap().id_token.unwrap())["nonce"], NONCE);
}

#[tokio::test]
async fn state_only_outside_request_object_not_used() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[("state", "")]).await.unwrap();
    let Turn::Back(answered) = fapi.comes(&uri, &[("state", "other")]).await else { panic!() };
    assert_eq!(field(&answered, "state"), None);
}

#[tokio::test]
async fn ensure_request_object_without_redirect_uri_fails() {
    assert_eq!(fapi().await.pushes(&[("redirect_uri", "")]).await, Err(ErrorCode::InvalidRequest));
}

#[tokio::test]
async fn plain_fapi_tolerate_unregistered_redirect_uri() {
    let refused = fapi().await.pushes(&[("redirect_uri", "https://wiki.example/unknown")]).await;
    assert_eq!(refused, Err(ErrorCode::InvalidRequest), "here it is refused, as the module allows");
}

#[tokio::test]
async fn par_attempt_reuse_request_uri() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[]).await.unwrap();
    code_in(fapi.comes(&uri, &[]).await);
    assert!(matches!(fapi.comes(&uri, &[]).await, Turn::Nowhere(_)));
}

#[tokio::test]
async fn par_ensure_reused_request_uri_prior_to_auth_completion_succeeds() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[]).await.unwrap();
    let params = [("client_id", fapi.rp.client_id.as_str()), ("request_uri", &uri)];
    let ctx = fapi.house.test.nobody();
    let Turn::Ask { ticket, .. } = begin(&ctx, super::params(&params), None).await.unwrap() else {
        panic!("nobody was asked")
    };
    // Somebody loads the page again, and takes longer than a browser may to come.
    let Turn::Ask { ticket: again, .. } = begin(&ctx, super::params(&params), None).await.unwrap() else {
        panic!("nobody was asked")
    };
    fapi.house.test.clock.advance(Span::minutes(5));
    let late = fapi.house.test.now(&ctx);
    code_in(go_on(&late, &again, Some(&fapi.session)).await.unwrap());
    for over in [
        go_on(&late, &ticket, Some(&fapi.session)).await.unwrap(),
        begin(&late, super::params(&params), Some(&fapi.session)).await.unwrap(),
    ] {
        assert!(matches!(over, Turn::Nowhere(_)), "one code: {over:?}");
    }
}

#[tokio::test]
async fn par_attempt_to_use_expired_request_uri() {
    let fapi = fapi().await;
    let uri = fapi.pushes(&[]).await.unwrap();
    fapi.house.test.clock.advance(Span::minutes(11));
    assert!(matches!(fapi.comes(&uri, &[]).await, Turn::Nowhere(_)));
}

#[tokio::test]
async fn par_attempt_to_use_request_uri_for_different_client() {
    let fapi = fapi().await;
    let (uri, other) = (fapi.pushes(&[]).await.unwrap(), fapi.house.rp("Other", profile()).await);
    assert!(matches!(fapi.comes(&uri, &[("client_id", &other.client_id)]).await, Turn::Nowhere(_)));
    code_in(fapi.comes(&uri, &[]).await);
}

#[tokio::test]
async fn par_authorization_request_containing_request_uri_form_param() {
    let refused = fapi().await.pushes(&[("request_uri", "urn:ietf:params:oauth:request_uri:x")]).await;
    assert_eq!(refused, Err(ErrorCode::InvalidRequest));
}

#[tokio::test]
async fn ensure_unsigned_authorization_request_without_using_par_fails() {
    let fapi = fapi().await;
    assert_eq!(error_in(fapi.house.comes(&fapi.rp, &[], Some(&fapi.session)).await), "invalid_request");
}

#[tokio::test]
async fn ensure_response_type_code_idtoken_and_token_fail() {
    let fapi = fapi().await;
    for kind in ["code id_token", "token"] {
        let refused = fapi.pushes(&[("response_type", kind)]).await;
        assert_eq!(refused, Err(ErrorCode::UnsupportedResponseType), "{kind}");
    }
}

#[tokio::test]
async fn test_claims_parameter_identity_claims() {
    let fapi = fapi().await;
    let code = fapi.code(&[("claims", r#"{"id_token":{"preferred_username":{"essential":true}}}"#)]).await;
    assert_eq!(claims(&fapi.redeem(&code).await.unwrap().id_token.unwrap())["preferred_username"], "ada");
}
