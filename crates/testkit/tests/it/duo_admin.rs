//! The vendor's own Python client against our Admin API.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod applications;
mod export;
mod factors;
mod logs;
mod permissions;
mod phones;
mod policies;
mod protocol;
mod users;

use std::{net::Ipv4Addr, path::Path};

use sallyport_testkit::{
    cli,
    story::{House, text},
};
use serde_json::{Value, json};

pub(super) const EVERYTHING: [&str; 8] = [
    "read_resource",
    "write_resource",
    "read_log",
    "info",
    "integrations",
    "write_integrations",
    "admins_read",
    "settings",
];

/// The client rounds the present down to a second, which leaves out what happened in this one.
const FAR: i64 = 4_102_444_800_000;

/// A house with an application of the Admin API, and its keys.
pub(super) struct Admin {
    pub(super) house: House,
    ikey: String,
    skey: String,
}

impl Admin {
    fn open(grants: &[&str]) -> Self {
        Self::of(House::open(Ipv4Addr::LOCALHOST.into()).unwrap(), grants)
    }

    pub(super) fn of(house: House, grants: &[&str]) -> Self {
        let made = house
            .cli
            .json(&["application", "create", "--type", "duo-admin-api", "--name", "Admin API"])
            .unwrap();
        let admin = Self { house, ikey: text(&made, "ikey"), skey: text(&made, "skey") };
        if !grants.is_empty() {
            admin.grant(grants);
        }
        admin
    }

    fn grant(&self, grants: &[&str]) {
        let mut arguments = vec!["application", "update", "Admin API"];
        for grant in grants {
            arguments.extend(["--grant", grant]);
        }
        self.house.cli.json(&arguments).unwrap();
    }

    fn config(&self) -> Value {
        let port: u16 = self.house.server.url.rsplit_once(':').unwrap().1.parse().unwrap();
        let ca = self.house.ca_file().to_string_lossy().into_owned();
        json!({ "ikey": self.ikey, "skey": self.skey, "host": "localhost", "port": port, "ca": ca })
    }

    /// Lets the client make these calls; what it was told to each, the answer or the refusal.
    fn told(&self, with: &Value, calls: &[(&str, Value)]) -> Vec<Value> {
        let mut config = self.config();
        for (name, value) in with.as_object().unwrap() {
            config[name] = value.clone();
        }
        let calls: Vec<Value> = calls
            .iter()
            .map(|(name, given)| match given.get("times") {
                Some(times) => json!({ "name": name, "times": times, "arguments": given["arguments"] }),
                None => json!({ "name": name, "arguments": given }),
            })
            .collect();
        config["calls"] = json!(calls);
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is not set; run `make test`");
        let script = format!("{}/python/duo_admin.py", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let out = cli::run(Path::new(&python), &[&script], Some(&config.to_string()), &[]).unwrap();
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What it was answered to each call, which must all succeed.
    pub(super) fn all(&self, calls: &[(&str, Value)]) -> Vec<Value> {
        self.all_with(&json!({}), calls)
    }

    fn all_with(&self, with: &Value, calls: &[(&str, Value)]) -> Vec<Value> {
        let told = self.told(with, calls);
        assert_eq!(told.len(), calls.len(), "{told:?}");
        let answer = |(told, (name, _)): (Value, &(&str, Value))| {
            told.get("answer").cloned().unwrap_or_else(|| panic!("{name}: {told}"))
        };
        told.into_iter().zip(calls).map(answer).collect()
    }

    pub(super) fn one(&self, name: &str, arguments: Value) -> Value {
        self.all(&[(name, arguments)]).remove(0)
    }

    /// Status and code of the refusal of a call.
    pub(super) fn refusal(&self, name: &str, arguments: Value) -> (i64, i64, String) {
        let told = self.told(&json!({}), &[(name, arguments)]).remove(0);
        let refused = &told["refused"];
        let detail = text(refused, "message_detail");
        (told["status"].as_i64().unwrap_or(0), refused["code"].as_i64().unwrap_or(0), detail)
    }
}
