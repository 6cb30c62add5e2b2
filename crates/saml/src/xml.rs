//! XML as far as SAML needs it, and no further: elements, attributes, text, the five entities everybody knows, and characters
//! by number.
//!
//! The reader is our own because what it must not do is the larger part: a document type, a comment, a processing
//! instruction, a section of character data, a byte that is not UTF-8 or a name beyond ASCII ends the reading, and so does
//! whatever is more than was allowed before. What is read keeps its prefixes, as signatures are made over them. There is one
//! way to write: the canonical form, which escapes by construction.

mod canonical;
mod reader;
mod tree;

#[cfg(test)]
mod tests;

pub use self::{
    canonical::{canonical, canonical_without},
    reader::{Limits, XmlError, read},
    tree::{Attribute, Element, Node, Space},
};
