//! Where something that people click leads.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::as_text::as_text;

/// Longest address taken.
const LONGEST: usize = 1024;

/// Why something is no address to lead people to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("has characters that an address writes in another way, or more than {LONGEST} of them")]
    Characters,
    #[error("names no host, or a user")]
    Host,
    #[error("does not begin with `https://` or `http://`")]
    Scheme,
}

/// An absolute address for a browser, kept as it was typed. Nothing is ever sent there by us, so it may be plain `http` in the
/// house; what would run in our own page is no address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Link(String);

impl FromStr for Link {
    type Err = LinkError;

    fn from_str(given: &str) -> Result<Self, LinkError> {
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if given.len() > LONGEST || !given.bytes().all(allowed) {
            return Err(LinkError::Characters);
        }
        let rest = ["https://", "http://"].iter().find_map(|scheme| given.strip_prefix(scheme));
        let authority = rest.ok_or(LinkError::Scheme)?.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() || authority.starts_with(':') || authority.contains('@') {
            return Err(LinkError::Host);
        }
        Ok(Self(given.to_owned()))
    }
}

as_text!(Link: LinkError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_a_browser_follows_is_taken_as_it_is() {
        for good in ["https://wiki.example/start?x=1#top", "http://printer.local:8080/", "https://[::1]/"] {
            assert_eq!(good.parse::<Link>().unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_would_run_in_our_page_or_hides_a_user_is_no_address() {
        for (bad, why) in [
            ("javascript:alert(1)", LinkError::Scheme),
            ("JAVASCRIPT://x/%0aalert(1)", LinkError::Scheme),
            ("data:text/html,x", LinkError::Scheme),
            ("//wiki.example", LinkError::Scheme),
            ("https:///x", LinkError::Host),
            ("https://:8080/", LinkError::Host),
            ("https://bank.example@evil.example/", LinkError::Host),
            ("https://a.example/\"><script>", LinkError::Characters),
            ("https://a.example/ b", LinkError::Characters),
        ] {
            assert_eq!(bad.parse::<Link>(), Err(why), "{bad}");
        }
    }
}
