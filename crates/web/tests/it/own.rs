//! What people see and end of their own by a program: sessions, remembered browsers and sign-ins.

use sallyport_app::settings;
use sallyport_model::{Span, settings::SecondDoorPolicy};
use serde_json::{Value, json};

use crate::{
    people::{HOME, TRAIN},
    world::{World, text},
};

fn items(answer: &Value) -> &Vec<Value> {
    answer["items"].as_array().expect("items")
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_and_end_their_own_sessions_by_a_program_and_nobody_elses() {
    let world = World::full().await;
    let (ada, bea) = (world.person("ada", &[]).await, world.person("bea", &[]).await);
    let token = world.signed_in(&ada).await;
    let (other, third) = (world.signed_in(&ada).await, world.signed_in(&ada).await);
    let beas = world.signed_in(&bea).await;
    let call = || world.with_token(&token).at(HOME);
    let mine = call().get("/me/sessions").await.expect(200).json;
    let present: Vec<bool> =
        items(&mine).iter().map(|session| session["present"].as_bool().expect("a flag")).collect();
    assert_eq!((present.len(), present.iter().filter(|present| **present).count()), (3, 1), "{mine}");

    // One by its id, and nobody else's.
    let others = world.with_token(&other).at(HOME).get("/me/sessions").await.expect(200).json;
    let is_present = |session: &&Value| session["present"] == json!(true);
    let others = text(&items(&others).iter().find(is_present).expect("its own")["id"]);
    world
        .with_token(&beas)
        .at(HOME)
        .delete(&format!("/me/sessions/{others}"))
        .await
        .problem(404, "not-found");
    world.with_token(&other).at(HOME).get("/me/sessions").await.expect(200);
    call().delete(&format!("/me/sessions/{others}")).await.expect(204);
    world.with_token(&other).at(HOME).get("/me").await.problem(401, "unauthenticated");

    // All others, for which one door is enough; which ones there are is told behind both.
    let by_one = world.by_one_door(&ada).await;
    world.with_token(&by_one).at(HOME).get("/me/sessions").await.problem(403, "second-door");
    world.with_token(&token).at(TRAIN).get("/me/sessions").await.problem(403, "step-up");
    let ended = world.with_token(&by_one).at(HOME).delete("/me/sessions").await.expect(200).json;
    assert_eq!(ended["ended"], 2);
    for ended in [&token, &third] {
        world.with_token(ended).at(HOME).get("/me").await.problem(401, "unauthenticated");
    }
    world.with_token(&by_one).at(HOME).get("/me").await.expect(200);
    world.with_token(&beas).at(HOME).get("/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_forgets_the_browsers_of_somebody_else_as_if_they_were_their_own() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    let token = world.signed_in(&ada).await;
    let call = || world.with_token(&token).at(HOME);
    let alices = world.ids["browser"].clone();
    assert_eq!(call().get("/me/remembered-browsers").await.expect(200).json["items"], json!([]));
    call().delete(&format!("/me/remembered-browsers/{alices}")).await.problem(404, "not-found");
    call().delete("/me/remembered-browsers").await.expect(204);
    let still_there = format!("/users/alice/remembered-browsers/{alices}");
    world.owner().delete(&still_there).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_sign_ins_say_in_plain_words_what_happened_and_not_by_which_rule() {
    let world = World::full().await;
    let ada = world.person("ada", &[]).await;
    world.first_door("ada", "not my password at all").await.problem(401, "refused");
    world.advance(Span::seconds(1));
    let mut rules = settings::show(&world.system()).await.expect("settings").value;
    rules.policy.second_door = Some(SecondDoorPolicy::Never);
    settings::update(&world.system(), None, rules.clone()).await.expect("changed");
    world.first_door("ada", crate::world::PASSWORD).await.expect(200);
    world.advance(Span::seconds(1));
    rules.policy.second_door = Some(SecondDoorPolicy::Always);
    settings::update(&world.system(), None, rules).await.expect("changed");
    let token = world.signed_in(&ada).await;
    let call = || world.with_token(&token).at(HOME);
    let mine = call().get("/me/sign-ins?limit=2").await.expect(200).json;
    let rest = format!("/me/sign-ins?after={}", text(&mine["next"]));
    let rest = call().get(&rest).await.expect(200).json;
    let told: Vec<(&Value, &Value)> =
        items(&mine).iter().chain(items(&rest)).map(|row| (&row["state"], &row["explanation"])).collect();
    assert_eq!(
        told,
        [
            (&json!("allowed"), &json!(["both doors were passed", "the second door was asked for"])),
            (&json!("allowed"), &json!(["no second door was asked for"])),
            (&json!("denied"), &json!(["wrong password"])),
        ]
    );
    assert_eq!(mine["items"][0]["second_door"]["kind"], "totp", "{mine}");
    for rule in ["policy", "reasons", "factor_id", "epoch"] {
        assert!(!mine.to_string().contains(rule), "{mine}");
    }
    world.with_token(&token).at(TRAIN).get("/me/sign-ins").await.problem(403, "step-up");
    let by_one = world.by_one_door(&ada).await;
    world.with_token(&by_one).at(HOME).get("/me/sign-ins").await.problem(403, "second-door");
}
