//! The server's end of TLS, for those servers of others that are played here: each has an authority of its own.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use sallyport_crypto::{SystemRandom, authority::Root};
use tokio_rustls::TlsAcceptor;

use crate::unix_now;

/// Answers for `name`, by a certificate of an authority that is made for it; that authority's certificate, PEM.
///
/// # Errors
/// No randomness, or this is no name.
pub fn acceptor(name: &str) -> anyhow::Result<(TlsAcceptor, String)> {
    let (now, random) = (unix_now(), SystemRandom::new());
    let root = Root::create(now, &random)?;
    let leaf = root.issue(&[name.to_owned()], now, &random)?;
    let chain = CertificateDer::pem_slice_iter(leaf.chain_pem.as_bytes()).collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(leaf.key_pem.as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), root.certificate_pem))
}
