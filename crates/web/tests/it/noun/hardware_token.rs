use serde_json::json;

use crate::world::{PASSWORD, World, text};

/// Whether this code opens the second door of the API for alice.
async fn opens(world: &World, passcode: &str) -> bool {
    let alice = json!({ "name": "alice", "password": PASSWORD });
    let begun = world.caller("nobody").post("/sign-in", alice).await.expect(200);
    let given = json!({ "handle": begun.json["handle"], "passcode": passcode });
    world.caller("nobody").post("/sign-in/second-door", given).await.json["step"] == "signed_in"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_imported_handed_out_used_brought_into_step_and_taken_back() {
    let world = World::full().await;
    let file = json!({ "file": "serial,kind,secret\nSN-1,hotp,00\nSN-4,totp,dadadadadadadadadadadadadadadadadadadada\n" });
    let plan = world.owner().post("/hardware-tokens/import?dry_run=true", file.clone()).await.expect(200);
    world.owner().get("/hardware-tokens/SN-4").await.problem(404, "not-found");
    let done = world.owner().post("/hardware-tokens/import", file).await.expect(200);
    assert_eq!(plan.json["rows"], done.json["rows"]);
    assert_eq!([&done.json["created"], &done.json["refused"]], [1, 1]);

    let token = "/hardware-tokens/SN-1";
    let assign = format!("{token}/assign");
    world.owner().post(&assign, json!({ "user": "nobody-here" })).await.problem(404, "not-found");
    let given = world.owner().post(&assign, json!({ "user": "alice" })).await.expect(200);
    assert_eq!(given.json["holder"]["user"], world.ids["alice"]);
    world.owner().post(&assign, json!({ "user": "alice" })).await.problem(409, "conflict");
    let factors = world.owner().get("/users/alice/factors").await.expect(200);
    let factors = factors.json["items"].as_array().expect("factors");
    let token_of_alice = factors.iter().find(|factor| factor["kind"] == "hardware_token").expect("a token");
    assert_eq!(token_of_alice["token"], world.ids["hardware_token"]);
    let unassigned = world.owner().get("/hardware-tokens?state=unassigned").await.expect(200);
    assert!(!unassigned.text.contains("SN-1") && unassigned.text.contains("SN-4"));

    // RFC 4226, appendix D.
    assert!(opens(&world, "755224").await);
    assert!(!opens(&world, "755224").await);
    let resync = format!("{token}/resync");
    world.owner().post(&resync, json!({ "codes": ["755224", "287082"] })).await.problem(422, "invalid");
    world.owner().post(&resync, json!({ "codes": ["162583"] })).await.problem(422, "invalid");
    world.owner().post(&resync, json!({ "codes": ["162 583", "399871"] })).await.expect(200);
    assert!(!opens(&world, "399871").await);
    assert!(opens(&world, "520489").await);

    world.owner().delete(token).await.problem(409, "conflict");
    world.owner().act(&format!("{token}/unassign")).await.expect(200);
    world.owner().act(&format!("{token}/unassign")).await.problem(409, "conflict");
    world.owner().delete(token).await.expect(204);
    let changes = world.owner().get(&format!("/changes?subject={}", world.ids["hardware_token"])).await;
    let verbs: Vec<String> =
        changes.expect(200).json["items"].as_array().unwrap().iter().map(|c| text(&c["verb"])).collect();
    for verb in ["import", "assign", "resync", "unassign", "delete"] {
        assert!(verbs.iter().any(|known| known == verb), "{verb} is not among {verbs:?}");
    }
}

/// The encrypted example of RFC 6030 and the key of its section 6.1: a button with the seed of RFC 4226 and eight digits.
#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_file_is_taken_in_with_its_key_alone_and_its_codes_open_the_second_door() {
    let world = World::full().await;
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let file = std::fs::read_to_string(format!("{root}/../../fuzz/seeds/pskc/good-encrypted")).unwrap();
    // Another has its secret, which is nobody's.
    world.owner().delete("/hardware-tokens/SN-1").await.expect(204);
    let import = "/hardware-tokens/import";
    for key in [None, Some("123456789012345678901234567890"), Some("twelve")] {
        let refused = world.owner().post(import, json!({ "file": file, "key": key })).await;
        refused.problem(422, "invalid");
    }
    let whole = json!({ "file": file, "key": "12345678901234567890123456789012" });
    let done = world.owner().post(import, whole).await.expect(200);
    assert_eq!([&done.json["created"], &done.json["refused"]], [1, 0], "{}", done.text);
    assert!(!done.text.contains("12345678901234567890"), "{}", done.text);
    world.owner().post("/hardware-tokens/987654321/assign", json!({ "user": "alice" })).await.expect(200);
    assert!(!opens(&world, "755224").await, "six of the digits");
    assert!(opens(&world, "84755224").await);
    assert!(!opens(&world, "84755224").await);
    assert!(opens(&world, "94287082").await);
}
