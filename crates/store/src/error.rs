//! What can go wrong below the use cases.

/// Why the store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// A row that does not read as what it should be.
    #[error("{table}: row `{id}` is damaged: {reason}")]
    BadRow { table: &'static str, id: String, reason: String },
    /// Something with this unique key is there already.
    #[error("{table}: `{key}` is taken")]
    Taken { table: &'static str, key: String },
    #[error("{table}: no row `{id}`")]
    Missing { table: &'static str, id: String },
    /// The row changed since it was read.
    #[error("{table}: `{id}` was changed by somebody else in the meantime")]
    Stale { table: &'static str, id: String },
    /// A mutation was not recorded in the feed: a fault of ours, refused before it is durable.
    #[error("{0} change(s) were not recorded")]
    Unrecorded(usize),
    /// Other writers were faster too many times.
    #[error("the database is too busy; try again")]
    Busy,
    /// The engine refused or failed.
    #[error("database: {0}")]
    Engine(String),
    /// The connection was lost between a commit and its answer: neither success nor failure may be claimed, and nothing
    /// is run again.
    #[error("the connection was lost at the commit; whether the write is durable is not known")]
    FateUnknown,
    /// The writer stopped; nothing was acknowledged.
    #[error("the database writer has stopped")]
    Stopped,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let busy =
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
        if busy { Self::Busy } else { Self::Engine(error.to_string()) }
    }
}

impl From<postgres::Error> for StoreError {
    fn from(error: postgres::Error) -> Self {
        // The crate's own text is only "db error"; the server's message says what happened.
        Self::Engine(error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned()))
    }
}
