//! Bringing a database to the current schema.

use crate::{Reader, StoreError};

/// Every migration, in order.
const MIGRATIONS: [(i64, &str); 18] = [
    (1, include_str!("../migrations/0001_house.sql")),
    (2, include_str!("../migrations/0002_command_trigger.sql")),
    (3, include_str!("../migrations/0003_spray.sql")),
    (4, include_str!("../migrations/0004_hardware_token.sql")),
    (5, include_str!("../migrations/0005_challenge.sql")),
    (6, include_str!("../migrations/0006_change_at.sql")),
    (7, include_str!("../migrations/0007_policy.sql")),
    (8, include_str!("../migrations/0008_connector.sql")),
    (9, include_str!("../migrations/0009_reset.sql")),
    (10, include_str!("../migrations/0010_telephony.sql")),
    (11, include_str!("../migrations/0011_client.sql")),
    (12, include_str!("../migrations/0012_alarm.sql")),
    (13, include_str!("../migrations/0013_signing_key.sql")),
    (14, include_str!("../migrations/0014_participant.sql")),
    (15, include_str!("../migrations/0015_access_rule.sql")),
    (16, include_str!("../migrations/0016_events.sql")),
    (17, include_str!("../migrations/0017_picture.sql")),
    (19, include_str!("../migrations/0019_overview.sql")),
];

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY)";
const NEWEST: &str = "SELECT version FROM schema_version ORDER BY version DESC LIMIT 1";
const APPLIED: &str = "INSERT INTO schema_version (version) VALUES ($1)";
#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[CREATE, NEWEST, APPLIED];

/// The schema that this program works on.
pub(crate) fn wanted() -> i64 {
    MIGRATIONS.iter().map(|(version, _)| *version).max().unwrap_or(0)
}

/// The schema that is there, 0 where there is none.
pub(crate) fn present(conn: &mut Reader) -> Result<i64, StoreError> {
    let known = if conn.is_postgres() {
        "SELECT count(*) FROM information_schema.tables \
         WHERE table_schema = current_schema() AND table_name = 'schema_version'"
    } else {
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'"
    };
    if conn.query_one(known, &[], |row| row.int(0))? != Some(1) {
        return Ok(0);
    }
    Ok(conn.query_one(NEWEST, &[], |row| row.int(0))?.unwrap_or(0))
}

/// Applies what is missing, each migration in a transaction of its own.
pub(crate) fn migrate(conn: &mut Reader) -> Result<(), StoreError> {
    // Two nodes starting at once take turns.
    let begin = if conn.is_postgres() {
        "BEGIN; SELECT pg_advisory_xact_lock(7305520151)"
    } else {
        "BEGIN IMMEDIATE"
    };
    loop {
        conn.begin(begin)?;
        conn.batch(CREATE)?;
        let newest = conn.query_one(NEWEST, &[], |row| row.int(0))?.unwrap_or(0);
        if newest > wanted() {
            conn.batch("ROLLBACK")?;
            return Err(StoreError::Engine(format!(
                "the database has schema {newest}, newer than this program knows; use a newer program"
            )));
        }
        let Some((version, text)) = MIGRATIONS.iter().find(|(version, _)| *version > newest) else {
            return conn.batch("COMMIT");
        };
        let applied = conn
            .batch(&spelled(text, conn.is_postgres()))
            .and_then(|()| conn.execute(APPLIED, &[(*version).into()]).map(|_| ()));
        match applied {
            Ok(()) => conn.batch("COMMIT")?,
            Err(error) => {
                conn.batch("ROLLBACK").ok();
                return Err(error);
            }
        }
    }
}

/// The text of a migration with its column kinds as the engine spells them.
fn spelled(text: &str, postgres: bool) -> String {
    let bytes = if postgres { "BYTEA" } else { "BLOB" };
    let text = text.replace(" BYTES", &format!(" {bytes}"));
    if postgres { text.replace(" TEXT", " TEXT COLLATE \"C\"") } else { text }
}
