//! An event as one line of JSON, its fields beside each other.
//!
//! A line is written for every request, so this writes text as it comes and builds nothing.

use std::fmt::{self, Debug};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    registry::LookupSpan,
};

pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let about = event.metadata();
        writer.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut writer)?;
        writer.write_str(r#"","level":""#)?;
        writer.write_str(about.level().as_str())?;
        writer.write_char('"')?;
        let mut fields = Fields { writer: &mut writer, written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        writer.write_str(r#","target":"#)?;
        text(&mut writer, about.target())?;
        writer.write_str("}\n")
    }
}

struct Fields<'a, 'b> {
    writer: &'a mut Writer<'b>,
    written: fmt::Result,
}

impl Fields<'_, '_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.written.is_ok() {
            self.written = self.name(field).and_then(|()| value(self.writer));
        }
    }

    fn name(&mut self, field: &Field) -> fmt::Result {
        self.writer.write_char(',')?;
        text(self.writer, field.name())?;
        self.writer.write_char(':')
    }
}

impl Visit for Fields<'_, '_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |writer| write!(writer, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |writer| write!(writer, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |writer| write!(writer, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no word for what is no number.
        self.add(
            field,
            |writer| {
                if value.is_finite() { write!(writer, "{value}") } else { writer.write_str("null") }
            },
        );
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |writer| text(writer, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, |writer| text(writer, &format!("{value:?}")));
    }
}

/// A text in quotes. What is not plain is left to the library.
fn text(writer: &mut Writer<'_>, text: &str) -> fmt::Result {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f;
    if text.bytes().all(is_plain) {
        writer.write_char('"')?;
        writer.write_str(text)?;
        return writer.write_char('"');
    }
    writer.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn lines(write: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let subscriber = tracing_subscriber::fmt().event_format(JsonLine).with_writer(kept.clone()).finish();
        tracing::subscriber::with_default(subscriber, write);
        let written = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        written.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_kind_of_field_is_beside_the_message() {
        let error = io::Error::other("no \"luck\"");
        let lines = lines(|| {
            tracing::info!(
                request = "7f",
                status = 200_u16,
                left = -3_i64,
                share = 0.5,
                none = f64::NAN,
                first = true,
                %error,
                kind = ?Some(1),
                "a request"
            );
        });
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        let mut rest = line.clone();
        rest.as_object_mut().unwrap().remove("timestamp");
        assert_eq!(
            rest,
            json!({
                "level": "INFO", "message": "a request", "request": "7f", "status": 200, "left": -3, "share": 0.5,
                "none": null, "first": true, "error": "no \"luck\"", "kind": "Some(1)",
                "target": "sallyport::logging::json::tests",
            })
        );
    }

    #[test]
    fn nobody_writes_a_line_of_their_own() {
        let hostile = "a\"}\n{\"level\":\"ERROR\",\\ \u{1b}[2J\u{7f}\u{0}é\r";
        let lines = lines(|| tracing::warn!(name = hostile, shown = %hostile, "{hostile}"));
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        for field in ["name", "shown", "message"] {
            assert_eq!(line[field], hostile);
        }
        assert_eq!(line["level"], "WARN");
    }
}
