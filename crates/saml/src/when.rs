//! Moments and lengths of time as SAML writes them (core section 1.3.3).

use sallyport_model::time::{Span, Time};

/// A moment with its zone; none if it is none, or names no zone.
pub(crate) fn read(text: &str) -> Option<Time> {
    let is_written =
        text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_digit() || b"TZ:.+-".contains(&byte));
    let stamp: jiff::Timestamp = is_written.then(|| text.parse().ok())??;
    Some(Time(stamp.as_microsecond()))
}

/// In UTC, to the second.
pub(crate) fn written(time: Time) -> String {
    time.to_string()
}

/// A length of time of XML Schema (`P1D`, `PT8H`), without years and months, which have none.
pub(crate) fn length(text: &str) -> Option<Span> {
    let (days, times) = text.strip_prefix('P')?.split_once('T').unwrap_or((text.strip_prefix('P')?, ""));
    let mut seconds: i64 = 0;
    let mut add = |part: &str, units: &[(char, i64)]| -> Option<()> {
        let mut rest = part;
        for (unit, worth) in units {
            let Some((number, behind)) = rest.split_once(*unit) else { continue };
            let whole = number.split('.').next().unwrap_or_default();
            if whole.is_empty() || whole.len() > 9 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            seconds = seconds.checked_add(whole.parse::<i64>().ok()?.checked_mul(*worth)?)?;
            rest = behind;
        }
        rest.is_empty().then_some(())
    };
    add(days, &[('D', 86_400)])?;
    add(times, &[('H', 3600), ('M', 60), ('S', 1)])?;
    (text.len() > 2).then_some(Span::seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_a_zone_and_one_meaning() {
        let moment = Time::from_unix_seconds(1_924_970_400);
        for good in ["2030-12-31T18:00:00Z", "2030-12-31T18:00:00.000Z", "2030-12-31T19:00:00+01:00"] {
            assert_eq!(read(good), Some(moment), "{good}");
        }
        assert_eq!(written(moment), "2030-12-31T18:00:00Z");
        for bad in
            ["", "2030-12-31T18:00:00", "2030-12-31", "2030-13-31T18:00:00Z", "now", "2030-12-31 18:00:00Z"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn lengths_are_of_days_hours_minutes_and_seconds() {
        for (text, seconds) in [("PT8H", 28_800), ("P1D", 86_400), ("P1DT1H1M1.5S", 90_061), ("PT60S", 60)] {
            assert_eq!(length(text), Some(Span::seconds(seconds)), "{text}");
        }
        for bad in ["", "P", "PT", "P1Y", "P1M", "1D", "PTH", "P1D1H", "PT-1H", "PT9999999999S", "P1DT1S1H"] {
            assert_eq!(length(bad), None, "{bad}");
        }
    }
}
