//! What help desks send to phones, and what was sent.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    phone_page::PhonePage,
    story::{self, House, text},
};
use serde_json::{Value, json};

use super::{Admin, EVERYTHING, FAR};

/// Somebody new with a phone of this number; its id.
fn phone_of(admin: &Admin, name: &str, number: &str) -> Value {
    let user = admin.one("add_user", json!({ "username": name }))["user_id"].clone();
    let phone = admin.one("add_phone", json!({ "number": number, "type": "mobile" }))["phone_id"].clone();
    admin.one("add_user_phone", json!({ "user_id": user, "phone_id": phone }));
    phone
}

#[test]
fn what_is_texted_to_a_phone_arrives_and_stands_in_the_log() {
    let (house, company) = House::open_with_telephones().unwrap();
    let admin = Admin::of(house, &EVERYTHING);
    let phone = phone_of(&admin, "vera", "+15005550010");
    let words = json!({ "phone_id": phone, "install": "1", "activation_msg": "Set this up: <acturl>" });
    let told = admin.one("send_sms_activation_to_phone", words);
    let sent = company.list().unwrap()["texts"][0].clone();
    assert_eq!((&sent["body"], &sent["to"]), (&told["activation_msg"], &json!("+15005550010")));
    let code = text(&told, "activation_msg").rsplit_once("code=").unwrap().1.to_owned();
    story::enroll(&admin.house.browser().unwrap(), &code).unwrap();
    // At once there is no second one.
    let again = admin.refusal("send_sms_installation", json!({ "phone_id": phone }));
    assert!(again.1 == 40002 && again.2.contains("not sent"), "{again:?}");

    let settled = story::until("the log to settle", || {
        let told = admin.one("get_telephony_log", json!({ "api_version": 2, "maxtime": FAR }));
        Ok((!told["items"].as_array().unwrap().is_empty()).then_some(told))
    })
    .unwrap();
    let one = &settled["items"][0];
    assert_eq!(
        (&one["type"], &one["phone"], &one["context"], &one["credits"], &one["txid"]),
        (&json!("sms"), &json!("+15005550010"), &json!("enrollment"), &json!(10), &json!(""))
    );
    assert_eq!(settled["metadata"]["next_offset"], Value::Null);
    // The first version tells of a second once it is over.
    story::until("the second to be over", || {
        let told = admin.one("get_telephony_log", json!({ "mintime": 1 }));
        Ok((!told.as_array().unwrap().is_empty()).then_some(()))
    })
    .unwrap();
    let told = admin.all(&[
        ("get_telephony_log", json!({ "mintime": 1 })),
        ("get_info_telephony_credits_used", json!({})),
        ("get_info_summary", json!({})),
    ]);
    assert_eq!((told[0].as_array().unwrap().len(), &told[0][0]["context"]), (1, &one["context"]));
    assert_eq!(told[1]["telephony_credits_used"], 10);
    assert_eq!(told[2]["telephony_credits_remaining"], 19_990);
    // People see the same.
    let ours = admin.house.cli.json(&["telephony", "log"]).unwrap();
    assert_eq!(
        (&ours["items"][0]["number"], &ours["items"][0]["state"]),
        (&json!("+15005550010"), &json!("sent"))
    );

    // The client has no name for these two.
    let to_bob = phone_of(&admin, "bob", "+15005550011");
    let path = format!("/admin/v1/phones/{}/send_sms_passcodes", to_bob.as_str().unwrap());
    let codes = json!({ "method": "POST", "path": path, "params": {} });
    assert_eq!(admin.refusal("json_api_call", codes.clone()).1, 40002, "a text brings a single code");
    admin.one("update_settings", json!({ "sms_batch": 3 }));
    // Another request than the one before: the very same, in the same second, is answered as it was.
    let codes = json!({ "method": "POST", "path": path, "params": { "again": "1" } });
    assert_eq!(admin.one("json_api_call", codes), "");
    let sent = company.list().unwrap()["texts"][1].clone();
    assert!(text(&sent, "body").starts_with("Sign-in codes: 1"), "{sent}");
    let shown = admin.one("get_phone_by_id", json!({ "phone_id": to_bob }));
    assert_eq!(shown["sms_passcodes_sent"], true);
    let to_eve = phone_of(&admin, "eve", "+15005550012");
    let told = admin.one("send_sms_installation", json!({ "phone_id": to_eve }));
    assert!(text(&told, "installation_msg").ends_with("/phone"), "{told}");
}

#[test]
fn a_help_desk_knows_whom_it_speaks_to_by_the_number_that_they_bring() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let admin = Admin::of(house, &EVERYTHING);
    let house = &admin.house;
    let (url, ca) = (house.server.url.clone(), house.set_up.ca.clone());
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let code = text(&house.cli.json(&["user", "enrollment-code", "vera"]).unwrap(), "code");
    let authenticator = story::enroll(&house.browser().unwrap(), &code).unwrap();
    let page =
        PhonePage::of(("vera", "lantern orbit marmalade 4", &authenticator.code(0)), &url, &ca).unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0].clone();
    let phone = vera["phones"].as_array().unwrap().iter().find(|one| one["activated"] == true).unwrap();
    let user = vera["user_id"].clone();
    let asked =
        admin.one("send_verification_push", json!({ "user_id": user, "phone_id": phone["phone_id"] }));
    let hear = || json!({ "user_id": user, "push_id": asked["push_id"] });
    assert_eq!(admin.one("get_verification_push_response", hear())["result"], "waiting");
    let shown = page.confirm(&text(&asked, "confirmation_code")).unwrap();
    assert!(shown.contains("Help desk") && shown.contains("Admin API"), "{shown}");
    assert_eq!(admin.one("get_verification_push_response", hear())["result"], "approve");
    let audit = admin.house.cli.json(&["audit", "list", "--text", "verify"]).unwrap().to_string();
    assert!(audit.contains("Admin API"), "{audit}");
}
