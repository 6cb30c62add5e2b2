//! Ed25519 (RFC 8032): devices sign who they are, the organisation signs what devices may trust.

use crate::{
    backend::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
    random::{self, NoRandomness, Random},
};

/// A private signing key.
pub struct SigningKey(Ed25519KeyPair);

impl SigningKey {
    /// The key of this 32-byte seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// A fresh seed for [`Self::from_seed`].
    ///
    /// # Errors
    /// No randomness.
    pub fn generate_seed(random: &dyn Random) -> Result<zeroize::Zeroizing<[u8; 32]>, NoRandomness> {
        random::bytes(random).map(zeroize::Zeroizing::new)
    }

    #[must_use]
    pub fn public(&self) -> PublicKey {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(out)
    }

    /// Signs `message` for `context`, which names what is being signed: a signature made for one context is
    /// worth nothing in another.
    #[must_use]
    pub fn sign(&self, context: &str, message: &[u8]) -> [u8; 64] {
        let mut out = [0; 64];
        out.copy_from_slice(self.0.sign(&framed(context, message)).as_ref());
        out
    }
}

/// A public key; as text 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn to_hex(self) -> String {
        crate::digest::hex(&self.0)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `signature` is this key's over `message` in `context`.
    #[must_use]
    pub fn verifies(&self, context: &str, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(&framed(context, message), signature).is_ok()
    }
}

fn framed(context: &str, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + context.len() + message.len());
    for part in [context.as_bytes(), message] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_context_and_message_only() {
        let key = SigningKey::from_seed(&[3; 32]).unwrap();
        let signature = key.sign("run", b"body");
        let public = PublicKey::from_hex(&key.public().to_hex()).unwrap();
        assert!(public.verifies("run", b"body", &signature));
        assert!(!public.verifies("state", b"body", &signature));
        assert!(!public.verifies("run", b"bodx", &signature));
        assert!(!public.verifies("run", b"body", &signature[..63]));
    }
}
