//! What proxies ask about requests to applications that speak no protocol: nginx (`auth_request`), Caddy (`forward_auth`) and
//! Traefik (`ForwardAuth`). A proxy says in headers what it was asked for, and brings the cookie of the application's own host.
//!
//! nginx says it in `X-Original-URL` and Caddy and Traefik in `X-Forwarded-*`. Each sets its own and hands the other's on as
//! they came from outside, so each has an address of its own here, where nothing but its own headers is heard.
//!
//! Whoever is let through has a name: there is no way to a 200 without one. The page that people are led to is in
//! [`crate::pages`].

use askama::Template;
use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Ctx,
    forward_auth::{self, CALLBACK, Identity, Redeemed, split},
    oidc,
};
use sallyport_model::application::Origin;
use sallyport_wire::{http::cookie, oidc::Params};

use crate::{
    State,
    call::Anyone,
    language::Language,
    pages::{fields::encode, page::Page},
    problem::Problem,
};

/// The cookie of an application's host.
const COOKIE: &str = "__Host-sallyport-at";
/// What a browser is known by at an application's host while it is on its way to that cookie.
const BROWSER: &str = "__Host-sallyport-way";
/// How long a way may take, in seconds.
const LONGEST_WAY: u32 = 3600;
/// Longest cookie that is looked at: ours are much shorter.
const LONGEST_COOKIE: usize = 256;
/// Where people are led to, on our own host.
const BEGIN: &str = "/forward-auth/begin";

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/forward-auth/verify", get(verify))
        .route("/forward-auth/auth-request", get(auth_request))
        .route("/forward-auth/auth-request/begin", get(begin))
        .route("/forward-auth/auth-request/callback", get(callback))
}

/// What a proxy was asked for.
struct Asked {
    ctx: Ctx,
    origin: Origin,
    /// Path and query.
    path: String,
    /// Whether whoever asked can be led elsewhere.
    is_page: bool,
    cookie: Option<String>,
    browser: Option<String>,
    language: Language,
}

impl Asked {
    async fn new(
        parts: &mut Parts,
        state: &State,
        address: &str,
        method: &'static str,
    ) -> Result<Self, Response> {
        let Anyone(ctx) =
            Anyone::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let headers = &parts.headers;
        let (origin, path) = split(address).ok_or_else(refused)?;
        let cookie = |name| {
            let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
            let found = cookie::find(lines, name).filter(|cookie| cookie.len() <= LONGEST_COOKIE);
            found.map(str::to_owned)
        };
        Ok(Self {
            ctx,
            origin,
            path: path.to_owned(),
            is_page: one(headers, method).is_none_or(|method| ["GET", "HEAD"].contains(&method)),
            cookie: cookie(COOKIE),
            browser: cookie(BROWSER),
            language: Language::of(headers),
        })
    }

    /// The query of a browser that comes back from our host.
    fn back(&self) -> Option<&str> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        (path == CALLBACK).then_some(query)
    }
}

/// What nginx was asked for.
struct ByOriginalUrl(Asked);

impl FromRequestParts<State> for ByOriginalUrl {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let address = one(&parts.headers, "x-original-url").unwrap_or_default().to_owned();
        Asked::new(parts, state, &address, "x-original-method").await.map(Self)
    }
}

/// What Caddy or Traefik was asked for.
struct ByForwarded(Asked);

impl FromRequestParts<State> for ByForwarded {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let said = |name| one(&parts.headers, name).unwrap_or_default();
        let [proto, host, uri] = ["x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"].map(said);
        let address = format!("{proto}://{host}{uri}");
        Asked::new(parts, state, &address, "x-forwarded-method").await.map(Self)
    }
}

/// A header that came once. Two of one name are a sign of somebody adding one.
fn one<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        (None | Some(_), _) => None,
    }
}

fn refused() -> Response {
    StatusCode::UNAUTHORIZED.into_response()
}

/// To a proxy that hands our own answer on.
async fn verify(ByForwarded(asked): ByForwarded) -> Response {
    if asked.back().is_some() {
        return handed_over(&asked).await;
    }
    match who(&asked).await {
        Ok(Some(identity)) => known(&identity),
        Ok(None) => led_away(&asked),
        Err(error) => failed(error),
    }
}

/// To nginx, which hands nothing on, and asks anew on behalf of whoever is not known.
async fn auth_request(ByOriginalUrl(asked): ByOriginalUrl) -> Response {
    match who(&asked).await {
        Ok(Some(identity)) => known(&identity),
        Ok(None) => refused(),
        Err(error) => failed(error),
    }
}

async fn begin(ByOriginalUrl(asked): ByOriginalUrl) -> Response {
    led_away(&asked)
}

/// The code that a browser brought to the application's own host becomes a cookie there.
async fn callback(ByOriginalUrl(asked): ByOriginalUrl) -> Response {
    handed_over(&asked).await
}

async fn who(asked: &Asked) -> Result<Option<Identity>, AppError> {
    match &asked.cookie {
        Some(cookie) => forward_auth::verify(&asked.ctx, &asked.origin, cookie).await,
        None => Ok(None),
    }
}

/// To our own host, with what the browser is known by when it comes back.
fn led_away(asked: &Asked) -> Response {
    if !asked.is_page {
        return refused();
    }
    match forward_auth::set_out(&asked.ctx, asked.browser.as_deref()) {
        Ok(beginning) => {
            let wanted = encode(&format!("{}{}", asked.origin, asked.path));
            let to = format!("{}{BEGIN}?to={wanted}&browser={}", oidc::issuer(&asked.ctx), beginning.digest);
            let cookie =
                format!("{BROWSER}={}; Max-Age={LONGEST_WAY}; {COOKIE_RULES}", beginning.browser.expose());
            away(&to, Some(&cookie))
        }
        Err(error) => failed(error),
    }
}

async fn handed_over(asked: &Asked) -> Response {
    let query = asked.back().and_then(|query| Params::from_query(query).ok());
    let code = query.and_then(|params| params.line("code", 128).ok().flatten());
    let Some(code) = code else { return refused() };
    match forward_auth::redeem(&asked.ctx, &asked.origin, &code, asked.browser.as_deref()).await {
        Ok(Redeemed::Known { cookie, path }) => {
            let cookie = format!("{COOKIE}={}; {COOKIE_RULES}", cookie.expose());
            away(&format!("{}{path}", asked.origin), Some(&cookie))
        }
        // Somebody came twice, or too late: the way begins anew at the front page.
        Ok(Redeemed::Nothing) => away(&format!("{}/", asked.origin), None),
        Ok(Redeemed::OtherBrowser) => {
            let page = StrayedPage { say: asked.language, origin: asked.origin.to_string() };
            (StatusCode::FORBIDDEN, Page(page)).into_response()
        }
        Err(error) => failed(error),
    }
}

const COOKIE_RULES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// Says that this browser did not begin. It stands at the application's host, so it has nothing of ours to look better with.
#[derive(Template)]
#[template(path = "forward_strayed.html")]
struct StrayedPage {
    say: Language,
    origin: String,
}

/// Who it is, in the headers that most applications can be told to read. All are said, so that a proxy which takes over what we say
/// takes over nothing that somebody sent.
fn known(identity: &Identity) -> Response {
    let mut response = StatusCode::OK.into_response();
    for (name, value) in [
        ("remote-user", &identity.user),
        ("remote-name", &identity.name),
        ("remote-email", &identity.mail),
        ("remote-groups", &identity.groups),
    ] {
        // UTF-8 as it is; what no header can carry is not said, and without a name nobody is let through.
        let value = match HeaderValue::from_bytes(value.as_bytes()) {
            Ok(value) => value,
            Err(_) if name == "remote-user" => return refused(),
            Err(_) => HeaderValue::from_static(""),
        };
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    if identity.user.is_empty() { refused() } else { response }
}

fn away(to: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let Ok(to) = HeaderValue::from_str(to) else { return refused() };
    response.headers_mut().insert(header::LOCATION, to);
    if let Some(mut cookie) = cookie.and_then(|cookie| HeaderValue::from_str(cookie).ok()) {
        cookie.set_sensitive(true);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Doubt denies: a proxy takes a 5xx for a refusal too.
fn failed(error: AppError) -> Response {
    Problem::from(error).into_response()
}
