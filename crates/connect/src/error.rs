//! Why a connection did not come about or did not do its work, told apart by what somebody can do about it.

use crate::ServerAddress;

#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What was offered as a root is none.
    #[error("the certificate authority cannot be read: {0}")]
    BadRoot(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    /// Whoever answered is not who was expected. Never to be taken for "offline".
    #[error("{address} is not the expected server: {reason}")]
    Impostor { address: ServerAddress, reason: String },
    /// Reachable, but not for whoever may set a URL: only what the configuration lists.
    #[error(
        "`{host}` is on an internal address, and none of those is listed for outbound calls; list it with --outbound-internal"
    )]
    Internal { host: String },
    #[error("the answer of the server breaks the protocol: {0}")]
    Protocol(String),
    #[error("the answer of the server is longer than {0} bytes")]
    TooLong(u64),
    #[error("the server took longer than {0} seconds")]
    TooSlow(u64),
    #[error("{address} cannot be reached: {reason}")]
    Unreachable { address: ServerAddress, reason: String },
    #[error(
        "`{0}` cannot be called: a URL here is `https://host[:port]/path`, or `http` to a listed internal address"
    )]
    Url(String),
}
