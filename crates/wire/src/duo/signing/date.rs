//! Dates of requests in the forms of RFC 2822 (section 3.3), obsolete zone names included.

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

/// Longer than any date with a comment that a client sends.
const MAX_DATE: usize = 64;

/// Unix seconds of a date. A wrong weekday is let pass: the text is signed, and the day says no more.
pub(super) fn parse(text: &str) -> Option<i64> {
    const PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    if text.len() > MAX_DATE || !text.is_ascii() {
        return None;
    }
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_owned(), |start| format!("{start}GMT"));
    Some(PARSER.parse_timestamp(text).ok()?.as_second())
}

/// The form that most clients send: `Tue, 21 Aug 2012 17:29:18 -0000`.
pub(super) fn format(unix: i64) -> Option<String> {
    DateTimePrinter::new().timestamp_to_string(&Timestamp::from_second(unix).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: i64 = 1_345_570_158;

    #[test]
    fn reads_every_form_in_the_field() {
        for text in [
            "Tue, 21 Aug 2012 17:29:18 -0000",
            "Tue, 21 Aug 2012 17:29:18 +0000",
            "Tue, 21 Aug 2012 12:29:18 -0500",
            "Tue, 21 Aug 2012 19:29:18 +0200",
            "Tue, 21 Aug 2012 17:29:18 GMT",
            "Tue, 21 Aug 2012 17:29:18 UT",
            "Tue, 21 Aug 2012 17:29:18 UTC",
            "Tue, 21 Aug 2012 13:29:18 EDT",
            "Mon, 21 Aug 2012 17:29:18 -0000",
            "21 Aug 2012 17:29:18 -0000",
        ] {
            assert_eq!(parse(text), Some(AT), "{text}");
        }
        assert_eq!(parse("Wed, 1 Aug 2012 00:00:00 GMT"), parse("Wed, 01 Aug 2012 00:00:00 GMT"));
        assert_eq!(parse("Wed, 1 Aug 2012 00:00:00 GMT"), Some(1_343_779_200));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "1345570158",
            "2012-08-21T17:29:18Z",
            "Tue, 21 Aug 2012 17:29:18",
            "Tue, 32 Aug 2012 17:29:18 GMT",
            "Tue, 21 Aug 2012 25:29:18 GMT",
            "Tue, 21 Aug 2012 17:29:18 +9999",
            "Tue, 21 Aug 2012 17:29:18 GMT x",
            "Tue, 21 Août 2012 17:29:18 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("{}Tue, 21 Aug 2012 17:29:18 GMT", " ".repeat(60))), None);
    }

    #[test]
    fn writes_what_it_reads() {
        assert_eq!(format(AT).as_deref(), Some("Tue, 21 Aug 2012 17:29:18 -0000"));
        assert_eq!(format(i64::MAX), None);
    }
}
