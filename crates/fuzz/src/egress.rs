//! Addresses that this server and its agents are told to call.

use sallyport_connect::{ServerAddress, outbound::Url};

/// A URL and an address read as the same when they are written, and hold nothing that could end a header.
pub(crate) fn url(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    if let Ok(address) = text.parse::<ServerAddress>() {
        assert_eq!(address.to_string().parse(), Ok(address));
    }
    let Ok(url) = text.parse::<Url>() else { return false };
    assert_eq!(url.to_string().parse::<Url>().ok().as_ref(), Some(&url));
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'@' | b'/' | b'\\' | b'#' | b'?');
    assert!(url.port() > 0 && url.host_header().bytes().all(plain));
    assert!(url.path().starts_with('/') && url.path().bytes().all(|b| b.is_ascii_graphic() && b != b'#'));
    true
}
