//! A faulty middle between a client and the real server: a load balancer that answers in the server's place, a line that is
//! cut, a proxy that stops in the middle of a body. It has a certificate of its own, as such machines have.

use std::{
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    thread,
};

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming},
    header::{CONNECTION, CONTENT_LENGTH},
    http::{request, response},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use sallyport_wire::duo::{ApiError, Code, Reply, envelope::CONTENT_TYPE};
use tokio::{net::TcpStream, task::AbortHandle};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::tls;

/// What a service of the Duo protocols says when it lets somebody in.
const ALLOWED: &str =
    r#"{"stat":"OK","response":{"result":"allow","status":"allow","status_msg":"Success."}}"#;

/// What is wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It answers this in the server's place, which hears nothing.
    Answers { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// The server is asked and answers; of its answer one half arrives, and then the line is cut.
    Cuts,
    /// The line is cut before anybody is asked.
    HangsUp,
    /// The server is asked and answers; of its answer one half arrives, and then nothing more.
    Stalls,
}

impl Fault {
    /// An answer with this status, and a page instead of what a client can read, as a proxy's is.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::answers(status, "<html><h1>No upstream</h1></html>")
    }

    #[must_use]
    pub fn answers(status: u16, body: &str) -> Self {
        Self::Answers { status, headers: Vec::new(), body: body.into() }
    }

    /// An answer that leads elsewhere.
    #[must_use]
    pub fn leads(status: u16, to: &str) -> Self {
        Self::Answers { status, headers: vec![("location", to.to_owned())], body: Vec::new() }
    }

    /// Word for word what our own server says where the Duo protocols are spoken and there is too much to do.
    #[must_use]
    pub fn busy() -> Self {
        let said = Reply::from(ApiError::from(Code::TooManyRequests));
        let headers = vec![("content-type", CONTENT_TYPE.to_owned()), ("retry-after", "2".to_owned())];
        Self::Answers { status: said.status, headers, body: said.body.into() }
    }

    /// Whether the server did what it was asked for, though nobody heard of it.
    #[must_use]
    pub const fn is_done_unheard(&self) -> bool {
        matches!(self, Self::Cuts | Self::Stalls)
    }

    /// Every kind of them, by what people would call it, but for the one that makes clients wait.
    #[must_use]
    pub fn all() -> Vec<(&'static str, Self)> {
        let half = ALLOWED.split_at(ALLOWED.len() / 2).0;
        vec![
            ("an outage", Self::status(500)),
            ("no upstream", Self::status(502)),
            ("maintenance", Self::status(503)),
            ("a late upstream", Self::status(504)),
            ("an outage that says allow", Self::answers(503, ALLOWED)),
            ("a login of the proxy's", Self::status(401)),
            ("a proxy that refuses", Self::status(403)),
            ("a refusal that says allow", Self::answers(403, ALLOWED)),
            ("another path", Self::status(404)),
            ("a page in its place", Self::status(200)),
            ("nothing at all", Self::answers(200, "")),
            ("half of a JSON", Self::answers(200, half)),
            ("a success about nothing", Self::answers(200, r#"{"stat":"OK"}"#)),
            ("a failure that says allow", Self::answers(200, &ALLOWED.replace("OK", "FAIL"))),
            ("a redirect", Self::leads(302, "/elsewhere")),
            ("a redirect that keeps the method", Self::leads(307, "/elsewhere")),
            ("a line that is cut", Self::Cuts),
            ("a line that is cut at once", Self::HangsUp),
            ("a body that stops", Self::Stalls),
        ]
    }
}

/// Between clients and a server. It ends with the program.
pub struct Relay {
    pub port: u16,
    /// The authority of its certificate, PEM.
    pub ca_pem: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: SocketAddr,
    name: ServerName<'static>,
    tls: TlsConnector,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What is wrong with requests whose path has this in it, and how many more times if not for ever.
    fault: Option<(String, Fault, Option<usize>)>,
    heard: Vec<String>,
    connections: Vec<AbortHandle>,
}

impl Relay {
    /// Stands at `address`, on a port of its own where that is zero, in front of the server at `upstream`, which has a
    /// certificate for `name` by the authority `ca_pem`. At first nothing is wrong.
    ///
    /// # Errors
    /// No such address, no randomness, or an authority that is none.
    pub fn before(
        upstream: SocketAddr,
        address: SocketAddr,
        name: &str,
        ca_pem: &str,
    ) -> anyhow::Result<Self> {
        let (acceptor, own_ca) = tls::acceptor(name)?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(certificate.context("the authority is not PEM")?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let believes = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let shared = Arc::new(Shared {
            upstream,
            name: ServerName::try_from(name.to_owned())?,
            tls: TlsConnector::from(Arc::new(believes)),
            state: Mutex::default(),
        });
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serving = Arc::clone(&shared);
        thread::spawn(move || runtime.block_on(serve(listener, acceptor, serving)));
        Ok(Self { port, ca_pem: own_ca, shared })
    }

    /// From now on this is wrong with every request that has `at` in its path, and with no other.
    pub fn fails(&self, at: &str, fault: Fault) {
        self.shared.begin(Some((at.to_owned(), fault, None)));
    }

    /// The same for the next so many of them.
    pub fn fails_times(&self, times: usize, at: &str, fault: Fault) {
        self.shared.begin(Some((at.to_owned(), fault, Some(times))));
    }

    /// Nothing is wrong any more. Connections that hang are let go.
    pub fn mends(&self) {
        self.shared.begin(None);
    }

    /// What was asked since a fault began or ended, as method and path.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.shared.state().heard.clone()
    }
}

impl Shared {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, fault: Option<(String, Fault, Option<usize>)>) {
        let mut state = self.state();
        state.fault = fault;
        state.heard.clear();
        for connection in state.connections.drain(..) {
            connection.abort();
        }
    }

    /// What is wrong with this request.
    fn fault_of(&self, head: &request::Parts) -> Option<Fault> {
        let mut state = self.state();
        state.heard.push(format!("{} {}", head.method, head.uri.path()));
        let (at, fault, left) = state.fault.as_mut()?;
        if !head.uri.path().contains(at.as_str()) || *left == Some(0) {
            return None;
        }
        *left = left.map(|left| left - 1);
        Some(fault.clone())
    }

    async fn answer(&self, request: Request<Incoming>) -> anyhow::Result<Response<Told>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        match self.fault_of(&head) {
            Some(Fault::HangsUp) => bail!("hung up"),
            Some(Fault::Answers { status, headers, body }) => {
                let mut answer = Response::new(Told::whole(body.into()));
                *answer.status_mut() = StatusCode::from_u16(status)?;
                for (name, value) in headers {
                    answer.headers_mut().insert(name, value.parse()?);
                }
                Ok(answer)
            }
            Some(fault @ (Fault::Cuts | Fault::Stalls)) => {
                let (mut head, body) = self.ask(head, body).await?;
                // It promises the whole.
                head.headers.insert(CONTENT_LENGTH, body.len().into());
                let half = body.slice(..body.len() / 2);
                let then = if matches!(fault, Fault::Stalls) { Then::Nothing } else { Then::Flush };
                Ok(Response::from_parts(head, Told { part: Some(half), then }))
            }
            None => {
                let (head, body) = self.ask(head, body).await?;
                Ok(Response::from_parts(head, Told::whole(body)))
            }
        }
    }

    /// What the server answers.
    async fn ask(&self, mut head: request::Parts, body: Bytes) -> anyhow::Result<(response::Parts, Bytes)> {
        let stream = TcpStream::connect(self.upstream).await?;
        let stream = self.tls.connect(self.name.clone(), stream).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async { drop(connection.await) });
        head.headers.remove(CONNECTION);
        let answer = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
        let (mut head, body) = answer.into_parts();
        head.headers.remove(CONNECTION);
        Ok((head, body.collect().await?.to_bytes()))
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, serving) = (acceptor.clone(), Arc::clone(&shared));
        let connection = tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(socket).await else { return };
            let service = service_fn(move |request| {
                let serving = Arc::clone(&serving);
                async move { serving.answer(request).await }
            });
            // What goes wrong here is what was asked for.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
        shared.state().connections.push(connection.abort_handle());
    }
}

/// A body, or its first half.
struct Told {
    part: Option<Bytes>,
    then: Then,
}

enum Then {
    End,
    /// What is there is sent first, and then the line is cut.
    Flush,
    Cut,
    Nothing,
}

impl Told {
    const fn whole(body: Bytes) -> Self {
        Self { part: Some(body), then: Then::End }
    }
}

impl Body for Told {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        match self.then {
            Then::End => Poll::Ready(None),
            Then::Flush => {
                self.then = Then::Cut;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Then::Cut => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into()))),
            Then::Nothing => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.part.as_ref().is_none_or(Bytes::is_empty) && matches!(self.then, Then::End)
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match (&self.then, &self.part) {
            (Then::End, Some(part)) => hyper::body::SizeHint::with_exact(part.len() as u64),
            (Then::End | Then::Flush | Then::Cut | Then::Nothing, _) => hyper::body::SizeHint::default(),
        }
    }
}
