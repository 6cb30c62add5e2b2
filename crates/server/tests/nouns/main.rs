//! The command line's nouns, by the binary, against a server in this process.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "all of this is a test; the exemption of tests stops at their helping functions"
)]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
};

use sallyport_api::agent::{EnrollRequest, INTERNAL_NAME, RunEvent, RunHappening, Stream};
use sallyport_app::{
    Caller, Clock as _, Ctx, Org, OrgConfig, SystemClock, authority, device, hub::Hub, run, setup,
};
use sallyport_crypto::{SystemRandom, keyring::KeyRing, password::Pool, sign::SigningKey};
use sallyport_model::{
    Platform, Time,
    id::{DeviceId, OrgId},
};
use sallyport_store::{Db, Location};
use sallyport_web::{
    State,
    serve::{self, Faces},
    tls,
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::watch};

mod session;

const PASSWORD: &str = "gravel tulip hovercraft";

struct House {
    org: Arc<Org>,
    url: String,
    folder: tempfile::TempDir,
    _stop: watch::Sender<bool>,
}

impl House {
    /// A server that is set up, and an owner's token.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let (random, now) = (SystemRandom::new(), SystemClock.now());
        let keys = KeyRing::new(&[7; 32], "org_test").unwrap();
        let db = Db::open(Location::Sqlite(folder.path().join("test.db"))).unwrap();
        let ca = tokio::task::block_in_place(|| authority::load(&db, &keys, &random, now)).unwrap();
        let names = [vec![INTERNAL_NAME.to_owned()], vec!["localhost".to_owned()]];
        let leaves = names.map(|names| ca.issue(&names, now.unix_seconds(), &random).unwrap());
        let identity =
            |n: usize| tls::Identity { chain_pem: &leaves[n].chain_pem, key_pem: &leaves[n].key_pem };
        let tls = tls::server_config(&tls::Shown::new(&identity(0), &identity(1)).unwrap()).unwrap();
        std::fs::write(folder.path().join("ca.pem"), &ca.certificate_pem).unwrap();
        let org = Arc::new(Org {
            id: OrgId::new(uuid::Uuid::from_u128(1)),
            passwords: Pool::start(1, 8, keys.pepper()),
            db,
            keys,
            random: Arc::new(random),
            clock: Arc::new(SystemClock),
            hub: Hub::default(),
            shelf: sallyport_app::package::Shelf::default(),
            outbound: sallyport_app::Outbound::default(),
            web_push: sallyport_app::WebPush::default(),
            places: sallyport_app::places::Places::default(),
            bells: sallyport_app::bells::Bells::default(),
            live: sallyport_app::live::Live::default(),
            view: sallyport_app::view::View::default(),
            remote_keys: sallyport_app::oidc::RemoteKeys::default(),
            config: OrgConfig {
                external_url: url.clone(),
                shows_own_certificate: true,
                ca_fingerprint: sallyport_crypto::authority::fingerprint(&ca.certificate_pem).unwrap(),
                ca_pem: ca.certificate_pem,
                packages: folder.path().join("packages"),
                events: folder.path().join("events"),
            },
        });
        let (stop, stopping) = watch::channel(false);
        let state = State { org: Arc::clone(&org), metrics: Default::default(), stopping: stopping.clone() };
        let faces = Faces {
            agents: sallyport_web::agent_face(state.clone()),
            people: sallyport_web::public_face(state),
        };
        tokio::spawn(serve::serve(listener, tls, faces, serve::Limits::default(), stopping));
        let house = Self { org, url, folder, _stop: stop };
        house.set_up().await;
        house
    }

    async fn set_up(&self) {
        let local = self.system().with_caller(Caller::LocalAdmin);
        let input = setup::Setup {
            organization: "Example".into(),
            admin_name: "olga".into(),
            password: PASSWORD.into(),
        };
        let done = setup::by_local_admin(&local, input).await.unwrap();
        std::fs::write(self.path("token"), done.token.unwrap().expose()).unwrap();
    }

    /// A device that has enrolled into the group `laptops`.
    async fn enroll(&self, name: &str) -> DeviceId {
        self.json(&["group", "create", "--name", "laptops", "--kind", "devices"]).await;
        let made = self.json(&["enrollment-token", "create", "--group", "laptops", "--hours", "2"]).await;
        let token = made["token"].as_str().unwrap().split('.').next().unwrap().to_owned();
        let request = EnrollRequest {
            token,
            host_name: name.into(),
            platform: Platform::Linux,
            public_key: SigningKey::from_seed(&[1; 32]).unwrap().public().to_hex(),
            agent_version: "0.1.0".into(),
        };
        device::enroll(&self.system().with_caller(Caller::Nobody), request).await.unwrap().device
    }

    fn system(&self) -> Ctx {
        Ctx::system(&self.org, "test")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, "").await
    }

    async fn run_with(&self, args: &[&str], input: &'static str) -> Output {
        let mut command = sallyport(args);
        command
            .env("SALLYPORT_URL", &self.url)
            .env("SALLYPORT_CA", self.path("ca.pem"))
            .env("SALLYPORT_TOKEN_FILE", self.path("token"));
        tokio::task::spawn_blocking(move || finish(command, input)).await.unwrap()
    }

    /// What a call that must go well prints.
    async fn said(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert!(output.status.success(), "{args:?}: {}", err(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(&[args, &["--json"]].concat()).await).unwrap()
    }

    /// What a call that must be refused says.
    async fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args).await;
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        err(&output)
    }
}

fn sallyport(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sallyport"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SALLYPORT_"))
    {
        command.env_remove(name);
    }
    command.args(args);
    command
}

fn finish(mut command: Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Whoever does not read it has closed it.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_made_and_looked_after() {
    let house = House::open().await;
    let args =
        ["user", "create", "alice", "--display-name", "Alice A", "--mail", "a@example.com", "--active"];
    assert_eq!(house.json(&args).await["state"], "active");
    let password = ["user", "set-password", "alice", "--password-file", "-"];
    let set = house.run_with(&password, "gravel tulip hovercraft\n").await;
    assert!(set.status.success(), "{}", err(&set));
    let codes = house.json(&["user", "bypass-codes", "alice", "--count", "3"]).await;
    assert_eq!(codes["codes"].as_array().map(Vec::len), Some(3));
    assert_eq!(house.said(&["user", "enrollment-code", "alice"]).await.trim().len(), 19);
    house.said(&["user", "set-roles", "alice", "--role", "auditor"]).await;
    let updated = house.json(&["user", "update", "alice", "--device-right", "administrator"]).await;
    assert_eq!(
        (&updated["device_right"], &updated["roles"][0]),
        (&"administrator".into(), &"auditor".into())
    );
    assert!(house.json(&["user", "update", "alice", "--no-device-right"]).await["device_right"].is_null());
    assert_eq!(house.json(&["user", "lock-password", "alice"]).await["password_lock"], "everybody");
    assert_eq!(house.json(&["user", "unlock", "alice"]).await["password_status"], "active");
    assert!(house.said(&["user", "suspend", "alice"]).await.contains("alice is suspended"));
    let table = house.said(&["user", "list", "--state", "suspended"]).await;
    assert!(table.starts_with("NAME") && table.contains("Alice A") && !table.contains("olga"), "{table}");
    let trail = house.said(&["audit", "list", "--text", "suspend"]).await;
    assert!(trail.contains("token setup") && trail.contains("alice"), "{trail}");
    assert!(house.said(&["audit", "export"]).await.starts_with("place,time"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_imported_after_a_look() {
    let house = House::open().await;
    let file = house.path("people.csv");
    std::fs::write(&file, "name,display_name\nbob,Bob\nroot,Nobody\n").unwrap();
    let plan = house.said(&["user", "import", path(&file), "--dry-run"]).await;
    assert!(plan.contains("1 would be created") && plan.contains("system account"), "{plan}");
    assert!(house.refused(&["user", "show", "bob"]).await.contains("Not found: there is no user `bob`"));
    assert_eq!(house.json(&["user", "import", path(&file)]).await["refused"], 1);
    assert_eq!(house.json(&["user", "show", "bob"]).await["state"], "staged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_followed_to_its_end() {
    let house = House::open().await;
    let device = house.enroll("d1").await;
    house.json(&["command", "create", "--name", "Hello", "--body", "echo hello"]).await;
    let mut moves = house.org.hub.watch_runs();
    let follow = house.run(&["command", "run", "Hello", "--device", "d1", "--follow"]);
    let device_acts = async {
        let ctx = house.system().with_caller(Caller::Device { id: device, name: "d1".into() });
        let run = moves.recv().await.unwrap();
        assert_eq!(run::orders_for(&ctx, device).await.unwrap().len(), 1);
        let printed = |stream, data: &str| RunHappening::Output { stream, data: data.into() };
        for (seq, what) in (1..).zip([
            RunHappening::Started,
            printed(Stream::Stdout, "aGVsbG8KG1szMW0="),
            printed(Stream::Stderr, "b2gK"),
            RunHappening::Finished { exit_code: Some(3), reason: None },
        ]) {
            run::event(&ctx, device, RunEvent { run, seq, at: Time(0), what }).await.unwrap();
        }
        run
    };
    let (output, run) = tokio::join!(follow, device_acts);
    assert_eq!(output.status.code(), Some(1), "a run that failed is a failure");
    assert_eq!(String::from_utf8(output.stdout.clone()).unwrap(), "hello\n[31m");
    assert!(
        err(&output).starts_with("oh\n") && err(&output).contains("finished, exit code 3"),
        "{}",
        err(&output)
    );
    assert_eq!(house.json(&["run", "list", "--device", "d1"]).await["items"][0]["exit_code"], 3);
    assert_eq!(house.said(&["run", "output", &run.to_string()]).await, "hello\n[31m");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_bound_and_shown() {
    let house = House::open().await;
    house.enroll("d1").await;
    house.json(&["user", "create", "alice", "--active"]).await;
    let bind = ["binding", "create", "--user", "alice", "--device", "d1", "--administrator", "--take-over"];
    let binding = house.json(&bind).await;
    assert_eq!((&binding["right"], &binding["take_over"]), (&"administrator".into(), &true.into()));
    assert!(house.refused(&bind).await.contains("Does not fit: `alice` is bound to `d1` already"));
    let state = house.said(&["device", "state", "d1"]).await;
    assert!(state.contains("ACCOUNT") && state.contains("alice"), "{state}");
    assert_eq!(house.json(&["user", "right", "alice", "d1"]).await["effective"]["right"], "administrator");
    assert!(house.said(&["device", "break-glass", "d1"]).await.trim().len() >= 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_the_house_is_at_hand() {
    let house = House::open().await;
    let made = house.json(&["application", "create", "--type", "duo-auth-api", "--name", "X"]).await;
    for (field, length) in [("ikey", 20), ("skey", 40)] {
        assert_eq!(made[field].as_str().map(str::len), Some(length));
    }
    assert_eq!(made["host"].as_str(), house.url.strip_prefix("https://"));
    let shown = house.said(&["application", "rotate", "X"]).await;
    assert!(shown.contains("\n    -----BEGIN CERTIFICATE-----\n"), "{shown}");
    assert_eq!(
        house.json(&["settings", "update", "--shortest-password", "14"]).await["passwords"]["shortest"],
        14
    );
    let numbers = ["--first-uid", "30000", "--last-uid", "39999", "--home", "/srv/{name}"];
    let posix = &house.json(&[&["settings", "update"], &numbers[..]].concat()).await["posix"];
    assert_eq!(
        (&posix["first_uid"], &posix["last_uid"], &posix["home"]),
        (&30000.into(), &39999.into(), &"/srv/{name}".into())
    );
    let token = house.json(&["token", "create", "--name", "reader", "--role", "auditor"]).await;
    std::fs::write(house.path("token"), token["token"].as_str().unwrap()).unwrap();
    assert_eq!(house.json(&["token", "me"]).await["role"], "auditor");
    let refused = house.refused(&["settings", "update", "--shortest-password", "8"]).await;
    assert!(refused.contains("Not allowed: this needs the right to change settings"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_the_server_hears_no_token() {
    let house = House::open().await;
    let other = house.path("other.pem");
    let foreign = sallyport_crypto::authority::Root::create(0, &SystemRandom::new()).unwrap();
    std::fs::write(&other, foreign.certificate_pem).unwrap();
    let refused = house.refused(&["user", "list", "--ca", path(&other)]).await;
    assert!(refused.contains("is not the expected server"), "{refused}");
    let mut alone = sallyport(&["user", "list"]);
    assert!(err(&alone.output().unwrap()).contains("--url"));
    // Its authority is none of those that browsers trust.
    let mut unpinned = sallyport(&["user", "list", "--url", &house.url]);
    let refused = err(&unpinned.env("SALLYPORT_TOKEN", "spt_secret").output().unwrap());
    assert!(refused.contains("--ca") && refused.contains("is not the expected server"), "{refused}");
    assert_eq!(sallyport(&["user", "lst"]).output().unwrap().status.code(), Some(2));
    assert_eq!(sallyport(&["binding", "create", "--user", "alice"]).output().unwrap().status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn login_settings_of_a_group_are_set_shown_and_taken_away() {
    let house = House::open().await;
    house.said(&["group", "create", "--name", "ops", "--kind", "users"]).await;
    house.said(&["group", "create", "--name", "racks", "--kind", "devices"]).await;
    let set = ["group", "login-settings", "racks"];
    let given = [
        "--service",
        "sshd",
        "--asked-group",
        "ops",
        "--prompts",
        "2",
        "--ssh-keys",
        "key_alone",
        "--fail-mode",
        "open",
    ];
    let login = house.json(&[&set[..], &given].concat()).await["device_login"].clone();
    assert_eq!((&login["services"], &login["prompts"]), (&serde_json::json!(["sshd"]), &2.into()));
    assert_eq!(
        (login["groups"].as_array().map(Vec::len), &login["ssh_keys"]),
        (Some(1), &"key_alone".into())
    );
    // What is not given stays; everybody is no group.
    let login =
        house.json(&[&set[..], &["--everybody", "--auto-push", "true"]].concat()).await["device_login"]
            .clone();
    assert_eq!(
        (&login["groups"], &login["auto_push"], &login["prompts"]),
        (&serde_json::json!([]), &true.into(), &2.into())
    );
    house.enroll("d1").await;
    let shown = house.json(&["device", "show", "d1"]).await;
    assert_eq!((&shown["name"], &shown["login_settings"]["prompts"]["value"]), (&"d1".into(), &3.into()));
    house.said(&["group", "add-member", "racks", "--device", "d1"]).await;
    let table = house.said(&["device", "show", "d1"]).await;
    for row in [["prompts", "2", "racks"], ["fail_mode", "open", "racks"]] {
        assert!(table.lines().any(|line| line.split_whitespace().eq(row)), "{row:?}: {table}");
    }
    let off = house.json(&[&set[..], &["--use-organization"]].concat()).await;
    assert_eq!(off.get("device_login"), None);
    assert!(house.refused(&[&set[..], &["--prompts", "9"]].concat()).await.contains("from 1 to 5"));
    let args =
        ["settings", "update", "--login-ssh-keys", "key_alone", "--login-prompts", "1", "--login-everybody"];
    let settings = house.json(&args).await;
    assert_eq!(
        (&settings["device_login"]["ssh_keys"], &settings["device_login"]["prompts"]),
        (&"key_alone".into(), &1.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_can_be_taken_away() {
    let house = House::open().await;
    house.enroll("d1").await;
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f a@b";
    let given = ["--mail", "a@example.com", "--phone", "+441632960000", "--ssh-key", key];
    let alice = house.json(&[&["user", "create", "alice"], &given[..]].concat()).await;
    for field in ["mails", "phones", "ssh_keys"] {
        assert_eq!(alice[field].as_array().map(Vec::len), Some(1), "{field}");
    }
    let alice = house.json(&["user", "update", "alice", "--display-name", "A"]).await;
    assert_eq!(alice["mails"].as_array().map(Vec::len), Some(1), "what is not given stays");
    let alice = house.json(&["user", "update", "alice", "--no-mails", "--no-phones", "--no-ssh-keys"]).await;
    for field in ["mails", "phones", "ssh_keys"] {
        assert_eq!(alice[field], serde_json::json!([]), "{field}");
    }
    assert_eq!(
        house.run(&["user", "update", "alice", "--no-mails", "--mail", "a@b.example"]).await.status.code(),
        Some(2)
    );
    let given = ["--env", "A=1", "--device", "d1", "--group", "laptops"];
    house.json(&[&["command", "create", "--name", "Hello", "--body", "true"], &given[..]].concat()).await;
    let cleared = ["command", "update", "Hello", "--no-env", "--no-devices", "--no-groups"];
    let hello = house.json(&cleared).await;
    assert_eq!(hello["environment"], serde_json::json!({}));
    assert_eq!((&hello["devices"], &hello["groups"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_token_comes_with_the_line_to_type() {
    let house = House::open().await;
    assert!(house.json(&["enrollment-token", "create"]).await["install"].is_null(), "there is no package");
    std::fs::create_dir(house.path("packages")).unwrap();
    std::fs::write(house.path("packages").join("sallyport-agent_0.1.0_amd64.deb"), "a package").unwrap();
    let made = house.json(&["enrollment-token", "create"]).await;
    let (line, token) = (made["install"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert!(line.contains(&format!("{}/install.sh", house.url)) && line.contains(token), "{line}");
    let shown = house.said(&["enrollment-token", "create"]).await;
    assert!(shown.contains("install.sh") && shown.contains("sha256sum"), "{shown}");
}
