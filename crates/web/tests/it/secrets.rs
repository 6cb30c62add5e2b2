//! What is secret is shown once, in the answer that made it, and never again.

use sallyport_web::rest::{Needs, table};
use serde_json::json;

use crate::{
    authz::request,
    people::HOME,
    world::{World, text},
};

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_to_a_get_holds_a_secret() {
    let mut world = World::full().await;
    let password = "canary canary hovercraft";
    world.owner().put("/users/alice/password", json!({ "password": password })).await.expect(200);
    let rotated = world.owner().act("/applications/vpn/rotate").await.expect(201);
    world.secrets.push(text(&rotated.json["skey"]));
    // What is kept of passwords is nobody's to read either.
    world.secrets.extend([password.to_owned(), "$argon2".into(), "$6$".into()]);
    assert!(world.secrets.len() > 15 && world.secrets.iter().all(|secret| secret.len() >= 3));
    // What people read of themselves is nobody else's, an owner's token's neither.
    let ada = world.person("ada", &[]).await;
    let token = world.signed_in(&ada).await;
    world.secrets.extend([data_encoding::BASE32_NOPAD.encode(&ada.seed), token.clone()]);
    for route in table().into_iter().filter(|route| route.method == "GET") {
        let (path, _) = request(&world, "GET", route.path);
        let caller = match route.needs {
            Needs::BothDoors | Needs::Session => world.with_token(&token).at(HOME),
            Needs::Nothing | Needs::Right(_) | Needs::Token => world.owner(),
        };
        let answer = caller.get(&path).await.expect(200);
        for secret in &world.secrets {
            let plain = secret.replace('-', "");
            assert!(
                !answer.text.contains(secret.as_str()) && !answer.text.contains(&plain),
                "{path} tells {secret}"
            );
        }
    }
}

/// Whatever was shown while it was made, or was typed in to be kept: keys and tokens of other services, seeds of a box of
/// hardware tokens, codes, handles.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_rests_in_the_clear() {
    let mut world = World::full().await;
    let imported = "{SSHA}wVj1FGFwIwWwgldgpH2hvO/RuOdtTQlB";
    let people = format!("name,active,password_hash\nimported,yes,{imported}\n");
    let kind = ("text/csv", people);
    world.owner().send(axum::http::Method::POST, "/users/import", Some(kind)).await.expect(200);
    world.secrets.extend([imported, "wVj1FGFwIwWwgldgpH2hvO"].map(str::to_owned));
    let ada = world.person("ada", &[]).await;
    world
        .secrets
        .extend([&data_encoding::BASE32_NOPAD, &data_encoding::HEXLOWER].map(|code| code.encode(&ada.seed)));
    let dump = world.dump();
    let rests = |needle: &[u8]| dump.windows(needle.len()).any(|window| window == needle);
    assert!(rests(b"alice@example.com"), "this is the database");
    for secret in &world.secrets {
        assert!(secret.len() >= 6, "{secret} is hardly one");
        let plain = secret.replace(['-', ' '], "");
        let raw =
            data_encoding::HEXLOWER_PERMISSIVE.decode(plain.as_bytes()).ok().filter(|raw| raw.len() > 8);
        assert!(!rests(secret.as_bytes()) && !rests(plain.as_bytes()), "{secret} rests in the clear");
        assert!(raw.is_none_or(|raw| !rests(&raw)), "{secret} rests in the clear");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_does_not_repeat_a_secret() {
    let world = World::full().await;
    let refused = world.owner().put("/users/alice/password", json!({ "password": "canary" })).await;
    refused.problem(422, "invalid");
    assert!(!refused.text.contains("canary"));
    let refused = world.with_token("spt_canary").get("/users").await;
    refused.problem(401, "unauthenticated");
    assert!(!refused.text.contains("canary"));
}
