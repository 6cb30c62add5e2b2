//! What a service says to a message (RFC 8030 sections 5 and 7.3), told apart by what is to be done about it.

use crate::http::retry_after;

/// Nobody waits for a phone longer than this.
const LONGEST_WAIT: u32 = 24 * 3600;
const LONGEST_WORDS: usize = 200;

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// For good: the subscription is to be forgotten.
    #[error("the push service no longer knows this subscription")]
    Gone,
    /// The browser subscribed with another key; it has to subscribe anew.
    #[error("the push service does not take our key for this subscription ({status}): {said}")]
    Key { status: u16, said: String },
    #[error("the push service wants no message now ({status})")]
    Later { status: u16, seconds: Option<u32> },
    #[error("the push service answered {status}: {said}")]
    Other { status: u16, said: String },
    #[error("the message is too long for the push service")]
    TooLong,
}

/// Reads an answer that came at `now` (Unix seconds).
///
/// # Errors
/// The service did not take the message.
pub fn outcome(status: u16, retry_after: Option<&str>, body: &[u8], now: i64) -> Result<(), Refused> {
    let said = || {
        let text = String::from_utf8_lossy(body);
        text.chars().filter(|c| !c.is_control()).take(LONGEST_WORDS).collect()
    };
    match status {
        // The standard says 201, or 202 where a receipt was asked for; some services say 200 or 204.
        200..=202 | 204 => Ok(()),
        401 | 403 => Err(Refused::Key { status, said: said() }),
        404 | 410 => Err(Refused::Gone),
        413 => Err(Refused::TooLong),
        429 | 500..=599 => {
            Err(Refused::Later { status, seconds: retry_after.and_then(|given| seconds(given, now)) })
        }
        _ => Err(Refused::Other { status, said: said() }),
    }
}

fn seconds(given: &str, now: i64) -> Option<u32> {
    let seconds = retry_after::seconds(given, now)?;
    Some(u32::try_from(seconds).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT))
}
