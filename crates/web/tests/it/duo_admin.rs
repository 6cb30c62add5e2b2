//! What stands around the Admin API: repeated requests, and programs that ask too fast.

use axum::{body::Body, http::Request};
use sallyport_app::Secret;
use sallyport_wire::duo::{
    Call, sign,
    signing::{Keys, SignVersion, SignedRequest},
};
use serde_json::{Value, json};

use crate::world::{World, text};

struct Program<'w> {
    world: &'w World,
    keys: Keys,
    host: String,
}

impl<'w> Program<'w> {
    async fn new(world: &'w World) -> Self {
        let made = json!({ "name": "sync", "type": "duo-admin-api" });
        let made = world.owner().post("/applications", made).await.expect(201).json;
        let grants = json!({ "grants": ["read_resource", "write_resource", "read_log"] });
        world.owner().patch("/applications/sync", grants).await.expect(200);
        let keys = Keys { ikey: text(&made["ikey"]), skey: Secret::from(text(&made["skey"])) };
        Self { world, keys, host: text(&made["host"]) }
    }

    fn sign(&self, call: &Call) -> SignedRequest {
        let now = self.world.system().now.unix_seconds();
        sign(call, &self.host, &self.keys, SignVersion::V5, now).expect("signed")
    }

    /// Status, seconds to wait, and body.
    async fn send(&self, signed: &SignedRequest) -> (u16, Option<String>, Value) {
        let mut request = Request::builder().method(signed.method.as_str()).uri(&signed.target);
        for (name, value) in &signed.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(signed.body.clone())).expect("a request");
        let (parts, body) = self.world.face.answer(request).await.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let wait = parts.headers.get("retry-after").map(|wait| wait.to_str().expect("a text").to_owned());
        assert_eq!(parts.headers["content-type"], "application/json");
        (parts.status.as_u16(), wait, serde_json::from_slice(&bytes).expect("JSON"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_very_same_request_is_answered_again_and_done_once() {
    let world = World::full().await;
    let program = Program::new(&world).await;
    let made = program.sign(&Call::post("/admin/v1/users").with("username", "dora"));
    let (status, _, first) = program.send(&made).await;
    assert_eq!((status, &first["response"]["username"]), (200, &json!("dora")), "{first}");
    let (status, _, again) = program.send(&made).await;
    assert_eq!((status, &again), (200, &first), "and not that the name is taken");
    world.owner().patch("/applications/sync", json!({ "grants": [] })).await.expect(200);
    assert_eq!(
        program.send(&made).await.2["code"],
        40301,
        "what was answered is not told to whoever may no longer ask"
    );
    let grants = json!({ "grants": ["write_resource"] });
    world.owner().patch("/applications/sync", grants).await.expect(200);
    let other = program.sign(&Call::post("/admin/v1/users").with("username", "dora").with("realname", "D"));
    assert_eq!(program.send(&other).await.2["code"], 40002);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_fast_waits_and_the_same_request_is_done_then() {
    let world = World::full().await;
    let program = Program::new(&world).await;
    let ask = program.sign(&Call::get("/admin/v1/logs/administrator").with("mintime", "0"));
    let mut asked = 0;
    let (wait, refused) = loop {
        let (status, wait, answer) = program.send(&ask).await;
        if status == 429 {
            break (wait, answer);
        }
        asked += 1;
        assert!(status == 200 && asked < 10_000, "{answer}");
    };
    assert_eq!((wait.is_some(), &refused["code"]), (true, &json!(42901)), "{refused}");
    assert!(asked >= 100, "{asked}");
}
