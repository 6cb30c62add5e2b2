//! The WebSocket under the channel: frames in, frames out, and a heartbeat. What the messages mean is the use
//! case's business.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{
        self,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::{IntoResponse, Response},
};
use sallyport_api::agent::{AgentMessage, MAX_FRAME, ServerMessage};
use sallyport_app::channel::{Channel, ChannelError};
use tokio::time::{Instant, timeout};

use crate::{State, call::Connection, problem::Problem};

/// The device must prove itself in this time.
const PATIENCE: Duration = Duration::from_secs(15);
/// A silent connection is asked for a sign of life this often, and given up after three times.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// A device that does not take what it is sent in this time is given up.
const SLOWEST_SEND: Duration = Duration::from_secs(30);

/// Small buffers: thousands of devices are connected and say little.
const READ_BUFFER: usize = 1024;

pub(super) async fn open(
    extract::State(state): extract::State<State>,
    Extension(connection): Extension<Connection>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let Some(exporter) = connection.exporter else {
        return Problem::bad_request("the channel needs TLS").into_response();
    };
    let channel = match Channel::new(Arc::clone(&state.org), exporter, Some(connection.peer.ip())) {
        Ok(channel) => channel,
        Err(error) => return Problem::from(error).into_response(),
    };
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(move |socket| async move {
            // Whoever stops the server waits until nobody holds this any more.
            let _present = state.stopping;
            let ended = Box::pin(converse(socket, channel)).await;
            if let Err(error) = ended {
                tracing::info!(peer = %connection.peer, %error, "a device channel ended");
            }
        })
}

/// Why a channel ended other than by its own words.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Channel(#[from] ChannelError),
    #[error("the device is gone")]
    Gone,
    #[error("the device sent something that is no message")]
    NoMessage,
    #[error("the device was silent for too long")]
    Silent,
}

async fn converse(mut socket: WebSocket, mut channel: Channel) -> Result<(), Ended> {
    send(&mut socket, vec![channel.challenge()]).await?;
    let hello = timeout(PATIENCE, receive(&mut socket)).await.map_err(|_| Ended::Silent)??;
    let greeting = channel.hello(hello.ok_or(Ended::NoMessage)?).await?;
    send(&mut socket, greeting.messages).await?;
    let Some(connection) = greeting.connection else { return close(socket).await };
    let mut heard = Instant::now();
    while !channel.is_closed() {
        let messages = tokio::select! {
            received = receive(&mut socket) => {
                heard = Instant::now();
                match received? {
                    // Apart, for what a login needs is a thousand times what waiting for one does.
                    Some(message) => Box::pin(channel.handle(message)).await?,
                    None => {
                        channel.alive().await?;
                        Vec::new()
                    }
                }
            }
            wakeup = connection.woken() => channel.on_wakeup(wakeup).await?,
            () = tokio::time::sleep(HEARTBEAT) => {
                if heard.elapsed() > HEARTBEAT * 3 {
                    return Err(Ended::Silent);
                }
                put(&mut socket, Message::Ping(Vec::new().into())).await?;
                Vec::new()
            }
        };
        send(&mut socket, messages).await?;
    }
    close(socket).await
}

/// The next message; `None` for a mere sign of life.
async fn receive(socket: &mut WebSocket) -> Result<Option<AgentMessage>, Ended> {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).map(Some).map_err(|_| Ended::NoMessage),
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
        Some(Ok(Message::Binary(_))) => Err(Ended::NoMessage),
        Some(Ok(Message::Close(_)) | Err(_)) | None => Err(Ended::Gone),
    }
}

async fn send(socket: &mut WebSocket, messages: Vec<ServerMessage>) -> Result<(), Ended> {
    for message in messages {
        let text = serde_json::to_string(&message).map_err(|_| Ended::NoMessage)?;
        put(socket, Message::Text(text.into())).await?;
    }
    Ok(())
}

async fn put(socket: &mut WebSocket, message: Message) -> Result<(), Ended> {
    timeout(SLOWEST_SEND, socket.send(message)).await.map_err(|_| Ended::Silent)?.map_err(|_| Ended::Gone)
}

async fn close(mut socket: WebSocket) -> Result<(), Ended> {
    put(&mut socket, Message::Close(None)).await
}
