//! Whoever calls the REST API, and what comes back.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use sallyport_web::{call::Connection, rest::PREFIX};
use serde_json::Value;

use super::World;
use crate::conformance;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// The problem that it must be.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> &str {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text);
        assert_eq!(self.json["type"], format!("urn:sallyport:problem:{kind}"), "{}", self.text);
        assert_eq!(self.json["status"], status);
        self.json["detail"].as_str().expect("a problem has a detail")
    }
}

/// Somebody who calls.
pub(crate) struct Caller<'a> {
    pub(super) world: &'a World,
    pub(super) token: Option<String>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) address: Option<[u8; 4]>,
}

impl Caller<'_> {
    /// The same caller with one more header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same caller at this address.
    pub(crate) fn at(self, address: [u8; 4]) -> Self {
        Self { address: Some(address), ..self }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", body.to_string()))).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(("application/json", body.to_string()))).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(("application/json", body.to_string()))).await
    }

    /// Sends a request; an answer that was accepted must be what the OpenAPI document says.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<(&str, String)>) -> Answer {
        let answer = self.send_to(&format!("{PREFIX}{path}"), method.clone(), body).await;
        conformance::check(&method, path, &answer);
        answer
    }

    /// Reads what is not part of the REST API, with the same token.
    pub(crate) async fn get_outside(&self, path: &str) -> Answer {
        self.send_to(path, Method::GET, None).await
    }

    async fn send_to(&self, uri: &str, method: Method, body: Option<(&str, String)>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let (kind, body) = body.unzip();
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let mut request = request.body(Body::from(body.unwrap_or_default())).expect("a request");
        if let Some(address) = self.address {
            request.extensions_mut().insert(Connection::new((address, 4711).into(), None));
        }
        let response = self.world.face.answer(request).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let json = serde_json::from_str(&text).unwrap_or_default();
        Answer { status: parts.status, headers: parts.headers, text, json }
    }
}
