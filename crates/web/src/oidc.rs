//! OpenID Connect and OAuth 2 as programs speak them: what there is to find out, tokens and what they are worth. The pages that
//! people see on the way are those of [`crate::pages`].

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    Router,
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx, oidc,
    oidc::{Refused, Scheme},
    signing_key,
};
use sallyport_wire::oidc::{ErrorCode, JwkSet, Metadata, OAuthError, Params, path};
use serde::Serialize;
use serde_json::Value;

use crate::{
    State,
    call::Anyone,
    language::Language,
    problem::{Cause, Problem},
    prompt::Brought,
};

/// How long others may keep what they found out about us, in seconds. A key that was declared void is forgotten by then.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=300");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What a 429 asks to wait, in seconds.
const BUSY_SECONDS: u64 = 2;

pub(crate) fn routes(state: &State) -> Router<State> {
    let configuration = configuration(state);
    let configuration = get(move || async move { kept(configuration) });
    let last = Arc::new(LastWritten::default());
    let jwks = get(move |Anyone(ctx): Anyone| async move { jwks(&ctx, &last).await });
    Router::new()
        .route(path::CONFIGURATION, configuration.clone().options(preflight))
        .route(path::SERVER_METADATA, configuration.options(preflight))
        .route(path::JWKS, jwks.options(preflight))
        .route(path::TOKEN, post(token).options(preflight))
        .route(path::USERINFO, get(userinfo).post(userinfo).options(preflight))
        .route(path::INTROSPECT, post(introspect))
        .route(path::REVOKE, post(revoke).options(preflight))
        .route(path::PAR, post(push).options(preflight))
        .route(path::DEVICE_AUTHORIZATION, post(device).options(preflight))
        .layer(middleware::from_fn(open_to_all))
}

/// Scripts of any site may ask: what they are told they are told by what they bring, and no cookie is looked at here.
async fn open_to_all(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("www-authenticate, dpop-nonce"),
    );
    response
}

async fn preflight() -> Response {
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, dpop"),
        (header::ACCESS_CONTROL_MAX_AGE, "3600"),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}

/// What there is to find out about us, the same for as long as the server runs.
fn configuration(state: &State) -> Bytes {
    let metadata = Metadata {
        issuer: oidc::issuer_of(&state.org),
        acr_values: &oidc::acr_values(),
        claims: &oidc::STANDARD_CLAIMS,
        languages: &Language::ALL.map(Language::tag),
    };
    written(&metadata.document())
}

/// The keys that were published last, and what was written of them: they are asked for far more often than they change.
#[derive(Default)]
struct LastWritten(Mutex<(JwkSet, Bytes)>);

async fn jwks(ctx: &Ctx, last: &LastWritten) -> Response {
    let keys = match signing_key::published(ctx).await {
        Ok(keys) => keys,
        Err(error) => return Problem::from(error).into_response(),
    };
    let mut last = last.0.lock().unwrap_or_else(PoisonError::into_inner);
    if last.0 != keys || last.1.is_empty() {
        let document = written(&keys.write());
        *last = (keys, document);
    }
    kept(last.1.clone())
}

fn written(document: &Value) -> Bytes {
    document.to_string().into()
}

fn kept(document: Bytes) -> Response {
    let headers = [(header::CONTENT_TYPE, JSON), (header::CACHE_CONTROL, KEPT)];
    (headers, document).into_response()
}

/// A call by a client: what it brings in the headers and in the form. What stands in the address is not read, so that no
/// secret gets into a log.
struct Asked {
    ctx: Ctx,
    params: Params,
    authorization: Option<String>,
    dpop: Option<String>,
    method: Method,
}

impl FromRequest<State> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (headers, method) = (request.headers().clone(), request.method().clone());
        let in_address = request.uri().query().is_some_and(|query| !query.is_empty());
        let is_form = method == Method::GET || is_form(&headers);
        let Brought { ctx, params, .. } = Brought::from_request(request, state).await?;
        let unreadable = |text: &str| refused(&OAuthError::new(ErrorCode::InvalidRequest, text), false);
        if in_address {
            return Err(unreadable("parameters belong into the form and not into the address"));
        }
        if !is_form {
            return Err(unreadable("the body is application/x-www-form-urlencoded"));
        }
        let params = params.map_err(|error| refused(&error.into(), false))?;
        let (authorization, dpop) = match (one(&headers, "authorization"), one(&headers, "dpop")) {
            (Ok(authorization), Ok(dpop)) => (authorization, dpop),
            _ => return Err(unreadable("a header came twice, or cannot be read")),
        };
        Ok(Self { ctx, params, authorization, dpop, method })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// A header that came once, or not.
fn one(headers: &HeaderMap, name: &str) -> Result<Option<String>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(|value| Some(value.to_owned())).map_err(drop),
        (Some(_), Some(_)) => Err(()),
    }
}

async fn token(asked: Asked) -> Response {
    let (authorization, dpop) = (asked.authorization.as_deref(), asked.dpop.as_deref());
    match oidc::token(&asked.ctx, authorization, dpop, &asked.params).await {
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(error) => failed(error, authorization.is_some()),
    }
}

async fn introspect(asked: Asked) -> Response {
    let authorization = asked.authorization.as_deref();
    match oidc::introspect(&asked.ctx, authorization, &asked.params).await {
        Ok(told) => json(StatusCode::OK, &told),
        Err(error) => failed(error, authorization.is_some()),
    }
}

async fn revoke(asked: Asked) -> Response {
    let authorization = asked.authorization.as_deref();
    match oidc::revoke(&asked.ctx, authorization, &asked.params).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => failed(error, authorization.is_some()),
    }
}

async fn push(asked: Asked) -> Response {
    let (authorization, dpop) = (asked.authorization.clone(), asked.dpop.clone());
    match oidc::push(&asked.ctx, authorization.as_deref(), dpop.as_deref(), asked.params).await {
        Ok(pushed) => json(StatusCode::CREATED, &pushed),
        Err(error) => failed(error, authorization.is_some()),
    }
}

async fn device(asked: Asked) -> Response {
    let authorization = asked.authorization.as_deref();
    match oidc::device_begin(&asked.ctx, authorization, &asked.params).await {
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(error) => failed(error, authorization.is_some()),
    }
}

async fn userinfo(asked: Asked) -> Response {
    let header = asked.authorization.as_deref().and_then(|header| header.split_once(' '));
    let posted = asked.params.line("access_token", 16 * 1024).ok().flatten();
    let shown = match (header, &posted) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") => {
            Some((Scheme::Bearer, token))
        }
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("dpop") => Some((Scheme::Dpop, token)),
        (None, Some(token)) if asked.method == Method::POST => Some((Scheme::Bearer, token.as_str())),
        _ => None,
    };
    let Some((scheme, token)) = shown else {
        let mut response = StatusCode::UNAUTHORIZED.into_response();
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer, DPoP"));
        return response;
    };
    let (dpop, method) = (asked.dpop.as_deref(), asked.method.as_str());
    match oidc::userinfo(&asked.ctx, scheme, token.trim(), dpop, method).await {
        Ok(claims) => json(StatusCode::OK, &claims),
        Err(Refused::OAuth(error)) => challenged(&error, scheme),
        Err(Refused::App(error)) => failed(Refused::App(error), false),
    }
}

/// A refusal at a resource: the status says it, and the header what to do (RFC 6750, section 3).
fn challenged(error: &OAuthError, scheme: Scheme) -> Response {
    let status = if error.error == ErrorCode::InsufficientScope {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::UNAUTHORIZED
    };
    let name = match scheme {
        Scheme::Bearer => "Bearer",
        Scheme::Dpop => "DPoP",
    };
    let challenge = format!(
        "{name} error=\"{}\", error_description=\"{}\"",
        error.error.as_str(),
        error.error_description
    );
    let mut response = json(status, error);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// `by_header`: whether the client tried to prove itself in a header, and so is told by one that it did not.
fn refused(error: &OAuthError, by_header: bool) -> Response {
    let is_nobody = error.error == ErrorCode::InvalidClient;
    let status = if is_nobody { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    let mut response = json(status, error);
    if status == StatusCode::UNAUTHORIZED && by_header {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
    }
    response
}

fn failed(error: Refused, by_header: bool) -> Response {
    let error = match error {
        Refused::OAuth(error) => return refused(&error, by_header),
        Refused::App(error) => error,
    };
    if matches!(error, AppError::Busy) {
        let busy = OAuthError::new(ErrorCode::TemporarilyUnavailable, "too busy; ask again shortly");
        let mut response = json(StatusCode::TOO_MANY_REQUESTS, &busy);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(BUSY_SECONDS));
        return response;
    }
    let text = "something failed on our side; the log has the details";
    let mut response =
        json(StatusCode::INTERNAL_SERVER_ERROR, &OAuthError::new(ErrorCode::ServerError, text));
    response.extensions_mut().insert(Cause(error.to_string()));
    response
}

/// JSON that nobody keeps (RFC 6749, section 5.1).
fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_string(body) {
        Ok(body) => (status, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => Problem::from(AppError::from(error)).into_response(),
    }
}
