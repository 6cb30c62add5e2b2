//! Proofs of possession (RFC 9449).

use sallyport_crypto::digest;

use super::*;

const AT: &str = "https://sallyport.example.com/oidc/token";

/// The usual claims with one in its place.
fn changed(name: &str, value: Value) -> Value {
    let mut claims = json!({ "jti": "one", "htm": "POST", "htu": AT, "iat": NOW });
    claims[name] = value;
    claims
}

fn proof(key: &JwsKey, claims: &Value) -> String {
    token(key, &json!({ "typ": "dpop+jwt", "jwk": jwk(key).write() }), claims)
}

fn verify(proof: &str, access: Option<&str>) -> Result<DpopProof, DpopError> {
    DpopProof::verify(proof, "POST", AT, access, NOW)
}

#[test]
fn a_proof_is_for_one_request() {
    let key = key(JwsAlgorithm::Es256);
    let at = |uri: &str| verify(&proof(&key, &changed("htu", uri.into())), None);
    for same in [
        AT,
        "HTTPS://Sallyport.Example.COM/oidc/token",
        "https://sallyport.example.com:443/oidc/token",
        "https://sallyport.example.com/oidc/token?x=1",
        "https://sallyport.example.com/oidc/token#x",
    ] {
        assert_eq!(at(same).unwrap().jkt, thumbprint(&key.public().unwrap()), "{same}");
    }
    for other in [
        "http://sallyport.example.com/oidc/token",
        "https://sallyport.example.com:444/oidc/token",
        "https://sallyport.example.com/OIDC/token",
        "https://sallyport.example.com/oidc/token/",
        "https://sallyport.example.com/oidc/../oidc/token",
        "https://sallyport.example.com.evil.example/oidc/token",
        "https://sallyport.example.com@evil.example/oidc/token",
        "https://evil.example/?https://sallyport.example.com/oidc/token",
        "https://sallyport.example.com",
        "//sallyport.example.com/oidc/token",
        "/oidc/token",
    ] {
        assert_eq!(at(other), Err(DpopError::Request), "{other}");
    }
    for method in ["GET", "post", "POST "] {
        assert_eq!(
            verify(&proof(&key, &changed("htm", method.into())), None),
            Err(DpopError::Request),
            "{method}"
        );
    }
    for name in ["htm", "htu", "iat", "jti"] {
        for value in [Value::Null, json!([]), json!(true)] {
            assert!(verify(&proof(&key, &changed(name, value)), None).is_err(), "{name}");
        }
    }
}

#[test]
fn a_proof_is_good_for_two_minutes_on_clocks_that_differ() {
    let key = key(JwsAlgorithm::EdDsa);
    for (iat, good) in
        [(NOW, true), (NOW + 60, true), (NOW + 61, false), (NOW - 120, true), (NOW - 121, false), (0, false)]
    {
        let read = verify(&proof(&key, &changed("iat", iat.into())), None);
        assert_eq!(read.is_ok(), good, "{}", iat - NOW);
        if let Ok(read) = read {
            assert_eq!(read.expires, iat + 120, "it is remembered for as long as it is good");
        }
    }
}

#[test]
fn with_an_access_token_a_proof_is_for_that_one() {
    let key = key(JwsAlgorithm::Es256);
    let ath = base64(digest::sha256(b"the token"));
    let good = proof(&key, &changed("ath", ath.clone().into()));
    assert!(verify(&good, Some("the token")).is_ok());
    assert_eq!(verify(&good, Some("another")), Err(DpopError::AccessToken));
    for bad in [Value::Null, format!("{ath}=").into(), json!(1)] {
        assert!(verify(&proof(&key, &changed("ath", bad)), Some("the token")).is_err());
    }
}

#[test]
fn a_proof_brings_the_public_key_that_signed_it() {
    let (key, other) = (key(JwsAlgorithm::Es256), super::key(JwsAlgorithm::Es256));
    let with = |header: Value| verify(&token(&key, &header, &changed("jti", "one".into())), None);
    let own = jwk(&key).write();
    assert!(with(json!({ "typ": "dpop+jwt", "jwk": own })).is_ok());
    for typ in ["JWT", "", "at+jwt"] {
        assert_eq!(with(json!({ "typ": typ, "jwk": own })), Err(DpopError::Token(JwtError::Type)));
    }
    let stranger = json!({ "typ": "dpop+jwt", "jwk": jwk(&other).write() });
    assert_eq!(with(stranger), Err(DpopError::Token(JwtError::Signature)));
    let mut private = own;
    private["d"] = "AQAB".into();
    assert_eq!(with(json!({ "typ": "dpop+jwt", "jwk": private })), Err(DpopError::Key(JwkError::Private)));
    for jwk in [Value::Null, json!("x"), json!([]), json!({ "kty": "oct", "k": "AQAB" })] {
        assert!(with(json!({ "typ": "dpop+jwt", "jwk": jwk })).is_err(), "{jwk}");
    }
    assert_eq!(with(json!({ "typ": "dpop+jwt", "kid": "one" })), Err(DpopError::NoKey));
}
