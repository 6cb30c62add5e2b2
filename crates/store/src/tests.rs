//! The store's promises, each tried on both engines.
//!
//! SQLite is always there. PostgreSQL is where `TEST_DATABASE_URL` says; without that its tests say that they are
//! skipped, and fail where `CI` is set.

mod batches;
mod changes;
mod connectors;
mod cut;
mod durability;
mod events;
mod feed;
mod groups;
mod lost;
mod migrations;
mod nodes;
mod nouns;
mod queries;
mod samples;
mod short;
mod telephony;

use std::{
    io::Write,
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

use crate::{Db, Location, Reader, StoreError, Tx, db::connect};

/// Instantiates test bodies, which take a [`Place`], for both engines.
macro_rules! on_both_engines {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test]
            fn $name() {
                super::$name(&$crate::tests::Place::sqlite());
            })*
        }
        mod postgres {
            $(#[test]
            fn $name() {
                if let Some(place) = $crate::tests::Place::postgres() {
                    super::$name(&place);
                }
            })*
        }
    };
}
pub(crate) use on_both_engines;

/// An empty database of one test, gone with it.
pub(crate) struct Place {
    pub(crate) location: Location,
    /// What takes the database away again.
    _guard: Guard,
}

enum Guard {
    File { _folder: tempfile::TempDir },
    Database { admin: String, name: String },
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("house.db"));
        Self { location, _guard: Guard::File { _folder: folder } }
    }

    pub(crate) fn postgres() -> Option<Self> {
        Self::postgres_with("LC_COLLATE 'C' LC_CTYPE 'C'")
    }

    /// A database on the test server, created with further options; `None`, said aloud, where there is no server.
    pub(crate) fn postgres_with(options: &str) -> Option<Self> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let Ok(admin) = std::env::var("TEST_DATABASE_URL") else {
            let thread = std::thread::current();
            let test = thread.name().unwrap_or("a test");
            assert!(std::env::var_os("CI").is_none(), "{test}: TEST_DATABASE_URL is not set");
            // Past the capture of output, which hides what passing tests print.
            writeln!(std::io::stderr(), "SKIPPED {test}: TEST_DATABASE_URL is not set").unwrap();
            return None;
        };
        let name = format!("store_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        run_sql(&admin, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {options}"));
        let (server, _) = admin.rsplit_once('/').expect("a URL that names a database");
        let location = Location::Postgres(format!("{server}/{name}"));
        Some(Self { location, _guard: Guard::Database { admin, name } })
    }

    /// Opens the database as one more node does.
    pub(crate) fn node(&self) -> Db {
        Db::open(self.location.clone()).unwrap()
    }

    /// A connection past the store.
    pub(crate) fn connection(&self) -> Reader {
        connect(&self.location).unwrap()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        match self {
            Self::File { .. } => {}
            Self::Database { admin, name } => {
                run_sql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

fn run_sql(url: &str, sql: &str) {
    let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
    client.batch_execute(sql).unwrap();
}

/// Holds the writer of a node busy, so that what is enqueued meanwhile waits together.
pub(crate) struct Gate {
    open: mpsc::Sender<()>,
}

impl Gate {
    pub(crate) fn close(db: &Db) -> Self {
        let (open, opened) = mpsc::channel::<()>();
        let (entered, inside) = mpsc::channel();
        let opened = std::sync::Mutex::new(opened);
        let answer = db.enqueue(move |_: &mut Tx<'_>| -> Result<(), StoreError> {
            entered.send(()).ok();
            // Run again, it finds the gate open.
            opened.lock().unwrap().recv().ok();
            Ok(())
        });
        drop(answer);
        inside.recv().unwrap();
        Self { open }
    }

    pub(crate) fn open(self) {
        drop(self.open);
    }
}

impl Db {
    /// Puts a write into the queue without waiting for its answer.
    pub(crate) fn enqueue<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> tokio::sync::oneshot::Receiver<Result<T, StoreError>> {
        self.writer().enqueue(f).unwrap()
    }

    /// Every change there is.
    pub(crate) fn feed(&self) -> Vec<sallyport_model::Change> {
        self.read_blocking(|reader| reader.changes_after(0, i64::MAX)).unwrap()
    }

    /// Writes, where nothing but the outcome matters.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_blocking(f)
    }
}
