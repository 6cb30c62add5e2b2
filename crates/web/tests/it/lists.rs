//! Every route that shows part of a list, by the document: pages without gaps, and filters that filter.

use sallyport_app::Ctx;
use sallyport_model::{
    Actor, AlarmState, Spray, Time,
    connector::{ExportOutcome, ExportRun, ExportRunState, ExportStep, ExportStepKind},
    id::{ExportRunId, SprayId, TelephonyRecordId},
    telephony::{TelephonyContext, TelephonyKind, TelephonyRecord, TelephonyState},
};
use sallyport_web::rest::{PREFIX, openapi};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    authz::request,
    world::{PASSWORD, World, text},
};

/// A route that shows part of a list, and the names of what it can be asked.
struct List {
    path: String,
    parameters: Vec<String>,
}

fn lists() -> Vec<List> {
    let document: Value = serde_json::from_str(&openapi::document()).expect("the document is JSON");
    let found: Vec<List> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .filter_map(|(path, methods)| {
            let parameters = methods["get"]["parameters"].as_array()?;
            let parameters: Vec<String> = parameters.iter().map(|given| text(&given["name"])).collect();
            let path = path.strip_prefix(PREFIX)?.to_owned();
            // What is somebody's own is for sessions of theirs; its pages are tried where it is.
            if path.starts_with("/me/") {
                return None;
            }
            let has = |name: &str| parameters.iter().any(|given| given == name);
            // The best few of something have no pages; and of those without a factor there are too few here.
            (has("limit") && has("after") && !has("holding")).then_some(List { path, parameters })
        })
        .collect();
    assert!(found.len() >= 13, "{}", found.len());
    found
}

impl List {
    fn takes(&self, name: &str) -> bool {
        self.parameters.iter().any(|known| known == name)
    }

    /// Where it is, with something behind the question mark.
    fn at(&self, world: &World, query: &str) -> String {
        format!("{}?{query}", request(world, "GET", &self.path).0)
    }
}

/// What an item is known by.
fn name(item: &Value) -> String {
    if item["id"].is_null() { item["seq"].to_string() } else { text(&item["id"]) }
}

fn names(answer: &Value) -> Vec<String> {
    answer["items"].as_array().expect("items").iter().map(name).collect()
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// An organisation with three of everything, at least.
async fn world() -> World {
    let world = World::full().await;
    for n in 0..3_u32 {
        let owner = || world.owner();
        let user = json!({ "name": format!("user{n}") });
        owner().post("/users", user).await.expect(201);
        owner().post("/groups/people/members", json!({ "user": format!("user{n}") })).await.expect(204);
        owner().post("/groups", json!({ "name": format!("group{n}"), "kind": "users" })).await.expect(201);
        owner().post("/bindings", json!({ "user": format!("user{n}"), "device": "d1" })).await.expect(201);
        let application = json!({ "name": format!("app{n}"), "type": "duo-auth-api" });
        owner().post("/applications", application).await.expect(201);
        owner().post("/policies", json!({ "name": format!("policy{n}") })).await.expect(201);
        let command =
            json!({ "name": format!("command{n}"), "interpreter": "sh", "body": "true", "devices": ["d1"] });
        owner().post("/commands", command).await.expect(201);
        owner().post(&format!("/commands/command{n}/launch"), json!({})).await.expect(200);
        let sign_in = json!({ "name": "alice", "password": PASSWORD });
        world.caller("nobody").post("/sign-in", sign_in).await.expect(200);
        spray(&world.system(), u64::from(n)).await;
        let closed =
            AlarmState::Closed { by: Actor::LocalAdmin, at: world.system().now, note: "called her".into() };
        world.raised(u128::from(n) + 1, closed).await;
        let what = ["bypass_codes", "enrollment_code", "unlock"][n as usize];
        let reset = json!({ "what": what, "reason": "lost" });
        world.caller("help_desk").post("/users/alice/resets", reset).await.expect(201);
        let connector = json!({
            "name": format!("connector{n}"), "type": "duo-export", "host": "api-1.example",
            "ikey": "DIWJ8X6AEYOR5OMC6TQ1", "skey": "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
        });
        owner().post("/connectors", connector).await.expect(201);
        let rule = json!({ "name": format!("rule{n}"), "says": { "then": { "effect": "second_door" } } });
        owner().post("/access-rules", rule).await.expect(201);
        let hook = json!({ "name": format!("hook{n}"), "url": "https://hooks.example.com/", "kinds": ["hardware_token"] });
        owner().post("/webhooks", hook).await.expect(201);
        let target = json!({ "kind": "file", "file": format!("events{n}.json") });
        owner()
            .post("/event-streams", json!({ "name": format!("stream{n}"), "target": target }))
            .await
            .expect(201);
        session(&world, n).await;
        export(&world, n).await;
        text_to(&world, n).await;
    }
    // The webhook that is there is told of the others.
    sallyport_app::event::catch_up(&world.system().org).await.expect("whoever listens is told");
    world
}

/// One more session of whoever has one.
async fn session(world: &World, n: u32) {
    let alice = world.ids["alice"].parse().expect("an id");
    let ctx = world.system();
    let put = ctx.write(move |tx| {
        let one = tx.sessions_of(alice)?.pop().expect("a session");
        Ok(tx.put_session(&sallyport_app::Session { hash: format!("hash {n}"), ..one })?)
    });
    put.await.expect("a session");
}

/// One more line of the log of texts and calls.
async fn text_to(world: &World, n: u32) {
    let record = TelephonyRecord {
        id: TelephonyRecordId::new(Uuid::from_u128(u128::from(n) + 1)),
        at: world.system().now,
        kind: TelephonyKind::Text,
        context: TelephonyContext::SignIn,
        user: world.ids["alice"].parse().expect("an id"),
        name: format!("alice{n}"),
        number: "+15005550010".into(),
        price: 8,
        sign_in: None,
        state: TelephonyState::Sent,
    };
    world.system().write(move |tx| Ok(tx.put_telephony(&record)?)).await.expect("a record");
}

/// One more run of the connector that is there, and one more step of the run that waits.
async fn export(world: &World, n: u32) {
    let first = world.ids["export_run"].parse().expect("an id");
    let (id, seq) = (ExportRunId::new(Uuid::from_u128(u128::from(n) + 2)), i64::from(n));
    let step = ExportStep {
        subject: world.ids["alice"].clone(),
        label: "alice".into(),
        kind: ExportStepKind::Create,
        text: "create alice".into(),
        corrects: false,
        outcome: ExportOutcome::Planned,
    };
    let ctx = world.system();
    let put = ctx.write(move |tx| {
        let held = tx.find_export_run(first)?.expect("the run that waits");
        tx.put_export_run(&ExportRun { id, state: ExportRunState::Done, ..held })?;
        Ok(tx.put_export_step(first, seq, &step)?)
    });
    put.await.expect("a run and a step");
}

async fn spray(ctx: &Ctx, n: u64) {
    let id = SprayId::new(Uuid::from_u128(u128::from(n) + 1));
    let over = Time(ctx.now.0 + i64::try_from(n).expect("few"));
    let networks = Vec::new();
    let spray = Spray {
        id,
        began: over,
        noticed: over,
        ended: Some(over),
        names: 60,
        attempts: 60,
        networks,
        all_networks: 60,
    };
    let put = ctx.write(move |tx| {
        let created = tx.create(spray.clone())?;
        tx.record(created, "begin");
        Ok(())
    });
    put.await.expect("a spray");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_every_list_follow_one_another_without_a_gap() {
    let world = world().await;
    for list in lists() {
        let whole = world.owner().get(&list.at(&world, "limit=500")).await.expect(200);
        let all = names(&whole.json);
        assert!(all.len() >= 3, "{}: {all:?}", list.path);
        assert_eq!(whole.json["next"], Value::Null, "{}", list.path);
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = world.owner().get(&list.at(&world, &query)).await.expect(200);
            let part = names(&page.json);
            let Some(next) = page.json["next"].as_str() else {
                assert!((1..=2).contains(&part.len()), "{}: {part:?}", list.path);
                seen.extend(part);
                break;
            };
            assert_eq!(part.len(), 2, "{}: a page that is not the last is full", list.path);
            seen.extend(part);
            query = format!("limit=2&after={}", encoded(next));
            assert!(seen.len() < all.len(), "{}: no end", list.path);
        }
        assert_eq!(seen, all, "{}", list.path);
        // As many as asked for and no more is the last page.
        let exact = world.owner().get(&list.at(&world, &format!("limit={}", all.len()))).await.expect(200);
        assert_eq!((names(&exact.json), &exact.json["next"]), (all, &Value::Null), "{}", list.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_list_takes_a_page_that_is_none() {
    let world = world().await;
    for list in lists() {
        for query in ["limit=0", "limit=501", "limit=-1", "limit=many", "limit=1&limit=2", "colour=red"] {
            world.owner().get(&list.at(&world, query)).await.problem(422, "invalid");
        }
        let strange = world.owner().get(&list.at(&world, "after=%00%FF'\u{25}22")).await;
        assert!(strange.status.as_u16() < 500, "{}: {}", list.path, strange.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_of_every_list_filters() {
    let world = world().await;
    let mut filters = 0;
    for list in lists() {
        let all = names(&world.owner().get(&list.at(&world, "limit=500")).await.expect(200).json);
        if list.takes("text") {
            let none = world.owner().get(&list.at(&world, "text=no-such-thing")).await.expect(200);
            assert_eq!(names(&none.json), [""; 0], "{}", list.path);
            filters += 1;
        }
        if list.takes("state") {
            world.owner().get(&list.at(&world, "state=asleep")).await.problem(422, "invalid");
            filters += 1;
        }
        for name in ["command", "device"].into_iter().filter(|name| list.takes(name)) {
            let query = if name == "command" { "command=command1" } else { "device=d2" };
            let some = names(&world.owner().get(&list.at(&world, query)).await.expect(200).json);
            assert!(some.len() < all.len() && some.iter().all(|one| all.contains(one)), "{}", list.path);
            filters += 1;
        }
    }
    assert!(filters >= 16, "{filters}");
    for (query, found) in [
        ("/users?text=USER1", 1),
        ("/groups?text=group", 3),
        ("/devices?text=D2", 1),
        ("/applications?text=app1", 1),
        ("/commands?text=command", 3),
        ("/runs?text=Command1", 1),
        ("/runs?text=command1&device=d1", 1),
        ("/runs?text=command1&command=command2", 0),
        ("/tokens?text=auditor", 1),
        ("/sign-ins?text=ALICE", 4),
    ] {
        let some = world.owner().get(query).await.expect(200);
        assert_eq!(names(&some.json).len(), found, "{query}: {}", some.text);
    }
}
