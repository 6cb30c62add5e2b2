//! An organisation for tests: real SQLite in a folder of its own, a clock that is set, and randomness that
//! repeats.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use sallyport_crypto::{Random, keyring::KeyRing, password::Pool, random::NoRandomness};
use sallyport_model::{
    Settings, Span, Time,
    id::{OrgId, UserId},
};
use sallyport_store::{Db, Location};
use uuid::Uuid;

use crate::{Caller, Clock, Ctx, Org, OrgConfig, hub::Hub};

/// A clock that stands until it is moved.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, span: Span) {
        self.0.fetch_add(span.0, Ordering::SeqCst);
    }
}

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
            let block = sallyport_crypto::digest::sha256(&n.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) struct TestOrg {
    pub(crate) org: Arc<Org>,
    pub(crate) clock: Arc<TestClock>,
    folder: tempfile::TempDir,
    starts: u64,
    /// Other nodes so far, each of which draws numbers of its own.
    others: AtomicU64,
    /// The PostgreSQL database, where it is one.
    database: Option<String>,
}

impl TestOrg {
    /// A call by the server itself, which may do everything.
    pub(crate) fn system(&self) -> Ctx {
        Ctx { request: "test".into(), ..Ctx::system(&self.org, "test") }
    }

    /// Whether other nodes may write to the database, which those of SQLite never do: a node keeps its snapshots there.
    pub(crate) const fn has_nodes(&self) -> bool {
        self.database.is_some()
    }

    /// A call by another node on the same database, which is started for it.
    pub(crate) fn other_node(&self) -> Ctx {
        let (database, folder) = (self.database.as_deref(), self.folder.path());
        let seed = (self.others.fetch_add(1, Ordering::SeqCst) + 1) << 32;
        Ctx::system(&node(location(database, folder), &self.clock, folder, seed), "test")
    }

    /// Calls by somebody at the front doors of two nodes, the second of which is started for it: what is read there is as
    /// new as this call, and after its own writes.
    pub(crate) fn doors(&self) -> [Ctx; 2] {
        let here = self.nobody();
        let there = Ctx { source: here.source, ..self.other_node().with_caller(Caller::Nobody) };
        [here, there]
    }

    /// The same call later, by the clock.
    pub(crate) fn now(&self, ctx: &Ctx) -> Ctx {
        Ctx { now: self.clock.now(), ..ctx.clone() }
    }

    /// The server is stopped and started again.
    pub(crate) fn restart(&mut self) {
        self.starts += 1;
        let (database, folder) = (self.database.as_deref(), self.folder.path());
        self.org = node(location(database, folder), &self.clock, folder, self.starts << 40);
    }

    /// A call by somebody at a front door, from an address of the documentation range.
    pub(crate) fn nobody(&self) -> Ctx {
        Ctx { source: Some([192, 0, 2, 7].into()), ..self.system().with_caller(Caller::Nobody) }
    }

    /// Every byte of the database, log included.
    pub(crate) fn dump(&self) -> Vec<u8> {
        if let Some(url) = &self.database {
            let text = std::process::Command::new("pg_dump").arg(url).output().unwrap().stdout;
            let text = String::from_utf8_lossy(&text).into_owned();
            // Bytes are dumped as hexadecimal digits; what they say counts too.
            let is_hex = |c: &char| c.is_ascii_hexdigit();
            let bytes = text.split("\\x").skip(1).flat_map(|part| {
                let digits: String = part.chars().take_while(is_hex).collect();
                data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap_or_default()
            });
            let bytes: Vec<u8> = bytes.collect();
            return [text.as_bytes(), &bytes].concat();
        }
        let mut bytes = Vec::new();
        for name in ["test.db", "test.db-wal"] {
            bytes.extend(std::fs::read(self.folder.path().join(name)).unwrap_or_default());
        }
        bytes
    }

    /// Where this test may leave files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The same, where something is known of places.
    pub(crate) fn knowing(mut self, files: &crate::places::PlaceFiles) -> Self {
        // Whoever called before may still hold the node; nobody holds a new one.
        self.restart();
        let org = Arc::get_mut(&mut self.org).expect("nobody has called yet");
        org.places = crate::places::Places::open(files).unwrap();
        self
    }

    /// A call by this person with these roles.
    pub(crate) fn person(&self, id: UserId, roles: &[sallyport_model::Role]) -> Ctx {
        let roles = roles.iter().copied().collect();
        self.system().with_caller(Caller::Person { id, name: "somebody".into(), roles })
    }
}

/// What comes of this if it is tried so many times at once, at both nodes by turns.
pub(crate) async fn at_once<T, F>(nodes: &[Ctx; 2], times: usize, attempt: impl Fn(Ctx) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let calls = nodes.iter().cycle().take(times).cloned();
    calls.map(attempt).collect::<tokio::task::JoinSet<_>>().join_all().await
}

/// An organisation that is set up, in January 2026.
pub(crate) async fn org() -> TestOrg {
    let test = bare_org();
    let settings = Settings { organization: "Example".into(), ..Settings::default() };
    test.system()
        .write(move |tx| {
            let created = tx.create(settings.clone())?;
            tx.record(created, "setup");
            Ok(())
        })
        .await
        .unwrap();
    test
}

/// An organisation before its setup.
pub(crate) fn bare_org() -> TestOrg {
    let folder = tempfile::tempdir().unwrap();
    let database = std::env::var(ON_POSTGRESQL).ok().map(|server| fresh_database(&server));
    let location = location(database.as_deref(), folder.path());
    let clock = Arc::new(TestClock(AtomicI64::new(1_767_225_600_000_000)));
    let org = node(location, &clock, folder.path(), 1);
    TestOrg { org, clock, folder, starts: 0, others: AtomicU64::new(0), database }
}

fn location(database: Option<&str>, folder: &Path) -> Location {
    match database {
        Some(url) => Location::Postgres(url.to_owned()),
        None => Location::Sqlite(folder.join("test.db")),
    }
}

/// A node of the organisation, with randomness that begins at `seed`.
fn node(location: Location, clock: &Arc<TestClock>, folder: &Path, seed: u64) -> Arc<Org> {
    // Opening blocks, which a runtime's own threads must not.
    let db = std::thread::spawn(|| Db::open(location)).join().unwrap().unwrap();
    let keys = KeyRing::new(&[7; 32], "org_test").unwrap();
    Arc::new(Org {
        id: OrgId::new(Uuid::from_u128(1)),
        db,
        passwords: Pool::start(2, 64, keys.pepper()),
        keys,
        random: Arc::new(TestRandom(AtomicU64::new(seed))),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        hub: Hub::default(),
        shelf: crate::package::Shelf::default(),
        view: crate::view::View::default(),
        remote_keys: crate::oidc::RemoteKeys::default(),
        outbound: sallyport_connect::outbound::Outbound::new(vec!["127.0.0.1/32".parse().unwrap()])
            .also_trusting(crate::factor::duo::testing::authority_pem()),
        web_push: sallyport_connect::web_push::WebPush::default(),
        places: crate::places::Places::default(),
        bells: crate::bells::Bells::default(),
        live: crate::live::Live::default(),
        config: OrgConfig {
            external_url: "https://sallyport.example.com".into(),
            ca_pem: String::new(),
            shows_own_certificate: true,
            ca_fingerprint: "0".repeat(32),
            packages: folder.join("packages"),
            events: folder.join("events"),
        },
    })
}

/// Holds the URL of a PostgreSQL server when the use cases are to be tested on one.
const ON_POSTGRESQL: &str = "SALLYPORT_APP_TESTS_ON";

/// A database of its own on that server, which is thrown away with everything in it.
fn fresh_database(server: &str) -> String {
    let random = sallyport_crypto::random::bytes::<8>(&sallyport_crypto::SystemRandom::new()).unwrap();
    let name = format!("app_{}", sallyport_crypto::digest::hex(&random));
    let create = format!("CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
    let made =
        std::process::Command::new("psql").args(["--quiet", "--command", &create, server]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (before, after) = server.rsplit_once('/').unwrap();
    let options = after.split_once('?').map(|(_, options)| format!("?{options}")).unwrap_or_default();
    format!("{before}/{name}{options}")
}

/// Every test of the use cases once more, on PostgreSQL: this program runs itself.
#[test]
fn all_of_it_on_postgresql() {
    if std::env::var_os(ON_POSTGRESQL).is_some() {
        return;
    }
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
        assert!(std::env::var_os("CI").is_none(), "TEST_DATABASE_URL is not set; run `make test`");
        use std::io::Write as _;
        writeln!(std::io::stderr(), "SKIPPED: the use cases on PostgreSQL; run `make test`").ok();
        return;
    };
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .env(ON_POSTGRESQL, server)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
}
