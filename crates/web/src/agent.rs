//! What agents ask for: enrolment, packages, and the channel.

mod channel;
mod packages;

use axum::{
    Json, Router,
    routing::{get, post},
};
use sallyport_api::agent::{CHANNEL_PATH, ENROLL_PATH, EnrollRequest, EnrollResponse};

use crate::{State, call::Anyone, problem::Problem};

/// On the internal name only.
pub(crate) fn routes() -> Router<State> {
    Router::new().route(ENROLL_PATH, post(enroll)).route(CHANNEL_PATH, get(channel::open))
}

/// Packages and the installer's script, on both names: they are signed or checked by hash, and hold no secret.
pub(crate) fn public_routes() -> Router<State> {
    packages::routes()
}

async fn enroll(
    Anyone(ctx): Anyone,
    Json(request): Json<EnrollRequest>,
) -> Result<Json<EnrollResponse>, Problem> {
    Ok(Json(sallyport_app::device::enroll(&ctx, request).await?))
}
