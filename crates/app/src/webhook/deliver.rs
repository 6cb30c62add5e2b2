//! Deliveries: each event that a webhook wants becomes one, and is tried until it is taken or given up.
//!
//! Of each subject only the first that waits is tried, so what a receiver hears of one subject it hears in order, and a delivery
//! that fails holds back nothing but that subject's. A delivery keeps its id however often it is made: what was taken while our
//! note of it was lost is sent again, and the receiver knows it by its id. Only so many wait at a time; the others wait where
//! events are kept.

use std::{collections::HashSet, sync::Arc, time::Duration};

use sallyport_connect::{
    ConnectError,
    http::{Call, Limits, Method, Response},
    outbound::Url,
};
use sallyport_crypto::Secret;
use sallyport_model::{
    Event, Span, Time, Webhook,
    event::{Delivery, DeliveryAttempt, DeliveryState},
    id::{UserId, WebhookId},
    name::printable,
};
use sallyport_store::{Reader, Versioned};
use sallyport_wire::{events, webhook as standard};
use tokio::{task::JoinSet, time::Instant};

use crate::{AppError, Ctx, Tx, event, feed::notices};

/// How long a receiver may take, and how much it may answer.
const LIMITS: Limits = Limits { time: Duration::from_secs(15), bytes: 1 << 20 };
/// Of an answer so much is kept.
const ANSWER_KEPT: usize = 500;
/// Deliveries of one webhook at a time.
const AT_ONCE: usize = 8;
/// Deliveries of one webhook that wait; other events wait where they are kept.
const MOST_WAITING: i64 = 1000;
/// Made of events in one transaction.
const MADE_AT_ONCE: i64 = 200;
/// Deliveries that are over and still shown.
const KEPT: i64 = 500;
/// Seconds before a delivery is tried again; the last one from then on.
const WAITS: [i64; 9] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800];
/// When a delivery is given up, and a webhook is switched off that took nothing all that time.
pub(crate) const LAST_DAY: Span = Span::days(3);

/// What came of a call.
struct Outcome {
    attempt: DeliveryAttempt,
    /// Whether the receiver took it, and whether it wants nothing any more.
    taken: bool,
    gone: bool,
    retry_after: Option<i64>,
}

/// Whether there is something to do for a webhook.
pub(crate) fn is_due(
    reader: &mut Reader,
    id: WebhookId,
    has_events: bool,
    now: Time,
) -> Result<bool, AppError> {
    Ok((has_events && reader.waiting_deliveries(id)? < MOST_WAITING)
        || !reader.due_deliveries(id, now, 1)?.is_empty())
}

/// Does what is due for one webhook; whether there may be more.
pub(crate) async fn attend(ctx: &Ctx, id: WebhookId, holder: &str) -> Result<bool, AppError> {
    let by = holder.to_owned();
    let taken = ctx
        .write(move |tx| {
            let Some(webhook) = tx.find::<Webhook>(id)?.filter(|webhook| webhook.enabled) else {
                return Ok(false);
            };
            Ok(tx.take_reader(&webhook.id.to_string(), &by)?.is_some())
        })
        .await?;
    if !taken {
        return Ok(false);
    }
    let made = ctx.write(move |tx| make(tx, id)).await;
    let outcome = match &made {
        Ok(_) => deliver(ctx, id, holder).await,
        Err(error) => Err(error.clone()),
    };
    ctx.write(move |tx| tx.restand_reader(&id.to_string(), |_, standing| standing.give_back())).await?;
    outcome?;
    made
}

/// Makes deliveries of the next events; whether there were any.
fn make(tx: &mut Tx<'_, '_>, id: WebhookId) -> Result<bool, AppError> {
    let Some(webhook) = tx.find::<Webhook>(id)?.filter(|webhook| webhook.enabled) else { return Ok(false) };
    let Some((cursor, mut standing)) = tx.event_reader::<event::Standing>(&id.to_string())? else {
        return Ok(false);
    };
    let room = MOST_WAITING - tx.waiting_deliveries(id)?;
    if room <= 0 {
        return Ok(false);
    }
    let (found, reached, lost) = event::next(tx, cursor, room.min(MADE_AT_ONCE))?;
    if reached == cursor {
        return Ok(false);
    }
    standing.lost = standing.lost.saturating_add(lost);
    for event in found.iter().filter(|event| webhook.wants(&event.what.kind())) {
        let now = tx.ctx.now;
        tx.put_delivery(id, &delivery(event, now))?;
    }
    tx.keep_deliveries(id, KEPT)?;
    tx.put_event_reader(&id.to_string(), reached, &standing)?;
    Ok(true)
}

fn delivery(event: &Event, now: Time) -> Delivery {
    Delivery {
        event: event.id,
        seq: event.seq,
        kind: event.what.kind(),
        subject: event.what.subject(),
        state: DeliveryState::Waiting,
        due: now,
        first: None,
        tries: 0,
        by_hand: false,
        attempts: Vec::new(),
        body: events::payload(event).to_string(),
    }
}

/// Makes every delivery that is due, a few at a time and never two of one subject, until none is.
async fn deliver(ctx: &Ctx, id: WebhookId, holder: &str) -> Result<(), AppError> {
    let mut flying: JoinSet<Result<(Delivery, Outcome), AppError>> = JoinSet::new();
    let mut subjects: HashSet<String> = HashSet::new();
    loop {
        let now = ctx.org.clock.now();
        for (webhook, secrets, delivery) in due(ctx, id, now, &subjects).await? {
            if flying.len() >= AT_ONCE {
                break;
            }
            if subjects.insert(delivery.subject.clone()) {
                let ctx = Ctx { now, ..ctx.clone() };
                flying.spawn(async move {
                    let outcome = call(&ctx, &webhook, &secrets, &delivery).await;
                    Ok((delivery, outcome))
                });
            }
        }
        let Some(landed) = flying.join_next().await else { return Ok(()) };
        let (delivery, outcome) = landed.map_err(|error| AppError::Internal(error.to_string()))??;
        subjects.remove(&delivery.subject);
        note(ctx, id, Some(holder), delivery, outcome).await?;
    }
}

/// What may be called now, with where and with what.
async fn due(
    ctx: &Ctx,
    id: WebhookId,
    now: Time,
    but: &HashSet<String>,
) -> Result<Vec<(Arc<Webhook>, Arc<Vec<Secret>>, Delivery)>, AppError> {
    let (ctx, but) = (Ctx { now, ..ctx.clone() }, but.clone());
    let reading = ctx.clone();
    ctx.read(move |reader| {
        let Some(webhook) = reader.find::<Webhook>(id)?.filter(|webhook| webhook.enabled) else {
            return Ok(Vec::new());
        };
        let (webhook, secrets) = (Arc::new(webhook.value), Arc::new(super::secrets(reader, &reading, id)?));
        let most = i64::try_from(AT_ONCE + but.len()).unwrap_or(i64::MAX);
        let mut due = reader.due_deliveries(id, now, most)?;
        due.retain(|delivery| !but.contains(&delivery.subject));
        Ok(due.into_iter().map(|one| (Arc::clone(&webhook), Arc::clone(&secrets), one)).collect())
    })
    .await
}

/// Calls once, whatever waits, and notes what came of it.
///
/// # Errors
/// The store's.
pub(super) async fn once(ctx: &Ctx, webhook: &Webhook, delivery: Delivery) -> Result<Delivery, AppError> {
    let (reading, id) = (ctx.clone(), webhook.id);
    let secrets = ctx.read(move |reader| super::secrets(reader, &reading, id)).await?;
    let outcome = call(ctx, webhook, &secrets, &delivery).await;
    note(ctx, id, None, delivery, outcome).await
}

async fn call(ctx: &Ctx, webhook: &Webhook, secrets: &[Secret], delivery: &Delivery) -> Outcome {
    let began = Instant::now();
    let answered = send(ctx, webhook, secrets, delivery).await;
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, answer, retry_after) = match &answered {
        Ok(answer) => (Some(answer.status), said(answer), answer.retry_after.as_deref()),
        Err(why) => (None, why.clone(), None),
    };
    Outcome {
        attempt: DeliveryAttempt { at: ctx.now, status, answer: printable(&answer, ANSWER_KEPT), millis },
        taken: answered.as_ref().is_ok_and(Response::is_success),
        gone: status == Some(410),
        retry_after: retry_after.and_then(|seconds| seconds.parse().ok()),
    }
}

async fn send(
    ctx: &Ctx,
    webhook: &Webhook,
    secrets: &[Secret],
    delivery: &Delivery,
) -> Result<Response, String> {
    let url: Url = webhook.url.parse().map_err(|error: ConnectError| error.to_string())?;
    let (id, now) = (delivery.event.to_string(), ctx.now.unix_seconds());
    if secrets.is_empty() {
        return Err("it has no secret to sign with; make another".into());
    }
    let signature =
        standard::signature(secrets, &id, now, &delivery.body).map_err(|error| error.to_string())?;
    let now = now.to_string();
    let headers = [
        (standard::ID, id.as_str()),
        (standard::TIMESTAMP, now.as_str()),
        (standard::SIGNATURE, signature.as_str()),
        ("user-agent", concat!("Sallyport-Webhooks/", env!("CARGO_PKG_VERSION"))),
    ];
    let body = Some(("application/json", delivery.body.clone().into_bytes()));
    let call = Call { method: Method::POST, path: url.path(), headers: &headers, body };
    ctx.org.outbound.send(&url, call, LIMITS).await.map_err(|error| error.to_string())
}

fn said(answer: &Response) -> String {
    let head = answer.body.get(..answer.body.len().min(4 * ANSWER_KEPT)).unwrap_or_default();
    String::from_utf8_lossy(head).into_owned()
}

/// Notes what came of a call, and switches off a webhook that takes nothing any more. `holder`: whoever has the webhook, and
/// has it longer with this.
async fn note(
    ctx: &Ctx,
    id: WebhookId,
    holder: Option<&str>,
    delivery: Delivery,
    outcome: Outcome,
) -> Result<Delivery, AppError> {
    let ctx = Ctx { now: ctx.org.clock.now(), ..ctx.clone() };
    let after = after(delivery, &outcome, ctx.now);
    let is_given_up = after.state == DeliveryState::Failed && !after.by_hand;
    // Read outside of the write, for which a whole directory is too much.
    let may_end = outcome.gone || is_given_up;
    let told = if may_end { notices::connector::who_hears(&ctx).await? } else { Vec::new() };
    let (kept, holder) = (after.clone(), holder.map(str::to_owned));
    ctx.write(move |tx| {
        // One that was deleted meanwhile leaves nothing behind.
        let Some(webhook) = tx.find::<Webhook>(id)? else { return Ok(()) };
        let now = tx.ctx.now;
        tx.put_delivery(id, &after)?;
        let mut failing = None;
        tx.restand_reader(&id.to_string(), |_, standing| {
            if let Some(holder) = holder.as_deref().filter(|holder| standing.is_held_by(holder)) {
                standing.lease(holder, now);
            }
            if outcome.taken {
                standing.took(1, now);
            } else {
                standing.failed(problem(&outcome.attempt), now);
            }
            failing = standing.failing_since;
        })?;
        let takes_nothing = is_given_up && failing.is_some_and(|since| now.since(since) >= LAST_DAY);
        if webhook.enabled && (outcome.gone || takes_nothing) {
            switch_off(tx, &webhook, outcome.gone, &told)?;
        }
        Ok(())
    })
    .await?;
    Ok(kept)
}

fn problem(attempt: &DeliveryAttempt) -> String {
    match attempt.status {
        Some(status) => format!("the receiver answered {status}"),
        None => attempt.answer.clone(),
    }
}

/// The delivery with this call.
fn after(delivery: Delivery, outcome: &Outcome, now: Time) -> Delivery {
    let mut attempts = delivery.attempts.clone();
    attempts.push(outcome.attempt.clone());
    let extra = attempts.len().saturating_sub(Delivery::ATTEMPTS_KEPT);
    attempts.drain(..extra);
    let first = delivery.first.unwrap_or(outcome.attempt.at);
    let is_last = delivery.by_hand || now.since(first) >= LAST_DAY;
    let state = match (outcome.taken, is_last) {
        (true, _) => DeliveryState::Delivered,
        (false, true) => DeliveryState::Failed,
        (false, false) => DeliveryState::Waiting,
    };
    let due = now.plus(Span::seconds(wait(delivery.tries, outcome.retry_after)));
    let (tries, first) = (delivery.tries.saturating_add(1), Some(first));
    Delivery { state, due, first, tries, attempts, ..delivery }
}

/// Seconds until the next call: longer each time, and not before the receiver asked for it.
fn wait(tries: u32, retry_after: Option<i64>) -> i64 {
    let place = usize::try_from(tries).unwrap_or(usize::MAX);
    let [.., longest] = WAITS;
    let usual = WAITS.get(place).copied().unwrap_or(longest);
    usual.max(retry_after.unwrap_or(0).clamp(0, longest))
}

fn switch_off(
    tx: &mut Tx<'_, '_>,
    webhook: &Versioned<Webhook>,
    gone: bool,
    told: &[UserId],
) -> Result<(), AppError> {
    let why = if gone {
        "the receiver answered 410: it wants nothing any more"
    } else {
        "the receiver took nothing for three days"
    };
    let off = Webhook { enabled: false, switched_off: Some(why.into()), ..webhook.value.clone() };
    let changed = tx.update(webhook, off)?;
    let off = tx.record(changed, "switch_off");
    notices::connector::tell_switched_off(tx, &off, why, told)
}

#[cfg(test)]
pub(super) fn waits() -> [i64; 9] {
    WAITS
}
