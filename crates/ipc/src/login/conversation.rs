//! The shim's side of a conversation: the agent leads, the shim shows and returns.

use std::io::{Read, Write};

use super::{AgentMessage, ShimMessage, Verdict};
use crate::{IpcError, printable};

/// So many messages may the agent send in one conversation, the verdict included.
pub const MAX_MESSAGES: usize = 32;

/// The screen and keyboard of whoever is logging in. Texts arrive already made [`printable`].
pub trait Conversation {
    /// Shows the text and returns the answer; nothing if nobody answers or the person breaks off.
    fn prompt(&mut self, echo: bool, text: &str) -> Option<String>;
    fn inform(&mut self, text: &str);
    fn warn(&mut self, text: &str);
}

/// Runs a conversation to its verdict. Any error, end of stream, timeout or excess denies.
pub fn converse<S: Read + Write>(
    stream: &mut S,
    opening: ShimMessage,
    conversation: &mut impl Conversation,
) -> Verdict {
    try_converse(stream, opening, conversation).unwrap_or(Verdict::Deny)
}

/// As [`converse`], for callers that log why a login was denied. The secrets in `opening` are wiped as soon as they
/// are sent.
///
/// # Errors
/// Each of them means that the login is denied.
pub fn try_converse<S: Read + Write>(
    stream: &mut S,
    mut opening: ShimMessage,
    conversation: &mut impl Conversation,
) -> Result<Verdict, IpcError> {
    let sent = open(stream, &opening);
    opening.wipe();
    sent?;
    for _ in 0..MAX_MESSAGES {
        match AgentMessage::read(stream)? {
            AgentMessage::Done { verdict } => return Ok(verdict),
            AgentMessage::Inform { text } => conversation.inform(&printable(&text)),
            AgentMessage::Prompt { echo, text } => {
                let answer = conversation.prompt(echo, &printable(&text));
                reply(stream, answer)?;
            }
            AgentMessage::Warn { text } => conversation.warn(&printable(&text)),
        }
    }
    Err(IpcError::TooManyMessages(MAX_MESSAGES))
}

fn open(stream: &mut impl Write, opening: &ShimMessage) -> Result<(), IpcError> {
    match opening {
        ShimMessage::Account { .. } | ShimMessage::Begin { .. } | ShimMessage::Whose { .. } => {
            opening.write(stream)
        }
        ShimMessage::Answer { .. } | ShimMessage::Cancel => Err(IpcError::NotAnOpening),
    }
}

/// After a cancel nothing is read any more, so no verdict can turn it into a login.
fn reply(stream: &mut impl Write, answer: Option<String>) -> Result<(), IpcError> {
    let Some(text) = answer else {
        ShimMessage::Cancel.write(stream)?;
        return Err(IpcError::Cancelled);
    };
    let mut message = ShimMessage::Answer { text };
    let sent = message.write(stream);
    message.wipe();
    sent
}
