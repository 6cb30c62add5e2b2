//! Whom a connection trusts: one certificate authority, given as such or by its fingerprint.

use std::{fmt, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use sallyport_crypto::digest;

use crate::ConnectError;

/// The trust of a connection: its only root, and the name the server must have under it.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    host: String,
}

impl Tls {
    /// Trusts the certificate authorities in `ca` (PEM) and nothing else.
    ///
    /// # Errors
    /// `ca` holds no certificate, or one that cannot be a root.
    pub fn pinned(ca: &str, name: &str) -> Result<Self, ConnectError> {
        let mut roots = RootCertStore::empty();
        add(&mut roots, ca)?;
        Self::with_verifier(known(roots)?, name, ONLY_TLS13)
    }

    /// Trusts, for a service of somebody else's, the certificate authorities in `ca` (PEM), or without it those that
    /// browsers trust, as they are built in. What the machine itself trusts has no say.
    ///
    /// # Errors
    /// As [`Tls::pinned`].
    #[cfg(feature = "web-roots")]
    pub fn service(ca: Option<&str>, name: &str) -> Result<Self, ConnectError> {
        let mut roots = RootCertStore::empty();
        match ca {
            Some(ca) => add(&mut roots, ca)?,
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        }
        Self::of_service(roots, name)
    }

    /// The same with both: those that browsers trust, and those in `ca` (PEM).
    ///
    /// # Errors
    /// As [`Tls::pinned`].
    #[cfg(feature = "outbound")]
    pub(crate) fn service_or(ca: &str, name: &str) -> Result<Self, ConnectError> {
        let mut roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        add(&mut roots, ca)?;
        Self::of_service(roots, name)
    }

    #[cfg(feature = "web-roots")]
    fn of_service(roots: RootCertStore, name: &str) -> Result<Self, ConnectError> {
        let verifier = known(roots)?;
        // Nothing is bound to this connection's secrets, and not every service speaks TLS 1.3.
        Self::with_verifier(verifier, name, &[&rustls::version::TLS13, &rustls::version::TLS12])
    }

    /// Trusts the one certificate authority whose SHA-256 begins with these hexadecimal digits and which the
    /// server sends along with its chain. For the first contact, when nothing but the fingerprint is known.
    ///
    /// # Errors
    /// The fingerprint is too short to mean anything.
    pub fn by_fingerprint(fingerprint: &str, name: &str) -> Result<Self, ConnectError> {
        const SHORTEST: usize = 32;
        if fingerprint.len() < SHORTEST {
            return Err(ConnectError::BadRoot("its fingerprint is too short".to_owned()));
        }
        let verifier = FingerprintVerifier { fingerprint: fingerprint.to_owned(), provider: provider() };
        Self::with_verifier(Arc::new(verifier), name, ONLY_TLS13)
    }

    fn with_verifier(
        verifier: Arc<dyn ServerCertVerifier>,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Result<Self, ConnectError> {
        let bad = |error: String| ConnectError::BadRoot(error);
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(|error| bad(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = rustls::client::Resumption::disabled();
        let server = ServerName::try_from(name.to_owned()).map_err(|error| bad(error.to_string()))?;
        Ok(Self { config: Arc::new(config), name: server, host: name.to_owned() })
    }

    /// For a protocol that is not HTTP, and has no name of its own in the handshake.
    #[cfg(any(feature = "mail", feature = "syslog"))]
    pub(crate) fn unnamed(mut self) -> Self {
        Arc::make_mut(&mut self.config).alpn_protocols.clear();
        self
    }

    pub(crate) fn connector(&self) -> tokio_rustls::TlsConnector {
        tokio_rustls::TlsConnector::from(Arc::clone(&self.config))
    }

    pub(crate) fn name(&self) -> ServerName<'static> {
        self.name.clone()
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("host", &self.host).finish_non_exhaustive()
    }
}

fn add(roots: &mut RootCertStore, ca: &str) -> Result<(), ConnectError> {
    for certificate in certificates(ca)? {
        roots.add(certificate).map_err(|error| ConnectError::BadRoot(error.to_string()))?;
    }
    Ok(())
}

/// Whether one of the certificates in `ca` (PEM) is the one of this fingerprint.
///
/// # Errors
/// `ca` holds no certificate.
pub fn has_fingerprint(ca: &str, fingerprint: &str) -> Result<bool, ConnectError> {
    Ok(certificates(ca)?.iter().any(|certificate| matches(certificate, fingerprint)))
}

/// What both sides of the agent's channel sign is bound to the exporter, which in TLS 1.2 needs an extension to be worth
/// anything.
const ONLY_TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

fn known(roots: RootCertStore) -> Result<Arc<WebPkiServerVerifier>, ConnectError> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| ConnectError::BadRoot(error.to_string()))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    const MOST: usize = 64;
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .take(MOST)
        .collect::<Result<_, _>>()
        .map_err(|error| ConnectError::BadRoot(error.to_string()))?;
    if found.is_empty() { Err(ConnectError::BadRoot("no certificate in it".to_owned())) } else { Ok(found) }
}

fn matches(certificate: &CertificateDer<'_>, fingerprint: &str) -> bool {
    digest::hex(&digest::sha256(certificate)).starts_with(fingerprint)
}

fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc")]
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    #[cfg(not(feature = "aws-lc"))]
    let provider = rustls::crypto::ring::default_provider();
    Arc::new(provider)
}

/// Accepts a chain that is valid for the name under the one root of the fingerprint.
#[derive(Debug)]
struct FingerprintVerifier {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for FingerprintVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let (roots, rest): (Vec<_>, Vec<_>) = intermediates
            .iter()
            .map(|certificate| certificate.clone().into_owned())
            .partition(|certificate| matches(certificate, &self.fingerprint));
        let root = roots
            .into_iter()
            .next()
            .ok_or(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut store = RootCertStore::empty();
        store.add(root)?;
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&self.provider))
            .build()
            .map_err(|error| rustls::Error::General(error.to_string()))?
            .verify_server_cert(end_entity, &rest, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
