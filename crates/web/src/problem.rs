//! Refusals as problem details (RFC 9457). The body says what to do; the cause of an error of ours is shown to nobody, and
//! logged beside the id of the request.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sallyport_app::{AppError, Phrase};
use serde::Serialize;

use crate::language::Language;

/// A refusal on its way out.
#[derive(Debug, Clone)]
pub struct Problem {
    pub status: StatusCode,
    pub body: Body,
    retry_after: Option<u32>,
    aside: Option<Aside>,
}

/// What is known of a refusal besides what it says.
#[derive(Debug, Clone)]
enum Aside {
    Cause(Cause),
    /// The detail is said to people.
    Phrase(Phrase),
}

/// What failed on our side. It rides on an answer as an extension until the line about that answer is written.
#[derive(Debug, Clone)]
pub(crate) struct Cause(pub(crate) String);

/// The problem document.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Stable, for programs, such as `urn:sallyport:problem:conflict`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Short, for people.
    pub title: &'static str,
    pub status: u16,
    /// What was wrong and what to do.
    pub detail: String,
    /// The part of the input that is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

impl Problem {
    #[must_use]
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let body = Body { kind, title, status: status.as_u16(), detail: detail.into(), field: None };
        Self { status, body, retry_after: None, aside: None }
    }

    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "urn:sallyport:problem:invalid", "Not acceptable", detail)
    }

    #[must_use]
    pub fn not_found() -> Self {
        let text = "There is nothing here.";
        Self::new(StatusCode::NOT_FOUND, "urn:sallyport:problem:not-found", "Not found", text)
    }

    /// Somebody came in by the first door alone.
    pub(crate) fn second_door_first() -> Self {
        let text = "This needs both doors, and you came in by the first alone. Enrol a second factor in the portal, \
                    and sign in again.";
        Self::new(StatusCode::FORBIDDEN, "urn:sallyport:problem:second-door", "Second door first", text)
    }

    /// Somebody came from another network than those where they passed the second door.
    pub(crate) fn step_up() -> Self {
        let text = "You passed the second door from another network than this one. Give a code here: POST /api/v1/step-up.";
        Self::new(StatusCode::FORBIDDEN, "urn:sallyport:problem:step-up", "Second door once more", text)
    }

    /// What is for people who signed in was called with an API token.
    pub(crate) fn not_a_session() -> Self {
        let text = "An API token is no session: it is revoked under /api/v1/tokens.";
        Self::new(StatusCode::FORBIDDEN, "urn:sallyport:problem:denied", "Not allowed", text)
    }

    /// What failed on our side, if anything did.
    pub(crate) fn into_cause(self) -> Option<Cause> {
        match self.aside {
            Some(Aside::Cause(cause)) => Some(cause),
            Some(Aside::Phrase(_)) | None => None,
        }
    }

    /// The same in a language, as far as it is said to people.
    pub(crate) fn in_language(mut self, language: Language) -> Self {
        if let Some(Aside::Phrase(phrase)) = self.aside {
            self.body.detail = language.said(phrase).into();
        }
        self
    }

    /// Try again after so many seconds, where that is known.
    pub(crate) fn after(self, seconds: Option<u32>) -> Self {
        Self { retry_after: seconds, ..self }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let (text, phrase) = (error.to_string(), error.phrase());
        let problem = match error {
            AppError::Unauthenticated => Self::new(
                StatusCode::UNAUTHORIZED,
                "urn:sallyport:problem:unauthenticated",
                "Sign in first",
                text,
            ),
            AppError::Denied(_) | AppError::AboveOwnRights | AppError::PasswordExpired => {
                Self::new(StatusCode::FORBIDDEN, "urn:sallyport:problem:denied", "Not allowed", text)
            }
            AppError::NotFound { .. } => {
                Self::new(StatusCode::NOT_FOUND, "urn:sallyport:problem:not-found", "Not found", text)
            }
            AppError::Conflict(_) => {
                Self::new(StatusCode::CONFLICT, "urn:sallyport:problem:conflict", "Does not fit", text)
            }
            AppError::Invalid { field, .. } => {
                let mut problem = Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "urn:sallyport:problem:invalid",
                    "Not acceptable",
                    text,
                );
                problem.body.field = Some(field);
                problem
            }
            AppError::Stale => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "urn:sallyport:problem:stale",
                "Changed in the meantime",
                text,
            ),
            AppError::Busy => {
                let mut problem =
                    Self::new(StatusCode::TOO_MANY_REQUESTS, "urn:sallyport:problem:busy", "Too busy", text);
                problem.retry_after = Some(2);
                problem
            }
            AppError::FateUnknown => {
                let mut problem = Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "urn:sallyport:problem:fate-unknown",
                    "Perhaps done",
                    text.clone(),
                );
                problem.aside = Some(Aside::Cause(Cause(text)));
                problem
            }
            AppError::Internal(cause) => {
                let mut problem = Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "urn:sallyport:problem:internal",
                    "Something failed",
                    "Something failed on our side. The log has the details under the request id of this answer.",
                );
                problem.aside = Some(Aside::Cause(Cause(cause)));
                problem
            }
        };
        Self { aside: phrase.map(Aside::Phrase).or(problem.aside), ..problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self.body).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        match &self.aside {
            Some(Aside::Cause(cause)) => {
                response.extensions_mut().insert(cause.clone());
            }
            // Whoever knows the reader's language says it again.
            Some(Aside::Phrase(_)) => {
                response.extensions_mut().insert(self);
            }
            None => {}
        }
        response
    }
}
