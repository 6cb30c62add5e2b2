use proptest::prelude::*;
use sallyport_crypto::Secret;

use super::{
    twiml::{Gather, Twiml, Verb},
    *,
};

fn vector(url: &str, caller: &str) -> String {
    let form = Form::default()
        .with("To", "+18005551212")
        .with("From", caller)
        .with("Digits", "1234")
        .with("Caller", caller)
        .with("CallSid", "CA1234567890ABCDE");
    let token = Secret::from("12345");
    let signature = signature::sign(&token, url, &form);
    assert!(signature::verify(&token, url, &form, &signature));
    signature
}

/// The examples of the vendor's page on security, and of its libraries.
#[test]
fn our_signature_is_the_one_of_the_vendors_examples() {
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    assert_eq!(vector(url, "+12349013030"), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    assert_eq!(vector(url, "+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    assert_eq!(
        vector("https://example.com/myapp.php?foo=1&bar=2", "+14158675310"),
        "L/OH5YylLD5NRKLltdqwSvS0BnU="
    );
}

#[test]
fn a_signature_holds_for_its_request_alone() {
    let (token, url) = (Secret::from("12345"), "https://sallyport.example/telephony/answer?n=1");
    let form = Form::default().with("CallSid", "CA1").with("Digits", "123456");
    let good = signature::sign(&token, url, &form);
    assert!(signature::verify(&token, url, &form, &good));
    let verify = |token: &str, url: &str, form: &Form, header: &str| {
        signature::verify(&Secret::from(token), url, form, header)
    };
    assert!(!verify("12346", url, &form, &good));
    assert!(!verify("12345", "https://sallyport.example/telephony/answer?n=2", &form, &good));
    assert!(!verify("12345", url, &form.clone().with("Digits", "0"), &good));
    assert!(!verify("12345", url, &Form::default(), &good));
    for header in ["", "x", "AAAA", &good[1..], &format!("{good}{good}")] {
        assert!(!verify("12345", url, &form, header), "{header}");
    }
    let unkeyed = signature::sign(&Secret::default(), url, &form);
    assert!(!verify("", url, &form, &unkeyed), "a token that is not set signs nothing");
}

#[test]
fn a_port_may_or_may_not_be_signed_along() {
    let (token, form) = (Secret::from("12345"), Form::default().with("a", "b"));
    for (signed, asked) in [
        ("https://a.example/x", "https://a.example:8443/x"),
        ("https://a.example:443/x", "https://a.example/x"),
        ("https://a.example?x=1:2", "https://a.example:443?x=1:2"),
    ] {
        assert!(signature::verify(&token, asked, &form, &signature::sign(&token, signed, &form)), "{asked}");
    }
    let other = signature::sign(&token, "https://b.example/x", &form);
    assert!(!signature::verify(&token, "https://a.example/x", &form, &other));
}

#[test]
fn what_is_asked_is_read_as_it_was_meant() {
    let message = Message {
        to: "+15005550006".into(),
        from: Sender::read("+15005550001"),
        body: "Your code & more: 123 äöü".into(),
    };
    assert_eq!(
        message.form().encode(),
        "To=%2B15005550006&From=%2B15005550001&Body=Your%20code%20%26%20more%3A%20123%20%C3%A4%C3%B6%C3%BC"
    );
    let read = Form::parse(message.form().encode().as_bytes()).unwrap();
    assert_eq!(Message::read(&read), Ok(message.clone()));
    let service = Sender::read("MG0123456789abcdef0123456789abcdef");
    let by_service = Message { from: service.clone(), ..message };
    assert_eq!(by_service.form().find("MessagingServiceSid"), Some("MG0123456789abcdef0123456789abcdef"));
    assert_eq!(Message::read(&by_service.form()).unwrap().from, service);
    let call = Call {
        to: "+15005550006".into(),
        from: "+15005550001".into(),
        twiml: Twiml(vec![Verb::Hangup]).write(),
        status_callback: Some("https://a.example/over".into()),
        rings: 30,
    };
    assert_eq!(Call::read(&Form::parse(call.form().encode().as_bytes()).unwrap()), Ok(call));
}

#[test]
fn what_is_incomplete_is_refused_by_the_name_of_what_is_missing() {
    let form = Form::default().with("To", "+1").with("From", "+2");
    assert_eq!(Message::read(&form), Err(FormError::Missing("Body")));
    assert_eq!(Message::read(&form.clone().with("Body", "x".repeat(1601))), Err(FormError::Unusable("Body")));
    assert_eq!(Call::read(&form), Err(FormError::Missing("Twiml")));
    let call = form.with("Twiml", "<Response/>");
    assert_eq!(Call::read(&call.clone().with("Timeout", "0")), Err(FormError::Unusable("Timeout")));
    assert_eq!(Form::parse(&vec![b'a'; MOST_BYTES + 1]), Err(FormError::TooLarge));
    assert_eq!(Form::parse("&a".repeat(129).as_bytes()), Err(FormError::TooLarge));
    assert_eq!(Form::parse(b"a=%ff"), Err(FormError::NotUtf8));
}

#[test]
fn an_answer_is_accepted_or_says_what_can_be_done() {
    let accepted = outcome(201, br#"{"sid":"SM1","status":"queued","price":null}"#).unwrap();
    assert_eq!((accepted.sid.as_str(), accepted.status.as_str()), ("SM1", "queued"));
    let body = br#"{"code":21211,"message":"The 'To' number is not a valid phone number.","more_info":"https://www.twilio.com/docs/errors/21211","status":400}"#;
    let refused = outcome(400, body).unwrap_err();
    assert_eq!((refused.code, refused.kind()), (Some(21211), Refusal::Destination));
    assert_eq!(
        refused.to_string(),
        "the provider answered 400 with error 21211: The 'To' number is not a valid phone number."
    );
    assert_eq!(outcome(refused.status, refused.body().as_bytes()), Err(refused));
    assert_eq!(outcome(401, b"").unwrap_err().kind(), Refusal::Account);
    assert_eq!(outcome(429, b"").unwrap_err().kind(), Refusal::Later);
    assert_eq!(outcome(503, b"<html>").unwrap_err().kind(), Refusal::Later);
    assert_eq!(outcome(200, b"{\"sid\":\"../x\"}").unwrap_err().kind(), Refusal::Later);
    assert!(
        !outcome(400, "{\"message\":\"a\\u001b[2Jb\"}".as_bytes()).unwrap_err().reason.contains('\u{1b}')
    );
}

#[test]
fn paths_and_headers_name_the_account() {
    assert_eq!(Resource::Messages.path("AC1"), "/2010-04-01/Accounts/AC1/Messages.json");
    assert_eq!(Resource::at("/2010-04-01/Accounts/AC1/Calls.json"), Some((Resource::Calls, "AC1")));
    for path in ["/2010-04-01/Accounts//Calls.json", "/2010-04-01/Accounts/a/b/Calls.json", "/Calls.json"] {
        assert_eq!(Resource::at(path), None, "{path}");
    }
    let header = authorization("AC1", &Secret::from("to:ken"));
    let (account, token) = credentials(header.expose()).unwrap();
    assert_eq!((account.as_str(), token.expose()), ("AC1", "to:ken"));
    for bad in ["", "Basic", "Basic %", "Bearer QUMxOng=", "Basic QUMx"] {
        assert!(credentials(bad).is_none(), "{bad}");
    }
}

#[test]
fn instructions_are_read_as_they_were_written() {
    let ask = Gather {
        action: "https://a.example/answer?a=1&b=\"2\"".into(),
        digits: 6,
        seconds: 20,
        say: "Enter the <digits> & wait".into(),
    };
    let twiml = Twiml(vec![Verb::Gather(ask), Verb::Say("Goodbye".into()), Verb::Hangup]);
    assert_eq!(Twiml::parse(&twiml.write()), Ok(twiml.clone()));
    assert!(twiml.write().contains("numDigits=\"6\""), "{}", twiml.write());
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><Response><Say>&a;</Say></Response>";
    assert_eq!(Twiml::parse(bomb), Err(twiml::TwimlError::Xml));
    assert_eq!(Twiml::parse("<Response><Dial/></Response>"), Err(twiml::TwimlError::Unknown("Dial".into())));
    assert_eq!(Twiml::parse(&" ".repeat(9000)), Err(twiml::TwimlError::TooLarge));
}

#[test]
fn a_callback_says_who_typed_what_in_which_call() {
    let form =
        Form::parse(b"CallSid=CA1&AccountSid=AC1&Digits=123%23&CallStatus=in-progress&From=%2B1").unwrap();
    let callback = Callback::read(&form).unwrap();
    assert_eq!((callback.call.as_str(), callback.digits.as_deref()), ("CA1", Some("123#")));
    assert_eq!(callback.state, Some(CallState::InProgress));
    assert_eq!(Callback::read(&callback.form()), Ok(callback));
    for (bad, why) in [
        ("AccountSid=AC1", FormError::Missing("CallSid")),
        ("CallSid=C%20A&AccountSid=AC1", FormError::Unusable("CallSid")),
        ("CallSid=CA1&AccountSid=AC1&Digits=12a", FormError::Unusable("Digits")),
    ] {
        assert_eq!(Callback::read(&Form::parse(bad.as_bytes()).unwrap()), Err(why), "{bad}");
    }
    assert!(CallState::NoAnswer.is_over() && !CallState::Ringing.is_over());
}

proptest! {
    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600), text in ".{0,300}") {
        if let Ok(form) = Form::parse(&bytes) {
            let _ = (Message::read(&form), Call::read(&form), Callback::read(&form));
            prop_assert_eq!(Form::parse(form.encode().as_bytes()), Ok(form));
        }
        let _ = outcome(u16::try_from(bytes.len()).unwrap_or(0), &bytes);
        let _ = (Twiml::parse(&text), credentials(&text), Resource::at(&text));
        let _ = signature::verify(&Secret::from("t"), &text, &Form::default(), &text);
    }

    #[test]
    fn whatever_is_said_in_a_call_is_read_back(say in "[ -~äé€]{0,80}", action in "[ -~]{0,80}") {
        let verbs = vec![Verb::Gather(Gather { action: action.clone(), digits: 6, seconds: 9, say })];
        let read = Twiml::parse(&Twiml(verbs.clone()).write());
        prop_assert!(read.is_ok());
        let Ok(Twiml(read)) = read else { return Ok(()) };
        let [Verb::Gather(gather)] = read.as_slice() else { panic!("{read:?}") };
        prop_assert_eq!(&gather.action, &action);
    }
}
