//! A face of the one port: routes, and what is done around every request whatever its route.
//!
//! This is one service around the router and not layers inside it, because a layer is copied and boxed anew for each
//! request, and so is every layer below it.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::DefaultBodyLimit,
    http::Request,
    response::Response,
};
use tower::{Service, ServiceExt as _};

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

impl<B> Service<Request<B>> for Face
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut request = request.map(|body| Patient::new(body, BODY_PATIENCE));
        if let Some(proxies) = &self.proxies {
            call::see_behind(proxies, &mut request);
        }
        let entry = call::Entry::begin(&mut request);
        let door = self.door.as_ref().filter(|_| duo::Door::has(request.uri().path())).cloned();
        let (router, metrics, shown_to) = (self.router.clone(), self.metrics.clone(), self.shown_to);
        Box::pin(async move {
            let mut response = match door {
                Some(door) => door.answer(request).await,
                None => {
                    let mut request = request.map(Body::new);
                    DefaultBodyLimit::max(LARGEST_BODY).apply(&mut request);
                    router.oneshot(request).await?
                }
            };
            entry.end(&mut response, &metrics);
            match shown_to {
                For::Agents => {}
                For::People => call::protect(response.headers_mut()),
            }
            Ok(response)
        })
    }
}
