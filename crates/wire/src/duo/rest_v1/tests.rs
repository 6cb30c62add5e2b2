use serde_json::json;

use super::super::auth::{Prompt, Status};
use super::*;

fn params(form: &str) -> Params {
    Params::from_form(form.as_bytes()).unwrap()
}

fn written(response: &impl Serialize) -> Value {
    serde_json::from_str::<Value>(&Reply::ok(response).body).unwrap()["response"].take()
}

#[test]
fn paths_say_what_is_asked_and_how_to_answer() {
    use Endpoint::{Auth, Check, Logo, Ping, Preauth, Status};
    for (path, expected) in [
        ("/rest/v1/preauth", (Preauth, Format::Json)),
        ("/rest/v1/preauth.json", (Preauth, Format::Json)),
        ("/rest/v1/preauth.bson", (Preauth, Format::Bson)),
        ("/rest/v1/auth.bson", (Auth, Format::Bson)),
        ("/rest/v1/status.bson", (Status, Format::Bson)),
        ("/rest/v1/ping", (Ping, Format::Json)),
        ("/rest/v1/check", (Check, Format::Json)),
        ("/rest/v1/logo", (Logo, Format::Json)),
    ] {
        assert_eq!((Endpoint::at(path), Format::of(path)), (Some(expected.0), expected.1), "{path}");
    }
    for path in [
        "/rest/v1/",
        "/rest/v1/auth.",
        "/rest/v1/auth.xml",
        "/rest/v1/auth.json.bson",
        "/rest/v1/AUTH",
        "/rest/v1/auth/",
        "/rest/v1//auth",
        "/rest/v1/enroll",
        "/rest/v2/auth",
    ] {
        assert_eq!(Endpoint::at(path), None, "{path}");
    }
}

#[test]
fn questions_are_those_of_the_auth_api_under_other_names() {
    let asked = preauth_request(&params("failmode=closed&hostname=vm&ipaddr=203.0.113.9&user=bob")).unwrap();
    assert_eq!(asked.user, UserRef::Name("bob".into()));
    assert!(asked.text_prompt);
    assert_eq!(asked.origin.ipaddr, Some("203.0.113.9".parse().unwrap()));
    assert_eq!(preauth_request(&params("username=bob")).unwrap_err(), ParamError::Missing("user"));
    assert_eq!(preauth_request(&params("user=a&user=b")).unwrap_err(), ParamError::Repeated("user"));

    let asked = auth_request(&params(
        "async=1&auto=123456&factor=auto&ipaddr=203.0.113.9&pushinfo=Server%2BIP%3D192.0.2.2&user=bob",
    ))
    .unwrap();
    assert!(asked.is_async);
    assert_eq!(asked.notice.pushinfo.as_deref(), Some("Server+IP=192.0.2.2"));
    assert!(
        matches!(&asked.factor, AuthFactor::Prompt(PromptAnswer::Passcode(code)) if code.expose() == "123456")
    );
}

#[test]
fn factors_are_what_a_person_chose_or_typed() {
    let factor = |form: &str| factor(&params(form));
    let answer = |form: &str| match factor(form) {
        Ok(AuthFactor::Prompt(answer)) => answer.word(),
        other => panic!("{form}: {other:?}"),
    };
    assert_eq!(answer("factor=auto&auto=push1"), "push1");
    assert_eq!(answer("factor=AUTO&auto=+Phone2+"), "phone2");
    assert_eq!(answer("factor=push"), "push1");
    assert_eq!(answer("factor=push&phone=phone2"), "push2");
    assert_eq!(answer("factor=phone&phone=phone1"), "phone1");
    assert_eq!(answer("factor=sms&phone=phone3"), "sms3");
    let code = factor("factor=passcode&code=123456");
    assert!(matches!(code, Ok(AuthFactor::Passcode(code)) if code.expose() == "123456"));
    for (form, error) in [
        ("", ParamError::Missing("factor")),
        ("factor=prompt&prompt=1", ParamError::Invalid("factor")),
        ("factor=auto", ParamError::Missing("auto")),
        ("factor=auto&auto=+", ParamError::Missing("auto")),
        ("factor=auto&auto=1&auto=2", ParamError::Repeated("auto")),
        ("factor=passcode&passcode=1", ParamError::Missing("code")),
        ("factor=push&phone=phone0", ParamError::Invalid("phone")),
        ("factor=push&phone=auto", ParamError::Invalid("phone")),
    ] {
        assert_eq!(factor(form).unwrap_err(), error, "{form}");
    }
    let long = format!("factor=auto&auto={}", "1".repeat(256));
    assert_eq!(factor(&long).unwrap_err(), ParamError::Invalid("auto"));
}

#[test]
fn answers_of_preauth_have_the_shape_that_clients_read() {
    let answer = |result| {
        let response = PreauthResponse { result, status_msg: "text".into() };
        written(&PreauthAnswer::from(response))
    };
    assert_eq!(answer(PreauthResult::Allow), json!({ "result": "allow", "status": "text" }));
    assert_eq!(answer(PreauthResult::Deny), json!({ "result": "deny", "status": "text" }));
    let enroll = |prompt: Option<&str>| PreauthResult::Enroll {
        portal_url: "https://h".into(),
        prompt: prompt.map(str::to_owned),
    };
    assert_eq!(
        answer(enroll(Some("see https://h"))),
        json!({ "result": "enroll", "status": "see https://h" })
    );
    assert_eq!(answer(enroll(None)), json!({ "result": "enroll", "status": "text" }));
    let factors = BTreeMap::from([("1", "push1"), ("default", "push1")].map(|(k, v)| (k.into(), v.into())));
    let prompt = Some(Prompt { text: "Which? ".into(), factors });
    assert_eq!(
        answer(PreauthResult::Auth { devices: Vec::new(), prompt, verified_push: None }),
        json!({ "result": "auth", "prompt": "Which? ", "factors": { "1": "push1", "default": "push1" } })
    );
    let bare = answer(PreauthResult::Auth { devices: Vec::new(), prompt: None, verified_push: None });
    assert_eq!((&bare["result"], &bare["factors"]), (&json!("auth"), &json!({})));
}

#[test]
fn an_open_challenge_has_no_result_and_a_closed_one_has_one_of_two() {
    let answer = |status| written(&AuthAnswer::from(AuthResponse::Done(AuthStatus::new(status, "text"))));
    for open in [Status::Calling, Status::Answered, Status::Pushed, Status::PushFailed] {
        assert_eq!(answer(open), json!({ "status": "text" }));
    }
    for allowed in [Status::Allow, Status::Bypass] {
        assert_eq!(answer(allowed), json!({ "result": "allow", "status": "text" }));
    }
    for denied in [Status::Deny, Status::Fraud, Status::LockedOut, Status::Sent, Status::Timeout] {
        assert_eq!(answer(denied), json!({ "result": "deny", "status": "text" }));
    }
    let accepted = AuthAnswer::from(AuthResponse::Accepted { txid: "t".into() });
    assert_eq!(written(&accepted), json!({ "txid": "t" }));
}

#[test]
fn a_failure_that_opens_a_client_set_to_fail_safe_becomes_one_that_does_not() {
    for code in [
        Code::MissingCredentials,
        Code::InvalidKey,
        Code::InvalidSignature,
        Code::MissingTimestamp,
        Code::BadTimestamp,
        Code::Internal,
    ] {
        let reply = closed(ApiError::new(code).into());
        assert_eq!(reply.status, 403, "{code:?}");
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((&body["code"], &body["message_detail"]), (&json!(40301), &json!(code.message())));
    }
    let garbled = closed(Reply { status: 502, body: "<html>".into() });
    assert_eq!(garbled.status, 403);
    for code in [Code::MissingParameters, Code::Forbidden, Code::NotFound, Code::TooManyRequests] {
        let reply = Reply::from(ApiError::new(code));
        assert_eq!(closed(reply.clone()), reply, "{code:?}");
    }
    let fine = Reply::ok(&PONG);
    assert_eq!(closed(fine.clone()), fine);
}

#[test]
fn both_formats_say_the_same_envelope() {
    let reply = Reply::from(ApiError::new(Code::InvalidParameters).with_detail("user"));
    let (status, json) = Format::Json.write(reply.clone());
    assert_eq!((status, json.as_slice()), (400, reply.body.as_bytes()));
    let (status, bson) = Format::Bson.write(reply);
    assert_eq!(status, 400);
    let code = [b"\x10code\0".as_slice(), &40002_i32.to_le_bytes()].concat();
    assert!(bson.windows(code.len()).any(|window| window == code), "{bson:?}");
    let list = Reply::ok(&[1, 2]);
    assert_eq!(Format::Bson.write(list), (403, Vec::new()), "no client reads this");
}
