//! The device's private key, in a file of the network half.

use std::{io, path::Path};

use data_encoding::HEXLOWER;
use sallyport_crypto::{Random, sign::SigningKey};
use zeroize::Zeroizing;

use crate::durable;

const LONGEST_FILE: u64 = 256;

/// A fresh key, and what [`save`] keeps of it.
///
/// # Errors
/// No randomness.
pub fn generate(random: &dyn Random) -> io::Result<(SigningKey, Zeroizing<[u8; 32]>)> {
    let seed = SigningKey::generate_seed(random).map_err(io::Error::other)?;
    let key = SigningKey::from_seed(&seed).ok_or_else(|| io::Error::other("the key is unusable"))?;
    Ok((key, seed))
}

/// Writes the key at `path` where only its owner can read it; but see [`caveat`].
///
/// # Errors
/// What was there is still there.
pub fn save(path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    let text = Zeroizing::new(HEXLOWER.encode(seed));
    durable::write(path, text.as_bytes(), 0o600)
}

/// What [`save`] does not promise on this system, for whoever enrols the device.
#[must_use]
pub const fn caveat() -> Option<&'static str> {
    if cfg!(unix) {
        None
    } else {
        Some(
            "its key can be read by every account of this machine: access lists are not set on this system yet",
        )
    }
}

/// # Errors
/// It is not there, or is none.
pub fn load(path: &Path) -> io::Result<SigningKey> {
    let missing = || io::Error::other(format!("there is no device key at {}", path.display()));
    let text = Zeroizing::new(durable::read(path, LONGEST_FILE)?.ok_or_else(missing)?);
    let seed = HEXLOWER.decode(&text).ok().map(Zeroizing::new);
    seed.and_then(|seed| <[u8; 32]>::try_from(seed.as_slice()).ok().map(Zeroizing::new))
        .and_then(|seed| SigningKey::from_seed(&seed))
        .ok_or_else(|| io::Error::other(format!("the file {} holds no device key", path.display())))
}
