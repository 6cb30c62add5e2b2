//! Base64 as XML writes it: with white space anywhere (XML Schema part 2 section 3.2.16).

/// The bytes; none if it is no such text, or one of more than `most` bytes.
pub(crate) fn decoded(text: &str, most: usize) -> Option<Vec<u8>> {
    // Lines may be as short as they like, but not for ever.
    if text.len() > most.saturating_mul(2).saturating_add(64) {
        return None;
    }
    let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    data_encoding::BASE64.decode(&dense).ok().filter(|bytes| bytes.len() <= most)
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}
