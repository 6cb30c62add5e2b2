//! The server as a process, a sandbox device, a browser, and the story played on them.

pub mod api;
pub mod authenticator;
pub mod browser;
pub mod chromium;
pub mod cli;
pub mod phone_page;
pub mod post_office;
pub mod push_service;
pub mod relay;
pub mod sandbox;
pub mod server;
pub mod ssh;
pub mod story;
pub mod telephone_company;
pub mod tls;

use std::time::{SystemTime, UNIX_EPOCH};

/// The time in Unix seconds, as phones, clients and servers of others know it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "they have clocks of their own")]
pub fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// Says that a test shows nothing here, and why. What a passing test prints is swallowed, so this goes round it.
pub fn skipped(why: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "SKIPPED: {why}").ok();
}
