//! The OIDC prompt of Duo's Web SDKs, as far as other sites and servers ask: whether we are there, the browser that an
//! application sends, the code that it redeems. The page in between is one of [`pages`].

use axum::{
    Router,
    body::Bytes,
    extract::{FromRequest, FromRequestParts as _, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx,
    duo::prompt::{Unredeemed, health_check, redeem},
};
use sallyport_wire::duo::{
    ParamError, Params, Reply, envelope,
    prompt::{OAuthError, TokenError, params, path},
};

use crate::{State, call::Anyone, language, pages, problem::Cause};

/// What a 429 asks an application to wait, in seconds.
const BUSY_SECONDS: u64 = 2;

pub(crate) fn routes(state: &State) -> Router<State> {
    let authorize = get(pages::prompt::authorize).post(pages::prompt::authorize);
    Router::new()
        .route(path::HEALTH_CHECK, post(health))
        .route(
            path::AUTHORIZE,
            authorize.layer(middleware::from_fn_with_state(state.clone(), language::choose)),
        )
        .route(path::TOKEN, post(token))
}

/// A request of the protocol: its parameters, wherever they stand.
pub(crate) struct Brought {
    pub(crate) ctx: Ctx,
    pub(crate) params: Result<Params, ParamError>,
    /// What whoever asks calls us.
    pub(crate) host: Option<String>,
}

impl FromRequest<State> for Brought {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let ctx = Anyone::from_request_parts(&mut parts, state).await.map_err(IntoResponse::into_response)?;
        let (Anyone(ctx), text) = (ctx, |name| text(&parts.headers, name));
        let (host, kind) = (text(header::HOST), text(header::CONTENT_TYPE));
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let body = Bytes::from_request(Request::from_parts(parts, body), state).await;
        let params = match body {
            Ok(body) => params(&query, kind.as_deref(), &body),
            Err(_) => Err(ParamError::TooLarge),
        };
        Ok(Self { ctx, params, host })
    }
}

/// A header that came once.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.to_owned();
    values.next().is_none().then_some(value)
}

async fn health(Brought { ctx, params, host }: Brought) -> Response {
    let reply = match params {
        Ok(params) => health_check(&ctx, &params, host.as_deref()).await,
        Err(error) => envelope::ApiError::from(error).into(),
    };
    let Reply { status, body } = reply;
    json(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), body)
}

async fn token(Brought { ctx, params, host }: Brought) -> Response {
    let redeemed = match params {
        Ok(params) => redeem(&ctx, &params, host.as_deref()).await,
        Err(error) => Err(TokenError::from(error).into()),
    };
    match redeemed {
        Ok(reply) => json(StatusCode::OK, serde_json::to_string(&reply).unwrap_or_default()),
        Err(Unredeemed::Refused(error)) => refused(&error),
        Err(Unredeemed::App(error)) => failed(error),
    }
}

fn refused(error: &TokenError) -> Response {
    json(StatusCode::BAD_REQUEST, serde_json::to_string(error).unwrap_or_default())
}

/// No failure of ours is an answer that some client takes for a reason to let people in.
fn failed(error: AppError) -> Response {
    if matches!(error, AppError::Busy) {
        let error = TokenError::new(OAuthError::ServerError, "too busy; ask again shortly");
        let body = serde_json::to_string(&error).unwrap_or_default();
        let mut response = json(StatusCode::TOO_MANY_REQUESTS, body);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
        return response;
    }
    let text = "something failed on our side; the log has the details";
    let mut response = refused(&TokenError::new(OAuthError::ServerError, text));
    response.extensions_mut().insert(Cause(error.to_string()));
    response
}

fn json(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    let kind = HeaderValue::from_static(envelope::CONTENT_TYPE);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
