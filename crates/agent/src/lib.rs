//! The device agent.
//!
//! Two processes: a privileged half without network, which alone believes what the organisation signed and acts on
//! it, and a network half without privileges, which speaks to the server. Between them a socket pair. What the
//! agent does is decided in [`core`], which does no IO.

pub mod accounts;
pub mod child;
pub mod cli;
pub mod clock;
pub mod core;
pub mod device_key;
pub mod durable;
pub mod half;
pub mod journal;
pub mod log;
pub mod net;
pub mod paths;
pub mod platform;
pub mod root;
pub mod standalone;
pub mod trust;
