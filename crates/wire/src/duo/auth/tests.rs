use sallyport_crypto::Secret;
use serde_json::{Value, json};

use super::super::envelope::Reply;
use super::*;

fn params(form: &str) -> Params {
    Params::from_form(form.as_bytes()).unwrap()
}

/// The parameters of our own call, read as a server would.
fn sent(call: &Call) -> Params {
    Params::from_json(&serde_json::to_vec(&call.params).unwrap()).unwrap()
}

fn body(response: &impl Serialize) -> Value {
    let reply = Reply::ok(response);
    assert_eq!(reply.status, 200);
    serde_json::from_str::<Value>(&reply.body).unwrap()["response"].take()
}

fn answer(response: &Value) -> Vec<u8> {
    json!({"stat": "OK", "response": response}).to_string().into_bytes()
}

fn phone(id: &str, number: &str, capabilities: &[Capability]) -> Device {
    let kind = DeviceKind::Phone {
        number: number.into(),
        display_name: format!("iOS ({number})"),
        capabilities: capabilities.to_vec(),
        sms_nextcode: capabilities.contains(&Capability::Sms).then(|| "9".into()),
    };
    Device { device: id.into(), name: String::new(), kind }
}

fn devices() -> Vec<Device> {
    vec![
        phone(
            "DP1",
            "XXX-XXX-1234",
            &[Capability::Auto, Capability::Push, Capability::Phone, Capability::Sms],
        ),
        Device { device: "DH1".into(), name: "0042".into(), kind: DeviceKind::Token },
        phone("DP2", "XXX-XXX-4788", &[Capability::Push]),
    ]
}

#[test]
fn exactly_one_user_must_be_named() {
    assert_eq!(UserRef::read(&params("username=bob")), Ok(UserRef::Name("bob".into())));
    assert_eq!(UserRef::read(&params("user_id=DU1&username=")), Ok(UserRef::Id("DU1".into())));
    assert_eq!(UserRef::read(&params("")), Err(ParamError::Missing("username")));
    assert_eq!(UserRef::read(&params("username=a&user_id=b")), Err(ParamError::Invalid("user_id")));
    assert_eq!(UserRef::read(&params("username=a&username=b")), Err(ParamError::Repeated("username")));
    assert_eq!(UserRef::read(&params("username=a%00")), Err(ParamError::Invalid("username")));
}

#[test]
fn an_address_that_is_none_is_unknown() {
    let origin = |form: &str| Origin::read(&params(form)).unwrap();
    assert_eq!(origin("ipaddr=203.0.113.9").ipaddr, "203.0.113.9".parse().ok());
    assert_eq!(origin("ipaddr=%3A%3Affff%3A203.0.113.9").ipaddr, "203.0.113.9".parse().ok());
    assert_eq!(origin("ipaddr=fe80%3A%3A1%25eth0").ipaddr, "fe80::1".parse().ok());
    assert_eq!(
        origin("ipaddr=client.example.org&hostname=vm"),
        Origin { ipaddr: None, hostname: Some("vm".into()) }
    );
}

#[test]
fn ping_and_check_carry_a_number() {
    assert_eq!(body(&TimeResponse { time: 1_345_570_158 }), json!({"time": 1_345_570_158}));
    assert_eq!(TimeResponse::parse(200, &answer(&json!({"time": 7}))), Ok(TimeResponse { time: 7 }));
    assert_eq!(TimeResponse::ping().path, "/auth/v2/ping");
    assert_eq!(TimeResponse::check().path, "/auth/v2/check");
}

#[test]
fn enroll_has_defaults_and_limits() {
    let request = EnrollRequest::read(&params("")).unwrap();
    assert_eq!(request, EnrollRequest { username: None, valid_secs: 86_400, bypass_codes: 0 });
    let request = EnrollRequest::read(&params("username=bob&valid_secs=60&bypass_codes=3")).unwrap();
    assert_eq!(EnrollRequest::read(&sent(&request.call())), Ok(request));
    for bad in ["valid_secs=0", "valid_secs=-1", "valid_secs=soon", "valid_secs=9999999999"] {
        assert_eq!(EnrollRequest::read(&params(bad)), Err(ParamError::Invalid("valid_secs")));
    }
}

#[test]
fn enroll_answers_round_trip() {
    let response = EnrollResponse {
        activation_barcode: "https://h/frame/qr?value=x".into(),
        activation_code: "duo://x-y".into(),
        activation_url: "https://h/activate/x".into(),
        expiration: 5,
        user_id: "DU1".into(),
        username: "bob".into(),
        bypass_codes: None,
    };
    let value = body(&response);
    assert_eq!(value.as_object().unwrap().len(), 6);
    assert!(EnrollResponse::parse(200, &answer(&value)) == Ok(response));
}

#[test]
fn enroll_status_is_one_word() {
    assert_eq!(body(&EnrollStatus::Waiting), json!("waiting"));
    for (status, word) in [
        (EnrollStatus::Success, "success"),
        (EnrollStatus::Invalid, "invalid"),
        (EnrollStatus::Waiting, "waiting"),
    ] {
        assert_eq!(EnrollStatus::parse(200, &answer(&json!(word))), Ok(status));
    }
    assert_eq!(EnrollStatus::parse(200, &answer(&json!("sure"))), Err(ResponseError::Malformed));
    let request = EnrollStatusRequest { user_id: "DU1".into(), activation_code: "duo://x".into() };
    assert!(EnrollStatusRequest::read(&sent(&request.call())).is_ok_and(|read| read == request));
    assert_eq!(
        EnrollStatusRequest::read(&params("user_id=DU1")).err(),
        Some(ParamError::Missing("activation_code"))
    );
}

#[test]
fn a_preauth_of_a_unix_client_is_read() {
    let form = "client_supports_verified_push=1&failmode=closed&hostname=vm&ipaddr=203.0.113.9&text_prompt=1&username=bob";
    let request = PreauthRequest::read(&params(form)).unwrap();
    assert_eq!(request.user, UserRef::Name("bob".into()));
    assert_eq!(request.fail_mode, Some(FailMode::Closed));
    assert!(request.text_prompt && request.client_supports_verified_push);
    assert_eq!(sent(&request.call()), {
        let pairs: serde_json::Map<_, _> = form
            .split('&')
            .map(|kv| kv.split_once('=').unwrap())
            .map(|(k, v)| (k.into(), v.into()))
            .collect();
        Params::from_json(Value::Object(pairs).to_string().as_bytes()).unwrap()
    });
    let plain = PreauthRequest::read(&params("user_id=DU1")).unwrap();
    assert!(!plain.text_prompt && !plain.client_supports_verified_push && plain.fail_mode.is_none());
}

#[test]
fn preauth_answers_have_the_documented_fields() {
    let say = |result| PreauthResponse { result, status_msg: "text".into() };
    assert_eq!(body(&say(PreauthResult::Allow)), json!({"result": "allow", "status_msg": "text"}));
    assert_eq!(body(&say(PreauthResult::Deny)), json!({"result": "deny", "status_msg": "text"}));
    let enroll =
        PreauthResult::Enroll { portal_url: "https://h/e".into(), prompt: Some("go to https://h/e".into()) };
    assert_eq!(
        body(&say(enroll)),
        json!({"result": "enroll", "status_msg": "text", "enroll_portal_url": "https://h/e",
               "prompt": {"text": "go to https://h/e"}})
    );
    let auth = PreauthResult::Auth { devices: devices(), prompt: None, verified_push: None };
    assert_eq!(
        body(&say(auth)),
        json!({"result": "auth", "status_msg": "text", "devices": [
            {"device": "DP1", "type": "phone", "name": "", "number": "XXX-XXX-1234",
             "display_name": "iOS (XXX-XXX-1234)", "capabilities": ["auto", "push", "phone", "sms"],
             "sms_nextcode": "9"},
            {"device": "DH1", "type": "token", "name": "0042"},
            {"device": "DP2", "type": "phone", "name": "", "number": "XXX-XXX-4788",
             "display_name": "iOS (XXX-XXX-4788)", "capabilities": ["push"]},
        ]})
    );
}

#[test]
fn preauth_answers_round_trip() {
    let push = VerifiedPush { txid: "t".into(), verification_code: "123".into(), expiration: 60 };
    let results = [
        PreauthResult::Allow,
        PreauthResult::Deny,
        PreauthResult::Enroll { portal_url: "https://h".into(), prompt: None },
        PreauthResult::Auth {
            devices: devices(),
            prompt: Some(Prompt::menu("bob", &devices(), true, &Shown::default())),
            verified_push: Some(push),
        },
    ];
    for result in results {
        let response = PreauthResponse { result, status_msg: "text".into() };
        assert_eq!(PreauthResponse::parse(200, &answer(&body(&response))), Ok(response));
    }
}

#[test]
fn a_hostile_preauth_answer_is_cleaned_or_refused() {
    let parse = |value: Value| PreauthResponse::parse(200, &answer(&value));
    assert_eq!(parse(json!({"result": "sure"})), Err(ResponseError::Malformed));
    assert_eq!(parse(json!({"status_msg": "no result"})), Err(ResponseError::Malformed));
    let response = parse(json!({
        "result": "auth", "status_msg": "a\u{1b}[2Jb",
        "devices": [{"device": "X", "type": "toaster"}, {"device": "P", "type": "phone", "capabilities": ["fly", "push"]}],
    }));
    let Ok(PreauthResponse { result: PreauthResult::Auth { devices, .. }, status_msg }) = response else {
        panic!("{response:?}")
    };
    assert_eq!(status_msg, "a[2Jb");
    assert_eq!(devices.len(), 1);
    assert!(devices[0].can(Capability::Push) && !devices[0].can(Capability::Sms));
}

#[test]
fn the_menu_reads_as_people_know_it() {
    let prompt = Prompt::menu("bob", &devices(), false, &Shown::default());
    assert_eq!(
        prompt.text,
        "Two-factor sign-in for bob\n\n\
         Enter a passcode or select one of the following options:\n\n \
         1. Push to XXX-XXX-1234\n \
         2. Push to XXX-XXX-4788\n \
         3. Phone call to XXX-XXX-1234\n \
         4. SMS passcodes to XXX-XXX-1234 (next code starts with: 9)\n\n\
         Passcode or option (1-4): "
    );
    let words = [("1", "push1"), ("2", "push2"), ("3", "phone1"), ("4", "sms1"), ("default", "push1")];
    assert_eq!(prompt.factors, words.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    assert_eq!(Prompt::menu("bob", &devices(), true, &Shown::default()).factors["default"], "verified_push1");
}

#[test]
fn what_is_answered_on_a_phone_shows_its_digits_and_the_choice_brings_them_back() {
    let digits = |digits: &str, txid: &str| MenuDigits { digits: digits.into(), txid: txid.into() };
    let (call, push) = ("0d6f3b1e-66b1-4c7b-9a5e-0a2f5b2f2f10", "1d6f3b1e-66b1-4c7b-9a5e-0a2f5b2f2f11");
    let shown = Shown { calls: Some(digits("482913", call)), pushes: Some(digits("517", push)) };
    let prompt = Prompt::menu("bob", &devices()[..1], false, &shown);
    assert!(
        prompt.text.contains(
            " 1. Push to XXX-XXX-1234 (type 517 there)\n 2. Phone call to XXX-XXX-1234 (type 482913 when asked)\n"
        ),
        "{}",
        prompt.text
    );
    let asks = |typed: &str| AuthRequest {
        factor: AuthFactor::Prompt(prompt.resolve(typed)),
        ..AuthRequest::read(&params("username=bob&factor=push&device=DP1")).unwrap()
    };
    assert_eq!((asks("1").verified_push_txid(), asks("1").call_txid()), (Some(push), None));
    assert_eq!((asks("2").verified_push_txid(), asks("2").call_txid()), (None, Some(call)));
    for word in ["1", "2"].map(|typed| prompt.resolve(typed).word()) {
        assert!(word.len() <= MAX_ANSWER, "{word}");
        assert_eq!(PromptAnswer::parse(&word.to_ascii_uppercase()).word(), word);
    }
    for word in ["phone", "PHONE1", "phone1-", "phone1-a b", "push1-abc", "verified_push1"] {
        assert_eq!(PromptAnswer::parse(word).txid(), None, "{word}");
    }
    // Clients that ask nobody have shown nobody the digits.
    assert_eq!(prompt.default_answer().unwrap().word(), "push1");
    let phone = [phone("DP1", "XXX-XXX-1234", &[Capability::Phone])];
    let prompt = Prompt::menu("bob", &phone, false, &shown);
    assert_eq!(prompt.default_answer().unwrap().word(), "phone1");
}

#[test]
fn without_phones_the_menu_asks_for_a_passcode_and_its_default_says_so() {
    let prompt = Prompt::menu("b\x1b[2Job", &devices()[1..2], false, &Shown::default());
    assert_eq!(prompt.text, "Two-factor sign-in for b[2Job\n\nEnter a passcode: ");
    assert_eq!(prompt.factors, [("default".to_owned(), "passcode".to_owned())].into());
    assert!(prompt.default_answer().is_none());
}

#[test]
fn a_client_that_asks_nobody_has_nobody_texted() {
    let texts = [phone("DP1", "XXX-XXX-1234", &[Capability::Sms])];
    let prompt = Prompt::menu("bob", &texts, false, &Shown::default());
    assert_eq!((prompt.factors["1"].as_str(), prompt.factors["default"].as_str()), ("sms1", "passcode"));
    assert!(prompt.default_answer().is_none() && prompt.text.contains("1. SMS passcodes to"));
}

#[test]
fn a_long_menu_is_cut() {
    let many: Vec<_> = (0..600).map(|n| phone(&format!("DP{n}"), "X", &[Capability::Push])).collect();
    assert_eq!(Prompt::menu("bob", &many, false, &Shown::default()).factors.len(), 21);
}

#[test]
fn answers_are_words_or_passcodes() {
    let cases = [
        ("push", "push1"),
        (" PUSH2 ", "push2"),
        ("phone", "phone1"),
        ("voice1", "phone1"),
        ("sms2", "sms2"),
        ("smsrefresh1", "sms1"),
        ("Verified_Push1", "verified_push1"),
        ("123456", "123456"),
        ("Passcode", "passcode"),
        ("passcode1", "passcode1"),
        ("push0", "push0"),
        ("push999", "push999"),
        ("cccccccdefgh", "cccccccdefgh"),
        ("ABC123", "ABC123"),
    ];
    for (typed, word) in cases {
        assert_eq!(PromptAnswer::parse(typed).word(), word, "{typed}");
    }
    assert!(matches!(PromptAnswer::parse("push0"), PromptAnswer::Passcode(_)));
}

#[test]
fn a_typed_number_is_looked_up_and_anything_else_sent_as_it_is() {
    let prompt = Prompt::menu("bob", &devices(), false, &Shown::default());
    assert_eq!(prompt.resolve("2").word(), "push2");
    assert_eq!(prompt.resolve(" 3\n").word(), "phone1");
    assert_eq!(prompt.resolve("5").word(), "5");
    assert_eq!(prompt.resolve("123456").word(), "123456");
    assert!(matches!(prompt.resolve("default"), PromptAnswer::Passcode(_)));
    assert_eq!(prompt.default_answer().unwrap().word(), "push1");
}

#[test]
fn factors_need_what_they_need() {
    let read = |form: &str| AuthRequest::read(&params(&format!("username=bob&{form}")));
    assert_eq!(read("").err(), Some(ParamError::Missing("factor")));
    assert_eq!(read("factor=telepathy").err(), Some(ParamError::Invalid("factor")));
    for factor in ["auto", "push", "phone", "sms"] {
        assert_eq!(read(&format!("factor={factor}")).err(), Some(ParamError::Missing("device")));
        assert!(read(&format!("factor={factor}&device=auto")).is_ok());
    }
    assert_eq!(read("factor=passcode&device=auto").err(), Some(ParamError::Missing("passcode")));
    assert_eq!(read("factor=passcode&passcode=+").err(), Some(ParamError::Missing("passcode")));
    assert_eq!(read("factor=prompt").err(), Some(ParamError::Missing("prompt")));
    let Ok(AuthRequest { factor: AuthFactor::Passcode(passcode), is_async: true, .. }) =
        read("factor=passcode&passcode=+123456+&async=1")
    else {
        panic!("no passcode")
    };
    assert_eq!(passcode.expose(), "123456");
    let large = format!("factor=push&device=auto&pushinfo={}", "a".repeat(20_001));
    assert_eq!(read(&large).err(), Some(ParamError::Invalid("pushinfo")));
}

#[test]
fn a_passcode_may_be_a_json_number() {
    let request = AuthRequest::read(
        &Params::from_json(br#"{"username":"bob","factor":"passcode","passcode":123456,"async":true}"#)
            .unwrap(),
    );
    assert!(matches!(request, Ok(AuthRequest { factor: AuthFactor::Passcode(_), is_async: true, .. })));
}

#[test]
fn auth_requests_round_trip_without_showing_passcodes() {
    for form in [
        "username=bob&factor=passcode&passcode=987654&async=1",
        "user_id=DU1&factor=push&device=DP1&type=Sign-in&display_username=Bob&pushinfo=a%3Db&ipaddr=::1&hostname=vm",
        "username=bob&factor=auto&device=auto",
        "username=bob&factor=phone&device=DP1",
        "username=bob&factor=sms&device=DP1",
        "username=bob&factor=prompt&prompt=push2&txid=7f0c9d1e-0000-0000-0000-000000000000",
    ] {
        let request = AuthRequest::read(&params(form)).unwrap();
        assert!(!format!("{request:?}").contains("987654"));
        let mut names: Vec<String> = params(form).names().map(str::to_owned).collect();
        names.sort();
        assert_eq!(sent(&request.call()).names().collect::<Vec<_>>(), names);
        let again = AuthRequest::read(&sent(&request.call())).unwrap();
        assert_eq!(again.call(), request.call());
    }
}

#[test]
fn a_transaction_counts_only_for_a_push() {
    let read = |form: &str| AuthRequest::read(&params(&format!("username=bob&txid=t&{form}"))).unwrap();
    assert_eq!(read("factor=prompt&prompt=verified_push1").verified_push_txid(), Some("t"));
    assert_eq!(read("factor=push&device=auto").verified_push_txid(), Some("t"));
    for typed in ["push", "push1", "123456"] {
        assert_eq!(read(&format!("factor=prompt&prompt={typed}")).verified_push_txid(), None, "{typed}");
    }
    assert_eq!(read("factor=passcode&passcode=1").verified_push_txid(), None);
}

#[test]
fn every_status_has_its_result_and_all_three_texts() {
    let table = [
        (Status::Calling, "calling", "waiting"),
        (Status::Answered, "answered", "waiting"),
        (Status::Pushed, "pushed", "waiting"),
        (Status::PushFailed, "push_failed", "waiting"),
        (Status::Timeout, "timeout", "deny"),
        (Status::Fraud, "fraud", "deny"),
        (Status::Allow, "allow", "allow"),
        (Status::Bypass, "bypass", "allow"),
        (Status::Deny, "deny", "deny"),
        (Status::LockedOut, "locked_out", "deny"),
        (Status::Sent, "sent", "deny"),
    ];
    for (status, word, result) in table {
        let value = body(&AuthResponse::Done(AuthStatus::new(status, "text")));
        assert_eq!(value, json!({"result": result, "status": word, "status_msg": "text"}));
        let parsed = AuthStatus::parse(200, &answer(&value)).unwrap();
        assert_eq!((parsed.status(), parsed.result()), (Some(status), status.result()));
    }
}

#[test]
fn a_token_comes_only_with_allow() {
    let token = || Secret::from("token");
    let allow = AuthStatus::new(Status::Allow, "").with_trusted_device_token(token());
    assert_eq!(body(&allow)["trusted_device_token"], "token");
    let deny = AuthStatus::new(Status::Deny, "").with_trusted_device_token(token());
    assert!(deny.trusted_device_token().is_none());
    let parsed = AuthStatus::parse(
        200,
        &answer(&json!({"result": "deny", "status": "deny", "status_msg": "", "trusted_device_token": "x"})),
    );
    assert!(parsed.unwrap().trusted_device_token().is_none());
}

#[test]
fn auth_answers_with_a_transaction_or_an_outcome() {
    assert_eq!(body(&AuthResponse::Accepted { txid: "t".into() }), json!({"txid": "t"}));
    let parse = |value: Value| AuthResponse::parse(200, &answer(&value));
    assert!(matches!(parse(json!({"txid": "t"})), Ok(AuthResponse::Accepted { txid }) if txid == "t"));
    let allow = parse(json!({"result": "allow", "status": "allow", "status_msg": "welcome"}));
    assert!(matches!(allow, Ok(AuthResponse::Done(status)) if status.result() == AuthResult::Allow));
}

#[test]
fn only_a_clean_allow_allows() {
    for bad in [
        json!({"result": "allow"}),
        json!({"status": "allow", "status_msg": "x"}),
        json!({"result": "allow", "status": "deny", "status_msg": "x"}),
        json!({"result": "allow", "status": "timeout"}),
        json!({"result": "ALLOW", "status": "allow"}),
        json!({"result": true, "status": "allow"}),
        json!({"result": ["allow"], "status": "allow"}),
        json!("allow"),
        json!({}),
    ] {
        assert_eq!(AuthStatus::parse(200, &answer(&bad)).err(), Some(ResponseError::Malformed), "{bad}");
        assert_eq!(AuthResponse::parse(200, &answer(&bad)).err(), Some(ResponseError::Malformed), "{bad}");
    }
    let new_word = AuthStatus::parse(200, &answer(&json!({"result": "deny", "status": "sleepy"}))).unwrap();
    assert_eq!((new_word.result(), new_word.status()), (AuthResult::Deny, None));
    let allow = answer(&json!({"result": "allow", "status": "allow", "status_msg": "x"}));
    for status in [201, 302, 400, 401, 429, 500, 503] {
        assert!(AuthStatus::parse(status, &allow).is_err());
    }
}

#[test]
fn pushinfo_is_decoration() {
    let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    assert_eq!(
        parse_pushinfo("Server+IP=192.0.2.2&Command=ls%20-l%0A"),
        [pair("Server IP", "192.0.2.2"), pair("Command", "ls -l")]
    );
    assert_eq!(parse_pushinfo("a=%FF&b=1"), [pair("b", "1")]);
    assert_eq!(parse_pushinfo(&"a".repeat(20_001)), []);
}

proptest::proptest! {
    #[test]
    fn no_request_panics(form in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        let mut text = b"username=bob&factor=prompt&device=auto&".to_vec();
        text.extend(form);
        if let Ok(params) = Params::from_form(&text) {
            let _ = (PreauthRequest::read(&params).is_ok(), AuthRequest::read(&params).is_ok());
            let _ = (EnrollRequest::read(&params).is_ok(), AuthStatusRequest::read(&params).is_ok());
        }
    }

    #[test]
    fn no_answer_panics_or_allows_by_accident(body in "\\PC{0,200}") {
        let _ = (PreauthResponse::parse(200, body.as_bytes()), AuthResponse::parse(200, body.as_bytes()));
        proptest::prop_assert!(AuthStatus::parse(200, body.as_bytes()).is_err());
    }

    #[test]
    fn a_typed_answer_survives_the_way(typed in "\\PC{0,40}") {
        let word = PromptAnswer::parse(&typed).word();
        proptest::prop_assert_eq!(PromptAnswer::parse(&word).word(), word);
    }
}
