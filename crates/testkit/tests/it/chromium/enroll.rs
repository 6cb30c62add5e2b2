//! Enrolling a first factor at the prompt of an application.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::{Chromium, ENTER},
    story::{House, text, until},
};

use super::{
    phone::STICKS_OUT,
    prompt::{Application, told, welcomed},
    shows,
};
use crate::device::PASSWORD;

#[test]
fn whoever_has_nothing_yet_enrols_at_the_prompt_without_any_script_and_is_back_at_the_application() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    house.person("nova", PASSWORD).unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.become_phone(375, 812).unwrap();
    window.run_no_scripts().unwrap();
    let mut found = Vec::new();
    let mut fits = |window: &Chromium, page: &str| {
        let out = window.evaluate(STICKS_OUT).unwrap();
        found.extend(out.as_str().map(|out| format!("{page}: {out}")));
    };
    window.open(&wiki.address("nova")).unwrap();
    shows(&window, "main", "Wiki asks for the second door, and nothing of yours, nova, opens it yet.");
    fits(&window, "the code");
    window.press(&["0000-0000-0000-0000", ENTER].concat()).unwrap();
    shows(&window, "[role='alert']", "That code is not right or no longer good.");
    fits(&window, "the code again");
    let code = text(&house.cli.json(&["user", "enrollment-code", "nova"]).unwrap(), "code");
    window.type_into("#code", &code).unwrap();
    window.press(ENTER).unwrap();
    until("the key", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    fits(&window, "the key");
    let seed = window.evaluate("document.querySelector('#seed').textContent").unwrap();
    let nova = Authenticator::from_text(seed.as_str().unwrap()).unwrap();
    // The code of the step before, so that the present one is still good for what comes next.
    window.type_into("#passcode", &nova.code(-1)).unwrap();
    window.press(ENTER).unwrap();
    shows(&window, "[role='status']", "Your authenticator app opens the second door from now on.");
    fits(&window, "the second door");
    window.type_into("#passcode", &nova.code(0)).unwrap();
    window.press(ENTER).unwrap();
    welcomed(&window);
    assert_eq!(told(&wiki, "nova")["factor"], "passcode");
    assert_eq!(found, Vec::<String>::new());

    // Whoever gives up is back without a code, and has nothing enrolled.
    house.person("nils", PASSWORD).unwrap();
    window.open(&wiki.address("nils")).unwrap();
    window.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");
}
