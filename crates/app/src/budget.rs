//! How many more there may be of something that leaves the house: texts, calls, mail.
//!
//! Everything is counted in the store before anything leaves, in the transaction that decides it, so that many nodes, many
//! requests at once and restarts have one budget between them. What was counted stays counted when it could not be
//! carried: it may have been all the same.

use sallyport_model::{Span, Time};
use sallyport_store::{Reader, Throttle};

use crate::{AppError, Tx};

/// For most budgets.
pub(crate) const DAY: Span = Span::days(1);

/// One budget, and what is said of it when it is spent.
pub(crate) struct Cap<S> {
    pub(crate) bucket: String,
    pub(crate) adds: i64,
    pub(crate) most: i64,
    pub(crate) window: Span,
    pub(crate) spent: S,
}

impl<S> Cap<S> {
    /// One more in a day that begins with the first that is counted in it.
    pub(crate) fn daily(bucket: String, most: u32, spent: S) -> Self {
        Self { bucket, adds: 1, most: i64::from(most), window: DAY, spent }
    }

    /// Whether it is spent, for whoever looks before they write.
    ///
    /// # Errors
    /// The store's.
    pub(crate) fn is_spent(&self, reader: &mut Reader, now: Time) -> Result<bool, AppError> {
        let counted = reader.throttle(&self.bucket)?;
        Ok(counted.until > now && counted.failures.saturating_add(self.adds) > self.most)
    }
}

/// Counts in all of these budgets, if none is spent; else in none, and gives what is said of the first that is.
///
/// # Errors
/// The store's.
pub(crate) fn count<S>(
    tx: &mut Tx<'_, '_>,
    caps: impl IntoIterator<Item = Cap<S>>,
) -> Result<Result<(), S>, AppError> {
    let now = tx.ctx.now;
    let mut counted = Vec::new();
    for cap in caps {
        let before = tx.throttle(&cap.bucket)?;
        let fresh = Throttle { failures: 0, since: now, until: now.plus(cap.window) };
        let current = if before.until > now { before } else { fresh };
        let failures = current.failures.saturating_add(cap.adds);
        if failures > cap.most {
            return Ok(Err(cap.spent));
        }
        counted.push((cap.bucket, Throttle { failures, ..current }));
    }
    for (bucket, throttle) in counted {
        tx.put_throttle(&bucket, throttle)?;
    }
    Ok(Ok(()))
}

/// Whether one went the same way a moment ago, which may still be on its way.
///
/// # Errors
/// The store's.
pub(crate) fn is_too_soon(tx: &mut Tx<'_, '_>, bucket: &str) -> Result<bool, AppError> {
    let now: Time = tx.ctx.now;
    Ok(tx.throttle(bucket)?.until > now)
}

/// From now on for half a minute, it is too soon.
///
/// # Errors
/// The store's.
pub(crate) fn pause(tx: &mut Tx<'_, '_>, bucket: &str) -> Result<(), AppError> {
    let since = tx.ctx.now;
    Ok(tx.put_throttle(bucket, Throttle { failures: 1, since, until: since.plus(PAUSE) })?)
}

/// Between one and the next to the same person.
const PAUSE: Span = Span::seconds(30);
