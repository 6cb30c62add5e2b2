//! Randomness as something that is handed in, so that tests repeat.

use crate::backend::rand::{self, SecureRandom};

/// A source of unpredictable bytes.
pub trait Random: Send + Sync {
    /// Fills the whole of `out`.
    ///
    /// # Errors
    /// When the operating system has no randomness to give; nothing may go on without it.
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no randomness")]
pub struct NoRandomness;

/// The operating system's generator.
pub struct SystemRandom(rand::SystemRandom);

impl Default for SystemRandom {
    fn default() -> Self {
        Self::new()
    }
}

impl SystemRandom {
    #[must_use]
    pub fn new() -> Self {
        Self(rand::SystemRandom::new())
    }
}

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.fill(out).map_err(|_| NoRandomness)
    }
}

/// `N` fresh bytes.
///
/// # Errors
/// As [`Random::fill`].
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], NoRandomness> {
    let mut out = [0; N];
    random.fill(&mut out)?;
    Ok(out)
}

/// A uniformly chosen string of `len` decimal digits (rejection sampling, no modulo bias).
///
/// # Errors
/// As [`Random::fill`].
pub fn digits(random: &dyn Random, len: usize) -> Result<String, NoRandomness> {
    from_alphabet(random, b"0123456789", len)
}

/// A uniformly chosen string of `len` characters of `alphabet`, which is ASCII and not empty.
///
/// # Errors
/// As [`Random::fill`].
pub fn from_alphabet(random: &dyn Random, alphabet: &[u8], len: usize) -> Result<String, NoRandomness> {
    let limit = 256 - 256 % alphabet.len().max(1);
    let mut out = String::with_capacity(len);
    while out.len() < len {
        for byte in bytes::<32>(random)? {
            let index = usize::from(byte);
            if index < limit
                && out.len() < len
                && let Some(c) = alphabet.get(index % alphabet.len())
            {
                out.push(char::from(*c));
            }
        }
    }
    Ok(out)
}
