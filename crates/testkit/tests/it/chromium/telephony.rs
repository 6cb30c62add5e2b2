//! Codes by text and digits by telephone, asked for on the pages in a real browser, carried by a company of the test's own.

use sallyport_testkit::{
    chromium::Chromium,
    story::{House, until},
};

use super::at;
use crate::device::PASSWORD;

const NUMBER: &str = "+15005550010";

/// Ada with an authenticator and a phone, and a window in which she stands at the second door.
fn at_second_door(house: &House) -> Chromium {
    house.person("ada", PASSWORD).unwrap();
    house.cli.json(&["user", "add-phone", "ada", NUMBER, "--name", "My old phone"]).unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.type_into("#name", "ada").unwrap();
    window.type_into("#password", PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window
}

#[test]
fn text_me_a_code_and_the_door_opens_by_it() {
    let (house, company) = House::open_with_telephones().unwrap();
    let window = at_second_door(&house);
    let button = window.text("form[action='/sign-in/second/text'] button").unwrap();
    assert_eq!(button.trim(), "Text me a code: My old phone");
    window.click("form[action='/sign-in/second/text'] button").unwrap();
    at(&window, "/sign-in/second/text");
    assert!(window.text("[role='status']").unwrap().contains("on its way"));
    let listed = company.list().unwrap();
    assert_eq!(listed["texts"][0]["to"], NUMBER);
    assert!(!listed["texts"][0]["body"].as_str().unwrap().contains("ada"), "{listed}");

    // Impatience costs nothing, neither money nor the code that is there.
    window.click("form[action='/sign-in/second/text'] button").unwrap();
    until("the refusal", || {
        Ok(window.text("[role='alert']").is_ok_and(|text| text.contains("half a minute")).then_some(()))
    })
    .unwrap();
    assert_eq!(company.list().unwrap()["texts"].as_array().unwrap().len(), 1);
    // A refusal is one to the browser too.
    assert_eq!(window.complaints().unwrap().len(), 1);
    window.type_into("#passcode", &company.code(0).unwrap()).unwrap();
    window.click("form[action='/sign-in/second'] button.btn-primary").unwrap();
    at(&window, "/");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn the_digits_on_the_page_are_typed_in_the_call_and_the_door_opens_by_itself() {
    let (house, company) = House::open_with_telephones().unwrap();
    let window = at_second_door(&house);
    window.click("form:has([name=ask]) button").unwrap();
    until("the digits", || Ok(window.text("#number").is_ok().then_some(()))).unwrap();
    let digits = window.text("#number").unwrap();
    assert!(digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()), "{digits}");
    let said = company.answer("000000").unwrap();
    assert!(said.last().unwrap().contains("not the digits"), "{said:?}");
    let said = company.answer(&digits).unwrap();
    assert!(said.last().unwrap().contains("Thank you"), "{said:?}");
    at(&window, "/");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn whoever_is_called_and_did_not_ask_says_so_by_the_star() {
    let (house, company) = House::open_with_telephones().unwrap();
    let window = at_second_door(&house);
    window.click("form:has([name=ask]) button").unwrap();
    until("the digits", || Ok(window.text("#number").is_ok().then_some(()))).unwrap();
    let said = company.answer("*").unwrap();
    assert!(said.first().unwrap().contains("press star, then hash"), "{said:?}");
    assert!(said.last().unwrap().contains("tell your administrator"), "{said:?}");
    until("the refusal", || {
        Ok(window.text("main").is_ok_and(|text| text.contains("Access is denied")).then_some(()))
    })
    .unwrap();
    let alarms = house.cli.json(&["alarm", "list", "--state", "open"]).unwrap();
    assert_eq!(alarms["items"].as_array().unwrap().len(), 1, "{alarms}");
}

#[test]
fn a_number_is_added_by_its_owner_with_the_code_that_came_there() {
    let (house, company) = House::open_with_telephones().unwrap();
    let window = at_second_door(&house);
    let authenticator = house.enroll("ada").unwrap();
    window.type_into("#passcode", &authenticator.code(0)).unwrap();
    window.click("form[action='/sign-in/second'] button.btn-primary").unwrap();
    at(&window, "/");
    window.evaluate("document.querySelector('details:has(#number)').open = true").unwrap();
    window.type_into("#number", "+1 (500) 555-0011").unwrap();
    window.type_into("#phone_name", "My new phone").unwrap();
    window.click("form[action='/factors/number'] button").unwrap();
    at(&window, "/factors/number");
    assert!(window.text("main").unwrap().contains("ends in 0011"));
    window.type_into("#passcode", &company.code(0).unwrap()).unwrap();
    window.click("form[action='/factors/number/confirm'] button.btn-primary").unwrap();
    at(&window, "/?done=enrolled");
    assert!(window.text("main").unwrap().contains("My new phone"));
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
