//! What differs between systems, under the same names everywhere. What a system cannot do yet says so.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub use linux::{
    accounts, codecs, commands, inventory, login, network, packages, privileges, scope, sockets, supervisor,
    syscalls,
};

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub use macos::{accounts, commands, inventory, login, network, packages, scope};

#[cfg(target_os = "windows")]
mod windows;
#[cfg(target_os = "windows")]
pub use windows::{accounts, commands, inventory, login, network, packages};

#[cfg(not(target_os = "linux"))]
mod unsupported;

/// Something the platform could not do.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Refused(String),
    #[error("`{tool}` failed: {reason}")]
    Tool { tool: String, reason: String },
    #[error("{0} is not supported on this system yet")]
    Unsupported(&'static str),
}
