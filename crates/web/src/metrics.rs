//! Numbers for Prometheus, in the OpenMetrics text format. They tell about the house, so they want a token: give the
//! scraper one with the auditor's role.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract, http::header, response::IntoResponse, routing::get};
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use sallyport_app::{alarm, signin::spray};
use sallyport_model::Action;

use crate::{State, call::ApiCall, problem::Problem};

/// What is counted while the server runs. Cloning shares it.
#[derive(Clone, Default)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    registry: Registry,
    requests: Family<Answered, Counter>,
    duration: Histogram,
    devices: Gauge,
    feed_head: Gauge<i64>,
    hashes: Counter<u64, AtomicU64>,
    statements: Counter<u64, AtomicU64>,
    scrapes: Counter<u64, AtomicU64>,
    sprayed_names: Gauge<i64>,
    open_alarms: Gauge<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    status: u16,
}

/// Upper bounds of the histogram of request times, in seconds.
const BUCKETS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

impl Default for Counted {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("sallyport");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered, by status", requests.clone());
        let duration = Histogram::new(BUCKETS);
        registry.register("http_request_duration_seconds", "Time to answer a request", duration.clone());
        let devices = Gauge::default();
        registry.register("connected_devices", "Devices connected to this node", devices.clone());
        let feed_head = Gauge::default();
        registry.register("feed_head", "Newest place in the change feed", feed_head.clone());
        let scrapes = Counter::default();
        registry.register("scrapes", "Times these numbers were read", scrapes.clone());
        let hashes = Counter::default();
        registry.register("password_hashes", "Password hashes computed", hashes.clone());
        let statements = Counter::default();
        registry.register("database_statements", "Statements run on the database", statements.clone());
        let sprayed_names = Gauge::default();
        registry.register(
            "sprayed_names",
            "Names tried lately in the password spray that goes on, 0 when there is none",
            sprayed_names.clone(),
        );
        let open_alarms = Gauge::default();
        registry.register(
            "open_alarms",
            "People who said on their phone that it was not them, or whose password is being guessed, which nobody has looked into",
            open_alarms.clone(),
        );
        Self {
            registry,
            requests,
            duration,
            devices,
            feed_head,
            hashes,
            statements,
            scrapes,
            sprayed_names,
            open_alarms,
        }
    }
}

impl Metrics {
    pub(crate) fn answered(&self, status: u16, took: Duration) {
        self.0.requests.get_or_create(&Answered { status }).inc();
        self.0.duration.observe(took.as_secs_f64());
    }
}

pub(crate) fn routes() -> Router<State> {
    Router::new().route("/metrics", get(show))
}

async fn show(
    extract::State(state): extract::State<State>,
    ApiCall(ctx): ApiCall,
) -> Result<impl IntoResponse, Problem> {
    ctx.allow(Action::ReadDirectory)?;
    let metrics = &state.metrics.0;
    metrics.scrapes.inc();
    metrics.devices.set(i64::try_from(state.org.hub.connected()).unwrap_or(i64::MAX));
    metrics.feed_head.set(ctx.read(sallyport_app::ctx::feed_head).await?);
    metrics.hashes.inner().store(state.org.passwords.computed(), Ordering::Relaxed);
    metrics.statements.inner().store(state.org.db.statements(), Ordering::Relaxed);
    let now = ctx.now;
    metrics.sprayed_names.set(ctx.read(move |reader| spray::names_tried(reader, now)).await?);
    let open = ctx.read_many(alarm::count_open).await?;
    metrics.open_alarms.set(i64::try_from(open).unwrap_or(i64::MAX));
    let mut body = String::new();
    text::encode(&mut body, &metrics.registry)
        .map_err(|error| sallyport_app::AppError::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], body))
}
