//! Somebody with two phones chooses the second one at the prompt.

use sallyport_testkit::phone_page::PhonePage;

use super::*;

/// Presses the button with these words, which is in this form.
fn press_in(window: &Chromium, form: &str, words: &str) {
    let named = format!(
        "(() => {{ const forms = [...document.querySelectorAll({form:?})]; \
         const form = forms.find((form) => form.innerText.includes({words:?})); \
         if (form) form.dataset.chosen = ''; return Boolean(form); }})()"
    );
    until(words, || Ok((window.evaluate(&named)? == true).then_some(()))).unwrap();
    window.click("[data-chosen] button").unwrap();
}

#[test]
fn the_second_phone_is_pushed_and_the_first_is_not() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let who = ("ada", PASSWORD, &*ada.code(0));
    let phones =
        PhonePage::all_of(who, &house.server.url, &house.set_up.ca, &["First phone", "Second phone"]);
    let phones = phones.unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    for (chosen, name) in [(1, "Second phone"), (0, "First phone")] {
        window.open(&wiki.address("ada")).unwrap();
        press_in(&window, "form:has([name=ask])", &format!("Ask {name}"));
        until("the number", || Ok(window.text("#number").is_ok().then_some(()))).unwrap();
        let number = window.text("#number").unwrap();
        until("the request", || Ok((phones[chosen].asked()? == 1).then_some(()))).unwrap();
        assert_eq!(phones[1 - chosen].asked().unwrap(), 0, "{name}");
        phones[chosen].say_yes(&number).unwrap();
        welcomed(&window);
        let told = told(&wiki, "ada");
        assert_eq!(
            (&told["factor"], &told["auth_device"]["name"]),
            (&json!("verified_duo_push"), &json!(name)),
            "{told}"
        );
    }
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn the_second_number_is_texted_and_called_and_the_first_is_not() {
    let (house, company) = House::open_with_telephones().unwrap();
    let wiki = Application::open(&house, "Wiki");
    house.person("ada", PASSWORD).unwrap();
    for (name, number) in [("Old phone", "+15005550011"), ("New phone", "+15005550012")] {
        house.cli.json(&["user", "add-phone", "ada", number, "--name", name]).unwrap();
    }
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&wiki.address("ada")).unwrap();
    press_in(&window, "form[action$='/text']", "New phone");
    let code = company.code(0).unwrap();
    shows(&window, "[role='status']", "on its way");
    window.type_into("#passcode", &code).unwrap();
    window.press(ENTER).unwrap();
    welcomed(&window);
    let by_text = told(&wiki, "ada");

    window.open(&wiki.address("ada")).unwrap();
    press_in(&window, "form:has([name=ask])", "Call New phone");
    until("the digits", || Ok(window.text("#number").is_ok().then_some(()))).unwrap();
    let said = company.answer(&window.text("#number").unwrap()).unwrap();
    assert!(said.last().unwrap().contains("Thank you"), "{said:?}");
    welcomed(&window);
    let by_call = told(&wiki, "ada");
    for (told, factor) in [(by_text, "sms_passcode"), (by_call, "phone_call")] {
        assert_eq!(
            (&told["factor"], &told["auth_device"]["name"]),
            (&json!(factor), &json!("New phone")),
            "{told}"
        );
    }
    let carried = company.list().unwrap();
    for kind in ["texts", "calls"] {
        let to: Vec<_> = carried[kind].as_array().unwrap().iter().map(|one| &one["to"]).collect();
        assert_eq!(to, ["+15005550012"], "{kind}");
    }
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
