//! The word of a browser that is remembered, or wants to be: what it was asked, its key, and what that key signed.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{digest, foreign::ForeignKey};
use serde::Deserialize;

/// Longest word that is looked at.
const LONGEST: usize = 1024;

/// What a key is asked to sign. No word for one is one for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Of who wants to be remembered.
    Remember,
    /// Of who is.
    Remembered,
}

/// The word of a browser's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub challenge: Vec<u8>,
    /// The key, an uncompressed point of P-256 as far as the browser is to be believed.
    pub point: [u8; 65],
    pub signature: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the browser's word cannot be read")]
pub struct WordError;

impl Word {
    /// Reads it as the page sends it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn parse(json: &str) -> Result<Self, WordError> {
        #[derive(Deserialize)]
        struct Sent<'a> {
            challenge: &'a str,
            point: &'a str,
            signature: &'a str,
        }
        if json.len() > LONGEST {
            return Err(WordError);
        }
        let sent: Sent<'_> = serde_json::from_str(json).map_err(|_| WordError)?;
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| WordError);
        Ok(Self {
            challenge: bytes(sent.challenge)?,
            point: bytes(sent.point)?.try_into().map_err(|_| WordError)?,
            signature: bytes(sent.signature)?,
        })
    }

    /// By which a browser and we know its key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        digest::hex(&digest::sha256(&self.point))
    }

    /// Whether the key is one, and signed that it was asked this by this challenge. Whose challenge it is, is another question.
    #[must_use]
    pub fn answers(&self, asked: Asked) -> bool {
        let key = Some(ForeignKey::Es256(self.point)).filter(ForeignKey::is_sound);
        let text = text(asked, &self.challenge);
        key.is_some_and(|key| key.verifies_fixed(text.as_bytes(), &self.signature))
    }
}

/// What a key signs.
fn text(asked: Asked, challenge: &[u8]) -> String {
    let what = match asked {
        Asked::Remember => "remember",
        Asked::Remembered => "remembered",
    };
    format!("sallyport {what} 1\n{}", BASE64URL_NOPAD.encode(challenge))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_none_is_refused_and_nothing_panics() {
        let long = format!(r#"{{"challenge":"{}","point":"","signature":""}}"#, "A".repeat(2000));
        for json in ["", "null", "{}", "[]", r#"{"challenge":"*","point":"","signature":""}"#, &long] {
            assert_eq!(Word::parse(json), Err(WordError), "{json}");
        }
        let short = r#"{"challenge":"","point":"AAAA","signature":""}"#;
        assert_eq!(Word::parse(short), Err(WordError));
        let point = "A".repeat(87);
        let no_key = Word::parse(&format!(r#"{{"challenge":"","point":"{point}","signature":""}}"#));
        let no_key = no_key.expect("87 letters are 65 bytes");
        assert!(!no_key.answers(Asked::Remember) && !no_key.answers(Asked::Remembered));
    }
}
