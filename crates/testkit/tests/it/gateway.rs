//! Signing in at the portal with a text that goes out by a gateway nobody here knows: one HTTP request, written from the
//! administrator's template, which the test reads as the gateway would.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    sync::mpsc,
    thread,
    time::Duration,
};

use sallyport_testkit::{
    browser::{Browser, Page},
    story::{self, House},
};
use serde_json::{Value, json};

const PASSWORD: &str = "lantern orbit marmalade 4";
const NUMBER: &str = "+15005550010";

/// A request as it came.
struct Taken {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Takes requests for ever, and answers them with these statuses in turn, the last for the rest.
fn gateway(statuses: &'static [u16]) -> (String, mpsc::Receiver<Taken>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, taken) = mpsc::channel();
    thread::spawn(move || {
        for (n, socket) in listener.incoming().map_while(Result::ok).enumerate() {
            let mut reader = BufReader::new(socket);
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let mut headers = BTreeMap::new();
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                let Some((name, value)) = header.trim_end().split_once(':') else { break };
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            }
            let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = statuses.get(n).or(statuses.last()).copied().unwrap_or(200);
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            let body = String::from_utf8(body).unwrap();
            if tell.send(Taken { line: line.trim_end().to_owned(), headers, body }).is_err() {
                return;
            }
        }
    });
    (url, taken)
}

/// A house whose texts go there, and Ada with a phone.
fn house(template: &Value) -> House {
    let house = House::open_with_loopback().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (template, secret) =
        (file("gateway", &template.to_string()), file("secret", "a\"key\"of-the-gateway"));
    let given = ["--gateway-file", &template, "--secret-file", &secret, "--sender", "+15005550006"];
    let given = [&["telephony", "update"], &given[..], &["--country", "+1", "--texts", "true"]].concat();
    house.cli.json(&given).unwrap();
    house.person("ada", PASSWORD).unwrap();
    house.cli.json(&["user", "add-phone", "ada", NUMBER, "--name", "My phone"]).unwrap();
    house
}

/// Ada at her second door, after she asked for a text there.
fn asked(browser: &Browser) -> Page {
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    let given = [("name", "ada"), ("password", PASSWORD)];
    let page = browser.submit(&page, "password", &given).unwrap().ok().unwrap();
    browser.submit_to(&page, "/sign-in/second/text", &[]).unwrap()
}

fn code_in(text: &str) -> String {
    let found = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 7);
    assert!(found.is_some(), "no code in `{text}`");
    found.unwrap().to_owned()
}

/// What is posted to a gateway there.
fn posted(url: &str) -> Value {
    json!({
        "method": "post", "url": format!("{url}/send?campaign=1"), "content_type": "json",
        "headers": [{ "name": "X-Key", "value": "Key {secret}" }],
        "body": r#"{"messages":[{"to":"{to}","from":"{from}","text":"{text}"}]}"#,
    })
}

#[test]
fn a_code_that_went_out_by_a_posted_template_opens_the_portal_once() {
    let (url, taken) = gateway(&[202]);
    let house = house(&posted(&url));
    let browser = house.browser().unwrap();
    let page = asked(&browser).ok().unwrap();
    let sent = taken.recv_timeout(Duration::from_secs(20)).unwrap();
    assert_eq!(sent.line, "POST /send?campaign=1 HTTP/1.1");
    assert_eq!(
        (sent.headers["x-key"].as_str(), sent.headers["content-type"].as_str()),
        ("Key a\"key\"of-the-gateway", "application/json")
    );
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    let message = &body["messages"][0];
    assert_eq!((&message["to"], &message["from"]), (&json!(NUMBER), &json!("+15005550006")));
    let text = message["text"].as_str().unwrap();
    assert!(!text.contains("ada") && !text.contains("Fortress"), "{text}");

    let wrong = browser.submit(&page, "passcode", &[("passcode", "0000000")]).unwrap();
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let home = browser.submit(&wrong, "passcode", &[("passcode", &code_in(text))]).unwrap().ok().unwrap();
    assert_eq!(home.path, "/", "{}", home.text());
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    assert_eq!(log["items"][0]["second_door"]["kind"], "phone", "{log}");
    let carried = house.cli.json(&["telephony", "log"]).unwrap();
    assert_eq!(
        (&carried["items"][0]["number"], &carried["items"][0]["state"]),
        (&json!(NUMBER), &json!("sent"))
    );

    // It was good once.
    let other = house.browser().unwrap();
    let page = other.open("/sign-in").unwrap().ok().unwrap();
    let page =
        other.submit(&page, "password", &[("name", "ada"), ("password", PASSWORD)]).unwrap().ok().unwrap();
    let spent = other.submit(&page, "passcode", &[("passcode", &code_in(text))]).unwrap();
    assert_eq!(spent.status, 422, "{}", spent.text());
}

#[test]
fn an_enrolment_link_is_texted_by_the_verb_to_the_number_of_record_and_leads_to_a_factor() {
    let (url, taken) = gateway(&[202]);
    let house = house(&posted(&url));
    let link = ["user", "enrollment-link", "noa", "--by", "text"];
    house.cli.json(&["user", "create", "noa", "--active"]).unwrap();
    let refused = house.cli.json(&link).unwrap_err().to_string();
    assert!(refused.contains("no phone number"), "{refused}");
    house.cli.json(&["user", "update", "noa", "--phone", "+1 500 555 0014"]).unwrap();
    let sent = house.cli.json(&link).unwrap();
    assert_eq!((&sent["by"], &sent["to"]), (&json!("text"), &json!("+15005550014")));
    assert!(!sent.to_string().contains("code="), "whoever asked is not told: {sent}");
    let body = taken.recv_timeout(Duration::from_secs(20)).unwrap().body;
    let message = &serde_json::from_str::<Value>(&body).unwrap()["messages"][0];
    assert_eq!(message["to"], "+15005550014");
    let text = message["text"].as_str().unwrap();
    assert!(!text.contains("noa") && !text.contains("Fortress"), "{text}");
    let (_, code) = text.split_once(&format!("{}/enroll?code=", house.server.url)).unwrap();
    story::enroll(&house.browser().unwrap(), code.split_whitespace().next().unwrap()).unwrap();
    let factors = house.cli.json(&["user", "factors", "noa"]).unwrap();
    assert_eq!(factors["items"][0]["kind"], "totp", "{factors}");
}

#[test]
fn what_a_gateway_does_not_take_is_said_and_leaves_no_code_behind() {
    let (url, taken) = gateway(&[503]);
    let house = house(&json!({
        "method": "get", "url": format!("{url}/send?to={{to}}&text={{text}}"), "content_type": "text", "body": "",
        "headers": [{ "name": "Authorization", "value": "Bearer {secret}" }],
    }));
    let browser = house.browser().unwrap();
    let page = asked(&browser);
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(page.text().contains("could not be sent"), "{}", page.text());
    let sent = taken.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(sent.line.starts_with("GET /send?to=%2B15005550010&text="), "{}", sent.line);
    assert!(
        sent.line.is_ascii() && !sent.line.contains("gateway"),
        "the key is in no address: {}",
        sent.line
    );
    // A blank and what comes after it stand beside each other there.
    let code = code_in(&sent.line.replace("%20", " "));
    let refused = browser.submit(&page, "passcode", &[("passcode", &code)]).unwrap();
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert_ne!(refused.path, "/");
}
