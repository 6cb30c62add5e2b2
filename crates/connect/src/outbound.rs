//! Calls to URLs that administrators set: gateways, providers, other people's APIs.
//!
//! A URL is as good as whoever may set it, and not everything that this machine can reach is theirs. So a name is resolved
//! once and what is connected to is one of those addresses; what is internal (loopback, private, link-local and the like)
//! is reached only where the configuration of the server lists it. Redirects are answers and nothing else.

mod internal;
mod url;

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout_at},
};

pub use self::{internal::is_internal, url::Url};
use crate::{
    ConnectError, ServerAddress, Tls,
    http::{self, Call, Limits, Response},
};

/// The way out of this server.
#[derive(Debug, Clone, Default)]
pub struct Outbound {
    /// Internal addresses that may be reached all the same, and without TLS.
    listed: Vec<IpNet>,
    roots: Roots,
}

/// The certificate authorities trusted; PEM where they are somebody's own.
#[derive(Debug, Clone, Default)]
enum Roots {
    Only(String),
    /// Those that browsers trust.
    #[default]
    Public,
    PublicOr(String),
}

impl Outbound {
    #[must_use]
    pub const fn new(listed: Vec<IpNet>) -> Self {
        Self { listed, roots: Roots::Public }
    }

    /// Trusts these certificate authorities (PEM) and no others.
    #[must_use]
    pub fn trusting(self, roots: String) -> Self {
        Self { roots: Roots::Only(roots), ..self }
    }

    /// Trusts these certificate authorities (PEM) besides those that browsers trust.
    #[must_use]
    pub fn also_trusting(self, roots: String) -> Self {
        Self { roots: Roots::PublicOr(roots), ..self }
    }

    /// Sends one request to the host of `url` and waits for the answer. The path of the call is taken, not the URL's.
    ///
    /// # Errors
    /// Internal and not listed, unreachable, an impostor, or a broken, too long or too slow answer. An answer that is a
    /// refusal is a [`Response`].
    pub async fn send(&self, url: &Url, call: Call<'_>, limits: Limits) -> Result<Response, ConnectError> {
        // Apart, so that whoever may come to call somebody does not keep the room for it while they do not.
        Box::pin(self.converse(url, call, limits)).await
    }

    async fn converse(&self, url: &Url, call: Call<'_>, limits: Limits) -> Result<Response, ConnectError> {
        let deadline = Instant::now() + limits.time;
        let slow = |_| ConnectError::TooSlow(limits.time.as_secs());
        let reached = self.reach(url.host(), url.port(), url.is_secure());
        let socket = timeout_at(deadline, reached).await.map_err(slow)??;
        let host = url.host_header();
        if !url.is_secure() {
            return http::send_over(socket, &host, call, limits).await;
        }
        let tls = self.trust(url.host())?;
        let stream = timeout_at(deadline, tls.connector().connect(tls.name(), socket)).await.map_err(slow)?;
        let stream = stream.map_err(|error| {
            crate::connection::handshake_error(&ServerAddress::of(url.host(), url.port()), &error)
        })?;
        http::send_over(stream, &host, call, limits).await
    }

    /// What a service of this name has to prove.
    ///
    /// # Errors
    /// The roots hold no certificate, or it is no name.
    pub(crate) fn trust(&self, host: &str) -> Result<Tls, ConnectError> {
        match &self.roots {
            Roots::Only(ca) => Tls::service(Some(ca), host),
            Roots::Public => Tls::service(None, host),
            Roots::PublicOr(ca) => Tls::service_or(ca, host),
        }
    }

    /// A connection to one of the addresses of this host that may be reached.
    ///
    /// # Errors
    /// Internal and not listed, not to be reached in the clear, or unreachable.
    pub(crate) async fn reach(&self, host: &str, port: u16, secure: bool) -> Result<TcpStream, ConnectError> {
        let unreachable =
            |reason: String| ConnectError::Unreachable { address: ServerAddress::of(host, port), reason };
        let mut last = unreachable("the name has no address".to_owned());
        for address in self.permitted(host, port, secure).await? {
            match TcpStream::connect(address).await {
                Ok(socket) => {
                    // A request is one write; if the system cannot do that, it is slower, no more.
                    let _ = socket.set_nodelay(true);
                    return Ok(socket);
                }
                Err(error) => last = unreachable(error.to_string()),
            }
        }
        Err(last)
    }

    /// The addresses of this host that may be reached.
    ///
    /// # Errors
    /// It has some, and none of them may be.
    pub(crate) async fn permitted(
        &self,
        host: &str,
        port: u16,
        secure: bool,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let unreachable =
            |reason: String| ConnectError::Unreachable { address: ServerAddress::of(host, port), reason };
        let found: Vec<SocketAddr> =
            lookup_host((host, port)).await.map_err(|error| unreachable(error.to_string()))?.collect();
        let permitted: Vec<SocketAddr> =
            found.iter().copied().filter(|address| self.permits(address.ip(), secure)).collect();
        if permitted.is_empty() && !found.is_empty() {
            return Err(if found.iter().any(|address| is_internal(address.ip())) {
                ConnectError::Internal { host: host.to_owned() }
            } else {
                ConnectError::Url(format!("http://{host}:{port}"))
            });
        }
        Ok(permitted)
    }

    /// Whether this address may be connected to: in the clear, only what is listed.
    fn permits(&self, address: IpAddr, secure: bool) -> bool {
        let plain = internal::unmapped(address);
        let listed = self.listed.iter().any(|network| network.contains(&plain));
        listed || (secure && !is_internal(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_internal_is_reached_where_it_is_listed_and_in_the_clear_nothing_else() {
        let none = Outbound::default();
        let listed = Outbound::new(vec!["127.0.0.1/32".parse().unwrap(), "10.1.0.0/16".parse().unwrap()]);
        for (address, secure, by_none, by_listed) in [
            ("127.0.0.1", true, false, true),
            ("127.0.0.1", false, false, true),
            ("::ffff:127.0.0.1", true, false, true),
            ("127.0.0.2", true, false, false),
            ("10.1.2.3", true, false, true),
            ("10.2.2.3", true, false, false),
            ("169.254.169.254", true, false, false),
            ("93.184.216.34", true, true, true),
            ("93.184.216.34", false, false, false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(none.permits(address, secure), by_none, "{address} {secure}");
            assert_eq!(listed.permits(address, secure), by_listed, "{address} {secure}");
        }
    }
}
