//! The local protocols of a device: between a login shim and the agent, and between the agent's two halves.
//!
//! Everything is synchronous and works over any `Read + Write`, and nothing but the standard library is linked,
//! because the shims live inside other people's login processes. Decoding is strict: a message is either exactly
//! what was meant, or an error. Who is at the other end is for the caller to ask the kernel; nothing here believes
//! a peer because of the socket it came from.

mod codec;
mod error;
pub mod frame;
pub mod half;
pub mod login;
mod text;
mod wipe;

pub use error::IpcError;
pub use text::printable;
pub use wipe::{wipe, wipe_bytes};
