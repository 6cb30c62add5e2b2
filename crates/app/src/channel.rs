//! The channel of one device, without its transport: messages in, messages out.
//!
//! The device proves its key over the organisation's key, our nonce and the TLS exporter; the organisation proves its
//! own key back. After that nothing is remembered that could be out of date: every message looks the device up anew,
//! so a revocation holds with the next one.

mod status;

use std::{net::IpAddr, sync::Arc};

use sallyport_api::agent::{
    AgentMessage, DesiredState, ServerMessage, Signed, StateVersion, context, hello_bytes, welcome_bytes,
};
use sallyport_crypto::{digest, random, sign::PublicKey};
use sallyport_model::{Device, DeviceState, Span, Time, id::DeviceId};
use serde::Serialize;

use crate::{
    AppError, Caller, Ctx, Org,
    desired::{self, Directory},
    device::offline_logins,
    hub::{Connection, End, Wakeup},
    login::Logins,
    run,
};

/// Longest nonce taken, in hexadecimal digits; the shortest is a quarter of it.
const LONGEST_NONCE: usize = 128;

/// A device's last sign of life is noted no more often than this.
const SEEN_EVERY: Span = Span::seconds(60);

/// How often a number is given when the directory moves under the hand.
const MOST_ATTEMPTS: usize = 4;

/// Why a channel ends at once.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChannelError {
    /// One text for an unknown device, a wrong key and a wrong signature.
    #[error("the device did not prove who it is")]
    NotProven,
    #[error("a message that cannot come now")]
    OutOfOrder,
    #[error(transparent)]
    App(#[from] AppError),
}

/// The answer to a hello. Without a connection the channel ends once the messages are sent.
pub struct Greeting {
    pub messages: Vec<ServerMessage>,
    pub connection: Option<Connection>,
}

pub struct Channel {
    org: Arc<Org>,
    exporter: [u8; 32],
    source: Option<IpAddr>,
    challenge: String,
    stage: Stage,
}

enum Stage {
    Challenged,
    Open(Box<Open>),
    Closed,
}

struct Open {
    device: DeviceId,
    name: String,
    agent_has: Option<StateVersion>,
    seen: Time,
    logins: Logins,
}

/// The state of a device as this channel has to tell it, or not.
enum Look {
    Gone,
    UpToDate,
    Newer(Box<DesiredState>),
    /// What the directory says has no number yet, or the device is ahead of us.
    Unnumbered,
}

impl Channel {
    /// A channel over a fresh connection with this TLS exporter (see `EXPORTER_LABEL` of the agent's API).
    ///
    /// # Errors
    /// No randomness.
    pub fn new(org: Arc<Org>, exporter: [u8; 32], source: Option<IpAddr>) -> Result<Self, AppError> {
        let challenge = digest::hex(&random::bytes::<32>(&*org.random)?);
        Ok(Self { org, exporter, source, challenge, stage: Stage::Challenged })
    }

    /// The first message of the connection.
    #[must_use]
    pub fn challenge(&self) -> ServerMessage {
        ServerMessage::Challenge { nonce: self.challenge.clone() }
    }

    /// Whether the transport is to be closed.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed)
    }

    /// Takes the device's proof, once.
    ///
    /// # Errors
    /// Anything but a hello that proves a device of ours.
    pub async fn hello(&mut self, message: AgentMessage) -> Result<Greeting, ChannelError> {
        let before = std::mem::replace(&mut self.stage, Stage::Closed);
        let (
            Stage::Challenged,
            AgentMessage::Hello { device: id, nonce, signature, agent_version: _, desired },
        ) = (before, message)
        else {
            return Err(ChannelError::OutOfOrder);
        };
        let device = self.proven(id, &nonce, &signature).await?;
        let welcome = self.welcome(id, &nonce);
        if device.state == DeviceState::Revoked {
            // Said after our own proof, for without one the device must not believe it.
            return Ok(Greeting { messages: vec![welcome, ServerMessage::Revoked], connection: None });
        }
        let seen = self.org.clock.now();
        let logins = Logins::default();
        let open = Open { device: id, name: device.name, agent_has: desired, seen, logins };
        status::see(&self.ctx_of(id, &open.name)?, id).await?;
        self.stage = Stage::Open(Box::new(open));
        let connection = self.org.hub.register(id);
        Ok(Greeting { messages: vec![welcome], connection: Some(connection) })
    }

    /// Takes a message of the device; what is to be sent back.
    ///
    /// # Errors
    /// The connection is to be closed: the device comes back and says again what was not taken.
    pub async fn handle(&mut self, message: AgentMessage) -> Result<Vec<ServerMessage>, ChannelError> {
        let Stage::Open(open) = &self.stage else { return Err(ChannelError::OutOfOrder) };
        let (id, ctx) = (open.device, self.ctx_of(open.device, &open.name)?);
        let found = ctx.read(move |reader| Ok(reader.find::<Device>(id)?)).await?;
        let Some(device) = found.map(|found| found.value).filter(|found| found.state != DeviceState::Revoked)
        else {
            return Ok(self.end(End::Revoked));
        };
        self.note_seen(&ctx).await?;
        let Stage::Open(open) = &mut self.stage else { return Err(ChannelError::OutOfOrder) };
        match message {
            AgentMessage::Hello { .. } => Err(ChannelError::OutOfOrder),
            AgentMessage::Report(report) => {
                status::put_report(&ctx, &device, *report).await?;
                Ok(Vec::new())
            }
            AgentMessage::Inventory(inventory) => {
                status::put_inventory(&ctx, id, *inventory).await?;
                Ok(Vec::new())
            }
            AgentMessage::RunEvent(event) => match run::event(&ctx, id, event).await {
                Ok(acknowledgement) => Ok(vec![acknowledgement]),
                Err(error) => not_taken(&ctx, error),
            },
            AgentMessage::Contact(contact) => match offline_logins::take(&ctx, &device, contact).await {
                Ok(proof) => Ok(vec![proof]),
                Err(error) => not_taken(&ctx, error),
            },
            AgentMessage::LoginBegin(begin) => Ok(open.logins.begin(&ctx, &device, begin).await),
            AgentMessage::LoginAnswer { conversation, text } => {
                Ok(open.logins.answer(&ctx, &device, conversation, text.into()).await)
            }
            AgentMessage::LoginCancel { conversation } => {
                open.logins.cancel(&conversation);
                Ok(Vec::new())
            }
        }
    }

    /// Looks at what the connection was woken for; what is to be sent.
    ///
    /// # Errors
    /// The connection is to be closed; the device comes back and everything is looked at again.
    pub async fn on_wakeup(&mut self, wakeup: Wakeup) -> Result<Vec<ServerMessage>, ChannelError> {
        let Stage::Open(open) = &self.stage else { return Err(ChannelError::OutOfOrder) };
        let (id, ctx) = (open.device, self.ctx_of(open.device, &open.name)?);
        match wakeup {
            Wakeup::Desired => self.desired(&ctx, id).await,
            Wakeup::End(end) => Ok(self.end(end)),
            Wakeup::Message(message) => Ok(vec![message]),
            Wakeup::Runs => {
                let orders = run::orders_for(&ctx, id).await?;
                Ok(orders.into_iter().map(|order| ServerMessage::Run { order }).collect())
            }
        }
    }

    /// Notes that the device is alive, such as when the transport hears from it.
    ///
    /// # Errors
    /// The store's.
    pub async fn alive(&mut self) -> Result<(), ChannelError> {
        let Stage::Open(open) = &self.stage else { return Ok(()) };
        let ctx = self.ctx_of(open.device, &open.name)?;
        Ok(self.note_seen(&ctx).await?)
    }

    async fn proven(&self, id: DeviceId, nonce: &str, signature: &str) -> Result<Device, ChannelError> {
        if !digest::is_hex(nonce) || !(LONGEST_NONCE / 4..=LONGEST_NONCE).contains(&nonce.len()) {
            return Err(ChannelError::NotProven);
        }
        let found = self.org.db.read(move |reader| Ok::<_, AppError>(reader.find::<Device>(id)?)).await?;
        let device = found.ok_or(ChannelError::NotProven)?.value;
        let signature =
            data_encoding::HEXLOWER.decode(signature.as_bytes()).map_err(|_| ChannelError::NotProven)?;
        let key = PublicKey::from_hex(&device.public_key).ok_or(ChannelError::NotProven)?;
        let signed = hello_bytes(&self.organization_key(), id, &self.challenge, nonce, &self.exporter);
        if key.verifies(context::HELLO, &signed, &signature) {
            Ok(device)
        } else {
            Err(ChannelError::NotProven)
        }
    }

    fn welcome(&self, device: DeviceId, nonce: &str) -> ServerMessage {
        let bytes = welcome_bytes(&self.organization_key(), device, &self.challenge, nonce, &self.exporter);
        let signature = self.org.keys.device_signing().sign(context::WELCOME, &bytes);
        ServerMessage::Welcome { signature: digest::hex(&signature), now: self.org.clock.now() }
    }

    fn organization_key(&self) -> String {
        self.org.keys.device_signing().public().to_hex()
    }

    async fn note_seen(&mut self, ctx: &Ctx) -> Result<(), AppError> {
        let Stage::Open(open) = &mut self.stage else { return Ok(()) };
        if ctx.now.since(open.seen) < SEEN_EVERY {
            return Ok(());
        }
        status::see(ctx, open.device).await?;
        open.seen = ctx.now;
        Ok(())
    }

    /// The desired state, if the device does not have it.
    async fn desired(&mut self, ctx: &Ctx, id: DeviceId) -> Result<Vec<ServerMessage>, ChannelError> {
        let Stage::Open(open) = &mut self.stage else { return Err(ChannelError::OutOfOrder) };
        for _ in 0..MOST_ATTEMPTS {
            match look(ctx, id, open.agent_has).await? {
                Look::Gone => return Ok(self.end(End::Revoked)),
                Look::UpToDate => return Ok(Vec::new()),
                Look::Newer(state) => {
                    let signed = signed(&self.org, context::DESIRED_STATE, &*state)?;
                    open.agent_has = Some(state.version);
                    return Ok(vec![ServerMessage::Desired { state: signed }]);
                }
                // The projection will do the same in a moment; a device that just came need not wait for it.
                Look::Unnumbered => number(ctx, id, open.agent_has).await?,
            }
        }
        // The directory changes faster than it is read; the next change wakes this connection again.
        Ok(Vec::new())
    }

    fn end(&mut self, end: End) -> Vec<ServerMessage> {
        self.stage = Stage::Closed;
        match end {
            End::Reconnect { after_seconds } => vec![ServerMessage::Reconnect { after_seconds }],
            End::Replaced => Vec::new(),
            End::Revoked => vec![ServerMessage::Revoked],
        }
    }

    fn ctx_of(&self, id: DeviceId, name: &str) -> Result<Ctx, AppError> {
        let mut ctx = Ctx::system(&self.org, "device channel")
            .with_caller(Caller::Device { id, name: name.to_owned() });
        ctx.source = self.source;
        ctx.request = ctx.uuid()?.simple().to_string().into();
        Ok(ctx)
    }
}

/// JSON with the organisation's signature, as devices verify it.
pub(crate) fn signed<T: Serialize>(org: &Org, context: &str, value: &T) -> Result<Signed, AppError> {
    let payload = serde_json::to_string(value)?;
    let signature = digest::hex(&org.keys.device_signing().sign(context, payload.as_bytes()));
    Ok(Signed { payload, signature })
}

async fn look(ctx: &Ctx, id: DeviceId, agent_has: Option<StateVersion>) -> Result<Look, AppError> {
    let call = ctx.clone();
    ctx.read(move |reader| {
        let Some(device) = reader.find::<Device>(id)? else { return Ok(Look::Gone) };
        if device.state == DeviceState::Revoked {
            return Ok(Look::Gone);
        }
        let status = reader.device_status(&id.to_string())?;
        let content = desired::compute(reader, &call, &device)?;
        let version = desired::version(&status);
        if content.digest()? != status.digest || agent_has.is_some_and(|theirs| theirs > version) {
            return Ok(Look::Unnumbered);
        }
        if agent_has == Some(version) {
            return Ok(Look::UpToDate);
        }
        Ok(Look::Newer(Box::new(content.numbered(id, version, call.now))))
    })
    .await
}

async fn number(ctx: &Ctx, id: DeviceId, agent_has: Option<StateVersion>) -> Result<(), AppError> {
    ctx.write(move |tx| {
        if let Some(device) = tx.find::<Device>(id)? {
            desired::refresh(tx, &mut Directory::default(), &device, agent_has)?;
        }
        Ok(())
    })
    .await
}

/// What a device says may be refused without ending its channel; what we could not take it must say again.
fn not_taken(ctx: &Ctx, error: AppError) -> Result<Vec<ServerMessage>, ChannelError> {
    match error {
        AppError::Busy | AppError::FateUnknown | AppError::Internal(_) | AppError::Stale => Err(error.into()),
        AppError::AboveOwnRights
        | AppError::Conflict(_)
        | AppError::Denied(_)
        | AppError::Invalid { .. }
        | AppError::NotFound { .. }
        | AppError::PasswordExpired
        | AppError::Unauthenticated => {
            tracing::warn!(request = &*ctx.request, caller = %ctx.actor().label(), %error, "a device's message was refused");
            Ok(Vec::new())
        }
    }
}

#[cfg(test)]
mod tests;
