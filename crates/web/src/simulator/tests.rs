use axum::{
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use http_body_util::BodyExt as _;
use sallyport_wire::twilio::{
    Call, Form, Message, Resource, Sender, authorization, outcome, signature,
    twiml::{Gather, Twiml, Verb},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::*;

struct House {
    simulator: Simulator,
    posted: mpsc::Receiver<Post>,
}

fn house() -> House {
    let (simulator, posted) = Simulator::new("AC1", Secret::from("token"));
    House { simulator, posted }
}

async fn ask(simulator: &Simulator, method: &str, path: &str, token: &str, body: String) -> (u16, Vec<u8>) {
    let kind = if path == "/gateway" { "application/json" } else { "application/x-www-form-urlencoded" };
    let authorization = if path == "/gateway" {
        format!("Bearer {token}")
    } else {
        authorization("AC1", &Secret::from(token)).expose().to_owned()
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", authorization)
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap();
    let response: Response = routes(simulator.clone()).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

async fn list(simulator: &Simulator) -> Value {
    serde_json::from_slice(&ask(simulator, "GET", "/list.json", "", String::new()).await.1).unwrap()
}

fn message(to: &str) -> String {
    Message { to: to.into(), from: Sender::From("+15005550006".into()), body: "Code <1>".into() }
        .form()
        .encode()
}

#[tokio::test]
async fn texts_are_taken_from_whoever_has_the_token_and_are_shown() {
    let House { simulator, .. } = house();
    let path = Resource::Messages.path("AC1");
    let (status, body) = ask(&simulator, "POST", &path, "wrong", message("+15550100")).await;
    assert_eq!(outcome(status, &body).unwrap_err().status, 401);
    let (status, body) = ask(&simulator, "POST", &path, "token", message(UNREACHABLE)).await;
    assert_eq!(outcome(status, &body).unwrap_err().code, Some(21211));
    let other = Resource::Messages.path("AC2");
    assert_eq!(ask(&simulator, "POST", &other, "token", message("+15550100")).await.0, 404);
    let (status, body) = ask(&simulator, "POST", &path, "token", message("+15550100")).await;
    assert!(outcome(status, &body).unwrap().sid.starts_with("SM"));
    let gateway = r#"{"to":"+15550101","text":"by gateway"}"#;
    assert_eq!(ask(&simulator, "POST", "/gateway", "token", gateway.into()).await.0, 202);
    assert_eq!(ask(&simulator, "POST", "/gateway", "wrong", gateway.into()).await.0, 401);
    let listed = list(&simulator).await;
    assert_eq!(listed["texts"][0]["body"], "Code <1>");
    assert_eq!(listed["texts"][1]["to"], "+15550101");
    let (_, page) = ask(&simulator, "GET", "/", "", String::new()).await;
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("Code &#60;1&#62;") && page.contains("by gateway"), "{page}");
    assert_eq!(ask(&simulator, "GET", "/2010-04-01/Accounts/AC1.json", "token", String::new()).await.0, 200);
}

#[tokio::test]
async fn digits_typed_in_a_call_are_posted_back_signed_and_what_is_answered_is_said() {
    let House { simulator, mut posted } = house();
    let url = "https://sallyport.example/telephony/answer?x=1";
    let ask_for = Gather { action: url.into(), digits: 6, seconds: 10, say: "Type".into() };
    let call = Call {
        to: "+15550100".into(),
        from: "+15005550006".into(),
        twiml: Twiml(vec![Verb::Gather(ask_for)]).write(),
        status_callback: Some("https://sallyport.example/telephony/over".into()),
        rings: 30,
    };
    let path = Resource::Calls.path("AC1");
    let (status, body) = ask(&simulator, "POST", &path, "token", call.form().encode()).await;
    let sid = outcome(status, &body).unwrap().sid;
    assert_eq!(list(&simulator).await["calls"][0]["wants"], 6);
    let server = tokio::spawn(async move {
        let mut heard = Vec::new();
        let thanks = Twiml(vec![Verb::Say("Thank you".into()), Verb::Hangup]);
        for reply in [Twiml::default(), thanks, Twiml::default()] {
            let Post { url, signature, body, answer } = posted.recv().await.unwrap();
            let form = Form::parse(body.as_bytes()).unwrap();
            assert!(signature::verify(&Secret::from("token"), &url, &form, &signature));
            heard.push((
                url,
                form.find("Digits").map(str::to_owned),
                form.find("CallStatus").map(str::to_owned),
            ));
            answer.send(Ok(reply.write())).unwrap();
        }
        heard
    });
    let answered = ask(&simulator, "POST", &format!("/calls/{sid}/answer"), "", "digits=123456".into()).await;
    assert_eq!(answered.0, StatusCode::SEE_OTHER.as_u16());
    let heard = server.await.unwrap();
    let over = "https://sallyport.example/telephony/over";
    assert_eq!(heard[0], (over.to_owned(), None, Some("in-progress".into())), "somebody has answered");
    assert_eq!(heard[1], (url.to_owned(), Some("123456".into()), Some("in-progress".into())));
    assert_eq!(heard[2].2.as_deref(), Some("completed"));
    let listed = list(&simulator).await;
    assert_eq!(listed["calls"][0]["said"], serde_json::json!(["Type", "Thank you"]));
    assert_eq!(listed["calls"][0]["state"], "completed");
    let again = ask(&simulator, "POST", &format!("/calls/{sid}/answer"), "", "digits=1".into()).await;
    assert_eq!(again.0, StatusCode::CONFLICT.as_u16());
}
