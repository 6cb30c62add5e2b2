//! The Auth API of the Duo protocols: signatures are checked here, meaning is given by the use cases.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{self, FromRequestParts as _, Request},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    Caller, Ctx, application,
    duo::{self, AnswerKey, Answers, Endpoint},
};
use sallyport_wire::duo::{
    Code, Credentials, Reply,
    auth::{TimeResponse, path},
    envelope,
    params::MAX_BODY,
    signing::{self, SignatureError, Verified},
};

use crate::{State, call::Anyone};

/// What a 429 asks clients to wait, in seconds.
const BUSY_SECONDS: u64 = 2;

pub(crate) fn routes() -> Router<State> {
    let answers = Arc::new(Answers::default());
    let signed = |endpoint: Endpoint| {
        let answers = Arc::clone(&answers);
        move |state: extract::State<State>, request: Request| {
            let answers = Arc::clone(&answers);
            async move {
                signed(state.0, request, endpoint, &answers).await.unwrap_or_else(|reply| render(&reply))
            }
        }
    };
    Router::new()
        .route(path::PING, get(ping))
        .route(path::CHECK, get(signed(Endpoint::Check)))
        .route(path::LOGO, get(logo))
        .route(path::ENROLL, post(signed(Endpoint::Enroll)))
        .route(path::ENROLL_STATUS, post(signed(Endpoint::EnrollStatus)))
        .route(path::PREAUTH, post(signed(Endpoint::Preauth)))
        .route(path::AUTH, post(signed(Endpoint::Auth)))
        .route(path::AUTH_STATUS, get(signed(Endpoint::AuthStatus)))
        .route("/auth/v2/{*rest}", axum::routing::any(unknown))
}

/// Answers whoever asks: clients learn the time from it before they can sign anything.
async fn ping(Anyone(ctx): Anyone) -> Response {
    render(&Reply::ok(&TimeResponse { time: ctx.now.unix_seconds() }))
}

async fn unknown(method: Method) -> Response {
    tracing::debug!(%method, "no such endpoint of the Auth API");
    render(&Reply::from(envelope::ApiError::from(Code::NotFound)))
}

/// Checks the signature, then lets the use case answer. Whatever goes wrong is a reply of the protocol.
async fn signed(
    state: State,
    request: Request,
    endpoint: Endpoint,
    answers: &Answers,
) -> Result<Response, Reply> {
    let (ctx, parts, body) = received(&state, request).await?;
    let now = ctx.now;
    let (ctx, credentials, Verified { params, signed_at, .. }) = verify(&ctx, &parts, &body).await?;
    let key = if endpoint.has_effects() { AnswerKey::new(&credentials, signed_at) } else { None };
    let answer = async move { duo::respond(&ctx, endpoint, &params).await };
    let reply = match key {
        Some(key) => answers.once(key, now, answer).await,
        None => answer.await,
    };
    Ok(render(&reply))
}

/// There is none; clients take *not found* for that, once they have shown who they are.
async fn logo(extract::State(state): extract::State<State>, request: Request) -> Response {
    let refused = match received(&state, request).await {
        Ok((ctx, parts, body)) => verify(&ctx, &parts, &body).await.err(),
        Err(reply) => Some(reply),
    };
    render(&refused.unwrap_or_else(|| envelope::ApiError::from(Code::NotFound).into()))
}

/// A request with its whole body, within bounds.
async fn received(state: &State, request: Request) -> Result<(Ctx, Parts, Bytes), Reply> {
    let (mut parts, body) = request.into_parts();
    let internal = || Reply::from(envelope::ApiError::from(Code::Internal));
    let Anyone(ctx) = Anyone::from_request_parts(&mut parts, state).await.map_err(|_| internal())?;
    let too_large = || envelope::ApiError::new(Code::InvalidParameters).with_detail("body too large");
    let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| Reply::from(too_large()))?;
    Ok((ctx, parts, body))
}

async fn verify(ctx: &Ctx, parts: &Parts, body: &Bytes) -> Result<(Ctx, Credentials, Verified), Reply> {
    let target = parts.uri.to_string();
    let headers: Vec<(&str, &[u8])> =
        parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request =
        signing::Request { method: parts.method.as_str(), target: &target, headers: &headers, body };
    let refuse = |error: SignatureError| Reply::from(envelope::ApiError::from(error));
    let credentials = request.credentials().map_err(refuse)?;
    let found = application::credentials(ctx, &credentials.ikey)
        .await
        .map_err(|error| Reply::from(envelope::ApiError::from(duo::DuoError::from(error))))?;
    let keyed = found.ok_or_else(|| refuse(SignatureError::KeyUnknown))?;
    let hosts = [ctx.org.config.host().to_owned()];
    let policy = signing::Policy { allow_v1: false, public_hosts: &hosts };
    let verified = signing::verify(&request, &credentials, &keyed.verifying, &policy, ctx.now.unix_seconds())
        .map_err(refuse)?;
    let caller = Caller::Application { id: keyed.application.id, name: keyed.application.name.clone() };
    Ok((ctx.with_caller(caller), credentials, verified))
}

fn render(reply: &Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, reply.body.clone()).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(envelope::CONTENT_TYPE));
    if status == StatusCode::TOO_MANY_REQUESTS {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
    }
    response
}
