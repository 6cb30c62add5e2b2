//! The only HTTP server: portals, REST, the agent channel, protected applications. A handler reads its input,
//! calls one use case and renders; whatever decides anything lives in `app`.

pub mod agent;
pub mod assets;
pub mod call;
pub mod duo;
pub mod health;
pub mod metrics;
pub mod pages;
pub mod problem;
pub mod rest;
pub mod serve;
pub mod tls;

use std::{sync::Arc, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware};
use sallyport_app::Org;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// What handlers share.
#[derive(Clone)]
pub struct State {
    pub org: Arc<Org>,
    /// What is counted while the server runs.
    pub metrics: metrics::Metrics,
    /// Turns true when the server is about to stop.
    pub stopping: tokio::sync::watch::Receiver<bool>,
}

/// Largest body of an ordinary request, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// A body that stops arriving for this long is given up.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// What people and protected applications reach.
pub fn public_router(state: State) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(duo::routes())
        .merge(agent::public_routes())
        .merge(rest::routes())
        .merge(assets::routes())
        .merge(pages::routes())
        .fallback(pages::nothing_here)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(middleware::from_fn_with_state(state.clone(), call::log))
        .layer(middleware::from_fn(call::headers))
        .with_state(state)
}

/// What agents reach, on the fixed internal name.
pub fn agent_router(state: State) -> Router {
    Router::new()
        .merge(agent::routes())
        .merge(agent::public_routes())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(middleware::from_fn_with_state(state.clone(), call::log))
        .with_state(state)
}
