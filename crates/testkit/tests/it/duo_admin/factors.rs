//! Phones, hardware tokens and bypass codes, by every call of the client about them.

use sallyport_testkit::story::{self, House};
use serde_json::{Value, json};

use super::{Admin, EVERYTHING};

#[test]
fn tokens_are_made_given_and_taken_back() {
    const SECRET: &str = "3132333435363738393031323334353637383930";
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada" }));
    let secret = |n: u32| format!("{n:02}{}", &SECRET[2..]);
    let made = admin.all(&[
        ("add_hotp6_token", json!({ "serial": "A-1", "secret": SECRET })),
        ("add_hotp8_token", json!({ "serial": "A-2", "secret": secret(2), "counter": 5 })),
        ("add_totp6_token", json!({ "serial": "A-3", "secret": secret(3) })),
        ("add_totp8_token", json!({ "serial": "A-4", "secret": secret(4), "totp_step": 60 })),
    ]);
    let kinds: Vec<(&Value, &Value)> = made.iter().map(|made| (&made["type"], &made["totp_step"])).collect();
    let none = Value::Null;
    assert_eq!(
        kinds,
        [
            (&json!("h6"), &none),
            (&json!("h8"), &none),
            (&json!("t6"), &json!(30)),
            (&json!("t8"), &json!(60))
        ]
    );
    let (user, token) = (&ada["user_id"], &made[0]["token_id"]);
    let told = admin.all(&[
        ("get_tokens", json!({})),
        ("get_tokens_generator", json!({})),
        ("get_tokens_by_serial", json!({ "type": "h6", "serial": "a-1" })),
        ("get_tokens_by_serial", json!({ "type": "t6", "serial": "A-1" })),
        ("add_user_token", json!({ "user_id": user, "token_id": token })),
        ("add_user_token", json!({ "user_id": user, "token_id": token })),
        ("get_token_by_id", json!({ "token_id": token })),
        ("get_user_tokens", json!({ "user_id": user })),
        ("get_user_tokens_iterator", json!({ "user_id": user })),
        ("get_user_by_id", json!({ "user_id": user })),
        // RFC 4226, appendix D: the third code and those after it.
        (
            "resync_hotp_token",
            json!({ "token_id": token, "code1": "359152", "code2": "969429", "code3": "338314" }),
        ),
        ("update_token", json!({ "token_id": made[3]["token_id"], "totp_step": 60 })),
        ("delete_user_token", json!({ "user_id": user, "token_id": token })),
        ("delete_user_token", json!({ "user_id": user, "token_id": token })),
        ("add_user_token", json!({ "user_id": user, "token_id": token })),
        ("delete_token", json!({ "token_id": token })),
        ("get_user_tokens", json!({ "user_id": user })),
        ("get_tokens", json!({})),
    ]);
    assert_eq!((told[0].as_array().unwrap().len(), &told[0], &told[3]), (4, &told[1], &json!([])));
    assert_eq!(told[2], json!([made[0]]));
    assert_eq!(told[6]["users"], json!([{ "user_id": user, "username": "ada" }]));
    assert_eq!((&told[7], &told[7]), (&json!([told[6]]), &told[8]));
    assert_eq!((&told[9]["tokens"][0]["token_id"], &told[9]["is_enrolled"]), (token, &json!(true)));
    for empty in [4, 5, 10, 12, 13, 14, 15] {
        assert_eq!(told[empty], "", "{empty}");
    }
    assert_eq!((&told[16], told[17].as_array().unwrap().len()), (&json!([]), 3));
}

/// Its key and its codes are published.
#[test]
fn a_yubikey_is_made_given_and_types_a_code() {
    let admin = Admin::open(&EVERYTHING);
    admin.house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0]["user_id"].clone();
    let (key, id) = ("000102030405060708090a0b0c0d0e0f", "010203040506");
    let made = admin.one("add_yubikey_token", json!({ "serial": "Y-1", "private_id": id, "aes_key": key }));
    assert_eq!((&made["type"], &made["totp_step"]), (&json!("yk"), &Value::Null));
    let told = admin.all(&[
        ("add_user_token", json!({ "user_id": vera, "token_id": made["token_id"] })),
        ("get_tokens_by_serial", json!({ "type": "yk", "serial": "Y-1" })),
    ]);
    assert_eq!(told[1][0]["users"][0]["username"], "vera");
    assert_eq!(
        admin.refusal("add_yubikey_token", json!({ "serial": "Y-2", "private_id": "01", "aes_key": key })),
        (400, 40002, "private_id: is not 12 hexadecimal digits".into())
    );

    let sign_in = |code: &str| {
        let browser = admin.house.browser().unwrap();
        let page = browser.open("/sign-in").unwrap().ok().unwrap();
        let fields = [("name", "vera"), ("password", "lantern orbit marmalade 4")];
        let page = browser.submit(&page, "name", &fields).unwrap().ok().unwrap();
        browser.submit(&page, "passcode", &[("passcode", code)]).unwrap()
    };
    let code = "cccccccccccbdvgtiblfkbgturecfllberrvkinnctnn";
    assert!(!sign_in(code).body.contains("name=\"passcode\""), "it opens");
    assert!(sign_in(code).body.contains("name=\"passcode\""), "once");

    // The log tells it apart, and says that Vera came to have it.
    let told = story::until("the log to settle", || {
        let told = admin.one("get_authentication_log", json!({ "api_version": 2, "maxtime": super::FAR }));
        let records = told["authlogs"].as_array().unwrap().clone();
        let is_there =
            records.iter().any(|one| one["factor"] == "yubikey_code" && one["result"] == "success");
        Ok(is_there.then_some(records))
    })
    .unwrap();
    let is_hers = |one: &&Value| one["event_type"] == "enrollment" && one["user"]["name"] == "vera";
    assert_eq!(told.iter().filter(is_hers).count(), 1, "{told:?}");
}

/// What the programs of the Admin API gave opens what the Auth API asks for.
#[test]
fn codes_of_hardware_tokens_and_yubikeys_open_a_protected_application() {
    let admin = Admin::open(&EVERYTHING);
    admin.house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0]["user_id"].clone();
    let (key, id) = ("000102030405060708090a0b0c0d0e0f", "010203040506");
    // Published as well (RFC 4226, appendix D).
    let secret = "3132333435363738393031323334353637383930";
    let made = admin.all(&[
        ("add_yubikey_token", json!({ "serial": "Y-1", "private_id": id, "aes_key": key })),
        ("add_hotp6_token", json!({ "serial": "H-1", "secret": secret })),
    ]);
    for token in &made {
        admin.one("add_user_token", json!({ "user_id": vera, "token_id": token["token_id"] }));
    }
    let keys = crate::duo_client::application(&admin.house);
    let asks = |calls: &[(&str, Value)]| crate::duo_client::calls(&keys, None, calls);
    let devices = &asks(&[("preauth", json!({ "username": "vera" }))])[0]["answer"]["devices"];
    let serials: Vec<&Value> = devices.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert!(serials.contains(&&json!("Y-1")) && serials.contains(&&json!("H-1")), "{devices}");
    let passcode = |code: &str, from: &str| {
        ("auth", json!({ "username": "vera", "factor": "passcode", "passcode": code, "ipaddr": from }))
    };
    let (of_the_yubikey, of_the_token) = ("cccccccccccbdvgtiblfkbgturecfllberrvkinnctnn", "755224");
    let answers = asks(&[
        passcode(of_the_yubikey, "192.0.2.1"),
        passcode(of_the_yubikey, "192.0.2.2"),
        passcode(of_the_token, "192.0.2.3"),
        passcode(of_the_token, "192.0.2.4"),
        passcode("287082", "192.0.2.5"),
    ]);
    let results: Vec<&Value> = answers.iter().map(|answer| &answer["answer"]["result"]).collect();
    assert_eq!(results, ["allow", "deny", "allow", "deny", "allow"], "each once: {answers:?}");
    let kinds: Vec<Value> = admin.house.cli.json(&["sign-in", "list"]).unwrap()["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["state"] == "allowed")
        .map(|item| item["second_door"]["kind"].clone())
        .collect();
    assert_eq!(kinds, ["hardware_token"; 3]);
}

#[test]
fn bypass_codes_are_shown_once_and_open_a_door() {
    let admin = Admin::open(&EVERYTHING);
    admin.house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0]["user_id"].clone();
    let first =
        admin.one("add_user_bypass_codes", json!({ "user_id": vera, "count": 2, "valid_secs": 3600 }));
    let first: Vec<&str> = first.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert!(
        first.len() == 2 && first.iter().all(|code| code.bytes().all(|b| b.is_ascii_digit())),
        "{first:?}"
    );
    let listed = admin.one("get_user_bypass_codes", json!({ "user_id": vera }));
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(!first.iter().any(|code| listed.to_string().contains(*code)), "a code is told once");

    // One of them opens the portal's second door, once.
    let sign_in = |code: &str| {
        let browser = admin.house.browser().unwrap();
        let page = browser.open("/sign-in").unwrap().ok().unwrap();
        let fields = [("name", "vera"), ("password", "lantern orbit marmalade 4")];
        let page = browser.submit(&page, "name", &fields).unwrap().ok().unwrap();
        browser.submit(&page, "passcode", &[("passcode", code)]).unwrap()
    };
    assert!(!sign_in(first[0]).body.contains("name=\"passcode\""), "it opens");
    assert!(sign_in(first[0]).body.contains("name=\"passcode\""), "once");

    let more = json!({ "user_id": vera, "count": 1, "preserve_existing": true });
    let told = admin.all(&[
        ("get_bypass_codes", json!({})),
        ("add_user_bypass_codes", more),
        ("get_bypass_codes_generator", json!({})),
        ("get_user_bypass_codes_iterator", json!({ "user_id": vera })),
        ("add_user_bypass_codes", json!({ "user_id": vera })),
        ("get_bypass_codes", json!({})),
    ]);
    let lengths: Vec<usize> = told.iter().map(|told| told.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [1, 1, 2, 2, 10, 10], "the used one is gone, and without being kept all are");
    let one = &told[5][0];
    assert_eq!((&one["user"]["username"], &one["reuse_count"]), (&json!("vera"), &json!(1)));
    admin.one("delete_bypass_code_by_id", json!({ "bypass_code_id": one["bypass_code_id"] }));
    assert_eq!(admin.one("get_bypass_codes", json!({})).as_array().unwrap().len(), 9);
    admin.one("add_user_bypass_codes", json!({ "user_id": vera, "count": 1, "remaining_uses": 3 }));
    let left = admin.one("get_bypass_codes", json!({}));
    assert_eq!((left.as_array().unwrap().len(), &left[0]["reuse_count"]), (1, &json!(3)));
    for (arguments, detail) in [
        (json!({ "user_id": vera, "codes": ["123456789"] }), "codes"),
        (json!({ "user_id": vera, "remaining_uses": 0 }), "reuse_count"),
        (json!({ "user_id": vera, "count": 11 }), "count"),
    ] {
        let (status, code, said) = admin.refusal("add_user_bypass_codes", arguments);
        assert_eq!((status, code, said.as_str()), (400, 40002, detail));
    }
}

#[test]
fn phones_are_made_and_given() {
    let (house, _company) = House::open_with_telephones().unwrap();
    let admin = Admin::of(house, &EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada" }));
    let phone = admin.one(
        "add_phone",
        json!({ "number": "+1 500 555 0010", "name": "Desk", "type": "mobile", "platform": "unknown" }),
    );
    assert_eq!(
        (&phone["number"], &phone["name"], &phone["activated"]),
        (&json!("+15005550010"), &json!("Desk"), &json!(false))
    );
    let (user, id) = (&ada["user_id"], &phone["phone_id"]);
    let told = admin.all(&[
        ("get_phones", json!({})),
        ("get_phones_generator", json!({})),
        ("get_phone_by_id", json!({ "phone_id": id })),
        ("get_phones_by_number", json!({ "number": "+15005550010" })),
        ("update_phone", json!({ "phone_id": id, "name": "Hall" })),
        ("add_user_phone", json!({ "user_id": user, "phone_id": id })),
        ("get_user_phones", json!({ "user_id": user })),
        ("get_user_phones_iterator", json!({ "user_id": user })),
        ("create_activation_url", json!({ "phone_id": id, "valid_secs": "3600" })),
        ("get_user_by_id", json!({ "user_id": user })),
        ("delete_user_phone", json!({ "user_id": user, "phone_id": id })),
        ("get_user_phones", json!({ "user_id": user })),
        ("delete_phone", json!({ "phone_id": id })),
        ("get_phones", json!({})),
    ]);
    assert_eq!((&told[0], &told[1]), (&json!([phone]), &json!([phone])));
    assert_eq!((&told[2], &told[3], &told[4]["name"]), (&phone, &json!([phone]), &json!("Hall")));
    assert_eq!((&told[6][0]["phone_id"], &told[6]), (id, &told[7]));
    assert!(told[8]["activation_url"].as_str().unwrap().contains("code="), "{}", told[8]);
    assert_eq!((&told[9]["phones"][0]["name"], &told[9]["is_enrolled"]), (&json!("Hall"), &json!(true)));
    assert_eq!((&told[11], &told[13]), (&json!([]), &json!([])));
    assert_eq!(admin.refusal("send_sms_installation", json!({ "phone_id": id })).1, 40401);
}
