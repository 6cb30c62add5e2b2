//! The other side: signing a call of our own.

use std::fmt;

use data_encoding::BASE64;
use sallyport_crypto::{Secret, digest, mac};

use super::super::call::{Call, Method};
use super::super::urlencoded::Pair;
use super::canonical::{self, Canonical};
use super::date;
use super::request::without_port;

/// The versions we sign with, both with SHA-512.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignVersion {
    /// Parameters in query or form.
    V2,
    /// Parameters in query or JSON body.
    #[default]
    V5,
}

/// The keys of a protected application.
#[derive(Debug, Clone)]
pub struct Keys {
    pub ikey: String,
    pub skey: Secret,
}

/// Why a call cannot be signed: something on our own side is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error("the clock is out of range")]
    Clock,
    #[error("the host name is not usable")]
    Host,
}

/// What to put on the connection. The transport adds `Host` and `Content-Length`.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    pub method: Method,
    pub target: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// Signs a call to `host` (a port in it is not signed).
pub fn sign(
    call: &Call,
    host: &str,
    keys: &Keys,
    version: SignVersion,
    now_unix: i64,
) -> Result<SignedRequest, SignError> {
    let host = without_port(host).to_ascii_lowercase();
    if host.is_empty() || !host.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SignError::Host);
    }
    let date = date::format(now_unix).ok_or(SignError::Clock)?;
    let pairs: Vec<Pair> =
        call.params.iter().map(|(k, v)| (k.clone().into_bytes(), v.clone().into_bytes())).collect();
    let line = canonical::param_line(&pairs);
    let (query, body, content_type) = match (call.method, version) {
        (Method::Delete | Method::Get, _) => (line.as_str(), Vec::new(), None),
        (Method::Post, SignVersion::V2) => ("", line.clone().into_bytes(), Some(FORM)),
        (Method::Post, SignVersion::V5) => ("", json_body(call), Some(JSON)),
    };
    let (params, hashes) = match version {
        SignVersion::V2 => (line.as_str(), Vec::new()),
        SignVersion::V5 => (query, vec![canonical::body_hash(&body), canonical::body_hash(&[])]),
    };
    let method = call.method.as_str();
    let text =
        Canonical { date: Some(&date), method, host: &host, path: &call.path, params, hashes: &hashes }
            .text();
    let signature = digest::hex(&mac::hmac_sha512(keys.skey.expose().as_bytes(), text.as_bytes()));
    let authorization = format!("Basic {}", BASE64.encode(format!("{}:{signature}", keys.ikey).as_bytes()));
    let mut headers = vec![("Date", date), ("Authorization", authorization)];
    headers.extend(content_type.map(|content_type| ("Content-Type", content_type.to_owned())));
    let target =
        if query.is_empty() { call.path.clone().into_owned() } else { format!("{}?{query}", call.path) };
    Ok(SignedRequest { method: call.method, target, headers, body })
}

fn json_body(call: &Call) -> Vec<u8> {
    let object = call.params.iter().map(|(k, v)| (k.clone(), serde_json::Value::String(v.clone())));
    serde_json::Value::Object(object.collect()).to_string().into_bytes()
}

/// Shows no credentials and no parameters.
impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        write!(f, "SignedRequest({} {path})", self.method.as_str())
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
