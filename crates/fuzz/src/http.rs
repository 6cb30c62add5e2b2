//! Headers that anybody may send, and that say who somebody is.

use std::net::IpAddr;

use sallyport_wire::http::{
    cookie,
    device_question::{address, question},
    forwarded, language, retry_after,
};

use crate::parts::line;

const LISTED: [IpAddr; 2] =
    [IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)), IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)];

/// `forwarded`, and lines that begin with `x ` for `X-Forwarded-For` and with `f ` for `Forwarded`; or `cookie NAME`, and
/// lines of `Cookie`; or `language`, and lines of
/// `Accept-Language`; or `retry-after`, and its value.
pub(crate) fn headers(bytes: &[u8]) -> bool {
    let Some((first, rest)) = line(bytes) else { return false };
    let lines: Vec<&[u8]> = rest.split(|byte| *byte == b'\n').collect();
    match first.split_once(' ') {
        Some(("cookie", name)) => found_once(name, &lines),
        None if first == "forwarded" => named(&lines),
        None if first == "language" => asked_for(&lines),
        None if first == "retry-after" => std::str::from_utf8(rest).is_ok_and(waits),
        _ => false,
    }
}

fn client(custom: &[Vec<u8>], standard: &[Vec<u8>]) -> Option<IpAddr> {
    let bytes = |lines: &[Vec<u8>]| lines.to_vec();
    let (custom, standard) = (bytes(custom), bytes(standard));
    let listed = |hop| LISTED.contains(&hop);
    forwarded::client(custom.iter().map(Vec::as_slice), standard.iter().map(Vec::as_slice), listed).ok()?
}

/// Whoever is named is named whatever stands to the left, unless that is a proxy of ours, which speaks for others.
fn named(lines: &[&[u8]]) -> bool {
    let of = |mark: &[u8]| {
        lines.iter().filter_map(|line| line.strip_prefix(mark)).map(<[u8]>::to_vec).collect::<Vec<_>>()
    };
    let (custom, standard) = (of(b"x "), of(b"f "));
    let Some(found) = client(&custom, &standard) else { return false };
    assert_eq!(found, found.to_canonical());
    if !LISTED.contains(&found) {
        let invented = |lines: &[Vec<u8>], word: &str| {
            let mut lines = lines.to_vec();
            if let Some(first) = lines.first_mut() {
                first.splice(0..0, format!("{word}, ").into_bytes());
            }
            lines
        };
        for word in ["203.0.113.99", "unknown", "10.0.0.1"] {
            let standard = invented(&standard, &format!("for={word}"));
            assert_eq!(client(&invented(&custom, word), &standard), Some(found), "{word}");
        }
    }
    true
}

/// A value is one that came, whole, and by a second of the name there is none.
fn found_once(name: &str, lines: &[&[u8]]) -> bool {
    let lines: Vec<&str> = lines.iter().filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let Some(value) = cookie::find(lines.iter().copied(), name) else { return false };
    assert!(!value.contains(';'), "{value}");
    let pair = format!("{name}={value}");
    assert!(lines.iter().any(|line| line.contains(&pair)), "{pair}");
    assert_eq!(cookie::find(lines.iter().copied().chain([pair.as_str()]), name), None);
    true
}

/// A few ranges, none of them heavier than one.
fn asked_for(lines: &[&[u8]]) -> bool {
    let lines = lines.iter().filter_map(|line| std::str::from_utf8(line).ok());
    let ranges: Vec<(&str, u32)> = language::ranges(lines).collect();
    assert!(ranges.len() <= 20);
    assert!(ranges.iter().all(|(tag, weight)| *weight <= 1000 && !tag.contains([',', ';'])), "{ranges:?}");
    ranges.iter().any(|(tag, weight)| *weight > 0 && !tag.is_empty())
}

/// A number is the same at any time, and a date comes nearer.
fn waits(given: &str) -> bool {
    const NOW: i64 = 784_111_777;
    let [now, later] = [NOW, NOW + 60].map(|now| retry_after::seconds(given, now));
    let number = retry_after::number(given);
    assert!(number.is_none() || (now, later) == (number, number));
    assert!(number.is_some() || now.is_some_and(|now| later == Some(now.saturating_sub(60))) || now == later);
    assert_eq!(retry_after::seconds(given.trim(), NOW), now);
    now.is_some()
}

/// The port whose agent is asked.
const PORT: u16 = 47_653;

/// The head of a request to the agent of a device: what is understood is what [`address`] writes, and leads to a host and no further.
pub(crate) fn device_question(bytes: &[u8]) -> bool {
    let Ok(found) = question(bytes, PORT) else { return false };
    let address = address(PORT, &found.challenge, &found.origin);
    let path = address.strip_prefix("http://127.0.0.1:47653").unwrap_or_default();
    let head = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n");
    assert_eq!(question(head.as_bytes(), PORT), Ok(found.clone()));
    if let Ok(url) = url::Url::parse(&found.origin) {
        assert!(url.username().is_empty() && url.password().is_none(), "{url}");
        assert_eq!((url.scheme(), url.path(), url.query(), url.fragment()), ("https", "/", None, None));
    }
    true
}
