//! Has every connector do what is due: at once after a change, and now and then by the clock.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sallyport_crypto::{digest, random};
use sallyport_model::{Connector, id::ConnectorId};

use super::{BELL, Standing, run::attend};
use crate::{AppError, Ctx, Org};

/// How long nobody looks whether something is due, if no bell rings.
const ROUND: Duration = Duration::from_secs(20);
/// After a failure of our own.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Most rounds without a pause in which something was still due.
const MOST_ROUNDS: usize = 20;

/// Keeps all connectors at work until `stop` completes. Being stopped in the middle of a run loses nothing.
pub async fn run(org: Arc<Org>, stop: impl Future<Output = ()>) {
    tokio::select! {
        () = stop => {}
        () = keep(&org) => {}
    }
}

async fn keep(org: &Arc<Org>) {
    let listener = org.bells.listen(BELL.to_owned());
    let Ok(holder) = holder(org) else { return };
    let busy = Busy::default();
    // Those at work end with this.
    let mut works = tokio::task::JoinSet::new();
    loop {
        let due = listener
            .until(ROUND, org.db.is_shared(), || async {
                let due: Vec<ConnectorId> = due(org, &holder).await?;
                let free: Vec<ConnectorId> = due.into_iter().filter(|id| !busy.has(*id)).collect();
                Ok::<_, AppError>(Some(free).filter(|free| !free.is_empty()))
            })
            .await;
        while works.try_join_next().is_some() {}
        match due {
            Ok(due) => {
                for id in due.into_iter().flatten() {
                    // Each by itself: one whose service is slow keeps no other waiting.
                    busy.begin(id);
                    works.spawn(attended(Arc::clone(org), id, holder.clone(), busy.clone()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "it cannot be seen what connectors have to do");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

/// Connectors at work on this node. Cloning shares it.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<HashSet<ConnectorId>>>);

impl Busy {
    fn has(&self, id: ConnectorId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    fn begin(&self, id: ConnectorId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn end(&self, id: ConnectorId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

async fn attended(org: Arc<Org>, id: ConnectorId, holder: String, busy: Busy) {
    for _ in 0..MOST_ROUNDS {
        match attend(&Ctx::system(&org, "connectors"), id, &holder).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(connector = %id, %error, "a connector's run failed; it is tried again later");
                break;
            }
        }
    }
    busy.end(id);
    // What came in between is looked at now.
    org.bells.ring(BELL);
}

/// What this node is called among others that may run the same connector.
fn holder(org: &Org) -> Result<String, AppError> {
    Ok(digest::hex(&random::bytes::<8>(&*org.random)?))
}

/// The connectors that have something to do.
async fn due(org: &Arc<Org>, holder: &str) -> Result<Vec<ConnectorId>, AppError> {
    let (ctx, holder) = (Ctx::system(org, "connectors"), holder.to_owned());
    let (now, shared) = (ctx.now, org.db.is_shared());
    ctx.read(move |reader| {
        let mut due = Vec::new();
        for connector in reader.list_all::<Connector>()? {
            let standing: Standing = reader.connector_standing(connector.id)?;
            let is_due = standing.asked.is_some()
                || (connector.enabled
                    && (standing.full_due <= now || !reader.dirty(connector.id, 1)?.is_empty()));
            let has_secret = reader.find_secret(&connector.id.to_string(), super::SECRET)?.is_some();
            if is_due && has_secret && standing.is_free(&holder, shared, now) {
                due.push(connector.id);
            }
        }
        Ok(due)
    })
    .await
}

/// Does all that is due now, after the projections came to the end of the feed.
///
/// # Errors
/// The first failure; what failed waits before it is tried again.
pub async fn catch_up(org: &Arc<Org>) -> Result<(), AppError> {
    crate::feed::catch_up(org).await?;
    let holder = holder(org)?;
    for id in due(org, &holder).await? {
        for _ in 0..MOST_ROUNDS {
            if !attend(&Ctx::system(org, "connectors"), id, &holder).await? {
                break;
            }
        }
    }
    Ok(())
}
