//! The phone page in a browser of its own, asked by a door in another.

use sallyport_testkit::{
    chromium::Chromium,
    push_service::PushService,
    story::{House, until},
    unix_now,
};
use serde_json::Value;

use super::{at, enter, first_door, scanned, shows, sign_out};

/// Activates the page in `phone` by the code that the owner's own page shows in `desktop`.
pub(super) fn activate(house: &House, desktop: &Chromium, phone: &Chromium) {
    activate_as(house, desktop, phone, "My phone");
}

/// The same under another name.
fn activate_as(house: &House, desktop: &Chromium, phone: &Chromium, name: &str) {
    desktop.open(&format!("{}/", house.server.url)).unwrap();
    desktop.click("form[action='/factors/push'] button").unwrap();
    bring_code(house, desktop, phone, name);
}

/// Scans the picture that `desktop` shows, which is the link with the code in it, and opens what it says in `phone`.
fn bring_code(house: &House, desktop: &Chromium, phone: &Chromium, name: &str) {
    until("the code", || Ok(desktop.text("#phone-code").is_ok().then_some(()))).unwrap();
    let code = desktop.text("#phone-code").unwrap();
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let link = desktop.evaluate("document.getElementById('phone-here').href").unwrap();
    assert_eq!(link, format!("{}/phone#{digits}", house.server.url));
    let scanned = scanned(desktop);
    assert_eq!(link, scanned.as_str(), "the picture leads where the link does");
    phone.open(&scanned).unwrap();
    until("the form", || {
        Ok((phone.evaluate("document.getElementById('code').value")? == digits.as_str()).then_some(()))
    })
    .unwrap();
    phone.type_into("#name", name).unwrap();
    phone.click("#activate button:not([hidden])").unwrap();
    shows(phone, "#said", "yours now");
}

/// Signs out and comes to the second door, asks the phone, and reads the number there.
fn ask(house: &House, desktop: &Chromium) -> String {
    to_second_door(house, desktop);
    shows(desktop, "main", "Ask My phone");
    ask_there(desktop, "form:has([name=ask]) button")
}

/// Asks by this button; the number that the door shows.
fn ask_there(desktop: &Chromium, button: &str) -> String {
    desktop.click(button).unwrap();
    until("the number", || Ok(desktop.text("#number").is_ok().then_some(()))).unwrap();
    desktop.text("#number").unwrap()
}

/// Signs out, and in by the first door.
fn to_second_door(house: &House, desktop: &Chromium) {
    desktop.open(&format!("{}/admin", house.server.url)).unwrap();
    if desktop.text("form[action='/sign-out'] button").is_ok() {
        sign_out(desktop);
    }
    first_door(desktop);
    until("the second door", || Ok(desktop.text("form:has([name=ask])").is_ok().then_some(()))).unwrap();
}

/// The time that the request shows, to the second. Between time and AM or PM stands a space that no parser reads.
const SHOWN_TIME: &str = "Date.parse(document.querySelector('#requests [data-at]').textContent.replaceAll('\u{202f}', ' ')) / 1000";

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
        Value::String(service.subscription().unwrap())
    );
    assert_eq!(phone.evaluate(&subscribed).unwrap(), 204);

    let before = unix_now();
    let number = ask(&house, &desktop);
    let after = unix_now();
    let key = key.try_into().unwrap();
    let sent = service.next(&key).unwrap();
    assert_eq!((sent.claims.sub.as_str(), sent.ttl.as_str()), (url.as_str(), "60"));
    phone.deliver_push(url, &sent.payload).unwrap();
    shows(&phone, "#requests", "The portal");
    shows(&phone, "#requests", "127.0.0.1");
    assert_eq!(
        phone.text("#requests [data-place]").unwrap(),
        "127.0.0.1",
        "of this machine no country is known"
    );
    shows(&phone, "#requests", "Chrome (Linux)");
    let asked_at = phone.evaluate(SHOWN_TIME).unwrap().as_f64().unwrap();
    assert!((before as f64..=after as f64).contains(&asked_at), "{before} <= {asked_at} <= {after}");
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

/// Makes the next question after what is over fail.
const FAILS_ONCE: &str = "(() => { const reaches = window.fetch; window.fetch = (path, ...rest) => { \
                          if (path !== '/phone/ended') return reaches(path, ...rest); \
                          window.fetch = reaches; window.failedOnce = true; \
                          return Promise.reject(new TypeError('away')); }; })()";

#[test]
fn a_phone_without_a_passkey_signs_with_a_key_of_its_browser() {
    let house = House::open_by_name().unwrap();
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let phone = Chromium::start_trusting(500, 900, &house.set_up.ca).unwrap();
    phone.become_phone(390, 844).unwrap();
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);

    // The first question after what is over fails.
    phone.evaluate(FAILS_ONCE).unwrap();
    let number = ask(&house, &desktop);
    shows(&phone, "#requests", "The portal");
    let wrong = if number == "000" { "001" } else { "000" };
    phone.type_into("#requests input", wrong).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    shows(&phone, "#problem", "not the number");
    phone.type_into("#requests input", &number).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    at(&desktop, "/admin");
    // It is asked again, and anew as the list is opened: by then it is known whether the door was.
    until("what was asked lately", || Ok(phone.text("#ended:not([hidden]) summary").is_ok().then_some(())))
        .unwrap();
    assert_eq!(phone.evaluate("window.failedOnce").unwrap(), true);
    phone.evaluate("document.querySelector('#ended li').dataset.old = 'yes'").unwrap();
    phone.click("#ended summary").unwrap();
    until("the list of now", || Ok(phone.text("#ended li:not([data-old])").is_ok().then_some(()))).unwrap();

    // Somebody else knows the password.
    ask(&house, &desktop);
    shows(&phone, "#requests", "The portal");
    phone.click("#requests [data-not-me]").unwrap();
    shows(&desktop, "main", "Access is denied");
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    assert_eq!(log["items"][0]["reasons"][0], "push_not_me", "{log}");
    // What was let in before can be disowned too: it stands there for an hour, with this one button.
    until("what was asked lately", || Ok(phone.text("#ended:not([hidden]) summary").is_ok().then_some(())))
        .unwrap();
    assert!(phone.text("#ended:not([open])").is_ok(), "whatever is asked closes the list");
    phone.click("#ended summary").unwrap();
    shows(&phone, "#ended li", "The portal");
    phone.click("#ended li [data-not-me]").unwrap();
    shows(&phone, "#said", "What you had said yes to was opened");
    assert!(phone.text("#ended:not([hidden])").is_err(), "nothing is left there");
    let alarms = house.cli.json(&["alarm", "list"]).unwrap();
    assert_eq!(
        (&alarms["items"][0]["times"], &alarms["items"][0]["opened"]),
        (&2.into(), &true.into()),
        "{alarms}"
    );
    let key = "new Promise((done) => { const open = indexedDB.open('sallyport', 1); open.onsuccess = () => { \
               open.result.transaction('keys').objectStore('keys').get('phone').onsuccess = (found) => \
               done(found.target.result.extractable); }; })";
    assert_eq!(phone.evaluate(key).unwrap(), false, "nobody takes the key out of the browser");

    // The page gives itself up, and its factor is gone.
    phone.click("#giving-up summary").unwrap();
    phone.click("#forget").unwrap();
    until("a page that is nobody's", || {
        Ok(phone.text("#activate").is_ok_and(|text| !text.is_empty()).then_some(()))
    })
    .unwrap();
    let factors = house.cli.json(&["user", "factors", "olga"]).unwrap().to_string();
    assert!(!factors.contains("push"), "{factors}");
}

/// The owner's phones as the server lists them.
fn phones(house: &House) -> Vec<Value> {
    let factors = house.cli.json(&["user", "factors", "olga"]).unwrap();
    let all = factors["items"].as_array().unwrap().iter();
    all.filter(|factor| factor["kind"] == "push").cloned().collect()
}

/// The button that asks this one of them.
fn button_of(phone: &Value) -> String {
    format!("form:has([name=ask][value='{}']) button", phone["id"].as_str().unwrap())
}

#[test]
fn each_of_two_phones_answers_its_own_request_and_one_that_lost_its_page_is_set_up_anew() {
    let house = House::open_by_name().unwrap();
    let start = || Chromium::start_trusting(500, 900, &house.set_up.ca).unwrap();
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let (phone, tablet) = (start(), start());
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);
    activate_as(&house, &desktop, &tablet, "My tablet");
    let both = phones(&house);
    assert_eq!(both.len(), 2, "{both:?}");

    // The door offers both, and asks the one that is chosen.
    for (name, asked, other) in [("My tablet", &tablet, &phone), ("My phone", &phone, &tablet)] {
        let wanted = both.iter().find(|factor| factor["name"] == name).unwrap();
        to_second_door(&house, &desktop);
        for words in ["Ask My phone", "Ask My tablet"] {
            shows(&desktop, "main", words);
        }
        let number = ask_there(&desktop, &button_of(wanted));
        shows(asked, "#requests", "The portal");
        assert_eq!(other.text("#requests").unwrap(), "", "the other hears nothing");
        asked.type_into("#requests input", &number).unwrap();
        asked.click("#requests [data-yes]").unwrap();
        shows(asked, "#said", "let yourself in");
        at(&desktop, "/admin");
    }

    // Another handset becomes the tablet; what was the tablet is nobody's page then.
    let before = both.iter().find(|factor| factor["name"] == "My tablet").unwrap();
    let id = before["id"].as_str().unwrap();
    desktop.open(&format!("{}/", house.server.url)).unwrap();
    let form = format!("form[action='/factors/{id}/reactivate']");
    desktop.evaluate(&format!("document.querySelector(\"details:has({form})\").open = true")).unwrap();
    desktop.click(&format!("{form} button")).unwrap();
    shows(&desktop, "h1", "Set up My tablet anew");
    let handset = start();
    bring_code(&house, &desktop, &handset, "whatever it says");
    until("the old page to see that it is nobody's", || {
        tablet.open(&format!("{}/phone", house.server.url))?;
        Ok(tablet.text("#activate").is_ok_and(|text| !text.is_empty()).then_some(()))
    })
    .unwrap();
    let after = phones(&house);
    let anew = after.iter().find(|factor| factor["id"] == before["id"]).unwrap();
    assert_eq!(after.len(), 2, "{after:?}");
    for same in ["name", "duo_id", "created"] {
        assert_eq!(anew[same], before[same]);
    }
    to_second_door(&house, &desktop);
    let number = ask_there(&desktop, &button_of(anew));
    shows(&handset, "#requests", "The portal");
    handset.type_into("#requests input", &number).unwrap();
    handset.click("#requests [data-yes]").unwrap();
    at(&desktop, "/admin");

    // It is renamed, and the door knows it so.
    house.cli.json(&["user", "rename-factor", "olga", id, "In the kitchen"]).unwrap();
    to_second_door(&house, &desktop);
    shows(&desktop, "main", "Ask In the kitchen");
    for window in [&desktop, &phone, &handset] {
        assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
    }
}

/// In place of what Chromium does not do without its vendor's service: there is a subscription, at this endpoint with these
/// keys. Everything around it is the page's own.
fn subscribing(service: &PushService) -> String {
    format!(
        "if (window.PushManager) {{ let held = null; const made = {}; \
         PushManager.prototype.getSubscription = async () => held; \
         PushManager.prototype.subscribe = async (options) => {{ \
         if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error('asked wrongly'); \
         window.subscribedTimes = (window.subscribedTimes ?? 0) + 1; \
         held = {{ toJSON: () => made, unsubscribe: async () => {{ held = null; }} }}; return held; }}; }}",
        service.subscription().unwrap()
    )
}

/// Makes our server hear of no subscription while the page's storage says so.
const AWAY: &str = "const asks = window.fetch; window.fetch = (path, ...rest) => \
                    path === '/phone/subscription' && localStorage.getItem('away') \
                    ? Promise.reject(new TypeError('away')) : asks(path, ...rest);";

#[test]
fn the_page_subscribes_by_itself_again_after_its_vendor_has_forgotten_it() {
    let service = PushService::start().unwrap();
    let house = House::open_beside(&service).unwrap();
    let url = &house.server.url;
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let phone = Chromium::start_trusting(500, 900, &house.set_up.ca).unwrap();
    phone.allow_notifications(url).unwrap();
    // Chromium cannot subscribe without its vendor's service, so this one call of the browser is the test's own.
    phone.run_first(&subscribing(&service)).unwrap();
    phone.run_first(AWAY).unwrap();
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);
    phone.click("#subscribe").unwrap();
    shows(&phone, "#subscribed", "woken by your browser's vendor");
    let known = |what: &str| {
        let asked =
            format!("fetch('/phone/about').then((answer) => answer.json()).then((known) => known.{what})");
        phone.evaluate(&asked).unwrap()
    };
    let reopen = || {
        phone.open("about:blank").unwrap();
        phone.open(&format!("{url}/phone")).unwrap();
    };
    let key = known("application_server_key");
    let key = data_encoding::BASE64URL_NOPAD.decode(key.as_str().unwrap().as_bytes()).unwrap();
    let key = key.try_into().unwrap();
    let woken = |status: u16| {
        service.answer_with(status);
        ask(&house, &desktop);
        shows(&phone, "#requests", "The portal");
        let sent = service.next(&key).unwrap();
        phone.click("#requests [data-no]").unwrap();
        shows(&phone, "#said", "no");
        sent
    };
    // Later is not never: the request is shown all the same by the page that is open, and the next one is sent again.
    for status in [429, 503, 201] {
        assert_eq!(woken(status).ttl, "60", "{status}");
    }
    // The page of a former version kept no word of it: whoever opens this one before the vendor forgets the phone has it kept.
    phone.evaluate("localStorage.removeItem('sallyport-woken')").unwrap();
    reopen();
    until("the word", || {
        Ok((phone.evaluate("localStorage.getItem('sallyport-woken')")? == "yes").then_some(()))
    })
    .unwrap();
    woken(410);
    until("the server to forget where the phone was", || {
        Ok((known("phone.subscribed") == false).then_some(()))
    })
    .unwrap();
    service.answer_with(201);
    // Where our server is away for the moment, that is what is said, and nothing of the vendor, who does what it should.
    phone.evaluate("localStorage.setItem('away', 'yes')").unwrap();
    reopen();
    shows(&phone, "#problem", "The server was not reached");
    shows(&phone, "#subscribe", "Wake this phone");
    phone.evaluate("localStorage.removeItem('away')").unwrap();
    reopen();
    shows(&phone, "#said", "could not wake this phone any more");
    assert_eq!(
        (known("phone.subscribed"), phone.evaluate("window.subscribedTimes").unwrap()),
        (true.into(), 1.into())
    );
    // Whoever has taken the permission back meanwhile is told, and has the button.
    service.answer_with(404);
    house.cli.json(&["reset", "ask", "olga", "bypass_codes", "--reason", "lost"]).unwrap();
    until("the server to forget it again", || Ok((known("phone.subscribed") == false).then_some(())))
        .unwrap();
    phone.run_first("Object.defineProperty(Notification, 'permission', { get: () => 'denied' });").unwrap();
    reopen();
    shows(&phone, "#problem", "cannot wake this phone any more");
    shows(&phone, "#subscribe", "Wake this phone");
}
