//! Authlib, which most applications in Python sign people in with.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what it expects by failing")]

use std::path::Path;

use sallyport_testkit::{
    cli,
    story::{House, text},
};
use serde_json::{Value, json};

use super::{Application, Person};

/// What Authlib is told, call by call, in one process of its own.
fn calls(application: &Application<'_>, calls: &[(&str, Value)]) -> Vec<Value> {
    let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
    let script = format!("{}/python/oidc_authlib.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let mut config = application.config.clone();
    config["calls"] = calls.iter().map(|(verb, given)| json!({ "verb": verb, "given": given })).collect();
    let ca = application.house.ca_file();
    let trust = [("REQUESTS_CA_BUNDLE", &*ca.to_string_lossy())];
    let out = cli::run(Path::new(&python), &[&script], Some(&config.to_string()), &trust).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn call(application: &Application<'_>, verb: &str, given: Value) -> Value {
    calls(application, &[(verb, given)]).remove(0)
}

/// Where a browser is sent, and what is to be checked when it is back.
fn begin(application: &Application<'_>, scope: &str) -> (String, Value) {
    let begun = call(application, "begin", json!({ "scope": scope }));
    let url = text(&begun["answer"], "url");
    let path = url.strip_prefix(&application.house.server.url).unwrap_or_else(|| panic!("{begun}"));
    for part in ["code_challenge_method=S256", "nonce=", "state="] {
        assert!(path.contains(part), "{part}: {path}");
    }
    (path.to_owned(), begun["answer"].clone())
}

/// What somebody gets whose session is open in this browser.
fn given(application: &Application<'_>, person: &Person, scope: &str) -> Value {
    let (path, begun) = begin(application, scope);
    let page = person.browser.open(&path).unwrap();
    let told =
        call(application, "redeem", json!({ "callback": application.callback(&page), "begun": begun }));
    assert!(told["answer"]["tokens"]["access_token"].is_string(), "{told}");
    told["answer"].clone()
}

#[test]
fn authlib_signs_somebody_in_refreshes_and_asks_who_it_is() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({ "access_tokens": "jwt" }));
    let told = call(&wiki, "metadata", json!({}));
    assert_eq!(told["answer"]["issuer"], json!(house.server.url), "{told}");
    let vera = Person::new(&house, "vera");
    let (path, begun) = begin(&wiki, "openid profile offline_access");
    let page = vera.browser.open(&path).unwrap();
    let callback = wiki.callback(&vera.passes(&page));
    let told = call(&wiki, "redeem", json!({ "callback": callback, "begun": begun }));
    let (claims, person, tokens) =
        (&told["answer"]["claims"], &told["answer"]["person"], &told["answer"]["tokens"]);
    assert_eq!(claims["preferred_username"], "vera", "{told}");
    assert_eq!(claims["amr"], json!(["mfa", "otp", "pwd"]), "{told}");
    assert_eq!((&person["sub"], &person["preferred_username"]), (&claims["sub"], &json!("vera")), "{told}");
    let audience = &wiki.config["client_id"];
    let access = call(&wiki, "access", json!({ "token": tokens["access_token"], "audience": audience }));
    assert_eq!(access["answer"]["sub"], claims["sub"], "{access}");
    // The same callback once more, and one that somebody else began.
    let again = call(&wiki, "redeem", json!({ "callback": callback, "begun": begun }));
    assert_eq!(again["error"]["word"], "invalid_grant", "{again}");
    let (path, _) = begin(&wiki, "openid");
    let callback = wiki.callback(&vera.browser.open(&path).unwrap());
    let (_, other) = begin(&wiki, "openid");
    let crossed = call(&wiki, "redeem", json!({ "callback": callback, "begun": other }));
    assert_eq!(crossed["error"]["name"], "MismatchingStateException", "{crossed}");
    let mut forged = other;
    forged["state"] = json!(callback.split_once("state=").unwrap().1.split('&').next().unwrap());
    let forged = call(&wiki, "redeem", json!({ "callback": callback, "begun": forged }));
    assert_eq!(forged["error"]["word"], "invalid_grant", "the verifier is another: {forged}");
}

#[test]
fn authlib_refreshes_and_revokes_and_is_told_when_a_token_is_nothing_any_more() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({}));
    let vera = Person::new(&house, "vera");
    let page = vera.browser.open("/sign-in").unwrap();
    vera.passes(&page).ok().unwrap();
    let first = given(&wiki, &vera, "openid profile offline_access")["tokens"].clone();
    let told = calls(
        &wiki,
        &[
            ("introspect", json!({ "token": first["access_token"] })),
            ("refresh", json!({ "token": first["refresh_token"] })),
        ],
    );
    assert_eq!(told[0]["answer"]["username"], "vera", "{told:?}");
    let second = &told[1]["answer"];
    assert_ne!(second["refresh_token"], first["refresh_token"], "{told:?}");
    let told = calls(
        &wiki,
        &[
            ("userinfo", json!({ "token": second["access_token"] })),
            ("revoke", json!({ "token": second["refresh_token"] })),
            ("userinfo", json!({ "token": second["access_token"] })),
            ("introspect", json!({ "token": second["access_token"] })),
            ("refresh", json!({ "token": second["refresh_token"] })),
        ],
    );
    assert_eq!(told[0]["answer"]["preferred_username"], "vera", "{told:?}");
    assert_eq!(told[1]["answer"], json!({}), "{told:?}");
    assert_eq!(told[2]["error"]["status"], 401, "{told:?}");
    assert_eq!(told[3]["answer"]["active"], false, "{told:?}");
    assert_eq!(told[4]["error"]["word"], "invalid_grant", "{told:?}");
}

#[test]
fn authlib_proves_who_it_is_by_each_proof_a_key_among_them() {
    let house = House::open_by_name().unwrap();
    let vera = Person::new(&house, "vera");
    let page = vera.browser.open("/sign-in").unwrap();
    vera.passes(&page).ok().unwrap();
    let secret = Application::make(&house, "secret", json!({}));
    for method in ["client_secret_basic", "client_secret_post"] {
        let claims = given(&secret.with("authentication", json!(method)), &vera, "openid")["claims"].clone();
        assert!(claims["sub"].is_string(), "{method}: {claims}");
    }
    let public = Application::make(&house, "public", json!({ "authentication": "none" }));
    given(&public.with("authentication", json!("none")), &vera, "openid");
    let (public, private) = super::key();
    let settings = json!({
        "grants": ["authorization_code", "client_credentials"], "scopes": ["openid", "stock.read"],
        "authentication": "private_key_jwt", "jwks": json!({ "keys": [public] }).to_string(),
    });
    let signer = Application::make(&house, "signer", settings);
    let signer = signer.with("authentication", json!("private_key_jwt")).with("key", private.clone());
    given(&signer, &vera, "openid");
    let told = call(&signer, "credentials", json!({ "scope": "stock.read" }));
    assert_eq!(told["answer"]["scope"], "stock.read", "{told}");
    // By the key of another, and by a secret where a key is asked for.
    let mut other = private;
    other["x"] = json!("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4");
    other["y"] = json!("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
    other["d"] = json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE");
    for wrong in [signer.with("key", other), signer.with("authentication", json!("client_secret_basic"))] {
        let told = call(&wrong, "credentials", json!({ "scope": "stock.read" }));
        assert_eq!(told["error"]["word"], "invalid_client", "{told}");
    }
}
