//! What is known of a request before any handler runs: where it came from, which id it has, who sends it.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    extract::{self, FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use sallyport_app::{AppError, Caller, Ctx};

use crate::{State, problem::Problem};

/// The connection a request came over; put into every request by [`crate::serve`].
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// Value of the TLS exporter, to which agents bind their proofs.
    pub exporter: Option<[u8; 32]>,
}

/// Id of a request, in logs, in answers and in the feed.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// A call by nobody in particular: front doors begin with it.
pub struct Anyone(pub Ctx);

impl FromRequestParts<State> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<Connection>().map(|connection| connection.peer.ip());
        let request = parts.extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default();
        Ok(Self(Ctx {
            org: Arc::clone(&state.org),
            caller: Caller::Nobody,
            now: state.org.clock.now(),
            source: peer,
            request,
        }))
    }
}

/// A call with an API token; nobody else gets to the handler.
pub struct ApiCall(pub Ctx);

impl FromRequestParts<State> for ApiCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Anyone(ctx) = Anyone::from_request_parts(parts, state).await?;
        let token = bearer(&parts.headers).ok_or(AppError::Unauthenticated)?;
        Ok(Self(sallyport_app::token::authenticate(&ctx, token).await?))
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Gives each request an id and writes one line about it when it is answered.
pub async fn log(state: extract::State<State>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId(sallyport_app::ctx::request_id().into());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let peer = request.extensions().get::<Connection>().map(|connection| connection.peer.ip().to_string());
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert("x-request-id", value);
    }
    state.metrics.answered(response.status().as_u16(), started.elapsed());
    tracing::info!(
        request = %id.0,
        %method,
        path = %path.chars().filter(|c| !c.is_control()).take(200).collect::<String>(),
        status = response.status().as_u16(),
        peer = peer.as_deref().unwrap_or("-"),
        micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    response
}

/// What pages may do: nothing but what we serve ourselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; manifest-src 'self'";

/// Security headers on every answer to people.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
