//! A face of the one port: routes, and what is done around every request whatever its route.
//!
//! This is one service around the router and not layers inside it, because a layer is copied and boxed anew for each
//! request, and so is every layer below it.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::DefaultBodyLimit,
    http::Request,
    response::Response,
};
use tower::ServiceExt as _;

use crate::{State, call, duo, metrics::Metrics, patience::Patient, proxies::Proxies};

/// Largest body of an ordinary request, in bytes.
const LARGEST_BODY: usize = 1 << 20;

/// A body that stops arriving for this long is given up.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// Who a face is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Agents,
    People,
}

/// Cloning shares the routes.
#[derive(Clone)]
pub struct Face {
    router: Router,
    /// Answers its own requests before the routes are looked at.
    door: Option<duo::Door>,
    metrics: Metrics,
    shown_to: For,
    /// What stands in front of us. Agents are never heard through a proxy.
    proxies: Option<Proxies>,
}

impl Face {
    pub(crate) fn for_agents(router: Router<State>, state: State) -> Self {
        let metrics = state.metrics.clone();
        Self { router: router.with_state(state), door: None, metrics, shown_to: For::Agents, proxies: None }
    }

    pub(crate) fn for_people(router: Router<State>, state: State) -> Self {
        let (metrics, door) = (state.metrics.clone(), Some(duo::Door::new(state.clone())));
        Self { router: router.with_state(state), door, metrics, shown_to: For::People, proxies: None }
    }

    /// This face behind proxies whose word about a client's address is taken.
    #[must_use]
    pub fn behind(self, proxies: Option<Proxies>) -> Self {
        Self { proxies, ..self }
    }
}

impl Face {
    /// Answers a request, whatever it asks for.
    pub async fn answer<B>(&self, request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<axum::BoxError>,
    {
        let mut request = request.map(|body| Patient::new(body, BODY_PATIENCE));
        if let Some(proxies) = &self.proxies {
            call::see_behind(proxies, &mut request);
        }
        let entry = call::Entry::begin(&mut request);
        let mut response = match &self.door {
            Some(door) if duo::Door::has(request.uri().path()) => door.answer(request).await,
            _ => {
                let mut request = request.map(Body::new);
                DefaultBodyLimit::max(LARGEST_BODY).apply(&mut request);
                match self.router.clone().oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        };
        entry.end(&mut response, &self.metrics);
        match self.shown_to {
            For::Agents => {}
            For::People => call::protect(response.headers_mut()),
        }
        response
    }
}
