//! A TLS connection to a server that has proved to be the expected one.

use std::time::Duration;

use tokio::{
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::client::TlsStream;

use crate::{ConnectError, ServerAddress, Tls};

/// Connected, and the server verified.
pub struct Connection {
    pub(crate) stream: TlsStream<TcpStream>,
    pub(crate) host: String,
}

impl Connection {
    /// Connects to `address` and lets nobody but the server of `tls` answer there.
    ///
    /// # Errors
    /// Unreachable, or somebody else.
    pub async fn open(address: &ServerAddress, tls: &Tls, within: Duration) -> Result<Self, ConnectError> {
        let deadline = Instant::now() + within;
        let unreachable = |reason: String| ConnectError::Unreachable { address: address.clone(), reason };
        let slow = || unreachable(format!("no answer within {} seconds", within.as_secs()));
        let socket = timeout_at(deadline, TcpStream::connect((address.host(), address.port())))
            .await
            .map_err(|_| slow())?
            .map_err(|error| unreachable(error.to_string()))?;
        // A short frame must not wait for a longer one; if the system cannot do that, it is slower, no more.
        let _ = socket.set_nodelay(true);
        let stream = timeout_at(deadline, tls.connector().connect(tls.name(), socket))
            .await
            .map_err(|_| slow())?
            .map_err(|error| handshake_error(address, &error))?;
        Ok(Self { stream, host: tls.host().to_owned() })
    }

    /// Bytes that only the two ends of this connection know (RFC 5705), without a context.
    ///
    /// # Errors
    /// The connection has no such secret.
    pub fn exporter(&self, label: &str) -> Result<[u8; 32], ConnectError> {
        self.stream
            .get_ref()
            .1
            .export_keying_material([0; 32], label.as_bytes(), None)
            .map_err(|error| ConnectError::Protocol(error.to_string()))
    }
}

/// Every failure of the handshake itself is an impostor's, a failure of the network below it is not.
pub(crate) fn handshake_error(address: &ServerAddress, error: &std::io::Error) -> ConnectError {
    let address = address.clone();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(tls) => ConnectError::Impostor { address, reason: tls.to_string() },
        None => ConnectError::Unreachable { address, reason: error.to_string() },
    }
}
