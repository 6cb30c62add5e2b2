//! What time it is for the server, in spite of clocks that were set wrong or back.
//!
//! Signed times are a floor that only rises and moves on with the monotonic clock. What the network half says the
//! server told is believed above that floor only: a lie can make things expire, which is withholding, and cannot
//! make them live longer than the last signed time allows. The clock of the machine counts until the server has
//! told the time.

use sallyport_model::time::{Span, Time};

use super::Now;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    time: Time,
    at: Span,
}

impl Mark {
    fn moved_on(self, now: Now) -> Time {
        self.time.plus(Span(now.monotonic.0.saturating_sub(self.at.0).max(0)))
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct ServerClock {
    floor: Option<Mark>,
    told: Option<Mark>,
}

impl ServerClock {
    pub(super) fn new(signed: Option<Time>, now: Now) -> Self {
        Self { floor: signed.map(|time| Mark { time, at: now.monotonic }), told: None }
    }

    /// The organisation signed something at `time`.
    pub(super) fn handle_signed(&mut self, time: Time, now: Now) {
        if self.floor.is_none_or(|floor| floor.moved_on(now) < time) {
            self.floor = Some(Mark { time, at: now.monotonic });
        }
    }

    /// The server is said to have told the time.
    pub(super) fn handle_told(&mut self, time: Time, now: Now) {
        self.told = Some(Mark { time, at: now.monotonic });
    }

    pub(super) fn estimate(&self, now: Now) -> Time {
        let told = self.told.map_or(now.wall, |told| told.moved_on(now));
        self.floor.map_or(told, |floor| floor.moved_on(now).max(told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(monotonic: i64, wall: i64) -> Now {
        Now { monotonic: Span::seconds(monotonic), wall: Time::from_unix_seconds(wall), uptime: None }
    }

    #[test]
    fn the_clock_of_the_machine_counts_until_the_server_told_the_time() {
        let mut clock = ServerClock::new(None, at(0, 500));
        assert_eq!(clock.estimate(at(1, 501)).unix_seconds(), 501);
        clock.handle_told(Time::from_unix_seconds(1000), at(2, 502));
        assert_eq!(clock.estimate(at(5, 7)).unix_seconds(), 1003);
        assert_eq!(clock.estimate(at(6, 99_999)).unix_seconds(), 1004);
    }

    #[test]
    fn nobody_can_tell_a_time_before_what_was_signed() {
        let mut clock = ServerClock::new(Some(Time::from_unix_seconds(1000)), at(0, 10));
        clock.handle_told(Time::from_unix_seconds(5), at(1, 10));
        assert_eq!(clock.estimate(at(2, 10)).unix_seconds(), 1002);
        clock.handle_signed(Time::from_unix_seconds(900), at(3, 10));
        assert_eq!(clock.estimate(at(4, 10)).unix_seconds(), 1004);
        clock.handle_signed(Time::from_unix_seconds(2000), at(5, 10));
        assert_eq!(clock.estimate(at(6, 10)).unix_seconds(), 2001);
    }
}
