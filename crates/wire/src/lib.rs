//! Codecs of other people's protocols and files, and of what the scripts of our own pages send before anybody has signed
//! in; a folder and a cargo feature each: bytes in, types out.
//!
//! No IO and no clock, so that every codec can be tested and fuzzed as a function, and so that the server
//! and the agent read a protocol with the same code. Whatever arrives here is hostile: every reader has a
//! budget that is checked before the work starts.

#[cfg(any(feature = "duo", feature = "oidc"))]
mod compact;
#[cfg(feature = "countries")]
pub mod countries;
#[cfg(feature = "duo")]
pub mod duo;
#[cfg(feature = "events")]
pub mod events;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "networks")]
pub mod networks;
#[cfg(feature = "oidc")]
pub mod oidc;
#[cfg(feature = "pages")]
pub mod pages;
#[cfg(any(feature = "duo", feature = "oidc"))]
pub mod params;
#[cfg(feature = "pskc")]
pub mod pskc;
#[cfg(feature = "sheet")]
pub mod sheet;
#[cfg(any(feature = "duo", feature = "oidc"))]
mod text;
#[cfg(feature = "twilio")]
pub mod twilio;
#[cfg(any(feature = "duo", feature = "oidc", feature = "twilio"))]
mod urlencoded;
#[cfg(feature = "webauthn")]
pub mod webauthn;
#[cfg(feature = "webhook")]
pub mod webhook;
#[cfg(feature = "webpush")]
pub mod webpush;
