//! The client that keeps to the letter.

use sallyport_testkit::story::{House, items, until};
use serde_json::{Value, json};

use super::{Application, Person, listener::Listener};

/// Tokens of somebody whose session is open in this browser.
fn tokens(application: &Application<'_>, person: &Person, parameters: Value) -> Value {
    let (path, checks) = application.begin(parameters);
    let page = person.browser.open(&path).unwrap();
    let told =
        application.call("redeem", json!({ "callback": application.callback(&page), "checks": checks }));
    assert!(told["answer"]["tokens"]["access_token"].is_string(), "{told}");
    told["answer"].clone()
}

/// Signs in at the portal.
fn signed_in(house: &House, name: &'static str) -> Person {
    let person = Person::new(house, name);
    let page = person.browser.open("/sign-in").unwrap();
    person.passes(&page).ok().unwrap();
    person
}

#[test]
fn somebody_signs_in_once_and_reaches_two_applications() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({}));
    let vera = Person::new(&house, "vera");
    let (path, checks) = wiki.begin(json!({ "scope": "openid profile email groups" }));
    let page = vera.browser.open(&path).unwrap();
    assert!(page.path.starts_with("/sign-in?next="), "{}", page.path);
    let page = vera.passes(&page);
    let told = wiki.call("redeem", json!({ "callback": wiki.callback(&page), "checks": checks }));
    let (claims, person) = (&told["answer"]["claims"], &told["answer"]["person"]);
    assert_eq!(claims["preferred_username"], "vera", "{told}");
    assert_eq!(claims["acr"], "urn:sallyport:acr:both-doors", "{told}");
    assert_eq!(claims["amr"], json!(["mfa", "otp", "pwd"]), "{told}");
    assert_eq!(person["preferred_username"], "vera", "{told}");
    // The session is open: other applications ask for nothing, whatever their tokens are signed with.
    for (name, algorithm) in [("board", "RS256"), ("shop", "EdDSA")] {
        let other = Application::make(&house, name, json!({ "signing_algorithm": algorithm }));
        let expected = if algorithm == "EdDSA" { "Ed25519" } else { algorithm };
        let expected = [expected, algorithm].map(|alg| json!({ "id_token_signed_response_alg": alg }));
        let (path, checks) = other.begin(json!({ "scope": "openid" }));
        let page = vera.browser.open(&path).unwrap();
        let redeem = json!({ "callback": other.callback(&page), "checks": checks });
        let told = other.with("metadata", expected[1].clone()).call("redeem", redeem);
        assert_eq!(told["answer"]["claims"]["sub"], claims["sub"], "{algorithm}: {told}");
    }
    // All are in the log, with why.
    let log = house.cli.json(&["sign-in", "list"]).unwrap();
    let reached: Vec<_> = items(&log)
        .iter()
        .filter(|entry| entry["resource"]["kind"] == "application")
        .map(|entry| (entry["resource"]["name"].as_str().unwrap(), entry["reasons"][0].as_str().unwrap()))
        .collect();
    let open = "session_open";
    assert_eq!(reached, [("shop", open), ("board", open), ("wiki", "both_doors_passed")], "{log}");
}

#[test]
fn tokens_are_refreshed_looked_at_and_revoked() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({}));
    let vera = signed_in(&house, "vera");
    let first = tokens(&wiki, &vera, json!({ "scope": "openid profile" }));
    let (access, refresh) = (&first["tokens"]["access_token"], &first["tokens"]["refresh_token"]);
    let told = wiki.calls(&[
        ("introspect", json!({ "token": access })),
        ("refresh", json!({ "token": refresh, "parameters": { "scope": "openid" } })),
        ("refresh", json!({ "token": refresh })),
        ("introspect", json!({ "token": access })),
    ]);
    let looked = &told[0]["answer"];
    assert_eq!((&looked["active"], &looked["username"]), (&json!(true), &json!("vera")), "{looked}");
    let second = &told[1]["answer"]["tokens"];
    assert_eq!(second["scope"], "openid", "{told:?}");
    // Whoever comes with a token that was good once ends all that was given with it.
    assert_eq!(told[2]["error"]["word"], "invalid_grant", "{told:?}");
    assert_eq!(told[3]["answer"]["active"], false, "{told:?}");
    let told = wiki.call("refresh", json!({ "token": second["refresh_token"] }));
    assert_eq!(told["error"]["word"], "invalid_grant", "{told}");
    // What is revoked is nothing any more.
    let other = tokens(&wiki, &vera, json!({ "scope": "openid" }));
    let told = wiki.calls(&[
        ("revoke", json!({ "token": other["tokens"]["refresh_token"] })),
        ("userinfo", json!({ "token": other["tokens"]["access_token"] })),
    ]);
    assert_eq!(told[0]["answer"], json!({}), "{told:?}");
    assert_eq!(told[1]["error"]["status"], 401, "{told:?}");
}

#[test]
fn whoever_is_suspended_is_nobody_at_once() {
    let house = House::open_by_name().unwrap();
    let wiki = Application::make(&house, "wiki", json!({ "access_tokens": "jwt" }));
    let vera = signed_in(&house, "vera");
    let given = tokens(&wiki, &vera, json!({ "scope": "openid offline_access" }));
    let access = &given["tokens"]["access_token"];
    assert_eq!(access.as_str().unwrap().split('.').count(), 3, "{given}");
    house.cli.json(&["user", "suspend", "vera"]).unwrap();
    let told = wiki.calls(&[
        ("userinfo", json!({ "token": access })),
        ("introspect", json!({ "token": access })),
        ("refresh", json!({ "token": given["tokens"]["refresh_token"] })),
    ]);
    assert_eq!(told[0]["error"]["status"], 401, "{told:?}");
    assert_eq!(told[1]["answer"]["active"], false, "{told:?}");
    assert_eq!(told[2]["error"]["word"], "invalid_grant", "{told:?}");
}

#[test]
fn a_program_gets_tokens_for_itself_by_each_proof_of_who_it_is() {
    let house = House::open_by_name().unwrap();
    let grants = json!(["client_credentials"]);
    let (key, private) = super::key();
    let scopes = json!(["stock.read", "stock.write"]);
    let robot = Application::make(&house, "robot", json!({ "grants": grants, "scopes": scopes }));
    for method in ["client_secret_basic", "client_secret_post"] {
        let told = robot.with("authentication", json!(method)).call("credentials", json!({}));
        assert_eq!(told["answer"]["scope"], "stock.read stock.write", "{method}: {told}");
    }
    let wrong = robot.with("client_secret", json!("x".repeat(40))).call("credentials", json!({}));
    assert_eq!(wrong["error"]["status"], 401, "{wrong}");
    let settings = json!({
        "grants": grants, "scopes": scopes, "authentication": "private_key_jwt",
        "jwks": json!({ "keys": [key] }).to_string(),
    });
    let signer = Application::make(&house, "signer", settings);
    let signer = signer.with("authentication", json!("private_key_jwt")).with("key", private);
    let told = signer.call("credentials", json!({ "parameters": { "scope": "stock.read" } }));
    assert_eq!(told["answer"]["scope"], "stock.read", "{told}");
    // Its secret is worth nothing where it is to sign.
    let told = signer.with("authentication", json!("client_secret_basic")).call("credentials", json!({}));
    assert_eq!(told["error"]["status"], 401, "{told}");
}

#[test]
fn requests_are_pushed_and_tokens_bound_to_a_key() {
    let house = House::open_by_name().unwrap();
    let settings = json!({ "requires_pushed_requests": true, "requires_dpop": true });
    let bank = Application::make(&house, "bank", settings).with("dpop", json!(true));
    let vera = signed_in(&house, "vera");
    // In the address the request is refused.
    let (path, _) = bank.begin(json!({ "scope": "openid" }));
    let refused = vera.browser.open(&path).unwrap();
    assert!(bank.callback(&refused).contains("error=invalid_request"), "{}", refused.path);
    // The key lives as long as the process, so all of it is done in one.
    let begun = bank.call("begin", json!({ "parameters": { "scope": "openid" }, "pushed": true }));
    assert!(begun["answer"]["url"].is_string(), "{begun}");
    let url = begun["answer"]["url"].as_str().unwrap();
    assert!(url.contains("request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A"), "{url}");
    let path = url.strip_prefix(&house.server.url).unwrap();
    let page = vera.browser.open(path).unwrap();
    assert!(bank.callback(&page).contains("code="), "{}", page.path);
    // What was pushed is good once, and the code for the key that it was pushed with.
    let again = vera.browser.open(path).unwrap();
    assert_eq!(again.status, 400, "{}", again.text());
    let redeem = json!({ "callback": bank.callback(&page), "checks": begun["answer"]["checks"] });
    let stolen = bank.call("redeem", redeem);
    assert_eq!(stolen["error"]["word"], "invalid_grant", "{stolen}");
}

#[test]
fn a_device_without_a_browser_is_signed_in_by_a_code() {
    let house = House::open_by_name().unwrap();
    let settings = json!({ "grants": ["device_code", "refresh_token"], "authentication": "none" });
    let tv = Application::make(&house, "tv", settings).with("authentication", json!("none"));
    let vera = signed_in(&house, "vera");
    let begun = tv.call("device", json!({ "parameters": { "scope": "openid profile" } }))["answer"].clone();
    let complete =
        begun["verification_uri_complete"].as_str().unwrap().strip_prefix(&house.server.url).unwrap();
    let page = vera.browser.open(complete).unwrap().ok().unwrap();
    // A link fills in the code, and answers nothing.
    let code = begun["user_code"].as_str().unwrap();
    let wrong = vera.browser.submit(&page, "user_code", &[("user_code", "BBBB-BBBB")]).unwrap();
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let asked = vera.browser.submit(&page, "user_code", &[("user_code", &code.to_lowercase())]).unwrap();
    let said = asked.text();
    assert_eq!(asked.text_of("shown-code").as_deref(), Some(code), "{said}");
    for part in ["tv", "vera", "127.0.0.1", "they would be signed in as you"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let done = vera.browser.submit(&asked, "answer", &[("answer", "yes")]).unwrap().ok().unwrap();
    assert!(done.text().contains("Go on at your device"), "{}", done.text());
    let told = tv.calls(&[("poll", json!({ "response": begun })), ("poll", json!({ "response": begun }))]);
    assert_eq!(told[0]["answer"]["claims"]["preferred_username"], "vera", "{told:?}");
    assert_eq!(told[1]["error"]["word"], "invalid_grant", "{told:?}");
    // And a no is a no.
    let begun = tv.call("device", json!({ "parameters": { "scope": "openid" } }))["answer"].clone();
    let code = begun["user_code"].as_str().unwrap();
    let asked = vera.browser.submit(&page, "user_code", &[("user_code", code)]).unwrap();
    vera.browser.submit(&asked, "answer", &[("answer", "no")]).unwrap().ok().unwrap();
    let told = tv.call("poll", json!({ "response": begun }));
    assert_eq!(told["error"]["word"], "access_denied", "{told}");
}

#[test]
fn one_application_asks_another_in_somebodys_name() {
    let house = House::open_by_name().unwrap();
    let store = Application::make(&house, "store", json!({ "grants": [] }));
    let target = store.config["client_id"].as_str().unwrap().to_owned();
    let settings = json!({
        "grants": ["authorization_code", "token_exchange"], "resources": [target], "access_tokens": "jwt",
    });
    let wiki = Application::make(&house, "wiki", settings);
    let vera = signed_in(&house, "vera");
    let given = tokens(&wiki, &vera, json!({ "scope": "openid profile email" }));
    let subject_token = &given["tokens"]["access_token"];
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let exchange = |audience: &str, scope: &str| {
        let parameters = json!({
            "subject_token": subject_token, "subject_token_type": kind, "audience": audience, "scope": scope,
        });
        wiki.call("exchange", json!({ "parameters": parameters }))
    };
    let told = exchange(&target, "profile");
    assert_eq!(told["answer"]["issued_token_type"], kind, "{told}");
    assert!(told["answer"]["id_token"].is_null(), "{told}");
    // It is for the other application, which may look at it, and opens nothing here.
    let token = &told["answer"]["access_token"];
    let looked = store.call("introspect", json!({ "token": token }))["answer"].clone();
    let expected = (&json!(true), &json!(target), &json!("profile"), &given["claims"]["sub"]);
    assert_eq!((&looked["active"], &looked["aud"], &looked["scope"], &looked["sub"]), expected, "{looked}");
    assert_eq!(
        store.call("introspect", json!({ "token": subject_token }))["answer"],
        json!({ "active": false })
    );
    assert_eq!(wiki.call("userinfo", json!({ "token": token }))["error"]["status"], 401);
    assert_eq!(exchange(&target, "profile groups")["error"]["word"], "invalid_scope");
    assert_eq!(exchange("OCXXXXXXXXXXXXXXXXXX", "profile")["error"]["word"], "invalid_target");
}

#[test]
fn signing_out_ends_the_session_and_tells_the_applications() {
    let listener = Listener::open().unwrap();
    let house = House::open_with_loopback().unwrap();
    let back = format!("{}/callback/bye", house.server.url);
    let settings = json!({
        "post_logout_redirect_uris": [back], "backchannel_logout_uri": listener.url("/logout"),
    });
    let wiki = Application::make(&house, "wiki", settings);
    let vera = signed_in(&house, "vera");
    let given = tokens(&wiki, &vera, json!({ "scope": "openid" }));
    let leaving = json!({
        "id_token_hint": given["tokens"]["id_token"], "post_logout_redirect_uri": back, "state": "s1",
    });
    let leave = |parameters: &Value| {
        let told = wiki.call("logout", json!({ "parameters": parameters }));
        told["answer"]["url"].as_str().unwrap().strip_prefix(&house.server.url).unwrap().to_owned()
    };
    // Whoever has no token of this session only asks.
    let mut forged = leaving.clone();
    forged["id_token_hint"] = json!(format!("{}x", leaving["id_token_hint"].as_str().unwrap()));
    let page = vera.browser.open(&leave(&forged)).unwrap();
    assert!(page.text().contains("Sign out?"), "{}", page.text());
    assert!(vera.browser.open("/").unwrap().path == "/");
    let page = vera.browser.open(&leave(&leaving)).unwrap();
    assert_eq!(page.path, "/callback/bye?state=s1", "{}", page.text());
    assert!(vera.browser.open("/").unwrap().path.starts_with("/sign-in"));
    let told = wiki.call("userinfo", json!({ "token": given["tokens"]["access_token"] }));
    assert_eq!(told["error"]["status"], 401, "{told}");
    let posted = until("the application to be told", || Ok(listener.taken().pop())).unwrap();
    let claims = posted.logout_claims();
    assert_eq!((&claims["sub"], &claims["sid"]), (&given["claims"]["sub"], &given["claims"]["sid"]));
    assert_eq!(claims["aud"], wiki.config["client_id"]);
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object(), "{claims}");
    assert!(claims["nonce"].is_null(), "{claims}");
    // An administrator's word ends sessions as well.
    let page = vera.browser.open("/sign-in").unwrap();
    let codes = house.bypass_codes("vera", 1).unwrap();
    vera.passes_by(&page, &codes[0]).ok().unwrap();
    tokens(&wiki, &vera, json!({ "scope": "openid" }));
    house.cli.json(&["user", "suspend", "vera"]).unwrap();
    until("the application to be told once more", || Ok(listener.taken().pop())).unwrap();
}
