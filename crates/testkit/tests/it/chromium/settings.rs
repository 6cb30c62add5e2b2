//! What is decided once: for the organisation, and by everybody for their own door.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};
use serde_json::json;

use super::{OWNER_PASSWORD, at_rest, enter};

/// What the form of the settings holds.
const HELD: &str = "(() => { const form = document.querySelector(\"form[action='/admin/settings']\"); \
     const given = new FormData(form); \
     return ['organization', 'shortest', 'expire_after_days', 'refuse_common'].map((name) => given.get(name)); })()";

/// What the form of the organisation's policy says of the second door.
const SAID: &str = "(() => { const form = document.querySelector(\"form[action='/admin/policies/organization']\"); \
     const given = new FormData(form); \
     return ['said', 'second_door', 'second_door_groups'].map((name) => given.get(name)); })()";

#[test]
fn settings_that_were_changed_are_there_after_a_reload() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let staff = house.cli.json(&["group", "create", "--name", "staff", "--kind", "users"]).unwrap();
    let staff = text(&staff, "id");
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    let open = |path: &str| {
        window.open(&format!("{}{path}", house.server.url)).unwrap();
        at_rest(&window);
    };
    open("/admin/settings");
    let before = window.evaluate(HELD).unwrap();
    assert_eq!(before, json!(["Fortress & Sons", "12", "0", "yes"]));
    window.type_into("#organization", "Fortress & Daughters").unwrap();
    window.type_into("#shortest", "17").unwrap();
    window.type_into("#expire_after_days", "90").unwrap();
    window.click("input[name='refuse_common']").unwrap();
    save(&window, "/admin/settings");
    let after = json!(["Fortress & Daughters", "17", "90", null]);
    open("/admin/settings");
    assert_eq!(window.evaluate(HELD).unwrap(), after);
    assert_eq!(window.text(".sp-brand").unwrap(), "Fortress & Daughters");

    const POLICY: &str = "/admin/policies/organization";
    open(POLICY);
    assert_eq!(window.evaluate(SAID).unwrap(), json!([null, "always", null]));
    // Whoever changes a section says it: its box is ticked by that.
    window.click("input[name='second_door'][value='groups']").unwrap();
    assert_eq!(window.evaluate(SAID).unwrap(), json!(["second_door", "groups", null]));
    let tick = format!("#second-door-groups-ticks input[value='{staff}']");
    window.click(&tick).unwrap();
    save(&window, POLICY);
    open(POLICY);
    assert_eq!(window.evaluate(SAID).unwrap(), json!(["second_door", "groups", staff]));

    // Whoever is asked no longer is told of, and the rest stays.
    window.click("input[name='second_door'][value='never']").unwrap();
    save(&window, POLICY);
    assert!(window.text("main [role='status']").unwrap().contains("at least 15 characters"));
    open(POLICY);
    assert_eq!(window.evaluate(SAID).unwrap(), json!(["second_door", "never", null]));
    open("/admin/settings");
    assert_eq!(window.evaluate(HELD).unwrap(), after);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

fn save(window: &Chromium, page: &str) {
    window.click(&format!("form[action='{page}'] button.btn-primary")).unwrap();
    until("it to be saved", || Ok(window.path()?.starts_with(&format!("{page}?done=saved")).then_some(())))
        .unwrap();
}

#[test]
fn a_password_that_was_changed_opens_the_first_door_and_the_former_does_not() {
    const ANOTHER: &str = "harbour pencil avalanche 7";
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    enter(&house, &window);
    let change = |old: &str, new: &str, again: &str| {
        window.open(&format!("{}/password", house.server.url)).unwrap();
        window.type_into("#old_password", old).unwrap();
        window.type_into("#new_password", new).unwrap();
        window.type_into("#new_password_again", again).unwrap();
        window.click("form[action='/password'] button").unwrap();
        until("an answer", || Ok(window.text("main .alert").ok())).unwrap()
    };
    assert_eq!(change(OWNER_PASSWORD, ANOTHER, "harbour pencil"), "The two new passwords are not the same.");
    assert!(change(OWNER_PASSWORD, "short", "short").contains("at least 12 characters"));
    let wrong = change("not her password", ANOTHER, ANOTHER);
    assert!(wrong.contains("present password"), "{wrong}");
    let changed = change(OWNER_PASSWORD, ANOTHER, ANOTHER);
    assert_eq!(changed, "Your password is changed. Your other sessions have ended.");

    window.click("form[action='/sign-out'] button").unwrap();
    until("the doors", || Ok(window.path()?.starts_with("/sign-in").then_some(()))).unwrap();
    let first_door = |password: &str| {
        window.type_into("#name", "olga").unwrap();
        window.type_into("#password", password).unwrap();
        window.click("form[action='/sign-in'] button").unwrap();
    };
    first_door(OWNER_PASSWORD);
    until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap();
    first_door(ANOTHER);
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
}
