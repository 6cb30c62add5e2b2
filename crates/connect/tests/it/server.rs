//! A TLS server with a certificate of the test's choice, which sends what it is told to.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sallyport_connect::ServerAddress;
use sallyport_crypto::digest;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
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
        self.hearing(odd, answer).await.0
    }

    /// As [`Self::serve`], and tells what was asked.
    pub(crate) async fn hearing(
        &self,
        odd: Odd,
        answer: &'static [u8],
    ) -> (ServerAddress, UnboundedReceiver<Heard>) {
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(self.config(&odd)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (tell, told) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, tell) = (acceptor.clone(), tell.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(socket).await else { return };
                    let Some(heard) = Heard::read(&mut stream).await else { return };
                    let _ = tell.send(heard);
                    let _ = stream.write_all(answer).await;
                    let _ = stream.flush().await;
                    let _ = stream.read(&mut [0; 4096]).await;
                });
            }
        });
        (address, told)
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

/// A request as it arrived.
pub(crate) struct Heard {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    /// The value of the only header of this name.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found: Vec<_> = self.headers.iter().filter(|(given, _)| given == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        &found[0].1
    }

    async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Self> {
        let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
            bytes.extend_from_slice(&chunk[..read]);
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
            let mut lines = head.lines();
            let line = lines.next()?.to_owned();
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let body = bytes[end + 4..].to_vec();
            if body.len() >= length.map_or(0, |(_, length)| length.parse().unwrap()) {
                return Some(Self { line, headers, body });
            }
        }
    }
}
