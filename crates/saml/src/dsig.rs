//! XML Signature as far as SAML's profile goes (core section 5.4), and stricter: one signature, enveloped, over the element
//! it stands in and all of it, at the one place where the message has room for it.
//!
//! Whoever verifies gets the element back as it is read from the very bytes that the signature was found good over, so that
//! nothing else can be taken for what was signed. Keys come from configuration: what a signature says about its key is not
//! even read. Every failure is the same to whoever sent the message; the name of the check is for our own record.

pub(crate) mod sign;
#[cfg(test)]
mod tests;
mod verify;

use sallyport_crypto::saml_key::Algorithm;

pub use self::{
    sign::{Signer, SigningError},
    verify::{Verified, is_signature, verify},
};

/// Where a signature has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Behind the issuer, which is the first in every message and in assertions.
    AfterIssuer,
    /// Before everything else, as in metadata.
    First,
    /// Behind everything else, as in assertions of version 1.1.
    Last,
}

impl Place {
    /// Which of the elements.
    const fn index(self) -> usize {
        match self {
            Self::AfterIssuer => 1,
            Self::First => 0,
            Self::Last => usize::MAX,
        }
    }
}

/// What was wrong with a signature. Nobody outside is told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("an algorithm is not one of those allowed")]
    Algorithm,
    #[error("what was signed was changed")]
    Digest,
    #[error("the signature is missing")]
    Missing,
    #[error("no configured key made the signature")]
    NoKey,
    #[error("the signature stands where none may")]
    Place,
    #[error("the signature is not over the element it stands in")]
    Reference,
    #[error("the signature is of another form than allowed")]
    Shape,
}

/// Algorithms by their names in messages.
const ALGORITHMS: [(Algorithm, &str); 5] = [
    (Algorithm::EcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
    (Algorithm::EcdsaSha384, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    (Algorithm::RsaSha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    (Algorithm::RsaSha384, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
    (Algorithm::RsaSha512, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
];

/// How others name an algorithm.
#[must_use]
pub fn name_of(algorithm: Algorithm) -> &'static str {
    ALGORITHMS.iter().find(|(other, _)| *other == algorithm).map_or("", |(_, name)| *name)
}

/// The algorithm of this name, if it is allowed.
#[must_use]
pub fn algorithm_named(name: &str) -> Option<Algorithm> {
    ALGORITHMS.iter().find(|(_, other)| *other == name).map(|(algorithm, _)| *algorithm)
}

/// A digest that may stand in a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DigestMethod {
    Sha256,
    Sha384,
    Sha512,
}

pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

impl DigestMethod {
    const ALL: [(Self, &str); 3] = [
        (Self::Sha256, SHA256),
        (Self::Sha384, "http://www.w3.org/2001/04/xmldsig-more#sha384"),
        (Self::Sha512, "http://www.w3.org/2001/04/xmlenc#sha512"),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, other)| *other == name).map(|(method, _)| *method)
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        use sallyport_crypto::digest::{sha256, sha384, sha512};
        match self {
            Self::Sha256 => sha256(bytes).to_vec(),
            Self::Sha384 => sha384(bytes).to_vec(),
            Self::Sha512 => sha512(bytes).to_vec(),
        }
    }
}
