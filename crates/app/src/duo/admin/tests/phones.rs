//! Phones, and what is sent to them.

use super::*;
use crate::push::tests::{Signer, activate_with, alice, browser, first_phone};

#[tokio::test]
async fn a_phone_is_made_given_taken_back_and_given_to_somebody_else() {
    let house = house().await;
    let test = &house.test;
    let _company = Company::of(test, twilio()).await;
    for name in ["ada", "bob"] {
        test.user(name).await;
    }
    let made = json!({ "number": "+1 500 555 0010", "name": "Desk", "type": "mobile" });
    let made = house.ok("POST", "/admin/v1/phones", made).await;
    assert_eq!(
        (&made["number"], &made["type"], &made["users"]),
        (&json!("+15005550010"), &json!("Mobile"), &json!([]))
    );
    let id = made["phone_id"].as_str().unwrap().to_owned();
    let path = format!("/admin/v1/phones/{id}");
    assert_eq!(house.ok("POST", &path, json!({ "name": "Hall" })).await["name"], "Hall");
    assert_eq!(house.code_of_refusal("POST", &format!("{path}/activation_url"), json!({})).await, 40002);

    let give = json!({ "phone_id": id });
    let (ada, bob) = (house.at("ada", "/phones").await, house.at("bob", "/phones").await);
    house.ok("POST", &ada, give.clone()).await;
    house.ok("POST", &ada, give.clone()).await;
    assert_eq!(house.code_of_refusal("POST", &bob, give.clone()).await, 40002);
    let told = house.ok("GET", &path, json!({})).await;
    assert_eq!((&told["users"][0]["username"], &told["name"]), (&json!("ada"), &json!("Hall")));
    assert_eq!(told["capabilities"], json!(["sms", "phone"]));
    assert_eq!(
        house.ok("GET", &house.at("ada", "").await, json!({})).await["phones"][0]["phone_id"],
        json!(id)
    );
    let factors =
        factor::list(&test.system(), user::resolve(&test.system(), "ada").await.unwrap().id).await.unwrap();
    assert_eq!(factors[0].duo_id, id, "the same to every protocol");
    assert_eq!(house.code_of_refusal("POST", &path, json!({ "number": "+15005550011" })).await, 40002);
    assert_eq!(house.ok("POST", &path, json!({ "name": "Office" })).await["name"], "Office");
    let link = house.ok("POST", &format!("{path}/activation_url"), json!({ "valid_secs": 600 })).await;
    assert!(
        link["activation_url"].as_str().unwrap().contains("/enroll?code=") && link["valid_secs"] == 600,
        "{link}"
    );

    house.ok("DELETE", &format!("{bob}/{id}"), json!({})).await;
    house.ok("DELETE", &format!("{ada}/{id}"), json!({})).await;
    assert_eq!(house.ok("GET", &ada, json!({})).await, json!([]));
    house.ok("POST", &bob, give).await;
    let numbered = house.ok("GET", "/admin/v1/phones", json!({ "number": "+15005550010" })).await;
    assert_eq!(
        (numbered.as_array().unwrap().len(), &numbered[0]["users"][0]["username"]),
        (1, &json!("bob"))
    );
    house.ok("DELETE", &path, json!({})).await;
    assert_eq!(house.ok("GET", "/admin/v1/phones", json!({})).await, json!([]));
    for bad in [
        json!({ "type": "landline" }),
        json!({ "number": "5005550010" }),
        json!({ "number": "+15005550010", "extension": "1" }),
    ] {
        assert_eq!(house.code_of_refusal("POST", "/admin/v1/phones", bad.clone()).await, 40002, "{bad}");
    }
}

#[tokio::test]
async fn pages_of_phones_and_each_by_its_id_are_what_the_whole_list_has() {
    let house = house().await;
    let test = &house.test;
    let _company = Company::of(test, twilio()).await;
    for n in 0..3 {
        let user = test.user(&format!("user{n}")).await;
        crate::telephony::testing::phone_of(test, user.id, &format!("+1500555001{n}")).await;
    }
    let carol = test.user("carol").await;
    let (handset, page_of_carol) = first_phone(test, carol.id).await;
    for n in 3..5 {
        let made = json!({ "number": format!("+1500555001{n}") });
        house.ok("POST", "/admin/v1/phones", made).await;
    }
    let list = "/admin/v1/phones";
    let told = house.ok("GET", list, json!({})).await;
    let whole = told.as_array().unwrap();
    assert_eq!(whole.len(), 6);
    for limit in [1, 2, 4, 5] {
        let (mut walked, mut offset) = (Vec::new(), Value::Null);
        loop {
            let asked = json!({ "limit": limit, "offset": offset.as_i64().unwrap_or(0) });
            let part = house.call(&Grant::ALL, "GET", list, asked).await;
            assert_eq!(part["metadata"]["total_objects"], 6, "{part}");
            walked.extend(part["response"].as_array().unwrap().clone());
            offset = part["metadata"]["next_offset"].clone();
            if offset.is_null() {
                break;
            }
        }
        assert_eq!(&walked, whole, "{limit}");
    }
    // As those stand that were enrolled before they could be found by this id.
    let id = handset.phone.factor.id.to_string();
    let forget = {
        let (duo_id, id) = (page_of_carol.clone(), id.clone());
        move |tx: &mut crate::Tx<'_, '_>| Ok(tx.delete_alias(factor::DUO_FACTOR, &duo_id, &id)?)
    };
    test.system().write(forget).await.unwrap();
    for phone in whole {
        let path = format!("{list}/{}", phone["phone_id"].as_str().unwrap());
        assert_eq!(&house.ok("GET", &path, json!({})).await, phone);
    }
    let numbered = house.ok("GET", list, json!({ "number": "+15005550014" })).await;
    assert_eq!(numbered, json!([whole[5]]));
    // A code is no phone, whatever its id.
    house.ok("POST", &house.at("carol", "/bypass_codes").await, json!({ "count": 1 })).await;
    let codes = house.ok("GET", "/admin/v1/bypass_codes", json!({})).await;
    let code = codes[0]["bypass_code_id"].as_str().unwrap();
    assert_eq!(house.ok("GET", &format!("/admin/v1/bypass_codes/{code}"), json!({})).await, codes[0]);
    for nothing in [code, "DPXXXXXXXXXXXXXXXXXX"] {
        assert_eq!(house.code_of_refusal("GET", &format!("{list}/{nothing}"), json!({})).await, 40401);
    }
}

#[tokio::test]
async fn a_phone_of_somebody_with_a_role_is_not_given_nor_taken() {
    let house = house().await;
    let test = &house.test;
    let _company = Company::of(test, twilio()).await;
    let ada = test.user("ada").await;
    let made = house.ok("POST", "/admin/v1/phones", json!({ "number": "+15005550010" })).await;
    let give = json!({ "phone_id": made["phone_id"] });
    let path = house.at("ada", "/phones").await;
    house.ok("POST", &path, give.clone()).await;
    user::set_roles(&test.system(), ada.id, [Role::Auditor].into()).await.unwrap();
    let one = format!("{path}/{}", made["phone_id"].as_str().unwrap());
    assert_eq!(house.code_of_refusal("DELETE", &one, json!({})).await, 40301);
    let phone = format!("/admin/v1/phones/{}", made["phone_id"].as_str().unwrap());
    for (method, params) in [("DELETE", json!({})), ("POST", json!({ "name": "x" }))] {
        assert_eq!(house.code_of_refusal(method, &phone, params).await, 40301, "{method}");
    }
    for what in ["activation_url", "send_sms_activation", "send_sms_installation", "send_sms_passcodes"] {
        let path = format!("{phone}/{what}");
        assert_eq!(house.code_of_refusal("POST", &path, json!({})).await, 40301, "{what}");
    }
}

/// Ada with a phone, and the path of it.
async fn adas_phone(house: &House) -> String {
    house.test.user("ada").await;
    let made = house.ok("POST", "/admin/v1/phones", json!({ "number": "+15005550010" })).await;
    let give = json!({ "phone_id": made["phone_id"] });
    house.ok("POST", &house.at("ada", "/phones").await, give).await;
    format!("/admin/v1/phones/{}", made["phone_id"].as_str().unwrap())
}

#[tokio::test]
async fn a_link_is_texted_to_the_phone_that_is_named_and_enrols_once() {
    let house = house().await;
    let test = &house.test;
    let company = Company::of(test, twilio()).await;
    let phone = adas_phone(&house).await;
    let path = format!("{phone}/send_sms_activation");
    let words = json!({ "activation_msg": "Tap <acturl> please", "install": "1", "valid_secs": 600 });
    let told = house.ok("POST", &path, words).await;
    let (number, text) = company.texts().pop().unwrap();
    assert_eq!((number.as_str(), &told["activation_msg"]), ("+15005550010", &json!(text)));
    assert_eq!((&told["valid_secs"], &told["installation_msg"]), (&json!(600), &json!("")));
    let code = text.strip_prefix("Tap https://").and_then(|rest| rest.strip_suffix(" please")).unwrap();
    let code = code.rsplit_once("code=").unwrap().1.to_owned();
    let pending = factor::begin_totp(&test.nobody(), &code.clone().into()).await.unwrap();
    assert_eq!(pending.user_name, "ada");

    // The next one voids it, and one that was certainly not sent opens nothing.
    test.clock.advance(Span::seconds(31));
    house.ok("POST", &path, json!({})).await;
    assert!(factor::begin_totp(&test.nobody(), &code.into()).await.is_err(), "void");
    test.clock.advance(Span::seconds(31));
    company.answer_with(400);
    let refused = house.call(&Grant::ALL, "POST", &path, json!({})).await;
    assert_eq!(refused["code"], 40002, "{refused}");
    let (_, text) = company.texts().pop().unwrap();
    let code = text.rsplit_once("code=").unwrap().1.split(' ').next().unwrap().to_owned();
    assert!(factor::begin_totp(&test.nobody(), &code.into()).await.is_err(), "not sent");
    for bad in [json!({ "activation_msg": "no link" }), json!({ "valid_secs": 0 })] {
        assert_eq!(house.code_of_refusal("POST", &path, bad.clone()).await, 40002, "{bad}");
    }
}

#[tokio::test]
async fn where_the_page_is_can_be_texted_and_opens_nothing() {
    let house = house().await;
    let company = Company::of(&house.test, twilio()).await;
    let phone = adas_phone(&house).await;
    let told = house.ok("POST", &format!("{phone}/send_sms_installation"), json!({})).await;
    let (_, text) = company.texts().pop().unwrap();
    assert_eq!(told, json!({ "installation_msg": text }));
    assert!(text.ends_with("https://sallyport.example.com/phone"), "{text}");
    let url = house.ok("POST", &format!("{phone}/activation_url"), json!({ "install": 1 })).await;
    assert_eq!(url["installation_url"], "https://sallyport.example.com/phone");
}

#[tokio::test]
async fn codes_for_later_are_texted_where_a_text_brings_several() {
    let house = house().await;
    let company = Company::of(&house.test, twilio()).await;
    let phone = adas_phone(&house).await;
    let path = format!("{phone}/send_sms_passcodes");
    let refused = house.call(&Grant::ALL, "POST", &path, json!({})).await;
    assert!(
        refused["code"] == 40002 && refused["message_detail"].as_str().unwrap().contains("single"),
        "{refused}"
    );
    house.ok("POST", "/admin/v1/settings", json!({ "sms_batch": "3", "sms_expiration": "120" })).await;
    assert_eq!(house.ok("GET", &phone, json!({})).await["sms_passcodes_sent"], false);
    assert_eq!(house.ok("POST", &path, json!({})).await, "");
    assert_eq!(house.ok("GET", &phone, json!({})).await["sms_passcodes_sent"], true);
    assert_eq!(company.codes().len(), 3);
    house.test.clock.advance(Span::hours(3));
    let ada = house.ok("GET", &house.at("ada", "").await, json!({})).await;
    assert_eq!(ada["phones"][0]["sms_passcodes_sent"], false, "they expired");
}

#[tokio::test]
async fn a_help_desk_asks_a_phone_and_the_person_brings_the_number() {
    let house = house().await;
    let test = &house.test;
    let alice = test.user("alice").await;
    let (handset, duo_id) = first_phone(test, alice.id).await;
    let (ask, hear) = (
        house.at("alice", "/send_verification_push").await,
        house.at("alice", "/verification_push_response").await,
    );
    let phone = json!({ "phone_id": duo_id });
    let asked = house.ok("POST", &ask, phone.clone()).await;
    let number = asked["confirmation_code"].as_str().unwrap().to_owned();
    let push = json!({ "push_id": asked["push_id"] });
    let waiting = house.ok("GET", &hear, push.clone()).await;
    assert_eq!(
        (number.len(), &waiting["result"], &waiting["push_id"]),
        (6, &json!("waiting"), &asked["push_id"])
    );
    let request = handset.request(test).await;
    assert_eq!((request.what.as_str(), request.digits), ("Help desk (application Sync)", 6));
    assert_eq!(request.kind, crate::push::RequestKind::Verification);
    assert_eq!(house.code_of_refusal("POST", &ask, phone.clone()).await, 40002, "one at a time");
    assert!(handset.yes(test, &request, "000000").await.is_err());
    handset.yes(test, &request, &number).await.unwrap();
    for _ in 0..2 {
        assert_eq!(
            house.ok("GET", &hear, push.clone()).await["result"],
            "approve",
            "however often it is asked"
        );
    }
    // Of another person, of another kind, or of nobody.
    test.user("bob").await;
    let bobs = house.at("bob", "/verification_push_response").await;
    assert_eq!(house.code_of_refusal("GET", &bobs, push).await, 40002);
    for bad in ["x".to_owned(), uuid::Uuid::nil().to_string()] {
        assert_eq!(house.code_of_refusal("GET", &hear, json!({ "push_id": bad })).await, 40002, "{bad}");
    }

    test.clock.advance(Span::minutes(2));
    let asked = house.ok("POST", &ask, phone.clone()).await;
    let push = json!({ "push_id": asked["push_id"] });
    handset.says_not_me(test).await;
    assert_eq!(house.ok("GET", &hear, push).await["result"], "fraud");
    let held = house.call(&Grant::ALL, "POST", &ask, phone.clone()).await;
    assert_eq!(held["code"], 40002, "quiet after that: {held}");
    test.clock.advance(Span::minutes(16));
    let asked = house.ok("POST", &ask, phone.clone()).await;
    test.clock.advance(Span::minutes(2));
    let push = json!({ "push_id": asked["push_id"] });
    assert_eq!(house.ok("GET", &hear, push.clone()).await["result"], "deny", "nobody answered");
    user::set_roles(&test.system(), alice.id, [Role::Auditor].into()).await.unwrap();
    assert_eq!(house.code_of_refusal("POST", &ask, phone).await, 40301);
}

/// What a door shows for a request.
async fn challenge_number(test: &TestOrg, id: sallyport_model::id::ChallengeId) -> String {
    let found = test.system().read(move |reader| Ok(reader.find_challenge(id)?)).await.unwrap();
    found.unwrap().number.unwrap()
}

#[tokio::test]
async fn what_a_help_desk_asks_opens_no_door_and_what_a_door_asks_is_not_its() {
    let house = house().await;
    let test = &house.test;
    let (alice, handset) = alice(test).await;
    let (ask, hear) = (
        house.at("alice", "/send_verification_push").await,
        house.at("alice", "/verification_push_response").await,
    );
    test.clock.advance(Span::minutes(2));
    let asked = house.ok("POST", &ask, json!({ "phone_id": handset.phone.factor.duo_id })).await;
    let step = to_second_door(&test.nobody(), "alice").await;
    let request = handset.request(test).await;
    handset.yes(test, &request, asked["confirmation_code"].as_str().unwrap()).await.unwrap();
    let told = signin::answer(&test.nobody(), &step.handle, signin::Answer::Elsewhere).await.unwrap();
    assert!(matches!(told, Step::SecondDoor(_)), "{told:?}");
    let phone = format!("/admin/v1/phones/{}", handset.phone.factor.duo_id);
    assert_eq!(house.ok("GET", &phone, json!({})).await["last_seen"], "", "nor is it a door's");

    test.clock.advance(Span::minutes(2));
    let step = to_second_door(&test.nobody(), "alice").await;
    let shows = signin::challenge::Shows::Number;
    signin::challenge::ask(&test.nobody(), &step.handle, None, shows).await.unwrap();
    let request = handset.request(test).await;
    let push = json!({ "push_id": request.id.uuid().to_string() });
    assert_eq!(house.code_of_refusal("GET", &hear, push).await, 40002, "a door's request is none of its own");
    let shown = challenge_number(test, request.id).await;
    handset.yes(test, &request, &shown).await.unwrap();
    let told = signin::answer(&test.nobody(), &step.handle, signin::Answer::Elsewhere).await.unwrap();
    assert!(matches!(told, Step::Allowed(_)), "{told:?}");
    let seen = test.system().now;
    assert_eq!(house.ok("GET", &phone, json!({})).await["last_seen"], seen.to_string());
    let of_alice = house.ok("GET", &house.at("alice", "").await, json!({})).await;
    let in_object =
        of_alice["phones"].as_array().unwrap().iter().find(|one| one["activated"] == true).unwrap();
    assert_eq!(
        (&in_object["last_seen"], &of_alice["last_login"]),
        (&json!(seen.to_string()), &json!(seen.unix_seconds()))
    );
    assert_eq!(alice.id, handset.phone.user.id);
}

#[tokio::test]
async fn what_has_no_number_is_given_to_be_activated_and_stays_the_same_phone() {
    let house = house().await;
    let test = &house.test;
    for name in ["ada", "bob"] {
        test.user(name).await;
    }
    let made =
        house.ok("POST", "/admin/v1/phones", json!({ "name": "Tablet", "platform": "apple ios" })).await;
    assert_eq!(
        (&made["number"], &made["activated"], &made["capabilities"], &made["users"]),
        (&json!(""), &json!(false), &json!([]), &json!([]))
    );
    let id = made["phone_id"].as_str().unwrap().to_owned();
    let path = format!("/admin/v1/phones/{id}");
    assert_eq!(house.code_of_refusal("POST", &format!("{path}/activation_url"), json!({})).await, 40002);
    let (ada, bob) = (house.at("ada", "/phones").await, house.at("bob", "/phones").await);
    let give = json!({ "phone_id": id });
    house.ok("POST", &bob, give.clone()).await;
    house.ok("POST", &bob, give.clone()).await;
    assert_eq!(house.code_of_refusal("POST", &ada, give.clone()).await, 40002);
    house.ok("DELETE", &format!("{bob}/{id}"), json!({})).await;
    house.ok("POST", &ada, give).await;
    let told = house.ok("GET", &house.at("ada", "").await, json!({})).await;
    assert_eq!((&told["phones"][0]["phone_id"], &told["is_enrolled"]), (&json!(id), &json!(false)));
    assert_eq!(house.ok("GET", &bob, json!({})).await, json!([]));
    assert_eq!(house.code_of_refusal("POST", &format!("{path}/send_sms_passcodes"), json!({})).await, 40002);
    let link = house.ok("POST", &format!("{path}/activation_url"), json!({})).await;
    assert!(link["activation_url"].as_str().unwrap().contains("/enroll?code="), "{link}");

    // Ada activates it, and it is the phone that was made for her.
    let owner = user::resolve(&test.system(), "ada").await.unwrap().id;
    let (_, activated) = first_phone(test, owner).await;
    assert_eq!(activated, id);
    let told = house.ok("GET", &ada, json!({})).await;
    assert_eq!((told.as_array().unwrap().len(), &told[0]["activated"]), (1, &json!(true)));
    assert_eq!(house.ok("GET", "/admin/v1/phones", json!({})).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_link_for_a_page_that_is_there_sets_up_that_phone_anew() {
    let house = house().await;
    let test = &house.test;
    let (_, handset) = alice(test).await;
    let duo_id = &handset.phone.factor.duo_id;
    let path = format!("/admin/v1/phones/{duo_id}/activation_url");
    let link = house.ok("POST", &path, json!({ "valid_secs": 600, "install": 1 })).await;
    let (page, digits) = link["activation_url"].as_str().unwrap().split_once('#').unwrap();
    assert_eq!((page, &link["valid_secs"]), ("https://sallyport.example.com/phone", &json!(600)));
    let value = link["activation_barcode"].as_str().unwrap().split_once("value=").unwrap().1;
    let value = value.replace("%3A", ":").replace("%2F", "/").replace("%3D", "=");
    let behind = crate::duo::activation_page(&test.nobody(), &value);
    assert_eq!(behind.as_deref(), link["activation_url"].as_str());
    let code = digits.into();
    let anew = activate_with(test, &code, Signer::Browser(browser())).await.unwrap();
    assert_eq!((anew.phone.factor.id, &anew.phone.factor.duo_id), (handset.phone.factor.id, duo_id));
    let phones = house.ok("GET", "/admin/v1/phones", json!({})).await;
    assert_eq!((phones.as_array().unwrap().len(), &phones[0]["phone_id"]), (1, &json!(duo_id)));
}
