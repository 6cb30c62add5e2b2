//! `/auth/v2/logo`: there is none, which is told to those who show who they are.

use axum::{body::Body, http::Request};
use sallyport_app::Secret;
use sallyport_wire::duo::{
    Call,
    auth::path,
    sign,
    signing::{Keys, SignVersion},
};
use serde_json::{Value, json};

use crate::world::{World, text};

/// What is answered to a request with these headers.
async fn ask(world: &World, headers: &[(&str, String)]) -> (u16, String, Value) {
    let mut request = Request::get(path::LOGO);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = world.face.answer(request).await;
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let kind = parts.headers["content-type"].to_str().expect("a text").to_owned();
    (parts.status.as_u16(), kind, serde_json::from_slice(&bytes).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_is_told_that_there_is_no_logo_and_an_unsigned_one_nothing() {
    let world = World::full().await;
    let made = json!({ "name": "mail", "type": "duo-auth-api" });
    let made = world.owner().post("/applications", made).await.expect(201).json;
    let signed = |skey: String| {
        let keys = Keys { ikey: text(&made["ikey"]), skey: Secret::from(skey) };
        let now = world.system().now.unix_seconds();
        let signed = sign(&Call::get(path::LOGO), &text(&made["host"]), &keys, SignVersion::V5, now);
        let signed = signed.expect("signed");
        assert_eq!(signed.target, path::LOGO);
        signed.headers.iter().map(|(name, value)| (*name, value.as_str().to_owned())).collect::<Vec<_>>()
    };
    let (status, kind, answer) = ask(&world, &signed(text(&made["skey"]))).await;
    assert_eq!((status, kind.as_str()), (404, "application/json"));
    assert_eq!(answer, json!({ "stat": "FAIL", "code": 40401, "message": "Resource not found" }));
    for headers in [Vec::new(), signed("another".into())] {
        let (status, _, answer) = ask(&world, &headers).await;
        assert_eq!((status, &answer["stat"]), (401, &json!("FAIL")), "{answer}");
        assert!(answer["code"].as_i64().is_some_and(|code| code / 100 == 401), "{answer}");
    }
}
