//! The channel to the server: opened, and both sides proved.

use std::time::Duration;

use data_encoding::HEXLOWER;
use sallyport_api::agent::{
    AgentMessage, CHANNEL_PATH, EXPORTER_LABEL, INTERNAL_NAME, MAX_FRAME, ServerMessage, context,
    hello_bytes, welcome_bytes,
};
use sallyport_connect::{
    AddressError, ConnectError, Connection, Tls,
    websocket::{Received, WebSocket},
};
use sallyport_crypto::{
    Random,
    random::{self, NoRandomness},
    sign::{PublicKey, SigningKey},
};
use tokio::time::{Instant, timeout_at};

use crate::half::NetConfig;

const CONNECT: Duration = Duration::from_secs(20);
const HANDSHAKE: Duration = Duration::from_secs(20);
const LONGEST_NONCE: usize = 256;

pub(crate) struct Channel {
    socket: WebSocket,
    welcome: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelError {
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("a message cannot be written: {0}")]
    Codec(#[from] serde_json::Error),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    #[error("the server did not prove to be the organisation's")]
    NotProved,
    #[error("the server asks to come back later")]
    Reconnect(Duration),
    #[error("the server turned this device away as revoked")]
    Revoked,
    #[error("the server did not welcome this device in time")]
    TooSlow,
    #[error("the server does not begin as it must")]
    Unexpected,
}

impl Channel {
    /// Connects, says who this device is, and believes nothing until the organisation has proved itself.
    pub(crate) async fn open(
        config: &NetConfig,
        key: &SigningKey,
        random: &dyn Random,
    ) -> Result<Self, ChannelError> {
        let tls = Tls::pinned(&config.ca, INTERNAL_NAME)?;
        let connection = Connection::open(&config.server.parse()?, &tls, CONNECT).await?;
        let exporter = connection.exporter(EXPORTER_LABEL)?;
        let mut socket = WebSocket::open(connection, CHANNEL_PATH, MAX_FRAME, HANDSHAKE).await?;
        let deadline = Instant::now() + HANDSHAKE;
        let proof = prove(&mut socket, config, key, &exporter, random);
        let welcome = timeout_at(deadline, proof).await.map_err(|_| ChannelError::TooSlow)??;
        Ok(Self { socket, welcome })
    }

    /// The message in which the organisation proved itself, as it came.
    pub(crate) fn take_welcome(&mut self) -> String {
        std::mem::take(&mut self.welcome)
    }

    pub(crate) async fn receive(&mut self) -> Result<Received, ChannelError> {
        Ok(self.socket.receive().await?)
    }

    pub(crate) async fn send(&mut self, text: String) -> Result<(), ChannelError> {
        Ok(self.socket.send(text).await?)
    }

    pub(crate) async fn ping(&mut self) -> Result<(), ChannelError> {
        Ok(self.socket.ping().await?)
    }

    pub(crate) async fn close(self) {
        self.socket.close().await;
    }
}

async fn prove(
    socket: &mut WebSocket,
    config: &NetConfig,
    key: &SigningKey,
    exporter: &[u8; 32],
    random: &dyn Random,
) -> Result<String, ChannelError> {
    let challenge = match next(socket).await?.0 {
        ServerMessage::Challenge { nonce } if nonce.len() <= LONGEST_NONCE => nonce,
        ServerMessage::Reconnect { after_seconds } => return Err(reconnect(after_seconds)),
        ServerMessage::Challenge { .. }
        | ServerMessage::Welcome { .. }
        | ServerMessage::Revoked
        | ServerMessage::Desired { .. }
        | ServerMessage::Run { .. }
        | ServerMessage::CancelRun { .. }
        | ServerMessage::RunAcknowledged { .. }
        | ServerMessage::Login { .. }
        | ServerMessage::Contact { .. } => return Err(ChannelError::Unexpected),
    };
    let nonce = HEXLOWER.encode(&random::bytes::<32>(random)?);
    let organization = config.signing_key.as_str();
    let signed = hello_bytes(organization, config.device, &challenge, &nonce, exporter);
    let hello = AgentMessage::Hello {
        device: config.device,
        nonce: nonce.clone(),
        signature: HEXLOWER.encode(&key.sign(context::HELLO, &signed)),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        desired: config.desired,
    };
    socket.send(serde_json::to_string(&hello)?).await?;
    let (message, text) = next(socket).await?;
    let signature = match message {
        ServerMessage::Welcome { signature, now: _ } => signature,
        ServerMessage::Reconnect { after_seconds } => return Err(reconnect(after_seconds)),
        ServerMessage::Revoked => return Err(ChannelError::Revoked),
        ServerMessage::Challenge { .. }
        | ServerMessage::Desired { .. }
        | ServerMessage::Run { .. }
        | ServerMessage::CancelRun { .. }
        | ServerMessage::RunAcknowledged { .. }
        | ServerMessage::Login { .. }
        | ServerMessage::Contact { .. } => return Err(ChannelError::Unexpected),
    };
    let expected = welcome_bytes(organization, config.device, &challenge, &nonce, exporter);
    let proved = PublicKey::from_hex(organization)
        .zip(HEXLOWER.decode(signature.as_bytes()).ok())
        .is_some_and(|(key, signature)| key.verifies(context::WELCOME, &expected, &signature));
    if proved { Ok(text) } else { Err(ChannelError::NotProved) }
}

fn reconnect(after_seconds: u32) -> ChannelError {
    ChannelError::Reconnect(Duration::from_secs(u64::from(after_seconds)))
}

async fn next(socket: &mut WebSocket) -> Result<(ServerMessage, String), ChannelError> {
    loop {
        match socket.receive().await? {
            Received::Alive => {}
            Received::Closed => return Err(ChannelError::Unexpected),
            Received::Text(text) => {
                let message = serde_json::from_str(&text).map_err(|_| ChannelError::Unexpected)?;
                return Ok((message, text));
            }
        }
    }
}
