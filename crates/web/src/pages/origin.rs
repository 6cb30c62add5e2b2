//! Whether a request that changes something was sent by a page of ours.
//!
//! Browsers say so in `Sec-Fetch-Site`, and in `Origin` where the referrer policy does not blank it out (ours does:
//! then it reads `null`). One of the two must say that the page was ours, and neither may say otherwise.

use axum::http::{HeaderMap, header};

/// Whether the page that sent this was one of `external_url` or, by the browser's word, of the very site that was
/// asked.
pub(crate) fn is_ours(headers: &HeaderMap, external_url: &str) -> bool {
    let all = |name: &str| {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>()
    };
    let origin = match all(header::ORIGIN.as_str()).as_slice() {
        [] | ["null"] => None,
        [one] => Some(one.eq_ignore_ascii_case(external_url.trim_end_matches('/'))),
        [..] => Some(false),
    };
    let site = match all("sec-fetch-site").as_slice() {
        [] => None,
        ["same-origin"] => Some(true),
        [..] => Some(false),
    };
    match (origin, site) {
        // The browser vouches for a name of ours that is not the configured one, such as an address.
        (_, Some(true)) | (Some(true), None) => true,
        (_, Some(false)) | (Some(false) | None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let ours = |lines: &[_]| is_ours(&headers(lines), "https://sallyport.example.com/");
        assert!(ours(&[("origin", "https://sallyport.example.com")]));
        assert!(ours(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(ours(&[("origin", "https://192.0.2.7"), ("sec-fetch-site", "same-origin")]));
        for foreign in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "http://sallyport.example.com")],
            &[("origin", "https://sallyport.example.com.evil.example")],
            &[("origin", "https://sallyport.example.com"), ("sec-fetch-site", "cross-site")],
            &[("origin", "https://sallyport.example.com"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!ours(foreign), "{foreign:?}");
        }
    }
}
