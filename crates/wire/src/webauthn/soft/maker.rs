//! A maker of authenticators, for tests: a root of its own, and batches of keys whose certificates follow from it.
#![expect(clippy::expect_used, reason = "for tests alone")]

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SigningKey as _, date_time_ymd,
};

use super::{bytes, head, text};

/// Where a certificate says which model it is for.
const AAGUID: &[u64] = &[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4];

/// Somebody who makes authenticators and vouches for them.
pub struct Maker {
    issuer: Issuer<'static, KeyPair>,
    /// The root, as DER and as PEM.
    pub root: (Vec<u8>, String),
}

/// Keys that were made together: what they vouch with.
pub struct Batch {
    pub key: KeyPair,
    /// The COSE number of the key's algorithm.
    pub algorithm: i64,
    /// Certificates, that of the key first.
    pub chain: Vec<Vec<u8>>,
}

impl Maker {
    /// # Panics
    /// Without randomness.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = params(name, "Root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = key();
        let root = params.self_signed(&key).expect("a certificate");
        Self { issuer: Issuer::new(params, key), root: (root.der().to_vec(), root.pem()) }
    }

    /// A batch as it should be, of this model.
    #[must_use]
    pub fn batch(&self, aaguid: [u8; 16]) -> Batch {
        self.batch_of(&batch_params(aaguid), key(), -7)
    }

    /// A batch with this certificate and this key.
    ///
    /// # Panics
    /// There can be no such certificate.
    #[must_use]
    pub fn batch_of(&self, params: &CertificateParams, key: KeyPair, algorithm: i64) -> Batch {
        let chain = vec![self.certify(params, &key)];
        Batch { key, algorithm, chain }
    }

    /// A certificate for this key.
    ///
    /// # Panics
    /// There can be no such certificate.
    #[must_use]
    pub fn certify(&self, params: &CertificateParams, key: &impl PublicKeyData) -> Vec<u8> {
        params.signed_by(key, &self.issuer).expect("a certificate").der().to_vec()
    }

    /// Somebody below this maker, with the certificate that says so.
    ///
    /// # Panics
    /// There can be no such certificate.
    #[must_use]
    pub fn below(&self, is_ca: IsCa) -> (Self, Vec<u8>) {
        let mut params = params("Below", "Intermediate");
        params.is_ca = is_ca;
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let root = (certificate.der().to_vec(), certificate.pem());
        (Self { issuer: Issuer::new(params, key), root }, certificate.der().to_vec())
    }
}

impl Batch {
    /// A statement of the format `packed`, over this.
    ///
    /// # Panics
    /// The key signs nothing.
    #[must_use]
    pub fn packed(&self, signed: &[u8]) -> Vec<u8> {
        let algorithm = head(1, usize::try_from(-1 - self.algorithm).expect("a small number"));
        [&[0xa3][..], &text("alg"), &algorithm, &text("sig"), &bytes(&self.sign(signed)), &self.x5c()]
            .concat()
    }

    /// The certificates, with what names them in a statement.
    #[must_use]
    pub fn x5c(&self) -> Vec<u8> {
        let listed: Vec<Vec<u8>> = self.chain.iter().map(|certificate| bytes(certificate)).collect();
        [text("x5c"), head(4, listed.len()), listed.concat()].concat()
    }

    /// # Panics
    /// The key signs nothing.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message).expect("a signature")
    }
}

/// A fresh key on P-256.
///
/// # Panics
/// Without randomness.
#[must_use]
pub fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("randomness")
}

/// What the certificate of a batch of this model says.
#[must_use]
pub fn batch_params(aaguid: [u8; 16]) -> CertificateParams {
    let mut params = params("Maker", "Batch 1");
    params.is_ca = IsCa::ExplicitNoCa;
    params.distinguished_name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    let value = [&[0x04, 0x10][..], &aaguid].concat();
    params.custom_extensions.push(CustomExtension::from_oid_content(AAGUID, value));
    params
}

fn params(organization: &str, name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "CH");
    params.distinguished_name.push(DnType::OrganizationName, organization);
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2090, 1, 1));
    params
}
