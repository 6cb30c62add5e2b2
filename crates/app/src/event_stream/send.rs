//! One batch after the other of one stream, and its place moved behind each that was taken.

use std::time::Duration;

use sallyport_connect::{
    ConnectError,
    http::{Call, Limits, Method},
    outbound::Url,
    syslog::Transport,
};
use sallyport_crypto::Secret;
use sallyport_model::{
    Event, EventStream,
    event::{EventFormat, HttpShape, StreamTarget, SyslogTransport},
    id::EventStreamId,
    name::printable,
};
use sallyport_wire::events::{Reporter, cef, ocsf, syslog};
use serde_json::{Value, json};

use super::{SECRET, file};
use crate::{AppError, Ctx, ctx::open_secret, event};

/// Events that are told at a time.
const AT_ONCE: i64 = 250;
/// How long a receiver may take for them.
const WITHIN: Duration = Duration::from_secs(30);
const LIMITS: Limits = Limits { time: WITHIN, bytes: 1 << 20 };
/// Of what a receiver said when it refused, so much is shown.
const SAID: usize = 200;

/// What is told next.
struct Batch {
    stream: EventStream,
    secret: Option<Secret>,
    events: Vec<Event>,
    reached: i64,
    lost: i64,
}

/// Tells one stream the next events; whether there may be more.
pub(crate) async fn attend(ctx: &Ctx, id: EventStreamId, holder: &str) -> Result<bool, AppError> {
    let (reading, by) = (ctx.clone(), holder.to_owned());
    let taken = ctx
        .write(move |tx| {
            let Some(stream) = tx.find::<EventStream>(id)?.filter(|stream| stream.enabled) else {
                return Ok(None);
            };
            let Some((cursor, _)) = tx.take_reader(&id.to_string(), &by)? else { return Ok(None) };
            let (events, reached, lost) = event::next(tx, cursor, AT_ONCE)?;
            let secret = open_secret(tx, &reading, &id.to_string(), SECRET)?;
            let secret = secret.map(|secret| Secret::from(std::str::from_utf8(&secret).unwrap_or_default()));
            Ok(Some((
                cursor,
                std::sync::Arc::new(Batch { stream: stream.value, secret, events, reached, lost }),
            )))
        })
        .await?;
    let Some((cursor, batch)) = taken else { return Ok(false) };
    let told = if batch.events.is_empty() { Ok(()) } else { tell(ctx, &batch).await };
    let (now, is_told) = (ctx.org.clock.now(), told.is_ok());
    let more = is_told && batch.reached > cursor;
    ctx.write(move |tx| {
        tx.restand_reader(&id.to_string(), |seq, standing| {
            standing.give_back();
            match &told {
                Ok(()) => {
                    *seq = (*seq).max(batch.reached);
                    standing.lost = standing.lost.saturating_add(batch.lost);
                    if !batch.events.is_empty() {
                        standing.took(batch.events.len(), now);
                    }
                }
                Err(why) => standing.failed(printable(why, 500), now),
            }
        })
    })
    .await?;
    Ok(more)
}

async fn tell(ctx: &Ctx, batch: &Batch) -> Result<(), String> {
    let by = event::reporter(&ctx.org);
    let lines = || batch.events.iter().map(|event| line(event, batch.stream.format, &by));
    match &batch.stream.target {
        StreamTarget::File { file } => {
            let (folder, file, lines) =
                (ctx.org.config.events.clone(), file.clone(), lines().collect::<Vec<_>>());
            let written = tokio::task::spawn_blocking(move || file::append(&folder, &file, &lines)).await;
            written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
        }
        StreamTarget::Http { url, shape } => {
            let body = match shape {
                HttpShape::Lines => lines().map(|line| line + "\n").collect::<String>(),
                HttpShape::Splunk => batch.events.iter().map(|event| for_splunk(event, batch, &by)).collect(),
            };
            post(ctx, url, *shape, batch.secret.as_ref(), body).await
        }
        StreamTarget::Syslog { host, port, transport } => {
            let messages: Vec<String> = batch
                .events
                .iter()
                .zip(lines())
                .map(|(event, line)| syslog::message(event, &line, &by))
                .collect();
            let transport = match transport {
                SyslogTransport::Tcp => Transport::Tcp,
                SyslogTransport::Tls => Transport::Tls,
                SyslogTransport::Udp => Transport::Udp,
            };
            let sent =
                ctx.org.outbound.send_syslog((host, *port), transport, &messages, syslog::framed, WITHIN);
            sent.await.map_err(|error| error.to_string())
        }
    }
}

fn line(event: &Event, format: EventFormat, by: &Reporter) -> String {
    match format {
        EventFormat::Cef => cef::written(event, by),
        EventFormat::Ocsf => ocsf::written(event, by).to_string(),
    }
}

/// As its HTTP Event Collector has it: events one behind the other, each in an envelope with its time.
fn for_splunk(event: &Event, batch: &Batch, by: &Reporter) -> String {
    let (said, kind): (Value, &str) = match batch.stream.format {
        EventFormat::Cef => (cef::written(event, by).into(), "cef"),
        EventFormat::Ocsf => (ocsf::written(event, by), "_json"),
    };
    let millis = event.what.at(event.at).0.div_euclid(1000);
    let time = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
    let envelope =
        json!({ "time": time, "host": by.host, "source": "sallyport", "sourcetype": kind, "event": said });
    envelope.to_string() + "\n"
}

async fn post(
    ctx: &Ctx,
    url: &str,
    shape: HttpShape,
    secret: Option<&Secret>,
    body: String,
) -> Result<(), String> {
    let url: Url = url.parse().map_err(|error: ConnectError| error.to_string())?;
    let (scheme, kind) = match shape {
        HttpShape::Lines => ("Bearer", "application/x-ndjson"),
        HttpShape::Splunk => ("Splunk", "application/json"),
    };
    let authorization = secret.map(|secret| zeroize::Zeroizing::new(format!("{scheme} {}", secret.expose())));
    let mut headers = vec![("user-agent", concat!("Sallyport-Events/", env!("CARGO_PKG_VERSION")))];
    if let Some(authorization) = &authorization {
        headers.push(("authorization", authorization.as_str()));
    }
    let body = Some((kind, body.into_bytes()));
    let call = Call { method: Method::POST, path: url.path(), headers: &headers, body };
    let answer = ctx.org.outbound.send(&url, call, LIMITS).await.map_err(|error| error.to_string())?;
    if answer.is_success() {
        return Ok(());
    }
    let head = answer.body.get(..answer.body.len().min(4 * SAID)).unwrap_or_default();
    let said = printable(&String::from_utf8_lossy(head), SAID);
    Err(format!("the receiver answered {}: {said}", answer.status))
}
