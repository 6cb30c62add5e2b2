//! Phones, as the vendor's client asks them: with a number, by whatever they can do, and by a call.

use std::thread;

use super::*;

const PASSWORD: &str = "lantern orbit marmalade 4";

/// Vera with an authenticator, and the page of her phone.
fn with_phone(house: &House) -> PhonePage {
    house.person("vera", PASSWORD).unwrap();
    let vera = house.enroll("vera").unwrap();
    PhonePage::of(("vera", PASSWORD, &vera.code(0)), &house.server.url, &house.set_up.ca).unwrap()
}

fn one(keys: &Keys, name: &str, arguments: Value) -> Value {
    calls(keys, None, &[(name, arguments)]).remove(0)
}

#[test]
fn a_verified_push_brings_its_number_and_the_phone_shows_what_the_application_says() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    let phone = with_phone(&house);
    let id = text(&house.cli.json(&["user", "show", "vera"]).unwrap(), "duo_id");
    let asked = one(&keys, "preauth", json!({ "user_id": id, "client_supports_verified_push": "1" }));
    let asked = &asked["answer"];
    assert_eq!((&asked["result"], &asked["expiration"]), (&json!("auth"), &json!(60)), "{asked}");
    let (number, txid) = (text(asked, "verification_code"), text(asked, "txid"));
    assert_eq!(number.len(), 3, "{asked}");
    let push = json!({
        "user_id": id, "factor": "push", "device": "auto", "txid": txid, "type": "Transfer",
        "display_username": "v.lind", "pushinfo": "amount=10%20EUR&to=Acme",
    });
    let answer = thread::scope(|scope| {
        let asking = scope.spawn(|| one(&keys, "auth", push.clone()));
        let shown = phone.say_yes(&number).unwrap();
        for part in
            ["VPN", "Transfer request", "as v.lind", "amount: 10 EUR", "to: Acme", "an unknown address"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        asking.join().unwrap()
    });
    assert_eq!(answer["answer"]["result"], "allow", "{answer}");
    let last = &house.cli.json(&["sign-in", "list"]).unwrap()["items"][0];
    assert_eq!(
        (&last["second_door"]["kind"], &last["second_door"]["by_number"]),
        (&json!("push"), &json!(true)),
        "{last}"
    );
    // The number is good once, and an id that nobody has is a mistake and no person.
    let mut again = push;
    again["ipaddr"] = json!("192.0.2.9");
    assert_eq!(one(&keys, "auth", again)["status"], 400);
    assert_eq!(one(&keys, "preauth", json!({ "user_id": "DUXXXXXXXXXXXXXXXXXX" }))["status"], 400);
}

#[test]
fn whatever_a_phone_can_is_asked_of_it() {
    let (house, company) = House::open_with_telephones().unwrap();
    let keys = application(&house);
    let phone = with_phone(&house);
    house.person("ben", PASSWORD).unwrap();
    house.cli.json(&["user", "add-phone", "ben", "+15005550011"]).unwrap();
    house.cli.push_without_number("VPN").unwrap();
    let auto = |name: &str, is_async: bool| json!({ "username": name, "factor": "auto", "device": "auto", "async_txn": is_async });
    // A page is pushed.
    let answer = thread::scope(|scope| {
        let asking = scope.spawn(|| one(&keys, "auth", auto("vera", false)));
        phone.say_yes("").unwrap();
        asking.join().unwrap()
    });
    assert_eq!(answer["answer"]["result"], "allow", "{answer}");
    // A number rings, by that and by its own word, where the digits of the call can be told.
    let called = json!({ "username": "ben", "factor": "phone", "device": "auto", "async_txn": true });
    for asked in [auto("ben", true), called] {
        let txid = text(&one(&keys, "auth", asked)["answer"], "txid");
        let status = || one(&keys, "auth_status", json!({ "txid": txid }))["answer"].clone();
        let rings = status();
        assert_eq!((&rings["waiting"], &rings["status"]), (&json!(true), &json!("calling")), "{rings}");
        let said = text(&rings, "status_msg");
        let digits = said.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
        let heard = company.answer(digits).unwrap();
        assert!(heard.last().unwrap().contains("Thank you"), "{heard:?}");
        let done = story::until("the end", || {
            let now = status();
            Ok((now["waiting"] == false).then_some(now))
        });
        let done = done.unwrap();
        assert_eq!((&done["success"], &done["status"]), (&json!(true), &json!("allow")), "{done}");
    }
    // What is waited for in silence tells nobody any digits.
    let silent = one(&keys, "auth", json!({ "username": "ben", "factor": "phone", "device": "auto" }));
    assert_eq!(silent["answer"]["result"], "deny", "{silent}");
}
