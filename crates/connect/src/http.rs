//! One request, one answer (HTTP/1.1), with limits on time and length. No redirects, no cookies, no reuse.

use std::{io::Write, time::Duration};

use http_body_util::{BodyExt, Full};
pub use hyper::Method;
use hyper::{
    Request, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, RETRY_AFTER},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};

use crate::{ConnectError, Connection};

/// How much of the server's answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub time: Duration,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub content_type: String,
    /// When to come again, as the server wrote it.
    pub retry_after: Option<String>,
    pub body: Vec<u8>,
}

impl Response {
    #[must_use]
    pub fn is_success(&self) -> bool {
        StatusCode::from_u16(self.status).is_ok_and(|status| status.is_success())
    }
}

/// A request in full. It has no `Debug`, for its headers may carry credentials.
pub struct Call<'a> {
    pub method: Method,
    /// Path and query, encoded.
    pub path: &'a str,
    /// Besides those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
    /// Content type and bytes.
    pub body: Option<(&'a str, Vec<u8>)>,
}

impl<'a> Call<'a> {
    fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, headers: &[], body: None }
    }
}

/// Sends `call` and waits for the answer.
///
/// # Errors
/// A header that is none; a broken, too long or too slow answer. An answer that is a refusal is a [`Response`].
pub async fn send(connection: Connection, call: Call<'_>, limits: Limits) -> Result<Response, ConnectError> {
    let mut body = Vec::new();
    let head = exchange(connection, call, limits, &mut body).await?;
    Ok(head.with(body))
}

/// Fetches `path`.
///
/// # Errors
/// A broken, too long or too slow answer. An answer that is a refusal is a [`Response`].
pub async fn get(connection: Connection, path: &str, limits: Limits) -> Result<Response, ConnectError> {
    send(connection, Call::get(path), limits).await
}

/// Posts JSON to `path`.
///
/// # Errors
/// As [`get`].
pub async fn post_json(
    connection: Connection,
    path: &str,
    json: Vec<u8>,
    limits: Limits,
) -> Result<Response, ConnectError> {
    let body = Some(("application/json", json));
    send(connection, Call { method: Method::POST, path, headers: &[], body }, limits).await
}

/// Writes what is at `path` into `out` as it arrives; gives the status of the answer.
///
/// # Errors
/// As [`get`], and what `out` says.
pub async fn download(
    connection: Connection,
    path: &str,
    limits: Limits,
    out: &mut impl Write,
) -> Result<u16, ConnectError> {
    Ok(exchange(connection, Call::get(path), limits, out).await?.status)
}

struct Head {
    status: u16,
    content_type: String,
    retry_after: Option<String>,
}

impl Head {
    fn with(self, body: Vec<u8>) -> Response {
        let Self { status, content_type, retry_after } = self;
        Response { status, content_type, retry_after, body }
    }
}

async fn exchange(
    connection: Connection,
    call: Call<'_>,
    limits: Limits,
    out: &mut impl Write,
) -> Result<Head, ConnectError> {
    exchange_over(connection.stream, &connection.host, call, limits, out).await
}

/// As [`send`], over whatever leads to the server, which is told that it is `host`.
#[cfg(feature = "outbound")]
pub(crate) async fn send_over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    host: &str,
    call: Call<'_>,
    limits: Limits,
) -> Result<Response, ConnectError> {
    let mut body = Vec::new();
    let head = exchange_over(stream, host, call, limits, &mut body).await?;
    Ok(head.with(body))
}

async fn exchange_over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    host: &str,
    call: Call<'_>,
    limits: Limits,
    out: &mut impl Write,
) -> Result<Head, ConnectError> {
    let request = request(host, call)?;
    let deadline = Instant::now() + limits.time;
    let slow = || ConnectError::TooSlow(limits.time.as_secs());
    let (mut sender, driver) = timeout_at(deadline, http1::Builder::new().handshake(TokioIo::new(stream)))
        .await
        .map_err(|_| slow())?
        .map_err(|error| protocol(&error))?;
    let driver = tokio::spawn(driver);
    let outcome = timeout_at(deadline, async {
        let response = sender.send_request(request).await.map_err(|error| protocol(&error))?;
        receive(response, limits.bytes, out).await
    })
    .await
    .unwrap_or_else(|_| Err(slow()));
    driver.abort();
    outcome
}

fn request(host: &str, call: Call<'_>) -> Result<Request<Full<Bytes>>, ConnectError> {
    let mut builder = Request::builder()
        .method(call.method)
        .uri(call.path)
        .header(HOST, host)
        .header(CONNECTION, "close")
        .header(ACCEPT, "application/json, application/problem+json, */*;q=0.1");
    for (name, value) in call.headers {
        builder = builder.header(*name, *value);
    }
    let (content_type, body) = call.body.unzip();
    if let Some(content_type) = content_type {
        builder = builder.header(CONTENT_TYPE, content_type);
    }
    builder
        .body(Full::new(Bytes::from(body.unwrap_or_default())))
        .map_err(|error| ConnectError::Protocol(error.to_string()))
}

async fn receive(
    response: hyper::Response<Incoming>,
    longest: u64,
    out: &mut impl Write,
) -> Result<Head, ConnectError> {
    let header = |name| {
        response.headers().get(name).and_then(|value: &hyper::header::HeaderValue| value.to_str().ok())
    };
    let announced = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > longest) {
        return Err(ConnectError::TooLong(longest));
    }
    let head = Head {
        status: response.status().as_u16(),
        content_type: header(CONTENT_TYPE).unwrap_or_default().to_owned(),
        retry_after: header(RETRY_AFTER).map(str::to_owned),
    };
    let mut body = response.into_body();
    let mut received = 0u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| protocol(&error))?;
        let Some(data) = frame.data_ref() else { continue };
        received = received.saturating_add(data.len() as u64);
        if received > longest {
            return Err(ConnectError::TooLong(longest));
        }
        out.write_all(data).map_err(|error| ConnectError::Protocol(error.to_string()))?;
    }
    Ok(head)
}

fn protocol(error: &hyper::Error) -> ConnectError {
    ConnectError::Protocol(error.to_string())
}
