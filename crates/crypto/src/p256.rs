//! Keys of our own on P-256: for agreeing on a secret (ECDH, SP 800-56A) and for signing (ECDSA with SHA-256, FIPS 186-5).
//!
//! A public key is an uncompressed point (SEC 1 section 2.3.3), 65 bytes that begin with a 4.

use aws_lc_rs::{
    agreement::{self, ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey},
    encoding::{AsBigEndian as _, AsDer as _, EcPublicKeyUncompressedBin, Pkcs8V1Der},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use zeroize::Zeroizing;

use crate::{
    backend::rand,
    random::{self, NoRandomness, Random},
};

const POINT: usize = 65;
const UNCOMPRESSED: u8 = 4;
/// One draw in four thousand million is no key; a source that gives none in this many is broken.
const DRAWS: usize = 16;

/// Whether this is a point of the curve, and not the one at infinity.
#[must_use]
pub fn is_point(bytes: &[u8; POINT]) -> bool {
    bytes.first() == Some(&UNCOMPRESSED)
        && ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, bytes)).is_ok()
}

/// A private key that agrees with somebody else's public key on a secret.
pub struct AgreementKey {
    key: PrivateKey,
    public: [u8; POINT],
}

impl AgreementKey {
    /// A fresh one.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, NoRandomness> {
        for _ in 0..DRAWS {
            let scalar = Zeroizing::new(random::bytes(random)?);
            if let Some(key) = Self::from_scalar(&scalar) {
                return Ok(key);
            }
        }
        Err(NoRandomness)
    }

    /// The key of this number, big-endian; none for zero and for what the order of the curve does not exceed.
    #[must_use]
    pub fn from_scalar(scalar: &[u8; 32]) -> Option<Self> {
        let key = PrivateKey::from_private_key(&ECDH_P256, scalar).ok()?;
        let point: EcPublicKeyUncompressedBin<'_> = key.compute_public_key().ok()?.as_be_bytes().ok()?;
        let public = point.as_ref().try_into().ok()?;
        Some(Self { key, public })
    }

    #[must_use]
    pub const fn public(&self) -> &[u8; POINT] {
        &self.public
    }

    /// What only this key and the one of `peer` know; none if that is no point of the curve.
    #[must_use]
    pub fn agree(&self, peer: &[u8; POINT]) -> Option<Zeroizing<[u8; 32]>> {
        if peer.first() != Some(&UNCOMPRESSED) {
            return None;
        }
        let peer = UnparsedPublicKey::new(&ECDH_P256, peer);
        agreement::agree(&self.key, peer, (), |secret| secret.try_into().map(Zeroizing::new).map_err(drop))
            .ok()
    }
}

/// A private key that signs for others who know JWS by the name of ES256.
pub struct EcdsaKey {
    pair: EcdsaKeyPair,
    public: [u8; POINT],
}

impl EcdsaKey {
    /// A fresh one, as PKCS #8 (RFC 5208) for [`Self::from_pkcs8`].
    ///
    /// # Errors
    /// No randomness.
    pub fn generate(random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        let key: Pkcs8V1Der<'_> = AgreementKey::generate(random)?.key.as_der().map_err(|_| NoRandomness)?;
        Ok(Zeroizing::new(key.as_ref().to_vec()))
    }

    /// None if this is no such key.
    #[must_use]
    pub fn from_pkcs8(key: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).ok()?;
        let public = pair.public_key().as_ref().try_into().ok()?;
        Some(Self { pair, public })
    }

    #[must_use]
    pub const fn public(&self) -> &[u8; POINT] {
        &self.public
    }

    /// The signature of `message`, two numbers of 32 bytes each (RFC 7518 section 3.4); none if the library cannot.
    ///
    /// What a signature needs of randomness the library draws by itself, mixed with the key and the message: a number that
    /// came twice would give the key away, so it lets nobody hand it in.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Option<[u8; 64]> {
        let signature = self.pair.sign(&rand::SystemRandom::new(), message).ok()?;
        signature.as_ref().try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::SystemRandom;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
    }

    #[test]
    fn two_keys_agree_as_in_the_vector_of_rfc_5903() {
        let ours: [u8; 32] = bytes("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433");
        let theirs: [u8; 32] = bytes("c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53");
        let secret: [u8; 32] = bytes("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de");
        let (ours, theirs) =
            (AgreementKey::from_scalar(&ours).unwrap(), AgreementKey::from_scalar(&theirs).unwrap());
        assert_eq!(*ours.agree(theirs.public()).unwrap(), secret);
        assert_eq!(*theirs.agree(ours.public()).unwrap(), secret);
    }

    #[test]
    fn what_is_no_key_or_point_is_refused() {
        let order: [u8; 32] = bytes("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        for bad in [[0; 32], order, [0xff; 32]] {
            assert!(AgreementKey::from_scalar(&bad).is_none());
        }
        let key = AgreementKey::from_scalar(&[7; 32]).unwrap();
        let good = *key.public();
        assert!(is_point(&good) && key.agree(&good).is_some());
        let (mut off_the_curve, mut hybrid) = (good, good);
        off_the_curve[64] ^= 1;
        hybrid[0] = 6 + (good[64] & 1);
        for bad in [off_the_curve, hybrid, [0; 65], [4; 65]] {
            assert!(!is_point(&bad) && key.agree(&bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_source_without_keys_is_no_source() {
        struct Stuck;
        impl Random for Stuck {
            fn fill(&self, out: &mut [u8]) -> Result<(), NoRandomness> {
                out.fill(0xff);
                Ok(())
            }
        }
        assert!(AgreementKey::generate(&Stuck).is_err());
    }

    #[test]
    fn a_signature_is_of_the_key_and_the_message() {
        let pkcs8 = EcdsaKey::generate(&SystemRandom::new()).unwrap();
        let key = EcdsaKey::from_pkcs8(&pkcs8).unwrap();
        let signature = key.sign(b"text").unwrap();
        let verifier = Verifier::new(&ECDSA_P256_SHA256_FIXED, key.public());
        assert!(verifier.verify(b"text", &signature).is_ok());
        assert!(verifier.verify(b"texts", &signature).is_err());
        assert!(EcdsaKey::from_pkcs8(&pkcs8[1..]).is_none());
        assert!(EcdsaKey::from_pkcs8(&[]).is_none());
    }
}
