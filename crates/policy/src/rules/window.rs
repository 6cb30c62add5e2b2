//! Hours of days, as the clock on a wall of some place shows them.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil, tz::TimeZone};
use sallyport_model::{
    Time,
    access_rule::{Weekday, When},
};

use super::RuleError;

/// When a rule holds, ready to be asked.
#[derive(Debug)]
pub(super) struct Window {
    outside: bool,
    days: BTreeSet<Weekday>,
    from: u16,
    /// The first minute that is no part of it; before `from` or equal to it, it is of the next day.
    to: u16,
    zone: TimeZone,
}

const DAY: u16 = 24 * 60;

impl Window {
    pub(super) fn new(when: &When) -> Result<Self, RuleError> {
        let zone = match when.zone.as_str() {
            "" => TimeZone::UTC,
            name => TimeZone::get(name)
                .map_err(|_| RuleError::Zone(name.chars().take(64).filter(|c| !c.is_control()).collect()))?,
        };
        Ok(Self {
            outside: when.outside,
            days: when.days.clone(),
            from: when.from.map_or(0, |from| from.minutes()),
            to: when.to.map_or(DAY, |to| to.minutes()),
            zone,
        })
    }

    pub(super) fn holds(&self, now: Time) -> Result<bool, String> {
        let stamp =
            Timestamp::from_microsecond(now.0).map_err(|_| "the time is beyond the calendar".to_owned())?;
        let here = self.zone.to_datetime(stamp);
        let minute = u16::try_from(i32::from(here.hour()) * 60 + i32::from(here.minute())).unwrap_or(0);
        let is_day = |day: Weekday| self.days.is_empty() || self.days.contains(&day);
        let today = weekday(here.weekday());
        let inside = if self.from < self.to {
            is_day(today) && (self.from..self.to).contains(&minute)
        } else {
            // Over midnight: the part after it belongs to the day on which it began.
            (is_day(today) && minute >= self.from)
                || (is_day(weekday(here.weekday().previous())) && minute < self.to)
        };
        Ok(inside != self.outside)
    }
}

const fn weekday(day: civil::Weekday) -> Weekday {
    match day {
        civil::Weekday::Monday => Weekday::Monday,
        civil::Weekday::Tuesday => Weekday::Tuesday,
        civil::Weekday::Wednesday => Weekday::Wednesday,
        civil::Weekday::Thursday => Weekday::Thursday,
        civil::Weekday::Friday => Weekday::Friday,
        civil::Weekday::Saturday => Weekday::Saturday,
        civil::Weekday::Sunday => Weekday::Sunday,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(when: &When, at: &str) -> bool {
        Window::new(when).unwrap().holds(at.parse().unwrap()).unwrap()
    }

    fn hours(from: &str, to: &str, zone: &str) -> When {
        let days = BTreeSet::from([Weekday::Friday]);
        let (from, to) = (from.parse().ok(), to.parse().ok());
        When { outside: false, days, from, to, zone: zone.into() }
    }

    // 2026-11-27 is a Friday.
    #[test]
    fn hours_are_those_of_the_clock_on_the_wall_in_summer_and_winter() {
        let work = hours("08:00", "18:00", "Europe/Zurich");
        for (at, expected) in [
            ("2026-11-27T06:59Z", false),
            ("2026-11-27T07:00Z", true),
            ("2026-11-27T16:59Z", true),
            ("2026-11-27T17:00Z", false),
            ("2026-07-03T06:00Z", true),
            ("2026-07-03T05:59Z", false),
            ("2026-11-28T09:00Z", false),
        ] {
            assert_eq!(holds(&work, at), expected, "{at}");
            assert_eq!(holds(&When { outside: true, ..work.clone() }, at), !expected, "{at}");
        }
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
        let night = hours("22:00", "06:00", "");
        for (at, expected) in [
            ("2026-11-27T21:59Z", false),
            ("2026-11-27T22:00Z", true),
            ("2026-11-28T05:59Z", true),
            ("2026-11-28T06:00Z", false),
            ("2026-11-27T05:00Z", false),
            ("2026-11-28T23:00Z", false),
        ] {
            assert_eq!(holds(&night, at), expected, "{at}");
        }
    }

    #[test]
    fn without_hours_it_is_the_whole_day_and_without_days_every_day() {
        let friday = When { days: BTreeSet::from([Weekday::Friday]), ..When::default() };
        assert!(holds(&friday, "2026-11-27T00:00Z") && holds(&friday, "2026-11-27T23:59Z"));
        assert!(!holds(&friday, "2026-11-26T23:59Z") && !holds(&friday, "2026-11-28T00:00Z"));
        assert!(holds(&When::default(), "2026-11-28T00:00Z"));
        assert!(!holds(&When { outside: true, ..When::default() }, "2026-11-28T00:00Z"));
        let unknown = When { zone: "Europe/Atlantis".into(), ..When::default() };
        assert_eq!(Window::new(&unknown).unwrap_err(), RuleError::Zone("Europe/Atlantis".into()));
    }
}
