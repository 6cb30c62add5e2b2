//! Syslog to somebody's collector: over TCP (RFC 6587), TLS (RFC 5425) or UDP (RFC 5426).
//!
//! The protocol has no word of thanks. So a batch has a connection of its own, of which we close our half when all is said: a
//! collector that has read everything closes its half too, and one that went away in between resets it. That tells us, mostly,
//! whether to say it all again.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::UdpSocket,
    time::{Instant, timeout, timeout_at},
};

use crate::{ConnectError, ServerAddress, outbound::Outbound};

/// What a datagram holds at most, with room for the headers below.
const LONGEST_DATAGRAM: usize = 65_000;
/// How long a collector may take to close its half. One that never does is believed.
const FAREWELL: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Tls,
    Udp,
}

impl Outbound {
    /// Hands these messages to the collector at `host`, in order, as `framed` has them for a stream and as they are for
    /// datagrams.
    ///
    /// # Errors
    /// Internal and not listed, in the clear and not listed, unreachable, an impostor, too slow, or broken off.
    pub async fn send_syslog(
        &self,
        (host, port): (&str, u16),
        transport: Transport,
        messages: &[String],
        framed: fn(&str) -> Vec<u8>,
        within: Duration,
    ) -> Result<(), ConnectError> {
        let deadline = Instant::now() + within;
        let slow = |_| ConnectError::TooSlow(within.as_secs());
        if transport == Transport::Udp {
            return timeout_at(deadline, self.throw(host, port, messages)).await.map_err(slow)?;
        }
        let all: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
        let secure = transport == Transport::Tls;
        let socket = timeout_at(deadline, self.reach(host, port, secure)).await.map_err(slow)??;
        if !secure {
            return timeout_at(deadline, say(socket, &all)).await.map_err(slow)?;
        }
        let tls = self.trust(host)?.unnamed();
        let stream = timeout_at(deadline, tls.connector().connect(tls.name(), socket)).await.map_err(slow)?;
        let stream = stream
            .map_err(|error| crate::connection::handshake_error(&ServerAddress::of(host, port), &error))?;
        timeout_at(deadline, say(stream, &all)).await.map_err(slow)?
    }

    async fn throw(&self, host: &str, port: u16, messages: &[String]) -> Result<(), ConnectError> {
        let address =
            *self.permitted(host, port, false).await?.first().ok_or_else(|| ConnectError::Unreachable {
                address: ServerAddress::of(host, port),
                reason: "the name has no address".to_owned(),
            })?;
        let from = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(from).await.map_err(|error| broken(&error))?;
        socket.connect(address).await.map_err(|error| broken(&error))?;
        for message in messages {
            let bytes = message.as_bytes();
            let fits = bytes.get(..LONGEST_DATAGRAM).unwrap_or(bytes);
            socket.send(fits).await.map_err(|error| broken(&error))?;
        }
        Ok(())
    }
}

/// Says all of it, and waits until it was heard.
async fn say(mut stream: impl AsyncRead + AsyncWrite + Unpin, all: &[u8]) -> Result<(), ConnectError> {
    stream.write_all(all).await.map_err(|error| broken(&error))?;
    stream.flush().await.map_err(|error| broken(&error))?;
    stream.shutdown().await.map_err(|error| broken(&error))?;
    let mut heard = [0; 256];
    let farewell = async {
        loop {
            match stream.read(&mut heard).await {
                Ok(0) => return Ok(()),
                // What a collector says is nothing to us.
                Ok(_) => {}
                // Closed without the last word of TLS, as many do.
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(broken(&error)),
            }
        }
    };
    timeout(FAREWELL, farewell).await.unwrap_or(Ok(()))
}

fn broken(error: &std::io::Error) -> ConnectError {
    ConnectError::Broken(error.to_string())
}
