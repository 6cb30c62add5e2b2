//! A browser shows which device it is on: the agent of that device says so, and a rule opens the portal upon it.

use std::sync::{Mutex, Weak};

use sallyport_testkit::{
    browser::Browser,
    chromium::{Chromium, ENTER},
    story::{DeviceHouse, text},
};
use serde_json::{Value, json};

use super::{PASSWORD, Shared, shared};

static HOUSE: Shared = Mutex::new(Weak::new());

/// The portal is shut to this person, unless they are on a device of the organisation that is theirs.
fn only_on_own_device(house: &DeviceHouse, name: &str) {
    let user = text(&house.cli().json(&["user", "show", name]).unwrap(), "id");
    for (rule, device) in [("managed", json!({ "managed": false })), ("bound", json!({ "bound": false }))] {
        let says = json!({
            "who": { "users": [user] },
            "what": { "kinds": ["user_portal"] },
            "device": device,
            "then": { "effect": "deny" },
        });
        let file = house.house.file(&format!("{rule}-{name}.json"), &says.to_string()).unwrap();
        let called = format!("{rule} {name}");
        house
            .cli()
            .json(&["access-rule", "create", "--name", &called, "--mode", "on", "--rule-file", &file])
            .unwrap();
    }
}

/// The address that a browser is led to, of the agent on whatever machine it is on.
fn asked(browser: &Browser) -> String {
    let page = browser.open("/this-device").unwrap().ok().unwrap();
    let page = browser.submit_to(&page, "/this-device", &[("next", "/")]).unwrap().ok().unwrap();
    let (_, address) = page.body.split_once("content=\"0;url=").unwrap();
    address.split_once('"').unwrap().0.replace("&amp;", "&").replace("&#38;", "&")
}

/// What the agent answers a program of this account: a status, and where it leads.
fn agent_says(house: &DeviceHouse, account: &str, arguments: &[&str]) -> (String, String) {
    let curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}"];
    let run = ["runuser", "--user", account, "--"].into_iter().chain(curl).chain(arguments.iter().copied());
    let said = String::from_utf8(house.sandbox.check(run).unwrap()).unwrap();
    let (status, to) = said.split_once(' ').unwrap();
    (status.to_owned(), to.strip_prefix(&house.house.server.url).unwrap_or(to).to_owned())
}

fn first_door(browser: &Browser, name: &str) -> u16 {
    let page = browser.open("/sign-in").unwrap().ok().unwrap();
    browser.submit(&page, "password", &[("name", name), ("password", PASSWORD)]).unwrap().status
}

fn newest(house: &DeviceHouse) -> Value {
    house.cli().json(&["sign-in", "list"]).unwrap()["items"][0].clone()
}

#[test]
fn the_agent_vouches_for_the_accounts_of_the_directory_and_for_nobody_else() {
    let Some(house) = shared(&HOUSE, "laptop-49") else { return };
    house.bound_person("rosa", PASSWORD, 1).unwrap();
    house.local_person("visitor", PASSWORD).unwrap();
    only_on_own_device(&house, "rosa");
    let browser = house.house.browser().unwrap();
    assert_eq!(first_door(&browser, "rosa"), 403, "on no device that anybody knows");

    for account in ["root", "visitor"] {
        let (status, to) = agent_says(&house, account, &[&asked(&browser)]);
        assert_eq!((&*status, &*to), ("303", "/this-device/back?refused=account"), "{account}");
        assert_eq!(browser.open(&to).unwrap().status, 422);
    }
    let address = asked(&browser);
    for (arguments, why) in [
        (&["--header", "Sec-Fetch-Mode: cors", &address][..], "a script"),
        (&["--header", "Host: rebound.example:47653", &address], "a name that leads here"),
        (&["--request", "POST", &address], "a form"),
        (&[&address.replace("origin=https://", "origin=https://evil.")], "another site"),
    ] {
        assert_eq!(agent_says(&house, "rosa", arguments), ("403".to_owned(), String::new()), "{why}");
    }
    let (status, back) = agent_says(&house, "rosa", &[&address]);
    assert!(status == "303" && back.starts_with("/this-device/back?challenge="), "{status} {back}");
    let other = house.house.browser().unwrap();
    assert_eq!(other.open(&back).unwrap().status, 422, "in a browser that did not ask");
    assert_eq!(first_door(&other, "rosa"), 403);
    browser.open(&back).unwrap().ok().unwrap();
    assert_eq!(first_door(&browser, "rosa"), 200);
    let device = text(&house.cli().json(&["device", "show", house.sandbox.name()]).unwrap(), "id");
    assert_eq!(text(&newest(&house), "managed_device"), device);
    assert_eq!(first_door(&other, "rosa"), 403);
    assert_eq!(newest(&house)["managed_device"], Value::Null);
}

#[test]
fn somebody_at_their_laptop_shows_it_in_chromium_and_comes_in() {
    let Some(house) = shared(&HOUSE, "laptop-49") else { return };
    let codes = house.bound_person("selma", PASSWORD, 1).unwrap();
    only_on_own_device(&house, "selma");
    let url = &house.house.server.url;
    let window = Chromium::start_in(&house.sandbox, "selma", 1280, 900).unwrap();
    let sign_in = |window: &Chromium| {
        window.type_into("[name=name]", "selma").unwrap();
        window.type_into("[name=password]", &format!("{PASSWORD}{ENTER}")).unwrap();
    };
    window.open(&format!("{url}/sign-in")).unwrap();
    sign_in(&window);
    assert!(window.text("[role=alert]").unwrap().contains("not right"), "shut until it is shown");
    assert_eq!(window.complaints().unwrap().len(), 1, "of the refusal");
    window.click("a[href^='/this-device']").unwrap();
    assert_eq!(window.path().unwrap(), "/this-device");
    window.click("form[action='/this-device'] button").unwrap();
    // To the agent and back, by itself.
    sallyport_testkit::story::until("the way back from the agent", || {
        Ok((window.path()? == "/sign-in").then_some(()))
    })
    .unwrap_or_else(|error| panic!("{error:#}: {:?}", window.text("body")));
    sign_in(&window);
    window.type_into("[name=passcode]", &format!("{}{ENTER}", codes[0])).unwrap();
    assert_eq!(window.path().unwrap(), "/");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
