//! Public keys, their names, and the secrets that requests begin with.

use super::*;

/// The RSA key of RFC 7638, section 3.1.
const RFC_7638: &str = r#"{
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29"
}"#;
/// Of RFC 8037, appendix A.2, and of RFC 9449, section 4.1.
const RFC_8037: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const RFC_9449: &str = r#"{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}"#;

fn read(json: &str) -> Result<Jwk, JwkError> {
    Jwk::read(&Params::from_json(json.as_bytes()).unwrap())
}

#[test]
fn a_key_has_the_name_that_rfc_7638_gives_it() {
    let key = read(RFC_7638).unwrap();
    assert_eq!((key.kid.as_deref(), key.alg), (Some("2011-04-29"), Some(JwsAlgorithm::Rs256)));
    for (text, name) in [
        (RFC_7638, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (RFC_8037, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        (RFC_9449, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ] {
        assert_eq!(thumbprint(&read(text).unwrap().key), name);
    }
}

#[test]
fn what_is_written_is_read_and_the_same() {
    for algorithm in [JwsAlgorithm::Es256, JwsAlgorithm::Rs256, JwsAlgorithm::EdDsa] {
        let one =
            Jwk { kid: Some("one".into()), alg: Some(algorithm), key: key(algorithm).public().unwrap() };
        let set = JwkSet(vec![one]);
        assert_eq!(JwkSet::read(set.write().to_string().as_bytes()), Ok(set.clone()));
        assert_eq!(set.candidates(algorithm, Some("one")).count(), 1);
        assert_eq!(set.candidates(algorithm, None).count(), 1);
        assert_eq!(set.candidates(algorithm, Some("other")).count(), 0);
        for other in JwsAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            assert_eq!(set.candidates(other, Some("one")).count(), 0);
        }
    }
}

#[test]
fn no_key_is_taken_that_is_private_unsound_or_of_no_use() {
    let point = jwk(&key(JwsAlgorithm::Es256)).write();
    let changed = |name: &str, value: String| {
        let mut jwk = point.clone();
        jwk[name] = value.into();
        read(&jwk.to_string())
    };
    for private in ["d", "k", "p", "q"] {
        assert_eq!(changed(private, "AQAB".into()), Err(JwkError::Private), "{private}");
    }
    for (name, value) in [
        ("kty", "oct"),
        ("crv", "P-384"),
        ("crv", "secp256k1"),
        ("use", "enc"),
        ("alg", "HS256"),
        ("alg", "none"),
    ] {
        assert_eq!(changed(name, value.into()), Err(JwkError::Kind), "{name} {value}");
    }
    for y in [base64([1; 32]), base64([0; 32])] {
        assert_eq!(changed("y", y), Err(JwkError::Unsound));
    }
    for y in [
        base64([1; 31]),
        base64([1; 33]),
        "not base64!".into(),
        format!("{}=", base64([1; 32])),
        String::new(),
    ] {
        assert!(matches!(changed("y", y), Err(JwkError::Key(_))));
    }
    let rsa = |n: &[u8], e: &[u8]| read(&json!({ "kty": "RSA", "n": base64(n), "e": base64(e) }).to_string());
    for (n, e) in
        [(&[255; 128][..], &[1, 0, 1][..]), (&[], &[1, 0, 1]), (&[255; 1025], &[1, 0, 1]), (&[255; 256], &[])]
    {
        assert!(rsa(n, e).is_err(), "{} {e:?}", n.len());
    }
}

#[test]
fn a_set_is_an_object_with_a_few_keys_each_of_which_is_one() {
    let good = jwk(&key(JwsAlgorithm::Es256)).write();
    let read = |set: Value| JwkSet::read(set.to_string().as_bytes());
    assert_eq!(read(json!({ "keys": [] })), Ok(JwkSet::default()));
    let others =
        json!([good, { "kty": "oct", "kid": "x" }, { "kty": "EC", "crv": "P-521", "x": "", "y": "" }]);
    assert_eq!(read(json!({ "keys": others })).unwrap().0.len(), 1, "kinds that are not used are left out");
    assert_eq!(read(json!({ "keys": vec![good.clone(); 51] })), Err(JwkError::Set));
    for bad in [json!({}), json!([]), json!({ "keys": {} }), json!({ "keys": "x" }), json!({ "keys": [1] })] {
        assert_eq!(read(bad.clone()), Err(JwkError::Set), "{bad}");
    }
    assert_eq!(JwkSet::read(br#"{"keys":[],"keys":[]}"#), Err(JwkError::Set));
    assert_eq!(JwkSet::read(&vec![b' '; 64 * 1024 + 1]), Err(JwkError::Set));
    let mut private = good;
    private["d"] = "AQAB".into();
    assert_eq!(read(json!({ "keys": [private] })), Err(JwkError::Private));
}

#[test]
fn a_challenge_is_that_of_rfc_7636_and_of_no_other_verifier() {
    // Appendix B.
    let verifier = Verifier::read("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
    let challenge = Challenge::read("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").unwrap();
    assert_eq!(verifier.challenge(), challenge);
    assert!(challenge.is_of(&verifier));
    assert!(!challenge.is_of(&Verifier::read("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl").unwrap()));
    assert!(!format!("{verifier:?}").contains("dBjft"), "it is a secret");
    let long = "a".repeat(128);
    for good in ["a".repeat(43), long.clone(), "-._~".repeat(11)] {
        assert!(Verifier::read(&good).is_some(), "{good}");
    }
    let beyond = |sign: &str| format!("{}{sign}", "a".repeat(43));
    for bad in ["a".repeat(42), format!("{long}a"), beyond("+"), beyond(" "), beyond("\u{e9}"), String::new()]
    {
        assert!(Verifier::read(&bad).is_none(), "{bad}");
    }
    for bad in [base64([1; 31]), base64([1; 33]), format!("{}=", base64([1; 32])), beyond(" "), String::new()]
    {
        assert!(Challenge::read(&bad).is_none(), "{bad}");
    }
}
