//! What the telephony provider posts back during a call. It carries no session and no token of a form: its signature is
//! checked by the use case, over the address that we gave out ourselves.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use sallyport_app::{AppError, signin::call};
use sallyport_model::id::ChallengeId;
use sallyport_wire::twilio::{self, signature, twiml};
use serde::Deserialize;

use crate::{State, call::Anyone, problem::Problem};

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/telephony/calls/{id}", post(typed))
        .route("/telephony/calls/{id}/over", post(over))
        .layer(DefaultBodyLimit::max(twilio::MOST_BYTES))
}

#[derive(Deserialize)]
struct Asked {
    turn: u8,
}

async fn typed(
    Anyone(ctx): Anyone,
    Path(id): Path<ChallengeId>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let said = call::typed(&ctx, id, asked.turn, &body, signed(&headers)).await?;
    Ok(([(header::CONTENT_TYPE, twiml::CONTENT_TYPE)], said).into_response())
}

async fn over(
    Anyone(ctx): Anyone,
    Path(id): Path<ChallengeId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    call::over(&ctx, id, &body, signed(&headers)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn signed(headers: &HeaderMap) -> &str {
    headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A refusal. Whoever is not the provider is told nothing but that.
struct Refused(AppError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if matches!(self.0, AppError::Unauthenticated) {
            return StatusCode::FORBIDDEN.into_response();
        }
        Problem::from(self.0).into_response()
    }
}
