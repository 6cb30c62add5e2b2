//! SAML 2.0 under one strict profile: the XML, signatures and encryption beneath it, its messages, bindings and metadata.
//!
//! It is the most attacked codec there is, so it has a room of its own. The shape of every document is fixed: which elements
//! there are, how many, and where. Algorithms come from a short list, keys from configuration alone, and what somebody is
//! said to be is read from the very bytes that were verified and from nothing else. Any doubt is one refusal.
//!
//! No IO and no clock: `now` is a parameter.

mod base64;
pub mod certificate;
pub mod dsig;
pub mod enc;
mod names;
mod when;
pub mod xml;
