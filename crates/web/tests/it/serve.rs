//! The listener over real sockets: who is slow, greedy or silent, and who only looks so.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};
use sallyport_app::authority;
use sallyport_crypto::{
    SystemRandom,
    authority::{Leaf, Root},
};
use sallyport_model::Time;
use sallyport_web::{
    serve::{Faces, Limits, serve},
    tls,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::world::World;

/// Far longer than anything here takes; who waits so long waits for ever.
const FOR_EVER: Duration = Duration::from_secs(20);

struct Server {
    world: World,
    address: SocketAddr,
    client: TlsConnector,
    ca: Root,
    shown: Arc<tls::Shown>,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

impl Server {
    async fn start(limits: Limits) -> Self {
        let world = World::full().await;
        let (random, now) = (SystemRandom::new(), Time::from_unix_seconds(1_767_225_600));
        let ca = tokio::task::block_in_place(|| {
            authority::load(&world.org.db, &world.org.keys, &random, now).unwrap()
        });
        let leaf = ca.issue(&["localhost".to_owned()], now.unix_seconds(), &random).unwrap();
        let shown = tls::Shown::new(&identity(&leaf), &identity(&leaf)).unwrap();
        let config = tls::server_config(&shown).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(ca.certificate_pem.as_bytes()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // Whoever resumes is shown no certificate.
        client.resumption = rustls::client::Resumption::disabled();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let faces = Faces { agents: world.face.clone(), people: world.face.clone() };
        let served = tokio::spawn(serve(listener, config, faces, limits, stopping));
        Self { world, address, client: TlsConnector::from(Arc::new(client)), ca, shown, stop, served }
    }

    async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        self.client.connect(ServerName::try_from("localhost").unwrap(), stream).await
    }

    /// A connection over which this was asked so many times without waiting for the first answer.
    async fn ask(&self, path: &str, times: usize) -> TlsStream<TcpStream> {
        let mut stream = self.connect().await.unwrap();
        stream.write_all(self.request(path).repeat(times).as_bytes()).await.unwrap();
        stream
    }

    fn request(&self, path: &str) -> String {
        let token = self.world.token("owner");
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
    }

    /// Ends once the last connection is gone, which a client that holds one can keep it from for `last_requests`.
    async fn stopped(self) {
        self.stop.send_replace(true);
        timeout(FOR_EVER, self.served).await.expect("no connection holds the server").unwrap();
    }
}

fn identity(leaf: &Leaf) -> tls::Identity<'_> {
    tls::Identity { chain_pem: &leaf.chain_pem, key_pem: &leaf.key_pem }
}

fn limits() -> Limits {
    Limits { write_patience: Duration::from_millis(100), last_requests: 2 * FOR_EVER, ..Limits::default() }
}

async fn head(stream: &mut TlsStream<TcpStream>) -> String {
    let mut bytes = [0; 16];
    timeout(FOR_EVER, stream.read_exact(&mut bytes)).await.expect("an answer").unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Larger than all buffers between the server and a client that does not read.
const MUCH: usize = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_about_to_stop_is_there_and_not_ready() {
    let world = World::bare().await;
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let org = std::sync::Arc::clone(&world.system().org);
    let face =
        sallyport_web::public_face(sallyport_web::State { org, metrics: Default::default(), stopping });
    let ask = async |path: &str| {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let (parts, body) = face.answer(request).await.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(ask("/readyz").await, (200, "ready\n".into()));
    stop.send_replace(true);
    assert_eq!(ask("/readyz").await, (503, "stopping\n".into()));
    assert_eq!(ask("/healthz").await, (200, "ok\n".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_certificate_is_shown_to_new_connections_and_old_ones_go_on() {
    let server = Server::start(limits()).await;
    let shown = |stream: &TlsStream<TcpStream>| {
        stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec()
    };
    let mut old = server.connect().await.unwrap();
    let renewed = server.ca.issue(&["localhost".to_owned()], 1_767_225_600, &SystemRandom::new()).unwrap();
    server.shown.replace(&identity(&renewed), &identity(&renewed)).unwrap();
    let new = server.connect().await.unwrap();
    assert!(shown(&old) != shown(&new));
    old.write_all(server.request("/healthz").as_bytes()).await.unwrap();
    assert_eq!(head(&mut old).await, "HTTP/1.1 200 OK\r");
    let broken = tls::Identity { chain_pem: &renewed.chain_pem, key_pem: "" };
    assert!(server.shown.replace(&identity(&renewed), &broken).is_err());
    assert!(shown(&server.connect().await.unwrap()) == shown(&new), "what does not fit is not shown");
    drop((old, new));
    server.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_for_much_and_does_not_read_is_let_go() {
    let server = Server::start(limits()).await;
    let document = server.world.owner().get("/openapi.json").await.expect(200).text.len();
    let mut stalled = server.ask("/api/v1/openapi.json", MUCH / document).await;
    assert!(head(&mut stalled).await.starts_with("HTTP/1.1 200"));
    // Nothing more is read, and the connection is not closed from here.
    server.stopped().await;
    drop(stalled);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_silent_because_there_is_nothing_to_say_is_kept() {
    let server = Server::start(limits()).await;
    // The server has nothing to say for a second, and then answers.
    let held = format!("/api/v1/runs/{}/output?wait=1", server.world.ids["run"]);
    let mut held = server.ask(&held, 1).await;
    let mut silent = server.connect().await.unwrap();
    assert!(head(&mut held).await.starts_with("HTTP/1.1 200"));
    silent.write_all(server.request("/healthz").as_bytes()).await.unwrap();
    assert!(head(&mut silent).await.starts_with("HTTP/1.1 200"));
    // Who reads on is kept however much it is.
    let document = server.world.owner().get("/openapi.json").await.expect(200).text.len();
    let mut reading = server.ask("/api/v1/openapi.json", MUCH / document).await;
    let (mut read, mut bytes) = (0, vec![0; 1 << 20]);
    while read < MUCH / 2 {
        let more = timeout(FOR_EVER, reading.read(&mut bytes)).await.expect("more").unwrap();
        assert_ne!(more, 0, "the server hung up after {read} bytes");
        read += more;
    }
    drop((held, silent, reading));
    server.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_not_waited_for() {
    let server = Server::start(Limits { patience: Duration::from_millis(200), ..limits() }).await;
    let mut endless = server.connect().await.unwrap();
    endless.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
    let mut rest = Vec::new();
    timeout(FOR_EVER, endless.read_to_end(&mut rest)).await.expect("an end").ok();
    let unspoken = TcpStream::connect(server.address).await.unwrap();
    server.stopped().await;
    drop(unspoken);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_has_so_many_connections_and_gets_a_place_back_for_each_it_gives_up() {
    let server = Server::start(Limits { connections_per_address: 3, ..limits() }).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(server.connect().await.unwrap());
    }
    assert!(server.connect().await.is_err(), "a fourth");
    open.pop();
    let again = async {
        loop {
            if let Ok(stream) = server.connect().await {
                return stream;
            }
            tokio::task::yield_now().await;
        }
    };
    open.push(timeout(FOR_EVER, again).await.expect("the place is free again"));
    assert!(server.connect().await.is_err(), "a fourth once more");
    drop(open);
    server.stopped().await;
}
