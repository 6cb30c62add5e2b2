//! The logs, read as collectors do.

use sallyport_testkit::story::{self, House, text};
use serde_json::{Value, json};

use super::{Admin, EVERYTHING, FAR};

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
        let told = admin.one(
            "get_authentication_log",
            json!({ "api_version": 2, "maxtime": FAR, "event_types": "authentication" }),
        );
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
        let mut asked =
            json!({ "api_version": 2, "maxtime": FAR, "limit": "2", "event_types": "authentication" });
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

    // The first version tells of a second once it is over.
    story::until("the last second to be over", || {
        let told = admin.one("get_authentication_log", json!({ "api_version": 1 }));
        Ok((told.as_array().unwrap().len() == logs.len()).then_some(()))
    })
    .unwrap();
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

fn knock_as_nobody(house: &House) {
    let browser = house.browser().unwrap();
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    browser.submit(&page, "name", &[("name", "nobody-here"), ("password", "wrong horse")]).unwrap();
}
