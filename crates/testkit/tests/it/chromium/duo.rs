//! A portal with Duo behind it, where Duo is another house: the browser goes from one to the other and back.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::{Chromium, ENTER},
    story::{House, items, text, until},
};
use serde_json::json;

use super::{doors::typing_begins_at, enter};
use crate::device::PASSWORD;

/// A house whose people go to the other one for their second door.
struct Behind {
    /// Has another name than the other: browsers keep cookies by names alone.
    front: House,
    duo: House,
    application: String,
}

impl Behind {
    fn open() -> Self {
        let duo = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
        let front = House::open_calling(&duo.ca_file()).unwrap();
        let create =
            ["application", "create", "--type", "duo-auth-api", "--name", "Portal of the front house"];
        let made = duo.cli.json(&create).unwrap();
        let application = text(&made, "id");
        let back = front.cli.json(&["duo", "show"]).unwrap();
        assert_eq!(text(&back, "redirect_uri"), format!("{}/sign-in/duo", front.server.url));
        let redirect =
            ["application", "update", &application, "--redirect-uri", &text(&back, "redirect_uri")];
        duo.cli.json(&redirect).unwrap();
        let host = duo.server.url.strip_prefix("https://").unwrap();
        let ikey = text(&made, "ikey");
        let set = ["duo", "update", "--client-id", &ikey, "--host", host, "--secret-file", "-"];
        front.cli.run(&set, Some(&text(&made, "skey"))).unwrap();
        assert_eq!(front.cli.json(&["duo", "check"]).unwrap(), json!({ "healthy": true, "problem": null }));
        let only = ["settings", "update", "--factor", "duo", "--factor", "bypass_code"];
        front.cli.json(&only).unwrap();
        Self { front, duo, application }
    }

    /// Somebody with a password here and an authenticator there, and nothing else.
    fn person(&self, name: &str) -> Authenticator {
        self.front.person(name, PASSWORD).unwrap();
        self.duo.person(name, PASSWORD).unwrap();
        self.duo.enroll(name).unwrap()
    }

    fn password(&self, window: &Chromium, name: &str) {
        window.open(&format!("{}/sign-in?next=%2Fsign-ins", self.front.server.url)).unwrap();
        typing_begins_at(window, "name");
        window.press(&[name, "\u{e004}", PASSWORD, ENTER].concat()).unwrap();
    }

    fn at_front(&self, window: &Chromium, path: &str) {
        let here = format!("{}{path}", self.front.server.url);
        until(path, || Ok((window.evaluate("location.href")? == here).then_some(()))).unwrap();
    }
}

/// The other house's prompt, which the browser came to by itself.
fn prompted(window: &Chromium) {
    until("the prompt", || Ok(window.path()?.starts_with("/oauth/v1/authorize?").then_some(()))).unwrap();
    typing_begins_at(window, "passcode");
    assert!(window.text("main").unwrap().contains("Portal of the front house"));
}

/// The door of this house says so. Nobody can type anything there, so its page begins at its title, with that.
fn refused(window: &Chromium, words: &str) {
    until(words, || Ok(window.text("[role='alert']").is_ok_and(|text| text.contains(words)).then_some(())))
        .unwrap();
    let page = window.read_aloud().unwrap();
    let title = page.iter().find(|heard| heard.role == "heading" && heard.level == 1).unwrap();
    assert!(title.is_focused && title.description.contains(words), "{title:?}");
}

#[test]
fn two_doors_of_which_the_second_stands_in_another_house() {
    let houses = Behind::open();
    let ada = houses.person("ada");
    let window = Chromium::start(1280, 900).unwrap();
    houses.password(&window, "ada");
    prompted(&window);
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    houses.at_front(&window, "/sign-ins");
    let log = houses.front.cli.json(&["sign-in", "list"]).unwrap();
    let newest = &items(&log)[0];
    assert_eq!(
        (&newest["state"], &newest["second_door"]["kind"]),
        (&json!("allowed"), &json!("duo")),
        "{newest}"
    );
    assert!(window.text("main").unwrap().contains("password, Duo"));
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());

    // Her own page says who keeps her devices, leads there, and proves nothing by it.
    window.open(&houses.front.server.url).unwrap();
    window.click("details:has([action='/factors/duo']) summary").unwrap();
    window.click("[action='/factors/duo'] button").unwrap();
    prompted(&window);
    window.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    houses.at_front(&window, "/");
}

#[test]
fn whoever_gives_up_at_duo_or_is_denied_there_stands_where_they_stood() {
    let houses = Behind::open();
    let ada = houses.person("ada");
    let window = Chromium::start(1280, 900).unwrap();
    houses.password(&window, "ada");
    prompted(&window);
    window.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    refused(&window, "did not let you pass");
    // One click, and there is nothing to type where nothing could be typed.
    assert!(window.text("#passcode").is_err());
    window.click("form[action='/sign-in/second/duo'] button").unwrap();
    prompted(&window);
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    houses.at_front(&window, "/sign-ins");

    // While Duo refuses everybody, a code of an administrator's opens the door, and nothing less does.
    houses.duo.cli.json(&["application", "disable", &houses.application]).unwrap();
    let codes = houses.front.bypass_codes("ada", 1).unwrap();
    let other = Chromium::start(1280, 900).unwrap();
    houses.password(&other, "ada");
    until("a choice", || Ok(other.text("form[action='/sign-in/second/duo'] button").is_ok().then_some(())))
        .unwrap();
    other.click("form[action='/sign-in/second/duo'] button").unwrap();
    until("the other house's no", || Ok(other.path()?.starts_with("/oauth/v1/authorize?").then_some(())))
        .unwrap();
    other.open(&format!("{}/sign-ins", houses.front.server.url)).unwrap();
    assert!(other.path().unwrap().starts_with("/sign-in"), "{}", other.path().unwrap());
    houses.password(&other, "ada");
    until("the second door", || Ok(other.text("#passcode").is_ok().then_some(()))).unwrap();
    other.type_into("#passcode", &codes[0]).unwrap();
    other.press(ENTER).unwrap();
    houses.at_front(&other, "/sign-ins");
}

#[test]
fn an_owner_asks_duo_from_its_page_whether_it_knows_us() {
    let mut houses = Behind::open();
    houses.front.cli.json(&["settings", "update", "--factor", "totp", "--factor", "duo"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&houses.front, &window);
    let ask = || {
        window.open(&format!("{}/admin/duo", houses.front.server.url)).unwrap();
        window.click("form[action='/admin/duo/check'] button").unwrap();
    };
    ask();
    houses.at_front(&window, "/admin/duo?done=duo-healthy");
    assert!(window.text("main [role='status']").unwrap().contains("Duo"));
    houses.duo.server.kill().unwrap();
    ask();
    let told = || window.text("[role='alert']").is_ok_and(|text| text.contains("Duo cannot be asked"));
    until("why it cannot be asked", || Ok(told().then_some(()))).unwrap();
    houses.duo.server.start_again().unwrap();
}

#[test]
fn while_duo_is_gone_the_door_stays_shut() {
    let mut houses = Behind::open();
    houses.person("ada");
    houses.duo.server.kill().unwrap();
    let said = houses.front.cli.json(&["duo", "check"]).unwrap();
    assert!(text(&said, "problem").contains("cannot be reached"), "{said}");
    let window = Chromium::start(1280, 900).unwrap();
    houses.password(&window, "ada");
    refused(&window, "Duo cannot be asked now");
    window.open(&format!("{}/sign-ins", houses.front.server.url)).unwrap();
    assert!(window.path().unwrap().starts_with("/sign-in"), "{}", window.path().unwrap());
    houses.duo.server.start_again().unwrap();
}

#[test]
fn an_open_session_passes_the_second_door_in_the_other_house() {
    let houses = Behind::open();
    let ada = houses.person("ada");
    houses.front.cli.json(&["settings", "update", "--second-door", "never"]).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    houses.password(&window, "ada");
    // Her own sign-ins are for both doors.
    houses.at_front(&window, "/step-up?next=/sign-ins");
    let step_up = || {
        window.open(&houses.front.server.url).unwrap();
        assert!(window.text("main").unwrap().contains("You came in by one door."));
        window.click("a[href='/step-up?next=/']").unwrap();
        until("the step-up", || Ok((window.path()? == "/step-up?next=/").then_some(()))).unwrap();
        window.click("form[action='/step-up/duo'] button").unwrap();
        prompted(&window);
    };
    // Whoever gives up there stands where they stood, signed in by one door.
    step_up();
    window.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    refused(&window, "did not let you pass");
    step_up();
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    houses.at_front(&window, "/");
    let home = window.text("main").unwrap();
    assert!(!home.contains("You came in by one door.") && home.contains("both doors passed from"), "{home}");
    let log = houses.front.cli.json(&["sign-in", "list"]).unwrap();
    let newest = &items(&log)[0];
    assert_eq!(
        (&newest["second_door"]["kind"], &newest["reasons"][0]),
        (&json!("duo"), &json!("stepped_up")),
        "{newest}"
    );
    let complaints = window.complaints().unwrap();
    // Of the step-up that was given up.
    assert!(complaints.iter().all(|complaint| complaint.contains("422")), "{complaints:?}");
}
