//! What can be wrong with a peer or its bytes. Every one of these refuses; none has a fallback.

use std::io;

/// A message that could not be read, understood or sent.
#[derive(Debug, thiserror::Error)]
pub enum IpcError {
    /// A boolean is 0 or 1, so that each message has one encoding only.
    #[error("byte `{0}` is not a boolean")]
    BadBool(u8),
    #[error("the person broke off")]
    Cancelled,
    /// End of stream where a message could have begun.
    #[error("the peer closed the connection")]
    Closed,
    #[error("a message of {length} bytes exceeds the limit of {limit}")]
    FrameTooLong { length: usize, limit: usize },
    #[error("the local connection failed: {0}")]
    Io(#[from] io::Error),
    /// Only `Begin` and `Account` open a conversation.
    #[error("a conversation cannot be opened with this message")]
    NotAnOpening,
    #[error("a text is not UTF-8")]
    NotUtf8,
    #[error("not enough memory for a message of {0} bytes")]
    OutOfMemory(usize),
    #[error("the peer sent more than {0} messages without coming to an end")]
    TooManyMessages(usize),
    #[error("{0} bytes follow the end of the message")]
    TrailingBytes(usize),
    #[error("the message ends too early")]
    Truncated,
    #[error("unknown tag `{0}`")]
    UnknownTag(u8),
}
