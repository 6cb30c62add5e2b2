//! The only HTTP server: portals, REST, the agent channel, protected applications. A handler reads its input,
//! calls one use case and renders; whatever decides anything lives in `app`.

pub mod agent;
pub mod assets;
pub mod call;
mod duo;
pub mod face;
mod forward_auth;
pub mod health;
mod language;
pub mod metrics;
mod oidc;
pub mod pages;
mod patience;
mod phone;
pub mod problem;
mod prompt;
pub mod proxies;
pub mod rest;
pub mod serve;
pub mod simulator;
mod telephony;
pub mod tls;

use std::sync::Arc;

use axum::Router;
use sallyport_app::Org;

pub use face::Face;

/// What handlers share.
#[derive(Clone)]
pub struct State {
    pub org: Arc<Org>,
    /// What is counted while the server runs.
    pub metrics: metrics::Metrics,
    /// Turns true when the server is about to stop.
    pub stopping: tokio::sync::watch::Receiver<bool>,
}

/// What people and protected applications reach.
pub fn public_face(state: State) -> Face {
    let routes = Router::new()
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(agent::public_routes())
        .merge(rest::routes())
        .merge(assets::routes())
        .merge(prompt::routes(&state))
        .merge(oidc::routes(&state))
        .merge(forward_auth::routes())
        .merge(pages::routes(&state))
        .merge(phone::routes(&state))
        .merge(telephony::routes())
        .fallback(pages::nothing_here);
    Face::for_people(routes, state)
}

/// What agents reach, on the fixed internal name.
pub fn agent_face(state: State) -> Face {
    Face::for_agents(Router::new().merge(agent::routes()).merge(agent::public_routes()), state)
}
