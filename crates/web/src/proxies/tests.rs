use axum::http::HeaderValue;

use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn proxies() -> Proxies {
    let list = ["192.0.2.10", "10.1.0.0/16", "2001:db8:1::/64"];
    Proxies::listed(list.iter().map(|text| text.parse().unwrap()).collect()).unwrap()
}

/// Who is taken for the client of a request that the listed proxy 192.0.2.10 passed on.
fn client(headers: &[(&'static str, &str)]) -> Option<IpAddr> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    proxies().client(ip("192.0.2.10"), &map)
}

fn by(value: &str) -> Option<IpAddr> {
    client(&[("x-forwarded-for", value)])
}

fn standard(value: &str) -> Option<IpAddr> {
    client(&[("forwarded", value)])
}

#[test]
fn the_first_from_the_right_that_is_not_listed_is_the_client() {
    let alice = Some(ip("203.0.113.7"));
    assert_eq!(by("203.0.113.7"), alice);
    assert_eq!(by("198.51.100.1, 203.0.113.7"), alice, "the client's own invention stands to the left");
    assert_eq!(by("198.51.100.1,203.0.113.7 ,10.1.2.3, 2001:db8:1::5"), alice);
    assert_eq!(by("nonsense, \u{e9}, 203.0.113.7, 10.1.2.3"), alice, "nothing beyond the client is read");
    assert_eq!(by("10.1.9.9, 10.1.2.3"), Some(ip("10.1.9.9")), "all are listed: the farthest");
    assert_eq!(client(&[]), None);
}

#[test]
fn several_headers_are_one_list_in_their_order() {
    let lines = [("x-forwarded-for", "203.0.113.9, 203.0.113.7"), ("x-forwarded-for", "10.1.2.3")];
    assert_eq!(client(&lines), Some(ip("203.0.113.7")));
    assert_eq!(client(&[lines[1], lines[0]]), Some(ip("203.0.113.7")));
    assert_eq!(client(&[lines[0], ("x-forwarded-for", "198.51.100.4")]), Some(ip("198.51.100.4")));
}

#[test]
fn addresses_come_in_the_forms_that_proxies_write() {
    for text in ["203.0.113.7:4711", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:80", " 203.0.113.7\t"] {
        assert_eq!(by(text), Some(ip("203.0.113.7")), "{text}");
    }
    for text in ["2001:db8:2::7", "[2001:db8:2::7]", "[2001:db8:2::7]:443"] {
        assert_eq!(by(text), Some(ip("2001:db8:2::7")), "{text}");
    }
    assert_eq!(
        by("203.0.113.7, ::ffff:10.1.2.3"),
        Some(ip("203.0.113.7")),
        "a listed one in its mapped form"
    );
}

#[test]
fn what_is_not_an_address_makes_the_peer_the_client() {
    let long = "1".repeat(4096);
    for text in
        ["", ",", "a", "unknown", "203.0.113.7,", "203.0.113", "203.0.113.7:x", "[203.0.113.7]", "1", &long]
    {
        assert_eq!(by(text), None, "{text}");
    }
    assert_eq!(by("203.0.113.7, unknown, 10.1.2.3"), None, "between the client and us");
}

#[test]
fn the_standard_header_is_read_where_it_is_simple() {
    let alice = Some(ip("203.0.113.7"));
    for text in [
        "for=203.0.113.7",
        "For=\"203.0.113.7:4711\";proto=https;by=192.0.2.10",
        "for=_hidden, for=203.0.113.7;host=a.example, for=10.1.2.3",
    ] {
        assert_eq!(standard(text), alice, "{text}");
    }
    assert_eq!(standard("for=\"[2001:db8:2::7]:4711\""), Some(ip("2001:db8:2::7")));
    for text in [
        "for=unknown",
        "for=_hidden",
        "proto=https",
        "203.0.113.7",
        "for=203.0.113.7;for=203.0.113.8",
        "for=\"203.0.113.7",
        "for=\"203.0.113.\\7\"",
        // A host name with commas and semicolons in it, as a client may have sent it.
        "for=203.0.113.7;host=\"x,for=198.51.100.1;a=\"",
        "for=203.0.113.7;host=\"x,for=198.51.100.1\"",
        "for=203.0.113.7;host=\"x,for=198.51.100.1;a=b,c\"",
    ] {
        assert_eq!(standard(text), None, "{text}");
    }
}

#[test]
fn two_headers_that_disagree_name_nobody() {
    let both = |one, other| client(&[("x-forwarded-for", one), ("forwarded", other)]);
    assert_eq!(both("203.0.113.7", "for=203.0.113.7"), Some(ip("203.0.113.7")));
    assert_eq!(both("203.0.113.7", "for=203.0.113.8"), None);
    assert_eq!(both("203.0.113.7", "for=unknown"), None);
    assert_eq!(both("unknown", "for=203.0.113.7"), None);
}

#[test]
fn a_peer_that_is_not_listed_names_nobody() {
    let headers = HeaderMap::from_iter([(
        axum::http::HeaderName::from_static(X_FORWARDED_FOR),
        HeaderValue::from_static("203.0.113.7"),
    )]);
    for peer in ["192.0.2.11", "10.2.0.1", "2001:db8:1:1::1", "127.0.0.1"] {
        assert_eq!(proxies().client(ip(peer), &headers), None, "{peer}");
    }
    for peer in ["192.0.2.10", "10.1.0.1", "2001:db8:1::1"] {
        assert!(proxies().client(ip(peer), &headers).is_some(), "{peer}");
    }
}
