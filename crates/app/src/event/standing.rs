//! How a reader of events stands: what went wrong last, when it is tried again, and who has it to themselves.

use sallyport_model::{Span, Time};
use serde::{Deserialize, Serialize};

use crate::{AppError, Tx};

/// How long a node has a reader to itself without saying so again: longer than any call takes.
const LEASE: Span = Span::minutes(2);
/// The first wait after a failure of a stream; it doubles up to the last.
const FIRST_WAIT: i64 = 1;
const LAST_WAIT: i64 = 300;

/// How a reader of events stands. What is not there yet is as if nothing had happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// What went wrong last, if nothing has gone right since.
    pub problem: Option<String>,
    /// Since when everything goes wrong.
    pub failing_since: Option<Time>,
    /// When something last went right.
    pub succeeded: Option<Time>,
    /// Events that were taken.
    pub sent: i64,
    /// Events that it will never be told of.
    pub lost: i64,
    pub(crate) not_before: Time,
    failures: u32,
    lease: Option<(String, Time)>,
}

impl Standing {
    /// Whether nobody else has the reader. On a database of its own there is nobody else, and whoever had it before is gone.
    pub(crate) fn is_free(&self, holder: &str, shared: bool, now: Time) -> bool {
        !(shared && self.lease.as_ref().is_some_and(|(by, until)| by != holder && *until > now))
    }

    pub(crate) fn is_held_by(&self, holder: &str) -> bool {
        self.lease.as_ref().is_some_and(|(by, _)| by == holder)
    }

    pub(crate) fn lease(&mut self, holder: &str, now: Time) {
        self.lease = Some((holder.to_owned(), now.plus(LEASE)));
    }

    pub(crate) fn give_back(&mut self) {
        self.lease = None;
    }

    pub(crate) fn failed(&mut self, why: String, now: Time) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LAST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.plus(Span::seconds(wait));
        self.problem = Some(why);
        self.failing_since.get_or_insert(now);
    }

    pub(crate) fn took(&mut self, events: usize, now: Time) {
        self.retry();
        self.succeeded = Some(now);
        self.sent = self.sent.saturating_add(i64::try_from(events).unwrap_or(0));
    }

    /// What went wrong counts no longer.
    pub(crate) fn retry(&mut self) {
        (self.failures, self.not_before) = (0, Time::default());
        (self.problem, self.failing_since) = (None, None);
    }
}

impl Tx<'_, '_> {
    /// Changes how far a reader has come and how it stands; nothing of one that is gone.
    pub(crate) fn restand_reader(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut i64, &mut Standing),
    ) -> Result<(), AppError> {
        let Some((mut seq, mut standing)) = self.event_reader::<Standing>(id)? else { return Ok(()) };
        change(&mut seq, &mut standing);
        Ok(self.put_event_reader(id, seq, &standing)?)
    }

    /// Takes a reader for this node, if nobody else has it; how far it has come.
    pub(crate) fn take_reader(
        &mut self,
        id: &str,
        holder: &str,
    ) -> Result<Option<(i64, Standing)>, AppError> {
        let (now, shared) = (self.ctx.now, self.ctx.org.db.is_shared());
        let Some((seq, mut standing)) = self.event_reader::<Standing>(id)? else { return Ok(None) };
        if !standing.is_free(holder, shared, now) {
            return Ok(None);
        }
        standing.lease(holder, now);
        self.put_event_reader(id, seq, &standing)?;
        Ok(Some((seq, standing)))
    }
}
