//! A URL that this server is told to call, read strictly: what one reader takes for the host and another for something
//! else leads to places nobody allowed.

use std::{fmt, str::FromStr};

use crate::{ConnectError, address::host_and_port};

const LONGEST: usize = 2048;

/// `https://host[:port][/path]`, or `http` for what is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    secure: bool,
    host: String,
    port: u16,
    path: String,
}

impl Url {
    #[must_use]
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query; at least `/`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// As the `Host` header has it: without the usual port.
    #[must_use]
    pub fn host_header(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = if self.secure { 443 } else { 80 };
        if self.port == usual { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for Url {
    type Err = ConnectError;

    fn from_str(given: &str) -> Result<Self, ConnectError> {
        parse(given)
            .ok_or_else(|| ConnectError::Url(given.chars().filter(|c| !c.is_control()).take(120).collect()))
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.host_header(), self.path)
    }
}

fn parse(given: &str) -> Option<Url> {
    if given.len() > LONGEST {
        return None;
    }
    let (secure, rest) = match given.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, given.strip_prefix("http://")?),
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    // What RFC 3986 lets stand in a path and a query; no fragment, for a server never sees one.
    let in_path = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
    if !path.bytes().all(in_path) {
        return None;
    }
    let (host, port) = host_and_port(authority)?;
    let port = port.unwrap_or(if secure { 443 } else { 80 });
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Some(Url { secure, host: host.to_owned(), port, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_host_port_and_path() {
        for (given, host, port, path, printed) in [
            ("https://api.twilio.com", "api.twilio.com", 443, "/", "https://api.twilio.com/"),
            ("https://a.example:8443/x?y=z", "a.example", 8443, "/x?y=z", "https://a.example:8443/x?y=z"),
            ("http://127.0.0.1:9000/", "127.0.0.1", 9000, "/", "http://127.0.0.1:9000/"),
            ("https://[::1]/x", "::1", 443, "/x", "https://[::1]/x"),
            ("https://a.example?x", "a.example", 443, "/?x", "https://a.example/?x"),
        ] {
            let url: Url = given.parse().unwrap();
            assert_eq!((url.host(), url.port(), url.path()), (host, port, path));
            assert_eq!(url.to_string(), printed);
        }
    }

    #[test]
    fn whatever_two_readers_might_read_differently_is_refused() {
        for bad in [
            "",
            "a.example",
            "ftp://a.example/",
            "https://",
            "https:///x",
            "https://user@a.example/",
            "https://a.example@b.example/",
            "https://a.example\\@b.example/",
            "https://a.example#@b.example/",
            "https://a.example/x#y",
            "https://a.example:0/",
            "https://a.example:+443/",
            "https://a.example:99999/",
            "https://a.example /",
            "https://a.example/\r\nHost: b.example",
            "https://[::1]x/",
            "https://[a.example]/",
            "https://ä.example/",
            "//a.example/",
            "https:a.example/",
        ] {
            assert!(bad.parse::<Url>().is_err(), "{bad:?}");
        }
    }
}
