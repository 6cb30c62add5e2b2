//! Access rules as they rest: every sign-in asks for all of them, and whoever has read them before knows them by their text.

use crate::{Reader, StoreError};

const IN_USE: &str = "SELECT id, doc FROM access_rule WHERE state <> 'off' ORDER BY key";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[IN_USE];

impl Reader {
    /// The documents of all rules that are on or in a dry run, with their ids, in order of names.
    ///
    /// # Errors
    /// The engine's.
    pub fn access_rules_in_use(&mut self) -> Result<Vec<(String, String)>, StoreError> {
        self.query(IN_USE, &[], |row| Ok((row.text(0)?, row.text(1)?)))
    }
}
