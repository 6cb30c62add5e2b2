//! The service of a browser vendor, played by the test: it takes messages for one browser, looks who sends them, and
//! reads them as that browser would. Chromium cannot subscribe at its vendor's own service from here, so what it would
//! have got is handed to its service worker through the DevTools protocol.

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use sallyport_crypto::SystemRandom;
use sallyport_wire::webpush::soft::{Browser, Claims, claims};
use tokio_rustls::TlsAcceptor;

use crate::tls;

const NAME: &str = "localhost";

pub struct PushService {
    /// The authority of its certificate, PEM.
    pub ca_pem: String,
    endpoint: String,
    browser: Arc<Browser>,
    posted: mpsc::Receiver<(HeaderMap, Bytes)>,
    /// What messages are answered with.
    answer: Arc<AtomicU16>,
}

/// A message as it came.
pub struct Delivered {
    /// Who sends, by a signature that holds.
    pub claims: Claims,
    pub ttl: String,
    pub payload: String,
}

impl PushService {
    /// Starts it on a port of its own.
    ///
    /// # Errors
    /// No port, or no randomness.
    pub fn start() -> anyhow::Result<Self> {
        let (acceptor, ca_pem) = tls::acceptor(NAME)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let endpoint = format!("https://{NAME}:{}/push/one-browser", listener.local_addr()?.port());
        let (tell, posted) = mpsc::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = Arc::new(AtomicU16::new(201));
        let answers = Arc::clone(&answer);
        thread::spawn(move || runtime.block_on(serve(listener, acceptor, tell, answers)));
        let browser = Arc::new(Browser::new(&SystemRandom::new())?);
        Ok(Self { ca_pem, endpoint, browser, posted, answer })
    }

    /// Answers messages with this status from now on: 201 takes them, 404 and 410 know no such browser, 429 and 5xx are later.
    pub fn answer_with(&self, status: u16) {
        self.answer.store(status, Ordering::SeqCst);
    }

    /// What the browser's page would tell its server of the subscription.
    ///
    /// # Errors
    /// None that can happen.
    pub fn subscription(&self) -> anyhow::Result<String> {
        let all: serde_json::Value = serde_json::from_str(&self.browser.subscription(&self.endpoint))?;
        let of = |name: &str| all.get(name).cloned().unwrap_or_default();
        Ok(serde_json::json!({ "endpoint": of("endpoint"), "keys": of("keys") }).to_string())
    }

    /// The next message, signed by the sender with this key, an uncompressed point.
    ///
    /// # Errors
    /// None comes, or it is not for this browser, or not by this sender.
    pub fn next(&self, sender: &[u8; 65]) -> anyhow::Result<Delivered> {
        let (headers, body) = self.posted.recv_timeout(Duration::from_secs(20)).context("no message came")?;
        let of = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let claims = claims(of(header::AUTHORIZATION.as_str()), sender).context("another sender")?;
        let payload = self.browser.read(&body).context("a message for another browser")?;
        Ok(Delivered { claims, ttl: of("ttl").to_owned(), payload: String::from_utf8(payload)? })
    }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    tell: mpsc::Sender<(HeaderMap, Bytes)>,
    answers: Arc<AtomicU16>,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let router = Router::new().route(
        "/push/one-browser",
        post(move |headers: HeaderMap, body: Bytes| {
            let (tell, answer) = (tell.clone(), answers.load(Ordering::SeqCst));
            async move {
                let taken = tell.send((headers, body)).is_ok();
                StatusCode::from_u16(answer).ok().filter(|_| taken).unwrap_or(StatusCode::GONE)
            }
        }),
    );
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, router) = (acceptor.clone(), router.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
            drop(connection.await);
        });
    }
}
