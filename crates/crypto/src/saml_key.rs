//! Keys that sign and open SAML messages, ours and others': RSA and ECDSA as XML Signature and XML Encryption name them.
//!
//! A public key is a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7), as it stands in certificates. RSA keys shorter than
//! 2048 bits and digests older than SHA-2 are none.

use aws_lc_rs::{
    encoding::{AsDer as _, Pkcs8V1Der, PublicKeyX509Der},
    rand,
    rsa::{
        self, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
        OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
    },
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, ParsedPublicKey,
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
        RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, UnparsedPublicKey, VerificationAlgorithm,
    },
};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyUsagePurpose, SerialNumber};
use rustls_pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use crate::{
    authority::AuthorityError,
    random::{self, NoRandomness, Random},
};

/// Shortest RSA key that is one.
const FEWEST_BITS: usize = 2048;
const MOST_BITS: usize = 8192;

/// By what a message is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    EcdsaSha256,
    EcdsaSha384,
    RsaSha256,
    RsaSha384,
    RsaSha512,
}

/// What a fresh key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    P256,
    P384,
    Rsa2048,
    Rsa3072,
}

/// How the key of a message is wrapped: OAEP (RFC 8017 section 7.1) with one digest throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oaep {
    Sha1,
    Sha256,
}

enum Pair {
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(Box<rsa::KeyPair>),
}

/// A private key of ours.
pub struct SamlKey {
    pair: Pair,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl SamlKey {
    /// A fresh one, as PKCS #8 for [`Self::from_pkcs8`]. The library draws for it by itself.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate(kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
        let system = rand::SystemRandom::new();
        let of_curve =
            |algorithm| EcdsaKeyPair::generate_pkcs8(algorithm, &system).map(|der| der.as_ref().to_vec());
        let of_size = |size| {
            let key: Pkcs8V1Der<'_> = rsa::KeyPair::generate(size)?.as_der()?;
            Ok(key.as_ref().to_vec())
        };
        let made = match kind {
            KeyKind::P256 => of_curve(&ECDSA_P256_SHA256_FIXED_SIGNING),
            KeyKind::P384 => of_curve(&ECDSA_P384_SHA384_FIXED_SIGNING),
            KeyKind::Rsa2048 => of_size(KeySize::Rsa2048),
            KeyKind::Rsa3072 => of_size(KeySize::Rsa3072),
        };
        made.map(Zeroizing::new).map_err(|_| NoRandomness)
    }

    /// None if this is no such key.
    #[must_use]
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let kept = Zeroizing::new(pkcs8.to_vec());
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8) {
            return Some(Self { pair: Pair::P256(pair), pkcs8: kept });
        }
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, pkcs8) {
            return Some(Self { pair: Pair::P384(pair), pkcs8: kept });
        }
        let pair = rsa::KeyPair::from_pkcs8(pkcs8).ok()?;
        let bits = pair.public_modulus_len() * 8;
        let pair = Pair::Rsa(Box::new(pair));
        (FEWEST_BITS..=MOST_BITS).contains(&bits).then_some(Self { pair, pkcs8: kept })
    }

    /// What this key signs by where nothing else is asked for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::P256(_) => Algorithm::EcdsaSha256,
            Pair::P384(_) => Algorithm::EcdsaSha384,
            Pair::Rsa(_) => Algorithm::RsaSha256,
        }
    }

    /// The signature of `message`; of ECDSA it is two numbers one behind the other (XML Signature 1.1 section 6.4.3). None if
    /// the key is of another kind than the algorithm.
    #[must_use]
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        let system = rand::SystemRandom::new();
        match (&self.pair, algorithm) {
            (Pair::P256(pair), Algorithm::EcdsaSha256) | (Pair::P384(pair), Algorithm::EcdsaSha384) => {
                pair.sign(&system, message).ok().map(|signature| signature.as_ref().to_vec())
            }
            (Pair::Rsa(pair), Algorithm::RsaSha256 | Algorithm::RsaSha384 | Algorithm::RsaSha512) => {
                let encoding = match algorithm {
                    Algorithm::RsaSha384 => &RSA_PKCS1_SHA384,
                    Algorithm::RsaSha512 => &RSA_PKCS1_SHA512,
                    Algorithm::EcdsaSha256 | Algorithm::EcdsaSha384 | Algorithm::RsaSha256 => {
                        &RSA_PKCS1_SHA256
                    }
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &system, message, &mut signature).ok()?;
                Some(signature)
            }
            (Pair::P256(_) | Pair::P384(_) | Pair::Rsa(_), _) => None,
        }
    }

    /// What others know it by; none only where the library cannot write it.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        let der: PublicKeyX509Der<'_> = match &self.pair {
            Pair::P256(pair) | Pair::P384(pair) => pair.public_key().as_der().ok()?,
            Pair::Rsa(pair) => pair.public_key().as_der().ok()?,
        };
        PublicKey::from_spki(der.as_ref())
    }

    /// What was wrapped for this key; none if it was for another, or in another way.
    #[must_use]
    pub fn unwrap(&self, oaep: Oaep, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let key = PrivateDecryptingKey::from_pkcs8(&self.pkcs8).ok()?;
        let key = OaepPrivateDecryptingKey::new(key).ok()?;
        let mut out = Zeroizing::new(vec![0; key.min_output_size()]);
        let algorithm = match oaep {
            Oaep::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Oaep::Sha256 => &OAEP_SHA256_MGF1SHA256,
        };
        let length = key.decrypt(algorithm, wrapped, &mut out, None).ok()?.len();
        out.truncate(length);
        Some(out)
    }

    /// A certificate of this key by itself (DER), as metadata carries it: nobody follows it anywhere. Times are in Unix seconds.
    ///
    /// # Errors
    /// No randomness, a time that is none, or the library's refusal.
    pub fn certificate(
        &self,
        name: &str,
        valid: (i64, i64),
        random: &dyn Random,
    ) -> Result<Vec<u8>, AuthorityError> {
        let moment = |seconds: i64| {
            time::OffsetDateTime::from_unix_timestamp(seconds)
                .map_err(|error| AuthorityError::Certificate(error.to_string()))
        };
        let pair = rcgen::KeyPair::try_from(&PrivatePkcs8KeyDer::from(self.pkcs8.as_slice()))?;
        let mut params = CertificateParams::default();
        let mut distinguished = DistinguishedName::new();
        distinguished.push(DnType::CommonName, name.chars().take(64).collect::<String>());
        params.distinguished_name = distinguished;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        (params.not_before, params.not_after) = (moment(valid.0)?, moment(valid.1)?);
        params.serial_number = Some(SerialNumber::from_slice(&random::bytes::<16>(random)?));
        Ok(params.self_signed(&pair)?.der().to_vec())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PublicKind {
    P256,
    P384,
    Rsa,
}

/// A public key, ours or others'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: PublicKind,
    spki: Vec<u8>,
}

impl PublicKey {
    /// None if this is no key of these kinds, or too short or too long a one.
    #[must_use]
    pub fn from_spki(spki: &[u8]) -> Option<Self> {
        // The library would take a bare point for a key as well.
        let is_sequence = spki.first() == Some(&0x30);
        let of_curve = |algorithm| is_sequence && ParsedPublicKey::new(algorithm, spki).is_ok();
        let kind = if let Ok(key) = PublicEncryptingKey::from_der(spki) {
            (FEWEST_BITS..=MOST_BITS).contains(&key.key_size_bits()).then_some(PublicKind::Rsa)?
        } else if of_curve(&ECDSA_P256_SHA256_FIXED) {
            PublicKind::P256
        } else if of_curve(&ECDSA_P384_SHA384_FIXED) {
            PublicKind::P384
        } else {
            return None;
        };
        Some(Self { kind, spki: spki.to_vec() })
    }

    #[must_use]
    pub fn as_spki(&self) -> &[u8] {
        &self.spki
    }

    /// Whether keys of messages can be wrapped for it.
    #[must_use]
    pub fn can_wrap(&self) -> bool {
        self.kind == PublicKind::Rsa
    }

    /// Whether `signature` is this key's over `message`. The algorithm has to be one of this kind of key.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let by: &'static dyn VerificationAlgorithm = match (self.kind, algorithm) {
            (PublicKind::P256, Algorithm::EcdsaSha256) => &ECDSA_P256_SHA256_FIXED,
            (PublicKind::P384, Algorithm::EcdsaSha384) => &ECDSA_P384_SHA384_FIXED,
            (PublicKind::Rsa, Algorithm::RsaSha256) => &RSA_PKCS1_2048_8192_SHA256,
            (PublicKind::Rsa, Algorithm::RsaSha384) => &RSA_PKCS1_2048_8192_SHA384,
            (PublicKind::Rsa, Algorithm::RsaSha512) => &RSA_PKCS1_2048_8192_SHA512,
            (PublicKind::P256 | PublicKind::P384 | PublicKind::Rsa, _) => return false,
        };
        UnparsedPublicKey::new(by, &self.spki).verify(message, signature).is_ok()
    }

    /// A key of a message, wrapped so that only the owner of this key unwraps it; none if this is no RSA key.
    #[must_use]
    pub fn wrap(&self, oaep: Oaep, key: &[u8]) -> Option<Vec<u8>> {
        let to = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(&self.spki).ok()?).ok()?;
        let mut out = vec![0; to.ciphertext_size()];
        let algorithm = match oaep {
            Oaep::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Oaep::Sha256 => &OAEP_SHA256_MGF1SHA256,
        };
        let length = to.encrypt(algorithm, key, &mut out, None).ok()?.len();
        out.truncate(length);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    const ALGORITHMS: [Algorithm; 5] = [
        Algorithm::EcdsaSha256,
        Algorithm::EcdsaSha384,
        Algorithm::RsaSha256,
        Algorithm::RsaSha384,
        Algorithm::RsaSha512,
    ];

    #[test]
    fn a_key_signs_by_its_own_algorithms_and_verifies_by_no_other() {
        for (kind, own) in [(KeyKind::P256, 1), (KeyKind::P384, 1), (KeyKind::Rsa2048, 3)] {
            let key = SamlKey::from_pkcs8(&SamlKey::generate(kind).unwrap()).unwrap();
            let public = key.public().unwrap();
            let signs: Vec<_> = ALGORITHMS.iter().filter(|by| key.sign(**by, b"text").is_some()).collect();
            assert_eq!(signs.len(), own, "{kind:?}");
            for by in signs {
                let signature = key.sign(*by, b"text").unwrap();
                for other in ALGORITHMS {
                    assert_eq!(public.verifies(other, b"text", &signature), other == *by, "{by:?} {other:?}");
                }
                assert!(!public.verifies(*by, b"texts", &signature));
                assert!(!public.verifies(*by, b"text", &signature[1..]));
            }
        }
    }

    #[test]
    fn what_was_wrapped_for_a_key_opens_for_it_alone_and_in_its_way() {
        let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::Rsa2048).unwrap()).unwrap();
        let other = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::Rsa2048).unwrap()).unwrap();
        let wrapped = key.public().unwrap().wrap(Oaep::Sha256, &[7; 32]).unwrap();
        assert_eq!(key.unwrap(Oaep::Sha256, &wrapped).unwrap().as_slice(), [7; 32]);
        assert!(key.unwrap(Oaep::Sha1, &wrapped).is_none());
        assert!(other.unwrap(Oaep::Sha256, &wrapped).is_none());
        let curve = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::P256).unwrap()).unwrap();
        assert!(!curve.public().unwrap().can_wrap());
        assert!(curve.public().unwrap().wrap(Oaep::Sha256, &[7; 32]).is_none());
    }

    #[test]
    fn a_certificate_is_of_the_key_whatever_its_kind() {
        for kind in [KeyKind::P384, KeyKind::Rsa2048] {
            let key = SamlKey::from_pkcs8(&SamlKey::generate(kind).unwrap()).unwrap();
            let der = key.certificate("Sallyport", (0, 86_400), &SystemRandom::new()).unwrap();
            let public = key.public().unwrap();
            assert!(der.windows(public.as_spki().len()).any(|part| part == public.as_spki()), "{kind:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        assert!(SamlKey::from_pkcs8(&[]).is_none() && SamlKey::from_pkcs8(&[48; 64]).is_none());
        assert!(PublicKey::from_spki(&[]).is_none() && PublicKey::from_spki(&[48; 64]).is_none());
    }
}
