//! Sealing at rest, password hashing and its pool, tokens, signatures, device keys.
//!
//! One interface over two builds: the server takes aws-lc, the agent takes ring, because ring cross-compiles
//! and aws-lc signs faster. The two share an API, so the choice is one `use`.

#[cfg(feature = "server")]
pub(crate) use aws_lc_rs as backend;
#[cfg(all(feature = "ring", not(feature = "server")))]
pub(crate) use ring as backend;

#[cfg(feature = "server")]
pub mod authority;
#[cfg(feature = "server")]
pub mod cbc;
pub mod digest;
#[cfg(feature = "server")]
pub mod foreign;
#[cfg(feature = "server")]
pub mod gcm;
#[cfg(any(feature = "server", feature = "ring"))]
pub mod hkdf;
#[cfg(feature = "server")]
pub mod jws;
#[cfg(any(feature = "server", feature = "ring"))]
pub mod keyring;
pub mod mac;
pub mod otp;
#[cfg(feature = "server")]
pub mod p256;
#[cfg(feature = "server")]
pub mod password;
pub mod random;
#[cfg(feature = "server")]
pub mod saml_key;
pub mod seal;
pub mod secret;
pub mod sign;
pub mod token;
pub mod totp;
#[cfg(feature = "server")]
pub mod unix_crypt;
#[cfg(feature = "server")]
pub mod yubikey;

pub use random::{Random, SystemRandom};
pub use secret::Secret;

/// Whether two byte strings are equal, in time that depends on their lengths alone.
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == std::hint::black_box(0)
}
