//! Where an application may have a browser sent back to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::as_text::as_text;

/// Longest address taken; the SDKs that send them know the same bound.
const LONGEST: usize = 1024;

/// Why an address cannot be one to send browsers to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    #[error("has characters that an address writes in another way, or more than {LONGEST} of them")]
    Characters,
    #[error("has a fragment, which servers never see")]
    Fragment,
    #[error("names no host, or a user")]
    Host,
    #[error("does not begin with `https://`; `http://` is for `localhost`, `127.0.0.1` and `[::1]` alone")]
    Scheme,
}

/// An absolute address, kept as it was typed: it is compared byte for byte and never made prettier, for whatever two
/// readers would take differently is where a browser can be led astray.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(given: &str) -> Result<Self, RedirectUriError> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if given.len() > LONGEST || !given.bytes().all(allowed) {
            return Err(RedirectUriError::Characters);
        }
        if given.contains('#') {
            return Err(RedirectUriError::Fragment);
        }
        let (scheme, rest) = given.split_once("://").ok_or(RedirectUriError::Scheme)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let host = host(authority).ok_or(RedirectUriError::Host)?;
        match scheme {
            "https" => Ok(Self(given.to_owned())),
            "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&host) => Ok(Self(given.to_owned())),
            _ => Err(RedirectUriError::Scheme),
        }
    }
}

/// The host of an authority without user, whose port is a number if it has one.
fn host(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, _) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            authority.split_at_checked(address.len() + 2)?
        }
        None => authority.split_at_checked(authority.find(':').unwrap_or(authority.len()))?,
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let named = !host.is_empty() && (host.starts_with('[') || host.bytes().all(is_name));
    let port = port.is_empty() || port.strip_prefix(':')?.parse::<u16>().is_ok_and(|port| port > 0);
    (named && port).then_some(host)
}

as_text!(RedirectUri: RedirectUriError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_an_application_is_taken_as_it_is() {
        for good in [
            "https://app.example/callback",
            "https://app.example",
            "https://App.Example:8443/cb?x=1&y=%2F",
            "https://app.example?x=//y",
            "https://[2001:db8::1]:8443/",
            "http://localhost:8080/duo-callback",
            "http://127.0.0.1/",
            "http://[::1]:80/cb",
        ] {
            assert_eq!(good.parse::<RedirectUri>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_not() {
        use RedirectUriError::{Characters, Fragment, Host, Scheme};
        for (bad, error) in [
            ("http://app.example/", Scheme),
            ("http://localhost.evil.example/", Scheme),
            ("HTTPS://app.example/", Scheme),
            ("javascript://app.example/%0aalert(1)", Scheme),
            ("//app.example/", Scheme),
            ("app.example", Scheme),
            ("/callback", Scheme),
            ("", Scheme),
            ("https:///callback", Host),
            ("https://?x", Host),
            ("https://user@app.example/", Host),
            ("https://app.example:evil/", Host),
            ("https://app.example:0/", Host),
            ("https://app.example:/", Host),
            ("https://app.example:99999/", Host),
            ("https://[::1/", Host),
            ("https://[evil]/", Host),
            ("https://[::1]evil/", Host),
            ("https://*.example/", Host),
            ("https://app.example;x/", Host),
            ("https://app.example/#x", Fragment),
            ("https://app.example/ x", Characters),
            ("https://app.example/\r\nx", Characters),
            ("https://app.example\\@evil.example/", Characters),
            ("https://äpp.example/", Characters),
        ] {
            assert_eq!(bad.parse::<RedirectUri>(), Err(error), "{bad}");
        }
        assert_eq!(format!("https://a.example/{}", "x".repeat(1024)).parse::<RedirectUri>(), Err(Characters));
    }
}
