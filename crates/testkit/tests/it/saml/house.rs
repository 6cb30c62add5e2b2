//! The same service providers before the server itself, with a browser in between.

use sallyport_testkit::{
    browser::Page,
    story::{House, items, text},
};
use serde_json::{Value, json};

use super::{Library, Peer};
use crate::oidc::Person;

/// An application of the house that a service provider is configured as.
struct Application<'h> {
    house: &'h House,
    name: &'static str,
    peer: Peer,
}

impl<'h> Application<'h> {
    /// Known to each other by their metadata; open to everybody, with these settings besides.
    fn make(house: &'h House, name: &'static str, library: Library, settings: &[(&str, Value)]) -> Self {
        let made = house.cli.json(&["application", "create", "--type", "saml", "--name", name]).unwrap();
        let at = |name: &str| text(&made["saml_addresses"], name);
        let own = |what: &str| format!("{}/callback/{name}/{what}", house.server.url);
        let metadata = house.browser().unwrap().open(&path(house, &at("entity_id"))).unwrap();
        assert_eq!(metadata.status, 200, "{}", metadata.body);
        let certificate = &made["saml_certificates"][0].as_str().unwrap();
        let certificate = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
        let mut peer = Peer::start(
            library,
            json!({
                "acs": own("acs"), "slo": own("slo"), "idp": at("entity_id"), "sso": at("sign_on_url"),
                "idp_slo": at("logout_url"), "idp_metadata": metadata.body, "idp_certificate": certificate,
                "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                "response_signed": false, "encrypted": false,
            }),
        );
        let described = text(&peer.does("metadata", json!({})), "answer");
        let file = house.file("sp.xml", &described).unwrap();
        let known = house.cli.json(&["application", "saml-metadata", name, &file]).unwrap();
        let mut saml = known["saml"].clone();
        for (name, value) in settings {
            saml[name] = value.clone();
        }
        let file = house.file("saml.json", &saml.to_string()).unwrap();
        house.cli.json(&["application", "update", name, "--everybody", "--saml", &file]).unwrap();
        Self { house, name, peer }
    }

    /// Where the application sends a browser, and the name of what it asked.
    fn asks(&mut self) -> (String, String) {
        let asked = self.peer.answers("request", json!({ "relay_state": "/page" }));
        (path(self.house, &text(&asked, "url")), text(&asked, "id"))
    }

    /// Where the application sends a browser that wants to sign out, and the name of what it asked.
    fn leaves(&mut self, told: &Value) -> (String, String) {
        let about = json!({
            "name_id": told["name_id"], "format": told["format"], "session_index": told["session_index"],
        });
        let begun = self.peer.answers("logout", about);
        (path(self.house, &text(&begun, "url")), text(&begun, "id"))
    }

    /// What came to where it hears of the end of a session.
    fn heard<'u>(&self, url: &'u str) -> &'u str {
        url.strip_prefix(&format!("/callback/{}/slo?", self.name)).unwrap_or_else(|| panic!("{url}"))
    }

    fn reads(&mut self, page: &Page, request: &str) -> Value {
        let response = field(page, "SAMLResponse");
        self.peer.answers("consume", json!({ "response": response, "request_id": request }))
    }
}

/// An address of the server without the server.
pub(super) fn path(house: &House, url: &str) -> String {
    url.strip_prefix(&house.server.url).unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// What a form would send that leads back to an application.
pub(super) fn field(page: &Page, name: &str) -> String {
    let form = page.forms().into_iter().find(|form| form.fields.iter().any(|field| field == name));
    let form = form.unwrap_or_else(|| panic!("{}: {}", page.path, page.text()));
    form.hidden.into_iter().find(|(field, _)| field == name).unwrap().1
}

fn goes_round(library: Library) {
    let house = House::open_by_name().unwrap();
    let rules = json!([{ "attribute": "uid", "from": "user_name" }]);
    let mut wiki =
        Application::make(&house, "wiki", library, &[("attributes", rules), ("signs_requests", json!(true))]);
    let vera = Person::new(&house, "vera");
    let (asked, id) = wiki.asks();
    let page = vera.browser.open(&asked).unwrap();
    assert!(page.path.starts_with("/sign-in?next="), "{}: {}", page.path, page.text());
    let page = vera.passes(&page);
    assert_eq!(field(&page, "RelayState"), "/page");
    let told = wiki.reads(&page, &id);
    let uid = &told["attributes"]["uid"];
    assert!(*uid == "vera" || *uid == json!(["vera"]), "{told}");
    // The session is open: nothing is asked, and the name is the same. What was changed on the way leads nowhere.
    let (asked, id) = wiki.asks();
    let again = wiki.reads(&vera.browser.open(&asked).unwrap(), &id);
    assert_eq!(again["name_id"], told["name_id"]);
    let (asked, _) = wiki.asks();
    let changed = vera.browser.open(&asked.replace("RelayState=", "RelayState=x")).unwrap();
    assert_eq!(changed.status, 400, "{}", changed.text());
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let to_it = items(&log).iter().filter(|entry| entry["resource"]["name"] == "wiki").count();
    assert_eq!(to_it, 2, "{log}");
    // Whoever signs out there is signed out here.
    let (leaves, id) = wiki.leaves(&told);
    let page = vera.browser.open(&leaves).unwrap();
    let query = wiki.heard(&page.path);
    wiki.peer.answers("logged_out", json!({ "query": query, "request_id": id }));
    let page = vera.browser.open("/").unwrap();
    assert!(page.path.starts_with("/sign-in"), "{}", page.path);
}

/// Where a page leads on by itself.
fn on(house: &House, page: &Page) -> String {
    let link = page.body.split_once("id=\"back\" href=\"").and_then(|(_, rest)| rest.split_once('"'));
    let (url, _) = link.unwrap_or_else(|| panic!("{}: {}", page.path, page.text()));
    path(house, &url.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Whoever signs out at one application of a session is signed out at the other, and the one hears that all of it has ended.
fn reaches_the_other(first: Library, second: Library) {
    let house = House::open_by_name().unwrap();
    let rules = json!([{ "attribute": "uid", "from": "user_name" }]);
    let settings = [("attributes", rules)];
    let mut wiki = Application::make(&house, "wiki", first, &settings);
    let mut board = Application::make(&house, "board", second, &settings);
    let vera = Person::new(&house, "vera");
    let (asked, id) = wiki.asks();
    let told = wiki.reads(&vera.passes(&vera.browser.open(&asked).unwrap()), &id);
    let (asked, id) = board.asks();
    board.reads(&vera.browser.open(&asked).unwrap(), &id);
    let (leaves, id) = wiki.leaves(&told);
    let asks = on(&house, &vera.browser.open(&leaves).unwrap());
    let ended = board.peer.answers("log_out", json!({ "query": board.heard(&asks) }));
    let back = on(&house, &vera.browser.open(&path(&house, &text(&ended, "url"))).unwrap());
    wiki.peer.answers("logged_out", json!({ "query": wiki.heard(&back), "request_id": id }));
    // From here it is the same, with nobody to answer in the end.
    let (asked, id) = board.asks();
    let page = vera.browser.open(&asked).unwrap();
    assert!(page.path.starts_with("/sign-in?next="), "{}: {}", page.path, page.text());
    let codes = house.bypass_codes("vera", 1).unwrap();
    board.reads(&vera.passes_by(&page, &codes[0]), &id);
    let portal = vera.browser.open("/").unwrap();
    let asks = on(&house, &vera.browser.submit_to(&portal, "/sign-out", &[]).unwrap());
    let ended = board.peer.answers("log_out", json!({ "query": board.heard(&asks) }));
    let page = vera.browser.open(&path(&house, &text(&ended, "url"))).unwrap();
    assert_eq!(page.path, "/sign-in?done=signed-out", "{}", page.text());
}

#[test]
fn a_sign_out_at_python3_saml_reaches_pysaml2() {
    reaches_the_other(Library::Python3Saml, Library::Pysaml2);
}

#[test]
fn a_sign_out_at_pysaml2_reaches_python3_saml() {
    reaches_the_other(Library::Pysaml2, Library::Python3Saml);
}

#[test]
fn python3_saml_has_people_signed_in_and_out() {
    goes_round(Library::Python3Saml);
}

#[test]
fn pysaml2_has_people_signed_in_and_out() {
    goes_round(Library::Pysaml2);
}

#[test]
fn node_saml_has_people_signed_in() {
    let house = House::open_by_name().unwrap();
    let begins = [("begins_here", json!(true)), ("wants_signed_response", json!(true))];
    let mut wiki = Application::make(&house, "wiki", Library::NodeSaml, &begins);
    let vera = Person::new(&house, "vera");
    let (asked, id) = wiki.asks();
    let page = vera.passes(&vera.browser.open(&asked).unwrap());
    let told = wiki.reads(&page, &id);
    assert!(!told["name_id"].as_str().unwrap().contains("vera"), "{told}");
    // From here it works as well, for an application that takes what it did not ask for; this one does not.
    let entity = path(
        &house,
        &text(&house.cli.json(&["application", "show", "wiki"]).unwrap()["saml_addresses"], "entity_id"),
    );
    let unasked = vera.browser.open(&format!("{entity}/start")).unwrap();
    let refused =
        wiki.peer.does("consume", json!({ "response": field(&unasked, "SAMLResponse"), "request_id": id }));
    assert!(refused["error"].is_string(), "{refused}");
}
