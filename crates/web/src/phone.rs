//! The phone page: what it is, and what it asks and says. Its wire protocol is written down in `docs/phone-page.md`, so that
//! a program could take its place.
//!
//! A phone is known by a cookie that no script reads and no other site makes a browser send. Whatever changes something
//! must come from a page of ours besides.

use std::time::Duration;

use askama::Template;
use axum::{
    Json, Router,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use sallyport_app::{
    AppError, Ctx,
    passkey::CreationOptions,
    push::{self, About, Bring, Phone, Subscription},
};
use sallyport_wire::pages::phone::{Activating, Answer, Asking, Forgetting, Message, MessageError};
use serde::{Deserialize, Serialize};

use crate::{
    State,
    assets::HASH,
    call::Anyone,
    language::{self, Language},
    pages::{cookie, guard::Door, origin, page::Page, shell::DoorShell},
    problem::Problem,
    rest::expect_content_type,
};

/// The phone's browser. It lasts for as long as browsers let anything last.
const COOKIE: &str = "__Host-sallyport-phone";
const COOKIE_LIFE: u32 = 400 * 24 * 3600;

/// How long a page waits with one request, below what proxies give up after.
const PATIENCE: Duration = Duration::from_secs(25);
/// Largest message of a phone, in bytes.
const LARGEST: usize = 64 << 10;

pub(crate) fn routes(state: &State) -> Router<State> {
    Router::new()
        .route("/phone", get(show))
        .route("/phone/manifest.webmanifest", get(manifest))
        .route("/phone/worker.js", get(worker))
        .route("/phone/about", get(about))
        .route("/phone/question", post(question))
        .route("/phone/activate", post(activate))
        .route("/phone/requests", get(requests))
        .route("/phone/ended", get(ended))
        .route("/phone/answer", post(answer))
        .route("/phone/subscription", post(subscribe))
        .route("/phone/forget", post(forget))
        .layer(middleware::from_fn(in_language))
        .layer(middleware::from_fn_with_state(state.clone(), language::choose))
}

/// Says what is refused in the language of the page.
async fn in_language(request: Request, next: Next) -> Response {
    let language = Language::of(request.headers());
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.in_language(language).into_response(),
        None => response,
    }
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    shell: DoorShell,
}

async fn show(door: Door) -> Response {
    Page(PhonePage { shell: DoorShell::new(&door).chosen_at("/phone") }).into_response()
}

#[derive(Template)]
#[template(path = "phone.webmanifest", escape = "none")]
struct Manifest {
    name: String,
}

async fn manifest(door: Door) -> Response {
    // As a string of JSON, quotes and all.
    let name = serde_json::to_string(&door.organization).unwrap_or_default();
    let body = Manifest { name }.render().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/manifest+json")], body).into_response()
}

/// The service worker stands beside the page and not among the assets: it may serve what is below its own address. It
/// sees no page, so it brings what it says.
async fn worker(headers: HeaderMap) -> Response {
    let script = include_str!("../assets/phone/worker.js");
    let say = Language::of(&headers);
    let words = serde_json::json!({
        "title": say.somebody_signs_in(),
        "body": say.open_to_see(),
        "news": { "title": say.account_changed(), "body": say.account_changed_look() },
    });
    let mut response = format!("const WORDS = {words};\n{script}").into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert("service-worker-allowed", HeaderValue::from_static("/phone"));
    response
}

/// A phone that calls.
struct PhoneCall {
    ctx: Ctx,
    phone: Phone,
}

impl FromRequestParts<State> for PhoneCall {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let Anyone(ctx) = Anyone::from_request_parts(parts, state).await?;
        let secret = cookie::find(&parts.headers, COOKIE).ok_or(AppError::Unauthenticated)?;
        let phone = push::authenticate(&ctx, secret).await?;
        Ok(Self { ctx, phone })
    }
}

/// A message of a page of ours.
struct Said<W, T> {
    who: W,
    said: T,
}

impl<W, T> FromRequest<State> for Said<W, T>
where
    W: FromRequestParts<State, Rejection = Problem> + Send,
    T: Message,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        if !origin::is_ours(&parts.headers, &state.org.config.external_url) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "urn:sallyport:problem:denied",
                "Not allowed",
                "This was not sent by a page of this server.",
            ));
        }
        expect_content_type(&parts.headers, "application/json")?;
        let who = W::from_request_parts(&mut parts, state).await?;
        let bytes = axum::body::to_bytes(body, LARGEST)
            .await
            .map_err(|_| Problem::bad_request("the message is larger than 64 KiB, or broke off"))?;
        let said = T::read(&bytes).map_err(|error| match error {
            MessageError::Field { field, why } => Problem::from(AppError::invalid(field, why)),
            MessageError::Unreadable(_) => Problem::bad_request(error.to_string()),
        })?;
        Ok(Self { who, said })
    }
}

/// What the page has to know before anything else.
#[derive(Serialize)]
struct Known {
    /// Without it the page is no phone of anybody's yet.
    phone: Option<About>,
    /// The key to subscribe with, as base64url.
    application_server_key: String,
}

async fn about(Anyone(ctx): Anyone, headers: HeaderMap) -> Result<Response, Problem> {
    let secret = cookie::find(&headers, COOKIE).unwrap_or_default();
    let phone = match push::authenticate(&ctx, secret).await {
        Ok(phone) => Some(push::about(&ctx, &phone).await?),
        Err(AppError::Unauthenticated) => None,
        Err(error) => return Err(error.into()),
    };
    let is_phone = phone.is_some();
    let known = Known { phone, application_server_key: push::application_server_key(&ctx).await? };
    let mut response = Json(known).into_response();
    if is_phone {
        // As long as the page is used, the cookie does not end.
        cookie::set_strictly(response.headers_mut(), COOKIE, secret, COOKIE_LIFE);
    }
    Ok(response)
}

#[derive(Serialize)]
struct Question {
    /// What a key of the browser signs.
    text: String,
    /// For `navigator.credentials.create`, where browsers make passkeys for our address.
    passkey: Option<CreationOptions>,
}

async fn question(Said { who: Anyone(ctx), said }: Said<Anyone, Asking>) -> Result<Json<Question>, Problem> {
    let (text, passkey) = push::question(&ctx, &said.code).await?;
    Ok(Json(Question { text, passkey }))
}

async fn activate(
    headers: HeaderMap,
    Said { who: Anyone(ctx), said }: Said<Anyone, Activating>,
) -> Result<Response, Problem> {
    let bring = Bring::new(&said.name, crate::call::user_agent(&headers), said.key);
    let activation = push::activate(&ctx, &said.code, bring).await?;
    let phone = push::authenticate(&ctx, activation.secret.expose()).await?;
    let mut response = Json(push::about(&ctx, &phone).await?).into_response();
    cookie::set_strictly(response.headers_mut(), COOKIE, activation.secret.expose(), COOKIE_LIFE);
    Ok(response)
}

#[derive(Deserialize)]
struct Waiting {
    /// Whether to wait for something to come.
    #[serde(default)]
    wait: u8,
}

async fn requests(
    PhoneCall { ctx, phone }: PhoneCall,
    Query(Waiting { wait }): Query<Waiting>,
) -> Result<Json<Vec<push::Request>>, Problem> {
    let longest = if wait == 0 { Duration::ZERO } else { PATIENCE };
    Ok(Json(push::requests(&ctx, &phone, longest).await?))
}

async fn ended(PhoneCall { ctx, phone }: PhoneCall) -> Result<Json<Vec<push::Ended>>, Problem> {
    Ok(Json(push::ended(&ctx, &phone).await?))
}

async fn answer(
    Said { who: PhoneCall { ctx, phone }, said }: Said<PhoneCall, Answer>,
) -> Result<StatusCode, Problem> {
    push::answer(&ctx, &phone, said.id, said.said).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn subscribe(
    Said { who: PhoneCall { ctx, phone }, said }: Said<PhoneCall, Subscription>,
) -> Result<StatusCode, Problem> {
    push::subscribe(&ctx, &phone, &said).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn forget(
    Said { who: PhoneCall { ctx, phone }, .. }: Said<PhoneCall, Forgetting>,
) -> Result<Response, Problem> {
    push::forget(&ctx, &phone).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    cookie::clear(response.headers_mut(), COOKIE);
    Ok(response)
}

/// For the page, whose assets are named by their hash.
impl PhonePage {
    const fn hash(&self) -> &'static str {
        HASH
    }
}
