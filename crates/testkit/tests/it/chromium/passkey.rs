//! Passkeys, made and used by a real browser with an authenticator that people need not touch.

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, text, until},
};

use super::{OWNER_PASSWORD, enter, to_seed};

fn at(window: &Chromium, path: &str) {
    until(path, || Ok((window.path()? == path).then_some(()))).unwrap();
}

#[test]
fn a_passkey_is_added_opens_the_second_door_and_then_both() {
    let house = House::open_by_name().unwrap();
    let window = Chromium::start_with_passkeys(1280, 900, &house.set_up.ca).unwrap();
    let url = &house.server.url;
    enter(&house, &window);
    window.open(&format!("{url}/factors/passkey")).unwrap();
    window.type_into("#name", "My laptop").unwrap();
    window.click("[data-ask]").unwrap();
    at(&window, "/?done=enrolled");
    assert!(window.text("main").unwrap().contains("My laptop"));

    // A second one on the same device is refused by the authenticator, and nothing is lost.
    window.open(&format!("{url}/factors/passkey")).unwrap();
    window.click("[data-ask]").unwrap();
    let said = "document.querySelector('[data-problem]').textContent";
    until("the refusal", || Ok(window.evaluate(said)?.as_str().unwrap().contains("already").then_some(())))
        .unwrap();

    // Behind the password.
    window.click("form[action='/sign-out'] button").unwrap();
    at(&window, "/sign-in?done=signed-out");
    window.type_into("#name", "olga").unwrap();
    window.type_into("#password", OWNER_PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.click("form[action='/sign-in/second'] [data-ask]").unwrap();
    at(&window, "/admin");

    // Instead of it, to where one wanted to go.
    window.click("form[action='/sign-out'] button").unwrap();
    at(&window, "/sign-in?done=signed-out");
    window.open(&format!("{url}/admin/users")).unwrap();
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    at(&window, "/admin/users");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());

    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let last = &log["items"][0];
    assert_eq!(last["first_door"]["kind"], "passkey", "{last}");
    assert_eq!(last["second_door"]["kind"], "passkey", "{last}");
    assert_eq!(text(last, "state"), "allowed");

    // The organisation may want the password all the same.
    house.cli.json(&["settings", "update", "--passkey-instead-of-password", "false"]).unwrap();
    window.click("form[action='/sign-out'] button").unwrap();
    at(&window, "/sign-in?done=signed-out");
    assert_eq!(window.evaluate("document.querySelectorAll('[data-ask]').length").unwrap(), 0);
}

#[test]
fn an_enrolment_code_brings_a_passkey_and_no_application() {
    let house = House::open_by_name().unwrap();
    let window = Chromium::start_with_passkeys(390, 844, &house.set_up.ca).unwrap();
    to_seed(&house, &window);
    window.click("form[action='/enroll/passkey'] [data-ask]").unwrap();
    at(&window, "/enroll/passkey");
    assert_eq!(window.text("h1").unwrap(), "Enrolled");
    // A code of an administrator's is no account: the passkey opens the second door, behind the password.
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    until("the refusal", || {
        Ok(window.text("[role=alert]").is_ok_and(|text| text.contains("passkey")).then_some(()))
    })
    .unwrap();
    window.type_into("#name", "olga").unwrap();
    window.type_into("#password", OWNER_PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || {
        Ok(window.text("form[action='/sign-in/second'] [data-ask]").is_ok().then_some(()))
    })
    .unwrap();
    // Nobody is asked for a code whom none would help.
    assert!(window.text("#passcode").is_err());
    window.click("form[action='/sign-in/second'] [data-ask]").unwrap();
    at(&window, "/admin");
    // From now on it stands for both.
    window.click("form[action='/sign-out'] button").unwrap();
    at(&window, "/sign-in?done=signed-out");
    window.click("form[action='/sign-in/passkey'] [data-ask]").unwrap();
    at(&window, "/admin");
}
