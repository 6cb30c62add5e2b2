use std::time::Duration;

use sallyport_api::agent::{RunEvent, RunHappening, Stream};
use sallyport_app::run;
use sallyport_model::Time;
use serde_json::json;

use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_made_changed_launched_and_deleted() {
    let world = World::full().await;
    let body = json!({
        "name": "Uptime", "interpreter": "sh", "body": "uptime", "groups": ["laptops"],
        "environment": { "LANG": "C" }, "timeout_seconds": 30,
    });
    let made = world.owner().post("/commands", body).await.expect(201);
    assert_eq!((&made.json["run_as"], &made.json["trigger"]), (&json!("root"), &json!("manual")));
    let changed =
        world.owner().patch("/commands/uptime", json!({ "trigger": "on_enrollment" })).await.expect(200);
    assert_eq!(changed.json["trigger"], "on_enrollment");
    let listed = world.owner().get("/commands?text=upt").await.expect(200);
    assert_eq!(listed.json["items"].as_array().map(Vec::len), Some(1));
    for (trigger, names) in [("manual", vec!["hello"]), ("on_enrollment", vec!["Uptime"])] {
        let listed = world.owner().get(&format!("/commands?trigger={trigger}")).await.expect(200);
        let items = listed.json["items"].as_array().expect("items").clone();
        assert_eq!(items.iter().map(|item| text(&item["name"])).collect::<Vec<_>>(), names);
    }
    world.owner().get("/commands?trigger=never").await.problem(422, "invalid");
    let runs = world.caller("command_runner").post("/commands/uptime/launch", json!({})).await.expect(200);
    assert_eq!(
        (&runs.json["items"][0]["state"], &runs.json["items"][0]["device"]),
        (&json!("queued"), &json!(world.ids["d1"]))
    );
    world.owner().delete("/commands/uptime").await.expect(204);
    let run = world.owner().get(&format!("/runs/{}", text(&runs.json["items"][0]["id"]))).await.expect(200);
    assert_eq!(run.json["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_refused() {
    let world = World::full().await;
    for body in [
        json!({ "name": "x", "interpreter": "perl", "body": "1" }),
        json!({ "name": "x", "interpreter": "sh", "body": "" }),
        json!({ "name": "x", "interpreter": "sh", "body": "1", "timeout_seconds": 0 }),
        json!({ "name": "x", "interpreter": "sh", "body": "1", "environment": { "a b": "c" } }),
        json!({ "name": "x", "interpreter": "sh", "body": "1", "run_as": "a;b" }),
        json!({ "name": "x", "interpreter": "sh", "body": "1", "run_on_present": true }),
    ] {
        world.owner().post("/commands", body).await.problem(422, "invalid");
    }
    let launch = |body| async { world.owner().post("/commands/hello/launch", body).await };
    launch(json!({ "devices": ["d2"] })).await.problem(409, "conflict");
    launch(json!({ "devices": ["d9"] })).await.problem(404, "not-found");
    launch(json!({ "groups": ["people"] })).await.problem(409, "conflict");
    launch(json!({ "expires_in_hours": 0 })).await.problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_by_what_they_are_of() {
    let world = World::full().await;
    let again = world.owner().post("/commands/hello/launch", json!({})).await.expect(200);
    let newest = text(&again.json["items"][0]["id"]);
    for query in
        ["", "?device=d1", "?command=hello", "?state=queued", "?device=d1&command=hello&state=queued"]
    {
        let runs = world.owner().get(&format!("/runs{query}")).await.expect(200);
        assert_eq!(runs.json["items"].as_array().map(Vec::len), Some(2), "{query}");
    }
    let first = world.owner().get("/runs?limit=1").await.expect(200);
    let next = text(&first.json["next"]);
    let second = world.owner().get(&format!("/runs?limit=1&after={next}")).await.expect(200);
    assert_ne!(first.json["items"][0]["id"], second.json["items"][0]["id"]);
    assert!(second.json["next"].is_null());
    assert_eq!(world.owner().get("/runs?state=finished").await.expect(200).json["items"], json!([]));
    world.owner().get("/runs?state=happy").await.problem(422, "invalid");
    world.owner().get("/runs?device=d9").await.problem(404, "not-found");
    world.owner().get("/runs?after=x").await.problem(422, "invalid");
    assert_eq!(
        world.owner().act(&format!("/runs/{newest}/cancel")).await.expect(200).json["state"],
        "cancelled"
    );
    world.owner().act(&format!("/runs/{newest}/cancel")).await.problem(409, "conflict");
}

/// The device says something about its run.
async fn says(world: &World, seq: u64, what: RunHappening) {
    let (run, device) = (world.ids["run"].parse().unwrap(), world.ids["d1"].parse().unwrap());
    let ctx = world.system().with_caller(sallyport_app::Caller::Device { id: device, name: "d1".into() });
    run::event(&ctx, device, RunEvent { run, seq, at: Time(0), what }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn output_is_followed_to_its_end() {
    let world = World::full().await;
    let device = world.ids["d1"].parse().unwrap();
    let ctx = world.system().with_caller(sallyport_app::Caller::Device { id: device, name: "d1".into() });
    run::orders_for(&ctx, device).await.unwrap();
    let at = format!("/runs/{}/output", world.ids["run"]);
    let nothing = world.owner().get(&at).await.expect(200);
    assert_eq!((&nothing.json["pieces"], &nothing.json["next"]), (&json!([]), &json!(0)));

    says(&world, 1, RunHappening::Started).await;
    // Whoever waits is answered by the next word, not by the end of the time.
    let url = format!("{at}?after=1&wait=5");
    let owner = world.owner();
    let waiting = owner.get(&url);
    let talking = async {
        let printed = RunHappening::Output { stream: Stream::Stdout, data: "aGVsbG8KG1szMW0=".into() };
        says(&world, 2, printed).await;
    };
    let (answer, ()) =
        tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(waiting, talking) })
            .await
            .expect("an answer before the time is up");
    let piece = &answer.expect(200).json["pieces"][0];
    assert_eq!((&piece["stream"], &piece["text"]), (&json!("stdout"), &json!("hello\n\u{1b}[31m")));
    assert_eq!(piece["data"], "aGVsbG8KG1szMW0=");

    says(&world, 3, RunHappening::Finished { exit_code: Some(3), reason: None }).await;
    let end = world.owner().get(&format!("{at}?after=2&wait=5")).await.expect(200);
    assert_eq!((&end.json["run"]["state"], &end.json["run"]["exit_code"]), (&json!("finished"), &json!(3)));
    // A run that has ended keeps nobody waiting.
    world.owner().get(&format!("{at}?after=3&wait=5")).await.expect(200);
    for bad in ["wait=6", "after=-1", "after=x"] {
        world.owner().get(&format!("{at}?{bad}")).await.problem(422, "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_lets_nobody_wait() {
    let world = World::full().await;
    world.stop();
    let at = format!("/runs/{}/output?wait=5", world.ids["run"]);
    let owner = world.owner();
    let answer = tokio::time::timeout(Duration::from_secs(20), owner.get(&at)).await;
    answer.expect("an answer before the time is up").expect(200);
}
