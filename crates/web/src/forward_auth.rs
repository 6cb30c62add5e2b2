//! What proxies ask about requests to applications that speak no protocol: nginx (`auth_request`), Caddy (`forward_auth`) and
//! Traefik (`ForwardAuth`). A proxy says in headers what it was asked for, and brings the cookie of the application's own host.
//!
//! Whoever is let through has a name: there is no way to a 200 without one. The page that people are led to is in
//! [`crate::pages`].

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use sallyport_app::{
    AppError, Ctx,
    forward_auth::{self, CALLBACK, Identity, split},
    oidc,
};
use sallyport_model::application::Origin;
use sallyport_wire::{http::cookie, oidc::Params};

use crate::{State, call::Anyone, pages::fields::encode, problem::Problem};

/// The cookie of an application's host.
const COOKIE: &str = "__Host-sallyport-at";
/// Longest cookie that is looked at: ours is much shorter.
const LONGEST_COOKIE: usize = 256;
/// Where people are led to, on our own host.
pub(crate) const BEGIN: &str = "/forward-auth/begin";

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/forward-auth/verify", get(verify)).route("/forward-auth/callback", get(callback))
}

/// What a proxy was asked for.
struct Asked {
    ctx: Ctx,
    origin: Origin,
    /// Path and query.
    path: String,
    /// Whether the proxy hands our own answer on, as Caddy and Traefik do, and nginx does not.
    is_handed_on: bool,
    /// Whether whoever asked can be led elsewhere.
    is_page: bool,
    cookie: Option<String>,
}

impl FromRequestParts<State> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let Anyone(ctx) =
            Anyone::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let headers = &parts.headers;
        let (address, is_handed_on) = match one(headers, "x-original-url") {
            Some(address) => (address.to_owned(), false),
            None => {
                let said = |name| one(headers, name).unwrap_or_default();
                let [proto, host, uri] =
                    ["x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"].map(said);
                (format!("{proto}://{host}{uri}"), true)
            }
        };
        let (origin, path) = split(&address).ok_or_else(refused)?;
        let method = one(headers, "x-forwarded-method").or_else(|| one(headers, "x-original-method"));
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let cookie = cookie::find(lines, COOKIE).filter(|cookie| cookie.len() <= LONGEST_COOKIE);
        Ok(Self {
            ctx,
            origin,
            path: path.to_owned(),
            is_handed_on,
            is_page: method.is_none_or(|method| ["GET", "HEAD"].contains(&method)),
            cookie: cookie.map(str::to_owned),
        })
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

async fn verify(asked: Asked) -> Response {
    let found = match &asked.cookie {
        Some(cookie) => forward_auth::verify(&asked.ctx, &asked.origin, cookie).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(identity)) => known(&identity),
        Ok(None) if asked.is_handed_on && asked.path.starts_with(CALLBACK) => handed_over(&asked).await,
        Ok(None) if asked.is_handed_on && asked.is_page => {
            let wanted = encode(&format!("{}{}", asked.origin, asked.path));
            away(&format!("{}{BEGIN}?to={wanted}", oidc::issuer(&asked.ctx)), None)
        }
        Ok(None) => refused(),
        Err(error) => failed(error),
    }
}

/// The code that a browser brought to the application's own host becomes a cookie there.
async fn callback(asked: Asked) -> Response {
    handed_over(&asked).await
}

async fn handed_over(asked: &Asked) -> Response {
    let query = asked.path.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('?'));
    let code = query
        .and_then(|query| Params::from_query(query).ok())
        .and_then(|params| params.line("code", 128).ok().flatten());
    let Some(code) = code else { return refused() };
    match forward_auth::redeem(&asked.ctx, &asked.origin, &code).await {
        Ok(Some((cookie, path))) => {
            let cookie = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", cookie.expose());
            away(&format!("{}{path}", asked.origin), Some(&cookie))
        }
        // Somebody came twice, or too late: the way begins anew at the front page.
        Ok(None) => away(&format!("{}/", asked.origin), None),
        Err(error) => failed(error),
    }
}

/// Who it is, in the headers that most applications can be told to read.
fn known(identity: &Identity) -> Response {
    let mut response = StatusCode::OK.into_response();
    for (name, value) in [
        ("remote-user", &identity.user),
        ("remote-name", &identity.name),
        ("remote-email", &identity.mail),
        ("remote-groups", &identity.groups),
    ] {
        // UTF-8 as it is; what no header can carry is not said, and without a name nobody is let through.
        match HeaderValue::from_bytes(value.as_bytes()) {
            Ok(value) => {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
            Err(_) if name == "remote-user" => return refused(),
            Err(_) => {}
        }
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
