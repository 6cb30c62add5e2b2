//! Which certificate is shown to whom: agents, who ask for the fixed internal name, get one of the
//! organisation's own authority; everybody else gets what the administrator configured, or ours too.

use std::sync::{Arc, PoisonError, RwLock};

pub use rustls::ServerConfig;
use rustls::{
    crypto::aws_lc_rs,
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use sallyport_api::agent::INTERNAL_NAME;

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificate file holds no certificate in PEM form")]
    NoCertificate,
    #[error("the key file holds no private key in PEM form")]
    NoKey,
    #[error("the certificate and its key do not fit: {0}")]
    Mismatch(String),
}

/// A chain with its key, PEM.
pub struct Identity<'a> {
    pub chain_pem: &'a str,
    pub key_pem: &'a str,
}

/// The certificates that are shown at present. They may be replaced while connections come in.
#[derive(Debug)]
pub struct Shown(RwLock<Both>);

#[derive(Debug)]
struct Both {
    agents: Arc<CertifiedKey>,
    people: Arc<CertifiedKey>,
}

impl Both {
    fn new(agents: &Identity<'_>, people: &Identity<'_>) -> Result<Self, TlsError> {
        Ok(Self { agents: certified(agents)?, people: certified(people)? })
    }
}

impl Shown {
    /// # Errors
    /// What is wrong with a certificate or key.
    pub fn new(agents: &Identity<'_>, people: &Identity<'_>) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self(RwLock::new(Both::new(agents, people)?))))
    }

    /// Shows these to every connection that comes from now on; those that are there stay.
    ///
    /// # Errors
    /// What is wrong with a certificate or key; then the former ones stay.
    pub fn replace(&self, agents: &Identity<'_>, people: &Identity<'_>) -> Result<(), TlsError> {
        let both = Both::new(agents, people)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = both;
        Ok(())
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let both = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let agent = hello.server_name().is_some_and(|name| name.eq_ignore_ascii_case(INTERNAL_NAME));
        Some(Arc::clone(if agent { &both.agents } else { &both.people }))
    }
}

/// TLS 1.2 and 1.3 for one port with two faces. HTTP/1.1 only: no client of ours needs more.
///
/// # Errors
/// The library's refusal.
pub fn server_config(shown: &Arc<Shown>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Mismatch(error.to_string()))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(shown) as Arc<dyn ResolvesServerCert>);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Whether a chain and its key could be shown to anybody.
///
/// # Errors
/// What is wrong with them.
pub fn check(identity: &Identity<'_>) -> Result<(), TlsError> {
    certified(identity).map(drop)
}

/// Whether whoever asks for this name may believe the first certificate of a chain, as far as names go.
///
/// # Errors
/// It holds no certificate.
pub fn covers(chain_pem: &str, name: &str) -> Result<bool, TlsError> {
    let mut chain = CertificateDer::pem_slice_iter(chain_pem.as_bytes());
    let leaf = chain.next().and_then(Result::ok).ok_or(TlsError::NoCertificate)?;
    let parsed = ParsedCertificate::try_from(&leaf).map_err(|_| TlsError::NoCertificate)?;
    let Ok(name) = ServerName::try_from(name) else { return Ok(false) };
    Ok(rustls::client::verify_server_name(&parsed, &name).is_ok())
}

fn certified(identity: &Identity<'_>) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(identity.chain_pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::NoCertificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes()).map_err(|_| TlsError::NoKey)?;
    let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|error| TlsError::Mismatch(error.to_string()))?;
    Ok(Arc::new(certified))
}
