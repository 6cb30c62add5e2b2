//! Signing in at the API by both doors, what came of it, and who tries to come by what.

use std::collections::BTreeSet;

use axum::http::Method;
use sallyport_app::user;
use sallyport_crypto::totp;
use sallyport_model::{Action, Role, Span};
use sallyport_web::rest::{Needs, table};
use serde_json::{Value, json};

use crate::{
    authz::request,
    people::{HOME, TRAIN},
    telephony::carried,
    world::{Answer, PASSWORD, World, text},
};

impl World {
    /// Sends every route that needs a right what somebody with the right would be granted, and collects what is not
    /// refused with this problem.
    async fn not_refused(&self, token: &str, address: [u8; 4], kind: &str) -> Vec<String> {
        let mut let_through = Vec::new();
        // What is one's own takes both doors and no right.
        let concerns = |needs| match needs {
            Needs::BothDoors => kind != "denied",
            Needs::Right(_) => true,
            Needs::Nothing | Needs::Session | Needs::Token => false,
        };
        for route in table().into_iter().filter(|route| concerns(route.needs)) {
            let (path, body) = request(self, route.method.as_str(), route.path);
            let csv = path.starts_with("/users/import");
            let body = body.map(|body| (if csv { "text/csv" } else { "application/json" }, body));
            let answer = self.with_token(token).at(address).send(route.method.clone(), &path, body).await;
            if answer.status != 403 || answer.json["type"] != format!("urn:sallyport:problem:{kind}") {
                let_through.push(format!("{} {path}: {} {}", route.method, answer.status, answer.text));
            }
        }
        let_through
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_doors_open_the_api_to_a_person_with_their_roles_until_they_sign_out() {
    let world = World::full().await;
    let ada = world.person("ada", &[Role::Auditor]).await;
    let begun = world.first_door("ada", PASSWORD).await.expect(200);
    assert_eq!(begun.json["step"], "second_door");
    assert_eq!(begun.json["offers"][0]["kind"], "totp");
    let opened = world.second_door(&text(&begun.json["handle"]), &world.fresh_code(&ada)).await.expect(200);
    assert_eq!((&opened.json["step"], &opened.json["both_doors"]), (&json!("signed_in"), &json!(true)));
    assert_eq!((&opened.json["roles"], &opened.json["idle_seconds"]), (&json!(["auditor"]), &json!(900)));
    for answer in [&begun, &opened] {
        assert_eq!((answer.header("set-cookie"), answer.header("cache-control")), ("", "no-store"));
    }
    let token = text(&opened.json["token"]);
    let call = || world.with_token(&token).at(HOME);
    let me = call().get("/me").await.expect(200);
    assert_eq!((&me.json["kind"], &me.json["name"]), (&json!("user"), &json!("ada")));
    assert!(me.json["rights"].as_array().expect("rights").contains(&json!("read_audit")));
    call().get("/users").await.expect(200);
    call().act("/users/alice/suspend").await.problem(403, "denied");

    let sessions = world.owner().get("/users/ada/sessions").await.expect(200);
    let session = &sessions.json["items"][0];
    assert_eq!((&session["bearer"], &session["networks"]), (&json!(true), &json!(["192.0.2.0/24"])));
    let log = world.owner().get("/users/ada/sign-ins").await.expect(200);
    let newest = &log.json["items"][0];
    assert_eq!((&newest["resource"]["kind"], &newest["source"]), (&json!("api"), &json!("192.0.2.7")));
    assert_eq!(newest["reasons"], json!(["both_doors_passed", "policy_requires_second_door"]));

    call().act("/sign-out").await.expect(204);
    call().get("/me").await.problem(401, "unauthenticated");
    assert_eq!(world.owner().get("/users/ada/sessions").await.expect(200).json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_owner_may_do_with_an_api_token_they_may_do_signed_in() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    let token = world.signed_in(&olga).await;
    for route in table().into_iter().filter(|route| matches!(route.needs, Needs::Right(_))) {
        let (path, body) = request(&world, route.method.as_str(), route.path);
        let csv = path.starts_with("/users/import");
        let body = body.map(|body| (if csv { "text/csv" } else { "application/json" }, body));
        let answer = world.with_token(&token).at(HOME).send(route.method.clone(), &path, body).await;
        let status = answer.status.as_u16();
        // What the one before did may stand in the way, but no missing right.
        assert!(!matches!(status, 401 | 403) && status < 500, "{} {path}: {}", route.method, answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_role_reaches_nothing_of_others() {
    let world = World::full().await;
    let bob = world.person("bob", &[]).await;
    let token = world.signed_in(&bob).await;
    assert_eq!(world.not_refused(&token, HOME, "denied").await, [""; 0]);
    assert_eq!(world.with_token(&token).at(HOME).get("/me").await.expect(200).json["rights"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_door_alone_opens_no_administration() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    world.person("bob", &[]).await;
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["second_door"] = json!({ "when": "never" });
    world.owner().put("/settings", settings).await.expect(200);
    let administrator = world.first_door("olga", PASSWORD).await.expect(200);
    assert_eq!(administrator.json["step"], "second_door", "whatever policy says");
    let opened = world.first_door("bob", PASSWORD).await.expect(200);
    assert_eq!((&opened.json["step"], &opened.json["both_doors"]), (&json!("signed_in"), &json!(false)));
    // An administrator comes by no such session; if they had one, it would open nothing.
    for token in [text(&opened.json["token"]), world.by_one_door(&olga).await] {
        assert_eq!(world.not_refused(&token, HOME, "second-door").await, [""; 0]);
        let me = world.with_token(&token).at(HOME).get("/me").await.expect(200);
        assert_eq!(me.json["rights"], json!([]));
        world.step_up(&token, "000000").await.problem(403, "second-door");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_taken_to_another_network_opens_nothing_until_a_code_is_given_there() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    let token = world.signed_in(&olga).await;
    assert_eq!(world.not_refused(&token, TRAIN, "step-up").await, [""; 0]);
    assert_eq!(world.with_token(&token).at(TRAIN).get("/me").await.expect(200).json["roles"], json!([]));
    world.with_token(&token).get("/users").await.problem(403, "step-up");
    world.step_up(&token, "000000").await.problem(422, "wrong-code");
    let proved = world.step_up(&token, &world.fresh_code(&olga)).await.expect(200);
    let proved = text(&proved.json["token"]);
    world.with_token(&token).at(HOME).get("/users").await.problem(401, "unauthenticated");
    world.with_token(&proved).at(TRAIN).get("/users").await.expect(200);
    world.with_token(&proved).at(HOME).get("/users").await.expect(200);
    let log = world.owner().get("/users/olga/sign-ins").await.expect(200);
    let newest = &log.json["items"][0];
    assert_eq!((&newest["resource"]["kind"], &newest["reasons"]), (&json!("api"), &json!(["stepped_up"])));
}

/// Between the doors a program has a handle, which is no session.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_opens_between_the_doors() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    let handle = world.handle(&olga).await;
    world.second_door(&handle, "000000").await.problem(422, "wrong-code");
    let mut tried = 0;
    for route in table().into_iter().filter(|route| route.needs != Needs::Nothing) {
        let (path, body) = request(&world, route.method.as_str(), route.path);
        let csv = path.starts_with("/users/import");
        let body = body.map(|body| (if csv { "text/csv" } else { "application/json" }, body));
        let answer = world.with_token(&handle).at(HOME).send(route.method.clone(), &path, body).await;
        answer.problem(401, "unauthenticated");
        tried += 1;
    }
    assert!(tried > 100, "only {tried} routes were tried");
    world.second_door(&handle, &world.fresh_code(&olga)).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_fails_at_the_first_door_gets_the_same_answer() {
    let world = World::full().await;
    let susan = world.person("susan", &[]).await;
    world.person("ada", &[]).await;
    world.owner().act(&format!("/users/{}/suspend", susan.id)).await.expect(200);
    let wrong = world.first_door("ada", "wrong").await;
    wrong.problem(401, "refused");
    for (name, password) in
        [("nobody-here", PASSWORD), ("susan", PASSWORD), ("stella", PASSWORD), ("", PASSWORD), ("ada", "")]
    {
        let other = world.first_door(name, password).await;
        assert_eq!((other.status, &other.text), (wrong.status, &wrong.text), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_is_good_for_its_person_once_and_for_five_minutes() {
    let world = World::full().await;
    let (ada, eve) = (world.person("ada", &[Role::Owner]).await, world.person("eve", &[]).await);
    for invented in ["", "sph_", "sph_0000000000000000000000000000000000000000000"] {
        world.second_door(invented, &world.code(&ada)).await.problem(410, "gone");
    }
    let handle = world.handle(&ada).await;
    // Neither another's code nor none.
    for code in [world.fresh_code(&eve), String::new(), "000000".into()] {
        world.second_door(&handle, &code).await.problem(422, "wrong-code");
    }
    let code = world.code(&ada);
    world.second_door(&handle, &code).await.expect(200);
    world.second_door(&handle, &world.fresh_code(&ada)).await.problem(410, "gone");
    let again = world.handle(&ada).await;
    let used = world.second_door(&again, &world.code(&ada)).await;
    assert_eq!(used.status, 200, "a code that only a dead handle was given is not spent: {}", used.text);
    let repeated = world.handle(&ada).await;
    world.second_door(&repeated, &world.code(&ada)).await.problem(422, "wrong-code");
    let late = world.handle(&ada).await;
    world.advance(Span::seconds(301));
    world.second_door(&late, &world.code(&ada)).await.problem(410, "gone");
    // What somebody else began with their own password ends as themselves.
    let own = world.handle(&eve).await;
    world.second_door(&own, &world.fresh_code(&ada)).await.problem(422, "wrong-code");
    let opened = world.second_door(&own, &world.code(&eve)).await.expect(200);
    assert_eq!((&opened.json["name"], &opened.json["roles"]), (&json!("eve"), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_at_the_portal_opens_no_api() {
    use sallyport_app::signin::{self, Begin, FirstDoorProof, Step};
    use sallyport_model::signin::Resource;
    let world = World::full().await;
    let ada = world.person("ada", &[Role::Owner]).await;
    let begin = Begin {
        name: "ada".into(),
        resource: Resource::Portal,
        first_door: FirstDoorProof::Password(PASSWORD.into()),
    };
    let Step::SecondDoor(step) = signin::begin(&world.nobody(), begin).await.expect("begun") else {
        panic!()
    };
    world.second_door(step.handle.expose(), &world.fresh_code(&ada)).await.problem(401, "unauthenticated");
    assert_eq!(world.owner().get("/users/ada/sessions").await.expect(200).json["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_either_door_are_held_back_and_told_how_long() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    let waits = |answer: &Answer| answer.header("retry-after").parse::<u32>().expect("seconds");
    for _ in 0..6 {
        world.first_door("ada", "wrong").await.problem(401, "refused");
    }
    let held = world.first_door("ada", PASSWORD).await;
    held.problem(429, "too-many");
    assert!((1..=30).contains(&waits(&held)), "{}", waits(&held));
    world.advance(Span::minutes(20));
    let handle = world.handle(&ada).await;
    for _ in 0..5 {
        world.second_door(&handle, "000000").await.problem(422, "wrong-code");
    }
    let held = world.second_door(&handle, &world.code(&ada)).await;
    held.problem(429, "too-many");
    assert!(waits(&held) > 0);
    world.second_door(&handle, &world.code(&ada)).await.problem(410, "gone");
    // Administrators see it, where they look for her and where they ask what holds.
    let seen = world.owner().get("/users/ada").await.expect(200);
    let until = &seen.json["held_back"]["second_door_until"];
    assert!(until.is_i64() && seen.json["held_back"]["password_until"].is_null(), "{}", seen.json);
    assert_eq!((&seen.json["name"], seen.json["version"].is_i64()), (&json!("ada"), true), "{}", seen.json);
    let holds = world.owner().get("/users/ada/effective-policy").await.expect(200);
    assert_eq!((&holds.json["decision"], &holds.json["second_door_shut_until"]), (&json!("deny"), until));
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_voids_what_was_proved_ends_the_session_at_once() {
    let world = World::full().await;
    // An owner waits for a day before they set another's password; the machine does not.
    let ada = world.person("ada", &[Role::Owner]).await;
    let token = world.signed_in(&ada).await;
    user::set_password(&world.system(), ada.id, &"walnut ferry umbrella".into()).await.expect("a password");
    world.with_token(&token).at(HOME).get("/users").await.problem(401, "unauthenticated");
    world.with_token(&token).at(HOME).get("/me").await.problem(401, "unauthenticated");
    for (name, method, what, body) in [
        ("eva", Method::PUT, "roles", json!({ "roles": ["auditor"] })),
        ("ida", Method::DELETE, "sessions", Value::Null),
        ("uma", Method::POST, "lock-password", Value::Null),
        ("zoe", Method::POST, "suspend", Value::Null),
    ] {
        let person = world.person(name, &[Role::Owner]).await;
        let token = world.signed_in(&person).await;
        world.with_token(&token).at(HOME).get("/users").await.expect(200);
        let body = (!body.is_null()).then(|| ("application/json", body.to_string()));
        world.owner().send(method, &format!("/users/{name}/{what}"), body).await.expect(200);
        world.with_token(&token).at(HOME).get("/users").await.problem(401, "unauthenticated");
        world.with_token(&token).at(HOME).get("/me").await.problem(401, "unauthenticated");
    }
    let ida = world.first_door("ida", PASSWORD).await.expect(200);
    assert_eq!(ida.json["step"], "second_door", "her sessions ended and nothing else");
    world.first_door("zoe", PASSWORD).await.problem(401, "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrators_session_ends_after_fifteen_idle_minutes_and_eight_hours() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    let (idle, busy) = (world.signed_in(&olga).await, world.signed_in(&olga).await);
    let started = world.system().now;
    while world.system().now.since(started) < Span::minutes(8 * 60 - 10) {
        world.advance(Span::minutes(10));
        world.with_token(&busy).at(HOME).get("/users").await.expect(200);
    }
    world.with_token(&idle).at(HOME).get("/users").await.problem(401, "unauthenticated");
    world.advance(Span::minutes(11));
    world.with_token(&busy).at(HOME).get("/users").await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_to_set_a_new_password_is_told_and_may_only_leave() {
    let world = World::full().await;
    let olga = world.person("olga", &[Role::Owner]).await;
    world.advance(Span::days(3));
    let mut settings = world.owner().get("/settings").await.expect(200).json;
    settings["passwords"]["expire_after_days"] = json!(1);
    world.owner().put("/settings", settings).await.expect(200);
    let handle = world.handle(&olga).await;
    let opened = world.second_door(&handle, &world.fresh_code(&olga)).await.expect(200);
    assert_eq!(opened.json["password_expired"], true);
    let token = text(&opened.json["token"]);
    assert_eq!(world.not_refused(&token, HOME, "denied").await, [""; 0]);
    world.with_token(&token).at(HOME).get("/me").await.problem(403, "denied");
    world.step_up(&token, &world.fresh_code(&olga)).await.problem(403, "denied");
    world.with_token(&token).at(HOME).act("/sign-out").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_alone_enrols_nothing_and_opens_nothing() {
    let world = World::full().await;
    let input = json!({ "name": "carl", "active": true });
    world.owner().post("/users", input).await.expect(201);
    world.owner().put("/users/carl/password", json!({ "password": PASSWORD })).await.expect(200);
    world.first_door("carl", PASSWORD).await.problem(403, "enrollment-needed");
    assert_eq!(world.owner().get("/users/carl/sessions").await.expect(200).json["items"], json!([]));
}

#[test]
fn the_rights_in_the_table_are_all_that_there_are() {
    // What the tests above say of every right they say of these.
    let needed: BTreeSet<String> = table()
        .iter()
        .filter_map(|route| match route.needs {
            Needs::Right(action) => Some(format!("{action:?}")),
            Needs::BothDoors | Needs::Nothing | Needs::Session | Needs::Token => None,
        })
        .collect();
    let all: BTreeSet<String> = Action::ALL.iter().map(|action| format!("{action:?}")).collect();
    assert_eq!(needed, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_look_after_their_own_factors_by_a_program_behind_both_doors() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    let token = world.signed_in(&ada).await;
    let call = || world.with_token(&token).at(HOME);
    let mine = call().get("/me/factors").await.expect(200).json;
    let app = text(&mine["items"][0]["id"]);
    let renamed = call().patch(&format!("/me/factors/{app}"), json!({ "name": "Old app" })).await.expect(200);
    assert_eq!((&renamed.json["name"], &renamed.json["id"]), (&json!("Old app"), &json!(app)));

    // One more application, with its first code; the handle is good once, and only for whoever began.
    let begun = call().act("/me/factors/totp").await.expect(201).json;
    let seed = data_encoding::BASE32_NOPAD.decode(text(&begun["seed"]).as_bytes()).expect("a seed");
    assert!(text(&begun["uri"]).starts_with("otpauth://totp/"));
    let code = totp::code(&seed, totp::step_at(world.system().now.unix_seconds()));
    let confirm = json!({ "handle": begun["handle"], "passcode": code });
    let bea = world.person("bea", &[]).await;
    let other = world.signed_in(&bea).await;
    world
        .with_token(&other)
        .at(HOME)
        .post("/me/factors/totp/confirm", confirm.clone())
        .await
        .problem(409, "conflict");
    let wrong = json!({ "handle": begun["handle"], "passcode": "000000" });
    call().post("/me/factors/totp/confirm", wrong).await.problem(422, "invalid");
    let code = totp::code(&seed, totp::step_at(world.system().now.unix_seconds()));
    let confirm = json!({ "handle": begun["handle"], "passcode": code });
    call().post("/me/factors/totp/confirm", confirm.clone()).await.expect(201);
    call().post("/me/factors/totp/confirm", confirm).await.problem(409, "conflict");

    // A number, by the code that came there.
    let number = json!({ "number": "+15005550014", "name": "Pocket" });
    let pending = call().post("/me/factors/number", number).await.expect(201).json;
    assert_eq!(pending["last_four"], "0014");
    let wrong = json!({ "handle": pending["handle"], "passcode": "0000000" });
    call().post("/me/factors/number/confirm", wrong).await.problem(422, "invalid");
    let texts = carried(&world).await;
    let text_there =
        texts["texts"].as_array().expect("texts").iter().find(|sent| sent["to"] == "+15005550014");
    let words = text(&text_there.expect("a text")["body"]);
    let code = words.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 7).expect("a code");
    let confirm = json!({ "handle": pending["handle"], "passcode": code });
    let made = call().post("/me/factors/number/confirm", confirm.clone()).await.expect(201).json;
    assert_eq!((&made["name"], &made["kind"]), (&json!("Pocket"), &json!("phone")));
    call().post("/me/factors/number/confirm", confirm).await.problem(409, "conflict");

    // A phone takes its own browser; what begins it is given here.
    let code = call().act("/me/factors/push").await.expect(201).json;
    assert!(text(&code["url"]).starts_with("https://sallyport.example.com/phone#"), "{code}");
    call().act(&format!("/me/factors/{app}/reactivate")).await.problem(409, "conflict");

    // Nobody else's, and nothing from elsewhere.
    world.with_token(&other).at(HOME).delete(&format!("/me/factors/{app}")).await.problem(404, "not-found");
    world.with_token(&token).at(TRAIN).get("/me/factors").await.problem(403, "step-up");
    world
        .with_token(&world.by_one_door(&ada).await)
        .at(HOME)
        .get("/me/factors")
        .await
        .problem(403, "second-door");

    // Removing one ends what was proved with it; the last stays.
    call().delete(&format!("/me/factors/{app}")).await.expect(204);
    call().get("/me/factors").await.problem(401, "unauthenticated");
    let last = world.owner().get("/users/bea/factors").await.expect(200).json;
    let last = format!("/me/factors/{}", text(&last["items"][0]["id"]));
    world.with_token(&other).at(HOME).delete(&last).await.problem(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_stop_what_was_asked_of_them_by_a_program_too_and_one_door_is_enough() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    let asked = json!({ "what": "add_phone", "reason": "lost in Crete", "number": "+15005550019" });
    let reset = world.caller("help_desk").post("/users/ada/resets", asked).await.expect(201).json;
    let token = world.by_one_door(&ada).await;
    let call = || world.with_token(&token).at(TRAIN);
    let mine = call().get("/me/resets").await.expect(200).json;
    assert_eq!((&mine["items"][0]["id"], mine["items"].as_array().expect("items").len()), (&reset["id"], 1));
    // Behind one door: neither the words for the second person, nor the number.
    let is_told =
        |shown: &serde_json::Value| ["Crete", "5550019", "0019"].map(|part| shown.to_string().contains(part));
    assert_eq!((is_told(&mine), is_told(&reset)), ([false; 3], [true; 3]), "{mine}");
    let what = &mine["items"][0]["what"];
    assert!(what == "add_phone" && text(&mine["items"][0]["author"]).contains("help_desk"), "{mine}");
    let alices = format!("/me/resets/{}/stop", world.ids["reset"]);
    call().act(&alices).await.problem(403, "denied");
    let stopped = call().act(&format!("/me/resets/{}/stop", text(&reset["id"]))).await.expect(200).json;
    assert_eq!((&stopped["state"], is_told(&stopped)), (&json!("refused"), [false; 3]));
    let seen = world.owner().get(&format!("/resets/{}", text(&reset["id"]))).await.expect(200).json;
    assert_eq!((&seen["state"], &seen["by"]["name"]), (&json!("refused"), &json!("ada")));
    assert_eq!(call().get("/me/resets").await.expect(200).json["items"], json!([]));
}
