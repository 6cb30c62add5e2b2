//! How clients prove who they are, and for what they ask for tokens.

use data_encoding::BASE64;

use super::*;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn basic(plain: &str) -> String {
    format!("Basic {}", BASE64.encode(plain.as_bytes()))
}

#[test]
fn a_client_proves_itself_in_one_way() {
    let auth = |header: Option<&str>, pairs: &[(&str, &str)]| client_auth(header, &form(pairs));
    assert!(matches!(auth(Some(&basic("SP1:secret")), &[]), Ok(ClientAuth::Basic { .. })));
    assert!(matches!(
        auth(Some(&basic("SP1:secret")), &[("client_id", "SP1")]),
        Ok(ClientAuth::Basic { .. })
    ));
    let Ok(ClientAuth::Basic { client_id, secret }) = auth(Some(&basic("S%2FP:a%3Ab+c")), &[]) else {
        panic!()
    };
    assert_eq!((client_id.as_str(), secret.expose()), ("S/P", "a:b c"), "each half is form-encoded");
    let post = [("client_id", "SP1"), ("client_secret", "secret")];
    assert!(matches!(auth(None, &post), Ok(ClientAuth::Post { .. })));
    assert!(matches!(auth(None, &post[..1]), Ok(ClientAuth::None { .. })));
    let key = key(JwsAlgorithm::Es256);
    let assertion = token(&key, &json!({}), &json!({ "sub": "SP1" }));
    let signed = [("client_assertion_type", KIND), ("client_assertion", assertion.as_str())];
    assert_eq!(auth(None, &signed).unwrap().client_id(), "SP1");
    let header = basic("SP1:secret");
    for (header, pairs) in [
        (Some(header.as_str()), &post[..]),
        (Some(&header), &signed[..]),
        (None, &[signed[0], signed[1], post[1]]),
        (Some(&header), &[("client_id", "SP2")]),
        (None, &[signed[0], signed[1], ("client_id", "SP2")]),
        (None, &[signed[1]]),
        (None, &[("client_assertion_type", "urn:other"), signed[1]]),
        (None, &[signed[0], ("client_assertion", "a.b.c")]),
        (None, &[("client_secret", "secret")]),
        (None, &[]),
        (Some("Bearer x"), &[]),
        (Some("Basic"), &[]),
        (Some("Basic !"), &[]),
        (Some(&basic("nobody")), &[]),
        (Some(&basic(&format!("SP1:{}", "x".repeat(5000)))), &[]),
        (Some(&basic("SP1:%FF")), &[]),
    ] {
        let error: OAuthError = auth(header, pairs).unwrap_err().into();
        let word = error.error;
        assert!(
            matches!(word, ErrorCode::InvalidClient | ErrorCode::InvalidRequest),
            "{header:?} {pairs:?} {word:?}"
        );
    }
}

#[test]
fn an_assertion_is_of_its_client_for_us_and_now() {
    let (key, other) = (key(JwsAlgorithm::Es256), key(JwsAlgorithm::Es256));
    let usual =
        json!({ "iss": "SP1", "sub": "SP1", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "jti": "one" });
    let verify = |assertion: &str| {
        ClientAssertion::verify(assertion, "SP1", &set(&key), &[ISSUER, "https://x/token"], NOW)
    };
    let changed = |name: &str, value: Value| {
        let mut claims = usual.clone();
        claims[name] = value;
        verify(&token(&key, &json!({}), &claims))
    };
    assert_eq!(verify(&token(&key, &json!({}), &usual)).unwrap().expires, NOW + 60);
    for (name, good) in [
        ("aud", json!([ISSUER])),
        ("aud", json!("https://x/token")),
        ("exp", json!(NOW - 59)),
        ("exp", json!(NOW + 3660)),
        ("nbf", json!(NOW + 60)),
        ("iat", Value::Null),
    ] {
        assert!(changed(name, good.clone()).is_ok(), "{name} {good}");
    }
    for (name, bad) in [
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("aud", json!([])),
        ("aud", json!("")),
        ("aud", Value::Null),
        ("aud", json!(format!("{ISSUER}/"))),
        ("iss", json!("SP2")),
        ("sub", json!("SP2")),
        ("sub", Value::Null),
        ("exp", json!(NOW - 60)),
        ("exp", json!(NOW + 3661)),
        ("exp", json!((NOW + 60).to_string())),
        ("exp", json!(1.5)),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("nbf", json!(NOW + 61)),
        ("iat", json!(NOW + 61)),
        ("iat", json!("now")),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(257))),
    ] {
        assert!(changed(name, bad.clone()).is_err(), "{name} {bad}");
    }
    assert!(verify(&token(&other, &json!({}), &usual)).is_err());
    for typ in ["at+jwt", "dpop+jwt", "logout+jwt"] {
        assert!(verify(&token(&key, &json!({ "typ": typ }), &usual)).is_err(), "{typ}");
    }
    assert!(verify(&token(&key, &json!({ "typ": "client-authentication+jwt" }), &usual)).is_ok());
}

#[test]
fn tokens_are_asked_for_in_five_ways() {
    let read = |pairs: &[(&str, &str)]| GrantRequest::read(&form(pairs));
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let access = "urn:ietf:params:oauth:token-type:access_token";
    for good in [
        &[("grant_type", "authorization_code"), ("code", "x")][..],
        &[("grant_type", "client_credentials"), ("scope", "a b")],
        &[("grant_type", "refresh_token"), ("refresh_token", "x")],
        &[("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", "x")],
        &[("grant_type", exchange), ("subject_token", "x"), ("subject_token_type", access)],
    ] {
        assert!(read(good).is_ok(), "{good:?}");
    }
    for (bad, error) in [
        (&[][..], ErrorCode::InvalidRequest),
        (&[("grant_type", "password")], ErrorCode::UnsupportedGrantType),
        (&[("grant_type", "authorization_code")], ErrorCode::InvalidRequest),
        (
            &[("grant_type", "authorization_code"), ("code", "x"), ("code_verifier", "short")],
            ErrorCode::InvalidGrant,
        ),
        (&[("grant_type", "refresh_token")], ErrorCode::InvalidRequest),
        (&[("grant_type", "client_credentials"), ("scope", "a\"")], ErrorCode::InvalidScope),
        (
            &[("grant_type", exchange), ("subject_token", "x"), ("subject_token_type", "urn:other")],
            ErrorCode::InvalidRequest,
        ),
        (
            &[("grant_type", exchange), ("subject_token", "x"), ("actor_token", "y")],
            ErrorCode::InvalidRequest,
        ),
        (&[("grant_type", exchange)], ErrorCode::InvalidRequest),
    ] {
        assert_eq!(read(bad).unwrap_err().error, error, "{bad:?}");
    }
    assert!(Revocation::read(&form(&[])).is_err());
}
