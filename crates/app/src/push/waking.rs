//! Waking a phone whose page is not open, through the service of its browser's vendor: for a request, or to tell its owner that
//! something happened to their account.

use sallyport_connect::web_push::WebPushError;
use sallyport_model::{Challenge, Settings, challenge::Reach, id::FactorId};
use sallyport_store::{Noun as _, Reader};
use sallyport_wire::webpush::{Contact, Message, Refused, Subscription, Vapid, VapidKey, push_message};

use super::{Phone, as_owner};
use crate::{AppError, Ctx, Tx, ctx::open_secret, signin::challenge};

/// Where a phone is reached, sealed.
const SUBSCRIPTION: &str = "push_subscription";
/// The key that says that all messages come from the same sender, sealed. It is the organisation's.
const SENDER_KEY: &str = "web_push_key";
/// What a message says: look. Details are fetched by the page, from us.
const LOOK: &[u8] = br#"{"look":1}"#;
/// The same about the account: what happened stands in the portal, and the phone's page says where to look.
const NEWS: &[u8] = br#"{"news":1}"#;

/// The key that pages subscribe with, as base64url. It is made when it is first asked for.
///
/// # Errors
/// No randomness, or the store's.
pub async fn application_server_key(ctx: &Ctx) -> Result<String, AppError> {
    let reading = ctx.clone();
    if let Some(key) = ctx.read(move |reader| sender_key(reader, &reading)).await? {
        return Ok(key.public_text());
    }
    let fresh = VapidKey::generate(&*ctx.org.random)?;
    ctx.write(move |tx| {
        let ctx = tx.ctx;
        // Another node may have been faster.
        if sender_key(tx, ctx)?.is_none() {
            tx.seal_secret(&owner(), SENDER_KEY, &fresh)?;
        }
        sender_key(tx, ctx)?.map(|key| key.public_text()).ok_or_else(unusable)
    })
    .await
}

/// Keeps where a phone is reached, in place of where it was.
///
/// # Errors
/// The phone is gone, or the store's.
pub async fn subscribe(ctx: &Ctx, phone: &Phone, subscription: &Subscription) -> Result<(), AppError> {
    let (id, json) = (phone.factor.id, subscription.to_json());
    as_owner(ctx, phone)
        .write(move |tx| {
            super::phone(tx, id)?.ok_or(AppError::Unauthenticated)?;
            tx.seal_secret(&id.to_string(), SUBSCRIPTION, json.as_bytes())
        })
        .await
}

/// Wakes the phone of a request, if it has said where it is reached. Nobody waits for it: a phone whose page is open has
/// heard already, and whoever is not woken finds the request when they look. But whoever waits for the answer is told.
pub(crate) fn wake(ctx: &Ctx, challenge: &Challenge) {
    let (ctx, factor, id) = (ctx.clone(), challenge.factor, challenge.id);
    tokio::spawn(async move {
        let reason = match send(&ctx, factor, &Message::urgent(LOOK)).await {
            Told::Over => return,
            Told::Gone => "it is not reached there any more".to_owned(),
            Told::Not { reason, .. } => reason,
        };
        tracing::warn!(%factor, reason, "a phone was not woken; its page must be opened by hand");
        if let Err(error) = challenge::reached(&ctx, id, Reach::Undelivered).await {
            tracing::warn!(%factor, %error, "nobody hears that a phone was not woken");
        }
    });
}

/// Tells the owner of a phone that something happened to their account.
pub(crate) async fn tell(ctx: &Ctx, factor: FactorId) -> Told {
    let told = send(ctx, factor, &Message::news(NEWS)).await;
    if let Told::Not { reason, .. } = &told {
        tracing::warn!(%factor, reason, "a phone was not told of what happened");
    }
    told
}

/// What became of a message to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// There is nobody any more to take it.
    Gone,
    /// It was taken, or nobody was ever there to take it.
    Over,
    /// It may be taken `later`.
    Not { reason: String, later: bool },
}

pub(crate) fn is_subscribed(reader: &mut Reader, phone: &str) -> Result<bool, AppError> {
    Ok(reader.find_secret(phone, SUBSCRIPTION)?.is_some())
}

async fn send(ctx: &Ctx, factor: FactorId, message: &Message<'_>) -> Told {
    match try_to_send(ctx, factor, message).await {
        Ok(Ok(())) => Told::Over,
        Ok(Err(WebPushError::Refused(Refused::Gone))) => {
            forget(ctx, factor).await;
            Told::Gone
        }
        Ok(Err(error)) => {
            let later = match &error {
                WebPushError::Refused(Refused::Later { .. }) | WebPushError::Unreached(_) => true,
                WebPushError::Internal | WebPushError::Refused(_) => false,
            };
            Told::Not { reason: error.to_string(), later }
        }
        Err(reason) => Told::Not { reason, later: false },
    }
}

/// What the service said, or why it was not asked.
async fn try_to_send(
    ctx: &Ctx,
    factor: FactorId,
    message: &Message<'_>,
) -> Result<Result<(), WebPushError>, String> {
    let other = |error: &dyn std::fmt::Display| error.to_string();
    let reading = ctx.clone();
    let found = ctx
        .read(move |reader| {
            let ctx = &reading;
            let subscription = open_secret(reader, ctx, &factor.to_string(), SUBSCRIPTION)?;
            Ok((subscription, sender_key(reader, ctx)?))
        })
        .await
        .map_err(|error| other(&error))?;
    let (Some(subscription), Some(key)) = found else { return Ok(Ok(())) };
    let subscription = Subscription::parse(&subscription).map_err(|error| other(&error))?;
    let contact = Contact::parse(&ctx.org.config.external_url).map_err(|error| other(&error))?;
    let vapid = Vapid { key, contact };
    let now = ctx.now.unix_seconds();
    let request = push_message(&subscription, &vapid, message, now, &*ctx.org.random);
    let request = request.map_err(|error| other(&error))?;
    Ok(ctx.org.web_push.send(request, now).await)
}

/// The phone is reached nowhere any more.
pub(super) fn unsubscribe(tx: &mut Tx<'_, '_>, phone: &str) -> Result<(), AppError> {
    tx.delete_secret(phone, SUBSCRIPTION)?;
    Ok(())
}

async fn forget(ctx: &Ctx, factor: FactorId) {
    let ctx = Ctx::system(&ctx.org, "push service");
    let gone = ctx.write(move |tx| unsubscribe(tx, &factor.to_string()));
    if let Err(error) = gone.await {
        tracing::warn!(%factor, %error, "where a phone was reached cannot be forgotten");
    }
}

fn sender_key(reader: &mut Reader, ctx: &Ctx) -> Result<Option<VapidKey>, AppError> {
    let Some(key) = open_secret(reader, ctx, &owner(), SENDER_KEY)? else { return Ok(None) };
    VapidKey::from_pkcs8(&key).map(Some).ok_or_else(unusable)
}

/// Secrets of the organisation belong to its settings.
fn owner() -> String {
    Settings::default().id().to_string()
}

fn unusable() -> AppError {
    AppError::Internal("the key for push messages cannot be read".into())
}
