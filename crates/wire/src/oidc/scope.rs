//! Scopes: words with spaces between them (RFC 6749, section 3.3).

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use super::error::{ErrorCode, OAuthError};

/// Most words, and the longest of them.
const MOST: usize = 64;
const LONGEST: usize = 128;

/// A set of words, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scope(BTreeSet<String>);

impl Scope {
    /// # Errors
    /// A word that is none, or too many.
    pub fn read(text: &str) -> Result<Self, OAuthError> {
        let is_word = |word: &str| {
            word.len() <= LONGEST
                && word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
        };
        let words: BTreeSet<String> =
            text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if words.len() > MOST || !words.iter().all(|word| is_word(word)) {
            return Err(OAuthError::new(ErrorCode::InvalidScope, "the scope cannot be read"));
        }
        Ok(Self(words))
    }

    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The words that are in both.
    #[must_use]
    pub fn and(&self, allowed: &BTreeSet<String>) -> Self {
        Self(self.0.intersection(allowed).cloned().collect())
    }

    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    #[must_use]
    pub fn without(mut self, word: &str) -> Self {
        self.0.remove(word);
        self
    }
}

impl<S: Into<String>> FromIterator<S> for Scope {
    fn from_iter<T: IntoIterator<Item = S>>(words: T) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}
