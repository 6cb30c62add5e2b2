//! Use cases, one file per noun. Every effect in the house goes through one of them, whichever door it came in by.

pub mod access;
pub mod application;
pub mod audit;
pub mod authority;
pub mod bells;
pub mod binding;
pub mod channel;
pub mod command;
pub mod connector;
pub mod ctx;
pub mod desired;
pub mod device;
pub mod duo;
pub mod error;
pub mod expected;
pub mod factor;
pub mod feed;
pub mod group;
pub mod hardware_token;
pub mod hub;
pub mod import;
pub mod jobs;
pub mod login;
pub mod package;
pub mod passkey;
pub mod policy;
pub mod push;
pub mod run;
pub mod session;
pub mod settings;
pub mod setup;
pub mod signin;
pub mod telephony;
#[cfg(test)]
pub(crate) mod testing;
pub mod token;
pub mod user;
pub mod view;

pub use ctx::{Caller, Clock, Ctx, Org, OrgConfig, SystemClock, Tx};
pub use error::AppError;
pub use sallyport_connect::{outbound::Outbound, web_push::WebPush};
pub use sallyport_crypto::Secret;
pub use sallyport_store::{Noun, Page, PageRequest, Session, Versioned};
