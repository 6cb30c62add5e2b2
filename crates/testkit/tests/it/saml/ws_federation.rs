//! An application that asks by WS-Federation, with a library of others, before the server itself. The library reads tokens of both
//! versions: the signature, whom they are for, where they go and until when.

use std::process::Command;

use sallyport_testkit::{
    browser::Page,
    story::{House, text},
};
use serde_json::{Value, json};

use super::{
    house::{field, path},
    peer::Peer,
};
use crate::oidc::Person;

const UPN: &str = "http://schemas.xmlsoap.org/claims/UPN";
const COMMON_NAME: &str = "http://schemas.xmlsoap.org/claims/CommonName";
const GROUP: &str = "http://schemas.xmlsoap.org/claims/Group";
/// How the library calls who somebody is, whatever the version of the token.
const NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";
const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";

/// A name that is easily broken where XML is within HTML.
const VERA: &str = "Vera \"Größe\" <i>& Co</i> &amp;";
const GROUPS: [&str; 2] = ["Night & <day>", "Writers"];

/// An application of the house that the library is configured as.
struct Application<'h> {
    house: &'h House,
    peer: Peer,
    /// What the library was told.
    config: Value,
    entity_id: String,
}

impl<'h> Application<'h> {
    /// Open to everybody, and sent tokens of this version. It knows us by what our metadata says.
    fn make(house: &'h House, name: &str, token: &str) -> Self {
        let create = ["application", "create", "--type", "ws-federation", "--name", name];
        let made = house.cli.json(&create).unwrap();
        let at = |what: &str| text(&made["saml_addresses"], what);
        let (entity_id, url) = (at("entity_id"), at("sign_on_url"));
        let (realm, reply) = (format!("urn:app:{name}"), format!("{}/callback/{name}", house.server.url));
        let settings = json!({
            "entity_id": realm, "consumers": [{ "url": reply }], "token": token, "name_id": "unspecified",
            "attributes": [
                { "attribute": UPN, "from": "user_name" },
                { "attribute": COMMON_NAME, "from": "display_name" },
                { "attribute": GROUP, "from": "groups", "of": {} },
            ],
        });
        let file = house.file("saml.json", &settings.to_string()).unwrap();
        house.cli.json(&["application", "update", name, "--everybody", "--saml", &file]).unwrap();
        let described = format!("{}/FederationMetadata/2007-06/FederationMetadata.xml", path(house, &url));
        let metadata = house.browser().unwrap().open(&described).unwrap().ok().unwrap().body;
        assert!(metadata.contains(&format!("entityID=\"{entity_id}\"")), "{metadata}");
        let config = json!({
            "realm": realm, "reply": reply, "url": between(&metadata, "<wsa:Address>", "<"),
            "certificate": between(&metadata, "<ds:X509Certificate>", "<"),
        });
        Self { house, peer: library(&config), config, entity_id }
    }

    /// Where the application sends a browser that comes to it.
    fn asks(&mut self) -> String {
        path(self.house, &text(&self.peer.answers("request", json!({})), "url"))
    }

    /// What it makes of the form that a page sends there, after this was done to the token.
    fn reads(&mut self, page: &Page, change: impl FnOnce(String) -> String) -> Value {
        assert_eq!(field(page, "wa"), "wsignin1.0");
        let given = json!({ "wresult": change(field(page, "wresult")), "wctx": field(page, "wctx") });
        self.peer.does("consume", given)
    }
}

fn library(config: &Value) -> Peer {
    let mut command = Command::new("node");
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    command.arg(format!("{home}/node/ws_federation_service.mjs"));
    Peer::of(command, config)
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
    found.unwrap_or_else(|| panic!("no `{before}` in {text}")).0
}

/// Somebody with a name and groups that have to be written with care.
fn vera(house: &House) -> Person {
    let vera = Person::new(house, "vera");
    house.cli.json(&["user", "update", "vera", "--display-name", VERA]).unwrap();
    for group in GROUPS {
        house.cli.json(&["group", "create", "--name", group, "--kind", "users"]).unwrap();
        house.cli.json(&["group", "add-member", group, "--user", "vera"]).unwrap();
    }
    vera
}

fn both_versions(story: impl Fn(&House, &mut Application<'_>, &Person)) {
    for token in ["saml11", "saml20"] {
        let house = House::open_by_name().unwrap();
        story(&house, &mut Application::make(&house, "wiki", token), &vera(&house));
    }
}

#[test]
fn passport_wsfed_saml2_has_people_signed_in_and_out() {
    both_versions(|house, wiki, vera| {
        let page = vera.browser.open(&wiki.asks()).unwrap();
        assert!(page.path.starts_with("/sign-in?next="), "{}: {}", page.path, page.text());
        let page = vera.passes(&page);
        let told = wiki.reads(&page, |whole| whole);
        let told = &told["answer"];
        for (claim, value) in [
            (NAME, json!("vera")),
            (UPN, json!("vera")),
            (COMMON_NAME, json!(VERA)),
            (GROUP, json!(GROUPS)),
            (METHODS, json!("http://schemas.microsoft.com/claims/multipleauthn")),
            ("issuer", json!(wiki.entity_id)),
        ] {
            assert_eq!(told[claim], value, "{claim}: {told}");
        }
        // The session is open, so nothing is asked.
        let page = vera.browser.open(&wiki.asks()).unwrap();
        let again = wiki.reads(&page, |whole| whole);
        assert_eq!(again["answer"][UPN], "vera", "{again}");
        // Whoever wants to sign out there is asked here, since nothing says who sent them, and then both have ended.
        let (url, realm) = (text(&wiki.config, "url"), text(&wiki.config, "realm"));
        let leaves = format!("{}?wtrealm={realm}&wa=wsignout1.0&whr=", path(house, &url));
        let asked = vera.browser.open(&leaves).unwrap();
        let left = vera.browser.submit_to(&asked, "/oidc/logout/confirmed", &[]).unwrap();
        assert_eq!(left.path, "/sign-in?done=signed-out", "{}", left.text());
        let page = vera.browser.open(&wiki.asks()).unwrap();
        assert!(page.path.starts_with("/sign-in?next="), "{}: {}", page.path, page.text());
        let code = house.bypass_codes("vera", 1).unwrap().remove(0);
        let told = wiki.reads(&vera.passes_by(&page, &code), |whole| whole);
        assert_eq!(told["answer"][UPN], "vera", "{told}");
    });
}

#[test]
fn passport_wsfed_saml2_refuses_what_was_changed_on_the_way() {
    both_versions(|_, wiki, vera| {
        let page = vera.passes(&vera.browser.open(&wiki.asks()).unwrap());
        assert_eq!(wiki.reads(&page, |whole| whole)["answer"][NAME], "vera");
        let swapped = |from: &'static str, to: &'static str| {
            move |whole: String| {
                assert!(whole.contains(from), "no `{from}` in {whole}");
                whole.replace(from, to)
            }
        };
        let changes: [Box<dyn FnOnce(String) -> String>; 5] = [
            Box::new(swapped(">vera<", ">olga<")),
            Box::new(swapped("urn:app:wiki", "urn:app:wika")),
            Box::new(swapped("NotOnOrAfter=\"2", "NotOnOrAfter=\"3")),
            Box::new(|whole| {
                let value = between(&whole, "<ds:SignatureValue>", "<").to_owned();
                let first = if value.starts_with('A') { "B" } else { "A" };
                whole.replace(&value, &format!("{first}{}", value.get(1..).unwrap()))
            }),
            Box::new(|whole| {
                let signature = between(&whole, "<ds:Signature ", "</ds:Signature>");
                whole.replace(&format!("<ds:Signature {signature}</ds:Signature>"), "")
            }),
        ];
        for (place, change) in changes.into_iter().enumerate() {
            let page = vera.browser.open(&wiki.asks()).unwrap();
            let refused = wiki.reads(&page, change);
            assert!(text(&refused, "error").contains("ignature"), "{place}: {refused}");
        }
        // An answer is good once, and only where it was asked for.
        let page = vera.browser.open(&wiki.asks()).unwrap();
        assert_eq!(wiki.reads(&page, |whole| whole)["answer"][NAME], "vera");
        let refused = wiki.reads(&page, |whole| whole);
        assert!(text(&refused, "error").contains("state"), "{refused}");
    });
}

#[test]
fn passport_wsfed_saml2_refuses_what_is_meant_for_another_application() {
    both_versions(|house, wiki, vera| {
        let board = Application::make(house, "board", "saml11");
        let page = vera.passes(&vera.browser.open(&wiki.asks()).unwrap());
        let meant = field(&page, "wresult");
        assert_eq!(wiki.reads(&page, |whole| whole)["answer"][NAME], "vera");
        // Nothing in a token of the first version says where it goes.
        let says_where = meant.contains("Recipient=");
        let differences = [("realm", "Audience"), ("certificate", "ignature"), ("reply", "Recipient")];
        for (setting, why) in differences.into_iter().filter(|(name, _)| says_where || *name != "reply") {
            let mut config = wiki.config.clone();
            config[setting] = board.config[setting].clone();
            let mut other = library(&config);
            let asked = text(&other.answers("request", json!({})), "url");
            let state = between(&asked, "wctx=", "&");
            let refused = other.does("consume", json!({ "wresult": meant, "wctx": state }));
            assert!(text(&refused, "error").contains(why), "{setting}: {refused}");
        }
    });
}
