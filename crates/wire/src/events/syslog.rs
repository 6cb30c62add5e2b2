//! Syslog messages (RFC 5424), and how they stand one after the other in a stream (RFC 6587, section 3.4.1: after their length).

use sallyport_model::Event;

use super::{Reporter, ocsf};

/// "Log audit" of RFC 5424, table 1.
const FACILITY: u32 = 13;

/// One message that says `text` of an event.
#[must_use]
pub fn message(event: &Event, text: &str, by: &Reporter) -> String {
    // Informational is 6, notice 5, warning 4, error 3.
    let severity = 7 - ocsf::severity_of(event).clamp(1, 4);
    let kind = event.what.kind();
    let at = event.what.at(event.at);
    format!(
        "<{}>1 {at} {} sallyport - {} - {text}",
        FACILITY * 8 + severity,
        word(&by.host, 255),
        word(&kind, 32),
    )
}

/// The message after its length.
#[must_use]
pub fn framed(message: &str) -> Vec<u8> {
    format!("{} {message}", message.len()).into_bytes()
}

/// A field of the head: printable, without blanks, and never empty.
fn word(text: &str, longest: usize) -> String {
    let word: String = text.chars().filter(char::is_ascii_graphic).take(longest).collect();
    if word.is_empty() { "-".into() } else { word }
}
