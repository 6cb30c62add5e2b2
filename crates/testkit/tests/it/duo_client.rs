//! The vendor's own Python client against our Auth API. It knows servers by DNS names only, not by addresses.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a test says what it expects by failing"
)]

mod faults;
mod phones;
mod second_phone;

use std::{net::Ipv4Addr, path::Path};

use sallyport_testkit::{
    cli,
    phone_page::PhonePage,
    story::{self, House, text},
};
use serde_json::{Value, json};

/// The keys of a protected application, and where it is.
pub(super) struct Keys {
    ikey: String,
    skey: String,
    /// What it calls us.
    host: String,
    port: u16,
    ca: String,
}

pub(super) fn application(house: &House) -> Keys {
    let created =
        house.cli.json(&["application", "create", "--type", "duo-auth-api", "--name", "VPN"]).unwrap();
    let port = house.server.url.rsplit_once(':').unwrap().1.parse().unwrap();
    let ca = house.ca_file().to_string_lossy().into_owned();
    let host = "localhost".to_owned();
    Keys { ikey: text(&created, "ikey"), skey: text(&created, "skey"), host, port, ca }
}

/// Lets the client make these calls; what it was answered to each.
pub(super) fn calls(keys: &Keys, sig_version: Option<u8>, calls: &[(&str, Value)]) -> Vec<Value> {
    drive(keys, false, sig_version, calls)
}

/// The same, or what the client said when it could not call.
fn calls_or_said(keys: &Keys, calls: &[(&str, Value)]) -> Result<Vec<Value>, String> {
    driven(keys, false, None, calls).map_err(|error| format!("{error:#}"))
}

/// The same; `older` means the client of the older API.
fn drive(keys: &Keys, older: bool, sig_version: Option<u8>, calls: &[(&str, Value)]) -> Vec<Value> {
    driven(keys, older, sig_version, calls).unwrap()
}

fn driven(
    keys: &Keys,
    older: bool,
    sig_version: Option<u8>,
    calls: &[(&str, Value)],
) -> anyhow::Result<Vec<Value>> {
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/duo_auth.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let calls: Vec<Value> =
        calls.iter().map(|(name, arguments)| json!({ "name": name, "arguments": arguments })).collect();
    let mut config = json!({
        "ikey": keys.ikey, "skey": keys.skey, "host": keys.host, "names": { &*keys.host: "localhost" }, "port": keys.port, "ca": keys.ca, "calls": calls,
        "older": older,
    });
    if let Some(version) = sig_version {
        config["sig_version"] = json!(version);
    }
    let out = cli::run(Path::new(&python), &[&script], Some(&config.to_string()), &[])?;
    Ok(out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn the_vendors_client_is_content() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    let answers = calls(
        &keys,
        None,
        &[
            ("ping", json!({})),
            ("check", json!({})),
            ("preauth", json!({ "username": "nobody-here" })),
            ("enroll", json!({ "username": "vera" })),
            ("preauth", json!({ "username": "vera" })),
        ],
    );
    assert!(answers[0]["answer"]["time"].as_i64().unwrap() > 0, "{answers:?}");
    assert!(answers[1]["answer"]["time"].as_i64().unwrap() > 0, "{answers:?}");
    // Whoever can type a name at a machine makes nobody, and passes as nobody.
    assert_eq!(answers[2]["answer"]["result"], "deny", "{answers:?}");
    let enrolled = &answers[3]["answer"];
    assert_eq!(enrolled["username"], "vera", "{answers:?}");
    assert_eq!(answers[4]["answer"]["result"], "enroll", "{answers:?}");
    let waiting = json!({ "user_id": enrolled["user_id"], "activation_code": enrolled["activation_code"] });
    assert_eq!(calls(&keys, None, &[("enroll_status", waiting.clone())])[0]["answer"], "waiting");

    // Vera follows the link, which the picture leads to as well.
    let picture = text(enrolled, "activation_barcode");
    let picture =
        house.browser().unwrap().open(&format!("/{}", picture.splitn(4, '/').nth(3).unwrap())).unwrap();
    assert!(picture.status == 200 && picture.body.contains("<svg"), "{picture:?}");
    let url = text(enrolled, "activation_url");
    let code = url.rsplit_once("code=").unwrap().1;
    let vera = story::enroll(&house.browser().unwrap(), code).unwrap();

    let right = vera.code(0);
    let passcode =
        |code: &str| ("auth", json!({ "username": "vera", "factor": "passcode", "passcode": code }));
    // Another request than the one before: the very same, in the same second, is answered as it was.
    let elsewhere =
        json!({ "username": "vera", "factor": "passcode", "passcode": right, "ipaddr": "192.0.2.9" });
    let used = ("auth", elsewhere);
    let answers = calls(
        &keys,
        None,
        &[
            ("enroll_status", waiting),
            ("preauth", json!({ "username": "vera" })),
            passcode("000000"),
            passcode(&right),
            used,
            ("auth", json!({ "username": "vera", "factor": "push", "device": "auto" })),
        ],
    );
    assert_eq!(answers[0]["answer"], "success", "{answers:?}");
    assert_eq!(answers[1]["answer"]["result"], "auth", "{answers:?}");
    let results: Vec<_> =
        answers[2..5].iter().map(|answer| answer["answer"]["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["deny", "allow", "deny"], "wrong, right, used: {answers:?}");
    assert_eq!(answers[5]["status"], 400, "{answers:?}");
}

#[test]
fn every_form_of_signature_that_it_speaks_is_checked() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    for version in [2, 4, 5] {
        let answers = calls(
            &keys,
            Some(version),
            &[("check", json!({})), ("preauth", json!({ "username": "üé &+~" }))],
        );
        assert!(answers[0]["answer"]["time"].is_i64(), "version {version}: {answers:?}");
        assert!(answers[1]["answer"]["result"].is_string(), "version {version}: {answers:?}");
    }
    let wrong_secret = Keys { skey: "x".repeat(40), ..application_of(&keys) };
    let wrong_key = Keys { ikey: "DIXXXXXXXXXXXXXXXXXX".into(), ..application_of(&keys) };
    for keys in [wrong_secret, wrong_key] {
        let answers = calls(&keys, None, &[("ping", json!({})), ("check", json!({}))]);
        assert!(answers[0]["answer"]["time"].is_i64(), "ping needs no signature: {answers:?}");
        assert_eq!(answers[1]["status"], 401, "{answers:?}");
    }
}

#[test]
fn asynchronous_answers_are_told_until_they_are_final() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = house.enroll("vera").unwrap();
    let request =
        json!({ "username": "vera", "factor": "passcode", "passcode": vera.code(0), "async_txn": true });
    let begun = calls(&keys, None, &[("auth", request)]);
    let txid = begun[0]["answer"]["txid"].as_str().unwrap().to_owned();
    let status = calls(
        &keys,
        None,
        &[("auth_status", json!({ "txid": txid })), ("auth_status", json!({ "txid": txid }))],
    );
    for answer in &status {
        assert_eq!(answer["answer"]["success"], true, "{status:?}");
    }
}

#[test]
fn a_suspended_person_is_denied_in_a_way_no_client_takes_for_an_outage() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = house.enroll("vera").unwrap();
    house.cli.json(&["user", "suspend", "vera"]).unwrap();
    let answers = calls(
        &keys,
        None,
        &[
            ("preauth", json!({ "username": "vera" })),
            ("auth", json!({ "username": "vera", "factor": "passcode", "passcode": vera.code(0) })),
        ],
    );
    for answer in &answers {
        assert_eq!(answer["answer"]["result"], "deny", "{answers:?}");
    }
}

#[test]
fn the_vendors_client_of_the_older_api_is_content() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = house.enroll("vera").unwrap();
    let ask = |made: &[(&str, Value)]| drive(&keys, true, None, made);
    let (code, name) = (vera.code(0), json!({ "username": "vera" }));
    let wrong = json!({ "username": "vera", "factor": "passcode", "passcode": "000000" });
    let right = json!({ "username": "vera", "factor": "auto", "auto": code, "async_txn": true });
    let answers = ask(&[
        ("ping", json!({})),
        ("check", json!({})),
        ("preauth", name),
        ("auth", wrong),
        ("auth", right),
        ("preauth", json!({ "username": "nobody-here" })),
    ]);
    assert_eq!((&answers[0]["answer"], &answers[1]["answer"]), (&json!(true), &json!(true)), "{answers:?}");
    assert_eq!(answers[2]["answer"]["result"], "auth", "{answers:?}");
    assert_eq!(answers[3]["answer"], false, "{answers:?}");
    assert_eq!(answers[5]["answer"]["result"], "deny", "{answers:?}");
    let txid = answers[4]["answer"].as_str().unwrap();
    let status = ask(&[("status", json!({ "txid": txid })), ("logo", json!({}))]);
    assert_eq!(status[0]["answer"], json!([true, true, "Success. Logging you in..."]), "{status:?}");
    assert_eq!(status[1]["status"], 404, "{status:?}");

    // Signatures without a date are believed where the operator says so, and there alone.
    let undated = |older| drive(&keys, older, Some(1), &[("check", json!({}))])[0].clone();
    assert_eq!(undated(true)["status"], 403, "and not 401, upon which clients that fail safe open");
    house.cli.json(&["application", "update", "VPN", "--accepts-undated", "true"]).unwrap();
    assert_eq!(undated(true)["answer"], true);
    assert_eq!(undated(false)["status"], 401, "the Auth API wants a date");
    let wrong_secret = Keys { skey: "x".repeat(40), ..application_of(&keys) };
    let refused = drive(&wrong_secret, true, None, &[("ping", json!({})), ("check", json!({}))]);
    assert_eq!((&refused[0]["answer"], &refused[1]["status"]), (&json!(true), &json!(403)), "{refused:?}");
}

#[test]
fn the_vendors_client_has_a_code_texted_and_gets_in_by_it() {
    let (house, company) = House::open_with_telephones().unwrap();
    let keys = application(&house);
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    house.cli.json(&["user", "add-phone", "vera", "+15005550010"]).unwrap();
    let sms = json!({ "username": "vera", "factor": "sms", "device": "auto" });
    let answers = calls(&keys, None, &[("preauth", json!({ "username": "vera" })), ("auth", sms)]);
    let device = &answers[0]["answer"]["devices"][0];
    assert_eq!(
        (&device["type"], &device["number"]),
        (&json!("phone"), &json!("XXX-XXX-0010")),
        "{answers:?}"
    );
    assert!(device["capabilities"].as_array().unwrap().contains(&json!("sms")), "{answers:?}");
    let sent = json!({ "result": "deny", "status": "sent", "status_msg": "New SMS passcodes sent." });
    assert_eq!(answers[1]["answer"], sent);
    let code = company.code(0).unwrap();
    let passcode =
        |ip: &str| json!({ "username": "vera", "factor": "passcode", "passcode": code, "ipaddr": ip });
    let answers = calls(&keys, None, &[("auth", passcode("192.0.2.8")), ("auth", passcode("192.0.2.9"))]);
    let results = [0, 1].map(|n: usize| answers[n]["answer"]["result"].as_str().unwrap().to_owned());
    assert_eq!(results, ["allow", "deny"], "once: {answers:?}");
}

fn application_of(keys: &Keys) -> Keys {
    let (ikey, skey, host) = (keys.ikey.clone(), keys.skey.clone(), keys.host.clone());
    Keys { ikey, skey, host, port: keys.port, ca: keys.ca.clone() }
}

#[test]
fn the_vendors_client_waits_for_a_phone() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    let (url, ca) = (house.server.url.clone(), house.set_up.ca.clone());
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let code = text(&house.cli.json(&["user", "enrollment-code", "vera"]).unwrap(), "code");
    let authenticator = story::enroll(&house.browser().unwrap(), &code).unwrap();
    let phone =
        PhonePage::of(("vera", "lantern orbit marmalade 4", &authenticator.code(0)), &url, &ca).unwrap();
    // Each from an address of its own: the very same request within a second is answered as it was before.
    let push = |from: &str, is_async: bool| {
        let more = json!({
            "username": "vera", "factor": "push", "device": "auto", "async_txn": is_async, "ipaddr": from,
        });
        ("auth", more)
    };
    // It shows no number, and nobody has allowed that yet.
    let refused = &calls(&keys, None, &[push("192.0.2.1", false)])[0]["answer"];
    assert_eq!(refused["result"], "deny", "{refused}");
    assert!(text(refused, "status_msg").contains("number"), "{refused}");
    house.cli.push_without_number("VPN").unwrap();
    let holds = house.cli.json(&["policy", "effective", "vera", "--application", "VPN"]).unwrap();
    let lines = holds["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["section"] == "verified_push").unwrap();
    assert_eq!(text(line, "says"), "3 digits; what can show no number pushes without");
    assert!(text(line, "because").contains("Push without a number at VPN"), "{line}");

    let preauth = &calls(&keys, None, &[("preauth", json!({ "username": "vera" }))])[0]["answer"];
    let devices = preauth["devices"].as_array().unwrap();
    assert!(devices.iter().any(|device| device["capabilities"] == json!(["auto", "push"])), "{preauth}");

    let answer = std::thread::scope(|scope| {
        let asking = scope.spawn(|| calls(&keys, None, &[push("192.0.2.2", false)]));
        let shown = phone.say_yes("").unwrap();
        assert!(shown.contains("VPN"), "{shown}");
        asking.join().unwrap()
    });
    assert_eq!(answer[0]["answer"]["result"], "allow", "{answer:?}");

    let txid = text(&calls(&keys, None, &[push("192.0.2.3", true)])[0]["answer"], "txid");
    let status = ("auth_status", json!({ "txid": txid }));
    let answers = std::thread::scope(|scope| {
        let asking = scope.spawn(|| calls(&keys, None, &[status.clone(), status.clone(), status.clone()]));
        phone.say_yes("").unwrap();
        asking.join().unwrap()
    });
    assert_eq!(answers[0]["answer"]["status"], "pushed", "{answers:?}");
    assert_eq!(answers[2]["answer"]["status"], "allow", "{answers:?}");
}

#[test]
fn the_vendors_client_has_a_device_trusted() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let keys = application(&house);
    house.person("vera", "lantern orbit marmalade 4").unwrap();
    let vera = house.enroll("vera").unwrap();
    let remember = |hours: u32| {
        let mut settings = house.cli.json(&["settings", "show"]).unwrap();
        settings["remembered_devices"] = json!({ "hours": hours, "reach": "one_application" });
        house.cli.run(&["settings", "replace", "-"], Some(&settings.to_string())).unwrap();
    };
    remember(24);
    let request =
        json!({ "username": "vera", "factor": "passcode", "passcode": vera.code(0), "async_txn": true });
    let begun = calls(&keys, None, &[("auth", request)]);
    let status = calls(&keys, None, &[("auth_status", json!({ "txid": begun[0]["answer"]["txid"] }))]);
    let token = status[0]["answer"]["trusted_device_token"].clone();
    assert!(token.is_string(), "{status:?}");
    let ask = |token: &Value| {
        let arguments = json!({ "username": "vera", "trusted_device_token": token });
        calls(&keys, None, &[("preauth", arguments)])[0]["answer"]["result"].clone()
    };
    assert_eq!(ask(&token), "allow");
    assert_eq!(ask(&json!("not-a-token")), "auth");
    house.cli.json(&["user", "forget-browsers", "vera"]).unwrap();
    assert_eq!(ask(&token), "auth");
}

#[test]
fn the_vendors_client_calls_us_by_a_name_that_is_the_applications_own() {
    const NAME: &str = "api-vpn.fortress.example";
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let mut keys = application(&house);
    keys.host = NAME.into();
    let check = |keys: &Keys| calls_or_said(keys, &[("check", json!({}))]);
    let refused = check(&keys).unwrap_err();
    assert!(refused.contains("certificate"), "the name is nobody's yet: {refused}");
    let named = house.cli.json(&["application", "update", "VPN", "--api-host", NAME]).unwrap();
    assert_eq!(text(&named, "host"), format!("{NAME}:{}", keys.port));
    let shown = house.cli.json(&["application", "rotate", "VPN"]).unwrap();
    assert_eq!(text(&shown, "host"), format!("{NAME}:{}", keys.port));
    keys.skey = text(&shown, "skey");
    // Our own certificate is good for it from now on, without a restart.
    let answers = story::until("a certificate for the name", || Ok(check(&keys).ok())).unwrap();
    assert!(answers[0]["answer"]["time"].as_i64().unwrap() > 0, "{answers:?}");
    // And for those that it was good for before.
    keys.host = "localhost".into();
    assert!(check(&keys).unwrap()[0]["answer"]["time"].as_i64().unwrap() > 0);
    // Without it the name is nobody's again.
    let former = house.cli.json(&["application", "update", "VPN", "--no-api-host"]).unwrap();
    assert_eq!(text(&former, "host"), house.server.url.strip_prefix("https://").unwrap());
    keys.host = NAME.into();
    story::until("a certificate without the name", || Ok(check(&keys).err())).unwrap();
}
