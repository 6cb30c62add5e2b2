//! An organisation with something of every noun in it, and callers of every kind.

mod caller;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use sallyport_api::agent::EnrollRequest;
use sallyport_app::{Clock, Ctx, Org, OrgConfig, device, hub::Hub, token};
use sallyport_crypto::{Random, keyring::KeyRing, password::Pool, random::NoRandomness, sign::SigningKey};
use sallyport_model::{
    AlarmState, Platform, Role, Settings, Span, Time,
    connector::{ExportCounts, ExportRun, ExportRunKind, ExportRunState},
    id::{ExportRunId, FactorId, OrgId},
};
use sallyport_store::{Db, Location};
use sallyport_web::{
    Face, State, public_face,
    simulator::{self, Simulator},
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) use self::caller::{Answer, Caller};
use crate::alarms::raise;

/// January 2026.
const START: i64 = 1_767_225_600_000_000;
pub(crate) const PASSWORD: &str = "tulip gravel hovercraft";
/// As much of a PNG as is looked at.
pub(crate) const PICTURE: &str = "data:image/png;base64,iVBORw0KGgo=";
/// A model of authenticators, and whose certificate vouches for it.
pub(crate) const MODEL: &str = "ee882879-721c-4913-9775-3dfcce97072a";
pub(crate) const ROOT: &str = include_str!("../passkey-root.pem");

const DAY: i64 = 86_400_000_000;

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

struct TestRandom(AtomicU64);

impl Random for TestRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in out.chunks_mut(32) {
            let n = self.0.fetch_add(1, Ordering::SeqCst);
            chunk.copy_from_slice(&sallyport_crypto::digest::sha256(&n.to_be_bytes())[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) org: Arc<Org>,
    pub(crate) face: Face,
    clock: Arc<TestClock>,
    /// Tokens by kind of caller: a role, `expired` or `revoked`.
    tokens: BTreeMap<&'static str, String>,
    /// Ids of what is in the organisation, by the names the tests use.
    pub(crate) ids: BTreeMap<&'static str, String>,
    /// Every secret that was shown while it was made.
    pub(crate) secrets: Vec<String>,
    /// Whoever carries texts and calls.
    pub(crate) company: Option<Simulator>,
    /// The post office that takes its mail.
    pub(crate) office: simulator::mail::Office,
    stop: tokio::sync::watch::Sender<bool>,
    folder: tempfile::TempDir,
}

impl World {
    /// An organisation with settings and tokens, and nothing else.
    pub(crate) async fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock(AtomicI64::new(START)));
        let keys = KeyRing::new(&[7; 32], "org_test").expect("keys");
        let org = Arc::new(Org {
            id: OrgId::new(Uuid::from_u128(1)),
            db: Db::open(Location::Sqlite(folder.path().join("test.db"))).expect("a database"),
            passwords: Pool::start(2, 64, keys.pepper()),
            keys,
            random: Arc::new(TestRandom(AtomicU64::new(1))),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            hub: Hub::default(),
            shelf: sallyport_app::package::Shelf::default(),
            outbound: sallyport_app::Outbound::new(vec!["127.0.0.1/32".parse().expect("loopback")]),
            web_push: sallyport_app::WebPush::default(),
            places: sallyport_app::places::Places::default(),
            bells: sallyport_app::bells::Bells::default(),
            live: sallyport_app::live::Live::default(),
            view: sallyport_app::view::View::default(),
            remote_keys: sallyport_app::oidc::RemoteKeys::default(),
            config: OrgConfig {
                external_url: "https://sallyport.example.com".into(),
                ca_pem: "-----BEGIN CERTIFICATE-----\n".into(),
                shows_own_certificate: true,
                ca_fingerprint: "0".repeat(32),
                packages: folder.path().join("packages"),
                events: folder.path().join("events"),
            },
        });
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let face = public_face(State { org: Arc::clone(&org), metrics: Default::default(), stopping });
        let (tokens, ids, secrets) = Default::default();
        let mut world = Self {
            org,
            face,
            clock,
            tokens,
            ids,
            secrets,
            company: None,
            office: Default::default(),
            stop,
            folder,
        };
        world.set_up().await;
        world
    }

    /// An organisation with something of every noun in it.
    pub(crate) async fn full() -> Self {
        let mut world = Self::bare().await;
        world.people_and_groups().await;
        world.session().await;
        world.remembered_browser().await;
        world.half_a_sign_in().await;
        world.devices().await;
        world.hardware_tokens().await;
        world.the_rest().await;
        world.telephony().await;
        world.reset().await;
        world.alarm().await;
        world.mail().await;
        world.connector().await;
        world.told().await;
        world.passkey_model().await;
        world
    }

    async fn passkey_model(&mut self) {
        let model = json!({ "aaguid": MODEL, "name": "Acme Key", "roots": ROOT });
        self.owner().post("/passkey-models", model).await.expect(200);
    }

    async fn set_up(&mut self) {
        let ctx = self.system();
        let settings = Settings { organization: "Example".into(), ..Settings::default() };
        let put = ctx.write(move |tx| {
            let created = tx.create(settings.clone())?;
            tx.record(created, "setup");
            Ok(())
        });
        put.await.expect("settings");
        for (name, role, days) in [
            ("owner", Role::Owner, 30),
            ("administrator", Role::Administrator, 30),
            ("help_desk", Role::HelpDesk, 30),
            ("auditor", Role::Auditor, 30),
            ("command_runner", Role::CommandRunner, 30),
            ("expired", Role::Owner, 1),
            ("revoked", Role::Owner, 30),
            ("spare", Role::Auditor, 30),
        ] {
            let input = sallyport_api::rest::CreateToken { name: name.into(), role, days };
            let (token, secret) = token::create(&ctx, input).await.expect("a token");
            self.tokens.insert(name, secret.expose().to_owned());
            self.secrets.push(secret.expose().to_owned());
            if name == "revoked" {
                token::revoke(&ctx, token.id).await.expect("revoked");
            }
            if name == "spare" {
                self.ids.insert("token", token.id.to_string());
            }
        }
        self.clock.0.fetch_add(2 * DAY, Ordering::SeqCst);
    }

    async fn people_and_groups(&mut self) {
        let alice = json!({ "name": "alice", "display_name": "Alice Ahmadi", "active": true, "mails": ["alice@example.com"] });
        self.create("alice", "/users", alice).await;
        self.create("stella", "/users", json!({ "name": "stella" })).await;
        self.create("people", "/groups", json!({ "name": "people", "kind": "users" })).await;
        self.create("laptops", "/groups", json!({ "name": "laptops", "kind": "devices" })).await;
        self.owner().post("/groups/people/members", json!({ "user": "alice" })).await.expect(204);
        self.owner().put("/users/alice/password", json!({ "password": PASSWORD })).await.expect(200);
        let codes = self.owner().post("/users/alice/bypass-codes", json!({ "count": 2 })).await.expect(201);
        self.ids.insert("code", text(&codes.json["codes"][0]));
        self.secrets.extend(codes.json["codes"].as_array().expect("codes").iter().map(text));
        let code = self.owner().post("/users/alice/enrollment-code", json!({})).await.expect(201);
        self.secrets.push(text(&code.json["code"]));
        let factors = self.owner().get("/users/alice/factors").await.expect(200);
        self.ids.insert("factor", text(&factors.json["items"][0]["id"]));
    }

    /// A telephone company that carries what it is asked to, and alice's phone.
    async fn telephony(&mut self) {
        let (company, _) = Simulator::new("AC1", "a-token-of-the-account".into());
        self.company = Some(company.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(simulator::serve(listener, company, std::future::pending()));
        let telephony = json!({
            "provider": { "kind": "twilio", "account": "AC1", "url": url },
            "sender": "+15005550006",
            "secret": "a-token-of-the-account",
            "texts": true,
            "countries": ["+1"],
        });
        self.owner().put("/telephony", telephony).await.expect(200);
        self.secrets.push("a-token-of-the-account".into());
        let secret = "duosecret".repeat(5)[..40].to_owned();
        let duo = json!({ "client_id": "DIXXXXXXXXXXXXXXXXXX", "host": "localhost:1", "secret": secret });
        self.owner().put("/duo", duo).await.expect(200);
        self.secrets.push(secret);
        let phone =
            self.owner().post("/users/alice/phones", json!({ "number": "+15005550010" })).await.expect(201);
        self.ids.insert("phone", text(&phone.json["id"]));
    }

    /// A reset of alice, that help desk asked for and that waits.
    async fn reset(&mut self) {
        let asked = json!({ "what": "password", "reason": "forgotten" });
        let reset = self.caller("help_desk").post("/users/alice/resets", asked).await.expect(201);
        self.ids.insert("reset", text(&reset.json["id"]));
    }

    /// What alice's phone was asked, and was not her.
    async fn alarm(&mut self) {
        self.ids.insert("alarm", self.raised(77, AlarmState::Open).await);
    }

    /// Another of hers.
    pub(crate) async fn raised(&self, n: u128, state: AlarmState) -> String {
        let alice = self.ids["alice"].parse().expect("an id");
        raise(&self.system(), n, (alice, "alice"), state).await.to_string()
    }

    /// Has its mail taken by a post office, at this port.
    pub(crate) async fn post_office(&self) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(simulator::mail::take(listener, self.office.clone()));
        let server = json!({ "host": "127.0.0.1", "port": port, "security": "none" });
        self.owner().put("/mail", json!({ "server": server, "sender": "it@example.com" })).await.expect(200);
        port
    }

    /// A post office, two people with an address and nothing else, and a link that one of them got.
    async fn mail(&mut self) {
        let port = self.post_office().await;
        let server = json!({ "host": "127.0.0.1", "port": port, "security": "none", "user": "sallyport" });
        let mail =
            json!({ "server": server, "sender": "it@example.com", "password": "a-password-of-the-post" });
        self.owner().put("/mail", mail).await.expect(200);
        self.secrets.push("a-password-of-the-post".into());
        self.post_office().await;
        for name in ["nina", "emil"] {
            let person = json!({ "name": name, "active": true, "mails": [format!("{name}@example.com")] });
            self.owner().post("/users", person).await.expect(201);
        }
        let mailing = self.owner().post("/mailings", json!({ "users": ["nina"] })).await.expect(201);
        let id = text(&mailing.json["id"]);
        // It goes on by itself, and writes as it goes.
        while self.owner().get(&format!("/mailings/{id}")).await.expect(200).json["ended"].is_null() {
            tokio::task::yield_now().await;
        }
        self.ids.insert("mailing", id);
    }

    /// Alice between the doors.
    async fn half_a_sign_in(&mut self) {
        let alice = json!({ "name": "alice", "password": PASSWORD });
        let begun = self.caller("nobody").post("/sign-in", alice).await.expect(200);
        let handle = text(&begun.json["handle"]);
        self.secrets.push(handle.clone());
        self.ids.insert("handle", handle);
    }

    /// A browser in which alice is signed in.
    async fn session(&mut self) {
        let now = self.org.clock.now();
        let alice = self.owner().get("/users/alice").await.expect(200);
        let session = sallyport_app::Session {
            hash: "hash of a cookie".into(),
            user: self.ids["alice"].parse().expect("an id"),
            id: None,
            first_door: None,
            proofs: Vec::new(),
            bearer: false,
            opened_for: None,
            both_doors: true,
            epoch: alice.json["credential_epoch"].as_i64().expect("an epoch"),
            networks: vec!["192.0.2.0/24".into()],
            form_token: String::new(),
            source: None,
            user_agent: "Browser/1".into(),
            created: now,
            proved: None,
            expires: Time(now.0 + DAY),
            seen: now,
        };
        self.ids.insert("session", sallyport_app::session::id(&session));
        let ctx = self.system();
        ctx.write(move |tx| Ok(tx.put_session(&session)?)).await.expect("a session");
    }

    /// A browser in which alice is remembered.
    async fn remembered_browser(&mut self) {
        let (now, alice) = (self.org.clock.now(), self.ids["alice"].clone());
        let doc = json!({
            "id": "of-a-browser", "thumbprint": "", "point": "", "user_agent": "Browser/1",
            "proof": { "user": alice, "epoch": 1, "factor": FactorId::new(uuid::Uuid::nil()), "kind": "totp",
                       "resource": { "kind": "portal" }, "at": now },
        });
        let expires = Time(now.0 + DAY);
        let once = sallyport_store::Once { owner: alice, expires, used: None, doc: doc.to_string() };
        let ctx = self.system();
        let put = move |tx: &mut sallyport_app::Tx<'_, '_>| {
            Ok(tx.put_once("remembered_browser", "of-a-browser", &once)?)
        };
        ctx.write(put).await.expect("a browser");
        self.ids.insert("browser", "of-a-browser".into());
    }

    async fn devices(&mut self) {
        for (n, name) in [(1, "d1"), (2, "d2"), (3, "d3")] {
            let groups = if name == "d2" { json!([]) } else { json!(["laptops"]) };
            let token =
                self.owner().post("/enrollment-tokens", json!({ "groups": groups })).await.expect(201);
            let secret = text(&token.json["token"]);
            self.secrets.push(secret.clone());
            let request = EnrollRequest {
                token: secret.split('.').next().expect("a secret").to_owned(),
                host_name: name.into(),
                platform: Platform::Linux,
                public_key: SigningKey::from_seed(&[n; 32]).expect("a key").public().to_hex(),
                agent_version: "0.1.0".into(),
            };
            let enrolled = device::enroll(&self.nobody(), request).await.expect("enrolled");
            self.ids.insert(name, enrolled.device.to_string());
        }
        self.owner().act("/devices/d3/revoke").await.expect(200);
        let code = self.owner().act("/devices/d1/break-glass").await.expect(201);
        self.secrets.push(text(&code.json["code"]));
        let unused = self.owner().post("/enrollment-tokens", json!({})).await.expect(201);
        self.secrets.push(text(&unused.json["token"]));
        self.ids.insert("enrollment_token", text(&unused.json["id"]));
    }

    async fn the_rest(&mut self) {
        self.create("binding", "/bindings", json!({ "user": "alice", "device": "d1" })).await;
        let vpn = self
            .create("application", "/applications", json!({ "name": "vpn", "type": "duo-auth-api" }))
            .await;
        self.secrets.push(text(&vpn["skey"]));
        let charts = json!({
            "catalogue": "grafana", "name": "charts", "answers": { "base_url": "https://charts.example.com" },
        });
        let charts = self.create("charts", "/applications", charts).await;
        self.secrets.push(text(&charts["skey"]));
        let given = json!({ "used_by": { "kind": "everybody" }, "logo": PICTURE });
        self.owner().patch("/applications/charts", given).await.expect(200);
        let proxied = json!({ "name": "proxied", "origins": ["https://proxied.example.com"] });
        self.create("proxied", "/applications", proxied).await;
        let given = json!({ "used_by": { "kind": "everybody" } });
        self.owner().patch("/applications/proxied", given).await.expect(200);
        let keys = self.owner().get("/signing-keys").await.expect(200);
        self.ids.insert("signing_key", text(&keys.json["items"][0]["id"]));
        self.create("policy", "/policies", json!({ "name": "vpns", "sections": { "methods": ["push"] } }))
            .await;
        self.create("unused_policy", "/policies", json!({ "name": "unused" })).await;
        let abroad = json!({ "from": { "networks": { "not": true, "networks": ["192.0.2.0/24"] } } });
        self.create("access_rule", "/access-rules", json!({ "name": "office", "says": abroad })).await;
        self.owner().patch("/access-rules/office", json!({ "note": "no laptops yet" })).await.expect(200);
        let history = self.owner().get("/access-rules/office/history").await.expect(200);
        self.ids.insert("rule_version", history.json["items"][1]["change"].to_string());
        let hello = json!({ "name": "hello", "interpreter": "sh", "body": "echo hello", "devices": ["d1"] });
        self.create("command", "/commands", hello).await;
        let runs = self.owner().post("/commands/hello/launch", json!({})).await.expect(200);
        self.ids.insert("run", text(&runs.json["items"][0]["id"]));
    }

    /// A connector to an account in which nobody is, with a run that waits for somebody's word.
    async fn connector(&mut self) {
        let empty = || async {
            axum::Json(json!({ "stat": "OK", "response": [], "metadata": { "total_objects": 0 } }))
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = format!("http://{}", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(empty);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let skey = "Zh5eGmUq9zpfQnyUIu5OL9iWoMMv5ZNmk3zLJ4Ep";
        let duo = json!({
            "name": "duo", "type": "duo-export", "host": host, "ikey": "DIWJ8X6AEYOR5OMC6TQ1", "skey": skey,
        });
        let made = self.create("connector", "/connectors", duo).await;
        self.owner().patch("/connectors/duo", json!({ "enabled": true })).await.expect(200);
        self.secrets.push(skey.to_owned());
        let run = ExportRun {
            id: ExportRunId::new(Uuid::from_u128(1)),
            connector: text(&made["id"]).parse().expect("an id"),
            kind: ExportRunKind::Full,
            by: None,
            state: ExportRunState::Held,
            started: Time(START),
            ended: Some(Time(START)),
            reason: "12 people would be created".into(),
            counts: ExportCounts::default(),
        };
        self.ids.insert("export_run", run.id.to_string());
        self.system().write(move |tx| Ok(tx.put_export_run(&run)?)).await.expect("a run");
    }

    /// A webhook that was told something, and an event stream.
    async fn told(&mut self) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(|| async { "thanks" });
        tokio::spawn(async move { axum::serve(listener, router).await });
        let hook = json!({ "name": "hook", "url": url, "kinds": ["webhook"] });
        let made = self.create("webhook", "/webhooks", hook).await;
        self.secrets.push(text(&made["secret"]));
        let target = json!({ "kind": "file", "file": "events.json" });
        self.create("event_stream", "/event-streams", json!({ "name": "siem", "target": target })).await;
        sallyport_app::event::catch_up(&self.org).await.expect("somebody who listens");
        let told = self.owner().get("/webhooks/hook/deliveries").await.expect(200);
        self.ids.insert("event", text(&told.json["items"][0]["id"]));
    }

    /// A token that nobody has, with the seed of RFC 4226, appendix D, and one that is somebody's.
    async fn hardware_tokens(&mut self) {
        let seeds = [
            "3132333435363738393031323334353637383930",
            "cafecafecafecafecafecafecafecafecafecafe",
            "feedfeedfeedfeedfeedfeedfeedfeedfeedfeed",
        ];
        let rows = seeds.iter().zip(["SN-1,hotp", "SN-2,totp", "SN-3,totp"]);
        let rows: String = rows.map(|(seed, token)| format!("{token},{seed}\n")).collect();
        let rows = format!("serial,kind,secret\n{rows}");
        self.owner().post("/hardware-tokens/import", json!({ "file": rows })).await.expect(200);
        self.secrets.extend(seeds.map(str::to_owned));
        let token = self.owner().get("/hardware-tokens/SN-1").await.expect(200);
        self.ids.insert("hardware_token", text(&token.json["id"]));
        self.owner().post("/hardware-tokens/SN-2/assign", json!({ "user": "stella" })).await.expect(200);
    }

    async fn create(&mut self, name: &'static str, path: &str, body: Value) -> Value {
        let created = self.owner().post(path, body).await.expect(201);
        self.ids.insert(name, text(&created.json["id"]));
        created.json
    }

    /// A call by the server itself.
    pub(crate) fn system(&self) -> Ctx {
        Ctx::system(&self.org, "test")
    }

    pub(crate) fn nobody(&self) -> Ctx {
        self.system().with_caller(sallyport_app::Caller::Nobody)
    }

    pub(crate) fn owner(&self) -> Caller<'_> {
        self.caller("owner")
    }

    /// Somebody of this kind: a role, `nobody`, `expired` or `revoked`.
    pub(crate) fn caller(&self, kind: &str) -> Caller<'_> {
        let token = self.tokens.get(kind).cloned();
        assert_eq!(token.is_none(), kind == "nobody", "an unknown caller {kind}");
        Caller { world: self, token, headers: Vec::new(), address: None }
    }

    /// The token of a caller of this kind.
    pub(crate) fn token(&self, kind: &str) -> &str {
        &self.tokens[kind]
    }

    pub(crate) fn with_token(&self, token: &str) -> Caller<'_> {
        Caller { world: self, token: Some(token.to_owned()), headers: Vec::new(), address: None }
    }

    /// Every byte of the database.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let files = ["test.db", "test.db-wal"].map(|name| self.folder.path().join(name));
        files.iter().flat_map(|file| std::fs::read(file).unwrap_or_default()).collect()
    }

    pub(crate) fn advance(&self, span: Span) {
        self.clock.0.fetch_add(span.0, Ordering::SeqCst);
    }

    /// Tells handlers that the server is about to stop.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
