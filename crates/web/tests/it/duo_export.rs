//! Our export to an account at Duo: against our own Admin API in another house, and against services that err and lie.

mod faulty;

use sallyport_app::connector;
use sallyport_model::{Span, User, id::UserId};
use serde_json::{Value, json};

use crate::world::{World, text};

/// A house that exports, and one that is exported to.
pub(super) struct Pair {
    ours: World,
    theirs: World,
}

impl Pair {
    async fn open() -> Self {
        let (ours, theirs) = (World::bare().await, World::bare().await);
        let made = json!({ "name": "sync", "type": "duo-admin-api" });
        let made = theirs.owner().post("/applications", made).await.expect(201).json;
        let grants = json!({ "grants": ["read_resource", "write_resource"] });
        theirs.owner().patch("/applications/sync", grants).await.expect(200);
        let host = serve(theirs.face.clone()).await;
        let duo = json!({
            "name": "duo", "type": "duo-export", "host": host, "ikey": made["ikey"], "skey": made["skey"],
        });
        let made = ours.owner().post("/connectors", duo).await.expect(201).json;
        assert_eq!(
            (&made["enabled"], &made["has_secret"], made.get("skey")),
            (&json!(false), &json!(true), None)
        );
        Self { ours, theirs }
    }

    /// The same, switched on, with this brake.
    async fn on(set: Value) -> Self {
        let pair = Self::open().await;
        pair.set(json!({ "enabled": true })).await;
        pair.set(set).await;
        pair
    }

    async fn set(&self, fields: Value) {
        self.ours.owner().patch("/connectors/duo", fields).await.expect(200);
    }

    /// Everything that is due.
    async fn catch_up(&self) {
        // Runs are listed by when they began.
        for world in [&self.ours, &self.theirs] {
            world.advance(Span::seconds(1));
        }
        connector::catch_up(&self.ours.org).await.expect("caught up");
    }

    async fn person(&self, name: &str) -> Value {
        let input = json!({ "name": name, "active": true, "display_name": name.to_uppercase() });
        self.ours.owner().post("/users", input).await.expect(201).json
    }

    /// Puts somebody into the trash of our own house, as programs of the Admin API do.
    async fn trash(&self, id: UserId) {
        let ctx = self.ours.system();
        let put = ctx.write(move |tx| {
            let (before, now) = (tx.expect::<User>(id)?, tx.ctx.now);
            let changed = tx.update(&before, before.value.clone().trash(now)?)?;
            tx.record(changed, "trash");
            Ok(())
        });
        put.await.expect("put into the trash");
    }

    /// A user there, or null.
    async fn there(&self, name: &str) -> Value {
        let found = self.theirs.owner().get(&format!("/users/{name}")).await;
        if found.status.as_u16() == 404 { Value::Null } else { found.expect(200).json }
    }

    async fn connector(&self) -> Value {
        self.ours.owner().get("/connectors/duo").await.expect(200).json
    }

    /// The newest run, with its steps.
    async fn newest_run(&self) -> Value {
        let runs = self.ours.owner().get("/connectors/duo/runs").await.expect(200).json;
        let id = text(&runs["items"][0]["id"]);
        let at = format!("/connectors/duo/runs/{id}");
        let mut run = self.ours.owner().get(&at).await.expect(200).json;
        run["steps"] = self.ours.owner().get(&format!("{at}/steps")).await.expect(200).json["items"].clone();
        run
    }

    /// The mails that wait to be sent about runs that wait: to whom, and what they say.
    async fn told(&self) -> Vec<(String, String)> {
        let ctx = self.ours.system();
        let lines = ctx.read(|reader| Ok(reader.once_of("notice", "notice")?));
        let lines = lines.await.expect("the outbox").into_iter().map(|line| {
            let (_, waiting): (String, Value) = serde_json::from_str(&line.doc).expect("a line");
            (text(&waiting["user"]), text(&waiting["text"]))
        });
        lines.filter(|(_, text)| text.contains("The brake holds a run")).collect()
    }

    async fn release(&self, run: &Value) {
        self.ours
            .owner()
            .act(&format!("/connectors/duo/runs/{}/release", text(&run["id"])))
            .await
            .expect(204);
    }
}

async fn serve(face: sallyport_web::Face) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = move |request: axum::extract::Request| {
        let face = face.clone();
        async move { face.answer(request).await }
    };
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

/// Kind and outcome of each step of a run.
fn steps(run: &Value) -> Vec<(String, String)> {
    let steps = run["steps"].as_array().expect("steps");
    steps.iter().map(|step| (text(&step["kind"]), text(&step["outcome"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_everything_and_writes_nothing() {
    let pair = Pair::open().await;
    pair.person("ada").await;
    pair.catch_up().await;
    assert!(pair.there("ada").await.is_null(), "a connector that is off does nothing");
    pair.ours.owner().act("/connectors/duo/run").await.problem(409, "conflict");
    pair.ours.owner().act("/connectors/duo/preview").await.expect(204);
    pair.catch_up().await;
    let run = pair.newest_run().await;
    assert_eq!((&run["kind"], &run["state"]), (&json!("preview"), &json!("previewed")), "{run}");
    assert_eq!(steps(&run), [("create".into(), "planned".into())]);
    assert!(pair.there("ada").await.is_null());
    let checked = pair.ours.owner().act("/connectors/duo/check").await.expect(200).json;
    assert_eq!(checked, json!({ "known": true, "problem": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_changed_renamed_by_alias_suspended_and_let_in_again() {
    let pair = Pair::on(json!({ "username": "mail" })).await;
    pair.person("ada").await;
    pair.ours.owner().patch("/users/ada", json!({ "mails": ["ada@one.example"] })).await.expect(200);
    pair.catch_up().await;
    assert!(pair.there("ada@one.example").await.is_null(), "no user here has such a name");
    let run = pair.newest_run().await;
    assert_eq!(run["steps"][0]["outcome"], "failed", "this service takes no mail address for a name: {run}");

    pair.set(json!({ "username": "name" })).await;
    pair.catch_up().await;
    let ada = pair.there("ada").await;
    assert_eq!((&ada["state"], &ada["display_name"]), (&json!("active"), &json!("ADA")), "{ada}");
    assert_eq!(ada["mails"][0]["address"], "ada@one.example");

    let change = json!({ "display_name": "Ada Lovelace", "aliases": ["countess"] });
    pair.ours.owner().patch("/users/ada", change).await.expect(200);
    pair.catch_up().await;
    let ada = pair.there("ada").await;
    assert_eq!(
        (&ada["display_name"], &ada["aliases"]),
        (&json!("Ada Lovelace"), &json!({ "1": "countess" })),
        "{ada}"
    );

    // Known by mail from now on, which this service keeps no name for: it becomes an alias, once.
    pair.set(json!({ "username": "mail" })).await;
    pair.catch_up().await;
    let run = pair.newest_run().await;
    assert_eq!(steps(&run), [("rename".into(), "done".into())], "{run}");
    let aliases = pair.there("ada").await["aliases"].clone();
    assert!(aliases.as_object().unwrap().values().any(|alias| alias == "ada@one.example"), "{aliases}");
    let before = pair.theirs.owner().get("/changes").await.expect(200).json;
    pair.ours.owner().act("/connectors/duo/run").await.expect(204);
    pair.catch_up().await;
    assert_eq!(steps(&pair.newest_run().await), []);
    assert_eq!(pair.theirs.owner().get("/changes").await.expect(200).json, before);

    pair.ours.owner().act("/users/ada/suspend").await.expect(200);
    pair.catch_up().await;
    assert_eq!(pair.there("ada").await["state"], "suspended");
    assert_eq!(pair.newest_run().await["kind"], "changes");
    pair.ours.owner().act("/users/ada/activate").await.expect(200);
    pair.catch_up().await;
    assert_eq!(pair.there("ada").await["state"], "active");
    assert_eq!(pair.connector().await["managed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_the_trash_or_out_of_scope_goes_the_way_that_is_set() {
    for (leavers, is_trashed) in [("disable", false), ("trash", true)] {
        let pair = Pair::on(json!({ "leavers": leavers, "phones": true })).await;
        let ada = text(&pair.person("ada").await["id"]).parse().expect("an id");
        pair.person("bob").await;
        pair.catch_up().await;
        pair.trash(ada).await;
        pair.catch_up().await;
        let ada = pair.there("ada").await;
        assert_eq!((&ada["state"], !ada["trashed"].is_null()), (&json!("suspended"), is_trashed), "{ada}");
        // Only members of a group in which nobody is.
        let staff = json!({ "name": "staff", "kind": "users" });
        let staff = pair.ours.owner().post("/groups", staff).await.expect(201).json;
        pair.set(json!({ "people": { "who": "groups", "groups": [staff["id"]] } })).await;
        pair.catch_up().await;
        let bob = pair.there("bob").await;
        assert_eq!((&bob["state"], !bob["trashed"].is_null()), (&json!("suspended"), is_trashed), "{bob}");
        // And back, out of the trash where bob lay.
        pair.ours.owner().post("/groups/staff/members", json!({ "user": "bob" })).await.expect(204);
        pair.catch_up().await;
        let bob = pair.there("bob").await;
        assert_eq!((&bob["state"], bob["trashed"].is_null()), (&json!("active"), true), "{bob}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_memberships_and_phones_follow_and_others_stay() {
    let pair = Pair::open().await;
    for name in ["ada", "bob"] {
        pair.person(name).await;
    }
    let staff = json!({ "name": "staff", "kind": "users" });
    let staff = pair.ours.owner().post("/groups", staff).await.expect(201).json;
    pair.ours.owner().post("/groups/staff/members", json!({ "user": "ada" })).await.expect(204);
    pair.ours.owner().patch("/users/ada", json!({ "phones": ["+15005550010"] })).await.expect(200);
    let theirs = pair.theirs.owner();
    let telephony = json!({
        "provider": { "kind": "twilio", "account": "AC1" }, "sender": "+15005550006", "texts": true,
        "countries": ["+1"], "secret": "a-token",
    });
    theirs.put("/telephony", telephony).await.expect(200);
    theirs.post("/users", json!({ "name": "eve", "active": true })).await.expect(201);
    pair.set(json!({ "enabled": true, "groups": [staff["id"]], "phones": true })).await;
    pair.catch_up().await;
    let run = pair.newest_run().await;
    assert!(steps(&run).iter().all(|(_, outcome)| outcome == "done"), "{run}");
    let members =
        async || pair.theirs.owner().get("/groups/staff/members").await.expect(200).json["items"].clone();
    assert_eq!(members().await[0]["name"], "ada", "{}", members().await);
    let factors = pair.theirs.owner().get("/users/ada/factors").await.expect(200).json;
    assert_eq!(factors["items"][0]["kind"], "phone", "{factors}");

    // Somebody there puts bob and their own eve into it: bob is ours and goes, eve stays.
    for name in ["bob", "eve"] {
        theirs.post("/groups/staff/members", json!({ "user": name })).await.expect(204);
    }
    pair.ours.owner().act("/connectors/duo/run").await.expect(204);
    pair.catch_up().await;
    let names: Vec<String> =
        members().await.as_array().unwrap().iter().map(|member| text(&member["name"])).collect();
    assert_eq!(names.iter().filter(|name| *name == "bob").count(), 0, "{names:?}");
    assert_eq!(names.len(), 2, "{names:?}");

    // A group that goes here stays there, without ours; a phone that goes here goes there.
    pair.ours.owner().delete("/groups/staff").await.expect(204);
    pair.ours.owner().patch("/users/ada", json!({ "phones": [] })).await.expect(200);
    pair.catch_up().await;
    assert_eq!(members().await.as_array().unwrap().len(), 1);
    let factors = pair.theirs.owner().get("/users/ada/factors").await.expect(200).json;
    assert_eq!(factors["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_user_is_a_conflict_until_the_connector_may_take_over() {
    let pair = Pair::open().await;
    let theirs = pair.theirs.owner();
    theirs
        .post("/users", json!({ "name": "ada", "active": true, "display_name": "Theirs" }))
        .await
        .expect(201);
    pair.person("ada").await;
    pair.set(json!({ "enabled": true })).await;
    pair.catch_up().await;
    assert_eq!(pair.there("ada").await["display_name"], "Theirs");
    let conflicts = pair.connector().await["conflicts"].clone();
    assert_eq!(
        (&conflicts[0]["label"], conflicts.as_array().unwrap().len()),
        (&json!("ada"), 1),
        "{conflicts}"
    );

    pair.set(json!({ "take_over": true })).await;
    pair.catch_up().await;
    assert_eq!(pair.there("ada").await["display_name"], "ADA");
    assert_eq!(pair.connector().await["conflicts"], json!([]));

    // What somebody changes there is put right, and said.
    theirs.patch("/users/ada", json!({ "display_name": "Mallory" })).await.expect(200);
    pair.ours.owner().act("/connectors/duo/run").await.expect(204);
    pair.catch_up().await;
    let run = pair.newest_run().await;
    assert_eq!(
        (&run["steps"][0]["kind"], &run["steps"][0]["corrects"]),
        (&json!("update"), &json!(true)),
        "{run}"
    );
    assert_eq!(pair.there("ada").await["display_name"], "ADA");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brake_holds_a_run_before_its_first_change_until_somebody_says_so() {
    let pair = Pair::open().await;
    for n in 0..4 {
        pair.person(&format!("person{n}")).await;
    }
    // Whoever may let a run go on is mailed that one waits, and nobody else is.
    pair.ours.post_office().await;
    let mut administrator = String::new();
    for (name, role) in [("helga", "help_desk"), ("olga", "administrator")] {
        let person = json!({ "name": name, "active": true, "mails": [format!("{name}@example.com")] });
        administrator = text(&pair.ours.owner().post("/users", person).await.expect(201).json["id"]);
        let roles = json!({ "roles": [role] });
        pair.ours.owner().put(&format!("/users/{name}/roles"), roles).await.expect(200);
    }
    pair.ours.owner().post("/groups", json!({ "name": "all", "kind": "users" })).await.expect(201);
    for n in 0..4 {
        let member = json!({ "user": format!("person{n}") });
        pair.ours.owner().post("/groups/all/members", member).await.expect(204);
    }
    let all = pair.ours.owner().get("/groups/all").await.expect(200).json["id"].clone();
    let brake = json!({ "people": 2, "percent": 0 });
    let people = json!({ "who": "groups", "groups": [all] });
    pair.set(json!({ "enabled": true, "brake": brake, "people": people })).await;
    pair.catch_up().await;
    let told = pair.told().await;
    assert_eq!(told.iter().map(|(to, _)| to.clone()).collect::<Vec<_>>(), [administrator]);
    let says =
        ["4 people would be created", "disable them in the other system by hand", "/admin/connectors/con"];
    assert_eq!(says.map(|part| told[0].1.contains(part)), [true; 3], "{}", told[0].1);
    let held = pair.newest_run().await;
    assert_eq!((&held["state"], &held["counts"]["made"]), (&json!("held"), &json!(4)), "{held}");
    assert_eq!(pair.connector().await["held"], held["id"]);
    assert!(pair.there("person0").await.is_null(), "nothing at all is done");
    // The same again is the same run.
    pair.ours.owner().act("/connectors/duo/run").await.expect(204);
    pair.catch_up().await;
    assert_eq!(pair.newest_run().await["id"], held["id"]);
    assert_eq!(pair.told().await.len(), 1, "once, as it begins");

    pair.release(&held).await;
    pair.ours
        .owner()
        .act(&format!("/connectors/duo/runs/{}/release", text(&held["id"])))
        .await
        .problem(409, "conflict");
    pair.catch_up().await;
    let run = pair.newest_run().await;
    assert_eq!((&run["state"], &run["counts"]["done"]), (&json!("done"), &json!(4)), "{run}");
    assert_eq!(pair.connector().await["held"], Value::Null);

    // That word was for this preview alone: three who are shut out at once wait again, also one by one.
    for n in 0..2 {
        pair.ours.owner().act(&format!("/users/person{n}/suspend")).await.expect(200);
        pair.catch_up().await;
        assert_eq!(pair.there(&format!("person{n}")).await["state"], "suspended");
    }
    pair.ours.owner().act("/users/person2/suspend").await.expect(200);
    pair.catch_up().await;
    assert_eq!(pair.there("person2").await["state"], "active");
    let held = pair.newest_run().await;
    assert_eq!((&held["state"], &held["counts"]["ended"]), (&json!("held"), &json!(1)), "{held}");
    let told = pair.told().await;
    assert_eq!(told.len(), 2);
    assert!(told.iter().any(|(_, text)| text.contains("would be disabled")), "{told:?}");
    // One more makes it another run, and is no reason to write again on the same day.
    pair.ours.owner().act("/users/person3/suspend").await.expect(200);
    pair.catch_up().await;
    let held = pair.newest_run().await;
    assert_eq!((&held["counts"]["ended"], pair.told().await.len()), (&json!(2), 2), "{held}");
    pair.release(&held).await;
    pair.catch_up().await;
    for name in ["person2", "person3"] {
        assert_eq!(pair.there(name).await["state"], "suspended", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_key_is_for_one_host_and_one_integration_key() {
    let pair = Pair::open().await;
    let update = json!({ "host": "api-other.example" });
    let changed = pair.ours.owner().patch("/connectors/duo", update).await.expect(200).json;
    assert_eq!(changed["has_secret"], false);
    pair.ours.owner().act("/connectors/duo/preview").await.problem(409, "conflict");
    let skey = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
    let changed = pair.ours.owner().patch("/connectors/duo", json!({ "skey": skey })).await.expect(200).json;
    assert_eq!(changed["has_secret"], true);
    assert!(!changed.to_string().contains(skey));
    for bad in [
        json!({ "host": "https://api.example/path" }),
        json!({ "host": "a b" }),
        json!({ "ikey": "short" }),
        json!({ "skey": "short" }),
        json!({ "brake": { "people": 1, "percent": 101 } }),
        json!({ "groups": ["grp_00000000000000000000000000000007"] }),
        json!({ "anything": 1 }),
        json!({}),
    ] {
        pair.ours.owner().patch("/connectors/duo", bad).await.problem(422, "invalid");
    }
}
