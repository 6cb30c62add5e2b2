//! Where a server is reached: `https://host[:port]` and nothing behind it.

use std::{fmt, net::Ipv6Addr, str::FromStr};

const HTTPS_PORT: u16 = 443;
const LONGEST_HOST: usize = 253;

/// A host, by name or number, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress {
    host: String,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a server address, which looks like `https://host:port`")]
pub struct AddressError(String);

impl ServerAddress {
    #[cfg(feature = "outbound")]
    pub(crate) fn of(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port }
    }

    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for ServerAddress {
    type Err = AddressError;

    fn from_str(given: &str) -> Result<Self, AddressError> {
        parse(given)
            .ok_or_else(|| AddressError(given.chars().filter(|c| !c.is_control()).take(120).collect()))
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "https://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "https://{}:{}", self.host, self.port)
        }
    }
}

fn parse(given: &str) -> Option<ServerAddress> {
    let authority = given.trim().strip_prefix("https://")?;
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    let (host, port) = host_and_port(authority)?;
    Some(ServerAddress { host: host.to_owned(), port: port.unwrap_or(HTTPS_PORT) })
}

/// Host, without the brackets of a number, and port of an authority (RFC 3986, section 3.2) without user information.
pub(crate) fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, if after.is_empty() { "" } else { after.strip_prefix(':')? })
        }
        None => {
            let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            (!host.is_empty() && host.len() <= LONGEST_HOST && host.bytes().all(plain)).then_some(())?;
            (host, port)
        }
    };
    // Digits alone: numbers of Rust may have a sign.
    let digits = port.bytes().all(|b| b.is_ascii_digit());
    match port {
        "" => Some((host, None)),
        port if digits => Some((host, Some(port.parse().ok().filter(|port| *port != 0)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_and_print() {
        for (given, printed) in [
            ("https://sallyport.example", "https://sallyport.example:443"),
            ("https://10.0.0.1:8443/", "https://10.0.0.1:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://[::1]", "https://[::1]:443"),
        ] {
            assert_eq!(given.parse::<ServerAddress>().unwrap().to_string(), printed);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "",
            "http://a",
            "https://",
            "https://a:0",
            "https://a:99999",
            "https://a:+443",
            "https://a/b",
            "https://u@a",
            "https://[::1",
            "https://[x]",
            "https://a b",
        ] {
            assert!(bad.parse::<ServerAddress>().is_err(), "{bad:?}");
        }
    }
}
