//! The only SQL: one text for SQLite and PostgreSQL.
//!
//! Writes are closures run by one writer, which batches them into group commits and runs them again when the
//! engine reports a serialization failure. A closure is synchronous and holds no IO but SQL, because there is
//! nothing else it could wait for. A directory mutation returns a [`Changed`], whose value can only be taken
//! out by recording the change; a closure that leaves one unrecorded does not commit.

mod access_rule;
mod client;
mod conn;
mod connector;
mod db;
mod error;
mod event;
mod feed;
mod look;
mod migrate;
mod noun;
mod overview;
mod participant;
mod readers;
mod short;
mod sign_in;
mod sql;
mod telephony;
mod tx;
mod writer;

#[cfg(test)]
mod tests;

pub use conn::Reader;
pub use db::{Db, Location};
pub use error::StoreError;
pub use event::{NewEvent, Place as EventPlace, PlacedEvent};
pub use feed::{ChangeFilter, During, Touched};
pub use look::Look;
pub use noun::{Edge, Noun, Page, PageRequest, Versioned, Words};
pub use overview::{Passing, PersonRow, Standing};
pub use participant::Participant;
pub use short::{DeviceStatus, Once, Proved, Session, Throttle};
pub use sign_in::{SignInCount, SignInFilter, StoredSignIn};
pub use telephony::TelephonySum;
pub use tx::{Changed, Stamp, Tx};
