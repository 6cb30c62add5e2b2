//! Webhooks: URLs that are told of events, signed, in order for each subject, until they have taken them.
//!
//! Use cases say whom to tell; telling is `deliver`'s. The secrets of a webhook rest sealed and are shown once, when they are made.
//! For a day after one was replaced both sign.

pub(crate) mod deliver;
#[cfg(test)]
pub(crate) mod tests;

use sallyport_api::rest::{CreateWebhook, UpdateWebhook};
use sallyport_connect::outbound::Url;
use sallyport_crypto::Secret;
use sallyport_model::{
    Action, Span, Time, Webhook,
    event::{Delivery, DeliveryState, EventKinds},
    fold,
    id::{EventId, WebhookId},
    name::{display_name, printable},
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};
use sallyport_wire::webhook::{SECRET_BYTES, secret_of};
use serde_json::json;

use crate::{
    AppError, Ctx, Tx,
    ctx::open_secret,
    event::{self, Standing},
    user::expect_version,
};

/// Kinds of the sealed secrets: the one that signs, and the one before it.
const SECRET: &str = "webhook_secret";
const FORMER: &str = "webhook_secret_before";
/// For how long the former one signs as well.
pub const BOTH_SIGN: Span = Span::days(1);

/// A webhook, and how it stands.
#[derive(Debug, Clone)]
pub struct Shown {
    pub webhook: Versioned<Webhook>,
    pub standing: Standing,
    /// Events that it was not told of yet, those included that it does not want.
    pub behind: i64,
    /// Deliveries that wait.
    pub waiting: i64,
    /// Until when two secrets sign.
    pub both_sign_until: Option<Time>,
}

impl Tx<'_, '_> {
    fn webhook_to_manage(&mut self, id: WebhookId) -> Result<Versioned<Webhook>, AppError> {
        self.ctx.allow(Action::ManageConnectors)?;
        self.find::<Webhook>(id)?.ok_or_else(|| AppError::not_found("webhook", id))
    }
}

/// A page of webhooks, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Webhook>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| Ok(reader.list::<Webhook>(&page)?)).await
}

/// One webhook by id or name, as people type it.
///
/// # Errors
/// Denied, or no such webhook.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<Webhook>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let given = given.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<WebhookId>() {
            Ok(id) => reader.find::<Webhook>(id)?,
            Err(_) => reader.find_by_key::<Webhook>(&fold(&given))?,
        };
        found.ok_or_else(|| AppError::not_found("webhook", printable(&given, 64)))
    })
    .await
}

/// A webhook, and how it stands.
///
/// # Errors
/// Denied, or no such webhook.
pub async fn show(ctx: &Ctx, id: WebhookId) -> Result<Shown, AppError> {
    ctx.allow(Action::ReadSettings)?;
    let now = ctx.now;
    ctx.read(move |reader| shown(reader, id, now)).await
}

fn shown(reader: &mut Reader, id: WebhookId, now: Time) -> Result<Shown, AppError> {
    let webhook = reader.find::<Webhook>(id)?.ok_or_else(|| AppError::not_found("webhook", id))?;
    let (seq, standing) = reader.event_reader::<Standing>(&id.to_string())?.unwrap_or_default();
    Ok(Shown {
        webhook,
        standing,
        behind: (reader.event_head()? - seq).max(0),
        waiting: reader.waiting_deliveries(id)?,
        both_sign_until: replaced(reader, id)?.map(|at| at.plus(BOTH_SIGN)).filter(|until| *until > now),
    })
}

/// When the secret was replaced last.
fn replaced(reader: &mut Reader, id: WebhookId) -> Result<Option<Time>, AppError> {
    Ok(reader.counter(&id.to_string(), FORMER)?.map(Time))
}

/// Makes a webhook, and the secret it signs with, which is shown this once.
///
/// # Errors
/// Denied, an unusable name or URL, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateWebhook) -> Result<(Shown, Secret), AppError> {
    ctx.allow(Action::ManageConnectors)?;
    let webhook = Webhook {
        id: ctx.id(WebhookId::new)?,
        name: display_name(&input.name)?,
        url: checked(&input.url)?,
        kinds: kinds(input.kinds)?,
        enabled: true,
        switched_off: None,
        created: ctx.now,
    };
    let secret = fresh(ctx)?;
    let (sealed, now) = (secret.clone(), ctx.now);
    let made = ctx
        .write(move |tx| {
            let id = webhook.id.to_string();
            event::begin(tx, &id)?;
            let created = tx.create(webhook.clone())?;
            let created = tx.record(created, "create");
            tx.seal_secret(&id, SECRET, sealed.expose().as_bytes())?;
            shown(tx, created.id, now)
        })
        .await?;
    Ok((made, secret))
}

fn fresh(ctx: &Ctx) -> Result<Secret, AppError> {
    Ok(secret_of(&sallyport_crypto::random::bytes::<SECRET_BYTES>(&*ctx.org.random)?))
}

fn checked(given: &str) -> Result<String, AppError> {
    let url: Url = given.trim().parse().map_err(|_| {
        AppError::invalid("url", "is `https://host[:port]/path`, or `http` to a listed internal address")
    })?;
    Ok(url.to_string())
}

fn kinds(mut given: Vec<EventKinds>) -> Result<Vec<EventKinds>, AppError> {
    given.sort();
    given.dedup();
    if given.len() > Webhook::MOST_KINDS {
        return Err(AppError::invalid("kinds", format!("at most {}", Webhook::MOST_KINDS)));
    }
    Ok(given)
}

/// Changes a webhook; what is not given stays. Switched on again, it tries at once what waits.
///
/// # Errors
/// Denied, invalid, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: WebhookId,
    version: Option<i64>,
    input: UpdateWebhook,
) -> Result<Shown, AppError> {
    let (name, url) = (input.name.as_deref().map(display_name).transpose()?, input.url.as_deref());
    let (url, kinds) = (url.map(checked).transpose()?, input.kinds.map(kinds).transpose()?);
    let shown = ctx
        .write(move |tx| {
            let before = tx.webhook_to_manage(id)?;
            expect_version(&before, version)?;
            let mut after = before.value.clone();
            after.name = name.clone().unwrap_or(after.name);
            after.url = url.clone().unwrap_or(after.url);
            after.kinds = kinds.clone().unwrap_or(after.kinds);
            after.enabled = input.enabled.unwrap_or(after.enabled);
            if after.enabled {
                after.switched_off = None;
            }
            let (moved, on) = (after.url != before.url, after.enabled && !before.enabled);
            let changed = tx.update(&before, after)?;
            tx.record(changed, "update");
            let now = tx.ctx.now;
            if moved || on {
                tx.hurry_deliveries(id, now)?;
                tx.restand_reader(&id.to_string(), |_, standing| standing.retry())?;
            }
            shown(tx, id, now)
        })
        .await?;
    ctx.org.bells.ring(event::BELL);
    Ok(shown)
}

/// Makes another secret, which is shown this once. For a day the former one signs as well.
///
/// # Errors
/// Denied, or no such webhook.
pub async fn rotate(ctx: &Ctx, id: WebhookId) -> Result<(Shown, Secret), AppError> {
    ctx.allow(Action::ManageConnectors)?;
    let secret = fresh(ctx)?;
    let (sealed, owner) = (secret.clone(), id.to_string());
    let shown = ctx
        .write(move |tx| {
            let (webhook, ctx) = (tx.webhook_to_manage(id)?, tx.ctx);
            let now = ctx.now;
            if let Some(former) = open_secret(tx, ctx, &owner, SECRET)? {
                tx.seal_secret(&owner, FORMER, &former)?;
                tx.raise_counter(&owner, FORMER, now.0)?;
            }
            tx.seal_secret(&owner, SECRET, sealed.expose().as_bytes())?;
            tx.record_touched(&webhook.value, "rotate_secret");
            shown(tx, id, now)
        })
        .await?;
    Ok((shown, secret))
}

/// Deletes a webhook with what it was told.
///
/// # Errors
/// Denied, or changed by somebody else since `version`.
pub async fn delete(ctx: &Ctx, id: WebhookId, version: Option<i64>) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let before = tx.webhook_to_manage(id)?;
        expect_version(&before, version)?;
        let changed = tx.delete(&before)?;
        tx.record(changed, "delete");
        tx.forget_deliveries(id)?;
        Ok(tx.forget_event_reader(&id.to_string())?)
    })
    .await
}

/// The secrets that sign now, the newest first.
fn secrets(reader: &mut Reader, ctx: &Ctx, id: WebhookId) -> Result<Vec<Secret>, AppError> {
    let owner = id.to_string();
    let mut kinds = vec![SECRET];
    if replaced(reader, id)?.is_some_and(|at| ctx.now.since(at) < BOTH_SIGN) {
        kinds.push(FORMER);
    }
    let mut found = Vec::new();
    for kind in kinds {
        if let Some(secret) = open_secret(reader, ctx, &owner, kind)? {
            found.push(Secret::from(std::str::from_utf8(&secret).unwrap_or_default()));
        }
    }
    Ok(found)
}

/// Sends an event of the kind `webhook.test` now, whether the webhook is on or not; what came of it.
///
/// # Errors
/// Denied, or no such webhook.
pub async fn test(ctx: &Ctx, id: WebhookId) -> Result<Delivery, AppError> {
    let event = ctx.id(EventId::new)?;
    let webhook = ctx
        .write(move |tx| {
            let webhook = tx.webhook_to_manage(id)?;
            tx.record_touched(&webhook.value, "test");
            Ok(webhook)
        })
        .await?;
    let body = json!({
        "type": "webhook.test", "timestamp": ctx.now.to_string(), "id": event.to_string(), "sequence": 0,
        "data": { "webhook": { "id": id.to_string(), "name": webhook.name } },
    });
    let delivery = Delivery {
        event,
        seq: 0,
        kind: "webhook.test".into(),
        subject: id.to_string(),
        state: DeliveryState::Waiting,
        due: ctx.now,
        first: None,
        tries: 0,
        by_hand: true,
        attempts: Vec::new(),
        body: body.to_string(),
    };
    deliver::once(ctx, &webhook.value, delivery).await
}

/// The newest deliveries of a webhook, before one of them if it is named; and before which there are more, if there are.
///
/// # Errors
/// Denied, or no such webhook.
pub async fn deliveries(
    ctx: &Ctx,
    id: WebhookId,
    before: Option<EventId>,
    limit: usize,
) -> Result<(Vec<Delivery>, Option<EventId>), AppError> {
    ctx.allow(Action::ReadAudit)?;
    let limit = limit.clamp(1, 500);
    ctx.read(move |reader| {
        let fetch = i64::try_from(limit).unwrap_or(1) + 1;
        let mut found = reader.deliveries(id, before, fetch)?;
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().map(|delivery| delivery.event).filter(|_| more);
        Ok((found, next))
    })
    .await
}

/// One delivery, with what was sent.
///
/// # Errors
/// Denied, or no such delivery.
pub async fn delivery(ctx: &Ctx, id: WebhookId, event: EventId) -> Result<Delivery, AppError> {
    ctx.allow(Action::ReadAudit)?;
    ctx.read(move |reader| known(reader, id, event)).await
}

fn known(reader: &mut Reader, id: WebhookId, event: EventId) -> Result<Delivery, AppError> {
    reader.find_delivery(id, event)?.ok_or_else(|| AppError::not_found("delivery", event))
}

/// Has a delivery that is over made once more, or one that waits made at once: the same event under the same id.
///
/// # Errors
/// Denied, no such delivery, or the webhook is off.
pub async fn redeliver(ctx: &Ctx, id: WebhookId, event: EventId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let webhook = tx.webhook_to_manage(id)?;
        if !webhook.enabled {
            return Err(AppError::Conflict("the webhook is off; switch it on first".into()));
        }
        let found = known(tx, id, event)?;
        let by_hand = found.by_hand || found.state != DeliveryState::Waiting;
        let (state, due) = (DeliveryState::Waiting, tx.ctx.now);
        tx.put_delivery(id, &Delivery { state, due, by_hand, ..found })?;
        tx.record_touched(&webhook.value, "redeliver");
        Ok(())
    })
    .await?;
    ctx.org.bells.ring(event::BELL);
    Ok(())
}
