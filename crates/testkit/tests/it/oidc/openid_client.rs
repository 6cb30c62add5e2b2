//! The client that keeps to the letter.

use sallyport_testkit::story::House;
use serde_json::json;

use super::{Application, Person};

#[test]
fn somebody_signs_in_once_and_reaches_two_applications() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({}));
    let vera = Person::new(&house, "vera");
    let (path, checks) = wiki.begin(json!({ "scope": "openid profile email groups" }));
    let page = vera.browser.open(&path).unwrap();
    assert!(page.path.starts_with("/sign-in?next="), "{}", page.path);
    let page = vera.passes(&page, 0);
    let told = wiki.call("redeem", json!({ "callback": wiki.callback(&page), "checks": checks }));
    let (claims, person) = (&told["answer"]["claims"], &told["answer"]["person"]);
    assert_eq!(claims["preferred_username"], "vera", "{told}");
    assert_eq!(claims["acr"], "urn:sallyport:acr:both-doors", "{told}");
    assert_eq!(claims["amr"], json!(["mfa", "otp", "pwd"]), "{told}");
    assert_eq!(person["preferred_username"], "vera", "{told}");
    // The session is open: another application asks for nothing.
    let board = Application::make(&house, "board", json!({ "signing_algorithm": "RS256" }));
    let board = board.with("metadata", json!({ "id_token_signed_response_alg": "RS256" }));
    let (path, checks) = board.begin(json!({ "scope": "openid" }));
    let page = vera.browser.open(&path).unwrap();
    let told = board.call("redeem", json!({ "callback": board.callback(&page), "checks": checks }));
    assert_eq!(told["answer"]["claims"]["sub"], claims["sub"], "{told}");
    // Both are in the log, with why.
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let reached: Vec<_> = sallyport_testkit::story::items(&log)
        .iter()
        .filter(|entry| entry["resource"]["kind"] == "application")
        .map(|entry| (entry["resource"]["name"].as_str().unwrap(), entry["reasons"][0].as_str().unwrap()))
        .collect();
    assert_eq!(reached, [("board", "session_open"), ("wiki", "session_open")], "{log}");
}
