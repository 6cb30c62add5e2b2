//! The one place that reads clocks; everything else is handed a [`Now`].

use std::time::Instant;

use sallyport_model::time::{Span, Time};
use uuid::Uuid;

use crate::core::{Now, Uptime};

/// The clocks of this machine: one that only goes forward, and the one people set.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    /// Which life of the machine this is.
    boot: Option<Uuid>,
}

impl Clock {
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now(), boot: boot() }
    }

    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = i64::try_from(self.start.elapsed().as_micros()).unwrap_or(i64::MAX);
        let uptime = self.boot.and_then(|boot| Some(Uptime { boot, at: since_boot()? }));
        Now { monotonic: Span(elapsed), wall: wall(), uptime }
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

/// The kernel's name for the time from this start of the machine to its end.
#[cfg(target_os = "linux")]
fn boot() -> Option<Uuid> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().parse().ok()
}

#[cfg(not(target_os = "linux"))]
const fn boot() -> Option<Uuid> {
    None
}

/// By a clock that runs on while the machine sleeps, and that nobody sets.
#[cfg(target_os = "linux")]
fn since_boot() -> Option<Span> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Some(Span(time.tv_sec.checked_mul(1_000_000)?.checked_add(time.tv_nsec / 1000)?))
}

#[cfg(not(target_os = "linux"))]
const fn since_boot() -> Option<Span> {
    None
}
