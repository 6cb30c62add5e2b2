//! People who read other languages: what the pages say to them, how they choose another, and whether it all fits.

use std::net::Ipv4Addr;

use sallyport_testkit::{
    chromium::{Chromium, ENTER},
    story::{House, until},
};

use super::{
    at,
    doors::FAINT,
    phone::STICKS_OUT,
    prompt::{Application, person, welcomed},
    shows,
};
use crate::device::PASSWORD;

const LANGUAGES: [&str; 12] = ["cs", "de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "sv", "uk"];

fn spoken(window: &Chromium) -> String {
    window.evaluate("document.documentElement.lang").unwrap().as_str().unwrap().to_owned()
}

/// Chooses a language by the links at the foot of a page.
fn choose(window: &Chromium, language: &str) {
    window.click(".sp-languages summary").unwrap();
    window.click(&format!(".sp-languages a[lang='{language}']")).unwrap();
    until("the other language", || Ok((spoken(window) == language).then_some(()))).unwrap();
}

fn sign_in(window: &Chromium, name: &str) {
    window.type_into("#name", name).unwrap();
    window.type_into("#password", PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
}

#[test]
fn whoever_reads_german_passes_the_prompt_by_a_code_without_any_script() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.read("de-AT,de").unwrap();
    window.run_no_scripts().unwrap();
    window.open(&wiki.address("ada")).unwrap();
    assert_eq!(spoken(&window), "de");
    assert_eq!(window.evaluate("document.documentElement.matches('.sp-script')").unwrap(), false);
    assert_eq!(window.text("h1").unwrap(), "Noch eine Tür");
    shows(&window, "main", "Wiki möchte wissen, ob wirklich Sie es sind, ada.");
    window.press(&["000000", ENTER].concat()).unwrap();
    shows(&window, "[role='alert']", "Dieser Code stimmt nicht.");
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    welcomed(&window);
    let told = wiki.exchange(&wiki.came_back("duo_code"), "ada");
    assert_eq!(told["answer"]["auth_result"]["result"], "allow", "{told}");
}

#[test]
fn a_language_that_was_chosen_stays_chosen_and_a_choice_loses_nothing() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&format!("{}/sign-ins", house.server.url)).unwrap();
    assert_eq!((spoken(&window).as_str(), window.text("h1").unwrap().as_str()), ("en", "Sign in"));
    choose(&window, "de");
    assert_eq!(window.path().unwrap(), "/sign-in?next=%2Fsign-ins", "where she wanted to go");
    assert_eq!(window.text("h1").unwrap(), "Anmelden");

    // Between the doors the choice costs nobody the first of them.
    sign_in(&window, "ada");
    assert_eq!(window.text("h1").unwrap(), "Noch eine Tür");
    choose(&window, "ja");
    assert_eq!(window.text("h1").unwrap(), "もう1つの扉");
    window.type_into("#passcode", &ada.code(0)).unwrap();
    window.click("form[action='/sign-in/second'] .btn-primary").unwrap();
    at(&window, "/sign-ins");
    assert_eq!(spoken(&window), "ja");
    assert_eq!(window.text("th").unwrap(), "日時");

    // At the prompt it does not end the prompt.
    window.open(&wiki.address("ada")).unwrap();
    choose(&window, "uk");
    shows(&window, "main", "справді ви, ada");
    window.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());

    // Its host has a name of its own, so elsewhere the former choice stands; what is refused is said in it as well.
    window.open(&format!("{}/no-such-page", house.server.url)).unwrap();
    assert_eq!((spoken(&window).as_str(), window.text("h1").unwrap().as_str()), ("ja", "見つかりません"));
}

#[test]
fn every_language_fits_a_phone_and_can_be_read_by_day_and_in_the_dark() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    person(&house, "ada");
    house.bypass_codes("ada", 1).unwrap();
    house.person("novice", PASSWORD).unwrap();
    let url = &house.server.url;
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.become_phone(360, 780).unwrap();
    let mut found = Vec::new();
    let mut look = |language: &str, page: &str| {
        assert_eq!(spoken(&window), language, "{page}");
        let out = window.evaluate(STICKS_OUT).unwrap();
        found.extend(out.as_str().map(|out| format!("{page} in {language}: {out}")));
        let faint = window.evaluate(FAINT).unwrap();
        let faint = faint.as_array().unwrap().iter().filter_map(|words| words.as_str());
        found.extend(faint.map(|words| format!("{page} in {language}: {words}")));
    };
    for (language, scheme) in LANGUAGES.into_iter().zip(["light", "dark"].into_iter().cycle()) {
        window.read(language).unwrap();
        window.prefer(scheme).unwrap();
        for page in ["/sign-in", "/enroll", "/phone", "/no-such-page"] {
            window.open(&format!("{url}{page}")).unwrap();
            look(language, page);
        }
        for username in ["ada", "novice", "nobody-here"] {
            window.open(&wiki.address(username)).unwrap();
            look(language, &format!("the prompt of {username}"));
        }
        window.open(&format!("{url}/sign-in")).unwrap();
        sign_in(&window, "ada");
        look(language, "the second door");
    }
    assert_eq!(found, Vec::<String>::new());
}
