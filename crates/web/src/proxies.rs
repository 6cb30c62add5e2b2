//! Reverse proxies in front of us: whose word about a client's address is taken, and how it is read.
//!
//! Anybody can send a forwarding header, so one is read only where the TCP peer is a listed proxy, and then from right
//! to left: what stands to the right was written by the proxy next to us, what stands to the left may be anybody's
//! invention. The first address that is no listed proxy is the client's. What is not understood on the way there is
//! not guessed at: the peer counts as the client then.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::http::{HeaderMap, header};
use ipnet::{IpNet, Ipv4Net};
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

/// A forwarding header, or two of them, that does not say who the client is.
#[derive(Debug, PartialEq, Eq)]
struct Unclear;

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

    /// A proxy that writes one of the headers may let the other through as the client sent it, and which one that is
    /// cannot be seen from here. So where both are there, they must agree.
    fn named(&self, headers: &HeaderMap) -> Result<Option<IpAddr>, Unclear> {
        let by_custom = self.first_stranger(headers, X_FORWARDED_FOR, address)?;
        let by_standard = self.first_stranger(headers, header::FORWARDED.as_str(), forwarded_for)?;
        match (by_custom, by_standard) {
            (Some(one), Some(other)) if one != other => Err(Unclear),
            (one, other) => Ok(one.or(other)),
        }
    }

    /// From right to left through all headers of that name, the first address that is not listed; where all are, the
    /// left-most. Nothing beyond it is read.
    fn first_stranger(
        &self,
        headers: &HeaderMap,
        name: &str,
        read: fn(&str) -> Option<IpAddr>,
    ) -> Result<Option<IpAddr>, Unclear> {
        let lines = headers.get_all(name).iter().rev();
        let mut last = None;
        for hop in lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')) {
            let hop = std::str::from_utf8(hop).ok().and_then(|hop| read(hop.trim())).ok_or(Unclear)?;
            last = Some(hop);
            if !self.list(hop) {
                break;
            }
        }
        Ok(last)
    }
}

/// An address, with or without the port that some proxies add.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip()).ok();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().map(IpAddr::from).ok();
    let address = text.parse().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4), unless it is `unknown` or a made-up name.
///
/// Commas and semicolons inside quotes are not allowed for; they leave half a quoted string behind, which is refused.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in element.split(';') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = unquoted(value)?;
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    address(found?)
}

fn unquoted(value: &str) -> Option<&str> {
    let inner = match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"')?,
        None => value,
    };
    (!inner.contains(['"', '\\'])).then_some(inner)
}

/// Whether a request carries a header by which proxies name clients.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(header::FORWARDED)
}

#[cfg(test)]
mod tests;
