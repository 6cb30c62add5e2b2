//! The organisation's own certificate authority: one root that devices pin, and short chains under it.
//!
//! ECDSA P-256 throughout: every TLS client knows it, and its handshakes cost a third of RSA's.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber,
};
use zeroize::Zeroizing;

use crate::random::{self, NoRandomness, Random};

/// Life of the root; long, because every device pins it.
const ROOT_DAYS: i64 = 20 * 365;
/// Life of a server certificate; it is made anew at every start, and while the server runs.
const LEAF_DAYS: i64 = 397;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    #[error("certificate: {0}")]
    Certificate(String),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<rcgen::Error> for AuthorityError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error.to_string())
    }
}

/// A root as it is kept: the certificate in the open, the key only sealed.
pub struct Root {
    pub certificate_pem: String,
    pub key_pem: Zeroizing<String>,
}

/// A certificate with its chain and key, ready for TLS.
pub struct Leaf {
    /// The certificate, then the root, PEM.
    pub chain_pem: String,
    pub key_pem: Zeroizing<String>,
}

impl Root {
    /// Makes a root. `now` is in Unix seconds.
    ///
    /// # Errors
    /// No randomness, or the library's refusal.
    pub fn create(now: i64, random: &dyn Random) -> Result<Self, AuthorityError> {
        let key = KeyPair::generate()?;
        let mut params = root_params();
        prepare(&mut params, now, ROOT_DAYS, random)?;
        let certificate = params.self_signed(&key)?;
        Ok(Self { certificate_pem: certificate.pem(), key_pem: Zeroizing::new(key.serialize_pem()) })
    }

    /// Issues a server certificate for these DNS names or addresses.
    ///
    /// # Errors
    /// A name that is none, no randomness, or a damaged root.
    pub fn issue(&self, names: &[String], now: i64, random: &dyn Random) -> Result<Leaf, AuthorityError> {
        let issuer_key = KeyPair::from_pem(&self.key_pem)?;
        let issuer = Issuer::new(root_params(), issuer_key);
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(names.to_vec())?;
        params.distinguished_name = named(names.first().map_or("sallyport", String::as_str));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        prepare(&mut params, now, LEAF_DAYS, random)?;
        let certificate = params.signed_by(&key, &issuer)?;
        Ok(Leaf {
            chain_pem: format!("{}{}", certificate.pem(), self.certificate_pem),
            key_pem: Zeroizing::new(key.serialize_pem()),
        })
    }
}

/// First 32 hexadecimal digits of the SHA-256 of a PEM certificate's DER: how enrolment tokens name the root.
#[must_use]
pub fn fingerprint(certificate_pem: &str) -> Option<String> {
    let body: String = certificate_pem
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN CERTIFICATE"))
        .skip(1)
        .take_while(|line| !line.starts_with("-----END"))
        .collect();
    let der = data_encoding::BASE64.decode(body.as_bytes()).ok()?;
    let digest = crate::digest::hex(&crate::digest::sha256(&der));
    (!der.is_empty()).then(|| digest.chars().take(32).collect())
}

/// All of a root but its times: every root has the same name, devices tell them apart by their keys.
fn root_params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name = named("Sallyport device CA");
    params
}

fn prepare(
    params: &mut CertificateParams,
    now: i64,
    days: i64,
    random: &dyn Random,
) -> Result<(), AuthorityError> {
    let moment = |seconds: i64| {
        time::OffsetDateTime::from_unix_timestamp(seconds)
            .map_err(|error| AuthorityError::Certificate(error.to_string()))
    };
    // An hour of grace for clocks that run behind.
    params.not_before = moment(now - 3600)?;
    params.not_after = moment(now + days * 86_400)?;
    params.serial_number = Some(SerialNumber::from_slice(&random::bytes::<16>(random)?));
    Ok(())
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    distinguished
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemRandom;

    #[test]
    fn openssl_accepts_the_chain_for_its_names_only() {
        let random = SystemRandom::new();
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let root = Root::create(now, &random).unwrap();
        let leaf =
            root.issue(&["agents.sallyport.internal".into(), "127.0.0.1".into()], now, &random).unwrap();
        assert_eq!(fingerprint(&root.certificate_pem).unwrap().len(), 32);
        let folder = std::env::temp_dir().join(format!("sallyport-authority-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("root.pem"), &root.certificate_pem).unwrap();
        std::fs::write(folder.join("leaf.pem"), &leaf.chain_pem).unwrap();
        let verify = |name: &str| {
            std::process::Command::new("openssl")
                .args(["verify", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile"])
                .args([folder.join("root.pem"), folder.join("leaf.pem")])
                .output()
                .unwrap()
                .status
                .success()
        };
        let verdicts = (verify("agents.sallyport.internal"), verify("other.example"));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(verdicts, (true, false));
    }
}
