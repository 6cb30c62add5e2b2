//! The names that standards gave things.

use crate::xml::Space;

pub(crate) const ASSERTION: Space = Space { prefix: "saml2", uri: "urn:oasis:names:tc:SAML:2.0:assertion" };
pub(crate) const PROTOCOL: Space = Space { prefix: "saml2p", uri: "urn:oasis:names:tc:SAML:2.0:protocol" };
pub(crate) const METADATA: Space = Space { prefix: "md", uri: "urn:oasis:names:tc:SAML:2.0:metadata" };
pub(crate) const DSIG: Space = Space { prefix: "ds", uri: "http://www.w3.org/2000/09/xmldsig#" };
pub(crate) const XENC: Space = Space { prefix: "xenc", uri: "http://www.w3.org/2001/04/xmlenc#" };
/// Exclusive canonicalization: the namespace of its parameter, and the name of the algorithm.
pub(crate) const EXCLUSIVE: Space = Space { prefix: "ec", uri: "http://www.w3.org/2001/10/xml-exc-c14n#" };
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
