//! Resets: by help desk with a second person, and of whoever has a role, by REST.

use sallyport_app::{Caller, Ctx};
use sallyport_model::{Role, Span};
use serde_json::{Value, json};

use crate::world::World;

/// A person of this role, as a second person calls.
async fn person(world: &World, name: &str, role: Role) -> Ctx {
    let input = sallyport_api::rest::CreateUser { name: name.into(), active: true, ..Default::default() };
    let id = sallyport_app::user::create(&world.system(), input).await.expect("a user").id;
    sallyport_app::user::set_roles(&world.system(), id, [role].into()).await.expect("a role");
    world.system().with_caller(Caller::Person { id, name: name.into(), roles: [role].into() })
}

#[tokio::test(flavor = "multi_thread")]
async fn help_desk_gets_codes_after_a_second_person_said_yes_and_nobody_else_sees_them() {
    let world = World::full().await;
    let desk = world.caller("help_desk");
    let refused = desk.post("/users/alice/bypass-codes", json!({})).await;
    assert!(refused.problem(409, "conflict").contains("ask for this reset first"), "{}", refused.text);
    let asked = json!({ "what": "bypass_codes", "reason": "lost the phone" });
    let made = desk.post("/users/alice/resets", asked).await.expect(201);
    let at = made.header("location").trim_start_matches("/api/v1").to_owned();
    assert_eq!(
        (&made.json["state"], &made.json["what"]),
        (&json!("waiting"), &json!({ "kind": "bypass_codes" }))
    );
    desk.post(&format!("{at}/approve"), Value::Null).await.problem(409, "conflict");
    world.owner().act(&format!("{at}/approve")).await.problem(409, "conflict");
    let rita = person(&world, "rita", Role::HelpDesk).await;
    sallyport_app::recovery::approve(&rita, at.rsplit('/').next().expect("an id").parse().expect("an id"))
        .await
        .expect("a yes");
    let shown = desk.get(&at).await.expect(200).json;
    assert_eq!((&shown["state"], &shown["by"]["who"]["name"]), (&json!("cleared"), &json!("rita")));
    let codes = desk.post("/users/alice/bypass-codes", json!({})).await.expect(201).json;
    let code = codes["codes"][0].as_str().expect("a code");
    desk.post("/users/alice/bypass-codes", json!({})).await.problem(409, "conflict");
    for caller in ["owner", "help_desk"] {
        let list = world.caller(caller).get("/resets?text=alice&state=done").await.expect(200);
        assert_eq!(list.json["items"].as_array().map(Vec::len), Some(1), "{}", list.text);
        assert!(!list.text.contains(code));
    }
    let trail =
        world.owner().get(&format!("/changes?subject={}", shown["id"].as_str().expect("an id"))).await;
    let verbs: Vec<_> =
        trail.json["items"].as_array().expect("changes").iter().map(|change| &change["verb"]).collect();
    assert_eq!(verbs, ["carry_out", "approve", "ask"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_waits_for_a_day_where_the_person_has_a_role_and_anybody_concerned_stops_it() {
    let world = World::full().await;
    world.owner().put("/users/alice/roles", json!({ "roles": ["auditor"] })).await.expect(200);
    let asked = json!({ "what": "enrollment_code", "reason": "lost the phone" });
    let made = world.owner().post("/users/alice/resets", asked.clone()).await.expect(201).json;
    assert_eq!(made["state"], "held");
    let at = format!("/resets/{}", made["id"].as_str().expect("an id"));
    world.owner().post("/users/alice/enrollment-code", json!({})).await.problem(409, "conflict");
    world.caller("help_desk").act(&format!("{at}/refuse")).await.problem(403, "denied");
    world.caller("administrator").act(&format!("{at}/refuse")).await.expect(200);
    world.advance(Span::days(1));
    world.owner().post("/users/alice/enrollment-code", json!({})).await.problem(409, "conflict");
    world.owner().post("/users/alice/resets", asked).await.expect(201);
    world.advance(Span::days(1));
    world.owner().post("/users/alice/enrollment-code", json!({})).await.expect(201);
}
