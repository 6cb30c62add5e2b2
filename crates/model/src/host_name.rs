//! A name by which a server is called.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::as_text::as_text;

/// Longest name and longest part of one (RFC 1035, section 2.3.4).
const LONGEST: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Why something is not the name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostNameError {
    #[error("is an address; a name is needed, such as `api-wiki.example.com`")]
    Address,
    #[error(
        "is not the name of a host; it looks like `api-wiki.example.com`, without scheme, port and path, and names of other \
         alphabets are written as `xn--...`"
    )]
    NoName,
}

/// The DNS name of a host, in lower case: parts of letters, digits and hyphens (RFC 1123, section 2.1). Neither an address
/// nor a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct HostName(String);

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(given: &str) -> Result<Self, HostNameError> {
        let name = given.to_ascii_lowercase();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_label = |label: &str| {
            (1..=LONGEST_LABEL).contains(&label.len())
                && label.bytes().all(plain)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let bare = given.trim_start_matches('[').trim_end_matches(']');
        // What ends in a number is read as an address, in whatever form (WHATWG URL, host parsing).
        let is_number = |label: &str| label.bytes().all(|b| b.is_ascii_digit()) || label.starts_with("0x");
        if bare.parse::<std::net::IpAddr>().is_ok() {
            return Err(HostNameError::Address);
        }
        if name.len() > LONGEST || !name.split('.').all(is_label) {
            return Err(HostNameError::NoName);
        }
        if name.rsplit('.').next().is_some_and(is_number) {
            return Err(HostNameError::Address);
        }
        Ok(Self(name))
    }
}

as_text!(HostName: HostNameError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_in_lower_case_and_nothing_else_is() {
        let label = "a".repeat(LONGEST_LABEL);
        for (given, name) in [
            ("api-wiki.example.com", "api-wiki.example.com"),
            ("API-Wiki.Example.COM", "api-wiki.example.com"),
            ("wiki.localhost", "wiki.localhost"),
            ("intranet", "intranet"),
            ("1.example", "1.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            (&format!("{label}.example"), &format!("{label}.example")),
        ] {
            assert_eq!(given.parse::<HostName>().unwrap().as_str(), name);
        }
        for address in ["192.0.2.7", "::1", "[2001:db8::1]", "10.1", "0x7f000001", "127.1", "example.0x1"] {
            assert_eq!(address.parse::<HostName>(), Err(HostNameError::Address), "{address}");
        }
        for bad in [
            "",
            ".",
            "a..b",
            "a.example.",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b.example",
            "a.example:443",
            "https://a.example",
            "a.example/",
            "b\u{fc}cher.example",
            "*.example.com",
            "a@b.example",
            &format!("{label}a.example"),
            &[label.as_str(); 4].join("."),
        ] {
            assert_eq!(bad.parse::<HostName>(), Err(HostNameError::NoName), "{bad}");
        }
    }
}
