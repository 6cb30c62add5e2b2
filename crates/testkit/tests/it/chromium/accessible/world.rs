//! A house with something of everything in it, so that no page is looked at empty.

use std::{collections::BTreeMap, time::Duration};

use sallyport_api::agent::{ENROLL_PATH, EnrollRequest, INTERNAL_NAME};
use sallyport_connect::{
    Connection, Tls,
    http::{self, Limits},
};
use sallyport_crypto::{SystemRandom, sign::SigningKey};
use sallyport_model::Platform;
use sallyport_testkit::{
    api::Api,
    cli::Cli,
    post_office::PostOffice,
    story::{House, items, text, until},
    telephone_company::TelephoneCompany,
};
use serde_json::{Value, json};

use crate::{
    device::PASSWORD,
    duo_client::{Keys, application},
};

const PATIENCE: Duration = Duration::from_secs(30);
const MODEL: &str = "ee882879-721c-4913-9775-3dfcce97072a";
/// A small PNG.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAP0lEQVR42mPgL8sjCTHQUcN/vACnBq\
     ym4tSAJkeUBqx6CGjA1ENYAx79ODXgciQ+DVhDgoAGzOCmIOIGTeIDAEv3TMieq4VdAAAAAElFTkSuQmCC";

pub(super) struct World {
    pub(super) house: House,
    pub(super) api: Api,
    /// Ids, by the names that addresses of pages are written with.
    ids: BTreeMap<&'static str, String>,
    /// A protected application, as its client is configured.
    pub(super) vpn: Keys,
    _office: PostOffice,
    _company: TelephoneCompany,
}

impl World {
    pub(super) fn build() -> Self {
        let (house, office) = House::open_with_post().unwrap();
        let company = TelephoneCompany::start(&house.server.binary, &house.ca_file()).unwrap();
        company.serve(&house.cli).unwrap();
        let api = Api::of(&house.cli).unwrap();
        house.person("alice", PASSWORD).unwrap();
        house.enroll("alice").unwrap();
        let vpn = application(&house);
        let mut world = Self { house, api, ids: BTreeMap::new(), vpn, _office: office, _company: company };
        world.people();
        world.applications();
        world.devices();
        world.rules();
        world.told();
        world
    }

    /// An address with ids in the place of names.
    pub(super) fn filled(&self, address: &str) -> String {
        let mut address = address.to_owned();
        for (name, id) in &self.ids {
            address = address.replace(&format!("{{{name}}}"), id);
        }
        assert!(!address.contains('{'), "nothing of this name: {address}");
        address
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.api.send("POST", path, body).unwrap()
    }

    fn make(&mut self, name: &'static str, path: &str, body: &Value) -> Value {
        let made = self.post(path, body);
        self.keep(name, text(&made, "id"));
        made
    }

    fn keep(&mut self, name: &'static str, id: String) {
        assert!(!id.is_empty(), "{name} has no id");
        self.ids.insert(name, id);
    }

    fn people(&mut self) {
        let named = json!({ "display_name": "Alice Ahmadi", "mails": ["alice@example.com"] });
        self.api.send("PATCH", "/users/alice", &named).unwrap();
        self.keep("user", text(&self.api.get("/users/alice").unwrap(), "id"));
        self.post("/users/alice/bypass-codes", &json!({ "count": 2 }));
        self.post("/users/alice/phones", &json!({ "number": "+15005550010", "name": "Her old phone" }));
        for name in ["stella", "nina"] {
            let mail = format!("{name}@example.com");
            self.post("/users", &json!({ "name": name, "active": true, "mails": [mail] }));
        }
        self.house.person("novice", PASSWORD).unwrap();
        self.api.send("PATCH", "/users/novice", &json!({ "mails": ["novice@example.com"] })).unwrap();
        self.api.post("/users/stella/suspend").unwrap();
        let people = json!({ "name": "people", "kind": "users", "description": "All of us" });
        self.make("group", "/groups", &people);
        self.make("laptops", "/groups", &json!({ "name": "laptops", "kind": "devices" }));
        self.post("/groups/people/members", &json!({ "user": "alice" }));
        let rows = "serial,kind,secret\nSN-1,hotp,3132333435363738393031323334353637383930\n\
                    SN-2,totp,cafecafecafecafecafecafecafecafecafecafe\n";
        self.post("/hardware-tokens/import", &json!({ "file": rows }));
        self.keep("hardware_token", text(&self.api.get("/hardware-tokens/SN-1").unwrap(), "id"));
        self.post("/hardware-tokens/SN-2/assign", &json!({ "user": "alice" }));
        // Owners need not ask; help desk does.
        let desk = self.post("/tokens", &json!({ "name": "desk", "role": "help_desk", "days": 30 }));
        let desk = Api::of(&Cli { token: text(&desk, "token"), ..self.house.cli.clone() }).unwrap();
        let asked = json!({ "what": "password", "reason": "forgotten" });
        self.keep("reset", text(&desk.send("POST", "/users/alice/resets", &asked).unwrap(), "id"));
        let mailing = self.make("mailing", "/mailings", &json!({ "users": ["nina"] }));
        let path = format!("/mailings/{}", text(&mailing, "id"));
        until("the mailing", || Ok(self.api.get(&path)?["ended"].is_number().then_some(()))).unwrap();
    }

    fn applications(&mut self) {
        self.keep("vpn", text(&self.api.get("/applications/VPN").unwrap(), "id"));
        let charts = json!({
            "catalogue": "grafana", "name": "Charts", "answers": { "base_url": "https://charts.example.com" },
        });
        self.make("charts", "/applications", &charts);
        self.make("crm", "/applications", &json!({ "name": "CRM", "type": "saml" }));
        let wiki = json!({ "name": "Wiki", "origins": ["https://wiki.example.com"] });
        self.make("wiki", "/applications", &wiki);
        self.make(
            "payroll",
            "/applications",
            &json!({ "name": "Payroll", "origins": ["https://pay.example.com"] }),
        );
        let board = json!({ "name": "Board", "type": "oidc" });
        self.make("board", "/applications", &board);
        let back = format!("{}/callback/board", self.house.server.url);
        let settings = json!({
            "redirect_uris": [back], "used_by": { "kind": "everybody" },
            "oidc": { "asks_consent": true, "authentication": "none", "grants": ["authorization_code", "device_code"] },
        });
        self.api.send("PATCH", "/applications/Board", &settings).unwrap();
        for name in ["Charts", "CRM", "Wiki"] {
            let given = json!({ "used_by": { "kind": "everybody" }, "logo": PICTURE });
            self.api.send("PATCH", &format!("/applications/{name}"), &given).unwrap();
        }
        let keys = self.api.get("/signing-keys").unwrap();
        assert!(!items(&keys).is_empty(), "{keys}");
    }

    fn devices(&mut self) {
        for (name, groups) in [("d1", json!(["laptops"])), ("d2", json!([]))] {
            let token = text(&self.post("/enrollment-tokens", &json!({ "groups": groups })), "token");
            let id = enroll(&self.house, name, token.split('.').next().unwrap());
            self.keep(if name == "d1" { "device" } else { "waiting_device" }, id);
        }
        self.post("/enrollment-tokens", &json!({ "description": "For the new laptops" }));
        self.post("/bindings", &json!({ "user": "alice", "device": "d1" }));
        self.post("/bindings", &json!({ "user_group": "people", "device_group": "laptops" }));
        let hello = json!({ "name": "hello", "interpreter": "sh", "body": "echo hello", "devices": ["d1"] });
        self.make("command", "/commands", &hello);
        let runs = self.post("/commands/hello/launch", &json!({}));
        self.keep("run", text(&items(&runs)[0], "id"));
    }

    fn rules(&mut self) {
        let sections = json!({ "methods": ["push", "totp"], "new_user": "enroll" });
        self.make("policy", "/policies", &json!({ "name": "VPNs", "sections": sections }));
        let abroad = json!({ "from": { "networks": { "not": true, "networks": ["192.0.2.0/24"] } } });
        let office = json!({ "name": "office", "says": abroad, "mode": "dry_run" });
        self.make("access_rule", "/access-rules", &office);
        self.api.send("PATCH", "/access-rules/office", &json!({ "note": "no laptops yet" })).unwrap();
        let root = format!("{}/../web/tests/passkey-root.pem", std::env::var("CARGO_MANIFEST_DIR").unwrap());
        let root = std::fs::read_to_string(root).unwrap();
        self.post("/passkey-models", &json!({ "aaguid": MODEL, "name": "Acme Key", "roots": root }));
        self.post("/tokens", &json!({ "name": "backup", "role": "auditor", "days": 30 }));
    }

    /// Those who are told what happens here, and an account at Duo that nobody answers for.
    fn told(&mut self) {
        let hook =
            json!({ "name": "hook", "url": format!("{}/", self.house.server.url), "kinds": ["webhook"] });
        self.make("webhook", "/webhooks", &hook);
        let told = until("a delivery", || {
            let told = self.api.get("/webhooks/hook/deliveries")?;
            Ok(items(&told).first().map(|one| text(one, "id")))
        });
        self.keep("event", told.unwrap());
        let siem = json!({ "name": "siem", "target": { "kind": "file", "file": "events.json" } });
        self.make("event_stream", "/event-streams", &siem);
        let duo = json!({
            "name": "duo", "type": "duo-export", "host": "http://127.0.0.1:9", "ikey": "DIWJ8X6AEYOR5OMC6TQ1",
            "skey": "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep",
        });
        self.make("connector", "/connectors", &duo);
        self.post("/connectors/duo/preview", &json!({}));
        let run = until("a run of the export", || {
            let runs = self.api.get("/connectors/duo/runs")?;
            Ok(items(&runs).first().map(|one| text(one, "id")))
        });
        self.keep("export_run", run.unwrap());
    }
}

/// A device that is enrolled and never comes again.
fn enroll(house: &House, name: &str, token: &str) -> String {
    let key = SigningKey::from_seed(&SigningKey::generate_seed(&SystemRandom::new()).unwrap()).unwrap();
    let request = EnrollRequest {
        token: token.to_owned(),
        host_name: name.to_owned(),
        platform: Platform::Linux,
        public_key: key.public().to_hex(),
        agent_version: "0.1.0".to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async {
        let tls = Tls::pinned(&house.set_up.ca, INTERNAL_NAME).unwrap();
        let address = house.server.url.parse().unwrap();
        let connection = Connection::open(&address, &tls, PATIENCE).await.unwrap();
        let limits = Limits { time: PATIENCE, bytes: 1 << 20 };
        http::post_json(connection, ENROLL_PATH, serde_json::to_vec(&request).unwrap(), limits).await.unwrap()
    });
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    text(&told, "device")
}
