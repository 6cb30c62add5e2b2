//! What the journal of a run says, line by line.

use sallyport_api::agent::{RunEvent, RunHappening, RunOrder};
use sallyport_model::{id::RunId, time::Time};
use serde::{Deserialize, Serialize};

/// A line of a journal. The first is `Intent`, `Known` or `Settled`, all others are events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    Event(RunEvent),
    /// It is about to be started. From here on it is never started again.
    Intent {
        run: RunId,
        not_after: Time,
    },
    /// It will not be started.
    Known {
        run: RunId,
        not_after: Time,
    },
    /// It is over and the server knows how.
    Settled {
        run: RunId,
        not_after: Time,
    },
}

/// The journal of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub run: RunId,
    pub begun: bool,
    pub settled: bool,
    pub not_after: Time,
    pub events: Vec<RunEvent>,
}

impl Entry {
    #[must_use]
    pub fn intent(order: &RunOrder) -> Self {
        Self::Intent { run: order.run, not_after: order.not_after }
    }
}

impl Record {
    /// Puts a journal together; `None` if its beginning is missing.
    #[must_use]
    pub fn from_entries(entries: Vec<Entry>) -> Option<Self> {
        let mut entries = entries.into_iter();
        let (run, not_after, begun, settled) = match entries.next()? {
            Entry::Event(_) => return None,
            Entry::Intent { run, not_after } => (run, not_after, true, false),
            Entry::Known { run, not_after } => (run, not_after, false, false),
            Entry::Settled { run, not_after } => (run, not_after, true, true),
        };
        let events = entries.filter_map(|entry| match entry {
            Entry::Event(event) => Some(event),
            Entry::Intent { .. } | Entry::Known { .. } | Entry::Settled { .. } => None,
        });
        Some(Self { run, begun, settled, not_after, events: events.collect() })
    }

    /// The lines of this journal.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let (run, not_after) = (self.run, self.not_after);
        let first = if self.settled {
            Entry::Settled { run, not_after }
        } else if self.begun {
            Entry::Intent { run, not_after }
        } else {
            Entry::Known { run, not_after }
        };
        std::iter::once(first).chain(self.events.iter().cloned().map(Entry::Event)).collect()
    }

    pub(super) fn last_event(&self) -> Option<&RunEvent> {
        self.events.last()
    }

    pub(super) fn is_over(&self) -> bool {
        self.settled || self.last_event().is_some_and(|event| is_last(&event.what))
    }
}

/// Whether nothing can happen to a run after this.
pub(super) fn is_last(happening: &RunHappening) -> bool {
    match happening {
        RunHappening::Started | RunHappening::Output { .. } | RunHappening::Dropped { .. } => false,
        RunHappening::Finished { .. }
        | RunHappening::Refused { .. }
        | RunHappening::Cancelled
        | RunHappening::Unknown { .. } => true,
    }
}
