//! The phone page in a browser of its own, asked by a door in another.

use sallyport_testkit::{
    chromium::Chromium,
    push_service::PushService,
    story::{House, until},
};

use super::{OWNER_PASSWORD, enter};

pub(super) fn at(window: &Chromium, path: &str) {
    until(path, || Ok((window.path()? == path).then_some(()))).unwrap();
}

pub(super) fn shows(window: &Chromium, selector: &str, words: &str) {
    until(words, || Ok(window.text(selector).is_ok_and(|text| text.contains(words)).then_some(()))).unwrap();
}

/// Activates the page in `phone` by the code that the owner's own page shows in `desktop`.
pub(super) fn activate(house: &House, desktop: &Chromium, phone: &Chromium) {
    desktop.open(&format!("{}/", house.server.url)).unwrap();
    desktop.click("form[action='/factors/push'] button").unwrap();
    until("the code", || Ok(desktop.text("#phone-code").is_ok().then_some(()))).unwrap();
    let code = desktop.text("#phone-code").unwrap();
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    phone.open(&format!("{}/phone#{digits}", house.server.url)).unwrap();
    until("the form", || {
        Ok((phone.evaluate("document.getElementById('code').value")? == digits.as_str()).then_some(()))
    })
    .unwrap();
    phone.type_into("#name", "My phone").unwrap();
    phone.click("#activate button:not([hidden])").unwrap();
    shows(phone, "#said", "yours now");
}

/// Signs out and comes to the second door, asks the phone, and reads the number there.
fn ask(house: &House, desktop: &Chromium) -> String {
    desktop.open(&format!("{}/admin", house.server.url)).unwrap();
    if desktop.text("form[action='/sign-out'] button").is_ok() {
        desktop.click("form[action='/sign-out'] button").unwrap();
        at(desktop, "/sign-in?done=signed-out");
    }
    desktop.type_into("#name", "olga").unwrap();
    desktop.type_into("#password", OWNER_PASSWORD).unwrap();
    desktop.click("form[action='/sign-in'] button").unwrap();
    shows(desktop, "main", "Ask My phone");
    desktop.click("form:has([name=ask]) button").unwrap();
    until("the number", || Ok(desktop.text("#number").is_ok().then_some(()))).unwrap();
    desktop.text("#number").unwrap()
}

#[test]
fn a_phone_that_is_woken_says_yes_with_its_passkey_and_the_door_opens_by_itself() {
    let service = PushService::start().unwrap();
    let house = House::open_beside(&service).unwrap();
    let url = &house.server.url;
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let phone = Chromium::start_with_passkeys(500, 900, &house.set_up.ca).unwrap();
    phone.become_phone(390, 844).unwrap();
    phone.allow_notifications(url).unwrap();
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);
    let factors = house.cli.json(&["user", "factors", "olga"]).unwrap();
    let factors = factors.as_array().or_else(|| factors["items"].as_array()).unwrap().clone();
    let mine = factors.iter().find(|factor| factor["kind"] == "push").unwrap();
    assert_eq!((&mine["name"], &mine["signs_with"]), (&"My phone".into(), &"passkey".into()));

    // What the browser would subscribe with, and what it would tell.
    let known =
        "fetch('/phone/about').then((answer) => answer.json()).then((known) => known.application_server_key)";
    let key = phone.evaluate(known).unwrap();
    let key = data_encoding::BASE64URL_NOPAD.decode(key.as_str().unwrap().as_bytes()).unwrap();
    let subscribed = format!(
        "fetch('/phone/subscription', {{ method: 'POST', headers: {{ 'content-type': 'application/json' }}, \
         body: {} }}).then((answer) => answer.status)",
        serde_json::Value::String(service.subscription().unwrap())
    );
    assert_eq!(phone.evaluate(&subscribed).unwrap(), 204);

    let number = ask(&house, &desktop);
    let key = key.try_into().unwrap();
    let sent = service.next(&key).unwrap();
    assert_eq!((sent.claims.sub.as_str(), sent.ttl.as_str()), (url.as_str(), "60"));
    phone.deliver_push(url, &sent.payload).unwrap();
    shows(&phone, "#requests", "The portal");
    shows(&phone, "#requests", "127.0.0.1");
    shows(&phone, "#requests", "Chrome (Linux)");
    phone.type_into("#requests input", &number).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    shows(&phone, "#said", "let yourself in");
    at(&desktop, "/admin");
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    assert_eq!(log["items"][0]["second_door"]["kind"], "push", "{log}");

    // With the page closed the worker shows that somebody asks.
    phone.open("about:blank").unwrap();
    ask(&house, &desktop);
    phone.deliver_push(url, &sent.payload).unwrap();
    phone.open(&format!("{url}/phone")).unwrap();
    let notices =
        "navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.length)";
    until("the notification", || Ok((phone.evaluate(notices)? == 1).then_some(()))).unwrap();
    shows(&phone, "#requests", "The portal");

    // What is about to happen to the account is told there too, and asks nothing.
    house.cli.json(&["reset", "ask", "olga", "bypass_codes", "--reason", "lost"]).unwrap();
    let news =
        std::iter::repeat_with(|| service.next(&key).unwrap()).find(|sent| sent.ttl == "86400").unwrap();
    assert_eq!(news.payload, r#"{"news":1}"#);
    phone.deliver_push(url, &news.payload).unwrap();
    let told = "navigator.serviceWorker.ready.then((worker) => worker.getNotifications({ tag: 'news' })) \
                .then((all) => all.map((one) => one.title).join())";
    until("the news", || Ok((phone.evaluate(told)? == "Something about your account changed").then_some(())))
        .unwrap();
    assert_eq!(desktop.complaints().unwrap(), Vec::<String>::new());
    assert_eq!(phone.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_phone_without_a_passkey_signs_with_a_key_of_its_browser() {
    let house = House::open_by_name().unwrap();
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let phone = Chromium::start_trusting(500, 900, &house.set_up.ca).unwrap();
    phone.become_phone(390, 844).unwrap();
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);

    let number = ask(&house, &desktop);
    shows(&phone, "#requests", "The portal");
    let wrong = if number == "000" { "001" } else { "000" };
    phone.type_into("#requests input", wrong).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    shows(&phone, "#problem", "not the number");
    phone.type_into("#requests input", &number).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    at(&desktop, "/admin");

    // Somebody else knows the password.
    ask(&house, &desktop);
    shows(&phone, "#requests", "The portal");
    phone.click("#requests [data-not-me]").unwrap();
    shows(&desktop, "main", "Access is denied");
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    assert_eq!(log["items"][0]["reasons"][0], "push_not_me", "{log}");
    let key = "new Promise((done) => { const open = indexedDB.open('sallyport', 1); open.onsuccess = () => { \
               open.result.transaction('keys').objectStore('keys').get('phone').onsuccess = (found) => \
               done(found.target.result.extractable); }; })";
    assert_eq!(phone.evaluate(key).unwrap(), false, "nobody takes the key out of the browser");

    // The page gives itself up, and its factor is gone.
    phone.click("#idle summary").unwrap();
    phone.click("#forget").unwrap();
    until("a page that is nobody's", || {
        Ok(phone.text("#activate").is_ok_and(|text| !text.is_empty()).then_some(()))
    })
    .unwrap();
    let factors = house.cli.json(&["user", "factors", "olga"]).unwrap().to_string();
    assert!(!factors.contains("push"), "{factors}");
}
