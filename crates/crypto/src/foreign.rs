//! Signatures of keys that others hold and only show us the public half of, by the algorithms of WebAuthn and WebCrypto.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};

/// A public key, with the algorithm that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForeignKey {
    Ed25519([u8; 32]),
    /// ECDSA on P-256 with SHA-256: an uncompressed point (SEC 1 section 2.3.3).
    Es256([u8; 65]),
    /// RSA with PKCS#1 v1.5 padding and SHA-256, big-endian.
    Rs256 {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

impl ForeignKey {
    /// The P-256 key with these coordinates.
    #[must_use]
    pub fn es256(x: &[u8; 32], y: &[u8; 32]) -> Self {
        let mut point = [4; 65];
        let (front, back) = point.split_at_mut(33);
        back.copy_from_slice(y);
        if let Some(coordinate) = front.get_mut(1..) {
            coordinate.copy_from_slice(x);
        }
        Self::Es256(point)
    }

    /// Whether this is a key at all: a point on its curve, a modulus of at least 2048 bits.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Ed25519(key) => ParsedPublicKey::new(&ED25519, key).is_ok(),
            Self::Es256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).is_ok(),
            Self::Rs256 { modulus, exponent } => {
                // Without zeros in front, or the number of its bits would be told wrongly.
                let bits = modulus.first().filter(|top| **top != 0).map_or(0, |top| {
                    modulus.len() * 8 - usize::try_from(top.leading_zeros()).unwrap_or_default()
                });
                (2048..=8192).contains(&bits) && (1..=8).contains(&exponent.len())
            }
        }
    }

    /// Whether `signature` is this key's over `message`; an ECDSA signature is in ASN.1, as authenticators make it.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }

    /// As [`Self::verifies`], with an ECDSA signature of fixed length, as WebCrypto makes it.
    #[must_use]
    pub fn verifies_fixed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Self::Ed25519(_) | Self::Rs256 { .. } => self.verifies(message, signature),
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        },
    };

    use super::*;

    #[test]
    fn an_ecdsa_signature_holds_in_its_own_form_only() {
        let random = SystemRandom::new();
        for (algorithm, fixed) in
            [(&ECDSA_P256_SHA256_ASN1_SIGNING, false), (&ECDSA_P256_SHA256_FIXED_SIGNING, true)]
        {
            let pair = EcdsaKeyPair::generate(algorithm).unwrap();
            let key = ForeignKey::Es256(pair.public_key().as_ref().try_into().unwrap());
            let signature = pair.sign(&random, b"text").unwrap();
            assert!(key.is_sound());
            assert_eq!(key.verifies(b"text", signature.as_ref()), !fixed);
            assert_eq!(key.verifies_fixed(b"text", signature.as_ref()), fixed);
            assert!(!key.verifies_fixed(b"texts", signature.as_ref()));
        }
    }

    #[test]
    fn what_is_no_key_is_not_sound() {
        assert!(!ForeignKey::es256(&[1; 32], &[1; 32]).is_sound());
        let rsa = |modulus: Vec<u8>| ForeignKey::Rs256 { modulus, exponent: vec![1, 0, 1] };
        assert!(!rsa(vec![0xff; 128]).is_sound());
        assert!(!rsa(vec![0; 256]).is_sound());
        let topped = |top: u8| [vec![top], vec![0xff; 255]].concat();
        for (top, sound) in [(0xff, true), (0x80, true), (0x7f, false), (0, false)] {
            assert_eq!(rsa(topped(top)).is_sound(), sound, "{top}");
        }
        assert!(rsa([vec![1], vec![0; 256]].concat()).is_sound());
    }
}
