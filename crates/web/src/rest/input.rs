//! Reads requests. What does not fit is refused as a problem that says what to do.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use sallyport_app::{AppError, Ctx, Noun, PageRequest};
use serde::{Deserialize, de::DeserializeOwned};

use crate::problem::Problem;

/// Items on a page where nothing is said, and most of them.
const USUAL_PAGE: usize = 50;
const LARGEST_PAGE: usize = 500;
/// Longest name or id in a path.
const LONGEST_NAME: usize = 200;

/// A JSON body. Unknown fields are refused by the types that are read.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_content_type(request.headers(), "application/json")?;
        let bytes = body(request, state).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let status =
                if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
            Problem::new(
                status,
                "urn:sallyport:problem:invalid",
                "Not acceptable",
                format!("the body: {error}"),
            )
        })
    }
}

/// A CSV body, as it came.
pub(super) struct Csv(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Csv {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        expect_content_type(request.headers(), "text/csv")?;
        body(request, state).await.map(Self)
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state).await.map_err(|rejection| refusal_of(rejection.status()))
}

/// Refuses a body that does not say what it is.
pub(crate) fn expect_content_type(headers: &HeaderMap, expected: &str) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let mut problem = refusal_of(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    problem.body.detail = format!("This takes a body with `Content-Type: {expected}`.");
    Err(problem)
}

/// What stands behind the question mark. Unknown parameters are refused by the types that are read.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        query.map(|query| Self(query.0)).map_err(|error| unacceptable(error.body_text()))
    }
}

/// The name or id in the path.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        let name = path.map_err(|_| Problem::not_found())?.0;
        if name.len() > LONGEST_NAME { Err(Problem::not_found()) } else { Ok(Self(name)) }
    }
}

/// The two names or ids in the path.
pub(super) struct NamedTwo(pub(super) String, pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for NamedTwo {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let (first, second) = path.map_err(|_| Problem::not_found())?.0;
        if first.len().max(second.len()) > LONGEST_NAME {
            Err(Problem::not_found())
        } else {
            Ok(Self(first, second))
        }
    }
}

/// The version that a change expects to find, where it says so. Every route that changes a noun takes it.
pub(super) struct IfMatch(pub(super) Option<i64>);

impl IfMatch {
    /// The same call, which is refused if the noun has another version by then.
    pub(super) fn on<T: Noun>(self, id: T::Id, ctx: Ctx) -> Ctx {
        ctx.expecting::<T>(id, self.0)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut given = parts.headers.get_all(header::IF_MATCH).iter();
        let Some(tag) = given.next() else { return Ok(Self(None)) };
        let tag = tag.to_str().unwrap_or_default().trim();
        if given.next().is_some() || tag.contains(',') {
            return Err(Problem::bad_request("If-Match takes one entity tag here"));
        }
        match tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')) {
            _ if tag == "*" => Ok(Self(None)),
            // A tag that was never ours fits nothing.
            Some(version) => {
                version.parse().map(|version| Self(Some(version))).map_err(|_| AppError::Stale.into())
            }
            None => Err(Problem::bad_request("If-Match takes an entity tag as it was given, such as \"3\"")),
        }
    }
}

/// Which part of a listing is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listing {
    #[serde(default)]
    text: String,
    state: Option<String>,
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

impl Listing {
    /// A listing that is paged and nothing else.
    pub(super) fn after(after: Option<String>, limit: Option<usize>) -> Self {
        Self { after: after.unwrap_or_default(), limit, ..Self::default() }
    }

    /// The page of nouns that have these states, or none.
    pub(super) fn page(self, states: &[&str]) -> Result<PageRequest, Problem> {
        if let Some(state) = &self.state
            && !states.contains(&state.as_str())
        {
            let known = if states.is_empty() { "these have no states".into() } else { states.join(", ") };
            return Err(unacceptable(format!("state: unknown; {known}")));
        }
        let limit = limit(self.limit)?;
        Ok(PageRequest { after: self.after, text: self.text, state: self.state, limit })
    }
}

/// How many items a page is to have.
pub(super) fn limit(given: Option<usize>) -> Result<usize, Problem> {
    let limit = given.unwrap_or(USUAL_PAGE);
    if (1..=LARGEST_PAGE).contains(&limit) {
        Ok(limit)
    } else {
        Err(unacceptable(format!("limit: from 1 to {LARGEST_PAGE}")))
    }
}

/// An id in a path. What is no id is nothing that is here.
pub(super) fn id<T: std::str::FromStr>(given: &str) -> Result<T, Problem> {
    given.parse().map_err(|_| Problem::not_found())
}

pub(super) fn unacceptable(detail: impl Into<String>) -> Problem {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(status, "urn:sallyport:problem:invalid", "Not acceptable", detail)
}

/// The problem for a refusal of the framework, of which only the status is known.
pub(super) fn refusal_of(status: StatusCode) -> Problem {
    let (kind, title, detail) = match status {
        StatusCode::NOT_FOUND => return Problem::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            ("urn:sallyport:problem:method", "No such method", "This path does not have that method.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            ("urn:sallyport:problem:too-large", "Too large", "The body is larger than this path takes.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("urn:sallyport:problem:content-type", "Wrong content type", "This takes another content type.")
        }
        _ if status.is_server_error() => (
            "urn:sallyport:problem:internal",
            "Something failed",
            "Something failed on our side. The log has the details under the request id of this answer.",
        ),
        _ => ("urn:sallyport:problem:invalid", "Not acceptable", "The request does not read as one."),
    };
    Problem::new(status, kind, title, detail)
}
