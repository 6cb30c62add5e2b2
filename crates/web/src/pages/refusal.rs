//! Refusals as pages: what was wrong, and the way on.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::AppError;

use super::{guard, page::Page};
use crate::problem::{Cause, Problem};

/// A request that is answered with a page of its own, or by the sign-in page.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Somebody has to sign in, pass the second door, or set a new password, first; `script` says that htmx asked, which
    /// must not show a page inside a page.
    SignIn {
        path: String,
        script: bool,
    },
    Shown {
        status: StatusCode,
        title: &'static str,
        text: String,
        cause: Option<Cause>,
    },
}

/// Where people sign in, and where they pass the second door once more.
const SIGN_IN: &str = "/sign-in";
const STEP_UP: &str = "/step-up";
/// Where a password that has expired is changed.
const NEW_PASSWORD: &str = "/password";

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage<'a> {
    title: &'a str,
    text: &'a str,
}

impl Refusal {
    fn shown(status: StatusCode, title: &'static str, text: impl Into<String>) -> Self {
        Self::Shown { status, title, text: text.into(), cause: None }
    }

    /// To the sign-in page, and back to where the request wanted to go if it only wanted to look.
    pub(crate) fn sign_in(headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        Self::at(SIGN_IN, headers, method, uri)
    }

    /// To the page that asks for the second door once more, and back likewise.
    pub(crate) fn step_up(headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        Self::at(STEP_UP, headers, method, uri)
    }

    fn at(door: &str, headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        let script = headers.contains_key("hx-request");
        // A script asked for part of a page: what somebody comes back to is the whole.
        let page = headers.get("hx-current-url").filter(|_| script);
        let page = page.and_then(|url| url.to_str().ok()?.parse::<Uri>().ok());
        let path = match &page {
            Some(page) => guard::return_path(door, page),
            None if method == Method::GET => guard::return_path(door, uri),
            None => door.into(),
        };
        Self::SignIn { path, script }
    }

    /// To the page of the new password.
    pub(crate) fn new_password(headers: &HeaderMap) -> Self {
        Self::SignIn { path: NEW_PASSWORD.into(), script: headers.contains_key("hx-request") }
    }

    pub(crate) fn not_an_administrator() -> Self {
        let text = "These pages are for administrators. Ask an owner of this organisation for a role.";
        Self::shown(StatusCode::FORBIDDEN, "Not for you", text)
    }

    pub(crate) fn second_door_first() -> Self {
        let text = "This needs a sign-in through both doors. Enrol a factor with a code from your administrator, then \
                    sign out and in again.";
        Self::shown(StatusCode::FORBIDDEN, "Second door first", text)
    }

    pub(crate) fn foreign_form() -> Self {
        let text = "This form did not come from a page of this site, or it was open for too long. Nothing was \
                    changed. Load the page again and repeat.";
        Self::shown(StatusCode::FORBIDDEN, "Not from here", text)
    }

    pub(crate) fn unreadable_form(status: StatusCode) -> Self {
        Self::shown(
            status,
            "Not readable",
            "The form could not be read, or it is too large. Nothing was changed.",
        )
    }

    pub(crate) fn nothing_here() -> Self {
        let text = "There is no such page. It may have been deleted, or the address is not complete.";
        Self::shown(StatusCode::NOT_FOUND, "Not found", text)
    }

    /// The address bar led to where a form is sent, as it does when its answer is loaded again.
    pub(crate) fn only_a_form() -> Self {
        let text = "This address takes a form and shows nothing by itself. Nothing was changed. Go back to the page with \
                    the form.";
        Self::shown(StatusCode::METHOD_NOT_ALLOWED, "Only for a form", text)
    }

    /// A prompt that is nobody's, or nobody's any more.
    pub(crate) fn no_prompt(text: &'static str) -> Self {
        Self::shown(StatusCode::BAD_REQUEST, "No way on from here", text)
    }

    pub(crate) fn missing(text: &str) -> Self {
        Self::shown(StatusCode::UNPROCESSABLE_ENTITY, "Something is missing", text)
    }
}

impl From<AppError> for Refusal {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Unauthenticated => Self::SignIn { path: SIGN_IN.into(), script: false },
            AppError::PasswordExpired => Self::SignIn { path: NEW_PASSWORD.into(), script: false },
            other @ (AppError::Denied(_)
            | AppError::AboveOwnRights
            | AppError::NotFound { .. }
            | AppError::Conflict(_)
            | AppError::Invalid { .. }
            | AppError::Stale
            | AppError::Busy
            | AppError::FateUnknown
            | AppError::Internal(_)) => Problem::from(other).into(),
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let Problem { status, body, cause, .. } = problem;
        Self::Shown { status, title: body.title, text: sentence(&body.detail), cause }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { path, script: false } => Redirect::to(&path).into_response(),
            Self::SignIn { path, script: true } => {
                let mut response = StatusCode::UNAUTHORIZED.into_response();
                if let Ok(path) = HeaderValue::from_str(&path) {
                    response.headers_mut().insert("hx-redirect", path);
                }
                response
            }
            Self::Shown { status, title, text, cause } => {
                let mut response = (status, Page(RefusalPage { title, text: &text })).into_response();
                if let Some(cause) = cause {
                    response.extensions_mut().insert(cause);
                }
                if status == StatusCode::TOO_MANY_REQUESTS {
                    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(2));
                }
                response
            }
        }
    }
}

/// What the HTTP library refuses by itself, such as an id that is none, as a page instead of a bare line.
pub(crate) async fn in_words(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_bare = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    match response.status() {
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND if is_bare => Refusal::nothing_here().into_response(),
        StatusCode::METHOD_NOT_ALLOWED if is_bare => Refusal::only_a_form().into_response(),
        _ => response,
    }
}

/// A message of ours, made for programs' logs, as a sentence.
pub(crate) fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
