//! Reverse proxies in front of us: whose word about a client's address is taken, and how it is read.
//!
//! Anybody can send a forwarding header, so one is read only where the TCP peer is a listed proxy, and then from right
//! to left. What is not understood is not guessed at: the peer counts as the client then.

use std::{net::IpAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, header};
use sallyport_wire::http::forwarded::{self, Unclear};
pub use sallyport_wire::networks::{Proxy, ProxyError};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

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
        self.0.iter().any(|proxy| proxy.network().contains(&address))
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
