//! The database: where it is, how it is read, how it is written.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{Reader, StoreError, Tx, migrate, readers::Readers, writer::Writer};

/// Where the data is.
#[derive(Clone)]
pub enum Location {
    /// A file of SQLite's, made if it is not there. It belongs to one [`Db`] in one process: what anybody else writes to it
    /// is not seen before this one writes too.
    Sqlite(PathBuf),
    /// A PostgreSQL URL or key-value string. Connections are not encrypted: use a socket or a private network.
    Postgres(String),
}

/// The URL may hold a password.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.debug_tuple("Postgres").finish_non_exhaustive(),
        }
    }
}

/// The database of one organisation. Cloning shares it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Arc<Readers>,
    writer: Writer,
    head: watch::Receiver<i64>,
}

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
        let writes = connect(&location)?.counted_with(&first.asked());
        let readers = Arc::new(Readers::new(location, first));
        let writer = Writer::start(writes, Arc::clone(&readers), announce)?;
        let inner = Inner { readers, writer, head };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether other nodes may write to the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.inner.readers.location(), Location::Postgres(_))
    }

    /// The newest place in the feed this node has written; changes wake whoever waits for them. Other nodes'
    /// writes are seen by reading the feed.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<i64> {
        self.inner.head.clone()
    }

    /// A place in the feed that is no older than any write this database has answered to. `None` where other nodes
    /// write too, for then only the database knows.
    #[must_use]
    pub fn acknowledged(&self) -> Option<i64> {
        // The writer announces the head before it answers anybody.
        (!self.is_shared()).then(|| *self.inner.head.borrow())
    }

    /// How many statements this node has run, reads and writes, those that begin and end transactions aside.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.inner.readers.asked()
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
        match self.inner.readers.location() {
            Location::Sqlite(_) => self.read_blocking(f),
            Location::Postgres(_) => self.read_many(f).await,
        }
    }

    /// As [`Self::read`], where many rows are read: on a thread that may block, whatever the engine.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn read_many<T, E>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let db = self.clone();
        tokio::task::spawn_blocking(move || db.read_blocking(f))
            .await
            .unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// As [`Self::read`], for threads that may block.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_blocking<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.readers.run(f)
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

#[cfg(test)]
impl Db {
    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }
}

/// How long a PostgreSQL server may take to answer a new connection, where its URL says nothing else.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What each PostgreSQL session starts with. A node that vanishes in the middle of a write must not hold the
/// feed's head for ever, and what is acknowledged must be durable even where the server's default is less.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '30s'; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

pub(crate) fn connect(location: &Location) -> Result<Reader, StoreError> {
    match location {
        Location::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            switch_to_wal(&connection)?;
            connection.execute_batch(
                "PRAGMA synchronous = FULL; PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY; \
                 PRAGMA trusted_schema = OFF;",
            )?;
            Ok(Reader::sqlite(connection))
        }
        Location::Postgres(url) => {
            let mut config: postgres::Config = url.parse()?;
            if config.get_connect_timeout().is_none() {
                config.connect_timeout(CONNECT_TIMEOUT);
            }
            let mut client = config.connect(postgres::NoTls)?;
            client.batch_execute(SESSION)?;
            Ok(Reader::postgres(client))
        }
    }
}

/// Several connections that find a new file at once stand in each other's way without waiting, for two that hold
/// a lock and want a larger one would wait for ever. Taking the write lock, which does wait, is getting out of it.
fn switch_to_wal(connection: &rusqlite::Connection) -> Result<(), StoreError> {
    const MOST_ATTEMPTS: usize = 100;
    for _ in 0..MOST_ATTEMPTS {
        match connection.execute_batch("PRAGMA journal_mode = WAL").map_err(StoreError::from) {
            Err(StoreError::Busy) => {}
            done => return done,
        }
        connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").ok();
    }
    Err(StoreError::Busy)
}
