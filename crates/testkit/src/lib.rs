//! The server as a process, a sandbox device, a browser, and the story played on them.

pub mod authenticator;
pub mod browser;
pub mod chromium;
pub mod cli;
pub mod sandbox;
pub mod server;
pub mod ssh;
pub mod story;
