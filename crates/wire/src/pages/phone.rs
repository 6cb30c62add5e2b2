//! What the page of a phone says (`docs/phone-page.md`). All but the answers is said by browsers that nobody knows yet.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::Secret;
use sallyport_model::{PhoneKeyKind, id::ChallengeId};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    webauthn::{Assertion, Attestation, WebAuthnError},
    webpush::Subscription,
};

/// One kind of message.
pub trait Message: Sized {
    /// # Errors
    /// It is no such message, or says something that cannot be read.
    fn read(json: &[u8]) -> Result<Self, MessageError>;
}

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("{field}: {why}")]
    Field { field: &'static str, why: String },
    #[error("the message: {0}")]
    Unreadable(String),
}

/// The page is no longer to be a phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forgetting {}

/// Asks what a key is to sign that shall be activated by this code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    pub code: Secret,
}

/// Brings a key for this code.
pub struct Activating {
    pub code: Secret,
    pub name: String,
    pub key: Key,
}

/// With what a phone will sign, and that it has it.
pub enum Key {
    BrowserKey {
        /// An uncompressed point of P-256, as far as the browser is to be believed.
        point: Vec<u8>,
        /// Over the text that was asked for, of fixed length.
        signature: Vec<u8>,
    },
    Passkey(Box<Attestation>),
}

impl Key {
    #[must_use]
    pub const fn kind(&self) -> PhoneKeyKind {
        match self {
            Self::BrowserKey { .. } => PhoneKeyKind::BrowserKey,
            Self::Passkey(_) => PhoneKeyKind::Passkey,
        }
    }
}

/// What somebody says on their phone to one request.
pub struct Answer {
    pub id: ChallengeId,
    pub said: Proved,
}

/// What was said, and by what it is proved where that matters.
pub enum Proved {
    /// With the number they typed and the phone's word for it.
    Yes {
        number: String,
        by: By,
    },
    No,
    NotMe,
}

/// How a phone gives its word.
pub enum By {
    /// With the key of its browser, over the text of the request.
    BrowserKey { signature: Vec<u8> },
    /// With a passkey, whose challenge is the hash of that text.
    Passkey(Box<Assertion>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActivatingSent {
    code: Secret,
    #[serde(default)]
    name: String,
    key: Proof,
}

#[derive(Deserialize)]
#[serde(tag = "said", rename_all = "snake_case", deny_unknown_fields)]
enum AnswerSent {
    Yes {
        id: ChallengeId,
        #[serde(default)]
        number: String,
        key: Proof,
    },
    No {
        id: ChallengeId,
    },
    NotMe {
        id: ChallengeId,
    },
}

/// A key, or what it signed: base64url for bytes, and the browser's answer as the JSON text that it is.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Proof {
    BrowserKey {
        #[serde(default)]
        point: String,
        signature: String,
    },
    Passkey {
        answer: String,
    },
}

impl Message for Asking {
    fn read(json: &[u8]) -> Result<Self, MessageError> {
        sent(json)
    }
}

impl Message for Forgetting {
    fn read(json: &[u8]) -> Result<Self, MessageError> {
        sent(json)
    }
}

impl Message for Subscription {
    fn read(json: &[u8]) -> Result<Self, MessageError> {
        Self::parse(json)
            .map_err(|error| MessageError::Field { field: "subscription", why: error.to_string() })
    }
}

impl Message for Activating {
    fn read(json: &[u8]) -> Result<Self, MessageError> {
        let sent: ActivatingSent = sent(json)?;
        let key = match sent.key {
            Proof::BrowserKey { point, signature } => {
                Key::BrowserKey { point: bytes("point", &point)?, signature: bytes("signature", &signature)? }
            }
            Proof::Passkey { answer } => Key::Passkey(Box::new(Attestation::parse(&answer).map_err(no_key)?)),
        };
        Ok(Self { code: sent.code, name: sent.name, key })
    }
}

impl Message for Answer {
    fn read(json: &[u8]) -> Result<Self, MessageError> {
        Ok(match sent(json)? {
            AnswerSent::No { id } => Self { id, said: Proved::No },
            AnswerSent::NotMe { id } => Self { id, said: Proved::NotMe },
            AnswerSent::Yes { id, number, key } => {
                let by = match key {
                    Proof::BrowserKey { signature, .. } => {
                        By::BrowserKey { signature: bytes("signature", &signature)? }
                    }
                    Proof::Passkey { answer } => {
                        By::Passkey(Box::new(Assertion::parse(&answer).map_err(no_key)?))
                    }
                };
                Self { id, said: Proved::Yes { number, by } }
            }
        })
    }
}

fn sent<T: DeserializeOwned>(json: &[u8]) -> Result<T, MessageError> {
    serde_json::from_slice(json).map_err(|error| MessageError::Unreadable(error.to_string()))
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, MessageError> {
    let why = || "must be base64url without padding".to_owned();
    BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| MessageError::Field { field, why: why() })
}

fn no_key(error: WebAuthnError) -> MessageError {
    MessageError::Field { field: "key", why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "chl_00000000000070008000000000000001";

    #[test]
    fn what_is_no_key_is_told_by_what_is_wrong_with_it() {
        let refused = |json: &str| Activating::read(json.as_bytes()).err().expect("refused").to_string();
        let padded = r#"{"code":"1","key":{"kind":"browser_key","point":"AA==","signature":"AA"}}"#;
        assert_eq!(refused(padded), "point: must be base64url without padding");
        let more = r#"{"code":"1","key":{"kind":"browser_key","point":"AA","signature":"AA","x":1}}"#;
        assert!(refused(more).contains("unknown field"));
        assert!(refused(r#"{"code":"1","key":{"kind":"passkey","answer":"{}"}}"#).starts_with("key: "));
    }

    #[test]
    fn a_no_needs_no_proof_and_a_yes_does() {
        let said = |json: &str| Answer::read(json.replace("ID", ID).as_bytes()).map(|answer| answer.said);
        assert!(matches!(said(r#"{"said":"no","id":"ID"}"#), Ok(Proved::No)));
        assert!(matches!(said(r#"{"said":"not_me","id":"ID"}"#), Ok(Proved::NotMe)));
        let yes =
            r#"{"said":"yes","id":"ID","number":"123","key":{"kind":"browser_key","signature":"AAEC"}}"#;
        assert!(matches!(
            said(yes),
            Ok(Proved::Yes { number, by: By::BrowserKey { signature } }) if number == "123" && signature == [0, 1, 2]
        ));
        for bad in
            [r#"{"said":"yes","id":"ID"}"#, r#"{"said":"no","id":"ID","number":"1"}"#, r#"{"id":"ID"}"#]
        {
            assert!(said(bad).is_err(), "{bad}");
        }
    }
}
