//! Codes, tokens and passkeys, as a program handles them.

use super::*;

#[tokio::test]
async fn codes_replace_unused_ones_and_end_nobodys_session() {
    let house = house().await;
    let test = &house.test;
    let alice = person(test, "alice").await;
    let path = house.at("alice", "/bypass_codes").await;
    let epoch = async || user::resolve(&test.system(), "alice").await.unwrap().credential_epoch;
    let before = epoch().await;
    let first = house.ok("POST", &path, json!({ "count": 3 })).await;
    let second = house.ok("POST", &path, json!({ "count": 1 })).await;
    assert_eq!(house.ok("GET", &path, json!({})).await.as_array().unwrap().len(), 1);
    assert_eq!(epoch().await, before);
    let open = async |code: &Value| {
        let step = to_second_door(&test.nobody(), "alice").await;
        let code = Secret::from(code.as_str().unwrap());
        matches!(signin::passcode(&test.nobody(), &step.handle, &code).await.unwrap(), Step::Allowed(_))
    };
    assert!(!open(&first[0]).await, "it was replaced");
    assert!(open(&second[0]).await);
    assert!(!open(&second[0]).await, "once");
    // Ten at a time, and no more than a hundred that are open.
    for _ in 0..10 {
        house.ok("POST", &path, json!({ "preserve_existing": "true" })).await;
    }
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "preserve_existing": true })).await, 40002);
    let far = house.ok("GET", &path, json!({})).await[0]["expiration"].as_i64().unwrap();
    assert_eq!(far - test.system().now.unix_seconds(), 30 * 24 * 3600, "never is a month");
    let dump = String::from_utf8_lossy(&test.dump()).into_owned();
    assert!(!dump.contains(second[0].as_str().unwrap()), "a code rests as a hash");
    drop(alice);
}

#[tokio::test]
async fn a_token_goes_from_hand_to_hand_and_its_codes_with_nobody() {
    let house = house().await;
    let test = &house.test;
    for name in ["ada", "bob"] {
        test.user_with_password(name, PASSWORD).await;
    }
    let seed = b"12345678901234567890";
    let secret = data_encoding::HEXLOWER.encode(seed);
    let made = house
        .ok("POST", "/admin/v1/tokens", json!({ "type": "t6", "serial": "T-1", "secret": secret }))
        .await;
    let token = json!({ "token_id": made["token_id"] });
    house.ok("POST", &house.at("ada", "/tokens").await, token.clone()).await;
    assert_eq!(house.code_of_refusal("POST", &house.at("bob", "/tokens").await, token.clone()).await, 40002);
    let open = async |name: &str| {
        let step = to_second_door(&test.nobody(), name).await;
        let code = totp::code(seed, totp::step_at(test.system().now.unix_seconds()));
        matches!(
            signin::passcode(&test.nobody(), &step.handle, &code.into()).await.unwrap(),
            Step::Allowed(_)
        )
    };
    assert!(open("ada").await);
    let path = format!("/tokens/{}", made["token_id"].as_str().unwrap());
    house.ok("DELETE", &house.at("bob", &path).await, json!({})).await;
    assert_eq!(
        house.ok("GET", &house.at("ada", "/tokens").await, json!({})).await.as_array().unwrap().len(),
        1
    );
    house.ok("DELETE", &house.at("ada", &path).await, json!({})).await;
    house.ok("POST", &house.at("bob", "/tokens").await, token).await;
    assert!(!open("bob").await, "spent while it was ada's");
    let path = format!("/admin/v1/tokens/{}", made["token_id"].as_str().unwrap());
    house.ok("DELETE", &path, json!({})).await;
    assert_eq!(house.code_of_refusal("GET", &path, json!({})).await, 40401);
    assert_eq!(house.ok("GET", &house.at("bob", "").await, json!({})).await["is_enrolled"], false);
}

#[tokio::test]
async fn a_passkey_is_told_and_removed_and_what_it_proved_is_void() {
    let house = house().await;
    let test = &house.test;
    let ada = test.user("ada").await;
    let passkey = sallyport_model::Factor {
        id: test.system().id(sallyport_model::id::FactorId::new).unwrap(),
        user: ada.id,
        proof: sallyport_model::Proof::Passkey {
            credential: "abc".into(),
            transports: vec!["usb".into()],
            aaguid: "0".repeat(32),
            synced: false,
            opens_first_door: true,
            attested: None,
        },
        name: "Key ring".into(),
        duo_id: "WA0000000000000000AA".into(),
        created: test.system().now,
    };
    test.system().write(move |tx| factor::insert(tx, passkey.clone()).map(|_| ())).await.unwrap();
    let all = house.ok("GET", "/admin/v1/webauthncredentials", json!({})).await;
    assert_eq!(
        (&all[0]["credential_name"], &all[0]["user"]["username"]),
        (&json!("Key ring"), &json!("ada"))
    );
    assert_eq!(all[0]["label"], "Security Key");
    let of_user = house.ok("GET", &house.at("ada", "/webauthncredentials").await, json!({})).await;
    assert_eq!((of_user[0].get("user"), &of_user[0]["webauthnkey"]), (None, &json!("WA0000000000000000AA")));
    let told = house.ok("GET", &house.at("ada", "").await, json!({})).await;
    assert_eq!((&told["is_enrolled"], &told["webauthncredentials"]), (&json!(true), &of_user));
    let one = "/admin/v1/webauthncredentials/WA0000000000000000AA";
    assert_eq!(house.ok("GET", one, json!({})).await, all[0]);
    house.ok("DELETE", one, json!({})).await;
    assert_eq!(house.code_of_refusal("GET", one, json!({})).await, 40401);
    let after = user::resolve(&test.system(), "ada").await.unwrap();
    assert_eq!(after.credential_epoch, ada.credential_epoch + 1);
}
