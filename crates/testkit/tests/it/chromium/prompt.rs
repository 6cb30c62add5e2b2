//! The prompt in front of an application that has the vendor's unmodified Web SDK, with a web site of its own to come back
//! to.

mod node;
mod second_phone;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
    time::Duration,
};

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::{Chromium, ENTER, TAB},
    cli,
    story::{House, items, text, until},
};
use serde_json::{Value, json};

use super::{
    at,
    doors::{FAINT, FOCUS, typing_begins_at},
    enter,
    phone::{STICKS_OUT, long},
    push::activate,
    shows, sign_out,
};
use crate::device::PASSWORD;

const STATE: &str = "a state of thirty-six characters: &#?";
const NONCE: &str = "a nonce of one request";

/// The application: a web site, and the SDK with its keys.
pub(super) struct Application {
    config: Value,
    /// Paths that browsers came back to.
    visits: Receiver<String>,
    /// Whether it sends browsers nowhere, which so stay on our page that leads back.
    silent: Arc<AtomicBool>,
}

impl Application {
    pub(super) fn open(house: &House, name: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let back = format!("http://localhost:{port}/duo-callback");
        let create = ["application", "create", "--type", "duo-auth-api", "--name", name];
        let made = house.cli.json(&create).unwrap();
        let id = text(&made, "id");
        house.cli.json(&["application", "update", &id, "--redirect-uri", &back]).unwrap();
        let (visit, visits) = channel();
        let silent = Arc::new(AtomicBool::new(false));
        let is_silent = Arc::clone(&silent);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (visit, is_silent) = (visit.clone(), Arc::clone(&is_silent));
                // Browsers open connections that they may not need.
                thread::spawn(move || {
                    let path = serve(&stream, port, &is_silent);
                    if path.starts_with("/duo-callback") {
                        visit.send(path).ok();
                    }
                });
            }
        });
        let config = json!({
            "client_id": text(&made, "ikey"), "client_secret": text(&made, "skey"), "redirect_uri": back,
            "host": format!("localhost:{}", house.server.url.rsplit_once(':').unwrap().1),
            "ca": house.ca_file(),
        });
        Self { config, visits, silent }
    }

    /// Sends browsers nowhere from now on, or on again.
    pub(super) fn be_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::SeqCst);
    }

    /// Lets the SDK make one call; what it was answered.
    fn call(&self, name: &str, arguments: Value) -> Value {
        self.try_call(name, arguments).unwrap()
    }

    fn try_call(&self, name: &str, arguments: Value) -> anyhow::Result<Value> {
        let python = std::env::var("TEST_PYTHON").unwrap();
        let script = format!("{}/python/duo_web.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let mut config = self.config.clone();
        config["calls"] = json!([{ "name": name, "arguments": arguments }]);
        let out = cli::run(Path::new(&python), &[&script], Some(&config.to_string()), &[])?;
        Ok(serde_json::from_str(&out)?)
    }

    /// Where it sends the browser of somebody.
    pub(super) fn address(&self, username: &str) -> String {
        let arguments = json!({ "username": username, "state": STATE, "nonce": NONCE });
        self.call("create_auth_url", arguments)["answer"].as_str().unwrap().to_owned()
    }

    /// With what a browser came back: the code, or the error.
    pub(super) fn came_back(&self, name: &str) -> String {
        let path = self.visits.recv_timeout(Duration::from_secs(30)).unwrap();
        let query = path.split_once('?').unwrap().1;
        assert!(query.contains("state=a%20state%20of%20thirty-six%20characters%3A%20%26%23%3F"), "{path}");
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        assert!(value.is_some(), "no {name} in {path}");
        value.unwrap_or_default().to_owned()
    }

    pub(super) fn exchange(&self, code: &str, username: &str) -> Value {
        let arguments = json!({ "duoCode": code, "username": username, "nonce": NONCE });
        self.call("exchange_authorization_code_for_2fa_result", arguments)
    }
}

/// Answers one request; the path that was asked for. Whoever comes back is sent on to another origin, as applications do
/// that have a server of their own for signing in.
fn serve(stream: &TcpStream, port: u16, silent: &AtomicBool) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.find(String::is_empty);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let answer = if silent.load(Ordering::SeqCst) && path.starts_with("/duo-callback") {
        "HTTP/1.1 204 No Content\r\n".to_owned()
    } else if path.starts_with("/duo-callback") {
        format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/home\r\n")
    } else {
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n".to_owned()
    };
    let body = if answer.contains(" 204 ") {
        ""
    } else {
        "<!doctype html><link rel=icon href=data:,><h1>Welcome</h1>"
    };
    let length = body.len();
    write!(&*stream, "{answer}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}").ok();
    path
}

pub(super) fn welcomed(window: &Chromium) {
    until("the application", || Ok(window.text("h1").is_ok_and(|text| text == "Welcome").then_some(())))
        .unwrap();
    assert_eq!(window.path().unwrap(), "/home");
}

pub(super) fn person(house: &House, name: &str) -> Authenticator {
    house.person(name, PASSWORD).unwrap();
    house.enroll(name).unwrap()
}

#[test]
fn the_vendors_web_sdk_is_content() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let health = wiki.call("health_check", json!({}));
    assert!(health["answer"]["response"]["timestamp"].as_i64().unwrap() > 0, "{health}");

    // A keyboard alone, from the application and back.
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&wiki.address("Ada")).unwrap();
    typing_begins_at(&window, "passcode");
    window.press(&["000000", ENTER].concat()).unwrap();
    until("the refusal", || Ok(window.text("[role='alert']").ok())).unwrap();
    typing_begins_at(&window, "passcode");
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    welcomed(&window);
    let code = wiki.came_back("duo_code");
    let told = &wiki.exchange(&code, "Ada")["answer"];
    assert_eq!(told["auth_result"]["result"], "allow", "{told}");
    assert_eq!((&told["preferred_username"], &told["nonce"]), (&json!("Ada"), &json!(NONCE)), "{told}");
    let context = &told["auth_context"];
    let words = ["result", "event_type", "factor", "reason", "alias", "trusted_endpoint_status"];
    let said = words.map(|word| context[word].as_str().unwrap_or_default());
    assert_eq!(said, ["success", "authentication", "passcode", "valid_passcode", "Ada", "unknown"], "{told}");
    assert_eq!((&context["application"]["name"], &context["user"]["name"]), (&json!("Wiki"), &json!("ada")));
    let device = &context["access_device"];
    assert_eq!(
        (&device["ip"], &device["browser"], &device["os"], &device["is_firewall_enabled"]),
        (&json!("127.0.0.1"), &json!("Chrome"), &json!("Linux"), &json!("unknown")),
    );
    for absent in ["browser_version", "os_version", "flash_version", "java_version", "hostname", "epkey"] {
        assert_eq!(device.get(absent), Some(&Value::Null), "{absent}");
    }
    // What the application was told can be found again.
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let newest = text(&items(&log)[0], "id").split_once('_').unwrap().1.replace('-', "");
    assert_eq!(context["txid"].as_str().unwrap().replace('-', ""), newest, "{told}");
    // The browser complains about the status of the wrong code and about nothing else.
    let complaints = window.complaints().unwrap();
    assert!(complaints.iter().all(|complaint| complaint.contains("422")), "{complaints:?}");

    // The code was good once; and with other keys it never would have been.
    let again = wiki.exchange(&code, "Ada");
    assert!(again["error"].as_str().unwrap().contains("invalid_grant"), "{again}");
    let mut stranger = wiki;
    stranger.config["client_secret"] = json!("x".repeat(40));
    let refused = stranger.exchange(&code, "Ada");
    assert!(refused["error"].as_str().unwrap().contains("invalid_client"), "{refused}");
    // An application with a former key that fails open on an unhappy health check is kept shut by the page.
    assert!(stranger.call("health_check", json!({}))["answer"].is_object());
    window.open(&stranger.address("ada")).unwrap();
    assert_eq!(window.text("h1").unwrap(), "No way on from here");
}

#[test]
fn whoever_gives_up_is_back_at_the_application_without_a_code() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    person(&house, "ada");
    let window = Chromium::start(1280, 900).unwrap();
    window.open(&wiki.address("ada")).unwrap();
    // Every stop of the keyboard shows that it is one, and one of them leads out.
    for stop in 0.. {
        assert!(stop < 20, "no way out in twenty stops");
        window.press(TAB).unwrap();
        let focus = window.evaluate(FOCUS).unwrap();
        let outlined = "getComputedStyle(document.activeElement).outlineStyle !== 'none' \
                        || getComputedStyle(document.activeElement).boxShadow !== 'none'";
        assert_eq!(window.evaluate(outlined).unwrap(), true, "{focus}");
        if focus == "Cancel and go back to Wiki" {
            break;
        }
    }
    window.press(ENTER).unwrap();
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");

    // Whoever may not pass reads so, and finds the way back.
    window.open(&wiki.address("nobody-here")).unwrap();
    assert_eq!(window.text("[role='alert']").unwrap(), "Access is denied. Ask your administrator.");
    window.click("a.btn").unwrap();
    welcomed(&window);
    assert_eq!(wiki.came_back("error"), "access_denied");
}

/// What the application is told of a browser that has just come back.
pub(super) fn told(wiki: &Application, username: &str) -> Value {
    let told = wiki.exchange(&wiki.came_back("duo_code"), username);
    assert_eq!(told["answer"]["auth_result"]["result"], "allow", "{told}");
    told["answer"]["auth_context"].clone()
}

#[test]
fn an_application_may_call_us_by_a_name_of_its_own() {
    const NAME: &str = "api-wiki.localhost";
    let house = House::open_by_name().unwrap();
    let mut wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let named = house.cli.json(&["application", "update", "Wiki", "--api-host", NAME]).unwrap();
    wiki.config["host"] = named["host"].clone();
    wiki.config["names"] = json!({ NAME: "localhost" });
    assert!(text(&named, "host").starts_with("api-wiki.localhost:"), "{named}");
    let healthy = || {
        let health = wiki.try_call("health_check", json!({})).ok();
        Ok(health.filter(|health| health["answer"].is_object()))
    };
    until("a certificate for the name", healthy).unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&wiki.address("ada")).unwrap();
    typing_begins_at(&window, "passcode");
    window.press(&[ada.code(0).as_str(), ENTER].concat()).unwrap();
    welcomed(&window);
    // The SDK takes no statement of another issuer than the one it was configured with.
    assert_eq!(told(&wiki, "ada")["factor"], "passcode");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_passkey_opens_the_prompt_too() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::open(&house, "Wiki");
    let window = Chromium::start_with_passkeys(1280, 900, &house.set_up.ca).unwrap();
    enter(&house, &window);
    window.open(&format!("{}/factors/passkey", house.server.url)).unwrap();
    window.type_into("#name", "My laptop").unwrap();
    window.click("[data-ask]").unwrap();
    at(&window, "/?done=enrolled");
    window.open(&wiki.address("olga")).unwrap();
    window.click("form[action='/oauth/v1/prompt'] [data-ask]").unwrap();
    welcomed(&window);
    let told = told(&wiki, "olga");
    assert_eq!(
        (&told["factor"], &told["reason"], &told["auth_device"]["name"]),
        (&json!("security_key"), &json!("user_approved"), &json!("My laptop"))
    );
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}

#[test]
fn a_phone_is_asked_by_the_prompt_which_goes_on_by_itself() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::open(&house, "Wiki");
    let desktop = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let phone = Chromium::start_trusting(500, 900, &house.set_up.ca).unwrap();
    phone.become_phone(390, 844).unwrap();
    enter(&house, &desktop);
    activate(&house, &desktop, &phone);

    let ask = || {
        desktop.open(&wiki.address("olga")).unwrap();
        desktop.click("form:has([name=ask]) button").unwrap();
        until("the number", || Ok(desktop.text("#number").is_ok().then_some(()))).unwrap();
        shows(&phone, "#requests", "Wiki");
        desktop.text("#number").unwrap()
    };
    let number = ask();
    phone.type_into("#requests input", &number).unwrap();
    phone.click("#requests [data-yes]").unwrap();
    welcomed(&desktop);
    let told = told(&wiki, "olga");
    assert_eq!(
        (&told["factor"], &told["reason"], &told["auth_device"]["name"], &told["auth_device"]["ip"]),
        (&json!("verified_duo_push"), &json!("user_approved"), &json!("My phone"), &json!("127.0.0.1"))
    );
    assert_eq!(told["auth_device"]["location"], json!({ "city": null, "country": null, "state": null }));

    // Whoever gives up takes the request back from the phone.
    ask();
    desktop.click("form[action='/oauth/v1/prompt/cancel'] button").unwrap();
    welcomed(&desktop);
    assert_eq!(wiki.came_back("error"), "access_denied");
    until("a phone that is asked no more", || {
        Ok(phone.text("#requests").is_ok_and(|text| !text.contains("Wiki")).then_some(()))
    })
    .unwrap();
    // Whoever did not ask says so.
    ask();
    phone.click("#requests [data-not-me]").unwrap();
    shows(&desktop, "main", "Access is denied");
    desktop.click("a.btn").unwrap();
    welcomed(&desktop);
    assert_eq!(wiki.came_back("error"), "access_denied");
}

/// Through the prompt without scripts: the code that the browser is to bring back.
fn pass(house: &House, wiki: &Application, address: &str, passcode: &str) -> String {
    let browser = house.browser().unwrap();
    let here = browser.at(&format!("https://{}", wiki.config["host"].as_str().unwrap()));
    let page = here.open(&format!("/{}", address.splitn(4, '/').nth(3).unwrap())).unwrap().ok().unwrap();
    let through = here.submit(&page, "passcode", &[("passcode", passcode)]).unwrap().ok().unwrap();
    let back = through.body.split_once("id=\"back\" href=\"").unwrap().1.split_once('"').unwrap().0;
    back.rsplit_once("duo_code=").unwrap().1.to_owned()
}

#[test]
fn without_scripts_the_prompt_works_as_well() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    let address = wiki.address("ada");
    // It knows the server by its address and not by the name the application uses, which is what was signed.
    let elsewhere = format!("/{}", address.splitn(4, '/').nth(3).unwrap());
    assert_eq!(house.browser().unwrap().open(&elsewhere).unwrap().status, 400);
    let code = pass(&house, &wiki, &address, &ada.code(0));
    assert_eq!(wiki.exchange(&code, "ada")["answer"]["auth_result"]["result"], "allow");
}

#[test]
fn what_passes_through_the_prompt_is_in_no_log() {
    let mut house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    let ada = person(&house, "ada");
    house.server.kill().unwrap();
    house.server.filter = "trace";
    house.server.start_again().unwrap();
    let address = wiki.address("ada");
    let passcode = ada.code(0);
    let code = pass(&house, &wiki, &address, &passcode);
    let told = wiki.exchange(&code, "ada");
    assert_eq!(told["answer"]["auth_result"]["result"], "allow", "{told}");
    let log = house.server.log.clone();
    house.server.stop().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("/oauth/v1/token"), "what happened is logged");
    // The request object is good for a while, and the token request has all it says in its query.
    let request = address.split_once("request=").unwrap().1.split('&').next().unwrap();
    for secret in [request, "client_assertion=", "eyJhbGciOiJIUzUxMiI", &code] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert_eq!(log.lines().find(|line| line.contains(&format!("passcode={passcode}"))), None);
}

#[test]
fn the_prompt_fits_a_phone_and_can_be_read_by_day_and_in_the_dark() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    house.cli.json(&["settings", "update", "--organization", &long("Donaudampfschiff")]).unwrap();
    let wiki = Application::open(&house, &long("Stationsnetz"));
    let name = "maximiliane_von_und_zu_hohenburg";
    person(&house, name);
    house.person("novice", PASSWORD).unwrap();
    let window = Chromium::start(1280, 900).unwrap();
    let mut found = Vec::new();
    for (screen, scheme) in [("desk", "light"), ("desk", "dark"), ("phone", "light"), ("phone", "dark")] {
        window.prefer(scheme).unwrap();
        if screen == "phone" {
            window.become_phone(375, 812).unwrap();
        }
        for username in [name, "novice", "nobody-here"] {
            window.open(&wiki.address(username)).unwrap();
            let out = window.evaluate(STICKS_OUT).unwrap();
            found.extend(out.as_str().map(|out| format!("{username} on a {screen}: {out}")));
            let faint = window.evaluate(FAINT).unwrap();
            let faint = faint.as_array().unwrap().iter().filter_map(Value::as_str);
            found.extend(faint.map(|words| format!("{username} in {scheme}: {words}")));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Name and password at the portal.
fn first_door(house: &House, window: &Chromium, name: &str) {
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.type_into("#name", name).unwrap();
    window.type_into("#password", PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
}

/// The second door, when its script has found that this browser is not known.
fn asked(window: &Chromium) {
    let offered = "document.querySelector('[data-remember]:not([hidden])') !== null";
    until("the second door", || Ok((window.evaluate(offered)? == true).then_some(()))).unwrap();
}

#[test]
fn a_remembered_browser_is_known_by_its_key_and_a_copy_of_its_cookies_is_not() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::open(&house, "Wiki");
    let vera = person(&house, "vera");
    let mut settings = house.cli.json(&["settings", "show"]).unwrap();
    settings["remembered_devices"] = json!({ "hours": 72, "reach": "all" });
    house.cli.run(&["settings", "replace", "-"], Some(&settings.to_string())).unwrap();
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();

    first_door(&house, &window, "vera");
    asked(&window);
    assert!(window.text("[data-remember]").unwrap().contains("Remember this browser for 3 days"));
    window.click("[data-wish]").unwrap();
    // The tick is not lost by an answer that does not hold.
    window.type_into("#passcode", "000000").unwrap();
    window.click("form[action='/sign-in/second']:has(#passcode) button").unwrap();
    until("the refusal", || Ok(window.text("[role='alert']").is_ok().then_some(()))).unwrap();
    asked(&window);
    assert_eq!(window.evaluate("document.querySelector('[data-wish]').checked").unwrap(), true);
    window.type_into("#passcode", &vera.code(0)).unwrap();
    window.click("form[action='/sign-in/second']:has(#passcode) button").unwrap();
    at(&window, "/");

    sign_out(&window);
    first_door(&house, &window, "vera");
    at(&window, "/");
    let page = window.text("main").unwrap();
    assert!(page.contains("You came in by one door") && !page.contains("Where I am remembered"), "{page}");
    // At an application that says so too.
    window.open(&wiki.address("vera")).unwrap();
    welcomed(&window);
    let told = told(&wiki, "vera");
    assert_eq!(
        (&told["factor"], &told["reason"]),
        (&json!("remembered_device"), &json!("remembered_device")),
        "{told}"
    );

    // Somebody with the password and every cookie of hers, but with another browser.
    window.open(&house.server.url).unwrap();
    sign_out(&window);
    let thief = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    thief.open(&format!("{}/sign-in", house.server.url)).unwrap();
    assert!(thief.copy_cookies(&window).unwrap() > 0);
    first_door(&house, &thief, "vera");
    asked(&thief);
    assert_eq!(thief.text("h1").unwrap(), "One more door");

    // What is forgotten is asked for again.
    first_door(&house, &window, "vera");
    at(&window, "/");
    window.click("form[action='/sessions/end-others'] button").unwrap();
    at(&window, "/?done=sessions-ended");
    sign_out(&window);
    first_door(&house, &window, "vera");
    asked(&window);
    let complaints = window.complaints().unwrap();
    let known: Vec<_> = complaints.iter().filter(|line| !line.contains("422")).collect();
    assert!(known.is_empty(), "{complaints:?}");
}
