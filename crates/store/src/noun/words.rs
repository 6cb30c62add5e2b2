//! The text that searches look through, without the nouns themselves: a whole directory of it fits into memory.

use super::Noun;
use crate::{Reader, StoreError};

/// Read at once, so that no answer of the engine's is larger than needed.
const AT_ONCE: i64 = 10_000;

/// What is searched of one noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub id: String,
    /// Folded.
    pub text: String,
}

impl Reader {
    /// The words of all of a kind, in order of ids.
    ///
    /// # Errors
    /// The engine's.
    pub fn all_words<T: Noun>(&mut self) -> Result<Vec<Words>, StoreError> {
        let mut all: Vec<Words> = Vec::new();
        loop {
            let after = all.last().map(|words| words.id.clone()).unwrap_or_default();
            let some = self.query(T::SQL.words, &[(&after).into(), AT_ONCE.into()], words)?;
            let last = i64::try_from(some.len()).is_ok_and(|count| count < AT_ONCE);
            all.extend(some);
            if last {
                return Ok(all);
            }
        }
    }

    /// The words of the one with this id, if there is one.
    ///
    /// # Errors
    /// The engine's.
    pub fn words_of<T: Noun>(&mut self, id: &str) -> Result<Option<Words>, StoreError> {
        self.query_one(T::SQL.words_of, &[id.into()], words)
    }
}

fn words(row: &crate::sql::Row<'_>) -> Result<Words, StoreError> {
    Ok(Words { id: row.text(0)?, text: row.text(1)? })
}
