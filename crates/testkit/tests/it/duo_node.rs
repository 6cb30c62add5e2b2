//! The vendor's own Node client against our Auth API and Admin API. It sends bodies in chunks.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

use std::{net::Ipv4Addr, path::Path, thread};

use sallyport_testkit::{
    cli,
    phone_page::PhonePage,
    story::{self, House, text},
    unix_now,
};
use serde_json::{Value, json};

use crate::{device::PASSWORD, duo_admin::EVERYTHING};

/// What one of the scripts of `node/` prints upon this configuration, with this authority believed besides those of Node.
pub(super) fn drive(script: &str, config: &Value, extra_ca: &Path) -> Vec<Value> {
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("node");
    assert!(folder.join("node_modules").is_dir(), "no packages for Node; run `make test`");
    let script = folder.join(script).to_string_lossy().into_owned();
    let extra = [("NODE_EXTRA_CA_CERTS", &*extra_ca.to_string_lossy())];
    let out = cli::run(Path::new("node"), &[&script], Some(&config.to_string()), &extra).unwrap();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// An application, as the client is configured with it.
struct Application<'h> {
    house: &'h House,
    config: Value,
}

type Call<'a> = (&'a str, &'a str, Value);

impl<'h> Application<'h> {
    fn make(house: &'h House, kind: &str, name: &str) -> Self {
        let made = house.cli.json(&["application", "create", "--type", kind, "--name", name]).unwrap();
        let port: u16 = house.server.url.rsplit_once(':').unwrap().1.parse().unwrap();
        let config = json!({
            "ikey": text(&made, "ikey"), "skey": text(&made, "skey"), "host": "localhost", "port": port,
            "ca": house.ca_file(),
        });
        Self { house, config }
    }

    /// The same with something else in its configuration.
    fn with(&self, name: &str, value: Value) -> Self {
        let mut config = self.config.clone();
        config[name] = value;
        Self { house: self.house, config }
    }

    fn told(&self, calls: &[Call<'_>]) -> Vec<Value> {
        let mut config = self.config.clone();
        let call =
            |(method, path, params): &Call<'_>| json!({ "method": method, "path": path, "params": params });
        config["calls"] = calls.iter().map(call).collect();
        drive("duo_api.mjs", &config, &self.house.ca_file())
    }

    fn one(&self, method: &str, path: &str, params: Value) -> Value {
        self.told(&[(method, path, params)]).remove(0)
    }
}

#[test]
fn the_vendors_node_client_is_content_by_both_of_its_signatures() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let application = Application::make(&house, "duo-auth-api", "Node");
    house.person("vera", PASSWORD).unwrap();
    let codes = house.bypass_codes("vera", 3).unwrap();
    for (version, right) in [2, 5].into_iter().zip(codes) {
        let client = application.with("sig_version", json!(version));
        // Each for somebody at another address: the very same request within a second is answered as it was before.
        let passcode = |code: &str, last: u8| {
            let from = format!("192.0.2.{last}");
            let asked = json!({ "username": "vera", "factor": "passcode", "passcode": code, "ipaddr": from });
            ("POST", "/auth/v2/auth", asked)
        };
        let told = client.told(&[
            ("GET", "/auth/v2/ping", json!({})),
            ("GET", "/auth/v2/check", json!({})),
            ("POST", "/auth/v2/preauth", json!({ "username": "nobody-hére *(!)' ~" })),
            ("POST", "/auth/v2/preauth", json!({ "username": "vera", "hostname": "Zoë's (first) host *~!" })),
            passcode("000000", 1),
            passcode(&right, 2),
            passcode(&right, 3),
            ("POST", "/auth/v2/auth", json!({ "username": "vera", "factor": "push", "device": "auto" })),
        ]);
        let read = |told: &Value| (told["status"].as_i64().unwrap(), told["chunked"].as_bool().unwrap());
        let ways: Vec<_> = told.iter().map(read).collect();
        let expected = [&[(200, false); 2][..], &[(200, true); 5], &[(400, true)]].concat();
        assert_eq!(ways, expected, "{version}: {told:?}");
        assert!(told[..2].iter().all(|told| told["response"]["time"].is_i64()), "{version}: {told:?}");
        let results = told[2..7].iter().map(|told| told["response"]["result"].as_str().unwrap());
        let results: Vec<_> = results.collect();
        assert_eq!(results, ["deny", "auth", "deny", "allow", "deny"], "{version}: {told:?}");
        assert_eq!((&told[7]["code"], &told[7]["message_detail"]), (&json!(40002), &json!("device")));
        for (name, wrong) in [("skey", json!("x".repeat(40))), ("ikey", json!("DIXXXXXXXXXXXXXXXXXX"))] {
            let stranger = client.with(name, wrong);
            let told = stranger.told(&[("GET", "/auth/v2/check", json!({})), passcode(&right, 4)]);
            assert_eq!((&told[0]["status"], &told[0]["stat"]), (&json!(401), &json!("FAIL")), "{told:?}");
            assert_eq!((&told[1]["status"], &told[1]["stat"]), (&json!(403), &json!("FAIL")), "{told:?}");
        }
    }
    // As it comes it believes in nobody but the authorities of the vendor's host.
    let pinned = application.with("ca", Value::Null).one("GET", "/auth/v2/ping", json!({}));
    assert_eq!(pinned["stat"], "ERROR", "{pinned}");
    assert!(pinned["message"].as_str().unwrap().contains("certificate"), "{pinned}");
}

#[test]
fn the_vendors_node_client_waits_for_a_phone() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let application = Application::make(&house, "duo-auth-api", "Node");
    house.cli.push_without_number("Node").unwrap();
    house.person("vera", PASSWORD).unwrap();
    let vera = house.enroll("vera").unwrap();
    let phone =
        PhonePage::of(("vera", PASSWORD, &vera.code(0)), &house.server.url, &house.set_up.ca).unwrap();
    for version in [2, 5] {
        let client = application.with("sig_version", json!(version));
        let push = json!({
            "username": "vera", "factor": "push", "device": "auto", "async": "1", "type": "Überweisung",
            "pushinfo": "an=Zo%C3%AB%20%26%20S%C3%B8n&betrag=10%20%E2%82%AC",
        });
        let begun = client.one("POST", "/auth/v2/auth", push);
        let txid = text(&begun["response"], "txid");
        let status = ("GET", "/auth/v2/auth_status", json!({ "txid": txid }));
        let told = thread::scope(|scope| {
            let asking = scope.spawn(|| client.told(&[status.clone(), status.clone(), status.clone()]));
            let shown = phone.say_yes("").unwrap();
            for part in ["Überweisung request", "an: Zoë & Søn", "betrag: 10 €"] {
                assert!(shown.contains(part), "{version}, {part}: {shown}");
            }
            asking.join().unwrap()
        });
        let last = &told[2]["response"];
        assert_eq!(told[0]["response"]["status"], "pushed", "{version}: {told:?}");
        assert_eq!(
            (&last["status"], &last["result"]),
            (&json!("allow"), &json!("allow")),
            "{version}: {told:?}"
        );
    }
}

const USERS: &str = "/admin/v1/users";
const NAME: &str = "Zoë & Søn +~ (*!') %20 = ?";

#[test]
fn the_vendors_node_client_administers_with_whatever_has_to_be_encoded() {
    let house = House::open(Ipv4Addr::LOCALHOST.into()).unwrap();
    let application = Application::make(&house, "duo-admin-api", "Node");
    let grants: Vec<&str> = EVERYTHING.iter().flat_map(|grant| ["--grant", grant]).collect();
    house.cli.json(&[&["application", "update", "Node"], &grants[..]].concat()).unwrap();
    let vpn = Application::make(&house, "duo-auth-api", "VPN");
    for (version, names) in [(2, ["ada", "bob", "eve"]), (5, ["pia", "tom", "uwe"])] {
        let client = application.with("sig_version", json!(version));
        let made = names.map(|name| {
            let made = json!({ "username": name, "realname": NAME, "alias1": format!("EXAMPLE\\{name}") });
            client.one("POST", USERS, made)
        });
        for made in &made {
            assert_eq!((&made["stat"], &made["chunked"]), (&json!("OK"), &json!(true)), "{version}: {made}");
            assert_eq!(made["response"]["realname"], NAME, "{version}: {made}");
        }
        let ids = made.map(|made| text(&made["response"], "user_id"));
        let listed = json!(json!([names[0], names[2]]).to_string());
        let found = client.told(&[
            ("GET", USERS, json!({ "username": format!("EXAMPLE\\{}", names[1]) })),
            ("GET", USERS, json!({ "username_list": listed })),
        ]);
        assert_eq!(found[0]["response"][0]["user_id"], ids[1], "{version}: {found:?}");
        assert_eq!(found[1]["response"].as_array().unwrap().len(), 2, "{version}: {found:?}");
        // What is given more than once is a list.
        let knock = json!({ "username": names[1], "factor": "passcode", "passcode": "000000" });
        vpn.one("POST", "/auth/v2/auth", knock);
        let of = |users: &[String]| logged(&client, users);
        story::until("the log to settle", || Ok((of(&ids[..2]) == [ids[1].as_str()]).then_some(()))).unwrap();
        assert_eq!(of(&[ids[0].clone(), ids[2].clone()]), [""; 0], "{version}");
        assert_eq!(
            all_pages(&client).len(),
            if version == 2 { 4 } else { 7 },
            "with the owner, and who is in the trash"
        );
        let gone = client.told(&[
            ("DELETE", &format!("{USERS}/{}", ids[2]), json!({})),
            ("GET", &format!("{USERS}/{}", ids[2]), json!({})),
        ]);
        assert_eq!(gone[0]["response"], "", "{version}: {gone:?}");
        assert_eq!(gone[1]["response"]["status"], "pending deletion", "{version}: {gone:?}");
    }
    // Bodies of this signature are JSON, and may be as deep as what they say.
    let client = application.with("sig_version", json!(5));
    let sections = json!({ "user_location": {
        "default_action": "ignore-location", "allow_access_no_2fa_countries_list": [],
        "deny_access_countries_list": ["FR", "US"], "ignore_location_countries_list": [],
        "require_mfa_countries_list": [], "access_device_only": true,
    } });
    let policy = json!({ "policy_name": NAME, "sections": sections });
    let made = client.one("POST", "/admin/v2/policies", policy);
    assert_eq!(made["response"]["sections"]["user_location"], sections["user_location"], "{made}");
    let path = format!("/admin/v2/policies/{}", text(&made["response"], "policy_key"));
    let renamed = client.one("PUT", &path, json!({ "policy_name": "Ünten" }));
    assert_eq!(renamed["response"]["policy_name"], "Ünten", "{renamed}");
    let refused = application.with("skey", json!("x".repeat(40))).one("GET", USERS, json!({}));
    assert_eq!((&refused["status"], &refused["code"]), (&json!(401), &json!(40103)), "{refused}");
}

/// Who of these people knocked at a second door.
fn logged(client: &Application<'_>, users: &[String]) -> Vec<String> {
    let since = (unix_now() - 3600) * 1000;
    let asked = json!({
        "mintime": since, "maxtime": since + 7_200_000, "users": users, "limit": 5,
        "event_types": ["authentication", "enrollment"],
    });
    let told = client.one("GET", "/admin/v2/logs/authentication", asked);
    told["response"]["authlogs"].as_array().unwrap().iter().map(|one| text(&one["user"], "key")).collect()
}

/// All users, read two by two.
fn all_pages(client: &Application<'_>) -> Vec<Value> {
    let (mut all, mut offset) = (Vec::new(), json!(0));
    loop {
        let page = client.one("GET", USERS, json!({ "limit": 2, "offset": offset }));
        let users = page["response"].as_array().unwrap();
        assert!(users.len() <= 2 && all.len() < 20, "{page}");
        all.extend_from_slice(users);
        offset = page["metadata"]["next_offset"].clone();
        if offset.is_null() {
            assert_eq!(page["metadata"]["total_objects"], all.len());
            return all;
        }
    }
}
