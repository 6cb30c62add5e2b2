//! `Retry-After`: how long somebody who is busy wants to be left alone (RFC 9110 section 10.2.3).

use jiff::fmt::rfc2822;

/// A number of seconds alone, as many as there are where it says more; whoever waits has a limit of their own.
#[must_use]
pub fn number(given: &str) -> Option<u64> {
    let given = given.trim();
    let is_number = !given.is_empty() && given.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| given.parse().unwrap_or(u64::MAX))
}

/// Seconds from `now` (Unix seconds), of a number of them or of a date.
#[must_use]
pub fn seconds(given: &str, now: i64) -> Option<u64> {
    number(given).or_else(|| {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(given.trim()).ok()?;
        Some(u64::try_from(date.as_second().saturating_sub(now)).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_number_or_a_date() {
        const NOW: i64 = 784_111_777;
        for (given, wait) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:40 GMT", Some(3)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("+5", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(seconds(given, NOW), wait, "{given}");
            assert_eq!(number(given), wait.filter(|_| !given.contains(':')), "{given}");
        }
    }
}
