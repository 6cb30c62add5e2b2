//! Too much at once: whoever calls is told when to come again, in the words of the door they came to.

use std::sync::{Mutex, mpsc};

use axum::{body::Body, http::Request};
use sallyport_app::Secret;
use sallyport_store::StoreError;
use sallyport_wire::duo::{
    Call,
    auth::path,
    sign,
    signing::{Keys, SignVersion},
};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, text};

/// A writer that stands still, with as many writes waiting as may wait.
struct Jam {
    open: mpsc::Sender<()>,
    waiting: Vec<tokio::task::JoinHandle<()>>,
}

impl Jam {
    async fn begin(world: &World) -> Self {
        let (open, opened) = mpsc::channel::<()>();
        let (entered, inside) = tokio::sync::oneshot::channel::<()>();
        let gate = Mutex::new((Some(entered), opened));
        let db = world.org.db.clone();
        let first = tokio::spawn(async move {
            let stands = db.write(move |_| {
                let mut gate = gate.lock().unwrap();
                gate.0.take().unwrap().send(()).unwrap();
                gate.1.recv().ok();
                Ok::<_, StoreError>(())
            });
            stands.await.unwrap();
        });
        inside.await.unwrap();
        let mut waiting = vec![first];
        // Each takes its place in the queue before it waits, so the first that finds none ends at once.
        loop {
            let db = world.org.db.clone();
            let (told, hears) = tokio::sync::oneshot::channel();
            let mut write = Box::pin(async move { db.write(|_| Ok::<_, StoreError>(())).await });
            waiting.push(tokio::spawn(async move {
                let done = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx))).await;
                let is_refused = matches!(done, std::task::Poll::Ready(Err(StoreError::Busy)));
                told.send(is_refused).unwrap();
                if done.is_pending() {
                    write.await.unwrap();
                }
            }));
            if hears.await.unwrap() {
                return Self { open, waiting };
            }
        }
    }

    async fn end(self) {
        drop(self.open);
        for waiting in self.waiting {
            waiting.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_no_place_in_the_queue_is_told_when_to_come_again() {
    let world = World::full().await;
    let made = json!({ "name": "mail", "type": "duo-auth-api" });
    let made = world.owner().post("/applications", made).await.expect(201).json;
    let keys = Keys { ikey: text(&made["ikey"]), skey: Secret::from(text(&made["skey"])) };
    let now = world.system().now.unix_seconds();
    let code = Call::post(path::AUTH).with("username", "alice").with("factor", "passcode");
    let code = code.with("passcode", world.ids["code"].clone());
    let auth = sign(&code, &text(&made["host"]), &keys, SignVersion::V5, now).expect("signed");
    let ask = async || {
        let mut request = Request::post(path::AUTH);
        for (name, value) in &auth.headers {
            request = request.header(*name, value);
        }
        let answer = world.face.answer(request.body(Body::from(auth.body.clone())).expect("a request")).await;
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let wait = parts.headers.get("retry-after").map(|value| value.to_str().expect("a text").to_owned());
        (parts.status.as_u16(), wait, serde_json::from_slice::<Value>(&bytes).expect("JSON"))
    };

    let jam = Jam::begin(&world).await;
    let refused = world.owner().post("/users", json!({ "name": "bob" })).await;
    refused.problem(429, "busy");
    assert_eq!(refused.header("retry-after"), "2");
    let refused =
        world.caller("nobody").post("/sign-in", json!({ "name": "alice", "password": PASSWORD })).await;
    refused.problem(429, "busy");
    // A client of Duo's opens where it is set to fail safe and hears 401 or 5xx; this is neither.
    let (status, wait, answer) = ask().await;
    assert_eq!((status, wait.as_deref(), &answer["code"]), (429, Some("2"), &json!(42901)), "{answer}");
    jam.end().await;

    let (status, _, answer) = ask().await;
    assert_eq!(
        (status, &answer["response"]["result"]),
        (200, &json!("allow")),
        "busy was no answer: {answer}"
    );
    world.owner().post("/users", json!({ "name": "bob" })).await.expect(201);
}
