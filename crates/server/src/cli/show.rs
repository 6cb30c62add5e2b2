//! Prints answers for people: tables and fields, without anything a terminal would obey.

use sallyport_model::{Time, name::printable};
use serde_json::Value;

use super::client::Client;
use crate::print;

/// Longest cell of a table, in characters.
const WIDEST: usize = 60;

/// Columns of a table: heading, and where in an item the cell is, with dots between the steps.
pub(super) type Columns<'a> = &'a [(&'a str, &'a str)];

impl Client {
    /// Prints a list.
    pub(super) fn show_list(&self, answer: &Value, columns: Columns<'_>) -> anyhow::Result<()> {
        if self.json {
            return show_json(answer);
        }
        let items = answer.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        print(&table(items, columns));
        if let Some(next) = answer.get("next").and_then(Value::as_str) {
            print(&format!("\nThere is more: --after '{}'", printable(next, 200)));
        }
        Ok(())
    }

    /// Prints one thing, field by field.
    pub(super) fn show(&self, answer: &Value) -> anyhow::Result<()> {
        if self.json {
            return show_json(answer);
        }
        print(&fields(answer));
        Ok(())
    }

    /// Prints a line for people, and nothing else but the answer for programs.
    pub(super) fn say(&self, answer: &Value, line: &str) -> anyhow::Result<()> {
        if self.json {
            return if answer.is_null() { Ok(()) } else { show_json(answer) };
        }
        print(&printable(line, 500));
        Ok(())
    }
}

fn show_json(answer: &Value) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(answer)?);
    Ok(())
}

fn table(items: &[Value], columns: Columns<'_>) -> String {
    let mut rows = vec![columns.iter().map(|(heading, _)| (*heading).to_owned()).collect::<Vec<_>>()];
    for item in items {
        rows.push(columns.iter().map(|(_, at)| cell(at, item)).collect());
    }
    let mut widths = vec![0; columns.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn cell(at: &str, item: &Value) -> String {
    let found = at.split('.').try_fold(item, |value, step| value.get(step)).unwrap_or(&Value::Null);
    let name = at.rsplit('.').next().unwrap_or(at);
    let text = text(name, found);
    if text.chars().count() > WIDEST {
        let cut: String = text.chars().take(WIDEST - 1).collect();
        format!("{cut}…")
    } else {
        text
    }
}

fn fields(value: &Value) -> String {
    let Value::Object(fields) = value else { return text("", value) };
    let width = fields.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let lines = fields.iter().map(|(name, value)| {
        let heading = printable(&name.replace('_', " "), 60);
        match value.as_str().filter(|text| text.contains('\n')) {
            Some(text) => {
                let lines = text.lines().map(|line| format!("\n    {}", printable(line, 4000)));
                heading + &lines.collect::<String>()
            }
            None => format!("{heading:<width$}  {}", text(name, value)).trim_end().to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A value as one line.
fn text(name: &str, value: &Value) -> String {
    const TIMES: [&str; 12] = [
        "at",
        "began",
        "boot_time",
        "created",
        "ended",
        "expires",
        "issued",
        "not_after",
        "noticed",
        "reported",
        "seen",
        "until",
    ];
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(micros) if TIMES.contains(&name) => Time(micros).to_string(),
            _ => number.to_string(),
        },
        Value::String(text) => printable(&text.replace('\n', " "), 4000),
        Value::Array(items) => items.iter().map(|item| text("", item)).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => {
            let plain =
                |name: &str| fields.get(name).and_then(Value::as_str).map(|text| printable(text, 200));
            // Mail addresses, phones, and the ends of bindings.
            plain("address").or_else(|| plain("number")).unwrap_or_else(|| {
                let parts = fields
                    .iter()
                    .map(|(name, value)| format!("{}={}", printable(name, 60), text(name, value)));
                parts.collect::<Vec<_>>().join(" ")
            })
        }
    }
}

/// What a device printed, without anything a terminal would obey but line breaks and tabs.
pub(super) fn harmless(output: &str) -> String {
    output
        .chars()
        .filter(|c| {
            matches!(c, '\n' | '\t') || printable(c.encode_utf8(&mut [0; 4]), 1).len() == c.len_utf8()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_table_is_aligned_and_carries_no_control_characters() {
        let items = [
            json!({ "name": "alice\u{1b}[31m", "state": "active", "posix": { "uid": 20000 } }),
            json!({ "name": "bo", "state": "suspended" }),
        ];
        let shown = table(&items, &[("NAME", "name"), ("STATE", "state"), ("UID", "posix.uid")]);
        assert_eq!(shown, "NAME       STATE      UID\nalice[31m  active     20000\nbo         suspended");
    }

    #[test]
    fn times_and_addresses_read_well() {
        assert_eq!(text("created", &json!(1_767_225_600_000_000_i64)), "2026-01-01T00:00:00Z");
        assert_eq!(text("mails", &json!([{ "address": "a@b.example", "verified": false }])), "a@b.example");
    }

    #[test]
    fn output_of_a_run_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\tb\r\n\u{1b}]0;x\u{7}\u{9b}2J\u{202e}c"), "a\tb\n]0;x2Jc");
    }
}
