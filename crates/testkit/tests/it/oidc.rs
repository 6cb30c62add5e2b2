//! Relying parties by others against our OpenID Connect: openid-client and oauth4webapi, which keep to the
//! letter of the standards, and Authlib, which most of Python signs in with.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

mod authlib;
mod dpop;
mod listener;
mod openid_client;

use sallyport_testkit::{
    authenticator::Authenticator,
    browser::{Browser, Page},
    story::{House, text},
};
use serde_json::{Value, json};

use crate::{device::PASSWORD, duo_node::drive};

/// An application that a relying party of others is configured with.
pub(crate) struct Application<'h> {
    pub(crate) house: &'h House,
    pub(crate) id: String,
    pub(crate) config: Value,
}

impl<'h> Application<'h> {
    /// One for everybody, with these settings; it is sent back to a place on our own host, where there is nothing.
    pub(crate) fn make(house: &'h House, name: &str, settings: Value) -> Self {
        let made = house.cli.json(&["application", "create", "--type", "oidc", "--name", name]).unwrap();
        let redirect_uri = format!("{}/callback/{name}", house.server.url);
        let file = house.file("oidc.json", &settings.to_string()).unwrap();
        let given =
            ["application", "update", name, "--redirect-uri", &redirect_uri, "--everybody", "--oidc", &file];
        house.cli.json(&given).unwrap();
        let config = json!({
            "issuer": house.server.url, "client_id": text(&made, "ikey"), "client_secret": text(&made, "skey"),
            "redirect_uri": redirect_uri, "authentication": "client_secret_basic",
        });
        Self { house, id: text(&made, "id"), config }
    }

    /// The same with something else in its configuration.
    pub(crate) fn with(&self, name: &str, value: Value) -> Self {
        let mut config = self.config.clone();
        config[name] = value;
        Self { house: self.house, id: self.id.clone(), config }
    }

    /// What the relying party is told, call by call, in one process of its own.
    pub(crate) fn calls(&self, calls: &[(&str, Value)]) -> Vec<Value> {
        let mut config = self.config.clone();
        config["calls"] = calls.iter().map(|(verb, given)| json!({ "verb": verb, "given": given })).collect();
        drive("oidc_rp.mjs", &config, &self.house.ca_file())
    }

    pub(crate) fn call(&self, verb: &str, given: Value) -> Value {
        self.calls(&[(verb, given)]).remove(0)
    }

    /// Begins a sign-in: where the browser is sent, and what is to be checked when it is back.
    pub(crate) fn begin(&self, parameters: Value) -> (String, Value) {
        let begun = self.call("begin", json!({ "parameters": parameters }));
        assert!(begun["answer"]["url"].is_string(), "{begun}");
        let url = text(&begun["answer"], "url");
        let path = url.strip_prefix(&self.house.server.url).unwrap().to_owned();
        (path, begun["answer"]["checks"].clone())
    }

    /// Where the browser came back to, whole.
    pub(crate) fn callback(&self, page: &Page) -> String {
        let path = way_back(page).unwrap_or_else(|| page.path.clone());
        assert!(path.starts_with("/callback/"), "{path}: {}", page.text());
        format!("{}{path}", self.house.server.url)
    }
}

/// Where a page of ours leads on to that leads back to an application.
fn way_back(page: &Page) -> Option<String> {
    let (_, after) = page.body.split_once("id=\"back\" href=\"")?;
    let url = after.split_once('"')?.0.replace("&#38;", "&");
    let (_, rest) = url.split_once("://")?;
    Some(rest.get(rest.find('/')?..)?.to_owned())
}

/// A person with an authenticator, and a browser of theirs.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) authenticator: Authenticator,
    pub(crate) browser: Browser,
}

impl Person {
    pub(crate) fn new(house: &House, name: &'static str) -> Self {
        house.person(name, PASSWORD).unwrap();
        Self { name, authenticator: house.enroll(name).unwrap(), browser: house.browser().unwrap() }
    }

    /// Passes both doors from the sign-in page on.
    pub(crate) fn passes(&self, page: &Page) -> Page {
        self.passes_by(page, &self.authenticator.code(0))
    }

    /// The same by another code.
    pub(crate) fn passes_by(&self, page: &Page, code: &str) -> Page {
        let name = [("name", self.name), ("password", PASSWORD)];
        let second = self.browser.submit(page, "password", &name).unwrap().ok().unwrap();
        self.browser.submit(&second, "passcode", &[("passcode", code)]).unwrap()
    }
}

/// A key of an application's own, public and private (RFC 7515, appendix A.3).
fn key() -> (Value, Value) {
    let public = json!({
        "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "one",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let mut private = public.clone();
    private["d"] = json!("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
    (public, private)
}
