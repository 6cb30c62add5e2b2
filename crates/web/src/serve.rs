//! The listener: TLS, one HTTP/1.1 conversation for each connection, and a clean stop.

mod limits;
mod patient;

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper::{Request, body::Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use sallyport_api::agent::{EXPORTER_LABEL, INTERNAL_NAME};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

pub use limits::Limits;
use patient::Patient;

use crate::{Face, call::Connection};

/// The two faces of the one port.
pub struct Faces {
    pub agents: Face,
    pub people: Face,
}

/// Serves until `stopping` turns true, then lets running requests end.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ServerConfig>,
    faces: Faces,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    let faces = Arc::new(faces);
    let acceptor = TlsAcceptor::from(tls);
    let sources = Sources::default();
    let places = Arc::new(Semaphore::new(limits.connections));
    let (alive, mut all_gone) = tokio::sync::mpsc::channel::<()>(1);
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = told_to_stop(&mut stopping) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Some(source) = sources.enter(peer.ip(), limits.connections_per_address) else {
                    tracing::debug!(%peer, "too many connections from one address");
                    continue;
                };
                let (acceptor, faces, stopping, alive) =
                    (acceptor.clone(), Arc::clone(&faces), stopping.clone(), alive.clone());
                tokio::spawn(async move {
                    converse(stream, peer, acceptor, faces, limits, stopping).await;
                    drop((place, source, alive));
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: say so, and give the rest a moment to close some.
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop((listener, alive));
    if timeout(limits.last_requests, all_gone.recv()).await.is_err() {
        tracing::warn!("stopped while requests were still running");
    }
}

/// How many connections each address has open.
#[derive(Clone, Default)]
struct Sources(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address, given back when dropped.
struct Source(Sources, IpAddr);

impl Sources {
    fn enter(&self, address: IpAddr, most: usize) -> Option<Source> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Source(self.clone(), address))
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        let mut open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    faces: Arc<Faces>,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    // One write per answer and no waiting for the other side's delayed acknowledgement.
    stream.set_nodelay(true).ok();
    let stream = Patient::new(stream, limits.write_patience);
    let stream = match timeout(limits.patience, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%peer, %error, "TLS handshake failed"),
        Err(_) => return tracing::debug!(%peer, "TLS handshake took too long"),
    };
    let session = stream.get_ref().1;
    let agent = session.server_name().is_some_and(|name| name.eq_ignore_ascii_case(INTERNAL_NAME));
    let exporter = session.export_keying_material([0u8; 32], EXPORTER_LABEL.as_bytes(), None).ok();
    let connection = Connection::new(peer, exporter);
    let service = hyper::service::service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(connection.clone());
        let face = if agent { &faces.agents } else { &faces.people };
        async { Ok::<_, Infallible>(face.answer(request).await) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.patience).max_buf_size(64 * 1024);
    let served = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = told_to_stop(&mut stopping) => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
}

async fn told_to_stop(stopping: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to tell, which is as good a word.
    stopping.wait_for(|stop| *stop).await.ok();
}
