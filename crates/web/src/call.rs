//! What is known of a request before any handler runs: where it came from, which id it has, who sends it.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
    time::Instant,
};

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header, request::Parts},
    response::Response,
};
use sallyport_app::{
    AppError, Caller, Ctx, Session,
    device::proof,
    session,
    session::step_up::{Doors, doors},
    token,
};
use sallyport_model::User;

use crate::{
    State, language,
    metrics::Metrics,
    pages::cookie,
    problem::{Cause, Problem},
    proxies::{self, Proxies},
};

/// The connection a request came over; put into every request by [`crate::serve`].
#[derive(Debug, Clone)]
pub struct Connection {
    pub peer: SocketAddr,
    /// Value of the TLS exporter, to which agents bind their proofs.
    pub exporter: Option<[u8; 32]>,
    /// Who sends the requests: the peer, or whom a listed proxy speaks for. Without IPv4-mapped form.
    client: IpAddr,
    /// The client's address in the log.
    shown: Arc<str>,
}

impl Connection {
    #[must_use]
    pub fn new(peer: SocketAddr, exporter: Option<[u8; 32]>) -> Self {
        let client = peer.ip().to_canonical();
        Self { peer, exporter, client, shown: client.to_string().into() }
    }

    /// The same connection in the name of another client.
    fn on_behalf_of(self, client: IpAddr) -> Self {
        Self { client, shown: client.to_string().into(), ..self }
    }
}

/// Finds out for whom a proxy has sent this request.
pub(crate) fn see_behind<B>(proxies: &Proxies, request: &mut Request<B>) {
    let Some(connection) = request.extensions().get::<Connection>() else { return };
    if let Some(client) = proxies.client(connection.client, request.headers()) {
        let connection = connection.clone().on_behalf_of(client);
        request.extensions_mut().insert(connection);
    }
}

/// Says once that somebody in front of us seems to be a proxy whose word does not count, for all people behind it are
/// one client then.
pub(crate) fn wonder_about_proxies(parts: &Parts) {
    static SAID: Once = Once::new();
    let Some(Connection { peer, client, .. }) = parts.extensions.get::<Connection>() else { return };
    if *client == peer.ip().to_canonical() && proxies::is_forwarded(&parts.headers) {
        SAID.call_once(|| {
            tracing::warn!(
                peer = %client,
                "a forwarding header was not believed; if that peer is a reverse proxy, list it with --trusted-proxy"
            );
        });
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Id of a request, in logs, in answers and in the feed.
#[derive(Debug, Clone)]
pub struct RequestId(pub Arc<str>);

/// A call by nobody in particular: front doors begin with it.
pub struct Anyone(pub Ctx);

impl FromRequestParts<State> for Anyone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let device = language::device(user_agent(&parts.headers)).map(Into::into);
        let ctx = anyone(&parts.extensions, state);
        let on_device = match cookie::find(&parts.headers, cookie::DEVICE) {
            Some(proof) => proof::proved(&ctx, proof).await?,
            None => None,
        };
        Ok(Self(Ctx { device, on_device, ..ctx }))
    }
}

/// The call of [`Anyone`], by a program that says elsewhere what it asks for.
pub(crate) fn anyone(known: &Extensions, state: &State) -> Ctx {
    Ctx {
        org: Arc::clone(&state.org),
        caller: Caller::Nobody,
        now: state.org.clock.now(),
        source: known.get::<Connection>().map(|connection| connection.client),
        device: None,
        on_device: None,
        request: known.get::<RequestId>().map(|id| Arc::clone(&id.0)).unwrap_or_default(),
        expected: None,
        claim: None,
        host: None,
    }
}

/// A call with an API token, or by somebody who signed in and is behind both doors; nobody else gets to the handler.
pub struct ApiCall(pub Ctx);

impl FromRequestParts<State> for ApiCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        match Bearer::from_request_parts(parts, state).await? {
            Bearer::Token(ctx) => Ok(Self(*ctx)),
            Bearer::Session(signed_in) => signed_in.behind_both_doors().map(Self),
        }
    }
}

/// Whoever brings a secret in the header that is good for something.
pub enum Bearer {
    Session(Box<SignedIn>),
    Token(Box<Ctx>),
}

impl FromRequestParts<State> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Anyone(ctx) = Anyone::from_request_parts(parts, state).await?;
        let secret = bearer(&parts.headers).ok_or(AppError::Unauthenticated)?;
        match token::authenticate(&ctx, secret).await {
            Ok(ctx) => Ok(Self::Token(Box::new(ctx))),
            Err(AppError::Unauthenticated) => {
                let (ctx, user, session) = session::authenticate_bearer(&ctx, secret).await?;
                Ok(Self::Session(Box::new(SignedIn { ctx, user, session })))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Somebody who signed in at the API, by one door or by both, from here or from elsewhere, with a password that may have
/// expired. They have roles in `ctx` only behind both doors.
pub struct SignedIn {
    pub ctx: Ctx,
    pub user: User,
    pub session: Session,
}

impl SignedIn {
    /// Refuses whom the administrators' portal refuses.
    fn behind_both_doors(self) -> Result<Ctx, Problem> {
        session::refuse_expired_password(&self.user)?;
        match doors(&self.ctx, &self.session) {
            Doors::Both => Ok(self.ctx),
            Doors::Elsewhere => Err(Problem::step_up()),
            Doors::One => Err(Problem::second_door_first()),
        }
    }
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        match Bearer::from_request_parts(parts, state).await? {
            Bearer::Session(signed_in) => Ok(*signed_in),
            Bearer::Token(_) => Err(Problem::not_a_session()),
        }
    }
}

/// The same behind both doors: for what people do with their own factors.
pub struct Oneself {
    pub ctx: Ctx,
    pub session: Session,
}

impl FromRequestParts<State> for Oneself {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, state).await?;
        let session = signed_in.session.clone();
        Ok(Self { ctx: signed_in.behind_both_doors()?, session })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// How the browser calls itself.
pub(crate) fn user_agent(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).map(HeaderValue::to_str).and_then(Result::ok).unwrap_or_default()
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
            response.headers_mut().insert(REQUEST_ID, value);
        }
        let (status, took) = (response.status().as_u16(), started.elapsed());
        metrics.answered(status, took);
        if let Some(Cause(cause)) = response.extensions().get() {
            tracing::error!(request = &*id.0, cause, "a request failed");
        }
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

/// The same for a page whose form is posted to another site, which is the only place that it may go to.
pub(crate) fn policy_with_form_to(origin: &str) -> Option<HeaderValue> {
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action {origin}"));
    HeaderValue::from_str(&policy).ok()
}

/// What a picture may do that somebody gave us: nothing, whatever it is taken for.
pub(crate) fn picture_alone(headers: &mut HeaderMap) {
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'"),
    );
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"logo\""));
}

/// Security headers on every answer to people.
pub(crate) fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page whose form goes to an application says so itself.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Mutex, PoisonError},
    };

    use axum::response::IntoResponse as _;

    use super::*;
    use crate::pages::refusal::Refusal;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_failed_is_logged_beside_the_id_that_the_answer_carries() {
        let failed = || AppError::Internal("the disk is on fire".into());
        for answer in [Problem::from(failed()).into_response(), Refusal::from(failed()).into_response()] {
            let (log, mut answer) = (Log::default(), answer);
            let lines = log.clone();
            let subscriber = tracing_subscriber::fmt().with_writer(move || lines.clone()).finish();
            tracing::subscriber::with_default(subscriber, || {
                Entry::begin(&mut Request::new(())).end(&mut answer, &Metrics::default());
            });
            let id = answer.headers().get(&REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap();
            let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
            let line = log.lines().find(|line| line.contains("the disk is on fire")).unwrap();
            assert!(line.contains(id), "{log}");
        }
    }
}
