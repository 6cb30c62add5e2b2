//! What the API answers: accepted under an identifier, or refused with a number and a sentence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most characters of a refusal's sentence that are kept.
const LONGEST_REASON: usize = 200;

/// Taken; whether it arrives is another matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    pub sid: String,
    #[serde(default)]
    pub status: String,
}

/// Why it was not taken. Told to administrators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the provider answered {status}{}: {reason}", .code.map(|code| format!(" with error {code}")).unwrap_or_default())]
pub struct Refused {
    pub status: u16,
    /// The provider's own number for it.
    pub code: Option<u64>,
    /// One line, of what can be printed.
    pub reason: String,
}

impl Refused {
    /// What can be done about it.
    #[must_use]
    pub const fn kind(&self) -> Refusal {
        match self.status {
            401 | 403 => Refusal::Account,
            429 => Refusal::Later,
            400..=499 => Refusal::Destination,
            _ => Refusal::Later,
        }
    }
}

/// Refusals, told apart by who can do something about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An administrator: account, token or rights are not right.
    Account,
    /// Nobody, for this number and sender.
    Destination,
    /// Time.
    Later,
}

/// Reads an answer.
///
/// # Errors
/// A refusal, or what is no answer of this API, which is one too.
pub fn outcome(status: u16, body: &[u8]) -> Result<Accepted, Refused> {
    let body = if body.len() > super::MOST_BYTES { &[] } else { body };
    if (200..300).contains(&status) {
        let accepted = serde_json::from_slice::<Accepted>(body).ok();
        return accepted.filter(|accepted| super::is_identifier(&accepted.sid)).ok_or_else(|| Refused {
            status,
            code: None,
            reason: "that is no answer of this API".into(),
        });
    }
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let reason = value.get("message").and_then(Value::as_str).unwrap_or("without a reason");
    Err(Refused {
        status,
        code: value.get("code").and_then(Value::as_u64),
        reason: reason
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_REASON)
            // It likes to repeat the number, and goes into logs.
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect(),
    })
}

impl Refused {
    /// As it travels.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::json!({ "code": self.code, "message": self.reason, "more_info": "", "status": self.status })
            .to_string()
    }
}
