//! The prompt in front of an application that has the vendor's Web SDK for Node.

use std::path::PathBuf;

use super::*;
use crate::duo_node;

/// The SDK with an application's keys.
struct Sdk {
    options: Value,
    ca: PathBuf,
}

impl Sdk {
    fn of(house: &House, wiki: &Application) -> Self {
        let config = &wiki.config;
        let options = json!({
            "clientId": config["client_id"], "clientSecret": config["client_secret"], "apiHost": config["host"],
            "redirectUrl": config["redirect_uri"],
        });
        Self { options, ca: house.ca_file() }
    }

    fn call(&self, name: &str, given: Value) -> Value {
        self.call_as(false, name, given)
    }

    /// The same; `pinned` as it comes, believing in the authorities of the vendor's host alone.
    fn call_as(&self, pinned: bool, name: &str, given: Value) -> Value {
        let calls = json!([{ "name": name, "given": given }]);
        let config = json!({ "options": self.options, "pinned": pinned, "calls": calls });
        duo_node::drive("duo_web.mjs", &config, &self.ca).remove(0)
    }

    fn address(&self, username: &str) -> String {
        text(&self.call("createAuthUrl", json!([username, STATE])), "answer")
    }

    fn exchange(&self, code: &str, username: &str) -> Value {
        self.call("exchangeAuthorizationCodeFor2FAResult", json!([code, username]))
    }
}

/// Types this code at the prompt that the SDK sends Ada to; what the browser came back with.
fn through(wiki: &Application, sdk: &Sdk, window: &Chromium, passcode: &str, under: &str) -> String {
    window.open(&sdk.address("Ada")).unwrap();
    typing_begins_at(window, "passcode");
    window.press(&[passcode, ENTER].concat()).unwrap();
    welcomed(window);
    wiki.came_back(under)
}

#[test]
fn the_vendors_web_sdk_for_node_is_content() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let wiki = Application::open(&house, "Wiki");
    person(&house, "ada");
    let mut codes = house.bypass_codes("ada", 4).unwrap();
    let mut sdk = Sdk::of(&house, &wiki);
    let health = sdk.call("healthCheck", json!([]));
    assert!(health["answer"]["response"]["timestamp"].as_i64().unwrap() > 0, "{health}");
    let pinned = sdk.call_as(true, "healthCheck", json!([]));
    assert!(text(&pinned, "error").contains("certificate"), "{pinned}");

    let window = Chromium::start_trusting(1280, 900, &house.set_up.ca).unwrap();
    let code = through(&wiki, &sdk, &window, &codes.pop().unwrap(), "duo_code");
    let told = &sdk.exchange(&code, "Ada")["answer"];
    assert_eq!(told["auth_result"]["result"], "allow", "{told}");
    assert_eq!((&told["preferred_username"], &told["nonce"]), (&json!("Ada"), &Value::Null), "{told}");
    let context = &told["auth_context"];
    assert_eq!(
        (&context["factor"], &context["application"]["name"], &context["user"]["name"]),
        (&json!("bypass_code"), &json!("Wiki"), &json!("ada")),
        "{told}"
    );
    let again = sdk.exchange(&code, "Ada");
    assert!(text(&again, "error").starts_with("invalid_grant: "), "{again}");
    // The statement is about whoever was asked, and it is the application that says whom it expected.
    let code = through(&wiki, &sdk, &window, &codes.pop().unwrap(), "duo_code");
    assert_eq!(sdk.exchange(&code, "ben")["error"], "The username is invalid");

    // An application that wants the code under its usual name gets it so.
    sdk.options["useDuoCodeAttribute"] = json!(false);
    let code = through(&wiki, &sdk, &window, &codes.pop().unwrap(), "code");
    assert_eq!(sdk.exchange(&code, "Ada")["answer"]["auth_result"]["result"], "allow");

    // A code of this application is nobody else's, whose wrong key opens nothing either.
    let code = through(&wiki, &sdk, &window, &codes.pop().unwrap(), "code");
    let chat = Application::open(&house, "Chat");
    let refused = Sdk::of(&house, &chat).exchange(&code, "Ada");
    assert!(text(&refused, "error").starts_with("invalid_grant: "), "{refused}");
    sdk.options["clientSecret"] = json!("x".repeat(40));
    let refused = sdk.exchange(&code, "Ada");
    assert!(text(&refused, "error").starts_with("invalid_client: "), "{refused}");
    window.open(&sdk.address("ada")).unwrap();
    assert_eq!(window.text("h1").unwrap(), "No way on from here");
}
