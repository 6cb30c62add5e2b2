//! A reverse proxy whose word is taken, as the configuration lists it.

use std::str::FromStr;

use ipnet::IpNet;
use serde::Deserialize;

use super::{unmapped, written};

/// One listed proxy, or a network of them: `192.0.2.10`, `10.1.0.0/16`, `2001:db8::/64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxy(IpNet);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProxyError {
    #[error("`{0}` would let anybody say where they come from")]
    Everybody(String),
    #[error("`{given}` has address bits beyond its prefix; `{meant}` is the network")]
    HostBits { given: String, meant: IpNet },
    #[error("`{0}` is no address and no network such as 10.1.0.0/16")]
    Unreadable(String),
}

impl Proxy {
    #[must_use]
    pub const fn network(&self) -> IpNet {
        self.0
    }
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let network = written(text).ok_or_else(|| ProxyError::Unreadable(text.into()))?;
        if network.trunc() != network {
            return Err(ProxyError::HostBits { given: text.into(), meant: network.trunc() });
        }
        let network = unmapped(network);
        if network.prefix_len() == 0 {
            return Err(ProxyError::Everybody(text.into()));
        }
        Ok(Self(network))
    }
}

impl TryFrom<String> for Proxy {
    type Error = ProxyError;

    fn try_from(text: String) -> Result<Self, ProxyError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_what_it_means() {
        let read = |text: &str| text.parse::<Proxy>().map(|proxy| proxy.0.to_string());
        assert_eq!(read("192.0.2.10").unwrap(), "192.0.2.10/32");
        assert_eq!(read("::ffff:10.1.0.0/112").unwrap(), "10.1.0.0/16");
        assert_eq!(read("::ffff:10.1.0.1").unwrap(), "10.1.0.1/32");
        assert!(matches!(read("10.1.2.3/16"), Err(ProxyError::HostBits { .. })));
        for everybody in ["0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96"] {
            assert!(matches!(read(everybody), Err(ProxyError::Everybody(_))), "{everybody}");
        }
        for bad in ["", "proxy.example", "10.1/16", "10.1.0.0/33", "10.1.0.0/-1", "10.1.0.0/ 8"] {
            assert!(matches!(read(bad), Err(ProxyError::Unreadable(_))), "{bad}");
        }
    }
}
