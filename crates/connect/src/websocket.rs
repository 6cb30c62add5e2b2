//! A WebSocket (RFC 6455) over a verified connection.

use std::{io::ErrorKind, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Bytes, Error, Message, protocol::WebSocketConfig},
};

use crate::{ConnectError, Connection};

/// An open WebSocket.
pub struct WebSocket {
    stream: WebSocketStream<TlsStream<TcpStream>>,
    patience: Duration,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A sign of life without content.
    Alive,
    Closed,
    Text(String),
}

/// Small: a channel is idle nearly always, and there are many.
const BUFFER: usize = 4 * 1024;

impl WebSocket {
    /// Opens the WebSocket at `path`. Messages longer than `longest` bytes end it, and so does whatever takes longer
    /// than `patience`, waiting for the next message excepted.
    ///
    /// # Errors
    /// The server does not speak it there.
    pub async fn open(
        connection: Connection,
        path: &str,
        longest: usize,
        patience: Duration,
    ) -> Result<Self, ConnectError> {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(longest.saturating_mul(2))
            .max_message_size(Some(longest))
            .max_frame_size(Some(longest));
        let url = format!("wss://{}{path}", connection.host);
        let opening = client_async_with_config(url, connection.stream, Some(config));
        let (stream, _) = timeout(patience, opening)
            .await
            .map_err(|_| ConnectError::TooSlow(patience.as_secs()))?
            .map_err(|error| failure(&error))?;
        Ok(Self { stream, patience })
    }

    /// The next message. May be dropped and called again without losing anything.
    ///
    /// # Errors
    /// The connection broke, or the server sent what it must not.
    pub async fn receive(&mut self) -> Result<Received, ConnectError> {
        match self.stream.next().await {
            None | Some(Ok(Message::Close(_))) => Ok(Received::Closed),
            Some(Ok(Message::Text(text))) => Ok(Received::Text(text.as_str().to_owned())),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(Received::Alive),
            Some(Ok(Message::Binary(_))) => Err(ConnectError::Protocol("a binary message".to_owned())),
            Some(Err(error)) => Err(failure(&error)),
        }
    }

    /// # Errors
    /// The connection broke or the server does not read.
    pub async fn send(&mut self, text: String) -> Result<(), ConnectError> {
        self.put(Message::text(text)).await
    }

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// As [`WebSocket::send`].
    pub async fn ping(&mut self) -> Result<(), ConnectError> {
        self.put(Message::Ping(Bytes::new())).await
    }

    /// Ends in order, as far as the other side takes part.
    pub async fn close(mut self) {
        let _ = timeout(self.patience, self.stream.close(None)).await;
    }

    async fn put(&mut self, message: Message) -> Result<(), ConnectError> {
        timeout(self.patience, self.stream.send(message))
            .await
            .map_err(|_| ConnectError::TooSlow(self.patience.as_secs()))?
            .map_err(|error| failure(&error))
    }
}

fn failure(error: &Error) -> ConnectError {
    match error {
        // rustls is precise about an end without notice; to us it is the network.
        Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
            ConnectError::Broken("the server is gone".to_owned())
        }
        Error::Io(error) => ConnectError::Broken(error.to_string()),
        Error::ConnectionClosed | Error::AlreadyClosed => ConnectError::Broken("it was closed".to_owned()),
        Error::Tls(_)
        | Error::Capacity(_)
        | Error::Protocol(_)
        | Error::WriteBufferFull(_)
        | Error::Utf8(_)
        | Error::AttackAttempt
        | Error::Url(_)
        | Error::Http(_)
        | Error::HttpFormat(_) => ConnectError::Protocol(error.to_string()),
    }
}
