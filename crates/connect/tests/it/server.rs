//! A TLS server with a certificate of the test's choice, which sends what it is told to.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sallyport_connect::ServerAddress;
use sallyport_crypto::digest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

pub(crate) const NAME: &str = "agents.example.internal";

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// What is special about a server.
#[derive(Clone, Default)]
pub(crate) struct Odd {
    pub(crate) name: Option<&'static str>,
    pub(crate) expired: bool,
    pub(crate) without_root: bool,
    pub(crate) only_tls12: bool,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn fingerprint(&self) -> String {
        digest::hex(&digest::sha256(self.issuer.der()))[..32].to_owned()
    }

    /// Serves `answer` to everybody who gets through the handshake, then stays silent for ever.
    pub(crate) async fn serve(&self, odd: Odd, answer: &'static [u8]) -> ServerAddress {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(self.config(&odd)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(socket).await else { return };
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let _ = stream.write_all(answer).await;
                    let _ = stream.flush().await;
                    let _ = stream.read(&mut request).await;
                });
            }
        });
        address
    }

    fn config(&self, odd: &Odd) -> rustls::ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![odd.name.unwrap_or(NAME).to_owned()]).unwrap();
        if odd.expired {
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let mut chain = vec![leaf.der().clone()];
        if !odd.without_root {
            chain.push(self.issuer.der().clone());
        }
        let versions =
            if odd.only_tls12 { vec![&rustls::version::TLS12] } else { vec![&rustls::version::TLS13] };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap()
    }
}
