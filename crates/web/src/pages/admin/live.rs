//! One stream of server-sent events for an administrator's open page (WHATWG HTML, section 9.2): what moved, and what ended
//! that they had begun. Without it a page is as it was loaded.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{self, Query},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::get,
};
use hyper::body::Frame;
use sallyport_app::live::{Cursor, Ended, News, Watch};
use sallyport_model::connector::ExportRunState;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    State,
    pages::{guard::Admin, refusal::Refusal},
};

/// Where the stream is.
pub(crate) const PATH: &str = "/admin/live";
/// Something is said at least so often, so that whatever stands between does not take the stream for dead.
const BREATH: Duration = Duration::from_secs(20);
/// After so long the page comes again, and is let in again.
const LONGEST: u64 = 600;

pub(super) fn routes() -> Router<State> {
    Router::new().route("/admin/live", get(stream))
}

#[derive(Deserialize)]
struct Wanted {
    /// Up to where the page was told before.
    #[serde(default)]
    after: String,
    /// Seconds after which it ends by itself.
    #[serde(default)]
    longest: Option<u64>,
}

/// What ended, as the page shows it.
#[derive(Serialize)]
struct Toast {
    key: String,
    text: String,
    href: String,
    good: bool,
}

async fn stream(
    extract::State(state): extract::State<State>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    let portal = admin.0;
    let after = wanted.after.parse::<Cursor>().ok();
    let watch = Watch::begin(&portal.ctx, portal.user, portal.session, after)?;
    let until = Instant::now() + Duration::from_secs(wanted.longest.unwrap_or(LONGEST).min(LONGEST));
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(tell(watch, sender, state.stopping, until));
    let mut response = Body::new(Lines(receiver)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // What stands between must not gather it.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Tells until nobody listens, the time is over, the session is, or the server stops.
async fn tell(
    mut watch: Watch,
    sender: mpsc::Sender<Bytes>,
    mut stopping: tokio::sync::watch::Receiver<bool>,
    until: Instant,
) {
    loop {
        let news = tokio::select! {
            news = timeout(BREATH, watch.next()) => news,
            () = sender.closed() => return,
            Ok(_) = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep_until(until) => return,
        };
        let (line, last) = match news {
            Ok(Ok(Some(news))) => (event(&news), false),
            Ok(Ok(None)) => ("event: over\ndata:\n\n".to_owned(), true),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a page is told no more");
                return;
            }
            Err(_) => (": still here\n\n".to_owned(), false),
        };
        let sent = timeout_at(until, sender.send(Bytes::from(line))).await;
        if last || !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
}

fn event(news: &News) -> String {
    let ended: Vec<Toast> = news.ended.iter().map(toast).collect();
    let data = json!({ "moved": news.moved, "ended": ended });
    format!("id: {}\nevent: news\ndata: {data}\n\n", news.cursor)
}

fn toast(ended: &Ended) -> Toast {
    let key = ended.key();
    match ended {
        Ended::ConnectorRun { connector, name, run } => Toast {
            key,
            text: format!("{name}: the run {}", said(run.state)),
            href: format!("/admin/connectors/{connector}/runs/{}", run.id),
            good: matches!(run.state, ExportRunState::Done | ExportRunState::Previewed),
        },
        Ended::Mailing { id, total } => Toast {
            key,
            text: format!(
                "The mailing to {total} {} is over.",
                if *total == 1 { "person" } else { "people" }
            ),
            href: format!("/admin/mailings/{id}"),
            good: true,
        },
        Ended::Runs { command, name, only, total, succeeded, .. } => Toast {
            key,
            text: match (total, succeeded) {
                (1, 1) => format!("{name}: the run succeeded."),
                (1, _) => format!("{name}: the run did not succeed."),
                (total, succeeded) if total == succeeded => format!("{name}: all {total} runs succeeded."),
                (total, succeeded) => format!("{name}: {succeeded} of {total} runs succeeded."),
            },
            href: match only {
                Some(run) => format!("/admin/runs/{run}"),
                None => format!("/admin/runs?command={command}"),
            },
            good: total == succeeded,
        },
    }
}

const fn said(state: ExportRunState) -> &'static str {
    match state {
        ExportRunState::Done => "is done.",
        ExportRunState::Failed => "failed.",
        ExportRunState::Held => "waits for your word.",
        ExportRunState::Interrupted => "was interrupted.",
        ExportRunState::Previewed => "is ready to be looked at; nothing was changed.",
        ExportRunState::Released => "was let go.",
        ExportRunState::Running => "goes on.",
    }
}

/// A body made of what is sent to it.
struct Lines(mpsc::Receiver<Bytes>);

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
