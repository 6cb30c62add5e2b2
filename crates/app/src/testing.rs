//! An organisation for tests: real SQLite in a folder of its own, a clock that is set, and randomness that
//! repeats.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
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
}

impl TestOrg {
    /// A call by the server itself, which may do everything.
    pub(crate) fn system(&self) -> Ctx {
        Ctx { request: "test".into(), ..Ctx::system(&self.org, "test") }
    }

    /// A call by somebody at a front door, from an address of the documentation range.
    pub(crate) fn nobody(&self) -> Ctx {
        Ctx { source: Some([192, 0, 2, 7].into()), ..self.system().with_caller(Caller::Nobody) }
    }

    /// Every byte of the database, log included.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for name in ["test.db", "test.db-wal"] {
            bytes.extend(std::fs::read(self.folder.path().join(name)).unwrap_or_default());
        }
        bytes
    }

    /// A call by this person with these roles.
    pub(crate) fn person(&self, id: UserId, roles: &[sallyport_model::Role]) -> Ctx {
        let roles = roles.iter().copied().collect();
        self.system().with_caller(Caller::Person { id, name: "somebody".into(), roles })
    }
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
    let keys = KeyRing::new(&[7; 32], "org_test").unwrap();
    let clock = Arc::new(TestClock(AtomicI64::new(1_767_225_600_000_000)));
    let org = Org {
        id: OrgId::new(Uuid::from_u128(1)),
        db: Db::open(Location::Sqlite(folder.path().join("test.db"))).unwrap(),
        passwords: Pool::start(2, 64, keys.pepper()),
        keys,
        random: Arc::new(TestRandom(AtomicU64::new(1))),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        hub: Hub::default(),
        shelf: crate::package::Shelf::default(),
        config: OrgConfig {
            external_url: "https://sallyport.example.com".into(),
            ca_pem: String::new(),
            ca_fingerprint: "0".repeat(32),
            packages: folder.path().join("packages"),
        },
    };
    TestOrg { org: Arc::new(org), clock, folder }
}
