//! HMAC (RFC 2104) with the digests that public protocols still ask for.

use crate::backend::hmac;

macro_rules! macs {
    ($($(#[$doc:meta])* $name:ident = $algorithm:ident, $len:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(key: &[u8], message: &[u8]) -> [u8; $len] {
            let mut out = [0; $len];
            out.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::$algorithm, key), message).as_ref());
            out
        }
    )*};
}

macs! {
    /// HMAC-SHA1, for RFC 6238 codes and the older Duo signatures only.
    hmac_sha1 = HMAC_SHA1_FOR_LEGACY_USE_ONLY, 20;
    /// HMAC-SHA256.
    hmac_sha256 = HMAC_SHA256, 32;
    /// HMAC-SHA512.
    hmac_sha512 = HMAC_SHA512, 64;
}

/// A key made ready once, for the many messages it is tried on.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// For HMAC-SHA1.
    #[must_use]
    pub fn sha1(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key))
    }

    /// For HMAC-SHA256.
    #[must_use]
    pub fn sha256(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// For HMAC-SHA512.
    #[must_use]
    pub fn sha512(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA512, key))
    }

    /// Whether this is the whole code of the message, in time that does not depend on what is wrong with it.
    #[must_use]
    pub fn is_code_of(&self, code: &[u8], message: &[u8]) -> bool {
        hmac::verify(&self.0, message, code).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_key_takes_the_codes_of_its_digest_and_nothing_else() {
        let (sha1, sha512) = (hmac_sha1(b"key", b"text"), hmac_sha512(b"key", b"text"));
        assert!(MacKey::sha1(b"key").is_code_of(&sha1, b"text"));
        assert!(MacKey::sha512(b"key").is_code_of(&sha512, b"text"));
        assert!(!MacKey::sha512(b"key").is_code_of(&sha1, b"text"));
        assert!(!MacKey::sha512(b"key").is_code_of(&sha512[..63], b"text"));
        assert!(!MacKey::sha512(b"key").is_code_of(&[], b"text"));
        assert!(!MacKey::sha512(b"other").is_code_of(&sha512, b"text"));
        assert!(!MacKey::sha512(b"key").is_code_of(&sha512, b"texts"));
    }
}
