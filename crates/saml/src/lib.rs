//! SAML 2.0 under one strict profile: the XML, signatures and encryption beneath it, its messages, bindings and metadata; and
//! WS-Federation, whose tokens are assertions too.
//!
//! It is the most attacked codec there is, so it has a room of its own. The shape of every document is fixed: which elements
//! there are, how many, and where. Algorithms come from a short list, keys from configuration alone, and what somebody is
//! said to be is read from the very bytes that were verified and from nothing else. Any doubt is one refusal.
//!
//! No IO and no clock: `now` is a parameter.

mod base64;
pub mod binding;
pub mod certificate;
pub mod consume;
pub mod dsig;
pub mod enc;
pub mod logout;
pub mod looked;
pub mod message;
pub mod metadata;
pub mod name_id;
mod names;
pub mod request;
pub mod response;
pub mod shown;
#[cfg(test)]
mod testing;
mod when;
pub mod ws_federation;
pub mod xml;

pub use self::{
    certificate::Certificate,
    message::Refused,
    name_id::{NameId, NameIdFormat},
};
