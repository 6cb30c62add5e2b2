//! Setting up a second factor by mail, in a real browser: by a link of an administrator's, and at the sign-in itself.

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::{Chromium, ENTER, Heard},
    post_office::PostOffice,
    story::{House, items, text, until},
    unix_now,
};

use crate::device::PASSWORD;

fn person(house: &House, name: &str) {
    let mail = format!("{name}@example.com");
    house.cli.json(&["user", "create", name, "--active", "--mail", &mail]).unwrap();
    house.cli.run(&["user", "set-password", name, "--password-file", "-"], Some(PASSWORD)).unwrap();
}

fn open() -> (House, PostOffice, Chromium) {
    let (house, office) = House::open_with_post().unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    (house, office, window)
}

/// From the page that shows the seed to an authenticator that works.
fn confirm(window: &Chromium) {
    until("the seed", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    let seed = window.evaluate("document.getElementById('seed').textContent").unwrap();
    let phone = Authenticator::from_text(seed.as_str().unwrap()).unwrap();
    until("a step that does not end now", || Ok((unix_now() % 30 < 25).then_some(()))).unwrap();
    window.type_into("#passcode", &phone.code(-1)).unwrap();
    window.click("form[action='/enroll/confirm'] button").unwrap();
    until("the enrolment", || Ok((window.path()? == "/enroll/confirm").then_some(()))).unwrap();
    assert_eq!(window.text("h1").unwrap(), "Enrolled");
}

#[test]
fn a_mailed_link_fills_the_code_in_and_looking_at_it_spends_nothing() {
    let (house, office, window) = open();
    person(&house, "ada");
    let begun = house.cli.json(&["mailing", "send", "--unenrolled"]).unwrap();
    let shown = until("the mailing", || {
        let shown = house.cli.json(&["mailing", "show", &text(&begun, "id")])?;
        Ok(shown["ended"].is_number().then_some(shown))
    })
    .unwrap();
    assert_eq!(shown["lines"][0]["state"], "sent", "{shown}");
    let mail = office.text_to("ada@example.com", "/enroll?code=").unwrap();
    let link = mail.lines().find(|line| line.starts_with("https://")).unwrap();
    // As scanners of mail do.
    for _ in 0..2 {
        window.open(link).unwrap();
    }
    window.click("form[action='/enroll'] button").unwrap();
    confirm(&window);
    assert_eq!(items(&house.cli.json(&["user", "factors", "ada"]).unwrap()).len(), 1);
    window.open(link).unwrap();
    window.click("form[action='/enroll'] button").unwrap();
    until("the refusal", || Ok(window.text("[role='alert']").is_ok().then_some(()))).unwrap();
}

#[test]
fn whoever_has_nothing_for_the_second_door_is_mailed_a_code_and_enrols() {
    let (house, office, window) = open();
    person(&house, "ada");
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.type_into("#name", "ada").unwrap();
    window.type_into("#password", PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    let button = "form[action='/sign-in/enroll'] button";
    until("the offer", || Ok(window.text(button).is_ok().then_some(()))).unwrap();
    assert_eq!(window.text(button).unwrap().trim(), "Mail me a code: a***@example.com");
    window.click(button).unwrap();
    until("the field", || Ok(window.text("#code").is_ok().then_some(()))).unwrap();
    // What was done, and what was wrong, is heard at the field that the page begins at.
    let begins = |heard: &Heard| heard.is_focused && heard.role == "textbox";
    let field = || until("the field", || Ok(window.read_aloud()?.into_iter().find(begins)));
    let sent = field().unwrap();
    assert!(sent.name == "Code from the mail" && sent.description.contains("on its way"), "{sent:?}");
    assert!(!sent.is_invalid, "{sent:?}");
    window.press(&["0000-0000", ENTER].concat()).unwrap();
    until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap();
    let wrong = field().unwrap();
    assert!(wrong.is_invalid && wrong.description.starts_with("That code is not right"), "{wrong:?}");
    let complaints = window.complaints().unwrap();
    assert!(matches!(&complaints[..], [one] if one.contains("status of 422")), "{complaints:?}");
    let mail = office.text_to("ada@example.com", "set up a second factor").unwrap();
    let is_code = |line: &&str| line.len() == 9 && line.chars().all(|c| c.is_ascii_digit() || c == '-');
    window.type_into("#code", mail.lines().find(is_code).unwrap()).unwrap();
    window.click("form[action='/sign-in/enroll/code'] button").unwrap();
    confirm(&window);
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
