//! Calls the REST API: one connection for each call, trusting the given certificate authority alone, or
//! without one those that browsers trust.

use std::time::Duration;

use anyhow::{Context as _, bail};
use sallyport_connect::{
    ConnectError, Connection as Wire, ServerAddress, Tls,
    http::{self, Call, Limits, Method},
};
use sallyport_model::name::printable;
use serde_json::Value;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

use super::Connection;

const PREFIX: &str = "/api/v1";
/// How people know this program in the list of their sessions.
const USER_AGENT: &str = concat!("sallyport/", env!("CARGO_PKG_VERSION"), " (Linux)");
const WHICH_AUTHORITY: &str = "a server with a certificate of its own authority? Then give --ca or SALLYPORT_CA: a file \
    with what `sallyport setup --json` printed as `ca`";
const TO_CONNECT: Duration = Duration::from_secs(10);
/// Longer than the server holds back an answer.
const LIMITS: Limits = Limits { time: Duration::from_secs(60), bytes: 64 << 20 };

/// Where something is in the API: path and query, every part encoded.
#[derive(Debug, Clone)]
pub(super) struct At(String);

impl At {
    /// The path of these parts.
    pub(super) fn path(parts: &[&str]) -> Self {
        let parts: Vec<String> = parts.iter().map(|part| encoded(part)).collect();
        Self(format!("{PREFIX}/{}", parts.join("/")))
    }

    /// The same with something behind the question mark, if there is something.
    pub(super) fn with(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(&format!("{name}={}", encoded(&value.to_string())));
        }
        self
    }
}

pub(super) struct Client {
    runtime: Runtime,
    address: ServerAddress,
    tls: Tls,
    /// Whether the server's authority was given, or is one of those that browsers trust.
    is_pinned: bool,
    authorization: Option<Zeroizing<String>>,
    /// Whether to print what the API answered.
    pub(super) json: bool,
}

impl Client {
    pub(super) fn new(connection: Connection) -> anyhow::Result<Self> {
        let token_file = connection.token_file.clone();
        let client = Self::without_token(connection)?;
        let token = match token_file {
            Some(file) => crate::setup::read_secret_line(&file)?,
            None => std::env::var("SALLYPORT_TOKEN").ok().context(
                "with which token? Give --token-file or SALLYPORT_TOKEN; `sallyport session open` signs you in and prints one",
            )?,
        };
        let token = Zeroizing::new(token);
        Ok(Self { authorization: Some(Zeroizing::new(format!("Bearer {}", token.trim()))), ..client })
    }

    /// For somebody who is about to sign in.
    pub(super) fn without_token(connection: Connection) -> anyhow::Result<Self> {
        let url = connection.url.context("which server? Give --url or SALLYPORT_URL")?;
        let address: ServerAddress = url.parse()?;
        let tls = match &connection.ca {
            Some(ca) => {
                let pem = std::fs::read_to_string(ca);
                Tls::pinned(&pem.with_context(|| format!("cannot read `{}`", ca.display()))?, address.host())?
            }
            None => Tls::service(None, address.host())?,
        };
        Ok(Self {
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
            tls,
            is_pinned: connection.ca.is_some(),
            address,
            authorization: None,
            json: connection.json,
        })
    }

    pub(super) fn get(&self, at: &At) -> anyhow::Result<Value> {
        self.call(Method::GET, at, None)
    }

    pub(super) fn delete(&self, at: &At) -> anyhow::Result<Value> {
        self.call(Method::DELETE, at, None)
    }

    /// Posts without a body.
    pub(super) fn post_nothing(&self, at: &At) -> anyhow::Result<Value> {
        self.call(Method::POST, at, None)
    }

    pub(super) fn post(&self, at: &At, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, at, Some(("application/json", serde_json::to_vec(body)?)))
    }

    pub(super) fn patch(&self, at: &At, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, at, Some(("application/json", serde_json::to_vec(body)?)))
    }

    pub(super) fn put(&self, at: &At, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PUT, at, Some(("application/json", serde_json::to_vec(body)?)))
    }

    /// Puts what must still have a version.
    pub(super) fn put_if(&self, at: &At, version: i64, body: &Value) -> anyhow::Result<Value> {
        let tag = format!("\"{version}\"");
        let body = Some(("application/json", serde_json::to_vec(body)?));
        read(&self.send(Method::PUT, at, &[("if-match", &tag)], body)?)
    }

    pub(super) fn post_csv(&self, at: &At, file: Vec<u8>) -> anyhow::Result<Value> {
        self.call(Method::POST, at, Some(("text/csv", file)))
    }

    /// What is there, as it is.
    pub(super) fn fetch(&self, at: &At) -> anyhow::Result<Vec<u8>> {
        let response = self.send(Method::GET, at, &[], None)?;
        if response.is_success() { Ok(response.body) } else { bail!(Refusal::new(&response)) }
    }

    fn call(&self, method: Method, at: &At, body: Option<(&str, Vec<u8>)>) -> anyhow::Result<Value> {
        read(&self.send(method, at, &[], body)?)
    }

    fn send(
        &self,
        method: Method,
        at: &At,
        headers: &[(&str, &str)],
        body: Option<(&str, Vec<u8>)>,
    ) -> anyhow::Result<http::Response> {
        let own = self.authorization.as_ref().map(|value| ("authorization", value.as_str()));
        let own = own.into_iter().chain([("user-agent", USER_AGENT)]);
        let headers: Vec<_> = own.chain(headers.iter().copied()).collect();
        let call = Call { method, path: &at.0, headers: &headers, body };
        let sent = self.runtime.block_on(async {
            let wire = Wire::open(&self.address, &self.tls, TO_CONNECT).await?;
            http::send(wire, call, LIMITS).await
        });
        match sent {
            Err(error @ ConnectError::Impostor { .. }) if !self.is_pinned => {
                Err(error).context(WHICH_AUTHORITY)
            }
            sent => Ok(sent?),
        }
    }
}

fn read(response: &http::Response) -> anyhow::Result<Value> {
    if !response.is_success() {
        bail!(Refusal::new(response));
    }
    if response.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&response.body).context("the server answered something that is no JSON")
}

/// What the server refused, in words.
#[derive(Debug)]
pub(super) struct Refusal {
    kind: String,
    text: String,
}

impl Refusal {
    fn new(response: &http::Response) -> Self {
        let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let kind = problem.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { kind, text: refusal(response) }
    }

    /// Whether another code may be given at the same door.
    pub(super) fn is_wrong_code(&self) -> bool {
        self.kind == "urn:sallyport:problem:wrong-code"
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refusal {}

/// A problem in words.
fn refusal(response: &http::Response) -> String {
    let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let text = |name| problem.get(name).and_then(Value::as_str).map(|text| printable(text, 2000));
    match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => format!("{title}: {detail}"),
        (Some(title), None) => title,
        (None, _) => format!("the server answered with status {}", response.status),
    }
}

/// Percent-encoded, for a path or a query (RFC 3986).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || b"-_~".contains(&byte)
            || (byte == b'.' && text != "." && text != "..")
        {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_part_of_a_path() {
        let At(at) = At::path(&["users", "../tokens?x=1#y", "suspend"]).with("text", Some("a&b=ü"));
        assert_eq!(at, "/api/v1/users/..%2Ftokens%3Fx%3D1%23y/suspend?text=a%26b%3D%C3%BC");
        assert_eq!(At::path(&["users", ".."]).0, "/api/v1/users/%2E%2E");
    }

    #[test]
    fn a_problem_is_told_without_control_characters() {
        let body = br#"{"title":"Not allowed","detail":"this needs\u001b[31m the right"}"#.to_vec();
        let response = http::Response { status: 403, content_type: String::new(), retry_after: None, body };
        assert_eq!(refusal(&response), "Not allowed: this needs[31m the right");
    }
}
