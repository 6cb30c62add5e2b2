//! The one place that reads clocks; everything else is handed a [`Now`].

use std::time::Instant;

use sallyport_model::time::{Span, Time};

use crate::core::Now;

/// The clocks of this machine: one that only goes forward, and the one people set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX);
        Now { monotonic: Span(elapsed), wall: wall() }
    }
}

/// The time as the machine has it. For marks that people read and as a last resort; see `core::clock`.
#[must_use]
pub fn wall() -> Time {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that reads the clock")]
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
