//! Every call of the client that the server claims to answer.

use sallyport_testkit::story::{self, House, text};
use serde_json::{Value, json};

use super::{Admin, EVERYTHING};

fn names(users: &Value) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn users_live_through_the_vendors_client() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one(
        "add_user",
        json!({ "username": "ada", "realname": "Ada L.", "email": "ada@example.com",
                "alias1": "EXAMPLE\\Ada", "alias3": "ada@corp.example" }),
    );
    assert_eq!(ada["user_id"].as_str().unwrap().len(), 20);
    assert_eq!(
        (&ada["status"], &ada["realname"], &ada["email"]),
        (&json!("active"), &json!("Ada L."), &json!("ada@example.com"))
    );
    assert_eq!(
        (&ada["alias1"], &ada["alias2"], &ada["alias3"]),
        (&json!("example\\ada"), &Value::Null, &json!("ada@corp.example"))
    );
    assert_eq!(ada["is_enrolled"], false);
    let id = json!({ "user_id": ada["user_id"] });
    let with = |more: Value| {
        let mut all = id.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let told = admin.all(&[
        ("get_user_by_id", id.clone()),
        ("get_users_by_name", json!({ "username": "ADA" })),
        ("get_users_by_name", json!({ "username": "ada@corp.example" })),
        ("get_users_by_names", json!({ "usernames": ["ada", "olga", "nobody"] })),
        ("get_users_by_ids", json!({ "user_ids": [ada["user_id"]] })),
        ("get_user_by_email", json!({ "email": "ADA@example.com" })),
        ("get_users_by_name", json!({ "username": "nobody" })),
        ("update_user", with(json!({ "realname": "Ada Lovelace", "alias1": "", "alias2": "al" }))),
        ("update_user", with(json!({ "aliases": "alias2=al&alias8=lovelace" }))),
        ("update_user", with(json!({ "status": "disabled" }))),
        ("update_user", with(json!({ "status": "active" }))),
        ("delete_user", id.clone()),
        ("delete_user", id.clone()),
        ("get_user_by_id", id.clone()),
        ("update_user", with(json!({ "status": "active" }))),
    ]);
    assert_eq!(told[0], ada);
    for (at, expected) in
        [(1, vec!["ada"]), (2, vec!["ada"]), (3, vec!["ada", "olga"]), (4, vec!["ada"]), (6, vec![])]
    {
        assert_eq!(names(&told[at]), expected, "{at}");
    }
    // The client gives the one user or the list of them, as its version has it.
    assert!(told[5].to_string().contains("\"ada\""), "{}", told[5]);
    assert_eq!(told[7]["realname"], "Ada Lovelace");
    assert_eq!(told[7]["aliases"], json!({ "alias2": "al", "alias3": "ada@corp.example" }));
    assert_eq!(told[8]["aliases"], json!({ "alias2": "al", "alias8": "lovelace" }));
    let statuses: Vec<&Value> = [9, 10, 13, 14].iter().map(|at| &told[*at]["status"]).collect();
    assert_eq!(statuses, ["disabled", "active", "pending deletion", "active"]);
    assert_eq!((&told[11], &told[12]), (&json!(""), &json!("")));
    // What changed is the application's doing.
    let audit = admin.house.cli.json(&["audit", "list", "--text", "ada"]).unwrap().to_string();
    assert!(audit.contains("\"kind\":\"application\"") && audit.contains("Admin API"), "{audit}");
}

#[test]
fn lists_are_read_page_by_page_to_their_end() {
    let admin = Admin::open(&EVERYTHING);
    for n in 0..7 {
        admin.house.cli.json(&["user", "create", &format!("user{n}"), "--active"]).unwrap();
        admin
            .house
            .cli
            .json(&["group", "create", "--name", &format!("Group {n}"), "--kind", "users"])
            .unwrap();
    }
    admin.house.cli.json(&["group", "create", "--name", "Laptops", "--kind", "devices"]).unwrap();
    let pages = admin.all_with(
        &json!({ "page": 3 }),
        &[
            ("get_users", json!({})),
            ("get_users_iterator", json!({})),
            ("get_users", json!({ "limit": 2, "offset": 6 })),
            ("get_users", json!({ "limit": 100_000 })),
            ("get_groups", json!({})),
            ("get_groups_generator", json!({})),
            ("get_integrations", json!({})),
            ("get_integrations_generator", json!({})),
        ],
    );
    let lengths: Vec<usize> = pages.iter().map(|page| page.as_array().unwrap().len()).collect();
    assert_eq!(lengths, [8, 8, 2, 8, 7, 7, 1, 1]);
    assert_eq!(names(&pages[0]), ["olga", "user0", "user1", "user2", "user3", "user4", "user5", "user6"]);
}

#[test]
fn groups_hold_users() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada" }));
    let group =
        admin.one("create_group", json!({ "name": "Staff", "desc": "All of us", "push_enabled": true }));
    assert_eq!(
        (&group["name"], &group["desc"], &group["status"]),
        (&json!("Staff"), &json!("All of us"), &json!("Active"))
    );
    let (user, id) = (&ada["user_id"], &group["group_id"]);
    let told = admin.all(&[
        ("add_user_group", json!({ "user_id": user, "group_id": id })),
        ("add_user_group", json!({ "user_id": user, "group_id": id })),
        ("get_user_groups", json!({ "user_id": user })),
        ("get_user_groups_iterator", json!({ "user_id": user })),
        ("get_group", json!({ "group_id": id, "api_version": 1 })),
        ("get_group", json!({ "group_id": id, "api_version": 2 })),
        ("get_group_users", json!({ "group_id": id })),
        ("get_group_users_iterator", json!({ "group_id": id })),
        ("get_groups_by_group_ids", json!({ "group_ids": [id, "DGXXXXXXXXXXXXXXXXXX"] })),
        ("get_user_by_id", json!({ "user_id": user })),
        ("modify_group", json!({ "group_id": id, "name": "Everybody", "desc": "" })),
        ("delete_user_group", json!({ "user_id": user, "group_id": id })),
        ("delete_user_group", json!({ "user_id": user, "group_id": id })),
        ("get_user_groups", json!({ "user_id": user })),
        ("delete_group", json!({ "group_id": id })),
        ("get_groups", json!({})),
    ]);
    let member = json!([{ "user_id": user, "username": "ada" }]);
    assert_eq!(
        (&told[0], &told[1], &told[2], &told[3]),
        (&json!(""), &json!(""), &json!([group]), &json!([group]))
    );
    assert_eq!((&told[4]["users"], &told[5], &told[6], &told[7]), (&member, &group, &member, &member));
    assert_eq!((&told[8], &told[9]["groups"]), (&json!([group]), &json!([group])));
    assert_eq!((&told[10]["name"], &told[10]["desc"]), (&json!("Everybody"), &json!("")));
    assert_eq!(
        (&told[12], &told[13], &told[14], &told[15]),
        (&json!(""), &json!([]), &json!(""), &json!([]))
    );
}

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

#[test]
fn a_link_enrols_whoever_is_not_yet() {
    let admin = Admin::open(&EVERYTHING);
    let link = admin.one("enroll_user", json!({ "username": "vera", "email": "vera@example.com" }));
    let code = link.as_str().unwrap().rsplit_once("code=").unwrap().1.to_owned();
    sallyport_testkit::story::enroll(&admin.house.browser().unwrap(), &code).unwrap();
    let vera = admin.one("get_users_by_name", json!({ "username": "vera" }))[0].clone();
    assert_eq!((&vera["is_enrolled"], &vera["email"]), (&json!(true), &json!("vera@example.com")));
    // Another request than the one before: the very same, in the same second, is answered as it was.
    let again = json!({ "username": "vera", "email": "vera@example.com", "valid_secs": 60 });
    let again = admin.refusal("enroll_user", again);
    assert_eq!((again.0, again.1), (400, 40002), "{}", again.2);
    let elsewhere = json!({ "username": "vera", "email": "mallory@example.com" });
    assert_eq!(admin.refusal("enroll_user", elsewhere).1, 40002);
    let sync = json!({ "username": "vera", "directory_key": "XYZ" });
    assert_eq!(admin.refusal("sync_user", sync).1, 40401, "there is no directory");
}

#[test]
fn applications_settings_and_counts_are_told() {
    let admin = Admin::open(&EVERYTHING);
    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let ikey = text(&vpn, "ikey");
    let told = admin.all(&[
        ("get_integrations", json!({})),
        ("get_integration", json!({ "integration_key": ikey })),
        ("get_settings", json!({})),
        ("update_settings", json!({ "minimum_password_length": 14, "inactive_user_expiration": 60 })),
        ("get_info_summary", json!({})),
        ("get_authentication_attempts", json!({})),
        ("get_user_authentication_attempts", json!({ "mintime": "0" })),
        ("get_info_telephony_credits_used", json!({})),
        ("get_phones", json!({})),
        ("get_webauthncredentials", json!({})),
        ("get_webauthncredentials_iterator", json!({})),
        ("get_u2ftokens", json!({})),
        ("get_desktoptokens", json!({})),
        ("get_endpoints", json!({})),
        ("get_registered_devices", json!({})),
    ]);
    let kinds: Vec<&Value> = told[0].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["adminapi", "authapi"]);
    assert_eq!(told[0][0]["adminapi_write_resource"], 1);
    assert_eq!((&told[1]["name"], told[1].get("secret_key")), (&json!("VPN"), None));
    assert_eq!(
        (&told[2]["name"], &told[2]["minimum_password_length"]),
        (&json!("Fortress & Sons"), &json!(12))
    );
    assert_eq!(
        (&told[3]["minimum_password_length"], &told[3]["inactive_user_expiration"]),
        (&json!(14), &json!(60))
    );
    assert_eq!(admin.house.cli.json(&["settings", "show"]).unwrap()["passwords"]["shortest"], 14);
    assert_eq!(
        (&told[4]["admin_count"], &told[4]["integration_count"], &told[4]["user_count"]),
        (&json!(1), &json!(2), &json!(1))
    );
    for counts in [&told[5]["authentication_attempts"], &told[6]["user_authentication_attempts"]] {
        assert!(
            ["ERROR", "FAILURE", "FRAUD", "SUCCESS"].iter().all(|word| counts[word].is_u64()),
            "{counts}"
        );
    }
    assert_eq!(told[7]["telephony_credits_used"], 0);
    for nothing in &told[8..] {
        assert_eq!(*nothing, json!([]));
    }
    assert_eq!(admin.refusal("get_secret_key", json!({ "integration_key": ikey })).1, 40301);
    assert_eq!(admin.refusal("update_settings", json!({ "lockout_threshold": 100 })).1, 40002);
    assert_eq!(admin.refusal("get_logo", json!({})).0, 404);
}

/// Signs in at a protected application, right or wrong.
fn knocks(house: &House, name: &str, codes: &[String]) -> String {
    let made = house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let port: u16 = house.server.url.rsplit_once(':').unwrap().1.parse().unwrap();
    let calls: Vec<Value> = codes
        .iter()
        .map(|code| {
            let arguments = json!({ "username": name, "factor": "passcode", "passcode": code });
            json!({ "name": "auth", "arguments": arguments })
        })
        .collect();
    let config = json!({
        "ikey": made["ikey"], "skey": made["skey"], "host": "localhost", "port": port,
        "ca": house.ca_file().to_string_lossy(), "calls": calls,
    });
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/duo_auth.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    sallyport_testkit::cli::run(std::path::Path::new(&python), &[&script], Some(&config.to_string()), &[])
        .unwrap();
    text(&made, "ikey")
}

#[test]
fn the_logs_tell_who_did_what_and_are_read_by_cursor() {
    let admin = Admin::open(&EVERYTHING);
    admin.house.person("vera", "lantern orbit marmalade 4").unwrap();
    let codes = admin.house.bypass_codes("vera", 3).unwrap();
    let tried = [&["000000".to_owned()], codes.as_slice()].concat();
    let ikey = knocks(&admin.house, "vera", &tried);
    knock_as_nobody(&admin.house);

    // What is younger than some seconds is not told yet.
    let soon = story::until("the log to settle", || {
        let told = admin.one("get_authentication_log", json!({ "api_version": 2, "maxtime": FAR }));
        Ok((told["authlogs"].as_array().unwrap().len() == 5).then_some(told))
    })
    .unwrap();
    let logs = soon["authlogs"].as_array().unwrap();
    let ends: Vec<(&str, &str)> =
        logs.iter().map(|one| (one["result"].as_str().unwrap(), one["reason"].as_str().unwrap())).collect();
    assert_eq!(
        ends[1..],
        [
            ("success", "valid_passcode"),
            ("success", "valid_passcode"),
            ("success", "valid_passcode"),
            ("denied", "invalid_passcode"),
        ],
        "newest first: {ends:?}"
    );
    let one = &logs[1];
    assert_eq!(
        (&one["factor"], &one["application"]["key"], &one["user"]["name"]),
        (&json!("bypass_code"), &json!(ikey), &json!("vera"))
    );
    assert_eq!(soon["metadata"]["total_objects"], logs.len());
    assert_eq!(soon["metadata"]["next_offset"], Value::Null);

    // Two at a time, by the cursor, gives the same.
    let mut walked = Vec::new();
    let mut next = Value::Null;
    loop {
        let mut asked = json!({ "api_version": 2, "maxtime": FAR, "limit": "2" });
        if !next.is_null() {
            asked["next_offset"] = next;
        }
        let part = admin.one("get_authentication_log", asked);
        walked.extend(part["authlogs"].as_array().unwrap().clone());
        next = part["metadata"]["next_offset"].clone();
        if next.is_null() {
            break;
        }
        assert!(next.as_array().is_some_and(|pair| pair.len() == 2), "{next}");
    }
    assert_eq!(&walked, logs);
    let filtered =
        json!({ "api_version": 2, "maxtime": FAR, "results": "denied", "users": one["user"]["key"] });
    assert_eq!(admin.one("get_authentication_log", filtered)["authlogs"].as_array().unwrap().len(), 1);

    let told = admin.all(&[
        ("get_authentication_log", json!({ "api_version": 1 })),
        ("get_administrator_log", json!({ "mintime": 0 })),
        ("get_activity_logs", json!({ "maxtime": FAR, "limit": 1000, "sort": "ts:asc" })),
        ("get_activity_logs", json!({ "maxtime": FAR, "limit": 3 })),
        ("get_telephony_log", json!({})),
        ("get_telephony_log", json!({ "api_version": 2 })),
        ("get_offline_log", json!({})),
    ]);
    assert_eq!(told[0].as_array().unwrap().len(), logs.len());
    assert_eq!(told[0][0]["result"], "FAILURE", "oldest first: {}", told[0]);
    let actions = told[1].as_array().unwrap().iter().filter(|one| one["action"] == "user_create").count();
    assert_eq!(actions, 2, "the owner and vera: {}", told[1]);
    let all = told[2]["items"].as_array().unwrap();
    assert_eq!(told[2]["metadata"]["total_objects"], all.len());
    let cursor = told[3]["metadata"]["next_offset"].as_str().expect("a text");
    let rest =
        admin.one("get_activity_logs", json!({ "maxtime": FAR, "limit": 1000, "next_offset": cursor }));
    assert_eq!(rest["items"].as_array().unwrap().len() + 3, all.len());
    assert_eq!((&told[4], &told[5]["items"], &told[6]), (&json!([]), &json!([]), &json!([])));
    assert_eq!(admin.refusal("get_authentication_log", json!({ "api_version": 2, "mintime": 1 })).1, 40002);
}

/// The client rounds the present down to a second, which leaves out what happened in this one.
const FAR: i64 = 4_102_444_800_000;

fn knock_as_nobody(house: &House) {
    let browser = house.browser().unwrap();
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    browser.submit(&page, "name", &[("name", "nobody-here"), ("password", "wrong horse")]).unwrap();
}

/// One call for each way in, with the permission it needs.
const NEEDED: [(&str, &str); 39] = [
    ("get_users", "read_resource"),
    ("get_user_by_id", "read_resource"),
    ("get_user_groups", "read_resource"),
    ("get_user_tokens", "read_resource"),
    ("get_user_bypass_codes", "read_resource"),
    ("get_groups", "read_resource"),
    ("get_group", "read_resource"),
    ("get_group_users", "read_resource"),
    ("get_tokens", "read_resource"),
    ("get_bypass_codes", "read_resource"),
    ("get_webauthncredentials", "read_resource"),
    ("get_phones", "read_resource"),
    ("add_phone", "write_resource"),
    ("delete_phone", "write_resource"),
    ("add_user_phone", "write_resource"),
    ("delete_webauthncredential", "write_resource"),
    ("add_user", "write_resource"),
    ("update_user", "write_resource"),
    ("delete_user", "write_resource"),
    ("enroll_user", "write_resource"),
    ("add_user_bypass_codes", "write_resource"),
    ("add_user_group", "write_resource"),
    ("delete_user_group", "write_resource"),
    ("add_user_token", "write_resource"),
    ("delete_user_token", "write_resource"),
    ("create_group", "write_resource"),
    ("modify_group", "write_resource"),
    ("delete_group", "write_resource"),
    ("add_hotp6_token", "write_resource"),
    ("delete_token", "write_resource"),
    ("resync_hotp_token", "write_resource"),
    ("get_authentication_log", "read_log"),
    ("get_administrator_log", "read_log"),
    ("get_activity_logs", "read_log"),
    ("get_telephony_log", "read_log"),
    ("get_info_summary", "info"),
    ("get_integrations", "integrations"),
    ("get_settings", "settings"),
    ("update_settings", "settings"),
];

fn arguments(call: &str) -> Value {
    let (user, group, token) = ("DUXXXXXXXXXXXXXXXXXX", "DGXXXXXXXXXXXXXXXXXX", "DHXXXXXXXXXXXXXXXXXX");
    match call {
        "get_user_by_id"
        | "get_user_groups"
        | "get_user_tokens"
        | "get_user_bypass_codes"
        | "update_user"
        | "delete_user"
        | "add_user_bypass_codes" => json!({ "user_id": user }),
        "get_group" | "get_group_users" | "modify_group" | "delete_group" => json!({ "group_id": group }),
        "add_user" => json!({ "username": "ada" }),
        "enroll_user" => json!({ "username": "ada", "email": "ada@example.com" }),
        "add_user_group" | "delete_user_group" => json!({ "user_id": user, "group_id": group }),
        "add_user_token" | "delete_user_token" => json!({ "user_id": user, "token_id": token }),
        "add_phone" => json!({ "number": "+15005550010" }),
        "delete_phone" => json!({ "phone_id": "DPXXXXXXXXXXXXXXXXXX" }),
        "add_user_phone" => json!({ "user_id": user, "phone_id": "DPXXXXXXXXXXXXXXXXXX" }),
        "delete_webauthncredential" => json!({ "webauthnkey": "WAXXXXXXXXXXXXXXXXXX" }),
        "create_group" => json!({ "name": "Staff" }),
        "add_hotp6_token" => json!({ "serial": "1", "secret": "3132333435363738393031323334353637383930" }),
        "delete_token" => json!({ "token_id": token }),
        "resync_hotp_token" => json!({ "token_id": token, "code1": "1", "code2": "2", "code3": "3" }),
        "get_administrator_log" => json!({ "mintime": 0 }),
        "update_settings" => json!({ "minimum_password_length": 13 }),
        _ => json!({}),
    }
}

#[test]
fn without_its_permission_a_call_does_nothing() {
    let admin = Admin::open(&[]);
    let calls: Vec<(&str, Value)> = NEEDED.iter().map(|(call, _)| (*call, arguments(call))).collect();
    for left_out in EVERYTHING {
        let granted: Vec<&str> = EVERYTHING.into_iter().filter(|grant| *grant != left_out).collect();
        admin.grant(&granted);
        for (told, (call, needed)) in admin.told(&json!({}), &calls).iter().zip(NEEDED) {
            let forbidden = told["refused"]["code"] == 40301;
            assert_eq!(forbidden, needed == left_out, "{call} without {left_out}: {told}");
            if forbidden {
                let detail = text(&told["refused"], "message_detail");
                assert!(told["status"] == 403 && detail.contains(left_out), "{call}: {told}");
            }
        }
    }
    admin.grant(&EVERYTHING);
    admin.house.cli.json(&["application", "disable", "Admin API"]).unwrap();
    assert_eq!(admin.refusal("get_users", json!({})).1, 40301, "a disabled one may nothing");
}

#[test]
fn keys_of_one_kind_open_nothing_of_the_other() {
    let mut admin = Admin::open(&EVERYTHING);
    let mut config = admin.config();
    config["calls"] = json!([
        { "name": "check" },
        { "name": "preauth", "arguments": { "username": "olga" } },
        { "name": "auth", "arguments": { "username": "olga", "factor": "passcode", "passcode": "000000" } },
        { "name": "enroll", "arguments": { "username": "mallory" } },
    ]);
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/duo_auth.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let out = sallyport_testkit::cli::run(
        std::path::Path::new(&python),
        &[&script],
        Some(&config.to_string()),
        &[],
    )
    .unwrap();
    let told: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.len() == 4 && told.iter().all(|told| told["status"] == 403), "{told:?}");

    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    (admin.ikey, admin.skey) = (text(&vpn, "ikey"), text(&vpn, "skey"));
    let (status, code, detail) = admin.refusal("get_users", json!({}));
    assert_eq!((status, code, detail.as_str()), (403, 40301, "Wrong integration type for this API."));
    admin.skey = "x".repeat(40);
    assert_eq!(admin.refusal("get_users", json!({})).1, 40103);
    admin.ikey = "DIXXXXXXXXXXXXXXXXXX".into();
    assert_eq!(admin.refusal("get_users", json!({})).1, 40102);
}

#[test]
fn nobody_with_an_administrator_role_is_reached() {
    let admin = Admin::open(&EVERYTHING);
    let olga = admin.one("get_users_by_name", json!({ "username": "olga" }))[0]["user_id"].clone();
    let group = admin.one("create_group", json!({ "name": "Staff" }))["group_id"].clone();
    let token = admin.one(
        "add_totp6_token",
        json!({ "serial": "1", "secret": "3132333435363738393031323334353637383930" }),
    )["token_id"]
        .clone();
    for (call, arguments) in [
        ("update_user", json!({ "user_id": olga, "realname": "Mallory" })),
        ("update_user", json!({ "user_id": olga, "alias1": "mallory" })),
        ("update_user", json!({ "user_id": olga, "status": "disabled" })),
        ("delete_user", json!({ "user_id": olga })),
        ("add_user_bypass_codes", json!({ "user_id": olga, "count": 1 })),
        ("add_user_group", json!({ "user_id": olga, "group_id": group })),
        ("add_user_token", json!({ "user_id": olga, "token_id": token })),
    ] {
        let (status, code, detail) = admin.refusal(call, arguments);
        assert_eq!(
            (status, code, detail.as_str()),
            (403, 40301, "this would reach above your own rights"),
            "{call}"
        );
    }
}

#[test]
fn policies_live_through_the_vendors_client() {
    let admin = Admin::open(&EVERYTHING);
    let vpn =
        admin.house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let ada = admin.one("add_user", json!({ "username": "ada" }))["user_id"].clone();
    let admins = admin.one("create_group", json!({ "name": "Admins" }))["group_id"].clone();
    admin.one("add_user_group", json!({ "user_id": ada, "group_id": admins }));
    let location = json!({
        "default_action": "ignore-location", "allow_access_no_2fa_countries_list": [],
        "deny_access_countries_list": ["FR", "US"], "ignore_location_countries_list": [],
        "require_mfa_countries_list": [], "access_device_only": true,
    });
    let made = admin.one(
        "create_policy_v2",
        json!({ "json_request": {
            "policy_name": "At the VPN",
            "sections": { "user_location": location, "new_user": { "new_user_behavior": "deny" } },
            "apply_to_apps": { "apply_list": [vpn["ikey"]] },
        } }),
    );
    let key = made["policy_key"].clone();
    assert_eq!((&made["sections"]["user_location"], &made["is_global_policy"]), (&location, &json!(false)));
    let told = admin.all(&[
        ("get_policy_v2", json!({ "policy_key": key })),
        ("copy_policy_v2", json!({ "policy_key": key, "new_policy_names_list": ["For admins", "Spare"] })),
        ("get_policies_v2", json!({})),
        ("get_policies_v2", json!({ "limit": 2, "offset": 2 })),
        ("get_policy_v2", json!({ "policy_key": "global" })),
    ]);
    assert_eq!(told[0], made);
    let copies = told[1]["policies"].as_array().unwrap();
    assert_eq!((copies.len(), &copies[0]["sections"]), (2, &made["sections"]));
    assert_eq!((told[2].as_array().unwrap().len(), told[3].as_array().unwrap().len()), (4, 2));
    assert_eq!(told[4]["sections"]["new_user"]["new_user_behavior"], "enroll");
    let for_admins = copies[0]["policy_key"].clone();
    let told = admin.all(&[
        (
            "update_policy_v2",
            json!({ "policy_key": for_admins, "json_request": {
                "sections": { "new_user": { "new_user_behavior": "enroll" } },
                "sections_to_delete": ["user_location"],
                "apply_to_groups_in_apps": { "apply_group_policies_list":
                    [{ "app_integration_key": vpn["ikey"], "group_id_list": [admins] }] },
            } }),
        ),
        (
            "update_policies_v2",
            json!({ "sections": { "anonymous_networks": { "anonymous_access_behavior": "deny" } },
                    "sections_to_delete": [], "edit_list": [key] }),
        ),
        ("calculate_policy", json!({ "integration_key": vpn["ikey"], "user_id": ada })),
        ("get_policy_summary_v2", json!({})),
        ("delete_policy_v2", json!({ "policy_key": copies[1]["policy_key"] })),
    ]);
    assert_eq!(told[0]["sections"], json!({ "new_user": { "new_user_behavior": "enroll" } }));
    assert_eq!(told[1][0]["sections"]["anonymous_networks"]["anonymous_access_behavior"], "deny");
    let (elements, sections) = (&told[2]["policy_elements"], &told[2]["sections"]);
    assert_eq!(sections["new_user"]["new_user_behavior"], "enroll");
    assert_eq!(elements["new_user"]["policy_key"], for_admins);
    assert_eq!((&sections["user_location"], &elements["user_location"]["policy_key"]), (&location, &key));
    assert_eq!(elements["remembered_devices"]["apply_type"], "global");
    assert_eq!(told[3]["policy_count"], 4);
    assert_eq!(told[4], "");
    let applied = admin.refusal("delete_policy_v2", json!({ "policy_key": key }));
    assert!(applied.0 == 400 && applied.2.contains("VPN"), "{applied:?}");
    let unknown = json!({ "policy_key": key, "json_request": { "sections": { "browsers": {} } } });
    let refused = admin.refusal("update_policy_v2", unknown);
    assert!(refused.1 == 40002 && refused.2.contains("sections.browsers"), "{refused:?}");
}

#[test]
fn errors_are_those_that_clients_know() {
    let admin = Admin::open(&EVERYTHING);
    let ada = admin.one("add_user", json!({ "username": "ada", "alias1": "al" }))["user_id"].clone();
    for (call, arguments, status, code) in [
        ("get_user_by_id", json!({ "user_id": "DUXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_group", json!({ "group_id": "DGXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_token_by_id", json!({ "token_id": "DHXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("get_user_by_id", json!({ "user_id": "../groups" }), 404, 40401),
        ("add_user", json!({ "username": "ada" }), 400, 40002),
        ("add_user", json!({ "username": "AL" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "Ada" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "al" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "alias1": "root" }), 400, 40002),
        ("add_user", json!({ "username": "not a name" }), 400, 40002),
        ("add_user", json!({ "username": "" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "status": "bypass" }), 400, 40002),
        ("add_user", json!({ "username": "bob", "email": "no address" }), 400, 40002),
        ("update_user", json!({ "user_id": ada, "username": "adele" }), 400, 40002),
        ("update_user", json!({ "user_id": ada, "status": "locked out" }), 400, 40002),
        ("add_user_group", json!({ "user_id": ada, "group_id": "DGXXXXXXXXXXXXXXXXXX" }), 400, 40002),
        ("create_group", json!({ "name": "x", "status": "bypass" }), 400, 40002),
        ("add_yubikey_token", json!({ "serial": "1", "private_id": "0", "aes_key": "0" }), 400, 40002),
        ("add_hotp6_token", json!({ "serial": "1", "secret": "00" }), 400, 40002),
        ("get_policy_v2", json!({ "policy_key": "POXXXXXXXXXXXXXXXXXX" }), 404, 40401),
        ("delete_policy_v2", json!({ "policy_key": "global" }), 400, 40002),
        ("get_admins", json!({}), 404, 40401),
    ] {
        let refusal = admin.refusal(call, arguments.clone());
        assert_eq!((refusal.0, refusal.1), (status, code), "{call} {arguments}: {}", refusal.2);
    }
    assert_eq!(admin.one("get_users_by_name", json!({ "username": "bob" })), json!([]), "nothing was done");
}

#[test]
fn every_form_of_signature_and_body_is_read() {
    let admin = Admin::open(&EVERYTHING);
    for (version, name) in [(2, "ada"), (4, "bob"), (5, "eve")] {
        let told = admin.all_with(
            &json!({ "sig_version": version }),
            &[
                ("add_user", json!({ "username": name, "realname": "Zoë & Søn +~" })),
                ("get_users_by_name", json!({ "username": name })),
            ],
        );
        assert_eq!((&told[0]["realname"], &told[1][0]), (&json!("Zoë & Søn +~"), &told[0]), "{version}");
    }
}

#[test]
fn a_client_that_asks_too_fast_waits_and_is_answered() {
    let admin = Admin::open(&EVERYTHING);
    let far = json!({ "times": 250, "arguments": { "api_version": 2, "maxtime": FAR } });
    let told = admin.told(&json!({}), &[("get_authentication_log", far), ("get_info_summary", json!({}))]);
    assert!(told[0]["waits"].as_i64().unwrap() > 0, "it was told to wait: {}", told[0]["waits"]);
    assert!(told[0]["answer"]["authlogs"].is_array() && told[1]["answer"]["user_count"] == 1, "{told:?}");
}
