//! `/rest/v1` at the door: both spellings of an answer, and no failure that a client takes for an outage.

use axum::{body::Body, http::Request};
use sallyport_app::Secret;
use sallyport_wire::duo::{
    Call, sign,
    signing::{Keys, SignVersion},
};
use serde_json::{Value, json};

use crate::world::{World, text};

struct Told {
    status: u16,
    kind: String,
    body: Vec<u8>,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn says(&self, bytes: &[u8]) -> bool {
        self.body.windows(bytes.len()).any(|window| window == bytes)
    }
}

/// What is answered to this call, signed with these keys.
async fn ask(world: &World, call: &Call, made: &Value, skey: &str) -> Told {
    let keys = Keys { ikey: text(&made["ikey"]), skey: Secret::from(skey) };
    let now = world.system().now.unix_seconds();
    let signed = sign(call, &text(&made["host"]), &keys, SignVersion::V2, now).expect("signed");
    let mut request = Request::builder().method(signed.method.as_str()).uri(&signed.target);
    for (name, value) in &signed.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Body::from(signed.body)).expect("a request");
    let (parts, body) = world.face.answer(request).await.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body").to_vec();
    let kind = parts.headers["content-type"].to_str().expect("a text").to_owned();
    Told { status: parts.status.as_u16(), kind, body }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_path_says_how_an_answer_is_written_and_no_failure_opens_a_client_that_fails_safe() {
    let world = World::full().await;
    let made = json!({ "name": "mail", "type": "duo-auth-api" });
    let made = world.owner().post("/applications", made).await.expect(201).json;
    let skey = text(&made["skey"]);
    let preauth = |path| Call::post(path).with("user", "nobody-here");
    for path in ["/rest/v1/preauth", "/rest/v1/preauth.json"] {
        let told = ask(&world, &preauth(path), &made, &skey).await;
        assert_eq!((told.status, told.kind.as_str()), (200, "application/json"));
        assert_eq!(told.json()["response"]["result"], "deny", "{path}");
    }
    let told = ask(&world, &preauth("/rest/v1/preauth.bson"), &made, &skey).await;
    assert_eq!((told.status, told.kind.as_str()), (200, "application/bson"));
    assert!(told.says(b"\x02result\0\x05\0\0\0deny\0"), "{:?}", told.body);

    let told = ask(&world, &Call::post("/rest/v1/preauth.bson"), &made, &skey).await;
    assert_eq!((told.status, told.kind.as_str()), (400, "application/bson"));
    assert!(told.says(b"\x10code\0\x41\x9c\0\0"), "40001 as a 32-bit number: {:?}", told.body);
    for path in ["/rest/v1/preauth", "/rest/v1/preauth.bson"] {
        let told = ask(&world, &preauth(path), &made, "another").await;
        assert_eq!(told.status, 403, "{path}");
        assert!(told.says(b"Invalid signature in request credentials"), "{:?}", told.body);
    }
    // The Auth API says it as its clients expect it where keys are tried, and where logins are decided so that none opens.
    let told = ask(&world, &Call::get("/auth/v2/check"), &made, "another").await;
    assert_eq!((told.status, told.json()["code"].clone()), (401, json!(40103)));
    for path in ["/auth/v2/preauth", "/auth/v2/auth"] {
        let told = ask(&world, &preauth(path), &made, "another").await;
        assert_eq!((told.status, told.json()["code"].clone()), (403, json!(40103)), "{path}");
    }
    let told = ask(&world, &preauth("/rest/v1/enroll.bson"), &made, &skey).await;
    assert_eq!((told.status, told.kind.as_str()), (404, "application/bson"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trouble_of_ours_opens_a_client_that_fails_safe() {
    let world = World::full().await;
    let made = world.owner().post("/applications", json!({ "name": "gate", "type": "duo-auth-api" })).await;
    let made = made.expect(201).json;
    let (id, skey) = (text(&made["id"]), text(&made["skey"]));
    // What is kept of the key can no longer be opened, as after a damage of the disk.
    world.system().write(move |tx| Ok(tx.put_secret(&id, "skey", b"damaged")?)).await.expect("written");
    let user = |path| Call::post(path).with("username", "alice").with("user", "alice");
    for path in ["/auth/v2/preauth", "/auth/v2/auth"] {
        let told = ask(&world, &user(path), &made, &skey).await;
        assert_eq!((told.status, told.json()["code"].clone()), (403, json!(50000)), "{path}");
    }
    assert_eq!(ask(&world, &user("/rest/v1/preauth"), &made, &skey).await.status, 403);
    assert_eq!(ask(&world, &Call::get("/auth/v2/check"), &made, &skey).await.status, 500);
}
