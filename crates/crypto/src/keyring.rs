//! The key hierarchy: one root key outside the database, one derived key for each purpose.
//!
//! Purpose keys are derived with HKDF-SHA256 (RFC 5869) from the root key, the organisation and a version, so
//! that a key of one purpose says nothing about another and none of them ever rests in the database.

use zeroize::Zeroizing;

use crate::{hkdf, seal::SealingKey, sign::SigningKey};

/// What a key is for. A key is never used for two purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signs desired state, commands and login decisions for devices.
    DeviceSigning,
    /// Seals fields of the database.
    FieldSealing,
    /// Keys the hash over a password before Argon2.
    PasswordPepper,
    /// Keys the hashes of bearer secrets (sessions, tokens, codes) at rest.
    TokenHashing,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::DeviceSigning => "device-signing",
            Self::FieldSealing => "field-sealing",
            Self::PasswordPepper => "password-pepper",
            Self::TokenHashing => "token-hashing",
        }
    }
}

/// The keys of one organisation, made from its root key when the server starts.
pub struct KeyRing {
    organization: String,
    sealing: SealingKey,
    device_signing: SigningKey,
    pepper: Zeroizing<[u8; 32]>,
    token_hashing: Zeroizing<[u8; 32]>,
}

/// The current version of every purpose key. Rotation raises it and keeps the former for reading.
pub const VERSION: u32 = 1;

impl KeyRing {
    /// Derives all purpose keys of `organization` from the root key.
    #[must_use]
    pub fn new(root: &[u8; 32], organization: &str) -> Option<Self> {
        let derive = |purpose| derive(root, organization, purpose, VERSION);
        Some(Self {
            organization: organization.to_owned(),
            sealing: SealingKey::new(&*derive(Purpose::FieldSealing)?, VERSION)?,
            device_signing: SigningKey::from_seed(&*derive(Purpose::DeviceSigning)?)?,
            pepper: derive(Purpose::PasswordPepper)?,
            token_hashing: derive(Purpose::TokenHashing)?,
        })
    }

    #[must_use]
    pub fn organization(&self) -> &str {
        &self.organization
    }

    #[must_use]
    pub const fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    #[must_use]
    pub const fn device_signing(&self) -> &SigningKey {
        &self.device_signing
    }

    #[must_use]
    pub fn pepper(&self) -> &[u8; 32] {
        &self.pepper
    }

    /// The form in which a bearer secret rests in the database.
    #[must_use]
    pub fn hash_token(&self, kind: &str, token: &str) -> String {
        let digest = crate::digest::sha256_of_parts(&[kind.as_bytes(), token.as_bytes()]);
        crate::digest::hex(&crate::mac::hmac_sha256(&*self.token_hashing, &digest))
    }
}

fn derive(
    root: &[u8; 32],
    organization: &str,
    purpose: Purpose,
    version: u32,
) -> Option<Zeroizing<[u8; 32]>> {
    let context = crate::digest::sha256_of_parts(&[
        organization.as_bytes(),
        purpose.label().as_bytes(),
        &version.to_be_bytes(),
    ]);
    hkdf::derived(b"sallyport purpose keys", root, &[&context])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_organisations_and_versions_have_keys_of_their_own() {
        let mut seen = std::collections::BTreeSet::new();
        for organization in ["a", "b"] {
            for version in [1, 2] {
                for purpose in [
                    Purpose::DeviceSigning,
                    Purpose::FieldSealing,
                    Purpose::PasswordPepper,
                    Purpose::TokenHashing,
                ] {
                    assert!(seen.insert(*derive(&[1; 32], organization, purpose, version).unwrap()));
                }
            }
        }
    }

    #[test]
    fn token_hashes_keep_kinds_apart() {
        let ring = KeyRing::new(&[1; 32], "org").unwrap();
        assert_ne!(ring.hash_token("session", "x"), ring.hash_token("api", "x"));
    }
}
