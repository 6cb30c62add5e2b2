//! Certificates that vouch for authenticators (WebAuthn Level 3 sections 8.2.1, 8.3.1, 8.6 and 8.8), and the roots that these
//! have to lead to.
//!
//! Whether one certificate follows from another is webpki's to say, so nothing of that is judged twice. It reads no
//! subject and no extension of others', which x509-parser does.

use std::time::Duration;

use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime, pem::PemObject as _};
use sallyport_crypto::digest::sha256;
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert, aws_lc_rs,
};
use x509_parser::{
    certificate::X509Certificate,
    der_parser::{Oid, oid},
    prelude::{FromDer as _, GeneralName, X509Version},
};

use super::statement::NotAttested;

/// Most certificates that a statement brings; makers have one or two below their root.
const LONGEST_CHAIN: usize = 4;
/// Most roots in one text that are looked at.
const MOST_ROOTS: usize = 64;
/// Longest certificate that is looked at, in bytes.
const LONGEST: usize = 8 << 10;

/// What a statement of format `packed` is signed by has this for its unit.
const UNIT: &str = "Authenticator Attestation";
/// id-fido-gen-ce-aaguid: the model that a certificate is for.
const AAGUID: Oid<'static> = oid!(1.3.6.1.4.1.45724.1.1.4);
/// What Apple puts what the certificate was made for under.
const APPLE_NONCE: Oid<'static> = oid!(1.2.840.113635.100.8.2);

/// tcg-kp-AIKCertificate: what a module's certificate is used for.
const TPM_USE: Oid<'static> = oid!(2.23.133.8.3);
const TPM_MANUFACTURER: Oid<'static> = oid!(2.23.133.2.1);
const TPM_MODEL: Oid<'static> = oid!(2.23.133.2.2);
const TPM_VERSION: Oid<'static> = oid!(2.23.133.2.3);

/// By these may one certificate follow from another.
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    aws_lc_rs::ECDSA_P256_SHA256,
    aws_lc_rs::ECDSA_P256_SHA384,
    aws_lc_rs::ECDSA_P384_SHA256,
    aws_lc_rs::ECDSA_P384_SHA384,
    aws_lc_rs::ED25519,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA384,
    aws_lc_rs::RSA_PKCS1_2048_8192_SHA512,
];

/// A certificate whom somebody trusts to vouch for a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    der: CertificateDer<'static>,
    /// Whether others follow from it; else it vouches by itself.
    is_authority: bool,
    /// The key as it stands in certificates.
    key: Vec<u8>,
    /// Whom it names, to be shown.
    pub subject: String,
    /// From when to when it is good, in seconds of Unix time.
    pub valid: (i64, i64),
}

/// Why something is no root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RootError {
    #[error("give a certificate as PEM (`-----BEGIN CERTIFICATE-----`), and nothing else beside it")]
    NotOne,
    #[error("the certificate cannot be read")]
    Unreadable,
}

impl Root {
    /// Of the bytes of a certificate (DER).
    ///
    /// # Errors
    /// [`RootError::Unreadable`].
    pub fn read(der: &[u8]) -> Result<Self, RootError> {
        let found = certificate(der).ok_or(RootError::Unreadable)?;
        let owned = CertificateDer::from(der.to_vec());
        anchor_from_trusted_cert(&owned).map_err(|_| RootError::Unreadable)?;
        let validity = found.validity();
        Ok(Self {
            is_authority: is_authority(&found) == Some(true),
            key: found.public_key().raw.to_vec(),
            subject: found.subject().to_string(),
            valid: (validity.not_before.timestamp(), validity.not_after.timestamp()),
            der: owned,
        })
    }

    /// Of a certificate as people hand it on.
    ///
    /// # Errors
    /// It is no certificate, or there is more beside it: a private key that was copied along must not rest here.
    pub fn of_pem(text: &str) -> Result<Self, RootError> {
        match <[Self; 1]>::try_from(Self::all_of_pem(text)?) {
            Ok([root]) => Ok(root),
            Err(_) => Err(RootError::NotOne),
        }
    }

    /// Of several, one after the other.
    ///
    /// # Errors
    /// There is none, or there is something else among them.
    pub fn all_of_pem(text: &str) -> Result<Vec<Self>, RootError> {
        let begins = text.matches("-----BEGIN ").count();
        let found: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
            .take(MOST_ROOTS)
            .collect::<Result<_, _>>()
            .map_err(|_| RootError::NotOne)?;
        if found.is_empty() || found.len() != begins {
            return Err(RootError::NotOne);
        }
        found.iter().map(|der| Self::read(der)).collect()
    }

    /// As people hand it on.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let text = data_encoding::BASE64.encode(&self.der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// By which it is known.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    fn is_good_at(&self, now: i64) -> bool {
        (self.valid.0..=self.valid.1).contains(&now)
    }

    /// Whether a chain begins here: what signed is this certificate itself, or follows from it.
    fn vouches_for(&self, chain: &Chain<'_>, now: i64) -> bool {
        if self.der == chain.signer {
            return self.is_good_at(now);
        }
        let seconds = u64::try_from(now).ok().filter(|_| self.is_good_at(now));
        let (Some(seconds), Ok(anchor)) = (seconds, anchor_from_trusted_cert(&self.der)) else {
            return false;
        };
        let Ok(signer) = EndEntityCert::try_from(&chain.signer) else { return false };
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let anchors = [anchor];
        let follows =
            signer.verify_for_usage(ALGORITHMS, &anchors, &chain.others, time, AnyUse, None, None).is_ok();
        // A batch may sign a certificate for itself anew each time; nobody else's follows from one that is no authority.
        follows && (self.is_authority || chain.read.public_key().raw == self.key)
    }
}

/// The certificates of a statement: who signed it, and what leads from there to a root.
pub(super) struct Chain<'a> {
    signer: CertificateDer<'a>,
    read: X509Certificate<'a>,
    others: Vec<CertificateDer<'a>>,
}

impl<'a> Chain<'a> {
    pub(super) fn read(listed: &[&'a [u8]]) -> Option<Self> {
        let (signer, others) = listed.split_first()?;
        let fits = listed.len() <= LONGEST_CHAIN && others.iter().all(|other| other.len() <= LONGEST);
        let read = certificate(signer).filter(|_| fits)?;
        let signer = CertificateDer::from(*signer);
        // What is marked as critical and not known is not believed in.
        EndEntityCert::try_from(&signer).ok()?;
        let others = others.iter().map(|der| CertificateDer::from(*der)).collect();
        Some(Self { signer, read, others })
    }

    /// The SHA-256 of the root among these that it leads to.
    pub(super) fn leads_to(&self, roots: &[Root], now: i64) -> Option<[u8; 32]> {
        roots.iter().find(|root| root.vouches_for(self, now)).map(Root::sha256)
    }

    /// Whether the certificate's key made this signature, by a COSE algorithm that fits the key.
    pub(super) fn signed(&self, algorithm: i64, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn SignatureVerificationAlgorithm = match algorithm {
            -7 => aws_lc_rs::ECDSA_P256_SHA256,
            -8 => aws_lc_rs::ED25519,
            -35 => aws_lc_rs::ECDSA_P384_SHA384,
            -257 => aws_lc_rs::RSA_PKCS1_2048_8192_SHA256,
            _ => return false,
        };
        EndEntityCert::try_from(&self.signer)
            .is_ok_and(|signer| signer.verify_signature(algorithm, message, signature).is_ok())
    }

    pub(super) fn is_alone(&self) -> bool {
        self.others.is_empty()
    }

    /// Whether it is as section 8.2.1 wants it.
    pub(super) fn is_for_packed(&self) -> bool {
        let subject = self.read.subject();
        let units: Vec<_> = subject.iter_organizational_unit().map(|unit| unit.as_str().ok()).collect();
        let named =
            subject.iter_organization().next().is_some() && subject.iter_common_name().next().is_some();
        let country = subject.iter_country().next().and_then(|country| country.as_str().ok());
        self.read.version() == X509Version::V3
            && country.is_some_and(|country| country.len() == 2)
            && named
            && units == [Some(UNIT)]
            && is_authority(&self.read) == Some(false)
    }

    /// Whether it is as section 8.3.1 wants it: of nobody by its subject, and of a module by its other name, with its maker,
    /// model and version, for the use that it is in.
    pub(super) fn is_for_tpm(&self) -> bool {
        let names = self.read.subject_alternative_name().ok().flatten();
        let says = |oid: &Oid<'_>| {
            let named = names.iter().flat_map(|names| &names.value.general_names);
            let named = named.filter_map(|name| {
                if let GeneralName::DirectoryName(name) = name { Some(name.iter_attributes()) } else { None }
            });
            named
                .flatten()
                .any(|said| said.attr_type() == oid && said.as_str().is_ok_and(|text| !text.is_empty()))
        };
        let uses = self.read.extended_key_usage().ok().flatten();
        self.read.version() == X509Version::V3
            && self.read.subject().iter_attributes().next().is_none()
            && [TPM_MANUFACTURER, TPM_MODEL, TPM_VERSION].iter().all(says)
            && uses.is_some_and(|uses| uses.value.other.contains(&TPM_USE))
            && is_authority(&self.read) == Some(false)
    }

    /// The model that it is for, where it says so: sixteen bytes in an OCTET STRING, which is in that of the extension.
    pub(super) fn aaguid(&self) -> Result<Option<[u8; 16]>, NotAttested> {
        let wrong = NotAttested::Certificate;
        let Some(found) = self.read.get_extension_unique(&AAGUID).map_err(|_| wrong)? else {
            return Ok(None);
        };
        match found.value.strip_prefix(&[0x04, 0x10]).and_then(|value| value.try_into().ok()) {
            Some(aaguid) if !found.critical => Ok(Some(aaguid)),
            _ => Err(wrong),
        }
    }

    /// What Apple made it for: an OCTET STRING under the tag `[1]` of a SEQUENCE.
    pub(super) fn apple_nonce(&self) -> Result<[u8; 32], NotAttested> {
        let wrong = NotAttested::Certificate;
        let found = self.read.get_extension_unique(&APPLE_NONCE).map_err(|_| wrong)?.ok_or(wrong)?;
        let nonce = found.value.strip_prefix(&[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20]);
        nonce.and_then(|nonce| nonce.try_into().ok()).ok_or(wrong)
    }

    /// Whether it is of this key, which is a point of P-256.
    pub(super) fn is_of_key(&self, point: &[u8; 65]) -> bool {
        self.read.public_key().raw.strip_prefix(P256_KEY) == Some(point)
    }
}

/// What stands in front of a point of P-256 in a certificate (RFC 5480 section 2).
const P256_KEY: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A certificate, read to its last byte.
fn certificate(der: &[u8]) -> Option<X509Certificate<'_>> {
    if der.len() > LONGEST {
        return None;
    }
    X509Certificate::from_der(der).ok().and_then(|(rest, found)| rest.is_empty().then_some(found))
}

/// Whether others may follow from it, where it says so.
fn is_authority(certificate: &X509Certificate<'_>) -> Option<bool> {
    certificate.basic_constraints().ok().flatten().map(|found| found.value.ca)
}

/// Attestation has no use of its own that certificates are marked with.
struct AnyUse;

impl ExtendedKeyUsageValidator for AnyUse {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}
