//! The one egress client for every outbound URL.
//!
//! A connection trusts the roots it was given and nothing else: no system trust store, no proxy from the
//! environment, no redirects. Where it connects and which name it expects there are two things, because agents
//! reach the server under any address and verify it under one fixed name. What administrators tell the server to call
//! goes through [`outbound`], which reaches nothing internal that is not listed.

#[cfg(any(feature = "ring", feature = "aws-lc"))]
mod address;
#[cfg(any(feature = "ring", feature = "aws-lc"))]
mod connection;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "duo"))]
pub mod duo;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "duo-admin"))]
pub mod duo_admin;
#[cfg(any(feature = "ring", feature = "aws-lc"))]
mod error;
#[cfg(any(feature = "ring", feature = "aws-lc"))]
pub mod http;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "mail"))]
pub mod mail;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "outbound"))]
pub mod outbound;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "syslog"))]
pub mod syslog;
#[cfg(all(any(feature = "ring", feature = "aws-lc"), feature = "telephony"))]
pub mod telephony;
#[cfg(any(feature = "ring", feature = "aws-lc"))]
mod tls;
#[cfg(feature = "web-push")]
pub mod web_push;
#[cfg(any(feature = "ring", feature = "aws-lc"))]
pub mod websocket;

#[cfg(any(feature = "ring", feature = "aws-lc"))]
pub use self::{
    address::{AddressError, ServerAddress},
    connection::Connection,
    error::ConnectError,
    tls::{Tls, has_fingerprint},
};
