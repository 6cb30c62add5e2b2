//! How a connector stands: what is due, what waits for somebody, what went wrong last.

use sallyport_model::{Span, Time, connector::ExportRunKind, id::ExportRunId};
use serde::{Deserialize, Serialize};

use super::plan::Done;

/// Everybody is compared this often.
const FULL_EVERY: Span = Span::hours(1);
/// And again this soon, where something could not be done for somebody.
const FULL_SOON: Span = Span::minutes(15);
/// The first wait after a failure; it doubles up to the last.
const FIRST_WAIT: i64 = 30;
const LAST_WAIT: i64 = 3600;
/// For how long what small runs did counts for the brake.
const WINDOW: Span = Span::hours(1);
/// How long a node has a connector to itself without saying so again: longer than a busy service is waited for.
const LEASE: Span = Span::minutes(10);
/// How often administrators are told that runs wait, while one does.
const TOLD_EVERY: Span = Span::days(1);
/// For how long somebody's word is good.
const RELEASE_GOOD: Span = Span::days(1);

/// How a connector stands. What is not there yet is as if nothing had happened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// When everybody was compared last, without anything in the way.
    pub compared: Option<Time>,
    /// What went wrong in the last run, if something did.
    pub problem: Option<String>,
    /// The run that waits for an administrator's word.
    pub held: Option<ExportRunId>,
    /// When administrators were told of one that waits.
    told: Option<Time>,
    /// People who are there because of us.
    pub managed: usize,
    /// Who could not be exported, and why; the first of them.
    pub conflicts: Vec<Conflict>,
    /// Whether a run was asked for that did not begin yet.
    pub asked: Option<ExportRunKind>,
    /// Who asked for it.
    pub(super) asked_by: Option<String>,
    pub(super) full_due: Time,
    not_before: Time,
    failures: u32,
    lease: Option<(String, Time)>,
    pub(super) released: Option<(ExportRunId, Time)>,
    recent: Vec<(Time, usize, usize)>,
}

/// Somebody who could not be exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    pub label: String,
    pub why: String,
}

impl Standing {
    pub(super) const MOST_CONFLICTS: usize = 100;

    /// Whether nobody else has the connector, and it is not told to wait.
    pub(super) fn is_free(&self, holder: &str, shared: bool, now: Time) -> bool {
        let waits = self.not_before > now && self.asked.is_none();
        // On a database of its own there is nobody else, and whoever had it before is gone.
        let taken = shared && self.lease.as_ref().is_some_and(|(by, until)| by != holder && *until > now);
        !waits && !taken
    }

    pub(super) fn lease(&mut self, holder: &str, now: Time) {
        self.lease = Some((holder.to_owned(), now.plus(LEASE)));
    }

    /// Whether this holder still has it.
    pub(super) fn is_held_by(&self, holder: &str) -> bool {
        self.lease.as_ref().is_some_and(|(by, _)| by == holder)
    }

    /// Whether a run is asked for, or somebody is at it.
    #[must_use]
    pub fn is_under_way(&self, now: Time) -> bool {
        self.asked.is_some() || self.lease.as_ref().is_some_and(|(_, until)| *until > now)
    }

    pub(super) fn give_back(&mut self) {
        self.lease = None;
    }

    pub(super) fn failed(&mut self, why: String, now: Time) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LAST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.plus(Span::seconds(wait));
        self.problem = Some(why);
    }

    pub(super) fn succeeded(&mut self, is_full: bool, some_failed: bool, now: Time) {
        (self.failures, self.not_before, self.problem) = (0, Time::default(), None);
        if is_full {
            self.compared = Some(now);
            self.full_due = now.plus(FULL_EVERY);
        }
        if some_failed {
            self.full_due = self.full_due.min(now.plus(FULL_SOON));
        }
    }

    /// Everybody is compared as soon as nothing is in the way.
    pub(crate) fn compare_soon(&mut self) {
        self.full_due = Time::default();
    }

    /// Everybody is compared now, whatever was in the way.
    pub(super) fn compare_now(&mut self) {
        self.full_due = Time::default();
        self.not_before = Time::default();
    }

    pub(super) fn lately(&self, now: Time) -> Done {
        let recent = self.recent.iter().filter(|(at, ..)| now.since(*at) < WINDOW);
        recent.fold(Done::default(), |sum, (_, made, ended)| Done {
            made: sum.made + made,
            ended: sum.ended + ended,
        })
    }

    pub(super) fn remember(&mut self, done: Done, now: Time) {
        self.recent.retain(|(at, ..)| now.since(*at) < WINDOW);
        if done == Done::default() {
            return;
        }
        match self.recent.last_mut().filter(|(at, ..)| now.since(*at) < Span::minutes(1)) {
            Some((_, made, ended)) => (*made, *ended) = (*made + done.made, *ended + done.ended),
            None => self.recent.push((now, done.made, done.ended)),
        }
    }

    /// Whether administrators are to be told that a run waits: when it begins to, and once a day.
    pub(super) fn tells(&self, now: Time) -> bool {
        self.held.is_none() || self.told.is_none_or(|told| now.since(told) >= TOLD_EVERY)
    }

    /// This one waits from now on; `told`: and administrators are told of it.
    pub(super) fn hold(&mut self, run: ExportRunId, told: bool, now: Time) {
        self.held = Some(run);
        if told {
            self.told = Some(now);
        }
    }

    pub(super) fn release(&mut self, run: ExportRunId, now: Time) {
        self.released = Some((run, now.plus(RELEASE_GOOD)));
        self.held = None;
        self.compare_now();
    }

    /// The run whose steps somebody let run, while that is good.
    pub(super) fn released(&self, now: Time) -> Option<ExportRunId> {
        self.released.filter(|(_, until)| *until > now).map(|(run, _)| run)
    }
}
