//! `pushinfo`: what the application wants shown on the phone, as an encoded list inside a parameter.

use super::super::text::printable_line;
use super::super::urlencoded;

/// The protocol's own limit, in bytes.
pub(super) const MAX_PUSHINFO: usize = 20_000;
const MAX_PAIRS: usize = 32;
const MAX_SHOWN_VALUE: usize = 512;

/// The names and values to show, made fit for display. What cannot be read is left out: it is decoration,
/// and no reason to refuse a login.
#[must_use]
pub fn parse(pushinfo: &str) -> Vec<(String, String)> {
    if pushinfo.len() > MAX_PUSHINFO {
        return Vec::new();
    }
    let pairs = urlencoded::decode_pairs(pushinfo.as_bytes(), MAX_PAIRS).unwrap_or_default();
    let text =
        |bytes: Vec<u8>| String::from_utf8(bytes).ok().map(|text| printable_line(&text, MAX_SHOWN_VALUE));
    pairs.into_iter().filter_map(|(k, v)| Some((text(k)?, text(v)?))).collect()
}
