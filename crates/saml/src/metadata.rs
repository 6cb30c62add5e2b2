//! What two sides tell each other once, before anything else (metadata section 2): ours, and that of applications.

mod provider;
mod service;
#[cfg(test)]
mod tests;

pub use self::{
    provider::IdentityProvider,
    service::{MetadataError, ServiceProvider, cipher, consumer, default_consumer},
};
