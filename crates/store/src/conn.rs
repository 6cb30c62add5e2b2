//! One connection to either engine, and the queries it runs.

use std::collections::HashMap;

use crate::{
    StoreError,
    sql::{Param, Row},
};

/// Reads rows. Every lookup in the store is a method of this; [`crate::Tx`] adds the writes.
pub struct Reader {
    engine: Engine,
    /// Whether the engine asked for the transaction to be run again.
    pub(crate) conflict: bool,
}

enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres { client: Box<postgres::Client>, prepared: HashMap<String, postgres::Statement> },
}

impl Reader {
    pub(crate) fn sqlite(connection: rusqlite::Connection) -> Self {
        connection.set_prepared_statement_cache_capacity(128);
        Self { engine: Engine::Sqlite(connection), conflict: false }
    }

    pub(crate) fn postgres(client: postgres::Client) -> Self {
        Self {
            engine: Engine::Postgres { client: Box::new(client), prepared: HashMap::new() },
            conflict: false,
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Engine::Postgres { .. })
    }

    /// Whether the connection is gone and must be replaced.
    pub(crate) fn is_closed(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => false,
            Engine::Postgres { client, .. } => client.is_closed(),
        }
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => connection.execute_batch(sql).map_err(StoreError::from),
            Engine::Postgres { client, .. } => match client.batch_execute(sql) {
                Ok(()) => Ok(()),
                Err(error) => {
                    self.conflict |= is_conflict(&error);
                    Err(error.into())
                }
            },
        };
        done
    }

    /// Runs a statement; how many rows it touched. `None` if a unique key was hit.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Option<u64>, StoreError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                match statement.execute(rusqlite::params_from_iter(params)) {
                    Ok(count) => Ok(Some(count as u64)),
                    Err(rusqlite::Error::SqliteFailure(failure, _))
                        if failure.code == rusqlite::ErrorCode::ConstraintViolation =>
                    {
                        Ok(None)
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Engine::Postgres { client, prepared } => {
                let done = prepare(client, prepared, sql)
                    .and_then(|statement| client.execute(&statement, &borrowed(params)));
                match done {
                    Ok(count) => Ok(Some(count)),
                    Err(error) if error.code() == Some(&postgres::error::SqlState::UNIQUE_VIOLATION) => {
                        Ok(None)
                    }
                    Err(error) => {
                        self.conflict |= is_conflict(&error);
                        Err(error.into())
                    }
                }
            }
        }
    }

    /// Runs a query and maps its rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(&numbered(sql))?;
                let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(map(&Row::Sqlite(row))?);
                }
                Ok(out)
            }
            Engine::Postgres { client, prepared } => {
                let rows = prepare(client, prepared, sql)
                    .and_then(|statement| client.query(&statement, &borrowed(params)));
                match rows {
                    Ok(rows) => rows.iter().map(|row| map(&Row::Postgres(row))).collect(),
                    Err(error) => {
                        self.conflict |= is_conflict(&error);
                        Err(error.into())
                    }
                }
            }
        }
    }

    /// The first row, if there is one.
    pub(crate) fn query_one<T>(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, params, map)?.into_iter().next())
    }
}

fn prepare(
    client: &mut postgres::Client,
    prepared: &mut HashMap<String, postgres::Statement>,
    sql: &str,
) -> Result<postgres::Statement, postgres::Error> {
    if let Some(statement) = prepared.get(sql) {
        return Ok(statement.clone());
    }
    let statement = client.prepare(sql)?;
    prepared.insert(sql.to_owned(), statement.clone());
    Ok(statement)
}

fn borrowed<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn postgres::types::ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn postgres::types::ToSql + Sync)).collect()
}

/// SQLite counts `$1` as a name in order of appearance; `?1` is a number, as PostgreSQL means it.
fn numbered(sql: &str) -> std::borrow::Cow<'_, str> {
    if sql.contains('$') { sql.replace('$', "?").into() } else { sql.into() }
}

fn is_conflict(error: &postgres::Error) -> bool {
    use postgres::error::SqlState;
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}
