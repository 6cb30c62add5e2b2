//! The network half: it alone speaks to the server, with the device's key, and is believed by nobody.
//!
//! It checks what it must to speak with the right server, and hands on what that one says. Whether any of it has
//! consequences, the privileged half decides from signatures.

pub(crate) mod auth_api;
mod backoff;
mod channel;
#[cfg(target_os = "linux")]
mod device_proof;
mod enroll;
mod fetch;
#[cfg(unix)]
pub mod process;

use std::time::Duration;

use sallyport_api::agent::ServerMessage;
use sallyport_connect::websocket::Received;
use sallyport_crypto::{Random, sign::SigningKey};
use sallyport_ipc::half::{self, Frame};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use self::{
    backoff::Backoff,
    channel::{Channel, ChannelError},
};
pub use self::{
    enroll::{EnrollError, enroll},
    fetch::{FetchError, fetch},
};
use crate::{
    half::{CONFIG, NetConfig},
    log,
};

const PING_EVERY: Duration = Duration::from_secs(45);
/// Without any sign of life for so long the server is gone.
const SILENCE: Duration = Duration::from_secs(100);
/// A channel that held for so long was a good one.
const STEADY: Duration = Duration::from_secs(60);
/// A server that turns a device away before it has proved itself is asked again after a while.
const TURNED_AWAY: Duration = Duration::from_secs(3600);

/// Why a session ended.
enum End {
    Failed(String),
    Reconnect(Duration),
    Revoked,
    /// The privileged half is gone.
    RootGone,
}

/// Keeps the channel open until the privileged half goes away.
pub async fn run(
    mut inbox: mpsc::Receiver<Frame>,
    outbox: mpsc::Sender<Frame>,
    key: &SigningKey,
    random: &dyn Random,
) {
    let Some(mut config) = first_config(&mut inbox).await else { return };
    let mut backoff = Backoff::new();
    loop {
        let end = match Channel::open(&config, key, random).await {
            Ok(mut channel) => {
                let opened = Instant::now();
                let end = session(&mut channel, &mut config, &mut inbox, &outbox).await;
                channel.close().await;
                if opened.elapsed() > STEADY {
                    backoff.reset();
                }
                let down = Frame { tag: half::LINK_DOWN, body: Vec::new() };
                if outbox.send(down).await.is_err() {
                    return;
                }
                end
            }
            Err(ChannelError::Revoked) => End::Reconnect(TURNED_AWAY),
            Err(ChannelError::Reconnect(after)) => End::Reconnect(after),
            Err(error) => End::Failed(error.to_string()),
        };
        let pause = match end {
            End::RootGone => return,
            End::Revoked => {
                log::warn(format_args!("the server revoked this device; not connecting any more"));
                None
            }
            End::Reconnect(after) => Some(backoff.at_least(after, random)),
            End::Failed(reason) => {
                let pause = backoff.next(random);
                log::warn(format_args!("{reason}; trying again in {} s", pause.as_secs().max(1)));
                Some(pause)
            }
        };
        if !wait(pause, &mut config, &mut inbox).await {
            return;
        }
    }
}

async fn first_config(inbox: &mut mpsc::Receiver<Frame>) -> Option<NetConfig> {
    loop {
        let frame = inbox.recv().await?;
        if let Some(config) = config(&frame) {
            return Some(config);
        }
    }
}

fn config(frame: &Frame) -> Option<NetConfig> {
    (frame.tag == CONFIG).then(|| serde_json::from_slice(&frame.body).ok()).flatten()
}

async fn session(
    channel: &mut Channel,
    config: &mut NetConfig,
    inbox: &mut mpsc::Receiver<Frame>,
    outbox: &mpsc::Sender<Frame>,
) -> End {
    let welcome = Frame { tag: half::SERVER_MESSAGE, body: channel.take_welcome().into_bytes() };
    let up = Frame { tag: half::LINK_UP, body: Vec::new() };
    if outbox.send(welcome).await.is_err() || outbox.send(up).await.is_err() {
        return End::RootGone;
    }
    log::info(format_args!("connected to {}", config.server));
    let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        let sent = tokio::select! {
            received = channel.receive() => {
                heard = Instant::now();
                match hand_on(received, outbox).await {
                    Some(end) => return end,
                    None => Ok(()),
                }
            }
            frame = inbox.recv() => match frame {
                None => return End::RootGone,
                Some(frame) => send(channel, config, frame).await,
            },
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE {
                    return End::Failed("the server fell silent".to_owned());
                }
                channel.ping().await
            }
        };
        if let Err(error) = sent {
            return End::Failed(error.to_string());
        }
    }
}

/// Gives what the server said to the privileged half, as it came.
async fn hand_on(received: Result<Received, ChannelError>, outbox: &mpsc::Sender<Frame>) -> Option<End> {
    let text = match received {
        Ok(Received::Alive) => return None,
        Ok(Received::Closed) => return Some(End::Failed("the server closed the channel".to_owned())),
        Ok(Received::Text(text)) => text,
        Err(error) => return Some(End::Failed(error.to_string())),
    };
    let end = match serde_json::from_str(&text) {
        Ok(ServerMessage::Reconnect { after_seconds }) => {
            return Some(End::Reconnect(Duration::from_secs(u64::from(after_seconds))));
        }
        Ok(ServerMessage::Revoked) => Some(End::Revoked),
        Ok(
            ServerMessage::Challenge { .. }
            | ServerMessage::Welcome { .. }
            | ServerMessage::Desired { .. }
            | ServerMessage::Run { .. }
            | ServerMessage::CancelRun { .. }
            | ServerMessage::RunAcknowledged { .. }
            | ServerMessage::Login { .. }
            | ServerMessage::Contact { .. },
        ) => None,
        // A newer server may know messages that this agent does not.
        Err(_) => return None,
    };
    let frame = Frame { tag: half::SERVER_MESSAGE, body: text.into_bytes() };
    match outbox.send(frame).await {
        Ok(()) => end,
        Err(_) => Some(End::RootGone),
    }
}

async fn send(channel: &mut Channel, present: &mut NetConfig, frame: Frame) -> Result<(), ChannelError> {
    if let Some(config) = config(&frame) {
        *present = config;
        return Ok(());
    }
    if frame.tag != half::AGENT_MESSAGE {
        return Ok(());
    }
    match String::from_utf8(frame.body) {
        Ok(text) => channel.send(text).await,
        Err(_) => Ok(()),
    }
}

/// Waits, for ever without a pause, while what the privileged half says is heard. False if it is gone.
async fn wait(pause: Option<Duration>, present: &mut NetConfig, inbox: &mut mpsc::Receiver<Frame>) -> bool {
    let over = async {
        match pause {
            Some(pause) => sleep(pause).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => return true,
            frame = inbox.recv() => match frame {
                None => return false,
                Some(frame) => if let Some(config) = config(&frame) {
                    *present = config;
                },
            },
        }
    }
}
