use super::*;

#[test]
fn an_address_is_split_where_a_browser_splits_it() {
    for (address, origin, path) in [
        ("https://wiki.example/a?b=c", "https://wiki.example", "/a?b=c"),
        ("https://WIKI.example:8443", "https://wiki.example:8443", "/"),
        ("https://wiki.example:443/x", "https://wiki.example", "/x"),
        ("https://wiki.example?x", "https://wiki.example", "/"),
        ("http://localhost:8080/x", "http://localhost:8080", "/x"),
    ] {
        let (found, rest) = split(address).unwrap();
        assert_eq!((found.as_str(), rest), (origin, path));
    }
    for bad in [
        "wiki.example/a",
        "http://wiki.example/",
        "https://user@wiki.example/",
        "https://wiki.example\\@evil.example/",
        "https://wiki.example/\r\nset-cookie: x",
        "javascript://wiki.example/%0aalert(1)",
        "https:///x",
        "",
    ] {
        assert!(split(bad).is_none(), "{bad}");
    }
    assert!(split(&format!("https://wiki.example/{}", "a".repeat(LONGEST))).is_none());
}
