//! What this machine can do at best: Argon2id on its cores, a bare HTTPS server, commits on its disk.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::{Router, routing::get};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use sallyport_crypto::password::give_way;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::{http::Origin, process, report::say};

/// The hidden word that makes this program the bare server.
pub(crate) const BARE_SERVER: &str = "bare-server";

/// Argon2id hashes a second on all cores (m=19456, t=2, p=1), each thread on memory that it keeps.
pub(crate) fn argon2id(time: Duration) -> anyhow::Result<f64> {
    let threads: Vec<_> = (0..process::cores()).map(|_| std::thread::spawn(move || hash_for(time))).collect();
    let mut per_second = 0.0;
    for thread in threads {
        per_second += thread.join().ok().context("a hashing thread broke")??;
    }
    Ok(per_second)
}

fn hash_for(time: Duration) -> anyhow::Result<f64> {
    // As the server's pool, so that other work on the machine holds both back alike.
    give_way()?;
    let params = Params::new(19_456, 2, 1, Some(32)).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut memory = vec![Block::new(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    let mut hash = || {
        argon2
            .hash_password_into_with_memory(
                b"gravel tulip hovercraft",
                b"sixteen bytes...",
                &mut out,
                &mut memory,
            )
            .map_err(|error| anyhow::anyhow!("{error}"))
    };
    // The first touches the memory.
    hash()?;
    let (started, mut count) = (Instant::now(), 0.0);
    while started.elapsed() < time {
        hash()?;
        count += 1.0;
    }
    Ok(count / started.elapsed().as_secs_f64())
}

/// A bare axum that says hello, over TLS and without, in a process of its own.
pub(crate) struct BareServer {
    child: Child,
    pub(crate) secure: Origin,
    pub(crate) plain: Origin,
    /// TLS with nothing inside.
    pub(crate) held: Origin,
}

impl BareServer {
    pub(crate) fn start(folder: &Path) -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let (certificate, key) = (folder.join("bare.pem"), folder.join("bare.key"));
        std::fs::write(&certificate, made.cert.pem())?;
        std::fs::write(&key, made.signing_key.serialize_pem())?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg(BARE_SERVER)
            .args([&certificate, &key])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut ports = line.split_whitespace().filter_map(|port| port.parse::<u16>().ok());
        let (Some(secure), Some(plain), Some(held)) = (ports.next(), ports.next(), ports.next()) else {
            child.kill().ok();
            child.wait().ok();
            bail!("the bare server did not start");
        };
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let under_tls = |port| Origin::secure(at(port), "localhost", &made.cert.pem());
        Ok(Self {
            child,
            secure: under_tls(secure)?,
            plain: Origin::plain(at(plain)),
            held: under_tls(held)?,
        })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Is the bare server until killed: as many threads as cores, no logging, no limits, the same libraries.
pub(crate) fn serve(certificate: &str, key: &str) -> anyhow::Result<ExitCode> {
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let secure = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
        say(&format!("{} {} {}", port(&secure)?, port(&plain)?, port(&held)?));
        tokio::try_join!(accept(secure, Some(acceptor.clone())), accept(plain, None), hold(held, acceptor))?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>) -> anyhow::Result<()> {
    let router: Router = Router::new().route("/", get(|| async { "hello" }));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (router, tls) = (router.clone(), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => converse(stream, router).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        converse(stream, router).await;
                    }
                }
            }
        });
    }
}

/// Keeps connections open, echoing one byte and then waiting for ever.
async fn hold(listener: TcpListener, tls: TlsAcceptor) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            while let Ok(byte) = stream.read_u8().await {
                if stream.write_u8(byte).await.is_err() || stream.flush().await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn converse<S>(stream: S, router: Router)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = TowerToHyperService::new(router);
    drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

/// Commits a second on this disk, one after the other.
pub(crate) struct Commits {
    /// 4 KiB appended and synchronised.
    pub(crate) bare: f64,
    /// One row of SQLite's, write-ahead log, fully synchronous.
    pub(crate) sqlite: f64,
}

pub(crate) fn commits(folder: &Path, time: Duration) -> anyhow::Result<Commits> {
    let mut file = File::create(folder.join("commits"))?;
    let bare = count_for(time, || {
        file.write_all(&[7; 4096])?;
        Ok(file.sync_data()?)
    })?;
    let database = rusqlite::Connection::open(folder.join("commits.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY, text TEXT)",
    )?;
    let mut insert = database.prepare("INSERT INTO line (text) VALUES (?1)")?;
    let text = "x".repeat(220);
    let sqlite = count_for(time, || {
        insert.execute([&text])?;
        Ok(())
    })?;
    Ok(Commits { bare, sqlite })
}

fn count_for(time: Duration, mut once: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let (started, mut count) = (Instant::now(), 0.0);
    while started.elapsed() < time {
        once()?;
        count += 1.0;
    }
    Ok(count / started.elapsed().as_secs_f64())
}
