//! The forms in which use cases' results leave.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sallyport_app::{Page, Versioned};
use serde::Serialize;

use crate::problem::Problem;

/// What a handler returns.
pub(super) type Answer<T> = Result<T, Problem>;

/// A noun with its version, which is also its entity tag.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Noun<T> {
    #[serde(flatten)]
    pub(super) value: T,
    pub(super) version: i64,
}

impl<T> From<Versioned<T>> for Noun<T> {
    fn from(noun: Versioned<T>) -> Self {
        Self { value: noun.value, version: noun.version }
    }
}

impl<T: Serialize> IntoResponse for Noun<T> {
    fn into_response(self) -> Response {
        let tag = entity_tag(self.version);
        let mut response = Json(self).into_response();
        response.headers_mut().insert(header::ETAG, tag);
        response
    }
}

/// A noun that is new, and where it is from now on.
pub(super) struct Created<T> {
    pub(super) at: String,
    pub(super) noun: T,
}

impl<T: IntoResponse> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, self.noun).into_response();
        if let Ok(at) = HeaderValue::from_str(&format!("{}{}", super::PREFIX, self.at)) {
            response.headers_mut().insert(header::LOCATION, at);
        }
        response
    }
}

/// Something made that is shown this once.
pub(super) struct Made<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

/// All there is of something.
#[derive(Debug, Clone, Serialize)]
pub(super) struct All<T> {
    pub(super) items: Vec<T>,
}

impl<T, F: Into<T>> FromIterator<F> for All<T> {
    fn from_iter<I: IntoIterator<Item = F>>(items: I) -> Self {
        Self { items: items.into_iter().map(Into::into).collect() }
    }
}

impl<T: Serialize> IntoResponse for All<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Part of a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PageOf<T> {
    pub(super) items: Vec<T>,
    /// Where the next part begins, if there is one.
    pub(super) next: Option<String>,
}

impl<T> From<Page<T>> for PageOf<Noun<T>> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items.into_iter().map(Noun::from).collect(), next: page.next }
    }
}

impl<T: Serialize> IntoResponse for PageOf<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

pub(super) fn entity_tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}
