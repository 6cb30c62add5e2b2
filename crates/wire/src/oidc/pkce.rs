//! Proof Key for Code Exchange (RFC 7636), by SHA-256 alone.

use data_encoding::BASE64URL_NOPAD;
use sallyport_crypto::{constant_time_eq, digest};
use serde::{Deserialize, Serialize};

/// What an authorization request shows of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

/// The secret itself, shown when the code is redeemed.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier(String);

impl Challenge {
    /// A digest in base64url.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digest = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (digest.len() == 32).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn is_of(&self, verifier: &Verifier) -> bool {
        constant_time_eq(self.0.as_bytes(), verifier.challenge().0.as_bytes())
    }
}

impl Verifier {
    /// From 43 to 128 unreserved characters (section 4.1).
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        ((43..=128).contains(&text.len()) && text.bytes().all(unreserved)).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge(BASE64URL_NOPAD.encode(&digest::sha256(self.0.as_bytes())))
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(..)")
    }
}
