//! What a shim says to the agent. Two of the messages carry secrets: they print without them, and the buffers they
//! pass through are wiped.

use std::{
    fmt,
    io::{Read, Write},
};

use super::{MAX_FRAME, within_limit};
use crate::{
    IpcError,
    codec::{Decoder, Encoder},
    frame, wipe, wipe_bytes,
};

/// Who answers for the password.
#[derive(Clone, PartialEq, Eq)]
pub enum FirstDoor {
    /// The agent is to check it at the server.
    Password { password: String },
    /// The system checked it before us, for example `pam_unix`.
    Vouched { by: String },
}

/// What the shim says to the agent.
#[derive(Clone, PartialEq, Eq)]
pub enum ShimMessage {
    /// Opens the account stage: may this user log in at all?
    Account { version: u8, service: String, user: String },
    /// The reply to a prompt.
    Answer { text: String },
    /// Opens a login.
    Begin {
        version: u8,
        service: String,
        user: String,
        tty: String,
        remote_host: String,
        remote_user: String,
        first_door: FirstDoor,
        /// Whether anybody is there to answer prompts.
        prompts: bool,
    },
    /// The person broke off; nothing that follows counts.
    Cancel,
    /// Asks whether this is an active account of the directory, before anybody has proved anything: *allow* if so,
    /// *exempt* if not, and nobody is let in by either.
    Whose { version: u8, user: String },
}

mod tag {
    pub(super) const BEGIN: u8 = 1;
    pub(super) const ACCOUNT: u8 = 2;
    pub(super) const ANSWER: u8 = 3;
    pub(super) const CANCEL: u8 = 4;
    pub(super) const WHOSE: u8 = 5;

    pub(super) const VOUCHED: u8 = 1;
    pub(super) const PASSWORD: u8 = 2;
}

impl ShimMessage {
    /// The payload of a frame, without its length. It may hold a secret: wipe it after use.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Account { version, service, user } => {
                let mut message = Encoder::new(tag::ACCOUNT, &[service, user]);
                message.byte(*version).text(service).text(user);
                message.finish()
            }
            Self::Answer { text } => {
                let mut message = Encoder::new(tag::ANSWER, &[text]);
                message.text(text);
                message.finish()
            }
            Self::Begin { version, service, user, tty, remote_host, remote_user, first_door, prompts } => {
                let (kind, proof) = first_door.fields();
                let texts = [service, user, tty, remote_host, remote_user, proof];
                let mut message = Encoder::new(tag::BEGIN, &texts);
                message.byte(*version).text(service).text(user).text(tty).text(remote_host).text(remote_user);
                message.byte(kind).text(proof).byte(u8::from(*prompts));
                message.finish()
            }
            Self::Cancel => Encoder::new(tag::CANCEL, &[]).finish(),
            Self::Whose { version, user } => {
                let mut message = Encoder::new(tag::WHOSE, &[user]);
                message.byte(*version).text(user);
                message.finish()
            }
        }
    }

    /// # Errors
    /// Whatever is not exactly one message.
    pub fn decode(payload: &[u8]) -> Result<Self, IpcError> {
        within_limit(payload)?;
        let mut fields = Decoder::new(payload);
        let mut message = Self::decode_fields(&mut fields)?;
        if let Err(error) = fields.end() {
            message.wipe();
            return Err(error);
        }
        Ok(message)
    }

    fn decode_fields(fields: &mut Decoder<'_>) -> Result<Self, IpcError> {
        match fields.byte()? {
            tag::ACCOUNT => {
                Ok(Self::Account { version: fields.byte()?, service: fields.text()?, user: fields.text()? })
            }
            tag::ANSWER => Ok(Self::Answer { text: fields.text()? }),
            tag::BEGIN => Ok(Self::Begin {
                version: fields.byte()?,
                service: fields.text()?,
                user: fields.text()?,
                tty: fields.text()?,
                remote_host: fields.text()?,
                remote_user: fields.text()?,
                first_door: FirstDoor::decode(fields)?,
                prompts: fields.boolean()?,
            }),
            tag::CANCEL => Ok(Self::Cancel),
            tag::WHOSE => Ok(Self::Whose { version: fields.byte()?, user: fields.text()? }),
            other => Err(IpcError::UnknownTag(other)),
        }
    }

    /// # Errors
    /// What [`frame::read`] and [`ShimMessage::decode`] refuse.
    pub fn read(reader: &mut impl Read) -> Result<Self, IpcError> {
        let mut payload = frame::read(reader, MAX_FRAME)?;
        let message = Self::decode(&payload);
        wipe_bytes(&mut payload);
        message
    }

    /// # Errors
    /// What [`frame::write`] refuses.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), IpcError> {
        let mut payload = self.encode();
        let written = frame::write(writer, &payload, MAX_FRAME);
        wipe_bytes(&mut payload);
        written
    }

    /// Overwrites what is secret in the message: the password, or the answer.
    pub fn wipe(&mut self) {
        match self {
            Self::Account { .. } | Self::Cancel | Self::Whose { .. } => {}
            Self::Answer { text } => wipe(text),
            Self::Begin { first_door, .. } => first_door.wipe(),
        }
    }
}

impl FirstDoor {
    fn fields(&self) -> (u8, &str) {
        match self {
            Self::Password { password } => (tag::PASSWORD, password),
            Self::Vouched { by } => (tag::VOUCHED, by),
        }
    }

    fn decode(fields: &mut Decoder<'_>) -> Result<Self, IpcError> {
        match fields.byte()? {
            tag::PASSWORD => Ok(Self::Password { password: fields.text()? }),
            tag::VOUCHED => Ok(Self::Vouched { by: fields.text()? }),
            other => Err(IpcError::UnknownTag(other)),
        }
    }

    /// Overwrites the password, if there is one.
    pub fn wipe(&mut self) {
        match self {
            Self::Password { password } => wipe(password),
            Self::Vouched { .. } => {}
        }
    }
}

impl fmt::Debug for FirstDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password { .. } => f.debug_struct("Password").finish_non_exhaustive(),
            Self::Vouched { by } => f.debug_struct("Vouched").field("by", by).finish(),
        }
    }
}

impl fmt::Debug for ShimMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { version, service, user } => f
                .debug_struct("Account")
                .field("version", version)
                .field("service", service)
                .field("user", user)
                .finish(),
            Self::Answer { .. } => f.debug_struct("Answer").finish_non_exhaustive(),
            Self::Begin { version, service, user, tty, remote_host, remote_user, first_door, prompts } => f
                .debug_struct("Begin")
                .field("version", version)
                .field("service", service)
                .field("user", user)
                .field("tty", tty)
                .field("remote_host", remote_host)
                .field("remote_user", remote_user)
                .field("first_door", first_door)
                .field("prompts", prompts)
                .finish(),
            Self::Cancel => f.write_str("Cancel"),
            Self::Whose { version, user } => {
                f.debug_struct("Whose").field("version", version).field("user", user).finish()
            }
        }
    }
}
