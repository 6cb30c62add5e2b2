//! The vendor's Python clients behind a middle that fails: whatever it does, nothing reads as *allow*. What an application
//! makes of an error is its own affair; that it gets one and no answer is ours.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU8, Ordering},
};

use data_encoding::BASE64URL_NOPAD;
use sallyport_testkit::{
    cli,
    relay::{Fault, Relay},
    story::{House, until},
    unix_now,
};
use serde_json::{Value, json};

use super::{Keys, application};

const PASSWORD: &str = "lantern orbit marmalade 4";
/// Where the relay stands; on the port of the server, so that it is called by the very name of the server.
const BETWEEN: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// What clients wait between one 429 and the next request, before they give up.
const BACK_OFF: [i64; 6] = [1, 2, 4, 8, 16, 32];

/// A house, an application, and a relay between them.
struct Between {
    house: House,
    keys: Keys,
    relay: Relay,
    ca: PathBuf,
    asked: AtomicU8,
}

impl Between {
    fn open() -> Self {
        let house = House::open_by_name().unwrap();
        let keys = application(&house);
        let [upstream, at] = [Ipv4Addr::LOCALHOST, BETWEEN].map(|ip| SocketAddr::from((ip, keys.port)));
        let relay = Relay::before(upstream, at, "localhost", &house.set_up.ca).unwrap();
        let ca = house.ca_file().with_file_name("relay.pem");
        std::fs::write(&ca, &relay.ca_pem).unwrap();
        Self { house, keys, relay, ca, asked: AtomicU8::new(1) }
    }

    /// What one of the vendor's clients was answered to these calls, or raised.
    fn ask(&self, script: &str, more: &Value, calls: &[(&str, Value)]) -> Vec<Value> {
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
        let script = format!("{}/python/{script}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let calls: Vec<Value> =
            calls.iter().map(|(name, arguments)| json!({ "name": name, "arguments": arguments })).collect();
        let Keys { ikey, skey, host, port, .. } = &self.keys;
        let mut config = json!({
            "ikey": ikey, "skey": skey, "host": host, "port": port, "ca": self.ca, "calls": calls, "faults": true,
            "names": { &**host: BETWEEN },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            config[name] = value.clone();
        }
        let out = cli::run(Path::new(&python), &[&script], Some(&config.to_string()), &[]).unwrap();
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asks as an application does that wants vera in by this code. Each time for somebody at another address: the very same
    /// request within a second is answered as it was before.
    fn auth(&self, more: &Value, code: &str) -> Vec<Value> {
        let ip = format!("192.0.2.{}", self.asked.fetch_add(1, Ordering::Relaxed));
        let code = json!({ "username": "vera", "factor": "passcode", "passcode": code, "ipaddr": ip });
        self.ask("duo_auth.py", more, &[("preauth", json!({ "username": "vera" })), ("auth", code)])
    }

    /// One call of the Web SDK.
    fn sdk(&self, name: &str, arguments: Value) -> Value {
        let Keys { ikey, skey, host, port, .. } = &self.keys;
        let host = format!("{host}:{port}");
        let more = json!({
            "client_id": ikey, "client_secret": skey, "redirect_uri": BACK, "host": host,
        });
        self.ask("duo_web.py", &more, &[(name, arguments)]).remove(0)
    }
}

/// Whether an application lets somebody in upon this.
fn allows(told: &Value) -> bool {
    told["answer"] == true || told["answer"]["result"] == "allow"
}

#[test]
fn no_fault_reads_as_allow() {
    let between = Between::open();
    between.house.person("vera", PASSWORD).unwrap();
    let mut codes = between.house.bypass_codes("vera", 6).unwrap();
    for older in [false, true] {
        for (what, fault) in Fault::all() {
            let code = codes.last().unwrap().clone();
            let patience = if matches!(fault, Fault::Stalls) { 2 } else { 60 };
            between.relay.fails("/", fault.clone());
            let told = between.auth(&json!({ "older": older, "timeout": patience }), &code);
            assert_eq!(between.relay.heard().len(), 2, "{what}: {told:?}");
            for answer in &told {
                assert!(answer["error"].is_string() && !allows(answer), "{what}, older {older}: {answer}");
            }
            between.relay.mends();
            if fault.is_done_unheard() {
                // It was good, nobody heard of it, and it is spent.
                codes.pop();
                let again = between.auth(&json!({ "older": older }), &code);
                assert!(!allows(&again[1]) && again[1]["error"].is_null(), "{what}: {again:?}");
            }
        }
        let right = between.auth(&json!({ "older": older }), &codes.pop().unwrap());
        assert!(allows(&right[1]), "nothing of it is left: {right:?}");
    }
}

#[test]
fn a_client_that_is_told_to_wait_waits_and_is_let_in_once_there_is_room() {
    let between = Between::open();
    between.house.person("vera", PASSWORD).unwrap();
    let codes = between.house.bypass_codes("vera", 2).unwrap();
    for (older, code) in [false, true].into_iter().zip(&codes) {
        between.relay.fails("/", Fault::busy());
        for answer in between.auth(&json!({ "older": older }), code) {
            assert_eq!((&answer["status"], &answer["waits"]), (&json!(429), &json!(BACK_OFF)), "{answer}");
            assert!(answer["error"].as_str().unwrap().contains("Too Many Requests"), "{answer}");
        }
        between.relay.fails_times(2, if older { "v1/auth" } else { "v2/auth" }, Fault::busy());
        let told = between.auth(&json!({ "older": older }), code);
        assert_eq!((&told[0]["waits"], &told[1]["waits"]), (&json!([]), &json!([1, 2])), "{told:?}");
        assert!(allows(&told[1]), "{told:?}");
        assert!(!allows(&between.auth(&json!({ "older": older }), code)[1]), "it was good once");
    }
}

const BACK: &str = "https://wiki.example/callback";
const STATE: &str = "the state of one request";

/// An application of the Web SDK, and whoever it sends to the prompt.
struct Site {
    between: Between,
    codes: Vec<String>,
}

impl Site {
    fn open() -> Self {
        let between = Between::open();
        between.house.cli.json(&["application", "update", "VPN", "--redirect-uri", BACK]).unwrap();
        between.house.person("vera", PASSWORD).unwrap();
        let codes = between.house.bypass_codes("vera", 10).unwrap();
        Self { between, codes }
    }

    /// Sends vera to the prompt, past the relay, who passes it; what her browser brings back.
    fn code(&mut self) -> String {
        let url = self.between.sdk("create_auth_url", json!({ "username": "vera", "state": STATE }));
        let url = url["answer"].as_str().unwrap().to_owned();
        let browser = self.between.house.browser().unwrap();
        let page = browser.open(url.strip_prefix(&self.between.house.server.url).unwrap()).unwrap();
        let passcode = self.codes.pop().unwrap();
        let page = browser.submit(&page, "passcode", &[("passcode", &passcode)]).unwrap().ok().unwrap();
        let (_, rest) = page.body.split_once("duo_code=").expect("a way back");
        rest.split(['&', '"']).next().unwrap().to_owned()
    }

    fn exchange(&self, code: &str) -> Value {
        let arguments = json!({ "duoCode": code, "username": "vera" });
        self.between.sdk("exchange_authorization_code_for_2fa_result", arguments)
    }

    /// The same call while this is wrong. The SDK knows no patience: what stops is let go once it was asked for.
    fn during(&self, fault: &Fault, at: &str, call: impl Fn() -> Value + Sync) -> Value {
        let relay = &self.between.relay;
        relay.fails(at, fault.clone());
        let told = std::thread::scope(|scope| {
            let asking = scope.spawn(&call);
            until("the question", || Ok((!relay.heard().is_empty()).then_some(()))).unwrap();
            if matches!(fault, Fault::Stalls) {
                relay.mends();
            }
            asking.join().unwrap()
        });
        relay.mends();
        told
    }
}

#[test]
fn no_fault_reads_as_a_second_door_to_the_web_sdk() {
    let mut site = Site::open();
    let mut code = site.code();
    for (what, fault) in Fault::all().into_iter().chain([("a service that is busy", Fault::busy())]) {
        // A healthy service decides nothing: the application then sends the browser to the prompt.
        let health = site.during(&fault, "/oauth/v1/", || site.between.sdk("health_check", json!({})));
        assert_eq!(health["answer"].is_object(), says_ok(&fault), "{what}: {health}");
        let told = site.during(&fault, "/oauth/v1/", || site.exchange(&code));
        assert!(told["error"].is_string() && told["answer"].is_null(), "{what}: {told}");
        if matches!(fault, Fault::Cuts) {
            let again = site.exchange(&code);
            assert!(again["error"].as_str().unwrap().contains("invalid_grant"), "{what}: {again}");
        }
        if fault.is_done_unheard() {
            code = site.code();
        }
    }
    // Upon *busy* it asks no second time.
    site.between.relay.fails("/oauth/v1/", Fault::busy());
    site.exchange(&code);
    assert_eq!(site.between.relay.heard().len(), 1);
    site.between.relay.mends();
    for forged in forgeries(&site.between.keys) {
        let body =
            json!({ "id_token": forged, "access_token": "x", "token_type": "Bearer", "expires_in": 60 });
        let fault = Fault::answers(200, &body.to_string());
        let told = site.during(&fault, "/oauth/v1/token", || site.exchange(&code));
        assert!(told["error"].is_string() && told["answer"].is_null(), "{forged}: {told}");
    }
    let code = site.code();
    let told = site.exchange(&code);
    assert_eq!(told["answer"]["auth_result"]["result"], "allow", "nothing of it is left: {told}");
    assert!(site.between.sdk("health_check", json!({}))["answer"].is_object());
}

/// Whether this has a whole answer in it that calls itself a success. The SDK looks at no status there.
fn says_ok(fault: &Fault) -> bool {
    let Fault::Answers { body, .. } = fault else { return false };
    serde_json::from_slice::<Value>(body).is_ok_and(|said| said["stat"] == "OK")
}

/// Statements that somebody in the middle makes who has none of the keys.
fn forgeries(keys: &Keys) -> Vec<String> {
    let now = unix_now();
    let claims = json!({
        "iss": format!("https://{}:{}/oauth/v1/token", keys.host, keys.port), "aud": keys.ikey, "sub": "vera",
        "preferred_username": "vera", "iat": now, "exp": now + 300, "auth_result": { "result": "allow" },
    });
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let of = |alg: &str, signature: &str| {
        format!("{}.{}.{signature}", part(&json!({ "alg": alg, "typ": "JWT" })), part(&claims))
    };
    vec![of("none", ""), of("None", ""), of("HS512", ""), of("HS512", &BASE64URL_NOPAD.encode(&[7; 64]))]
}
