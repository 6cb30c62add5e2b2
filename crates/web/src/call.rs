//! What is known of a request before any handler runs: where it came from, which id it has, who sends it.

use std::{borrow::Cow, net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderValue, Method, Request, Uri, header, request::Parts},
    response::Response,
};
use sallyport_app::{AppError, Caller, Ctx};

use crate::{State, metrics::Metrics, problem::Problem};

/// The connection a request came over; put into every request by [`crate::serve`].
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// Value of the TLS exporter, to which agents bind their proofs.
    pub exporter: Option<[u8; 32]>,
    /// The peer's address in the log.
    shown: Arc<str>,
}

impl Connection {
    #[must_use]
    pub fn new(peer: SocketAddr, exporter: Option<[u8; 32]>) -> Self {
        Self { peer, exporter, shown: peer.ip().to_string().into() }
    }
}

/// Id of a request, in logs, in answers and in the feed.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// A call by nobody in particular: front doors begin with it.
pub struct Anyone(pub Ctx);

impl FromRequestParts<State> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        Ok(Self(anyone(&parts.extensions, state)))
    }
}

/// The call of [`Anyone`].
pub(crate) fn anyone(known: &Extensions, state: &State) -> Ctx {
    Ctx {
        org: Arc::clone(&state.org),
        caller: Caller::Nobody,
        now: state.org.clock.now(),
        source: known.get::<Connection>().map(|connection| connection.peer.ip()),
        request: known.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
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

/// A request on its way: it has an id, and one line is written about it when it is answered.
pub(crate) struct Entry {
    started: Instant,
    id: RequestId,
    method: Method,
    path: Uri,
    peer: Option<Arc<str>>,
}

impl Entry {
    pub(crate) fn begin<B>(request: &mut Request<B>) -> Self {
        let id = RequestId(sallyport_app::ctx::request_id().into());
        let peer = request.extensions().get::<Connection>().map(|connection| Arc::clone(&connection.shown));
        request.extensions_mut().insert(id.clone());
        Self {
            started: Instant::now(),
            id,
            method: request.method().clone(),
            path: request.uri().clone(),
            peer,
        }
    }

    pub(crate) fn end(self, response: &mut Response, metrics: &Metrics) {
        let Self { started, id, method, path, peer } = self;
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert("x-request-id", value);
        }
        let (status, took) = (response.status().as_u16(), started.elapsed());
        metrics.answered(status, took);
        tracing::info!(
            request = &*id.0,
            method = method.as_str(),
            path = &*shown(path.path()),
            status,
            peer = peer.as_deref().unwrap_or("-"),
            micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "request"
        );
    }
}

/// A path for the log, bounded and without control characters.
fn shown(path: &str) -> Cow<'_, str> {
    const LONGEST: usize = 200;
    if path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic()) {
        path.into()
    } else {
        path.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
    }
}

/// What pages may do: nothing but what we serve ourselves.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; manifest-src 'self'";

/// Security headers on every answer to people.
pub(crate) fn protect(headers: &mut HeaderMap) {
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
}
