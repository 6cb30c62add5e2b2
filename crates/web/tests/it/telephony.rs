//! Texts and calls as outsiders and providers meet them.

use axum::{
    body::Body,
    http::{Method, Request},
};
use sallyport_model::id::ChallengeId;
use sallyport_web::simulator;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::World;

/// What the company was asked to carry.
pub(crate) async fn carried(world: &World) -> Value {
    let company = world.company.clone().expect("a company");
    let request = Request::get("/list.json").body(Body::empty()).expect("a request");
    let answer = simulator::routes(company).oneshot(request).await.expect("an answer");
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_did_not_sign_is_refused_and_changes_nothing() {
    let world = World::full().await;
    let before = world.system().read(sallyport_app::ctx::feed_head).await.expect("the feed");
    let id = ChallengeId::new(uuid::Uuid::from_u128(7));
    let form = "AccountSid=AC1&CallSid=CA1&Digits=123456&CallStatus=in-progress";
    let paths = [format!("/telephony/calls/{id}?turn=1"), format!("/telephony/calls/{id}/over")];
    for (path, signature) in paths.iter().flat_map(|path| [(path, ""), (path, "AAAA"), (path, "x\u{7f}")]) {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        let request = match signature.parse::<axum::http::HeaderValue>() {
            Ok(value) => request.header("x-twilio-signature", value),
            Err(_) => request,
        };
        let answer = world.face.answer(request.body(Body::from(form)).expect("a request")).await;
        assert_eq!(answer.status(), 403, "{path}");
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        assert!(body.is_empty(), "whoever is not the provider is told nothing");
    }
    let strange = Request::post("/telephony/calls/nothing?turn=1").body(Body::empty()).expect("a request");
    assert!(world.face.answer(strange).await.status().is_client_error());
    assert_eq!(world.system().read(sallyport_app::ctx::feed_head).await.expect("the feed"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_learns_whether_a_number_is_known() {
    let world = World::full().await;
    let nobody = world.caller("nobody");
    let mut told = Vec::new();
    for (number, phone) in
        [("+15005550010", world.ids["phone"].clone()), ("+15005550099", world.ids["factor"].clone())]
    {
        let adding = nobody.post("/users/alice/phones", json!({ "number": number })).await;
        let text = nobody.post("/sign-in/text", json!({ "handle": "sph_guessed", "phone": phone })).await;
        let said = |answer: &crate::world::Answer| (answer.status, answer.json["detail"].clone());
        told.push((said(&adding), said(&text)));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!((told[0].0.0.as_u16(), told[0].1.0.as_u16()), (401, 410));
    assert_eq!(carried(&world).await["texts"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_in_the_request_is_no_destination() {
    let world = World::full().await;
    let nobody = world.caller("nobody");
    let (handle, phone) = (&world.ids["handle"], &world.ids["phone"]);
    for field in ["number", "to", "phone_number"] {
        let asked = json!({ "handle": handle, "phone": phone, field: "+15005550099" });
        let refused = nobody.post("/sign-in/text", asked).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
    let asked = json!({ "handle": handle, "phone": phone }).to_string();
    let kind = ("application/json", asked);
    nobody.send(Method::POST, "/sign-in/text", Some(kind)).await.expect(204);
    let carried = carried(&world).await;
    assert_eq!(carried["texts"].as_array().map(Vec::len), Some(1), "{carried}");
    assert_eq!(carried["texts"][0]["to"], "+15005550010");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_texted_code_signs_in_at_the_api_and_the_offer_says_so() {
    let world = World::full().await;
    let nobody = world.caller("nobody");
    let begun = nobody
        .post("/sign-in", json!({ "name": "alice", "password": crate::world::PASSWORD }))
        .await
        .expect(200);
    let offers = begun.json["offers"].as_array().expect("offers").clone();
    let phone = offers.iter().find(|offer| offer["kind"] == "phone").expect("a phone");
    assert_eq!((&phone["texts"], &phone["id"]), (&json!(true), &json!(world.ids["phone"])));
    assert!(!begun.text.contains("5005550010"), "numbers are not told");
    let asked = json!({ "handle": begun.json["handle"], "phone": phone["id"] });
    nobody.post("/sign-in/text", asked.clone()).await.expect(204);
    let again = nobody.post("/sign-in/text", asked).await;
    assert!(again.problem(422, "invalid").contains("half a minute"), "{}", again.text);
    let carried = carried(&world).await;
    let body = carried["texts"][0]["body"].as_str().expect("a text");
    let code = body.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 7).expect("a code");
    let given = json!({ "handle": begun.json["handle"], "passcode": code });
    let opened = nobody.post("/sign-in/second-door", given).await.expect(200);
    assert_eq!(opened.json["both_doors"], true);
}
