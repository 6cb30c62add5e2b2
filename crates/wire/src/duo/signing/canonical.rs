//! The canonical text that is signed, line by line.

use sallyport_crypto::digest;

use super::super::urlencoded::{self, Pair};

/// The parts of a canonical text; which of them are there makes the version.
pub(super) struct Canonical<'a> {
    pub(super) date: Option<&'a str>,
    pub(super) method: &'a str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) params: &'a str,
    pub(super) hashes: &'a [String],
}

impl Canonical<'_> {
    /// Lines joined by one line feed, none at the end.
    pub(super) fn text(&self) -> String {
        let lines = [self.method, self.host, self.path, self.params];
        let lines = self.date.into_iter().chain(lines).chain(self.hashes.iter().map(String::as_str));
        let mut text = String::with_capacity(lines.clone().map(|line| line.len() + 1).sum());
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text.pop();
        text
    }
}

/// The parameter line as documented: sorted by encoded name, then by encoded value.
pub(super) fn param_line(pairs: &[Pair]) -> String {
    let mut encoded = encoded(pairs);
    encoded.sort();
    joined(&encoded).join("&")
}

/// The distinct spellings of the parameter line that clients in the field sign, the documented one first.
///
/// Some keep the order of values inside a name; some sort the whole `name=value` texts, which differs when
/// one name is a prefix of another.
pub(super) fn param_lines(pairs: &[Pair]) -> Vec<String> {
    if pairs.is_empty() {
        return vec![String::new()];
    }
    let mut by_name = encoded(pairs);
    by_name.sort_by(|a, b| a.0.cmp(&b.0));
    let mut by_text = joined(&by_name);
    by_text.sort();

    let mut lines = vec![param_line(pairs)];
    for line in [joined(&by_name).join("&"), by_text.join("&")] {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn encoded(pairs: &[Pair]) -> Vec<(String, String)> {
    pairs.iter().map(|(k, v)| (urlencoded::encode(k), urlencoded::encode(v))).collect()
}

fn joined(pairs: &[(String, String)]) -> Vec<String> {
    pairs.iter().map(|(k, v)| format!("{k}={v}")).collect()
}

/// The hash of the body exactly as received.
pub(super) fn body_hash(body: &[u8]) -> String {
    digest::hex(&digest::sha512(body))
}

/// The hash of all `X-Duo-*` headers, or nothing if one appears twice: no client signs that.
pub(super) fn x_duo_hash(headers: &[(&str, &[u8])]) -> Option<String> {
    const PREFIX: &[u8] = b"x-duo-";
    let mut covered: Vec<(String, &[u8])> = headers
        .iter()
        .filter(|(name, _)| {
            name.as_bytes().get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
        })
        .map(|(name, value)| (name.to_ascii_lowercase(), *value))
        .collect();
    covered.sort();
    if covered.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return None;
    }
    let parts: Vec<&[u8]> = covered.iter().flat_map(|(name, value)| [name.as_bytes(), value]).collect();
    Some(digest::hex(&digest::sha512(&parts.join(&0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(query: &str) -> Vec<String> {
        param_lines(&urlencoded::decode_pairs(query.as_bytes(), 100).unwrap())
    }

    #[test]
    fn most_requests_have_one_spelling() {
        assert_eq!(lines(""), [""]);
        assert_eq!(lines("b=2&a=x+y"), ["a=x%20y&b=2"]);
    }

    #[test]
    fn three_spellings_where_clients_differ() {
        assert_eq!(lines("b=2&b=1"), ["b=1&b=2", "b=2&b=1"]);
        assert_eq!(lines("foo-a=4&foo=1"), ["foo=1&foo-a=4", "foo-a=4&foo=1"]);
        assert_eq!(
            lines("foo-a=4&foo=2&foo=1"),
            ["foo=1&foo=2&foo-a=4", "foo=2&foo=1&foo-a=4", "foo-a=4&foo=1&foo=2"]
        );
    }

    #[test]
    fn headers_are_lower_cased_sorted_and_unique() {
        let hash = |headers: &[(&str, &[u8])]| x_duo_hash(headers);
        assert_eq!(hash(&[("Date", b"x")]), Some(body_hash(b"")));
        assert_eq!(
            hash(&[("X-Duo-Zeta", b"last"), ("x-duo-Alpha", b"First Value")]),
            Some(body_hash(b"x-duo-alpha\0First Value\0x-duo-zeta\0last"))
        );
        assert_eq!(hash(&[("X-Duo-A", b"1"), ("x-duo-a", b"2")]), None);
    }
}
