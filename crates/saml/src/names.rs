//! The names that standards gave things.

use crate::xml::Space;

pub(crate) const ASSERTION: Space = Space { prefix: "saml2", uri: "urn:oasis:names:tc:SAML:2.0:assertion" };
/// Assertions of version 1.1, whose namespace kept the name of 1.0.
pub(crate) const ASSERTION_1: Space = Space { prefix: "saml", uri: "urn:oasis:names:tc:SAML:1.0:assertion" };
pub(crate) const PROTOCOL: Space = Space { prefix: "saml2p", uri: "urn:oasis:names:tc:SAML:2.0:protocol" };
pub(crate) const METADATA: Space = Space { prefix: "md", uri: "urn:oasis:names:tc:SAML:2.0:metadata" };
pub(crate) const DSIG: Space = Space { prefix: "ds", uri: "http://www.w3.org/2000/09/xmldsig#" };
pub(crate) const XENC: Space = Space { prefix: "xenc", uri: "http://www.w3.org/2001/04/xmlenc#" };
/// Exclusive canonicalization: the namespace of its parameter, and the name of the algorithm.
pub(crate) const EXCLUSIVE: Space = Space { prefix: "ec", uri: "http://www.w3.org/2001/10/xml-exc-c14n#" };
pub(crate) const SCHEMA_INSTANCE: Space =
    Space { prefix: "xsi", uri: "http://www.w3.org/2001/XMLSchema-instance" };
/// What WS-Federation is made of.
pub(crate) const ADDRESSING: Space = Space { prefix: "wsa", uri: "http://www.w3.org/2005/08/addressing" };
pub(crate) const FEDERATION: Space =
    Space { prefix: "fed", uri: "http://docs.oasis-open.org/wsfed/federation/200706" };
pub(crate) const POLICY: Space = Space { prefix: "wsp", uri: "http://schemas.xmlsoap.org/ws/2004/09/policy" };
pub(crate) const TRUST: Space = Space { prefix: "t", uri: "http://schemas.xmlsoap.org/ws/2005/02/trust" };
pub(crate) const UTILITY: Space = Space {
    prefix: "wsu",
    uri: "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd",
};
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

pub(crate) const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
pub(crate) const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
pub(crate) const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
pub(crate) const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
pub(crate) const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
/// How attributes are named that are named by URIs, and by words.
pub(crate) const NAMED_BY_URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
pub(crate) const NAMED_BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
