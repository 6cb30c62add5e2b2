//! SHA-2, by name.

use crate::backend::digest;

macro_rules! digests {
    ($($(#[$doc:meta])* $name:ident = $algorithm:ident, $len:literal;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(message: &[u8]) -> [u8; $len] {
            let mut out = [0; $len];
            out.copy_from_slice(digest::digest(&digest::$algorithm, message).as_ref());
            out
        }
    )*};
}

digests! {
    /// SHA-256 (FIPS 180-4).
    sha256 = SHA256, 32;
    /// SHA-384 (FIPS 180-4).
    sha384 = SHA384, 48;
    /// SHA-512 (FIPS 180-4).
    sha512 = SHA512, 64;
}

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts share a digest.
#[must_use]
pub fn sha256_of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Whether a text is lower-case hexadecimal, of any length.
#[must_use]
pub fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
