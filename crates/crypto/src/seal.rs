//! Authenticated encryption of single values (AES-256-GCM), each valid only in its place.

use crate::{
    backend::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    random::{self, NoRandomness, Random},
};

/// Where a sealed value belongs. All of it is authenticated, so a ciphertext moved to another row, column,
/// organisation or key version does not open.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub organization: &'a str,
    pub table: &'a str,
    pub column: &'a str,
    pub row: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("the sealed value does not open here: it was altered, moved, or sealed under another key")]
    DoesNotOpen,
    #[error("the value is too large to seal")]
    TooLarge,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A 256-bit key for sealing, of one purpose and version.
pub struct SealingKey {
    key: LessSafeKey,
    version: u32,
}

impl SealingKey {
    /// # Panics
    /// Never: the key length is fixed by the type.
    #[must_use]
    pub fn new(bytes: &[u8; 32], version: u32) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM, bytes).ok().map(|key| Self { key: LessSafeKey::new(key), version })
    }

    /// Seals `plain` for `place`: key version (4 bytes), nonce (12), ciphertext with tag.
    ///
    /// Nonces are random: under one key 2^32 values may be sealed before repetition becomes thinkable.
    ///
    /// # Errors
    /// No randomness, or a value beyond the cipher's limit.
    pub fn seal(&self, plain: &[u8], place: &Place<'_>, random: &dyn Random) -> Result<Vec<u8>, SealError> {
        let nonce = random::bytes::<NONCE_LEN>(random)?;
        let mut body = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.associated_data(place)),
                &mut body,
            )
            .map_err(|_| SealError::TooLarge)?;
        let mut out = Vec::with_capacity(4 + NONCE_LEN + body.len());
        out.extend_from_slice(&self.version.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Opens what [`Self::seal`] made for the same place.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] for anything else.
    pub fn open(&self, sealed: &[u8], place: &Place<'_>) -> Result<zeroize::Zeroizing<Vec<u8>>, SealError> {
        let (version, rest) = sealed.split_first_chunk::<4>().ok_or(SealError::DoesNotOpen)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealError::DoesNotOpen)?;
        if *version != self.version.to_be_bytes() {
            return Err(SealError::DoesNotOpen);
        }
        let mut body = zeroize::Zeroizing::new(body.to_vec());
        let len = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(self.associated_data(place)),
                &mut body,
            )
            .map_err(|_| SealError::DoesNotOpen)?
            .len();
        body.truncate(len);
        Ok(body)
    }

    fn associated_data(&self, place: &Place<'_>) -> [u8; 32] {
        crate::digest::sha256_of_parts(&[
            place.organization.as_bytes(),
            place.table.as_bytes(),
            place.column.as_bytes(),
            place.row.as_bytes(),
            &self.version.to_be_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    fn place<'a>(row: &'a str) -> Place<'a> {
        Place { organization: "org", table: "secret", column: "sealed", row }
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let key = SealingKey::new(&[7; 32], 1).unwrap();
        let sealed = key.seal(b"seed", &place("a"), &SystemRandom::new()).unwrap();
        assert_eq!(&key.open(&sealed, &place("a")).unwrap()[..], b"seed");
        assert_eq!(key.open(&sealed, &place("b")), Err(SealError::DoesNotOpen));
        assert!(SealingKey::new(&[7; 32], 2).unwrap().open(&sealed, &place("a")).is_err());
        assert!(SealingKey::new(&[8; 32], 1).unwrap().open(&sealed, &place("a")).is_err());
        for cut in 0..sealed.len() {
            assert!(key.open(&sealed[..cut], &place("a")).is_err());
        }
    }
}
