//! The database: where it is, how it is read, how it is written.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::{Reader, StoreError, Tx, migrate, writer::Writer};

/// Where the data is.
#[derive(Debug, Clone)]
pub enum Location {
    /// A file of SQLite's, made if it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL URL or key-value string. Connections are not encrypted: use a socket or a private network.
    Postgres(String),
}

/// The database of one organisation. Cloning shares it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    location: Location,
    idle: Mutex<Vec<Reader>>,
    writer: Writer,
    head: watch::Receiver<i64>,
}

/// Reading connections kept open; more are opened under load and closed after.
const KEPT_READERS: usize = 4;

impl Db {
    /// Opens the database, brings it to the current schema and starts its writer. Blocks; call it before
    /// serving or off the runtime.
    ///
    /// # Errors
    /// When the engine cannot be reached or the schema cannot be brought up.
    pub fn open(location: Location) -> Result<Self, StoreError> {
        let mut first = connect(&location)?;
        migrate::migrate(&mut first)?;
        let head = first.feed_head()?;
        let (announce, head) = watch::channel(head);
        let writer = Writer::start(connect(&location)?, location.clone(), announce)?;
        let inner = Inner { location, idle: Mutex::new(vec![first]), writer, head };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether other nodes may write to the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.location, Location::Postgres(_))
    }

    /// The newest place in the feed this node has written; changes wake whoever waits for them. Other nodes'
    /// writes are seen by reading the feed.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.inner.head.clone()
    }

    /// Runs `f` on a consistent snapshot. SQLite answers where it is called: lookups by key take microseconds
    /// and pages are bounded, so handing them to another thread would cost more than it saves. PostgreSQL is
    /// asked from a thread that may block.
    ///
    /// # Errors
    /// What `f` returns, or why there is no connection.
    pub async fn read<T, E>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self.inner.location {
            Location::Sqlite(_) => self.read_blocking(f),
            Location::Postgres(_) => {
                let db = self.clone();
                tokio::task::spawn_blocking(move || db.read_blocking(f))
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Stopped.into()))
            }
        }
    }

    /// As [`Self::read`], for threads that may block.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle.filter(|reader| !reader.is_closed()) {
            Some(reader) => reader,
            None => connect(&self.inner.location)?,
        };
        reader.batch(if reader.is_postgres() {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        })?;
        let result = f(&mut reader);
        if reader.batch("ROLLBACK").is_ok() {
            let mut idle = self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT_READERS {
                idle.push(reader);
            }
        }
        result
    }

    /// Runs `f` in a write transaction and answers once it is durable. `f` may run more than once and must
    /// have no effect but through its [`Tx`].
    ///
    /// # Errors
    /// What `f` returns (its writes are then undone), or why it could not be made durable.
    pub async fn write<T, E>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.writer.submit(f).await
    }

    /// As [`Self::write`], for threads that may block.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_blocking<T, E>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.inner.writer.submit_blocking(f)
    }
}

pub(crate) fn connect(location: &Location) -> Result<Reader, StoreError> {
    match location {
        Location::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_secs(10))?;
            connection.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; \
                 PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;",
            )?;
            Ok(Reader::sqlite(connection))
        }
        Location::Postgres(url) => Ok(Reader::postgres(postgres::Client::connect(url, postgres::NoTls)?)),
    }
}
