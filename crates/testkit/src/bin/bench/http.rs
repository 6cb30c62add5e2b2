//! A small HTTP/1.1 client that keeps its connection, over TLS or not.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request,
    body::Bytes,
    client::conn::http1::{self, SendRequest},
    header::{HOST, HeaderMap},
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A server, and how to know it.
#[derive(Clone)]
pub(crate) struct Origin {
    address: SocketAddr,
    /// From where; anywhere if not said.
    source: Option<IpAddr>,
    host: String,
    tls: Option<TlsConnector>,
}

impl Origin {
    /// A server under `ca_pem`, called by its address or by `localhost`.
    pub(crate) fn secure(address: SocketAddr, host: &str, ca_pem: &str) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            roots.add(certificate.context("the authority is not PEM")?)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            address,
            source: None,
            host: host.to_owned(),
            tls: Some(TlsConnector::from(Arc::new(config))),
        })
    }

    /// A server without TLS.
    pub(crate) fn plain(address: SocketAddr) -> Self {
        Self { address, source: None, host: "localhost".to_owned(), tls: None }
    }

    /// The same from another address of this machine, as somebody else's machine.
    pub(crate) fn calling_from(self, source: IpAddr) -> Self {
        Self { source: Some(source), ..self }
    }

    pub(crate) async fn connect(&self) -> anyhow::Result<Client> {
        let stream = self.call().await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.client(stream).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone())?;
                self.client(tls.connect(name, stream).await?).await
            }
        }
    }

    async fn call(&self) -> anyhow::Result<TcpStream> {
        let Some(source) = self.source else { return Ok(TcpStream::connect(self.address).await?) };
        let socket = if source.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.bind(SocketAddr::new(source, 0))?;
        Ok(socket.connect(self.address).await?)
    }

    /// A bare connection over which one byte went there and back.
    pub(crate) async fn hold(&self) -> anyhow::Result<TlsStream<TcpStream>> {
        let tls = self.tls.as_ref().context("no TLS")?;
        let stream = TcpStream::connect(self.address).await?;
        let mut stream = tls.connect(ServerName::try_from(self.host.clone())?, stream).await?;
        stream.write_u8(7).await?;
        stream.flush().await?;
        stream.read_u8().await?;
        Ok(stream)
    }

    async fn client<S>(&self, stream: S) -> anyhow::Result<Client>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // What goes wrong with the connection is seen by whoever sends.
        let driver = tokio::spawn(async { drop(connection.await) });
        Ok(Client { sender, host: format!("{}:{}", self.host, self.address.port()), driver })
    }
}

/// A connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    driver: JoinHandle<()>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Reply {
    /// This reply, unless the server refused.
    pub(crate) fn ok(self) -> anyhow::Result<Self> {
        if self.status >= 300 {
            bail!(
                "the server answered {}: {}",
                self.status,
                self.text().chars().take(600).collect::<String>()
            );
        }
        Ok(self)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    pub(crate) async fn get(&mut self, path: &str) -> anyhow::Result<Reply> {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> anyhow::Result<Reply> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request.body(Full::new(body))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
    }
}
