//! Tells readers what they have not been told: at once after a change, soon after anything else, and again by the clock where
//! telling failed.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sallyport_crypto::{digest, random};
use sallyport_model::{
    EventStream, Webhook,
    id::{EventStreamId, WebhookId},
};
use sallyport_store::Reader;

use super::{BELL, Standing, collect};
use crate::{AppError, Ctx, Org, event_stream, webhook};

/// How long nobody looks whether there is something to tell, if no bell rings.
const ROUND: Duration = Duration::from_secs(1);
/// After a failure of our own.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Most rounds of one reader before others are looked at.
const MOST_ROUNDS: usize = 100;

/// Somebody who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    Stream(EventStreamId),
    Webhook(WebhookId),
}

/// Keeps all readers told until `stop` completes. Being stopped in the middle loses nothing.
pub async fn run(org: Arc<Org>, stop: impl Future<Output = ()>) {
    tokio::select! {
        () = stop => {}
        () = keep(&org) => {}
    }
}

async fn keep(org: &Arc<Org>) {
    let Ok(holder) = holder(org) else { return };
    let listener = org.bells.listen(BELL.to_owned());
    let busy = Busy::default();
    let mut head = org.db.head();
    // Those at work end with this.
    let mut works = tokio::task::JoinSet::new();
    loop {
        head.borrow_and_update();
        while works.try_join_next().is_some() {}
        match round(org, &holder).await {
            Ok(due) => {
                for told in due.into_iter().filter(|told| !busy.has(*told)) {
                    // Each by itself: one that is slow keeps no other waiting.
                    busy.begin(told);
                    works.spawn(attended(Arc::clone(org), told, holder.clone(), busy.clone()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "it cannot be seen what others are to be told");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
        let rung = listener.rung(ROUND);
        let wrote = async {
            // Without a writer there is no news but the clock's.
            if head.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = rung => {}
            () = wrote => {}
        }
    }
}

/// Puts into order what has no place yet, and says who is to be told.
async fn round(org: &Arc<Org>, holder: &str) -> Result<Vec<Told>, AppError> {
    for _ in 0..MOST_ROUNDS {
        if !collect(org).await? {
            break;
        }
    }
    due(org, holder).await
}

/// Readers at work on this node. Cloning shares it.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<HashSet<Told>>>);

impl Busy {
    fn has(&self, told: Told) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&told)
    }

    fn begin(&self, told: Told) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(told);
    }

    fn end(&self, told: Told) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&told);
    }
}

async fn attended(org: Arc<Org>, told: Told, holder: String, busy: Busy) {
    for _ in 0..MOST_ROUNDS {
        match attend(&org, told, &holder).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(?told, %error, "events wait to be told");
                tokio::time::sleep(AFTER_FAILURE).await;
                break;
            }
        }
    }
    busy.end(told);
}

async fn attend(org: &Arc<Org>, told: Told, holder: &str) -> Result<bool, AppError> {
    match told {
        Told::Stream(id) => event_stream::send::attend(&Ctx::system(org, "event streams"), id, holder).await,
        Told::Webhook(id) => webhook::deliver::attend(&Ctx::system(org, "webhooks"), id, holder).await,
    }
}

/// What this node is called among others that may tell the same reader.
pub(crate) fn holder(org: &Org) -> Result<String, AppError> {
    Ok(digest::hex(&random::bytes::<8>(&*org.random)?))
}

/// The readers that there is something to tell.
async fn due(org: &Arc<Org>, holder: &str) -> Result<Vec<Told>, AppError> {
    let (ctx, holder) = (Ctx::system(org, "events"), holder.to_owned());
    let (now, shared) = (ctx.now, org.db.is_shared());
    ctx.read(move |reader| {
        if reader.least_event_reader()?.is_none() {
            return Ok(Vec::new());
        }
        let (mut due, head) = (Vec::new(), reader.event_head()?);
        for webhook in reader.list_all::<Webhook>()?.iter().filter(|webhook| webhook.enabled) {
            let Some((seq, standing)) = at(reader, &webhook.id.to_string())? else { continue };
            let is_due = webhook::deliver::is_due(reader, webhook.id, seq < head, now)?;
            if is_due && standing.is_free(&holder, shared, now) {
                due.push(Told::Webhook(webhook.id));
            }
        }
        for stream in reader.list_all::<EventStream>()?.iter().filter(|stream| stream.enabled) {
            let Some((seq, standing)) = at(reader, &stream.id.to_string())? else { continue };
            if seq < head && standing.not_before <= now && standing.is_free(&holder, shared, now) {
                due.push(Told::Stream(stream.id));
            }
        }
        Ok(due)
    })
    .await
}

fn at(reader: &mut Reader, id: &str) -> Result<Option<(i64, Standing)>, AppError> {
    Ok(reader.event_reader(id)?)
}

/// Tells everybody all that is due now; what failed waits before it is tried again.
///
/// # Errors
/// The first failure.
pub async fn catch_up(org: &Arc<Org>) -> Result<(), AppError> {
    crate::feed::catch_up(org).await?;
    let holder = holder(org)?;
    for _ in 0..MOST_ROUNDS {
        let due = round(org, &holder).await?;
        if due.is_empty() {
            break;
        }
        for told in due {
            while attend(org, told, &holder).await? {}
        }
    }
    Ok(())
}
