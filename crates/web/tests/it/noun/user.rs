use serde_json::{Value, json};

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_shown_changed_and_deleted() {
    let world = World::bare().await;
    let created = world
        .owner()
        .post("/users", json!({ "name": "Bob", "display_name": "Bob B.", "mails": ["bob@example.com"], "phones": ["+44 1632 960000"] }))
        .await
        .expect(201);
    let id = text(&created.json["id"]);
    assert_eq!(created.header("location"), format!("/api/v1/users/{id}"));
    assert_eq!(created.json["state"], "staged");
    assert_eq!(created.json["posix"]["home"], "/home/bob");
    for name in ["bob", "BOB", &id] {
        assert_eq!(world.owner().get(&format!("/users/{name}")).await.expect(200).json["id"], id.as_str());
    }
    let changed = world
        .owner()
        .patch("/users/bob", json!({ "mails": [], "device_right": "standard" }))
        .await
        .expect(200);
    assert_eq!((&changed.json["mails"], &changed.json["device_right"]), (&json!([]), &json!("standard")));
    assert_eq!(changed.json["phones"][0]["number"], "+441632960000");
    let named =
        world.owner().patch("/users/bob", json!({ "aliases": ["EXAMPLE\\Bob", "b@example.com"] })).await;
    assert_eq!(named.expect(200).json["aliases"], json!({ "1": "example\\bob", "2": "b@example.com" }));
    assert_eq!(world.owner().get("/users/B@example.com").await.expect(200).json["id"], id.as_str());
    let taken_away = world.owner().patch("/users/bob", json!({ "device_right": null })).await.expect(200);
    assert!(taken_away.json["device_right"].is_null());
    let moved = world.owner().patch("/users/bob", json!({ "home": "/srv/people/bob" })).await.expect(200);
    assert_eq!(moved.json["posix"]["home"], "/srv/people/bob");
    world.owner().delete("/users/bob").await.expect(204);
    world.owner().get("/users/bob").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_cannot_be_is_refused() {
    let world = World::full().await;
    let create = |body| async { world.owner().post("/users", body).await };
    assert!(create(json!({ "name": "alice" })).await.problem(409, "conflict").contains("alice"));
    for bad in [
        json!({ "name": "root" }),
        json!({ "name": "a b" }),
        json!({ "name": "" }),
        json!({ "name": "bob", "mails": ["x"] }),
        json!({ "name": "bob", "phones": ["12"] }),
        json!({ "name": "bob", "ssh_keys": ["command=\"id\" ssh-ed25519 AAAA"] }),
        json!({ "name": "bob", "shell": "/bin/sh; id" }),
        json!({ "name": "bob", "uid": 0 }),
        json!({ "name": "bob", "gid": 0 }),
        json!({ "name": "bob", "home": "/etc/bob" }),
        json!({ "name": "bob", "manager": "nobody-there" }),
        json!({ "name": "bob", "device_right": "root" }),
    ] {
        create(bad).await.problem(422, "invalid");
    }
    world.owner().patch("/users/alice", json!({})).await.problem(422, "invalid");
    world.owner().delete("/users/alice").await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_let_in_and_shut_out() {
    let world = World::full().await;
    assert_eq!(world.owner().act("/users/stella/activate").await.expect(200).json["state"], "active");
    world.owner().act("/users/stella/activate").await.problem(409, "conflict");
    assert_eq!(world.owner().act("/users/stella/suspend").await.expect(200).json["state"], "suspended");
    world.owner().act("/users/stella/suspend").await.problem(409, "conflict");
    world.owner().act("/users/stella/unlock").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_obey_the_policy() {
    let world = World::full().await;
    let set = |password: &str| {
        let (owner, body) = (world.owner(), json!({ "password": password }));
        async move { owner.put("/users/alice/password", body).await }
    };
    set("short").await.problem(422, "invalid");
    set("passwordpassword").await.problem(422, "invalid");
    assert_eq!(set("tulip gravel hovercraft").await.expect(200).json["password_status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_above_their_own_rights() {
    let world = World::full().await;
    world.owner().put("/users/alice/roles", json!({ "roles": ["owner"] })).await.expect(200);
    let administrator = world.caller("administrator");
    administrator.put("/users/alice/roles", json!({ "roles": [] })).await.problem(403, "denied");
    administrator.put("/users/stella/roles", json!({ "roles": ["owner"] })).await.problem(403, "denied");
    administrator
        .put("/users/stella/roles", json!({ "roles": ["administrator"] }))
        .await
        .problem(403, "denied");
    administrator.put("/users/stella/roles", json!({ "roles": ["help_desk"] })).await.expect(200);
    for caller in ["administrator", "help_desk"] {
        let caller = world.caller(caller);
        caller
            .put("/users/alice/password", json!({ "password": "tulip gravel hovercraft" }))
            .await
            .problem(403, "denied");
        caller.post("/users/alice/bypass-codes", json!({})).await.problem(403, "denied");
        caller.post("/users/alice/enrollment-code", json!({})).await.problem(403, "denied");
        caller.act("/users/alice/suspend").await.problem(403, "denied");
    }
    world.owner().put("/users/alice/roles", json!({ "roles": [] })).await.problem(409, "conflict");
    world.owner().put("/users/alice/roles", json!({ "roles": ["king"] })).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn factors_and_codes_are_handed_out_and_taken_back() {
    let world = World::full().await;
    let codes =
        world.owner().post("/users/stella/bypass-codes", json!({ "count": 3, "hours": 1 })).await.expect(201);
    assert_eq!(codes.json["codes"].as_array().map(Vec::len), Some(3));
    let counts = [json!({ "count": 0 }), json!({ "count": 11 })];
    let uses = [json!({ "uses": 0 }), json!({ "uses": 101 })];
    for bad in counts.into_iter().chain(uses).chain([json!({ "hours": 0 }), json!({ "hours": 721 })]) {
        world.owner().post("/users/stella/bypass-codes", bad).await.problem(422, "invalid");
    }
    world.owner().post("/users/stella/enrollment-code", json!({ "hours": 25 })).await.problem(422, "invalid");
    let factors = world.owner().get("/users/stella/factors").await.expect(200);
    let is_batch = |factor: &&Value| factor["kind"] == "bypass_code";
    let batch = factors.json["items"].as_array().expect("factors").iter().find(is_batch).expect("a batch");
    assert_eq!(batch["codes"], json!({ "left": 3, "of": 3, "uses": 3 }));
    let twice = json!({ "count": 2, "uses": 5 });
    world.owner().post("/users/emil/bypass-codes", twice).await.expect(201);
    let emils = world.owner().get("/users/emil/factors").await.expect(200);
    let emils =
        emils.json["items"].as_array().expect("factors").iter().find(is_batch).expect("a batch").clone();
    assert_eq!(emils["codes"], json!({ "left": 2, "of": 2, "uses": 10 }));
    let id = text(&batch["id"]);
    world.owner().delete(&format!("/users/alice/factors/{id}")).await.problem(404, "not-found");
    world.owner().delete(&format!("/users/stella/factors/{id}")).await.expect(204);
    let left = world.owner().get("/users/stella/factors").await.expect(200);
    assert!(!left.json["items"].as_array().expect("factors").iter().any(|factor| is_batch(&factor)));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_user_belongs_and_what_follows_is_shown() {
    let world = World::full().await;
    assert_eq!(world.owner().get("/users/alice/groups").await.expect(200).json["items"][0]["name"], "people");
    assert_eq!(
        world.owner().get("/users/alice/bindings").await.expect(200).json["items"][0]["target_name"],
        "d1"
    );
    let devices = world.owner().get("/users/alice/devices").await.expect(200);
    assert_eq!(
        (&devices.json["items"][0]["name"], &devices.json["items"][0]["right"]["right"]),
        (&json!("d1"), &json!("standard"))
    );
    let right = world.owner().get("/users/alice/devices/d1").await.expect(200);
    assert_eq!(right.json["effective"]["from"]["kind"], "binding");
    assert!(world.owner().get("/users/stella/devices/d1").await.expect(200).json["effective"].is_null());
    world.owner().get("/users/alice/devices/d9").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended() {
    use sallyport_app::{session, signin};
    use sallyport_model::{settings::SecondDoorPolicy, signin::Resource};
    let world = World::full().await;
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["second_door"] = json!(SecondDoorPolicy::Never);
    world.owner().put("/settings", settings).await.expect(200);
    world
        .owner()
        .put("/users/alice/password", json!({ "password": "tulip gravel hovercraft" }))
        .await
        .expect(200);
    let begin = signin::Begin {
        name: "alice".into(),
        resource: Resource::Portal,
        first_door: signin::FirstDoorProof::Password("tulip gravel hovercraft".into()),
    };
    let signin::Step::Allowed(admission) = signin::begin(&world.nobody(), begin).await.expect("a step")
    else {
        panic!("not let in")
    };
    let (cookie, stored) = session::open(&world.nobody(), &admission, "Browser/1").await.expect("a session");
    let listed = world.owner().get("/users/alice/sessions").await.expect(200);
    assert_eq!(listed.json["items"][0]["user_agent"], "Browser/1");
    let own = session::id(&stored);
    assert_eq!(listed.json["items"][0]["id"], own.as_str());
    let networks = |n: usize| &listed.json["items"][n]["networks"];
    assert_eq!((networks(0), networks(1)), (&json!([]), &json!(["192.0.2.0/24"])), "one door, and both");
    for secret in [cookie.expose(), &stored.hash, &stored.form_token] {
        assert!(!listed.text.contains(secret));
    }
    let log = world.owner().get("/users/alice/sign-ins").await.expect(200);
    // Of one instant they have no order.
    let mut items = log.json["items"].as_array().expect("items").iter();
    let allowed = items.find(|item| item["state"] == "allowed").expect("one that was let in");
    assert_eq!(allowed["name"], "alice");
    assert!(!allowed["explanation"].as_array().expect("reasons").is_empty());
    assert_eq!(
        world.owner().get("/sign-ins?text=alice").await.expect(200).json["items"].as_array().map(Vec::len),
        Some(2),
        "this one, and the one she left between the doors"
    );
    world.owner().delete("/users/alice/sessions/0123").await.problem(404, "not-found");
    world.owner().delete(&format!("/users/stella/sessions/{own}")).await.problem(404, "not-found");
    world.owner().delete(&format!("/users/alice/sessions/{own}")).await.expect(204);
    assert!(session::authenticate(&world.nobody(), cookie.expose()).await.is_err());
    assert_eq!(world.owner().delete("/users/alice/sessions").await.expect(200).json["ended"], 1);
    assert_eq!(world.owner().get("/users/alice/sessions").await.expect(200).json["items"], json!([]));
}
