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
