//! Instants and spans in microseconds. Nothing in Sallyport reads a clock but the edge that is handed one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Time(pub i64);

/// A length of time in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Span(pub i64);

impl Time {
    /// The instant `seconds` after the Unix epoch.
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// For people to read where nobody knows their zone, to the minute.
    #[must_use]
    pub fn written(self) -> String {
        match jiff::Timestamp::from_second(self.unix_seconds()) {
            Ok(stamp) => stamp.strftime("%-d %B %Y, %H:%M UTC").to_string(),
            Err(_) => self.to_string(),
        }
    }

    /// As forms take it: without the zone, which is UTC, and to the minute.
    #[must_use]
    pub fn in_form(self) -> String {
        let stamp = jiff::Timestamp::from_second(self.unix_seconds()).unwrap_or_default();
        stamp.strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// How long ago `earlier` was; negative if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// When the year 0 began, in Unix seconds.
const YEAR_ZERO: i64 = -62_167_219_200;

/// Not a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a moment is written as `2030-12-31T18:00Z`, or without its zone, which is then UTC")]
pub struct TimeError;

/// RFC 3339; or as forms give it, without a zone and to the minute, which is taken for UTC.
impl FromStr for Time {
    type Err = TimeError;

    fn from_str(given: &str) -> Result<Self, TimeError> {
        let named = given.parse::<jiff::Timestamp>();
        let stamp = match named {
            Ok(stamp) => stamp,
            Err(_) => {
                let local: jiff::civil::DateTime = given.parse().map_err(|_| TimeError)?;
                local.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| TimeError)?.timestamp()
            }
        };
        // Years before 0 are written in a way that forms do not know.
        let seconds = Some(stamp.as_second()).filter(|seconds| *seconds >= YEAR_ZERO);
        seconds.map(Self::from_unix_seconds).ok_or(TimeError)
    }
}

/// RFC 3339 in UTC with whole seconds.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.unix_seconds()) {
            Ok(stamp) => write!(f, "{stamp}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Span {
    #[must_use]
    pub const fn seconds(n: i64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }

    #[must_use]
    pub const fn minutes(n: i64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }

    #[must_use]
    pub const fn hours(n: i64) -> Self {
        Self::minutes(n.saturating_mul(60))
    }

    #[must_use]
    pub const fn days(n: i64) -> Self {
        Self::hours(n.saturating_mul(24))
    }

    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_and_forms_write_it() {
        let moment = Time::from_unix_seconds(1_924_970_400);
        for given in
            ["2030-12-31T18:00:00Z", "2030-12-31T18:00Z", "2030-12-31T19:00:00+01:00", "2030-12-31T18:00"]
        {
            assert_eq!(given.parse(), Ok(moment), "{given}");
        }
        assert_eq!(moment.in_form().parse(), Ok(moment));
        let first: Time = "0000-01-01T00:00Z".parse().unwrap();
        assert_eq!((first.in_form().parse(), first.to_string().parse()), (Ok(first), Ok(first)));
        for bad in [
            "",
            "tomorrow",
            "2030-13-01T00:00Z",
            "2030-12-31T25:00",
            "18:00",
            "1924970400",
            "-000001-12-31T23:59Z",
        ] {
            assert_eq!(bad.parse::<Time>(), Err(TimeError), "{bad}");
        }
    }
}
