//! Is it there, is it ready.

use axum::{Router, extract, http::StatusCode, routing::get};

use crate::State;

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

/// Ready means the store answers and nobody has asked us to stop.
async fn ready(extract::State(state): extract::State<State>) -> (StatusCode, &'static str) {
    if *state.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match state.org.db.read(sallyport_app::ctx::feed_head).await {
        Ok(_) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
