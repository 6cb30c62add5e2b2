//! What follows from changes: projections, each reading the change feed from its own cursor.
//!
//! A projection writes in the transaction that moves its cursor, so it may be stopped anywhere and goes on where it
//! was; it may also meet a change twice without harm. Connected devices are told after the commit, and only to look
//! again. A change that one projection cannot take is tried a few times, reported and passed over: one bad row must
//! not keep a suspension from the rest of the house.

mod census;
mod connectors;
mod device_state;
pub(crate) mod enrollment_runs;
pub(crate) mod notices;
mod others;
mod sessions;

use std::{sync::Arc, time::Duration};

use sallyport_model::{Change, id::DeviceId};
use tokio::sync::watch;

use crate::{AppError, Ctx, Org, Tx, hub::End};

/// Most changes taken in one transaction: bounds how long other writers wait.
const BATCH: i64 = 100;

/// How often a change is tried before it is passed over.
const MOST_TRIES: u32 = 3;

/// How often other nodes' changes are looked for.
const POLL: Duration = Duration::from_millis(500);

/// How often the feed is looked at even if nobody seems to write.
const IDLE: Duration = Duration::from_secs(60);

/// The first wait after a failure; it doubles up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// Who is told to look again, once the change is durable: a connected device, whoever sends notices, or a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Connectors may have something to do.
    Connectors,
    Desired(DeviceId),
    Outbox,
    Revoked(DeviceId),
    Runs(DeviceId),
}

/// One reader of the feed.
#[derive(Clone, Copy)]
struct Projection {
    /// The name of its cursor; never changed.
    name: &'static str,
    apply: fn(&mut Tx<'_, '_>, &[Change]) -> Result<Vec<Notice>, AppError>,
}

const PROJECTIONS: [Projection; 5] = [
    Projection { name: "sessions", apply: sessions::apply },
    Projection { name: "device_state", apply: device_state::apply },
    Projection { name: "enrollment_runs", apply: queued_runs },
    Projection { name: "notices", apply: notices::apply },
    Projection { name: "connectors", apply: connectors::apply },
];

fn queued_runs(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    Ok(enrollment_runs::apply(tx, changes)?.into_iter().map(Notice::Runs).collect())
}

/// Keeps all projections up to date until `stop` completes. Being stopped in the middle loses nothing.
pub async fn run(org: Arc<Org>, stop: impl Future<Output = ()>) {
    let [first, second, third, fourth, fifth] = PROJECTIONS.map(|projection| follow(&org, projection));
    tokio::select! {
        () = stop => {}
        _ = async {
            let noted = async { tokio::join!(notices::follow(&org), others::follow(&org), census::follow(&org)) };
            tokio::join!(first, second, third, fourth, fifth, noted)
        } => {}
    }
}

/// Brings all projections to the end of the feed, what they themselves add to it included.
///
/// # Errors
/// The first failure; nothing is tried again.
pub async fn catch_up(org: &Arc<Org>) -> Result<(), AppError> {
    loop {
        let mut moved = false;
        for projection in PROJECTIONS {
            while let Some(notices) = step(org, projection, BATCH).await? {
                deliver(org, &notices);
                moved = true;
            }
        }
        if !moved {
            return Ok(());
        }
    }
}

async fn follow(org: &Arc<Org>, projection: Projection) {
    let mut head = org.db.head();
    let mut progress = Progress::default();
    loop {
        // Marked as seen before reading, so that what comes in between wakes again.
        head.borrow_and_update();
        match progress.advance(org, projection).await {
            Outcome::Advanced(notices) => deliver(org, &notices),
            Outcome::Failed(wait) => tokio::time::sleep(wait).await,
            Outcome::UpToDate => wait_for_news(org, &mut head).await,
        }
    }
}

/// Waits for this node's next write; where others write too, no longer than until it is time to look.
async fn wait_for_news(org: &Org, head: &mut watch::Receiver<i64>) {
    let longest = if org.db.is_shared() { POLL } else { IDLE };
    if matches!(tokio::time::timeout(longest, head.changed()).await, Ok(Err(_))) {
        // The writer is gone; whoever stops it stops this too.
        tokio::time::sleep(LAST_WAIT).await;
    }
}

enum Outcome {
    Advanced(Vec<Notice>),
    /// To be tried again after this long.
    Failed(Duration),
    UpToDate,
}

/// How a projection gets along.
#[derive(Default)]
struct Progress {
    /// Changes to be taken one at a time, because one among them failed.
    one_by_one: i64,
    /// Failures in a row.
    failures: u32,
    /// Failures of the very next change alone.
    tries: u32,
}

impl Progress {
    async fn advance(&mut self, org: &Arc<Org>, projection: Projection) -> Outcome {
        if self.tries >= MOST_TRIES {
            return self.pass_over(org, projection).await;
        }
        let limit = if self.one_by_one > 0 { 1 } else { BATCH };
        match step(org, projection, limit).await {
            Ok(Some(notices)) => {
                self.one_by_one = self.one_by_one.saturating_sub(1).max(0);
                (self.failures, self.tries) = (0, 0);
                Outcome::Advanced(notices)
            }
            Ok(None) => {
                *self = Self::default();
                Outcome::UpToDate
            }
            Err(error) => self.note(projection, limit, &error),
        }
    }

    fn note(&mut self, projection: Projection, limit: i64, error: &AppError) -> Outcome {
        tracing::warn!(projection = projection.name, %error, "a projection failed and tries again");
        self.failures = self.failures.saturating_add(1);
        let busy = matches!(error, AppError::Busy);
        match limit {
            1 if !busy => self.tries += 1,
            _ if !busy => self.one_by_one = BATCH,
            _ => {}
        }
        Outcome::Failed(FIRST_WAIT.saturating_mul(1 << self.failures.min(6)).min(LAST_WAIT))
    }

    /// Leaves the next change behind. The feed has no gaps, so its place is known even if it cannot be read.
    async fn pass_over(&mut self, org: &Arc<Org>, projection: Projection) -> Outcome {
        let passed = Ctx::system(org, projection.name)
            .write(move |tx| {
                let next = tx.feed_cursor(projection.name)? + 1;
                tx.move_feed_cursor(projection.name, next)?;
                Ok(next)
            })
            .await;
        match passed {
            Ok(seq) => {
                tracing::error!(projection = projection.name, seq, "a change was passed over");
                (self.failures, self.tries) = (0, 0);
                Outcome::Advanced(Vec::new())
            }
            Err(error) => self.note(projection, BATCH, &error),
        }
    }
}

/// Takes the next changes; `None` at the end of the feed.
async fn step(org: &Arc<Org>, projection: Projection, limit: i64) -> Result<Option<Vec<Notice>>, AppError> {
    let ctx = Ctx::system(org, projection.name);
    let name = projection.name;
    // Asked without the writer: most of the time there is nothing to do.
    if ctx.read(move |reader| Ok(reader.feed_cursor(name)? >= reader.feed_head()?)).await? {
        return Ok(None);
    }
    ctx.write(move |tx| {
        let cursor = tx.feed_cursor(name)?;
        let changes = tx.changes_after(cursor, limit)?;
        let Some(last) = changes.last() else { return Ok(None) };
        let notices = (projection.apply)(tx, &changes)?;
        tx.move_feed_cursor(name, last.seq)?;
        Ok(Some(notices))
    })
    .await
}

fn deliver(org: &Org, notices: &[Notice]) {
    for notice in notices {
        match *notice {
            Notice::Connectors => org.bells.ring(crate::connector::BELL),
            Notice::Desired(device) => org.hub.notify_desired(device),
            Notice::Outbox => org.bells.ring(notices::OUTBOX),
            Notice::Revoked(device) => org.hub.disconnect(device, End::Revoked),
            Notice::Runs(device) => org.hub.notify_runs(device),
        }
    }
}

#[cfg(test)]
mod tests;
