//! `application/x-www-form-urlencoded` as bytes, decoded leniently and encoded in one way only.
//!
//! Signatures are computed over the decoded and re-encoded form, so decoding may be generous (a stray `%`
//! stands for itself) while encoding must be exact: RFC 3986 unreserved characters stay, everything else is
//! `%XX` in upper case, a space is `%20`.

/// A decoded name and value. Bytes, because nothing says that they are UTF-8.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// The pairs of a query or form in the order received, or nothing if there are more than `limit`.
pub(crate) fn decode_pairs(input: &[u8], limit: usize) -> Option<Vec<Pair>> {
    let mut pairs = Vec::new();
    for piece in input.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
        if pairs.len() == limit {
            return None;
        }
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default());
        let value = decode(halves.next().unwrap_or_default());
        pairs.push((name, value));
    }
    Some(pairs)
}

/// Percent-encodes everything but `A-Z a-z 0-9 - . _ ~`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(upper_hex(byte >> 4));
            out.push(upper_hex(byte & 0x0f));
        }
    }
    out
}

/// `uri` with these parameters added to the query it may have.
#[must_use]
#[cfg(any(feature = "duo", feature = "oidc"))]
pub fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = uri.to_owned();
    for (name, value) in pairs {
        let mark = match out.split_once('?') {
            None => "?",
            Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
            Some(_) => "&",
        };
        out.push_str(mark);
        out.push_str(&encode(name.as_bytes()));
        out.push('=');
        out.push_str(&encode(value.as_bytes()));
    }
    out
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                if let (Some(high), Some(low)) = (hex_value(*high), hex_value(*low)) {
                    out.push(high << 4 | low);
                    rest = after;
                } else {
                    out.push(b'%');
                }
            }
            (byte, _) => out.push(*byte),
        }
    }
    out
}

fn hex_value(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn upper_hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(input: &str) -> Vec<(String, String)> {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        decode_pairs(input.as_bytes(), 100).unwrap().into_iter().map(|(k, v)| (text(k), text(v))).collect()
    }

    #[test]
    fn reads_plus_percent_and_missing_parts() {
        assert_eq!(decoded("a+b=c%20d"), [("a b".into(), "c d".into())]);
        assert_eq!(decoded("a"), [("a".into(), String::new())]);
        assert_eq!(decoded("=v"), [(String::new(), "v".into())]);
        assert_eq!(decoded("a=b=c"), [("a".into(), "b=c".into())]);
        assert_eq!(decoded("&&a=1&&"), [("a".into(), "1".into())]);
        assert_eq!(decoded(""), []);
    }

    #[test]
    fn a_stray_percent_stands_for_itself() {
        assert_eq!(decoded("a=100%"), [("a".into(), "100%".into())]);
        assert_eq!(decoded("a=%zz%4"), [("a".into(), "%zz%4".into())]);
        assert_eq!(decoded("a=%%41"), [("a".into(), "%A".into())]);
    }

    #[test]
    fn keeps_unreserved_and_encodes_the_rest_in_upper_case() {
        assert_eq!(encode("aZ09-._~ é+/".as_bytes()), "aZ09-._~%20%C3%A9%2B%2F");
    }

    #[test]
    fn counts_before_it_collects() {
        assert!(decode_pairs(b"a&b&c", 2).is_none());
        assert_eq!(decode_pairs(b"a&b", 2).unwrap().len(), 2);
    }
}
