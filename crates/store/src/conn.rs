//! One connection to either engine, and the queries it runs.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    StoreError,
    sql::{Param, Row},
};

/// Reads rows. Every lookup in the store is a method of this; [`crate::Tx`] adds the writes.
pub struct Reader {
    engine: Engine,
    /// Whether the engine asked for the transaction to be run again.
    pub(crate) conflict: bool,
    /// What failed first since the last [`Self::begin`]. The engines differ in what is left of a transaction
    /// after that, so nothing more runs in it.
    failed: Option<StoreError>,
    health: Health,
    /// Where in the feed this snapshot stands.
    pub(crate) place: Place,
    /// Counts what the engine is asked, over all connections of a database.
    asked: Arc<AtomicU64>,
    /// Whether a read has begun a snapshot on it that has not ended.
    pub(crate) in_snapshot: bool,
    /// See [`Self::edition`].
    pub(crate) edition: Option<u64>,
}

/// Where in the feed a snapshot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nobody asked yet.
    Unasked,
    At(i64),
    /// Nowhere: this is a write, whose own changes have no place before it ends.
    Writing,
}

enum Engine {
    Sqlite { connection: rusqlite::Connection, numbered: HashMap<&'static str, Box<str>> },
    Postgres { client: Box<postgres::Client>, prepared: HashMap<&'static str, postgres::Statement> },
}

/// Whether the connection can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Sound,
    /// The server is gone or has hung up; a new connection may do better.
    Lost,
    /// The disk failed under the database file; what it holds now is not known.
    Broken,
}

/// A failure of an engine with what follows from it.
struct Failure {
    error: StoreError,
    conflict: bool,
    health: Health,
}

impl Reader {
    pub(crate) fn sqlite(connection: rusqlite::Connection) -> Self {
        // More than there are queries, so that none is prepared twice.
        connection.set_prepared_statement_cache_capacity(512);
        Self::new(Engine::Sqlite { connection, numbered: HashMap::new() })
    }

    pub(crate) fn postgres(client: postgres::Client) -> Self {
        Self::new(Engine::Postgres { client: Box::new(client), prepared: HashMap::new() })
    }

    fn new(engine: Engine) -> Self {
        Self {
            engine,
            conflict: false,
            failed: None,
            health: Health::Sound,
            place: Place::Unasked,
            in_snapshot: false,
            edition: None,
            asked: Arc::default(),
        }
    }

    /// The same, counting where another connection of the database does.
    pub(crate) fn counted_with(self, other: &Arc<AtomicU64>) -> Self {
        Self { asked: Arc::clone(other), ..self }
    }

    /// Where this connection counts.
    pub(crate) fn asked(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.asked)
    }

    /// Of all that is stored, what is in the feed and what is not: two reads of one edition see the same. `None` where that
    /// is not known, as in a write, in the first read after one, and where other nodes write too.
    #[must_use]
    pub const fn edition(&self) -> Option<u64> {
        self.edition
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Whether the connection is gone and must be replaced.
    pub(crate) fn is_closed(&self) -> bool {
        match &self.engine {
            Engine::Sqlite { .. } => false,
            // The client alone would not notice: it looks at its own queue, not at the socket.
            Engine::Postgres { client, .. } => self.health == Health::Lost || client.is_closed(),
        }
    }

    /// Whether a read or write of the disk failed, after which nothing can be promised any more.
    pub(crate) fn is_broken(&self) -> bool {
        self.health == Health::Broken
    }

    /// What failed since the last [`Self::begin`].
    pub(crate) fn failure(&self) -> Option<&StoreError> {
        self.failed.as_ref()
    }

    /// Begins a transaction or a part of one, or goes back to its beginning: what failed before is forgotten.
    pub(crate) fn begin(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.failed = None;
        self.control(sql)
    }

    /// Runs one statement of those that begin and end transactions, which are run too often to be prepared anew.
    pub(crate) fn control(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = match &mut self.engine {
            Engine::Sqlite { connection, .. } => connection
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute([]))
                .map(drop)
                .map_err(Failure::from),
            Engine::Postgres { client, .. } => client.batch_execute(sql).map_err(Failure::from),
        };
        done.map_err(|failure| self.note(failure))
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = match &mut self.engine {
            Engine::Sqlite { connection, .. } => connection.execute_batch(sql).map_err(Failure::from),
            Engine::Postgres { client, .. } => client.batch_execute(sql).map_err(Failure::from),
        };
        done.map_err(|failure| self.note(failure))
    }

    /// Runs a statement; how many rows it touched. A row whose key is in use is no failure but not touched: the
    /// statements say so, for an error would end PostgreSQL's transaction and not SQLite's.
    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.may_ask()?;
        if params.iter().any(Param::is_unstorable) {
            return Err(StoreError::Engine("text holds the character U+0000".into()));
        }
        let done = match &mut self.engine {
            Engine::Sqlite { connection, numbered } => {
                sqlite_execute(connection, spelled(numbered, sql), params).map_err(Failure::from)
            }
            Engine::Postgres { client, prepared } => prepare(client, prepared, sql)
                .and_then(|statement| client.execute(&statement, &borrowed(params)))
                .map_err(Failure::from),
        };
        done.map_err(|failure| self.note(failure))
    }

    /// Runs a query and maps its rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.may_ask()?;
        if params.iter().any(Param::is_unstorable) {
            // No row can hold it, and PostgreSQL would not even look.
            return Ok(Vec::new());
        }
        let done = match &mut self.engine {
            Engine::Sqlite { connection, numbered } => {
                sqlite_query(connection, spelled(numbered, sql), params, &mut map).map_err(Failure::from)
            }
            Engine::Postgres { client, prepared } => prepare(client, prepared, sql)
                .and_then(|statement| client.query(&statement, &borrowed(params)))
                .map(|rows| rows.iter().map(|row| map(&Row::Postgres(row))).collect())
                .map_err(Failure::from),
        };
        done.map_err(|failure| self.note(failure))?
    }

    /// The first row, if there is one.
    pub(crate) fn query_one<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, params, map)?.into_iter().next())
    }

    /// Counts a statement, and refuses it where nothing more may run.
    fn may_ask(&self) -> Result<(), StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn note(&mut self, failure: Failure) -> StoreError {
        self.conflict |= failure.conflict;
        if self.health == Health::Sound {
            self.health = failure.health;
        }
        self.failed.get_or_insert(failure.error.clone());
        failure.error
    }
}

#[cfg(test)]
impl Reader {
    /// Whether the engine takes the text of a query.
    pub(crate) fn prepares(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Sqlite { connection, .. } => {
                connection.prepare(&numbered(sql)).map(|_| ()).map_err(Into::into)
            }
            Engine::Postgres { client, .. } => client.prepare(sql).map(|_| ()).map_err(Into::into),
        }
    }
}

fn sqlite_execute(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Param<'_>],
) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute(rusqlite::params_from_iter(params))? as u64)
}

/// The engine's failure outside, a damaged row's inside.
fn sqlite_query<T>(
    connection: &rusqlite::Connection,
    sql: &str,
    params: &[Param<'_>],
    map: &mut impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> rusqlite::Result<Result<Vec<T>, StoreError>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        match map(&Row::Sqlite(row)) {
            Ok(value) => out.push(value),
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(out))
}

fn prepare(
    client: &mut postgres::Client,
    prepared: &mut HashMap<&'static str, postgres::Statement>,
    sql: &'static str,
) -> Result<postgres::Statement, postgres::Error> {
    if let Some(statement) = prepared.get(sql) {
        return Ok(statement.clone());
    }
    let statement = client.prepare(sql)?;
    prepared.insert(sql, statement.clone());
    Ok(statement)
}

fn borrowed<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn postgres::types::ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn postgres::types::ToSql + Sync)).collect()
}

/// The text as SQLite spells it, worked out once.
fn spelled<'a>(known: &'a mut HashMap<&'static str, Box<str>>, sql: &'static str) -> &'a str {
    known.entry(sql).or_insert_with(|| numbered(sql).into())
}

/// SQLite counts `$1` as a name in order of appearance; `?1` is a number, as PostgreSQL means it.
fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let broken = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        let health = if broken { Health::Broken } else { Health::Sound };
        Self { error: error.into(), conflict: false, health }
    }
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        use postgres::error::SqlState;
        // A key that was free in the snapshot and is in use now was taken by a faster writer: the statements
        // themselves avoid keys that the snapshot shows.
        let conflict = matches!(
            error.code(),
            Some(
                &SqlState::T_R_SERIALIZATION_FAILURE
                    | &SqlState::T_R_DEADLOCK_DETECTED
                    | &SqlState::UNIQUE_VIOLATION
            )
        );
        let lost = match error.as_db_error() {
            Some(db) => matches!(db.parsed_severity(), Some(severity) if is_last_word(severity)),
            None => {
                error.is_closed()
                    || std::error::Error::source(&error).is_some_and(|cause| cause.is::<std::io::Error>())
            }
        };
        let health = if lost { Health::Lost } else { Health::Sound };
        Self { error: error.into(), conflict, health }
    }
}

/// Whether the server hangs up after saying this.
fn is_last_word(severity: postgres::error::Severity) -> bool {
    matches!(severity, postgres::error::Severity::Fatal | postgres::error::Severity::Panic)
}
