//! Who a request comes from, as proxies write it: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! Read from right to left: what stands to the right was written by the proxy next to us, what stands to the left may be
//! anybody's invention. The first address that is no listed proxy is the client's. What is not understood on the way there
//! is not guessed at.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// A forwarding header, or two of them, that does not say who the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the forwarding headers do not say who the client is")]
pub struct Unclear;

/// The client, by the lines of `X-Forwarded-For` and of `Forwarded`, of which a proxy next to us wrote the last; nobody
/// where there are none.
///
/// A proxy that writes one of the headers may let the other through as the client sent it, and which one that is cannot be
/// seen from here. So where both are there, they must agree.
pub fn client<'a>(
    custom: impl DoubleEndedIterator<Item = &'a [u8]>,
    standard: impl DoubleEndedIterator<Item = &'a [u8]>,
    is_listed: impl Fn(IpAddr) -> bool,
) -> Result<Option<IpAddr>, Unclear> {
    let by_custom = first_stranger(custom, &is_listed, address)?;
    let by_standard = first_stranger(standard, &is_listed, forwarded_for)?;
    match (by_custom, by_standard) {
        (Some(one), Some(other)) if one != other => Err(Unclear),
        (one, other) => Ok(one.or(other)),
    }
}

/// From right to left through all lines, the first address that is not listed; where all are, the left-most. Nothing beyond
/// it is read.
fn first_stranger<'a>(
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    is_listed: &impl Fn(IpAddr) -> bool,
    read: fn(&str) -> Option<IpAddr>,
) -> Result<Option<IpAddr>, Unclear> {
    let mut last = None;
    for hop in lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b',')) {
        let hop = std::str::from_utf8(hop).ok().and_then(|hop| read(hop.trim())).ok_or(Unclear)?;
        last = Some(hop);
        if !is_listed(hop) {
            break;
        }
    }
    Ok(last)
}

/// An address, with or without the port that some proxies add.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().map(IpAddr::from).ok();
    let address = text.parse().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4), unless it is `unknown` or a made-up name.
///
/// Commas and semicolons inside quotes are not allowed for; they leave half a quoted string behind, which is refused.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = unquoted(value)?;
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    address(found?)
}

fn unquoted(value: &str) -> Option<&str> {
    let inner = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    (!inner.contains(['"', '\\'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(custom: &[&str], standard: &[&str]) -> Result<Option<IpAddr>, Unclear> {
        let bytes = |text: &[&str]| text.iter().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>();
        let (custom, standard) = (bytes(custom), bytes(standard));
        let listed = IpAddr::from([10, 0, 0, 1]);
        client(custom.iter().map(Vec::as_slice), standard.iter().map(Vec::as_slice), |hop| hop == listed)
    }

    #[test]
    fn the_first_stranger_from_the_right_is_the_client() {
        let stranger = Ok(Some(IpAddr::from([203, 0, 113, 9])));
        assert_eq!(of(&["198.51.100.1, 203.0.113.9, 10.0.0.1"], &[]), stranger);
        assert_eq!(of(&["made up", "203.0.113.9:4711", "10.0.0.1"], &[]), stranger);
        assert_eq!(of(&[], &["for=x, for=203.0.113.9;proto=https, for=\"10.0.0.1\""]), stranger);
        assert_eq!(of(&["203.0.113.9"], &["for=203.0.113.9"]), stranger);
        assert_eq!(of(&["::ffff:203.0.113.9"], &[]), stranger);
        assert_eq!(of(&["10.0.0.1"], &[]), Ok(Some(IpAddr::from([10, 0, 0, 1]))));
        assert_eq!(of(&[], &[]), Ok(None));
    }

    #[test]
    fn what_is_not_clear_is_not_guessed_at() {
        for custom in ["", "a", "unknown", "203.0.113.9,", "1.2.3", "203.0.113.9 10.0.0.1", "[203.0.113.9]"] {
            assert_eq!(of(&[custom], &[]), Err(Unclear), "{custom}");
        }
        for standard in
            ["", "for", "for=unknown", "for=_x", "for=1.1.1.1;for=2.2.2.2", "for=\"1.1.1.1", "by=1.1.1.1"]
        {
            assert_eq!(of(&[], &[standard]), Err(Unclear), "{standard}");
        }
        assert_eq!(of(&["203.0.113.9"], &["for=203.0.113.8"]), Err(Unclear));
    }
}
