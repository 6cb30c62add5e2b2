//! A WebSocket (RFC 6455) over a verified connection.

use std::time::Duration;

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::client::TlsStream;
pub use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite::protocol::WebSocketConfig};

use crate::{ConnectError, Connection};

pub type WebSocket = WebSocketStream<TlsStream<TcpStream>>;

/// Small: a channel is idle nearly always, and there are many.
const BUFFER: usize = 4 * 1024;

/// Opens the WebSocket at `path`; messages longer than `longest` bytes end it.
///
/// # Errors
/// The server does not speak it there.
pub async fn open(
    connection: Connection,
    path: &str,
    longest: usize,
    within: Duration,
) -> Result<WebSocket, ConnectError> {
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(longest.saturating_mul(2))
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest));
    let url = format!("wss://{}{path}", connection.host);
    let (socket, _) = timeout(within, client_async_with_config(url, connection.stream, Some(config)))
        .await
        .map_err(|_| ConnectError::TooSlow(within.as_secs()))?
        .map_err(|error| ConnectError::Protocol(error.to_string()))?;
    Ok(socket)
}
