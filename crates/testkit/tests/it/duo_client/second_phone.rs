//! Somebody with two phones, and an application that means the second one, by its id or by what the person typed.

use std::thread;

use sallyport_testkit::telephone_company::TelephoneCompany;

use super::*;
use crate::device::PASSWORD;

/// Those of a person's numbers; the last digit is the person's own.
fn numbers(person: usize) -> [String; 2] {
    [1, 2].map(|place| format!("+1500555{place}{person:03}"))
}

/// People with two numbers each, and the ids by which applications name their phones, in the order of the list.
fn people(house: &House, keys: &Keys, names: &[&str]) -> Vec<[String; 2]> {
    let with_numbers = |(person, name): (usize, &&str)| {
        house.person(name, PASSWORD).unwrap();
        for number in numbers(person) {
            house.cli.json(&["user", "add-phone", name, &number]).unwrap();
        }
        let told = calls(keys, None, &[("preauth", json!({ "username": name }))]).remove(0);
        [0, 1].map(|place: usize| {
            let device = &told["answer"]["devices"][place];
            assert_eq!(device["number"], format!("XXX-XXX-{}{person:03}", place + 1), "{told}");
            text(device, "device")
        })
    };
    names.iter().enumerate().map(with_numbers).collect()
}

/// To which numbers texts or calls went so far.
fn carried(company: &TelephoneCompany, kind: &str) -> Vec<String> {
    let listed = company.list().unwrap();
    listed[kind].as_array().unwrap().iter().map(|one| text(one, "to")).collect()
}

#[test]
fn the_second_number_alone_is_texted() {
    let (house, company) = House::open_with_telephones().unwrap();
    let keys = application(&house);
    let names = ["ada", "ben", "eve", "tom"];
    let ids = people(&house, &keys, &names);
    let named = json!({ "username": "ada", "factor": "sms", "device": ids[0][1] });
    let told = calls(&keys, None, &[("auth", named)]);
    assert_eq!(told[0]["answer"]["status"], "sent", "{told:?}");
    let older = [
        json!({ "username": "ben", "factor": "auto", "auto": "sms2" }),
        json!({ "username": "eve", "factor": "auto", "auto": " SMS2 " }),
        json!({ "username": "tom", "factor": "sms", "phone": "phone2" }),
    ];
    for asked in older {
        // It tells apart what lets in and what does not, and a text does not yet.
        let told = drive(&keys, true, None, &[("auth", asked)]);
        assert_eq!(told[0]["answer"], false, "{told:?}");
    }
    let expected: Vec<_> = (0..names.len()).map(|person| numbers(person)[1].clone()).collect();
    assert_eq!(carried(&company, "texts"), expected);
    // What came to the second one opens, for whom it was meant.
    let passcode = |name: &str, nth: usize, last: u8| {
        let (code, from) = (company.code(nth).unwrap(), format!("192.0.2.{last}"));
        ("auth", json!({ "username": name, "factor": "passcode", "passcode": code, "ipaddr": from }))
    };
    let told = calls(&keys, None, &[passcode("ben", 0, 1), passcode("ada", 0, 2), passcode("tom", 3, 3)]);
    let results: Vec<_> = told.iter().map(|told| text(&told["answer"], "result")).collect();
    assert_eq!(results, ["deny", "allow", "allow"], "{told:?}");
}

#[test]
fn the_second_number_alone_is_called() {
    let (house, company) = House::open_with_telephones().unwrap();
    let keys = application(&house);
    let ids = people(&house, &keys, &["ada", "ben", "eve"]);
    let answered = |said: &str| {
        let digits = said.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
        let heard = company.answer(digits).unwrap();
        assert!(heard.last().unwrap().contains("Thank you"), "{heard:?}");
    };
    let named = json!({ "username": "ada", "factor": "phone", "device": ids[0][1], "async_txn": true });
    let begun = calls(&keys, None, &[("auth", named)]);
    let status = ("auth_status", json!({ "txid": begun[0]["answer"]["txid"] }));
    answered(&text(&calls(&keys, None, std::slice::from_ref(&status))[0]["answer"], "status_msg"));
    let done = || {
        let told = calls(&keys, None, std::slice::from_ref(&status)).remove(0);
        Ok((told["answer"]["waiting"] == false).then_some(told))
    };
    let told = story::until("the end", done).unwrap();
    assert_eq!(told["answer"]["success"], true, "{told}");

    for asked in [
        json!({ "username": "ben", "factor": "auto", "auto": "phone2", "async_txn": true }),
        json!({ "username": "eve", "factor": "phone", "phone": "phone2", "async_txn": true }),
    ] {
        let begun = drive(&keys, true, None, &[("auth", asked)]);
        let status = ("status", json!({ "txid": begun[0]["answer"] }));
        let ask = || drive(&keys, true, None, std::slice::from_ref(&status))[0]["answer"].clone();
        answered(ask()[2].as_str().unwrap());
        let told = story::until("the end", || Ok(Some(ask()).filter(|told| told[0] == true))).unwrap();
        assert_eq!(told[1], true, "{told}");
    }
    let expected: Vec<_> = (0..3).map(|person| numbers(person)[1].clone()).collect();
    assert_eq!(carried(&company, "calls"), expected);
}

#[test]
fn the_second_phone_alone_is_pushed() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    house.cli.push_without_number("VPN").unwrap();
    house.person("vera", PASSWORD).unwrap();
    let vera = house.enroll("vera").unwrap();
    let (who, names) = (("vera", PASSWORD, &*vera.code(0)), ["First phone", "Second phone"]);
    let phones = PhonePage::all_of(who, &house.server.url, &house.set_up.ca, &names).unwrap();
    let told = calls(&keys, None, &[("preauth", json!({ "username": "vera" }))]).remove(0);
    let devices = told["answer"]["devices"].as_array().unwrap();
    let id =
        |name: &str| devices.iter().find(|device| device["display_name"] == name).unwrap()["device"].clone();
    let named = json!({ "username": "vera", "factor": "push", "device": id("Second phone") });
    let first = json!({ "username": "vera", "factor": "push", "device": id("First phone") });
    for (chosen, older, asked) in [
        (1, false, named),
        (0, false, first),
        (1, true, json!({ "username": "vera", "factor": "auto", "auto": "push2" })),
        (1, true, json!({ "username": "vera", "factor": "push", "phone": "phone2" })),
    ] {
        let told = thread::scope(|scope| {
            let asking = scope.spawn(|| drive(&keys, older, None, &[("auth", asked.clone())]));
            story::until("the request", || Ok((phones[chosen].asked()? == 1).then_some(()))).unwrap();
            assert_eq!(phones[1 - chosen].asked().unwrap(), 0, "{asked}");
            phones[chosen].say_yes("").unwrap();
            asking.join().unwrap().remove(0)
        });
        let allowed = told["answer"] == true || told["answer"]["result"] == "allow";
        assert!(allowed, "{asked}: {told}");
    }
    // Whoever has two has no third, and nobody is asked in its place.
    let typed = json!({ "username": "vera", "factor": "auto", "auto": "push3" });
    assert_eq!(drive(&keys, true, None, &[("auth", typed)])[0]["answer"], false);
    for phone in &phones {
        assert_eq!(phone.asked().unwrap(), 0);
    }
}
