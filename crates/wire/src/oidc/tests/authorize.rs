//! What a browser brings from an application, and what it carries back.

use super::*;

const USUAL: [(&str, &str); 7] = [
    ("client_id", "SP1"),
    ("redirect_uri", "https://wiki.example/cb"),
    ("response_type", "code"),
    ("scope", "openid email"),
    ("state", "s"),
    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "S256"),
];

fn request(pairs: &[(&str, &str)]) -> Result<AuthorizeRequest, OAuthError> {
    Sent::read(form(pairs))?.request("https://wiki.example/cb".into())
}

fn refused(name: &str, value: &str) -> ErrorCode {
    match request(&with(&USUAL, name, value)) {
        Err(error) => error.error,
        Ok(_) => panic!("{name} {value}"),
    }
}

#[test]
fn every_parameter_is_read() {
    let claims = r#"{"id_token":{"acr":{"essential":true,"values":["phr"]}},"userinfo":{"email":null}}"#;
    let more = [
        ("nonce", "n"),
        ("prompt", "login consent"),
        ("max_age", "0"),
        ("acr_values", "phr  x"),
        ("login_hint", "ada"),
        ("claims", claims),
        ("resource", "https://api.example"),
        ("dpop_jkt", "k"),
        ("response_mode", "form_post"),
        ("display", "popup"),
        ("ui_locales", "de"),
    ];
    let read = request(&[&USUAL[..], &more].concat()).unwrap();
    assert_eq!((read.nonce.as_deref(), read.state.as_deref()), (Some("n"), Some("s")));
    assert_eq!(read.prompt, [Prompt::Login, Prompt::Consent].into());
    assert_eq!((read.max_age, read.acr_values), (Some(0), vec!["phr".into(), "x".into()]));
    assert_eq!((read.login_hint.as_deref(), read.dpop_jkt.as_deref()), (Some("ada"), Some("k")));
    assert_eq!(read.response_mode, ResponseMode::FormPost);
    let acr = &read.claims.id_token["acr"];
    assert_eq!((acr.essential, acr.values.as_slice()), (true, &["phr".to_owned()][..]));
    assert!(read.claims.userinfo.contains_key("email"));
    assert_eq!(read.scope.to_string(), "email openid");
    let plain = request(&USUAL).unwrap();
    assert_eq!((plain.response_mode, plain.max_age, plain.prompt.len()), (ResponseMode::Query, None, 0));
}

#[test]
fn what_is_given_twice_is_refused_whatever_it_is() {
    for (name, value) in USUAL.iter().chain(&[("anything", "x"), ("code", "x")]) {
        let twice = [&USUAL[..], &[(*name, *value), (*name, *value)]].concat();
        assert_eq!(Sent::read(form(&twice)).unwrap_err().error, ErrorCode::InvalidRequest, "{name}");
    }
    for array in ["client_id[]", "client_id[0]"] {
        assert!(Sent::read(form(&with(&with(&USUAL, "client_id", ""), array, "SP1"))).is_err(), "{array}");
    }
    assert!(Sent::read(form(&with(&USUAL, "client_id", &"x".repeat(65)))).is_err());
    assert!(Sent::read(form(&with(&USUAL, "client_id", "a\nb"))).is_err());
}

#[test]
fn what_is_not_offered_is_said_so() {
    for kind in ["token", "id_token", "code id_token", "code token", "none", "Code", "code code"] {
        assert_eq!(refused("response_type", kind), ErrorCode::UnsupportedResponseType, "{kind}");
    }
    assert_eq!(refused("response_type", ""), ErrorCode::InvalidRequest);
    for mode in ["fragment", "jwt", "query.jwt", "web_message", "Query"] {
        assert_eq!(refused("response_mode", mode), ErrorCode::InvalidRequest, "{mode}");
    }
    assert_eq!(refused("request", "eyJhbGciOiJub25lIn0.e30."), ErrorCode::RequestNotSupported);
    assert_eq!(refused("registration", "{}"), ErrorCode::RegistrationNotSupported);
    for uri in ["https://evil.example/request", "urn:ietf:params:oauth:request_ur:x", "file:///etc/passwd"] {
        assert_eq!(refused("request_uri", uri), ErrorCode::RequestUriNotSupported, "{uri}");
    }
    let sent = Sent::read(form(&with(&USUAL, "request_uri", &pushed_uri("one")))).unwrap();
    assert_eq!(sent.source, RequestSource::Pushed("one".into()));
    for age in ["-1", "x", "1.5", "+1", "3153600001", "99999999999999999999"] {
        assert_eq!(refused("max_age", age), ErrorCode::InvalidRequest, "{age}");
    }
    for prompt in ["none login", "create", "Login", "login\tconsent"] {
        assert_eq!(refused("prompt", prompt), ErrorCode::InvalidRequest, "{prompt}");
    }
    let long = "x".repeat(2049);
    for (name, value) in
        [("state", long.as_str()), ("nonce", &long), ("login_hint", &long), ("state", "a\u{7}")]
    {
        assert_eq!(refused(name, value), ErrorCode::InvalidRequest, "{name}");
    }
    for scope in
        ["a\"b", "a\\b", "\u{e9}", &"x".repeat(129), &(0..65).map(|n| format!("s{n} ")).collect::<String>()]
    {
        assert_eq!(refused("scope", scope), ErrorCode::InvalidScope, "{scope}");
    }
}

#[test]
fn single_claims_are_asked_for_in_an_object_that_says_nothing_twice() {
    let read = ClaimsRequest::read;
    for empty in ["{}", r#"{"id_token":null}"#, r#"{"other":{"x":null}}"#] {
        assert!(read(empty).unwrap().is_empty(), "{empty}");
    }
    let one = read(r#"{"id_token":{"acr":{"value":"a","values":["b",1],"essential":"yes","x":1}}}"#).unwrap();
    assert_eq!(one.id_token["acr"], ClaimRequest { essential: false, values: vec!["a".into(), "b".into()] });
    let many = (0..65).map(|n| format!("\"c{n}\":null")).collect::<Vec<_>>().join(",");
    for bad in [
        "[]",
        "x",
        r#"{"id_token":[]}"#,
        r#"{"id_token":"acr"}"#,
        r#"{"id_token":{},"id_token":{}}"#,
        &format!("{{\"userinfo\":{{{many}}}}}"),
        &format!("{{\"x\":\"{}\"}}", "x".repeat(4096)),
    ] {
        assert_eq!(read(bad).unwrap_err().error, ErrorCode::InvalidRequest, "{bad}");
    }
}

#[test]
fn an_answer_goes_back_whole_and_escaped() {
    let uri = "https://wiki.example/cb?page=1";
    let code = Answered::code(uri, ResponseMode::Query, Some("a&b=c #<>\u{e9}"), ISSUER, "the code");
    let expected = "https://wiki.example/cb?page=1&code=the%20code&state=a%26b%3Dc%20%23%3C%3E%C3%A9&iss=https%3A%2F%2Fsallyport.example.com";
    assert_eq!(code.url(), expected);
    let error = OAuthError::new(ErrorCode::AccessDenied, "a \"quoted\" \\ line\nof \u{e9}");
    assert_eq!(error.error_description, "a 'quoted' ' line'of '");
    let told = Answered::error(uri, ResponseMode::Query, None, ISSUER, &error).url();
    assert!(
        told.contains("&error=access_denied&error_description=a%20") && !told.contains("state="),
        "{told}"
    );
    for (uri, expected) in [
        ("https://a/b", "https://a/b?x=y"),
        ("https://a/b?", "https://a/b?x=y"),
        ("https://a/b?c&", "https://a/b?c&x=y"),
    ] {
        assert_eq!(with_query(uri, &[("x", "y")]), expected);
    }
}

#[test]
fn what_is_pushed_is_about_its_own_client_and_names_no_other_request() {
    assert_eq!(Sent::pushed(form(&USUAL), "SP1").unwrap().client_id, "SP1");
    assert_eq!(Sent::pushed(form(&with(&USUAL, "client_id", "")), "SP1").unwrap().client_id, "SP1");
    assert!(Sent::pushed(form(&USUAL), "SP2").is_err());
    assert!(Sent::pushed(form(&with(&USUAL, "request_uri", &pushed_uri("x"))), "SP1").is_err());
    assert!(Sent::pushed(form(&[&USUAL[..], &[("state", "t")]].concat()), "SP1").is_err());
}
