//! Between a login shim (PAM module, credential provider, authorization plugin) and the agent.
//!
//! The shim opens with [`ShimMessage::Begin`], [`ShimMessage::Account`] or [`ShimMessage::Whose`]; from then on the agent leads, and the
//! shim shows texts and returns answers until [`AgentMessage::Done`]. The tags of the two directions are disjoint,
//! so a message sent back to its author is never understood.

mod conversation;
mod shim_message;

use std::io::{Read, Write};

pub use conversation::{Conversation, MAX_MESSAGES, converse, try_converse};
pub use shim_message::{FirstDoor, ShimMessage};

use crate::{
    IpcError,
    codec::{Decoder, Encoder},
    frame,
};

/// The version that shims of this crate announce.
pub const VERSION: u8 = 1;

/// Longest payload in either direction.
pub const MAX_FRAME: usize = 64 * 1024;

/// Where the agent listens unless told otherwise.
pub const SOCKET: &str = "/run/sallyport/login.sock";

/// The outcome of a login, as far as Sallyport has a say in it. Closed: a shim maps each to one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    Deny,
    /// Policy says explicitly that this user, here, is no business of ours.
    Exempt,
    /// The agent could not decide, and policy gives it no way to decide alone.
    Unavailable,
}

/// What the agent says to the shim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentMessage {
    /// The last message of a conversation.
    Done { verdict: Verdict },
    /// To be shown; no reply.
    Inform { text: String },
    /// To be shown and answered; without `echo` the answer must not appear on the screen.
    Prompt { echo: bool, text: String },
    /// To be shown as a problem; no reply.
    Warn { text: String },
}

mod tag {
    pub(super) const PROMPT: u8 = 16;
    pub(super) const INFORM: u8 = 17;
    pub(super) const WARN: u8 = 18;
    pub(super) const DONE: u8 = 19;
}

impl AgentMessage {
    /// The payload of a frame, without its length; for callers that frame by themselves.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Done { verdict } => {
                let mut message = Encoder::new(tag::DONE, &[]);
                message.byte(verdict.to_byte());
                message.finish()
            }
            Self::Inform { text } => with_text(tag::INFORM, text),
            Self::Prompt { echo, text } => {
                let mut message = Encoder::new(tag::PROMPT, &[text]);
                message.byte(u8::from(*echo)).text(text);
                message.finish()
            }
            Self::Warn { text } => with_text(tag::WARN, text),
        }
    }

    /// # Errors
    /// Whatever is not exactly one message.
    pub fn decode(payload: &[u8]) -> Result<Self, IpcError> {
        within_limit(payload)?;
        let mut fields = Decoder::new(payload);
        let message = match fields.byte()? {
            tag::DONE => Self::Done { verdict: Verdict::from_byte(fields.byte()?)? },
            tag::INFORM => Self::Inform { text: fields.text()? },
            tag::PROMPT => Self::Prompt { echo: fields.boolean()?, text: fields.text()? },
            tag::WARN => Self::Warn { text: fields.text()? },
            other => return Err(IpcError::UnknownTag(other)),
        };
        fields.end()?;
        Ok(message)
    }

    /// # Errors
    /// What [`frame::read`] and [`AgentMessage::decode`] refuse.
    pub fn read(reader: &mut impl Read) -> Result<Self, IpcError> {
        Self::decode(&frame::read(reader, MAX_FRAME)?)
    }

    /// # Errors
    /// What [`frame::write`] refuses.
    pub fn write(&self, writer: &mut impl Write) -> Result<(), IpcError> {
        frame::write(writer, &self.encode(), MAX_FRAME)
    }
}

/// Zero is no verdict, so that cleared memory never reads as one.
impl Verdict {
    fn to_byte(self) -> u8 {
        match self {
            Self::Allow => 1,
            Self::Exempt => 2,
            Self::Deny => 3,
            Self::Unavailable => 4,
        }
    }

    fn from_byte(byte: u8) -> Result<Self, IpcError> {
        match byte {
            1 => Ok(Self::Allow),
            2 => Ok(Self::Exempt),
            3 => Ok(Self::Deny),
            4 => Ok(Self::Unavailable),
            other => Err(IpcError::UnknownTag(other)),
        }
    }
}

fn with_text(tag: u8, text: &str) -> Vec<u8> {
    let mut message = Encoder::new(tag, &[text]);
    message.text(text);
    message.finish()
}

fn within_limit(payload: &[u8]) -> Result<(), IpcError> {
    if payload.len() > MAX_FRAME {
        return Err(IpcError::FrameTooLong { length: payload.len(), limit: MAX_FRAME });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
