//! Every page as axe-core judges it, which nobody here wrote: WCAG 2.0 to 2.2, levels A and AA, by day on a desk and in the dark on
//! the narrowest screen that has to be enough (320 CSS pixels, 1.4.10).

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

mod routes;
mod world;

use std::{collections::BTreeSet, path::Path};

use sallyport_testkit::{
    authenticator::Authenticator,
    chromium::{Chromium, ENTER, TAB},
    story::{House, text, until},
    unix_now,
};
use serde_json::{Value, json};

use self::{
    routes::{Look, ROUTES},
    world::World,
};
use super::{OWNER_PASSWORD, at, at_rest, doors::FOCUS, keep, phone::STICKS_OUT, prompt::Application, shows};
use crate::{device::PASSWORD, duo_client::calls};

/// What axe-core finds wrong with the page, in a line for each thing.
const JUDGED: &str = "axe.run(document, { \
     runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }, \
     rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] }) \
     .then((result) => result.violations.flatMap((violation) => violation.nodes.map((node) => \
       `${violation.id}: ${node.target.join(' ')}: ${node.any.concat(node.all, node.none).map((check) => check.message)[0]}`)))";

/// Somebody who looks at pages and remembers which.
struct Eyes<'w> {
    window: &'w Chromium,
    seen: BTreeSet<String>,
    looks: usize,
    found: Vec<String>,
}

impl<'w> Eyes<'w> {
    fn new(window: &'w Chromium) -> Self {
        let file = "node/node_modules/axe-core/axe.min.js";
        let file = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join(file);
        let axe = std::fs::read_to_string(file).expect("no packages for Node; run `make test`");
        window.run_first(&axe).unwrap();
        Self { window, seen: BTreeSet::new(), looks: 0, found: Vec::new() }
    }

    /// Looks at the page that is shown, which is one of this route.
    fn look(&mut self, route: &str, what: &str) {
        at_rest(self.window);
        self.looks += 1;
        self.judge(route, what, "on a desk");
        self.keep(route, what, "desktop light");
        self.window.become_phone(320, 780).unwrap();
        self.keep(route, what, "phone light");
        self.window.prefer("dark").unwrap();
        until("the dark", || {
            let dark = "matchMedia('(prefers-color-scheme: dark)').matches \
                 && document.documentElement.clientWidth === 320";
            Ok((self.window.evaluate(dark)? == true).then_some(()))
        })
        .unwrap();
        self.keep(route, what, "phone dark");
        // This opens all that folds, too.
        let out = self.window.evaluate(STICKS_OUT).unwrap();
        self.found.extend(out.as_str().map(|out| format!("{route}, {what}, sticks out at 320: {out}")));
        self.judge(route, what, "in the dark, at 320");
        self.window.become_desktop().unwrap();
        self.keep(route, what, "desktop dark");
        self.window.prefer("light").unwrap();
        self.seen.insert(route.to_owned());
    }

    fn keep(&self, route: &str, what: &str, how: &str) {
        let what: String = what.chars().take(40).collect();
        keep(self.window, &format!("{:03} {route} {what} {how}", self.looks));
    }

    fn judge(&mut self, route: &str, what: &str, how: &str) {
        let found = self.window.evaluate(JUDGED).unwrap();
        let found = found.as_array().unwrap().iter().filter_map(Value::as_str);
        self.found.extend(found.map(|found| format!("{route}, {what}, {how}: {found}")));
    }
}

#[test]
fn every_page_meets_wcag_by_day_and_in_the_dark_on_a_desk_and_on_the_narrowest_screen() {
    let listed = listed();
    let known: BTreeSet<&str> = ROUTES.iter().map(|(route, _)| *route).collect();
    let pages: BTreeSet<&str> = listed.iter().map(String::as_str).collect();
    assert_eq!(known.symmetric_difference(&pages).collect::<Vec<_>>(), Vec::<&&str>::new());

    let world = World::build();
    let window = Chromium::start_trusting(1280, 900, &world.house.set_up.ca).unwrap();
    let mut eyes = Eyes::new(&window);
    at_the_doors(&world, &mut eyes);
    at_the_prompt(&world, &mut eyes);
    enter(&world.house, &mut eyes);
    on_the_way(&world, &mut eyes);
    on_the_phone(&world, &mut eyes);
    for (route, look) in ROUTES {
        let Look::At(addresses) = look else { continue };
        for address in *addresses {
            window.open(&format!("{}{}", world.house.server.url, world.filled(address))).unwrap();
            eyes.look(route, &window.text("h1, h2").unwrap());
        }
    }
    for (route, look) in ROUTES {
        let why_not = match look {
            Look::NoPage(why) => Some(*why),
            Look::At(_) | Look::OnTheWay => None,
        };
        assert_eq!(why_not.is_none(), eyes.seen.contains(*route), "{route}: {why_not:?}");
    }
    assert!(eyes.found.is_empty(), "{} findings\n{}", eyes.found.len(), eyes.found.join("\n"));
}

/// The routes that `GET` answers, of the matrix that is held against the router.
fn listed() -> Vec<String> {
    let file = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("../web/tests/pages.txt");
    let matrix = std::fs::read_to_string(file).unwrap();
    let route = |line: &str| Some(line.strip_prefix("GET ")?.split_whitespace().next()?.to_owned());
    matrix.lines().filter_map(route).filter(|route| !route.ends_with(".csv")).collect()
}

fn password(window: &Chromium, house: &House, name: &str, password: &str) {
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    window.type_into("#name", name).unwrap();
    window.type_into("#password", password).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
}

/// What strangers meet, and whoever is half-way in.
fn at_the_doors(world: &World, eyes: &mut Eyes<'_>) {
    let (house, window) = (&world.house, eyes.window);
    window.open(&format!("{}/sign-in", house.server.url)).unwrap();
    eyes.look("/sign-in", "the first door");
    password(window, house, "alice", "not her password");
    until("the refusal", || Ok(window.text("[role='alert']").is_ok().then_some(()))).unwrap();
    eyes.look("/sign-in", "a refusal");
    password(window, house, "alice", PASSWORD);
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    eyes.look("/sign-in/second", "the second door");
    window.type_into("#passcode", "000000").unwrap();
    window.click("form[action='/sign-in/second'] .btn-primary").unwrap();
    shows(window, "[role='alert']", "That code is not right");
    eyes.look("/sign-in/second", "a wrong code");
    window.click("form[action='/sign-in/second/text'] button").unwrap();
    shows(window, "[role='status']", "on its way");
    eyes.look("/sign-in/second", "a texted code");
    password(window, house, "novice", PASSWORD);
    let offer = "form[action='/sign-in/enroll'] button";
    until("the offer", || Ok(window.text(offer).is_ok().then_some(()))).unwrap();
    eyes.look("/sign-in/enroll", "nothing to pass the second door with");
    window.click(offer).unwrap();
    until("the field", || Ok(window.text("#code").is_ok().then_some(()))).unwrap();
    eyes.look("/sign-in/enroll", "a mailed code");
    for page in ["/phone", "/no-such-page", "/enroll"] {
        window.open(&format!("{}{page}", house.server.url)).unwrap();
        eyes.look(page, "to a stranger");
    }
}

/// The prompt in front of an application: for somebody with factors, with none, and whom nobody knows.
fn at_the_prompt(world: &World, eyes: &mut Eyes<'_>) {
    let gate = Application::open(&world.house, "Gate");
    for username in ["alice", "novice", "nobody-here"] {
        eyes.window.open(&gate.address(username)).unwrap();
        eyes.look("/oauth/v1/prompt", username);
    }
}

/// The owner enrols by the code that setup gave, and signs in.
fn enter(house: &House, eyes: &mut Eyes<'_>) {
    let window = eyes.window;
    window.open(&format!("{}/enroll?code={}", house.server.url, house.set_up.enrollment_code)).unwrap();
    eyes.look("/enroll", "a code");
    window.click("form[action='/enroll'] button").unwrap();
    until("the seed", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    eyes.look("/enroll", "the seed");
    let seed = window.evaluate("document.getElementById('seed').textContent").unwrap();
    let phone = Authenticator::from_text(seed.as_str().unwrap()).unwrap();
    until("a step that does not end now", || Ok((unix_now() % 30 < 25).then_some(()))).unwrap();
    window.type_into("#passcode", &phone.code(-1)).unwrap();
    window.click("form[action='/enroll/confirm'] button").unwrap();
    at(window, "/enroll/confirm");
    eyes.look("/enroll", "enrolled");
    password(window, house, "olga", OWNER_PASSWORD);
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.type_into("#passcode", &phone.code(0)).unwrap();
    window.click("form[action='/sign-in/second'] button").unwrap();
    at(window, "/admin");
}

/// Pages that no address leads to: what a form answers with, and what an application asks.
fn on_the_way(world: &World, eyes: &mut Eyes<'_>) {
    let (url, window) = (&world.house.server.url, eyes.window);
    let board = world.filled("{board}");
    let board = text(&world.api.get(&format!("/applications/{board}")).unwrap(), "ikey");
    window.open(&format!("{url}/")).unwrap();
    window.click("form[action='/factors/totp'] button").unwrap();
    until("the seed", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    eyes.look("/", "one more authenticator");
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    window
        .open(&format!(
            "{url}/oidc/authorize?client_id={board}&redirect_uri={url}/callback/board&response_type=code\
             &scope=openid%20profile&code_challenge={challenge}&code_challenge_method=S256"
        ))
        .unwrap();
    until("the consent", || Ok(window.text("form[action='/oidc/consent']").is_ok().then_some(()))).unwrap();
    eyes.look("/oidc/continue", "a consent");
    let begin = format!(
        "fetch('/oidc/device_authorization', {{ method: 'POST', body: new URLSearchParams({{ client_id: '{board}' }}) }})\
         .then((answer) => answer.json())"
    );
    let begun = window.evaluate(&begin).unwrap();
    assert!(begun["user_code"].is_string(), "{begun}");
    window.open(&text(&begun, "verification_uri_complete")).unwrap();
    eyes.look("/device", "a code filled in");
    window.click("form[action='/device'] button").unwrap();
    until("the question", || Ok(window.text("form[action='/device/answer']").is_ok().then_some(()))).unwrap();
    eyes.look("/device", "the question");
    window.click("form[action='/device/answer'] button[value='yes']").unwrap();
    at(window, "/device/answer");
    eyes.look("/device", "done");
    window.open(&format!("{url}/admin/tokens")).unwrap();
    window.type_into("#name", "export").unwrap();
    window.click("form[action='/admin/tokens'] button.btn-primary").unwrap();
    shows(window, "main", "spt_");
    eyes.look("/admin/tokens", "shown once");
    window.open(&format!("{url}/admin/users/import")).unwrap();
    window.type_into("#file", "name,display_name,nothing\nbob,Bob,x\n").unwrap();
    window.click("form[action='/admin/users/import'] button").unwrap();
    until("the report", || Ok(window.text("#report").is_ok().then_some(()))).unwrap();
    eyes.look("/admin/users/import", "the report");
}

/// The owner's phone in the same browser: activated, asked, and told that it was not her, which raises an alarm.
fn on_the_phone(world: &World, eyes: &mut Eyes<'_>) {
    let (url, window) = (&world.house.server.url, eyes.window);
    window.open(&format!("{url}/")).unwrap();
    window.click("form[action='/factors/push'] button").unwrap();
    until("the code", || Ok(window.text("#phone-code").is_ok().then_some(()))).unwrap();
    eyes.look("/", "a code for the phone");
    let code: String = window.text("#phone-code").unwrap().chars().filter(char::is_ascii_digit).collect();
    window.open(&format!("{url}/phone#{code}")).unwrap();
    until("the form", || Ok(window.text("#name").is_ok().then_some(()))).unwrap();
    eyes.look("/phone", "activating");
    window.click("#activate button:not([hidden])").unwrap();
    shows(window, "#said", "yours now");
    eyes.look("/phone", "activated");
    world.house.cli.push_without_number("VPN").unwrap();
    let push = json!({ "username": "olga", "factor": "push", "device": "auto", "async": "1", "ipaddr": "192.0.2.7" });
    let call = json!({ "method": "POST", "path": "/auth/v2/auth", "params": push });
    let told = calls(&world.vpn, None, &[("json_api_call", call)]);
    assert!(told[0]["answer"]["txid"].is_string(), "{told:?}");
    shows(window, "#requests", "VPN");
    eyes.look("/phone", "asked");
    window.click("#requests [data-not-me]").unwrap();
    until("an alarm", || {
        window.open(&format!("{url}/admin/alarms"))?;
        Ok(window.text("main")?.contains("olga").then_some(()))
    })
    .unwrap();
    eyes.look("/admin/alarms", "one");
}

/// Presses [`TAB`] until this has the focus, which is seen at every stop.
fn tab_to(window: &Chromium, wanted: &str) {
    let mut stops = Vec::new();
    while stops.len() < 60 {
        let outlined = "document.activeElement === document.body || \
                        (document.activeElement.checkVisibility({ opacityProperty: true }) && \
                         getComputedStyle(document.activeElement).outlineStyle !== 'none')";
        let focus = window.evaluate(FOCUS).unwrap();
        if focus.as_str().is_some_and(|focus| focus.starts_with(wanted)) {
            assert_eq!(window.evaluate(outlined).unwrap(), true, "{focus}");
            return;
        }
        stops.push(focus);
        window.press(TAB).unwrap();
    }
    panic!("no way to {wanted} by {stops:?}");
}

/// Somebody with a password, an authenticator and an application to open.
fn with_an_application(house: &House) -> Authenticator {
    house.person("vera", PASSWORD).unwrap();
    let link = format!("{}/phone", house.server.url);
    house.cli.json(&["application", "create", "--name", "Handbook", "--link", &link]).unwrap();
    house.cli.json(&["application", "update", "Handbook", "--everybody"]).unwrap();
    house.enroll("vera").unwrap()
}

#[test]
fn a_keyboard_alone_signs_in_and_opens_an_application() {
    let house = House::open_by_name().unwrap();
    let vera = with_an_application(&house);
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.open(&format!("{}/", house.server.url)).unwrap();
    tab_to(&window, "name");
    window.press("vera").unwrap();
    tab_to(&window, "password");
    window.press(&[PASSWORD, ENTER].concat()).unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    tab_to(&window, "passcode");
    window.press(&[vera.code(0).as_str(), ENTER].concat()).unwrap();
    at(&window, "/");
    if window.evaluate("document.body.innerText.includes('Handbook')").unwrap() == false {
        tab_to(&window, "Applications");
        window.press(ENTER).unwrap();
        at(&window, "/applications");
    }
    // Its mark is a letter, before the name.
    tab_to(&window, "HHandbook");
    // A tile may open beside the portal.
    let target = "document.activeElement.closest('a')?.target ?? ''";
    assert_eq!(window.evaluate(target).unwrap(), "", "it opens where the keyboard is");
    window.press(ENTER).unwrap();
    at(&window, "/phone");
}

#[test]
fn whoever_runs_no_script_signs_in_and_opens_an_application() {
    let house = House::open_by_name().unwrap();
    let vera = with_an_application(&house);
    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    window.run_no_scripts().unwrap();
    window.open(&format!("{}/applications", house.server.url)).unwrap();
    assert_eq!(window.evaluate("document.documentElement.matches('.sp-script')").unwrap(), false);
    window.type_into("#name", "vera").unwrap();
    window.type_into("#password", PASSWORD).unwrap();
    window.click("form[action='/sign-in'] button").unwrap();
    until("the second door", || Ok(window.text("#passcode").is_ok().then_some(()))).unwrap();
    window.type_into("#passcode", &vera.code(0)).unwrap();
    window.click("form[action='/sign-in/second'] .btn-primary").unwrap();
    at(&window, "/applications");
    shows(&window, "main", "Handbook");
    window.click("a[href$='/phone']").unwrap();
    at(&window, "/phone");
    assert_eq!(window.complaints().unwrap(), Vec::<String>::new());
}
