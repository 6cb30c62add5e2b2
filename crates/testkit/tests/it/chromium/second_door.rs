//! The second door as it is heard and as a keyboard alone passes it, on the screen of a phone: each of its forms, at the
//! prompt and at the portal.

use anyhow::bail;
use sallyport_testkit::{
    chromium::{BACK_TAB, Chromium, ENTER, Heard, TAB},
    phone_page::PhonePage,
    story::{House, until},
    telephone_company::TelephoneCompany,
};

use super::{
    at,
    doors::FOCUS,
    phone::STICKS_OUT,
    prompt::{Application, told, welcomed},
    shows,
};
use crate::device::PASSWORD;

const NUMBER: &str = "+15005550010";
const BOBS: &str = "+15005550011";

/// A house with telephones, where Ada has an authenticator, a phone that is asked, one that is called and texted, and
/// codes of an administrator.
struct Story {
    house: House,
    company: TelephoneCompany,
    phone: PhonePage,
    codes: Vec<String>,
}

impl Story {
    fn begin() -> Self {
        let (house, company) = House::open_with_telephones().unwrap();
        house.person("ada", PASSWORD).unwrap();
        house.cli.json(&["user", "add-phone", "ada", NUMBER, "--name", "My old phone"]).unwrap();
        let code = house.enroll("ada").unwrap().code(0);
        let phone = PhonePage::of(("ada", PASSWORD, &code), &house.server.url, &house.set_up.ca).unwrap();
        let codes = house.bypass_codes("ada", 4).unwrap();
        Self { house, company, phone, codes }
    }
}

/// What is wrong with a form whoever hears it, or has a small screen.
fn wrong_with(window: &Chromium) -> Vec<String> {
    let mut found = Vec::new();
    for width in [320, 390] {
        window.become_phone(width, 780).unwrap();
        let out = window.evaluate(STICKS_OUT).unwrap();
        found.extend(out.as_str().map(|out| format!("at {width}: {out}")));
    }
    let page = window.read_aloud().unwrap();
    let count = |is: &dyn Fn(&Heard) -> bool| page.iter().filter(|heard| is(heard)).count();
    let (mains, titles) =
        (count(&|heard| heard.role == "main"), count(&|heard| heard.role == "heading" && heard.level == 1));
    if (mains, titles) != (1, 1) {
        found.push(format!("{mains} contents and {titles} titles"));
    }
    let stops =
        page.iter().filter(|heard| heard.role != "RootWebArea" && (heard.is_stop || heard.is_control()));
    let nameless = stops.filter(|heard| heard.name.trim().is_empty() || heard.role == "generic");
    found.extend(nameless.map(|heard| format!("without a name: {heard:?}")));
    found
}

/// Where the page begins, once it begins at a thing of this role; everything about the form is in order.
fn begins(window: &Chromium, role: &str) -> Heard {
    let focused = until(role, || {
        let focused = window.read_aloud()?.into_iter().find(|heard| heard.is_focused && heard.role == role);
        if focused.is_none() {
            bail!("it begins at {}", window.evaluate(FOCUS)?);
        }
        Ok(focused)
    })
    .unwrap();
    let wrong = wrong_with(window);
    assert!(wrong.is_empty(), "{}: {wrong:#?}", window.text("main").unwrap());
    focused
}

/// What has the focus: its text, or its id where it has none. Nothing where nothing has it.
const STOP: &str = "document.activeElement === document.body ? '' \
                    : (document.activeElement.textContent.trim() || document.activeElement.id)";

/// Goes to what is named so by a key alone, sees at each stop that it is one, and presses Enter there.
fn choose(window: &Chromium, key: &str, named: &str) {
    for stop in 0.. {
        assert!(stop < 40, "no {named} within forty stops");
        window.press(key).unwrap();
        let focus = window.evaluate(STOP).unwrap();
        if !focus.as_str().unwrap().contains(named) {
            continue;
        }
        let outlined = "getComputedStyle(document.activeElement).outlineStyle !== 'none' \
                        || getComputedStyle(document.activeElement).boxShadow !== 'none'";
        assert_eq!(window.evaluate(outlined).unwrap(), true, "{named}");
        window.press(ENTER).unwrap();
        return;
    }
}

/// The number of the heading that the page begins at, heard digit by digit and seen as one.
fn number(window: &Chromium) -> String {
    let seen = until("the number", || Ok(window.text("#number").ok())).unwrap();
    let heading = begins(window, "heading");
    let digits: Vec<String> = seen.chars().map(String::from).collect();
    assert!(heading.name.ends_with(&digits.join(" ")), "{heading:?}");
    seen
}

#[test]
fn each_form_of_the_prompt_is_heard_and_is_passed_by_a_keyboard_alone() {
    let Story { house, company, phone, codes } = Story::begin();
    let wiki = Application::open(&house, "Wiki");
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let come = || window.open(&wiki.address("ada")).unwrap();

    // Refused: the title, and with it why.
    window.open(&wiki.address("nobody-here")).unwrap();
    let title = begins(&window, "heading");
    assert_eq!((title.level, title.name.as_str()), (1, "This door stays shut"));
    assert_eq!(title.description, "Access is denied. Ask your administrator.");
    choose(&window, TAB, "Back to Wiki");
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");

    // Nothing to open it with: a code to enrol by, wrong and tied to its field.
    house.person("carol", PASSWORD).unwrap();
    window.open(&wiki.address("carol")).unwrap();
    assert_eq!(begins(&window, "textbox").name, "Enrolment code");
    window.press(&["0000-0000-0000-0000", ENTER].concat()).unwrap();
    let said = until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap();
    let code = begins(&window, "textbox");
    assert!(code.is_invalid && code.description.starts_with(&said), "{code:?}");
    choose(&window, TAB, "Cancel and go back to Wiki");
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");

    // A choice, and a code that is wrong.
    come();
    let code = begins(&window, "textbox");
    assert!(code.name == "Code" && code.description.contains("authenticator app"), "{code:?}");
    assert!(!code.is_invalid);
    window.press(&["000000", ENTER].concat()).unwrap();
    until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap();
    let code = begins(&window, "textbox");
    assert!(code.is_invalid && code.description.starts_with("That code is not right."), "{code:?}");

    // A text that was sent is spoken of where it is to be typed.
    choose(&window, TAB, "Text me a code: My old phone");
    at(&window, "/oauth/v1/prompt/text");
    let code = begins(&window, "textbox");
    assert!(code.description.contains("on its way") && !code.is_invalid, "{code:?}");
    window.press(&[company.code(0).unwrap().as_str(), ENTER].concat()).unwrap();
    welcomed(&window);
    assert_eq!(told(&wiki, "ada")["factor"], "sms_passcode");

    // A call, and a push: the number comes first. Nobody is texted and called within half a minute, so he is called.
    house.person("bob", PASSWORD).unwrap();
    house.cli.json(&["user", "add-phone", "bob", BOBS, "--name", "My desk phone"]).unwrap();
    window.open(&wiki.address("bob")).unwrap();
    begins(&window, "textbox");
    choose(&window, BACK_TAB, "Call My desk phone");
    let digits = number(&window);
    assert_eq!(digits.len(), 6);
    company.answer(&digits).unwrap();
    welcomed(&window);
    assert_eq!(told(&wiki, "bob")["factor"], "phone_call");
    come();
    choose(&window, BACK_TAB, "Ask Phone of ada");
    let digits = number(&window);
    phone.say_yes(&digits).unwrap();
    welcomed(&window);
    assert_eq!(told(&wiki, "ada")["auth_device"]["name"], "Phone of ada");

    // While the phone is asked a text is wanted instead, too soon after the last: that is heard where the page begins again.
    come();
    begins(&window, "textbox");
    choose(&window, BACK_TAB, "Ask Phone of ada");
    number(&window);
    choose(&window, TAB, "Text me a code: My old phone");
    let said = until("an answer", || Ok(window.text("main .alert").ok())).unwrap();
    assert_eq!(begins(&window, "heading").description, said);
    // The phone says no: why the page is here again is heard at the field that it begins at, in which nothing is wrong.
    phone.say_no().unwrap();
    shows(&window, "[role='alert']", "denied on the phone");
    let code = begins(&window, "textbox");
    assert!(code.description.starts_with("The request was denied on the phone."), "{code:?}");
    assert!(!code.is_invalid, "{code:?}");

    // Done: where the browser is not led on by itself, one key does it.
    come();
    begins(&window, "textbox");
    wiki.be_silent(true);
    window.press(&[codes[0].as_str(), ENTER].concat()).unwrap();
    let link = begins(&window, "link");
    assert_eq!(link.name, "Go on by hand");
    wiki.be_silent(false);
    window.press(ENTER).unwrap();
    welcomed(&window);
}

#[test]
fn the_second_door_of_the_portal_is_heard_and_takes_nobody_from_a_code_they_type() {
    let Story { house, phone, codes, .. } = Story::begin();
    let window = Chromium::start_with_passkeys(1280, 900, &house.set_up.ca).unwrap();
    let url = &house.server.url;
    let password = || {
        window.open(&format!("{url}/sign-in")).unwrap();
        assert_eq!(begins(&window, "textbox").name, "User name");
        window.press(&["ada", TAB, PASSWORD, ENTER].concat()).unwrap();
        at(&window, "/sign-in");
        shows(&window, "main", "Ask Phone of ada");
    };
    let out = || {
        window.open(url).unwrap();
        choose(&window, TAB, "Sign out");
        at(&window, "/sign-in?done=signed-out");
    };

    // While the phone is asked somebody begins to type a code instead.
    password();
    begins(&window, "textbox");
    choose(&window, BACK_TAB, "Ask Phone of ada");
    let digits = number(&window);
    for stop in 0.. {
        assert!(stop < 10, "no field within ten stops");
        window.press(TAB).unwrap();
        if window.evaluate(FOCUS).unwrap() == "passcode" {
            break;
        }
    }
    // And goes on to its button.
    window.press(&["12", TAB].concat()).unwrap();
    let field =
        "[document.activeElement.textContent.trim(), document.querySelector('#passcode').value].join()";
    let typed = window.evaluate(field).unwrap();
    phone.say_yes(&digits).unwrap();
    shows(&window, "[data-said]", "There is an answer");
    assert_eq!((&typed, typed.as_str().unwrap()), (&window.evaluate(field).unwrap(), "Sign in,12"));
    choose(&window, BACK_TAB, "I have answered");
    at(&window, "/");

    // A passkey beside all that.
    window.open(&format!("{url}/factors/passkey")).unwrap();
    window.type_into("#name", "My laptop").unwrap();
    choose(&window, TAB, "Add it");
    at(&window, "/?done=enrolled");
    out();
    password();
    begins(&window, "textbox");
    choose(&window, BACK_TAB, "Use a passkey");
    at(&window, "/");
    out();
    password();
    begins(&window, "textbox");
    window.press(&[codes[0].as_str(), ENTER].concat()).unwrap();
    at(&window, "/");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
