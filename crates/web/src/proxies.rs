//! Reverse proxies in front of us: whose word about a client's address is taken, and how it is read.
//!
//! Anybody can send a forwarding header, so one is read only where the TCP peer is a listed proxy, and then from right
//! to left. What is not understood is not guessed at: the peer counts as the client then.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, header};
use ipnet::{IpNet, Ipv4Net};
use sallyport_wire::http::forwarded::{self, Unclear};
use serde::Deserialize;

const X_FORWARDED_FOR: &str = "x-forwarded-for";

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

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let alone = text.parse::<IpAddr>().map(IpNet::from);
        let network = alone.or_else(|_| text.parse()).map_err(|_| ProxyError::Unreadable(text.into()))?;
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

/// A network of IPv4 addresses that are written as IPv6 ones, as what it is.
fn unmapped(network: IpNet) -> IpNet {
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    v4.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok()).map_or(network, IpNet::V4)
}

/// All listed proxies. Cloning shares the list.
#[derive(Debug, Clone)]
pub struct Proxies(Arc<[Proxy]>);

impl Proxies {
    /// `None`: there is none, and nobody's headers need to be looked at.
    #[must_use]
    pub fn listed(proxies: Vec<Proxy>) -> Option<Self> {
        (!proxies.is_empty()).then(|| Self(proxies.into()))
    }

    /// The client a listed proxy names. `None` where the peer is the client: it is no listed proxy, it names nobody, or
    /// what it says is not clear. The peer's address is one without IPv4-mapped form.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.list(peer) {
            return None;
        }
        self.named(headers).unwrap_or_else(|Unclear| {
            tracing::warn!(%peer, "a listed proxy does not say clearly whom it speaks for; it counts as the client");
            None
        })
    }

    fn list(&self, address: IpAddr) -> bool {
        self.0.iter().any(|proxy| proxy.0.contains(&address))
    }

    fn named(&self, headers: &HeaderMap) -> Result<Option<IpAddr>, Unclear> {
        let lines = |name: &str| headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let (custom, standard) = (lines(X_FORWARDED_FOR), lines(header::FORWARDED.as_str()));
        forwarded::client(custom, standard, |address| self.list(address))
    }
}

/// Whether a request carries a header by which proxies name clients.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

#[cfg(test)]
mod tests;
