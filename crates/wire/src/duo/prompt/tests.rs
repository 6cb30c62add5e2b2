use proptest::prelude::*;
use sallyport_crypto::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;
use crate::duo::{ParamError, Params};

/// Signed by Python's `hmac`, each with what it has to be taken for.
#[derive(Deserialize)]
struct Vectors {
    client_id: String,
    secret: String,
    host: String,
    now: i64,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    kind: String,
    name: String,
    verdict: String,
    token: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).unwrap()
}

fn of_jwt(error: &JwtError) -> &'static str {
    match error {
        JwtError::Claims(_) => "claims",
        JwtError::Header => "header",
        JwtError::Malformed => "malformed",
        JwtError::Signature => "signature",
        JwtError::TooLong => "too long",
    }
}

fn of_assertion(assertion: &Result<ClientAssertion, AssertionError>) -> &'static str {
    match assertion {
        Ok(_) => "good",
        Err(AssertionError::Audience) => "audience",
        Err(AssertionError::Client) => "client",
        Err(AssertionError::Jwt(error)) => of_jwt(error),
        Err(AssertionError::Time) => "time",
    }
}

fn of_request(opened: &Result<RequestObject, AuthorizeError>) -> &'static str {
    match opened {
        Ok(request) => match request.read() {
            Ok(request) if request.use_duo_code_attribute => "duo_code",
            Ok(_) => "code",
            Err(error) => error.error,
        },
        Err(AuthorizeError::Audience) => "audience",
        Err(AuthorizeError::Client) => "client",
        Err(AuthorizeError::Expired) => "expired",
        Err(AuthorizeError::Jwt(error)) => of_jwt(error),
    }
}

fn sent(client_id: &str, request: &str) -> Sent {
    let query = form_body(&[("client_id", client_id), ("request", request), ("response_type", "code")]);
    Sent::read(&Params::from_query(&query).unwrap()).unwrap()
}

#[test]
fn every_vector_is_taken_for_what_it_is() {
    let all = vectors();
    let secret = Secret::from(all.secret.as_str());
    // By the name the browser came to, or the one we are known by.
    for hosts in [["other.example", all.host.as_str()], [&all.host.to_uppercase(), "other.example"]] {
        for vector in &all.vectors {
            let client = (all.client_id.as_str(), &secret);
            let verdict = match vector.kind.as_str() {
                "assertion" => of_assertion(&ClientAssertion::verify(
                    &vector.token,
                    client,
                    path::TOKEN,
                    &hosts,
                    all.now,
                )),
                _ => of_request(&sent(&all.client_id, &vector.token).open(&secret, &hosts, all.now)),
            };
            assert_eq!(verdict, vector.verdict, "{}: {}", vector.kind, vector.name);
        }
    }
    assert!(all.vectors.len() > 80);
}

#[test]
fn no_changed_letter_of_a_token_goes_unseen() {
    let all = vectors();
    let secret = Secret::from(all.secret.as_str());
    let good = &all.vectors[0].token;
    for at in 0..good.len() {
        let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
        assert!(Hs512::new(&secret).open(&changed).is_err(), "at {at}");
    }
    assert!(matches!(Hs512::new(&secret).open(&"a".repeat(MAX_TOKEN + 1)), Err(JwtError::TooLong)));
}

#[test]
fn a_nonce_counts_wherever_it_stands_and_the_signed_one_first() {
    let all = vectors();
    let secret = Secret::from(all.secret.as_str());
    let read = |name: &str, outside: &str| {
        let vector =
            all.vectors.iter().find(|vector| vector.kind == "request" && vector.name == name).unwrap();
        let query =
            form_body(&[("client_id", &all.client_id), ("request", &vector.token), ("nonce", outside)]);
        let sent = Sent::read(&Params::from_query(&query).unwrap()).unwrap();
        sent.open(&secret, &[&all.host], all.now).unwrap().read()
    };
    assert_eq!(read("python", &"q".repeat(20)).unwrap().nonce, Some("q".repeat(20)));
    assert_eq!(read("a nonce", &"q".repeat(20)).unwrap().nonce, Some("n".repeat(36)));
    assert_eq!(read("python", "").unwrap().nonce, None);
    assert_eq!(read("python", "short").unwrap_err().error, "invalid_request");
}

#[test]
fn parameters_are_read_from_query_form_and_parts_and_never_twice() {
    let fields = [("client_id", "DI X"), ("code", "a&b=ü"), ("empty", "")];
    let urlencoded = form_body(&fields);
    let boundary = "------------------------d74496d66958873e";
    let parts: String = fields
        .iter()
        .map(|(name, value)| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .collect();
    let parts = format!("{parts}--{boundary}--\r\n");
    let multipart = format!("multipart/form-data; boundary={boundary}");
    let form = Some("application/x-www-form-urlencoded");
    let read = |query: &str, kind: Option<&str>, body: &str| params(query, kind, body.as_bytes());
    let expected = Params::from_query(&urlencoded).unwrap();
    for read in [
        read(&urlencoded, None, ""),
        read("", form, &urlencoded),
        read("", Some(&multipart), &parts),
        read("", Some(&format!("Multipart/Form-Data; charset=utf-8; Boundary=\"{boundary}\"")), &parts),
        read(
            "client_id=DI+X&code=a%26b%3d%c3%bc",
            Some(&multipart),
            &format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"empty\"\r\nContent-Type: text/plain\r\n\r\n\r\n--{boundary}--"
            ),
        ),
    ] {
        assert_eq!(read.unwrap(), expected);
    }
    for twice in
        [read("a=1&a=1", None, ""), read("a=1", form, "a=1"), read("code=1", Some(&multipart), &parts)]
    {
        assert_eq!(twice, Err(ParamError::Repeated("one of them")));
    }
    let endless = "b".repeat(71);
    let of_endless = parts.replace(boundary, &endless);
    let read_endless = read("", Some(&format!("multipart/form-data; boundary={endless}")), &of_endless);
    assert!(read_endless.is_err() || !read_endless.unwrap().names().any(|name| name == "code"));
    for broken in [
        "".to_owned(),
        parts.replace("\r\n", "\n"),
        parts[..parts.len() - 20].to_owned(),
        parts.replace("name=\"code\"", "name=code"),
        parts.replace("name=\"code\"", "name=\"code\"; filename=\"x\""),
        parts.replace("form-data", "attachment"),
    ] {
        assert!(read("", Some(&multipart), &broken).is_err(), "{broken}");
    }
}

#[test]
fn a_code_is_redeemed_in_the_words_of_every_sdk() {
    let all = vectors();
    let (secret, good) = (Secret::from(all.secret.as_str()), &all.vectors[0].token);
    let ask = RedeemRequest { code: "the-code", redirect_uri: "https://app.example/cb?a=b", jti: "unique" };
    let ours = ask.form((&all.client_id, &secret), &all.host, all.now);
    let read = |form: &str| Redeem::read(&Params::from_query(form).unwrap());
    let redeem = read(&ours).unwrap();
    assert_eq!(
        (redeem.code.expose(), redeem.redirect_uri.as_str()),
        ("the-code", "https://app.example/cb?a=b")
    );
    let verified = ClientAssertion::verify(
        redeem.assertion.expose(),
        (&redeem.client_id, &secret),
        path::TOKEN,
        &[&all.host],
        all.now,
    );
    let verified = verified.unwrap();
    assert_eq!((verified.jti.as_str(), verified.host.as_str()), ("unique", all.host.as_str()));
    // Java names its client in the assertion alone.
    let java = ours.replace(&format!("client_id={}&", all.client_id), "");
    assert_eq!(read(&java).unwrap().client_id, all.client_id);
    for (form, error) in [
        (
            ours.replace("grant_type=authorization_code", "grant_type=password"),
            OAuthError::UnsupportedGrantType,
        ),
        (ours.replace("grant_type=authorization_code&", ""), OAuthError::InvalidRequest),
        (ours.replace("code=the-code&", ""), OAuthError::InvalidRequest),
        (ours.replace("jwt-bearer", "saml2-bearer"), OAuthError::InvalidClient),
        (format!("{ours}&code=another"), OAuthError::InvalidRequest),
        (
            java.replace(&java[java.find("client_assertion=").unwrap()..], "client_assertion=x.y.z"),
            OAuthError::InvalidClient,
        ),
    ] {
        assert_eq!(read(&form).unwrap_err().error, error, "{form}");
    }
    assert!(!format!("{redeem:?}").contains(good.as_str()) && !format!("{redeem:?}").contains("the-code"));
    let error = TokenError::new(OAuthError::InvalidGrant, "the code is spent");
    let body = serde_json::to_string(&error).unwrap();
    assert_eq!(body, r#"{"error":"invalid_grant","error_description":"the code is spent"}"#);
    assert_eq!(RedeemReply::parse(400, body.as_bytes()).err().unwrap(), "invalid_grant: the code is spent");
    assert!(RedeemReply::parse(500, b"<html>").err().unwrap().contains("500"));
}

fn statement() -> Statement {
    Statement {
        username: "Ada Lovelace".into(),
        nonce: Some("n".repeat(36)),
        auth_time: 1_345_570_100,
        auth_result: AuthResult::allow(),
        auth_context: AuthContext {
            txid: "66e4ffe9-4a5e-4b0b-8a6d-7cb2b4e6d5f8".into(),
            timestamp: 1_345_570_100,
            isotimestamp: isotimestamp(1_345_570_100),
            event_type: "authentication",
            factor: "passcode",
            reason: "valid_passcode",
            result: "success",
            alias: "Ada Lovelace".into(),
            email: None,
            user: Person {
                key: "DU000000000000000000".into(),
                name: "ada".into(),
                groups: vec!["staff".into()],
            },
            application: NamedKey { key: "DI000000000000000000".into(), name: "Wiki".into() },
            auth_device: AuthDevice { name: Some("Phone".into()), ..AuthDevice::default() },
            access_device: AccessDevice {
                ip: Some("192.0.2.7".into()),
                location: Location::within(Some("CH".into())),
                browser: Some("Firefox".into()),
                ..AccessDevice::default()
            },
            unjudged: Unjudged::default(),
        },
    }
}

#[test]
fn a_statement_is_believed_by_who_asked_for_it_and_by_nobody_else() {
    let all = vectors();
    let (secret, other) = (Secret::from(all.secret.as_str()), Secret::from("x".repeat(40)));
    let (client, nonce) = ((all.client_id.as_str(), &secret), "n".repeat(36));
    let token = statement().sign(client, &all.host, all.now);
    let who = ("Ada Lovelace", nonce.as_str());
    let check =
        |token: &str, client, host: &str, who, now| verify_id_token(token, client, host, who, (all.now, now));
    let sent = |since| verify_id_token(&token, client, &all.host, who, (since, since));
    assert_eq!((sent(all.now + 60), sent(all.now + 61)), (Ok(()), Err(IdTokenError::Time)), "it is older");
    assert_eq!(check(&token, client, &all.host, who, all.now), Ok(()));
    assert_eq!(check(&token, client, &all.host, who, all.now - 61), Err(IdTokenError::Time));
    assert_eq!(check(&token, client, &all.host, who, all.now + 3661), Err(IdTokenError::Time));
    assert_eq!(check(&token, client, "evil.example", who, all.now), Err(IdTokenError::Foreign));
    assert_eq!(check(&token, ("DIY", &secret), &all.host, who, all.now), Err(IdTokenError::Foreign));
    assert_eq!(
        check(&token, client, &all.host, ("ada lovelace", &nonce), all.now),
        Err(IdTokenError::Username)
    );
    assert_eq!(check(&token, client, &all.host, ("Ada Lovelace", "m"), all.now), Err(IdTokenError::Nonce));
    let by_other = check(&token, (&all.client_id, &other), &all.host, who, all.now);
    assert_eq!(by_other, Err(IdTokenError::Jwt(JwtError::Signature)));
    let mut denied = statement();
    denied.auth_result.result = "deny".into();
    let denied = denied.sign(client, &all.host, all.now);
    assert_eq!(check(&denied, client, &all.host, who, all.now), Err(IdTokenError::NotAllowed));
    // What an application signs with the same key says nothing about anybody.
    let own = ClientAssertion::sign(client, path::TOKEN, &all.host, "unique", all.now);
    assert!(check(&own, client, &all.host, who, all.now).is_err());
}

/// What an object has. In what order it is written depends on how the JSON library was built, and means nothing.
fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn the_claims_are_what_every_sdk_wants() {
    let all = vectors();
    let secret = Secret::from(all.secret.as_str());
    let token = statement().sign((&all.client_id, &secret), &all.host, all.now);
    let claims = token.split('.').nth(1).unwrap();
    let claims = data_encoding::BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["iss"], "https://mfa.example.org:8443/oauth/v1/token");
    assert_eq!(claims["aud"], all.client_id.as_str());
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(all.now), &json!(all.now + 3600)));
    assert_eq!(
        claims["auth_result"],
        json!({ "result": "allow", "status": "allow", "status_msg": "Login Successful" })
    );
    assert_eq!(claims["auth_context"]["isotimestamp"], "2012-08-21T17:28:20+00:00");
    assert_eq!(claims["auth_context"]["user"]["groups"], json!(["staff"]));
    let context = claims["auth_context"].as_object().unwrap();
    let all = "access_device adaptive_trust_assessments alias application auth_device email event_type factor \
               isotimestamp ood_software reason result timestamp trusted_endpoint_status txid user";
    assert_eq!(names(&claims["auth_context"]).join(" "), all);
    assert_eq!(
        context["access_device"],
        json!({
            "browser": "Firefox", "browser_version": null, "epkey": null, "flash_version": null, "hostname": null,
            "ip": "192.0.2.7", "is_encryption_enabled": "unknown", "is_firewall_enabled": "unknown",
            "is_password_set": "unknown", "java_version": null,
            "location": { "city": null, "country": "CH", "state": null }, "os": null, "os_version": null,
            "security_agents": [],
        })
    );
    assert_eq!(
        context["auth_device"],
        json!({
            "ip": null, "key": null, "location": { "city": null, "country": null, "state": null }, "name": "Phone"
        })
    );
    assert_eq!(context["trusted_endpoint_status"], "unknown");
    assert_eq!(
        (&context["adaptive_trust_assessments"], &context["ood_software"]),
        (&json!({}), &Value::Null)
    );
    let reply = RedeemReply {
        id_token: token,
        access_token: "x".into(),
        token_type: TokenType::Bearer,
        expires_in: 3600,
    };
    let body = serde_json::to_value(&reply).unwrap();
    assert_eq!(names(&body), ["access_token", "expires_in", "id_token", "token_type"]);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert!(RedeemReply::parse(200, body.to_string().as_bytes()).is_ok());
}

#[test]
fn a_browser_is_sent_there_and_back_without_a_letter_lost() {
    let all = vectors();
    let secret = Secret::from(all.secret.as_str());
    let asked = AuthorizeRequest {
        redirect_uri: "https://app.example/cb?x=1".into(),
        state: "a b&c=d#ü+/..............".into(),
        username: "Ada Lovelace+1@example.org".into(),
        nonce: Some("n".repeat(16)),
        use_duo_code_attribute: true,
    };
    let url = asked.url((&all.client_id, &secret), &all.host, all.now);
    let (address, query) = url.split_once('?').unwrap();
    assert_eq!(address, "https://mfa.example.org:8443/oauth/v1/authorize");
    let sent = Sent::read(&Params::from_query(query).unwrap()).unwrap();
    let read = sent.open(&secret, &["MFA.example.org:8443"], all.now).unwrap().read().unwrap();
    assert_eq!(read, asked);
    assert!(!format!("{sent:?}").contains("eyJ"), "a request object is good for a while");
    let back = read.answered("the/code");
    assert!(back.starts_with("https://app.example/cb?x=1&state=a%20b%26c%3Dd%23%C3%BC%2B%2F"), "{back}");
    let callback = |url: &str| Callback::read(&Params::from_query(url.split_once('?').unwrap().1).unwrap());
    let expected = Callback::Code { code: "the/code".into(), state: asked.state.clone() };
    assert_eq!(callback(&back), Ok(expected));
    let plain = AuthorizeRequest { use_duo_code_attribute: false, ..asked.clone() };
    assert!(plain.answered("c").ends_with("&code=c"));
    let refused = read.refused(RequestError::ACCESS_DENIED);
    let expected = Callback::Refused { error: "access_denied".into(), state: Some(asked.state) };
    assert_eq!(callback(&refused), Ok(expected));
}

#[test]
fn the_name_of_the_port_that_everybody_means_may_be_left_out() {
    let host = |written| host_of(written, "/x", &["mfa.example.org"]);
    assert_eq!(host("https://mfa.example.org/x"), Some("mfa.example.org"));
    assert_eq!(host("https://MFA.example.org:443/x"), Some("MFA.example.org:443"));
    for other in [
        "https://mfa.example.org:8443/x",
        "http://mfa.example.org/x",
        "https://mfa.example.org.evil/x",
        "https://u@mfa.example.org/x",
        "https://mfa.example.org/y/x",
    ] {
        assert_eq!(host(other), None, "{other}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(
        query in "\\PC{0,80}",
        kind in "(multipart/form-data; boundary=[a-]{0,3}|\\PC{0,20})",
        body in prop::collection::vec(any::<u8>(), 0..200),
        token in "[A-Za-z0-9_.=-]{0,120}",
    ) {
        let secret = Secret::from("x".repeat(40));
        prop_assert!(Hs512::new(&secret).open(&token).is_err());
        ClientAssertion::claimed_client(&token).ok();
        if let Ok(read) = params(&query, Some(&kind), &body) {
            Redeem::read(&read).ok();
            HealthCheck::read(&read).ok();
            Callback::read(&read).ok();
            if let Ok(sent) = Sent::read(&read) {
                prop_assert!(sent.open(&secret, &["a"], 0).is_err());
            }
        }
    }

    #[test]
    fn signed_claims_of_any_kind_are_read_or_refused(claims in "\\PC{0,120}", exp in any::<f64>()) {
        let secret = Secret::from("x".repeat(40));
        for claims in [json!(claims), json!({ "exp": exp, "iss": claims, "aud": claims })] {
            let token = Hs512::new(&secret).sign(&claims);
            let read = ClientAssertion::verify(&token, ("DI", &secret), path::TOKEN, &["a"], 0);
            prop_assert!(read.is_err());
            prop_assert!(verify_id_token(&token, ("DI", &secret), "a", ("u", "n"), (0, 0)).is_err());
            prop_assert!(sent("DI", &token).open(&secret, &["a"], 0).is_err());
        }
    }

    #[test]
    fn parts_are_read_back(values in prop::collection::vec("[^-]{0,20}", 0..6)) {
        let parts: String = values
            .iter()
            .enumerate()
            .map(|(n, value)| format!("--b\r\nContent-Disposition: form-data; name=\"n{n}\"\r\n\r\n{value}\r\n"))
            .collect();
        let body = format!("{parts}--b--\r\n");
        let read = params("", Some("multipart/form-data; boundary=b"), body.as_bytes()).unwrap();
        let names: Vec<String> = read.names().map(str::to_owned).collect();
        let expected: Vec<String> = (0..values.len()).map(|n| format!("n{n}")).collect();
        prop_assert_eq!(names, expected);
        if let Some(value) = values.first() {
            prop_assert_eq!(read.string("n0").unwrap().unwrap_or_default(), value.clone());
        }
    }
}
