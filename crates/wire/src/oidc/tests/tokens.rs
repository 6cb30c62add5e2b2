//! Signed tokens: by an algorithm that belongs to the key, of the type that is asked for, with claims of their kinds.

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use proptest::prelude::*;
use sallyport_crypto::foreign::ForeignKey;

use super::*;

fn read(text: &str, keys: &JwkSet) -> Result<Claims, JwtError> {
    let token = Token::read(text)?;
    token.verified(&[None, Some("JWT")], keys.candidates(token.alg(), token.kid()))
}

#[test]
fn without_a_signature_nothing_is_said_however_that_is_spelt() {
    let key = key(JwsAlgorithm::Es256);
    let keys = set(&key);
    let good = token(&key, &json!({}), &json!({ "sub": "ada" }));
    assert!(read(&good, &keys).is_ok());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let claims = signed.split_once('.').unwrap().1;
    for alg in ["none", "None", "NONE", "nOnE", "none ", "", "ES256 ", "es256", "HS256", "ES384", "RSA-OAEP"]
    {
        let header = base64(json!({ "alg": alg }).to_string());
        for signature in ["", signature] {
            let text = format!("{header}.{claims}.{signature}");
            assert_eq!(read(&text, &keys), Err(JwtError::Header), "{alg} {signature}");
        }
    }
    for header in
        ["{}", r#"{"alg":null}"#, r#"{"alg":["ES256"]}"#, r#"{"alg":256}"#, r#"{"ALG":"ES256"}"#, "[]", ""]
    {
        assert!(read(&format!("{}.{claims}.{signature}", base64(header)), &keys).is_err(), "{header}");
    }
    for text in [
        format!("{signed}."),
        signed.to_owned(),
        format!("{signed}.{signature}."),
        format!(".{signed}.{signature}"),
        format!("{signed}..{signature}"),
        format!("{signed}.{signature}.x"),
        format!("{signed}.{signature}="),
        format!(" {good}"),
        format!("{good}\n"),
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        format!("{signed}.{}", base64([0; 64])),
        "x".repeat(16 * 1024 + 1),
    ] {
        assert!(read(&text, &keys).is_err(), "{text}");
    }
}

#[test]
fn a_public_key_is_nobodys_shared_secret() {
    for algorithm in [JwsAlgorithm::Es256, JwsAlgorithm::Rs256, JwsAlgorithm::EdDsa] {
        let key = key(algorithm);
        let (keys, written) = (set(&key), jwk(&key).write());
        let bytes = match key.public().unwrap() {
            ForeignKey::Ed25519(bytes) => bytes.to_vec(),
            ForeignKey::Es256(bytes) => bytes.to_vec(),
            ForeignKey::Rs256 { modulus, .. } => modulus,
        };
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", BASE64.encode(&bytes));
        let secrets: [Vec<u8>; 5] = [
            pem.clone().into_bytes(),
            format!("{pem}\n").into_bytes(),
            bytes,
            written.to_string().into_bytes(),
            format!("{written}\n").into_bytes(),
        ];
        for secret in &secrets {
            let header = base64(json!({ "alg": "HS256" }).to_string());
            let signed = format!("{header}.{}", base64(r#"{"sub":"ada"}"#));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
            assert_eq!(read(&format!("{signed}.{}", base64(tag)), &keys), Err(JwtError::Header));
        }
        // Nor is an algorithm another one's: it belongs to the key.
        for other in JwsAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            let header = json!({ "alg": other.as_str() }).to_string();
            assert_eq!(read(&token_of(&key, &header, r#"{"sub":"ada"}"#), &keys), Err(JwtError::Signature));
        }
    }
}

#[test]
fn a_header_chooses_among_known_keys_and_points_nowhere() {
    let (ours, theirs) = (key(JwsAlgorithm::Es256), key(JwsAlgorithm::Es256));
    let named = JwkSet(vec![Jwk { kid: Some("one".into()), ..jwk(&ours) }]);
    let evil = jwk(&theirs).write();
    for header in [
        json!({ "jwk": evil }),
        json!({ "kid": "one", "jwk": evil }),
        json!({ "jku": "https://evil.example/keys" }),
        json!({ "x5u": "https://evil.example/cert" }),
        json!({ "x5c": [BASE64.encode(b"certificate")] }),
        json!({ "kid": "../../../dev/null" }),
        json!({ "kid": "' UNION SELECT 'x" }),
        json!({ "kid": "https://evil.example/key" }),
        json!({ "kid": "one\u{0}" }),
        json!({ "kid": ["one"] }),
        json!({ "kid": 1 }),
        json!({ "kid": "" }),
    ] {
        let text = token(&theirs, &header, &json!({ "sub": "ada" }));
        assert_eq!(read(&text, &named), Err(JwtError::Signature), "{header}");
        // Beside a good signature these say nothing; a name that nobody has finds nobody.
        let text = token(&ours, &header, &json!({ "sub": "ada" }));
        let found = header["kid"].as_str().is_none_or(|kid| kid == "one");
        assert_eq!(read(&text, &named).is_ok(), found, "{header}");
    }
    for header in [json!({ "crit": ["exp"] }), json!({ "crit": [] }), json!({ "b64": false })] {
        assert_eq!(read(&token(&ours, &header, &json!({})), &named), Err(JwtError::Header), "{header}");
    }
}

#[test]
fn a_token_is_of_the_type_that_is_asked_for() {
    let key = key(JwsAlgorithm::EdDsa);
    let keys = set(&key);
    let of = |typ: Value| token(&key, &json!({ "typ": typ }), &json!({ "sub": "ada" }));
    let is = |text: &str, types: &[Option<&str>]| {
        let token = Token::read(text).unwrap();
        token.verified(types, keys.candidates(token.alg(), token.kid())).map(drop)
    };
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"] {
        assert_eq!(is(&of(typ.into()), &[Some("at+jwt")]), Ok(()), "{typ}");
        assert_eq!(is(&of(typ.into()), &[Some("JWT")]), Err(JwtError::Type), "{typ}");
    }
    for typ in [json!("jwt"), json!("dpop+jwt"), json!("at+jwt "), json!(""), json!(null), json!(["at+jwt"])]
    {
        assert_eq!(is(&of(typ.clone()), &[Some("at+jwt")]), Err(JwtError::Type), "{typ}");
    }
    let without = token(&key, &json!({}), &json!({}));
    assert_eq!(is(&without, &[Some("at+jwt")]), Err(JwtError::Type));
    assert_eq!(is(&without, &[None]), Ok(()));
    assert_eq!(is(&of("at+jwt".into()), &[None]), Err(JwtError::Type), "one that has a type is not without");
}

#[test]
fn what_is_said_twice_is_not_said() {
    let key = key(JwsAlgorithm::Es256);
    let good = r#"{"alg":"ES256"}"#;
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
    for (header, claims) in [
        (good, r#"{"sub":"ada","sub":"bob"}"#),
        (good, r#"{"sub":"ada","s\u0075b":"ada"}"#),
        (r#"{"alg":"ES256","alg":"ES256"}"#, r#"{"sub":"ada"}"#),
        (r#"{"alg":"none","alg":"ES256"}"#, r#"{"sub":"ada"}"#),
        (r#"{"alg":"ES256","kid":"a","kid":"b"}"#, r#"{"sub":"ada"}"#),
        (good, "[]"),
        (good, "\"text\""),
        (good, ""),
        (good, "{} {}"),
        (good, "{\"sub\":\"ada\",}"),
        (good, "{\"sub\":NaN}"),
        (good, r#"{"exp":1e400}"#),
        (good, deep.as_str()),
    ] {
        assert!(read(&token_of(&key, header, claims), &set(&key)).is_err(), "{header} {claims}");
    }
}

#[test]
fn moments_are_whole_numbers_and_audiences_texts() {
    let key = key(JwsAlgorithm::Es256);
    let claims = |claims: &str| read(&token_of(&key, r#"{"alg":"ES256"}"#, claims), &set(&key)).unwrap();
    for bad in [
        "\"1767225600\"",
        "1767225600.5",
        "1.7672256e9",
        "-1",
        "true",
        "[1]",
        "{}",
        "1e18",
        "99999999999999999999",
        "253402300800",
    ] {
        let read = claims(&format!("{{\"exp\":{bad}}}"));
        assert_eq!(read.required_time("exp"), Err(ParamError::Invalid("exp")), "{bad}");
        assert_eq!(read.time("exp"), Err(ParamError::Invalid("exp")), "{bad}");
    }
    for absent in ["{}", r#"{"exp":null}"#] {
        let read = claims(absent);
        assert_eq!(
            (read.time("exp"), read.required_time("exp")),
            (Ok(None), Err(ParamError::Missing("exp")))
        );
    }
    for good in [0, NOW, 253_402_300_799] {
        assert_eq!(claims(&format!("{{\"exp\":{good}}}")).required_time("exp"), Ok(good));
    }
    let audiences = |aud: &str| claims(&format!("{{\"aud\":{aud}}}")).audiences();
    assert_eq!(audiences("\"us\""), Ok(vec!["us".into()]));
    assert_eq!(audiences(r#"["us","them"]"#), Ok(vec!["us".into(), "them".into()]));
    let many = format!("[{}]", vec!["\"us\""; 17].join(","));
    for bad in
        ["[]", "\"\"", r#"[""]"#, r#"["us",""]"#, r#"["us",1]"#, "[null]", "1", "{}", r#"[["us"]]"#, &many]
    {
        assert_eq!(audiences(bad), Err(ParamError::Invalid("aud")), "{bad}");
    }
    assert_eq!(audiences("null"), Err(ParamError::Missing("aud")));
    let lines = claims(r#"{"sub":1,"iss":"a\nb","sid":"","jti":true}"#);
    for name in ["sub", "iss", "jti"] {
        assert_eq!(lines.line(name, 10), Err(ParamError::Invalid(name)));
    }
    assert_eq!(lines.required_line("sid", 10), Err(ParamError::Missing("sid")));
}

#[test]
fn what_we_sign_is_read_and_no_changed_letter_goes_unseen() {
    for algorithm in [JwsAlgorithm::Es256, JwsAlgorithm::Rs256, JwsAlgorithm::EdDsa] {
        let key = key(algorithm);
        let text = signed(&key, "one", "JWT", &json!({ "sub": "ada" })).unwrap();
        assert_eq!(Token::read(&text).unwrap().kid(), Some("one"));
        assert_eq!(read(&text, &set(&key)).unwrap().required_line("sub", 9), Ok("ada".into()));
        for place in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            assert!(read(std::str::from_utf8(&bytes).unwrap(), &set(&key)).is_err(), "at {place}");
        }
    }
    // OpenID Connect Core, appendix A.3: the access token of its example.
    let hash = left_half_hash(JwsAlgorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    assert_eq!(hash, "77QmUPtjPfzWtF2AnpK9RQ");
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,300}", parts in proptest::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        for text in [text.clone(), parts.join("."), format!("{}.{}.{}", base64(r#"{"alg":"ES256"}"#), base64(&text), text)] {
            let _ = Token::read(&text).map(|token| token.unverified().map(|claims| claims.audiences()));
            let _ = DpopProof::verify(&text, "POST", ISSUER, Some("x"), NOW);
            let _ = JwkSet::read(text.as_bytes());
            let _ = ClaimsRequest::read(&text);
            let _ = (Scope::read(&text), Challenge::read(&text), Verifier::read(&text));
            let _ = Params::from_query(&text).map(|params| {
                let _ = client_auth(Some(&text), &params);
                let _ = (GrantRequest::read(&params).is_ok(), Revocation::read(&params).is_ok());
                Sent::read(params).map(|sent| sent.request(ISSUER.into()).is_ok())
            });
        }
    }

    #[test]
    fn what_is_said_of_an_error_is_plain(text in "\\PC{0,80}") {
        let error = OAuthError::new(ErrorCode::InvalidRequest, text);
        prop_assert!(error.error_description.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\'));
    }
}
