//! Looking at a database without changing it, for whoever asks whether it is healthy: no schema is brought up, no file is
//! made, and nothing stands in the way of a server that runs on it.

use std::{os::unix::ffi::OsStrExt as _, path::Path};

use rusqlite::OpenFlags;

use crate::{Location, Reader, StoreError, db::connect, migrate};

/// A database in a snapshot that nothing can be written through.
pub struct Look {
    schema: i64,
    reader: Reader,
}

impl Look {
    /// Opens what is there. Blocks, as [`crate::Db::open`] does.
    ///
    /// # Errors
    /// When the engine cannot be reached, or there is no such database.
    pub fn at(location: &Location) -> Result<Self, StoreError> {
        let mut reader = match location {
            Location::Sqlite(path) => sqlite(path)?,
            Location::Postgres(_) => connect(location)?,
        };
        reader.begin(if reader.is_postgres() {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        } else {
            "BEGIN"
        })?;
        let schema = migrate::present(&mut reader)?;
        Ok(Self { schema, reader })
    }

    /// The number of the schema it has, 0 where it has none yet.
    #[must_use]
    pub const fn schema(&self) -> i64 {
        self.schema
    }

    /// The number of the schema that this program works on.
    #[must_use]
    pub fn wanted() -> i64 {
        migrate::wanted()
    }

    /// What reads it. Queries are right only for the schema that this program works on.
    pub const fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

/// Beside a file in WAL mode even a reader makes files of its own, and whoever looks may be somebody else than the
/// server. Where nobody has it open there is no log, and the file alone is all of it.
fn sqlite(path: &Path) -> Result<Reader, StoreError> {
    let log = [path.as_os_str().as_bytes(), b"-wal"].concat();
    let is_open = Path::new(std::ffi::OsStr::from_bytes(&log)).exists();
    let immutable = if is_open { "" } else { "?immutable=1" };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = rusqlite::Connection::open_with_flags(format!("{}{immutable}", uri(path)), flags)?;
    Ok(Reader::sqlite(connection))
}

/// A path as SQLite's URI for it.
fn uri(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
