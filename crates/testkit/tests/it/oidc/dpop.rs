//! oauth4webapi, with requests that are pushed and tokens that are bound to a key which its process keeps.

use sallyport_testkit::story::House;
use serde_json::{Value, json};

use super::{Application, Person};
use crate::saml::peer::Peer;

/// The application's process.
fn peer(bank: &Application<'_>, algorithm: &str) -> Peer {
    let mut command = std::process::Command::new("node");
    command.arg(format!("{}/node/oidc_dpop.mjs", std::env::var("CARGO_MANIFEST_DIR").unwrap()));
    command.env("NODE_EXTRA_CA_CERTS", bank.house.ca_file());
    let mut config = bank.config.clone();
    config["algorithm"] = json!(algorithm);
    Peer::of(command, &config)
}

/// Who is behind a token, as the userinfo endpoint says to whoever shows it with this key.
fn who(peer: &mut Peer, (token, subject): (&Value, &Value), key: &str) -> Value {
    peer.does("person", json!({ "token": token, "subject": subject, "key": key }))
}

/// Where the browser comes back to that opens what was pushed.
fn back(bank: &Application<'_>, vera: &Person, peer: &mut Peer) -> String {
    let pushed = peer.answers("push", json!({ "key": "own" }));
    let url = pushed["url"].as_str().unwrap();
    let page = vera.browser.open(url.strip_prefix(&bank.house.server.url).unwrap()).unwrap();
    bank.callback(&page)
}

#[test]
fn what_was_pushed_and_bound_to_a_key_is_worth_nothing_without_it() {
    let house = House::open_by_name().unwrap();
    let vera = Person::new(&house, "vera");
    let page = vera.browser.open("/sign-in").unwrap();
    vera.passes(&page).ok().unwrap();
    for (algorithm, authentication) in [("ES256", "secret"), ("RS256", "none")] {
        let settings = json!({
            "requires_pushed_requests": true, "requires_dpop": true, "signing_algorithm": algorithm,
            "authentication": authentication,
        });
        let bank = Application::make(&house, &format!("bank-{authentication}"), settings)
            .with("authentication", json!(authentication));
        let mut peer = peer(&bank, algorithm);
        let callback = back(&bank, &vera, &mut peer);
        // Without the key, and with another.
        for key in ["none", "other"] {
            let stolen = peer.does("redeem", json!({ "callback": callback, "key": key }));
            assert_eq!(stolen["error"]["status"], 400, "{key}: {stolen}");
        }
        // Whoever tried may have spent the code, so the next one is asked for anew.
        let callback = back(&bank, &vera, &mut peer);
        let given = peer.answers("redeem", json!({ "callback": callback, "key": "own" }));
        let tokens = &given["tokens"];
        assert_eq!(tokens["token_type"], "dpop", "{given}");
        assert_eq!(given["claims"]["preferred_username"], "vera", "{given}");
        let (access, subject) = (&tokens["access_token"], &given["claims"]["sub"]);
        let seen = who(&mut peer, (access, subject), "own");
        assert_eq!(seen["answer"]["preferred_username"], "vera", "{seen}");
        for key in ["none", "other"] {
            let stolen = who(&mut peer, (access, subject), key);
            assert_eq!(stolen["error"]["status"], 401, "{key}: {stolen}");
        }
        assert_eq!(peer.answers("repeated", json!({ "token": access })), json!([200, 401]));
        refreshed(&mut peer, (&tokens["refresh_token"], subject), authentication == "none");
    }
}

/// Refreshing takes a key, and what is given is bound to it. For whoever has no secret it has to be the key of the beginning; others
/// prove who they are by that secret (RFC 9449, section 5).
fn refreshed(peer: &mut Peer, (token, subject): (&Value, &Value), is_public: bool) {
    let refresh = |peer: &mut Peer, token: &Value, key: &str| {
        peer.does("refresh", json!({ "token": token, "key": key }))
    };
    let second = refresh(peer, token, "own")["answer"].clone();
    assert!(who(peer, (&second["access_token"], subject), "own")["answer"]["sub"].is_string(), "{second}");
    assert_eq!(who(peer, (&second["access_token"], subject), "none")["error"]["status"], 401);
    let bare = refresh(peer, &second["refresh_token"], "none");
    assert_eq!(bare["error"]["status"], 400, "{bare}");
    let third = refresh(peer, &second["refresh_token"], "other");
    if is_public {
        assert_eq!(third["error"]["word"], "invalid_dpop_proof", "{third}");
        return;
    }
    let bound = &third["answer"]["access_token"];
    assert!(who(peer, (bound, subject), "other")["answer"]["sub"].is_string(), "{third}");
    assert_eq!(who(peer, (bound, subject), "own")["error"]["status"], 401);
}
