//! Certificates as metadata carries keys: a cover for a public key, followed nowhere. Who has put a key into configuration
//! trusts the key, and its times and names are there to be shown.

use serde::{Deserialize, Serialize};
use x509_parser::{certificate::X509Certificate, prelude::FromDer as _};

use sallyport_crypto::{digest, saml_key::PublicKey};
use sallyport_model::time::Time;

use crate::base64;

/// Longest certificate that is looked at, in bytes.
const LONGEST: usize = 16 << 10;

/// A certificate with a key that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Certificate {
    der: Vec<u8>,
    key: PublicKey,
    pub subject: String,
    pub valid_from: Time,
    pub valid_until: Time,
}

/// Why something is no certificate that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    #[error("the certificate's key is neither RSA of 2048 to 8192 bits nor ECDSA on P-256 or P-384")]
    Key,
    #[error("the certificate cannot be read")]
    Unreadable,
}

impl Certificate {
    /// Of its bytes (DER).
    ///
    /// # Errors
    /// It is none, or of a key we take no signatures from.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let read = if der.len() <= LONGEST { X509Certificate::from_der(der).ok() } else { None };
        let (_, read) = read.filter(|(rest, _)| rest.is_empty()).ok_or(CertificateError::Unreadable)?;
        let key = PublicKey::from_spki(read.public_key().raw).ok_or(CertificateError::Key)?;
        let moment = |at: i64| Time::from_unix_seconds(at);
        Ok(Self {
            der: der.to_vec(),
            key,
            subject: read.subject().to_string().chars().take(200).collect(),
            valid_from: moment(read.validity().not_before.timestamp()),
            valid_until: moment(read.validity().not_after.timestamp()),
        })
    }

    /// Of PEM, or of the bare base64 that stands in metadata.
    ///
    /// # Errors
    /// As [`Self::from_der`].
    pub fn parse(text: &str) -> Result<Self, CertificateError> {
        let text = text.trim();
        let body = text.strip_prefix("-----BEGIN CERTIFICATE-----").map_or(Some(text), |rest| {
            rest.split_once("-----END CERTIFICATE-----")
                .filter(|(_, rest)| rest.is_empty())
                .map(|(body, _)| body)
        });
        let der = body.and_then(|body| base64::decoded(body, LONGEST));
        Self::from_der(&der.ok_or(CertificateError::Unreadable)?)
    }

    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// As it stands in `ds:X509Certificate`.
    #[must_use]
    pub fn base64(&self) -> String {
        base64::encoded(&self.der)
    }

    #[must_use]
    pub fn pem(&self) -> String {
        let body = self.base64();
        let lines: Vec<_> = body.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// SHA-256 over the certificate, in hexadecimal, as people compare it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        digest::hex(&digest::sha256(&self.der))
    }
}

impl TryFrom<String> for Certificate {
    type Error = CertificateError;

    fn try_from(text: String) -> Result<Self, CertificateError> {
        Self::parse(&text)
    }
}

impl From<Certificate> for String {
    fn from(certificate: Certificate) -> Self {
        certificate.base64()
    }
}

#[cfg(test)]
mod tests {
    use sallyport_crypto::{
        SystemRandom,
        saml_key::{KeyKind, SamlKey},
    };

    use super::*;

    #[test]
    fn a_certificate_reads_back_however_it_is_written() {
        let key = SamlKey::from_pkcs8(&SamlKey::generate(KeyKind::P256).unwrap()).unwrap();
        let der = key.certificate("app.example", (1000, 2000), &SystemRandom::new()).unwrap();
        let certificate = Certificate::from_der(&der).unwrap();
        assert_eq!(
            (certificate.valid_from, certificate.valid_until),
            (Time(1_000_000_000), Time(2_000_000_000))
        );
        assert_eq!(certificate.subject, "CN=app.example");
        assert_eq!(Some(certificate.key()), key.public().as_ref());
        for text in [certificate.pem(), certificate.base64(), format!("\n {} \n", certificate.base64())] {
            assert_eq!(Certificate::parse(&text).as_ref(), Ok(&certificate));
        }
        let json = serde_json::to_string(&certificate).unwrap();
        assert_eq!(serde_json::from_str::<Certificate>(&json).unwrap(), certificate);
        assert_eq!(certificate.fingerprint().len(), 64);
        for bad in ["", "MIIB", "-----BEGIN CERTIFICATE-----", &format!("{}AAAA", certificate.base64())] {
            assert_eq!(Certificate::parse(bad), Err(CertificateError::Unreadable), "{bad}");
        }
    }
}
