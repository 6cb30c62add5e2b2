//! A server of the agent's protocol: real TLS, real WebSocket, no mind of its own.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use futures_util::{SinkExt as _, StreamExt as _};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sallyport_api::agent::{
    AgentMessage, CHANNEL_PATH, ENROLL_PATH, EXPORTER_LABEL, EnrollRequest, EnrollResponse, INTERNAL_NAME,
    PACKAGES_PATH, ServerMessage, context, hello_bytes, welcome_bytes,
};
use sallyport_crypto::{digest, sign::SigningKey};
use sallyport_model::{
    Time,
    id::{DeviceId, OrgId},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};
use uuid::Uuid;

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) ca: String,
    pub(crate) shared: Arc<Shared>,
    pub(crate) heard: mpsc::UnboundedReceiver<AgentMessage>,
    pub(crate) say: mpsc::UnboundedSender<ServerMessage>,
}

pub(crate) struct Shared {
    pub(crate) key: SigningKey,
    /// With which it proves itself; a liar has another one.
    proving: SigningKey,
    secret: String,
    ca: String,
    device_key: Mutex<Option<String>>,
    heard: mpsc::UnboundedSender<AgentMessage>,
    to_say: Mutex<mpsc::UnboundedReceiver<ServerMessage>>,
    pub(crate) files: Mutex<std::collections::BTreeMap<String, Vec<u8>>>,
    pub(crate) now: Time,
}

pub(crate) const DEVICE: DeviceId = DeviceId::new(Uuid::from_u128(0xd));

impl Server {
    pub(crate) async fn start(bind: &str, now: Time) -> Self {
        Self::start_with(bind, now, [7; 32], [7; 32]).await
    }

    pub(crate) async fn start_liar(bind: &str, now: Time) -> Self {
        Self::start_with(bind, now, [7; 32], [8; 32]).await
    }

    async fn start_with(bind: &str, now: Time, key: [u8; 32], proving: [u8; 32]) -> Self {
        let (acceptor, ca) = tls();
        let listener = TcpListener::bind(bind).await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let (heard_tx, heard) = mpsc::unbounded_channel();
        let (say, to_say) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            key: SigningKey::from_seed(&key).unwrap(),
            proving: SigningKey::from_seed(&proving).unwrap(),
            secret: "spe_secret".into(),
            ca: ca.clone(),
            device_key: Mutex::new(None),
            heard: heard_tx,
            to_say: Mutex::new(to_say),
            files: Mutex::default(),
            now,
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (acceptor, shared) = (acceptor.clone(), Arc::clone(&serving));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(socket).await {
                        serve(stream, &shared).await;
                    }
                });
            }
        });
        Self { address, ca, shared, heard, say }
    }

    pub(crate) fn token(&self) -> String {
        let der = rustls_der(&self.ca);
        format!("{}.{}", self.shared.secret, &digest::hex(&digest::sha256(&der))[..32])
    }

    pub(crate) async fn expect_device(&self, public: &str) {
        *self.shared.device_key.lock().await = Some(public.to_owned());
    }
}

fn rustls_der(pem: &str) -> Vec<u8> {
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().to_vec()
}

fn tls() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec![INTERNAL_NAME.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let chain = vec![leaf.der().clone(), issuer.der().clone()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
    (TlsAcceptor::from(Arc::new(config)), issuer.pem())
}

async fn serve(mut stream: TlsStream<TcpStream>, shared: &Shared) {
    let Some((head, mut body)) = read_head(&mut stream).await else { return };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    if path == CHANNEL_PATH {
        let accept = derive_accept_key(header("sec-websocket-key").unwrap_or_default().as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        channel(stream, shared).await;
        return;
    }
    let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    while body.len() < length {
        let mut more = vec![0; length - body.len()];
        let n = stream.read(&mut more).await.unwrap();
        body.extend_from_slice(&more[..n]);
    }
    let (status, answer) = if path == ENROLL_PATH {
        enroll(&body, shared).await
    } else {
        let file =
            path.strip_prefix(PACKAGES_PATH).and_then(|file| file.strip_prefix('/')).unwrap_or_default();
        match shared.files.lock().await.get(file) {
            Some(content) => (200, content.clone()),
            None => (404, Vec::new()),
        }
    };
    let head =
        format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

async fn read_head(stream: &mut TlsStream<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Some((String::from_utf8(bytes).ok()?, body));
        }
    }
}

async fn enroll(body: &[u8], shared: &Shared) -> (u16, Vec<u8>) {
    let request: EnrollRequest = serde_json::from_slice(body).unwrap();
    let mut device_key = shared.device_key.lock().await;
    if device_key.is_some() || request.token != shared.secret {
        let problem = r#"{"type":"about:blank","title":"token used","detail":"this token was used before"}"#;
        return (403, problem.into());
    }
    *device_key = Some(request.public_key);
    let response = EnrollResponse {
        device: DEVICE,
        organization: OrgId::new(Uuid::from_u128(1)),
        organization_name: "Acme".into(),
        signing_key: shared.key.public().to_hex(),
        ca: shared.ca.clone(),
    };
    (200, serde_json::to_vec(&response).unwrap())
}

async fn channel(stream: TlsStream<TcpStream>, shared: &Shared) {
    let exporter =
        stream.get_ref().1.export_keying_material([0; 32], EXPORTER_LABEL.as_bytes(), None).unwrap();
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let challenge = "c0ffee".to_owned();
    say(&mut socket, &ServerMessage::Challenge { nonce: challenge.clone() }).await;
    let Some(AgentMessage::Hello { device, nonce, signature, .. }) = hear(&mut socket).await else { return };
    let organization = shared.key.public().to_hex();
    let expected = hello_bytes(&organization, device, &challenge, &nonce, &exporter);
    let device_key = shared.device_key.lock().await.clone().unwrap();
    let public = sallyport_crypto::sign::PublicKey::from_hex(&device_key).unwrap();
    let signature = HEXLOWER.decode(signature.as_bytes()).unwrap();
    assert!(public.verifies(context::HELLO, &expected, &signature), "the device did not prove itself");
    let proof = welcome_bytes(&organization, device, &challenge, &nonce, &exporter);
    let signature = HEXLOWER.encode(&shared.proving.sign(context::WELCOME, &proof));
    say(&mut socket, &ServerMessage::Welcome { signature, now: shared.now }).await;
    let mut to_say = shared.to_say.lock().await;
    loop {
        tokio::select! {
            message = to_say.recv() => match message {
                Some(message) => say(&mut socket, &message).await,
                None => return,
            },
            message = hear(&mut socket) => match message {
                Some(message) => { let _ = shared.heard.send(message); }
                None => return,
            },
        }
    }
}

async fn say(socket: &mut WebSocketStream<TlsStream<TcpStream>>, message: &ServerMessage) {
    let _ = socket.send(Message::text(serde_json::to_string(message).unwrap())).await;
}

async fn hear(socket: &mut WebSocketStream<TlsStream<TcpStream>>) -> Option<AgentMessage> {
    loop {
        if let Message::Text(text) = socket.next().await?.ok()? {
            return serde_json::from_str(text.as_str()).ok();
        }
    }
}
