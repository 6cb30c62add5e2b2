//! Keys that sign and verify JSON Web Signatures (RFC 7515), by the algorithms of RFC 7518 and RFC 8037 that we speak.
//!
//! An algorithm belongs to a key and is never chosen by what was signed: a token that names another is not verified at
//! all. A key is of one kind of use; shared secrets (HS256 and its like) are no keys here, so no public key can be taken
//! for one.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der},
    rsa::{KeyPair as RsaPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
    },
};
use zeroize::Zeroizing;

use crate::{
    backend::rand,
    foreign::ForeignKey,
    p256::EcdsaKey,
    random::{self, NoRandomness, Random},
};

/// An algorithm by its name in a header (`alg`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JwsAlgorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA with PSS padding and SHA-256. Others sign with it; we verify.
    Ps256,
    /// RSA with PKCS#1 v1.5 padding and SHA-256.
    Rs256,
}

impl JwsAlgorithm {
    pub const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Rs256, Self::Ps256];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of this name, as it is spelt and in no other way.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }
}

/// A private key of ours.
pub enum JwsKey {
    Ed25519(Ed25519KeyPair),
    Es256(EcdsaKey),
    Rs256(Box<RsaPair>),
}

/// Why no key could be made.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    #[error("nothing is signed here with {0}")]
    Algorithm(&'static str),
    #[error("the library could not make a key")]
    Library,
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl JwsKey {
    /// A fresh private key for this algorithm, as PKCS #8 for [`Self::from_pkcs8`]. An RSA key has 2048 bits, takes a while, and
    /// is drawn by the library from its own randomness.
    ///
    /// # Errors
    /// No randomness, or an algorithm that we only verify.
    pub fn generate(algorithm: JwsAlgorithm, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, NoKey> {
        match algorithm {
            JwsAlgorithm::EdDsa => {
                let seed: Zeroizing<[u8; 32]> = Zeroizing::new(random::bytes(random)?);
                let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| NoKey::Library)?;
                let pkcs8 = pair.to_pkcs8v1().map_err(|_| NoKey::Library)?;
                Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
            }
            JwsAlgorithm::Es256 => Ok(EcdsaKey::generate(random)?),
            JwsAlgorithm::Rs256 => {
                let pair = RsaPair::generate(KeySize::Rsa2048).map_err(|_| NoKey::Library)?;
                let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| NoKey::Library)?;
                Ok(Zeroizing::new(pkcs8.as_ref().to_vec()))
            }
            JwsAlgorithm::Ps256 => Err(NoKey::Algorithm(algorithm.as_str())),
        }
    }

    /// None if this is no key for the algorithm.
    #[must_use]
    pub fn from_pkcs8(algorithm: JwsAlgorithm, key: &[u8]) -> Option<Self> {
        match algorithm {
            JwsAlgorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(key).ok().map(Self::Ed25519),
            JwsAlgorithm::Es256 => EcdsaKey::from_pkcs8(key).map(Self::Es256),
            JwsAlgorithm::Rs256 => RsaPair::from_pkcs8(key).ok().map(Box::new).map(Self::Rs256),
            JwsAlgorithm::Ps256 => None,
        }
    }

    #[must_use]
    pub const fn algorithm(&self) -> JwsAlgorithm {
        match self {
            Self::Ed25519(_) => JwsAlgorithm::EdDsa,
            Self::Es256(_) => JwsAlgorithm::Es256,
            Self::Rs256(_) => JwsAlgorithm::Rs256,
        }
    }

    /// The signature in the form of JWS; none if the library cannot.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => pair.try_sign(message).ok().map(|signature| signature.as_ref().to_vec()),
            Self::Es256(key) => key.sign(message).map(|signature| signature.to_vec()),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }

    /// The half that everybody may know; none if the library cannot tell it.
    #[must_use]
    pub fn public(&self) -> Option<ForeignKey> {
        match self {
            Self::Ed25519(pair) => pair.public_key().as_ref().try_into().ok().map(ForeignKey::Ed25519),
            Self::Es256(key) => Some(ForeignKey::Es256(*key.public())),
            Self::Rs256(pair) => {
                // RFC 8017, appendix A.1.1: the modulus, then the exponent, which is the same for all keys of ours.
                let numbers = pair.public_key().as_ref().strip_suffix(&[2, 3, 1, 0, 1])?;
                let modulus = numbers.len().checked_sub(pair.public_modulus_len())?;
                Some(ForeignKey::Rs256 { modulus: numbers.get(modulus..)?.to_vec(), exponent: vec![1, 0, 1] })
            }
        }
    }
}

/// Whether `signature` is over `message`, by this key and this algorithm. A key of another kind verifies nothing.
#[must_use]
pub fn verifies(algorithm: JwsAlgorithm, key: &ForeignKey, message: &[u8], signature: &[u8]) -> bool {
    match (algorithm, key) {
        (JwsAlgorithm::EdDsa, ForeignKey::Ed25519(key)) => {
            UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok()
        }
        (JwsAlgorithm::Es256, ForeignKey::Es256(point)) => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
        }
        (JwsAlgorithm::Rs256, ForeignKey::Rs256 { modulus, exponent }) => {
            RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok()
        }
        (JwsAlgorithm::Ps256, ForeignKey::Rs256 { modulus, exponent }) => {
            RsaPublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PSS_2048_8192_SHA256, message, signature)
                .is_ok()
        }
        (
            JwsAlgorithm::EdDsa | JwsAlgorithm::Es256 | JwsAlgorithm::Ps256 | JwsAlgorithm::Rs256,
            ForeignKey::Ed25519(_) | ForeignKey::Es256(_) | ForeignKey::Rs256 { .. },
        ) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn a_key_signs_by_its_own_algorithm_and_no_other() {
        let all = [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256, JwsAlgorithm::Rs256];
        for algorithm in all {
            let pkcs8 = JwsKey::generate(algorithm, &SystemRandom::new()).unwrap();
            let key = JwsKey::from_pkcs8(algorithm, &pkcs8).unwrap();
            assert_eq!(key.algorithm(), algorithm);
            let public = key.public().unwrap();
            assert!(public.is_sound());
            let signature = key.sign(b"text").unwrap();
            for other in JwsAlgorithm::ALL {
                assert_eq!(verifies(other, &public, b"text", &signature), other == algorithm, "{other:?}");
            }
            assert!(!verifies(algorithm, &public, b"texts", &signature));
            for other in all.into_iter().filter(|other| *other != algorithm) {
                assert!(JwsKey::from_pkcs8(other, &pkcs8).is_none(), "{algorithm:?} as {other:?}");
            }
        }
    }

    #[test]
    fn what_others_sign_with_we_only_verify() {
        assert!(matches!(
            JwsKey::generate(JwsAlgorithm::Ps256, &SystemRandom::new()),
            Err(NoKey::Algorithm("PS256"))
        ));
    }

    #[test]
    fn names_are_spelt_in_one_way() {
        assert_eq!(JwsAlgorithm::named("ES256"), Some(JwsAlgorithm::Es256));
        for other in ["es256", "none", "None", "HS256", "", "ES256 "] {
            assert_eq!(JwsAlgorithm::named(other), None, "{other}");
        }
    }
}
