//! Refusals as pages: what was wrong, and the way on.

use askama::Template;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use sallyport_app::{AppError, Ctx, Phrase};

use super::{brand::Brand, guard, page::Page};
use crate::{
    language::{Language, Line, Markup, Text, sentence},
    problem::{Cause, Problem},
};

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
        said: Said,
        cause: Option<Cause>,
    },
}

/// What a page of a refusal says. It rides on the answer, so that it can be said again in the language of whoever asked.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    title: Line,
    text: Line,
}

/// Where people sign in, and where they pass the second door once more.
const SIGN_IN: &str = "/sign-in";
const STEP_UP: &str = "/step-up";
/// Where a browser shows which device it is on.
const THIS_DEVICE: &str = "/this-device";
/// Where a password that has expired is changed.
const NEW_PASSWORD: &str = "/password";

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    say: Language,
    organization: String,
    brand: Brand,
    title: Markup,
    text: Markup,
}

impl RefusalPage {
    fn new(said: &Said, say: Language, (organization, brand): (String, Brand)) -> Page<Self> {
        Page(Self { say, organization, brand, title: said.title.say(say), text: said.text.say(say) })
    }
}

impl Refusal {
    fn shown(status: StatusCode, title: fn(Language) -> Text, text: fn(Language) -> Text) -> Self {
        let said = Said { title: Line::Message(title), text: Line::Message(text) };
        Self::Shown { status, said, cause: None }
    }

    /// To the sign-in page, and back to where the request wanted to go if it only wanted to look.
    pub(crate) fn sign_in(headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        Self::at(SIGN_IN, headers, method, uri)
    }

    /// To the page that asks for the second door once more, and back likewise.
    pub(crate) fn step_up(headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        Self::at(STEP_UP, headers, method, uri)
    }

    /// To the page that asks which device this is, and back likewise.
    pub(crate) fn this_device(headers: &HeaderMap, method: &Method, uri: &Uri) -> Self {
        Self::at(THIS_DEVICE, headers, method, uri)
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
        Self::shown(StatusCode::FORBIDDEN, Language::not_for_you, Language::for_administrators)
    }

    /// The administrators' portal, which speaks English.
    pub(crate) fn shut_by_rule() -> Self {
        let text = "An access rule does not let you in to the administrators' portal as you come now: from where you are, on \
            this device or at this time. Your own pages stay open. The log of the server says which rule; another owner, or \
            whoever holds the machine, can change it.";
        let title = Line::English("Not from here, or not now".into());
        let said = Said { title, text: Line::English(text.into()) };
        Self::Shown { status: StatusCode::FORBIDDEN, said, cause: None }
    }

    /// The portal, for somebody who has signed in to an application.
    pub(crate) fn no_portal() -> Self {
        Self::shown(StatusCode::FORBIDDEN, Language::not_for_you, Language::said_no_access)
    }

    pub(crate) fn second_door_first() -> Self {
        Self::shown(StatusCode::FORBIDDEN, Language::second_door_first, Language::second_door_first_how)
    }

    pub(crate) fn foreign_form() -> Self {
        Self::shown(StatusCode::FORBIDDEN, Language::not_from_here, Language::not_from_here_how)
    }

    pub(crate) fn unreadable_form(status: StatusCode) -> Self {
        Self::shown(status, Language::not_readable, Language::not_readable_how)
    }

    pub(crate) fn nothing_here() -> Self {
        Self::shown(StatusCode::NOT_FOUND, Language::not_found, Language::not_found_how)
    }

    /// The address bar led to where a form is sent, as it does when its answer is loaded again.
    pub(crate) fn only_a_form() -> Self {
        Self::shown(StatusCode::METHOD_NOT_ALLOWED, Language::only_a_form, Language::only_a_form_how)
    }

    pub(crate) fn missing_passkey() -> Self {
        Self::shown(StatusCode::UNPROCESSABLE_ENTITY, Language::missing, Language::missing_passkey)
    }

    /// A prompt that is nobody's, or nobody's any more.
    pub(crate) fn no_prompt(phrase: Phrase) -> Self {
        let said = Said { title: Line::Message(Language::no_way_on), text: Line::Words(phrase.into()) };
        Self::Shown { status: StatusCode::BAD_REQUEST, said, cause: None }
    }

    /// No application can be told why; what it says is for whoever develops it.
    pub(crate) fn no_way_on(text: String) -> Self {
        let said = Said { title: Line::Message(Language::no_way_on), text: Line::English(text.into()) };
        Self::Shown { status: StatusCode::BAD_REQUEST, said, cause: None }
    }

    /// An administrator's form lacks something.
    pub(crate) fn missing(text: &str) -> Self {
        let said =
            Said { title: Line::Message(Language::missing), text: Line::English(text.to_owned().into()) };
        Self::Shown { status: StatusCode::UNPROCESSABLE_ENTITY, said, cause: None }
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
            | AppError::Internal(_)) => {
                let said = Said::of(&other);
                let problem = Problem::from(other);
                Self::Shown { status: problem.status, said, cause: problem.into_cause() }
            }
        }
    }
}

impl Said {
    fn of(error: &AppError) -> Self {
        let in_full = || Line::Words(error.to_string().into());
        let (title, text): (fn(Language) -> Text, Line) = match error {
            AppError::Unauthenticated
            | AppError::PasswordExpired
            | AppError::Denied(_)
            | AppError::AboveOwnRights => (Language::not_allowed, in_full()),
            AppError::NotFound { .. } => (Language::not_found, in_full()),
            AppError::Conflict(words) => (Language::does_not_fit, Line::Words(words.clone())),
            AppError::Invalid { .. } => {
                let text = error.phrase().map_or_else(in_full, |phrase| Line::Words(phrase.into()));
                (Language::not_acceptable, text)
            }
            AppError::Stale => (Language::changed_meanwhile, in_full()),
            AppError::Busy => (Language::too_busy, Line::Message(Language::too_busy_how)),
            AppError::FateUnknown => (Language::perhaps_done, Line::Message(Language::perhaps_done_how)),
            AppError::Internal(_) => {
                (Language::something_failed, Line::Message(Language::something_failed_how))
            }
        };
        Self { title: Line::Message(title), text }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let (title, text) = (problem.body.title, sentence(&problem.body.detail));
        let said = Said { title: Line::english(title), text: Line::English(text.into()) };
        Self::Shown { status: problem.status, said, cause: problem.into_cause() }
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
            Self::Shown { status, said, cause } => {
                let mut response =
                    (status, RefusalPage::new(&said, Language::En, guard::bare())).into_response();
                response.extensions_mut().insert(said);
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

/// An answer, which is said in this language and looks like the house if it is a refusal.
pub(crate) async fn dressed(mut response: Response, ctx: &Ctx, language: Language) -> Response {
    if let Some(said) = response.extensions_mut().remove::<Said>() {
        let page = RefusalPage::new(&said, language, guard::look(ctx).await);
        *response.body_mut() = page.into_response().into_body();
    }
    response
}
