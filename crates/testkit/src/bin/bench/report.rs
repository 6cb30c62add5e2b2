//! What was measured, as a table for people and as JSON for comparison.

use std::{io::Write as _, path::Path};

use serde_json::{Value, json};

use crate::{options::Options, process};

/// Writes a line for whoever watches.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// What a number should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(bound) => value >= bound,
            Self::AtMost(bound) => value <= bound,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::AtLeast(bound) => format!(">= {}", short(bound)),
            Self::AtMost(bound) => format!("<= {}", short(bound)),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::AtLeast(bound) => json!({ "at_least": bound }),
            Self::AtMost(bound) => json!({ "at_most": bound }),
        }
    }
}

/// One measured number.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    id: &'static str,
    what: String,
    value: Option<f64>,
    unit: &'static str,
    floor: Option<(&'static str, f64)>,
    ratio: Option<f64>,
    goal: Option<Goal>,
    note: String,
}

impl Line {
    pub(crate) fn new(id: &'static str, what: &str, value: f64, unit: &'static str) -> Self {
        let (what, value) = (what.to_owned(), Some(value));
        Self { id, what, value, unit, floor: None, ratio: None, goal: None, note: String::new() }
    }

    /// With the goal that it would have had, which is missed as long as nobody knows better.
    pub(crate) fn not_measured(id: &'static str, what: &str, goal: Option<Goal>, why: &str) -> Self {
        Self { value: None, goal, note: why.to_owned(), ..Self::new(id, what, 0.0, "") }
    }

    /// Against something measured in the same run.
    pub(crate) fn against(self, floor: &'static str, value: f64) -> Self {
        let ratio = self.value.map(|own| own / value);
        Self { floor: Some((floor, value)), ratio, ..self }
    }

    /// With the ratio as the median of the rounds' ratios.
    pub(crate) fn with_ratio(self, ratio: f64) -> Self {
        Self { ratio: Some(ratio), ..self }
    }

    /// What the ratio should be or, without one, the value.
    pub(crate) fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    fn holds(&self) -> Option<bool> {
        let measured = self.ratio.or(self.value)?;
        self.goal.map(|goal| goal.holds(measured))
    }

    fn verdict(&self) -> &'static str {
        match (self.value, self.holds()) {
            (None, _) => "NOT MEASURED",
            (Some(_), Some(true)) => "held",
            (Some(_), Some(false)) => "MISSED",
            (Some(_), None) => "",
        }
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "what": self.what,
            "value": self.value,
            "unit": self.unit,
            "floor": self.floor.map(|(name, value)| json!({ "name": name, "value": value })),
            "ratio": self.ratio,
            "goal": self.goal.map(Goal::json),
            "held": self.holds(),
            "measured": self.value.is_some(),
            "note": self.note,
        })
    }

    fn row(&self) -> String {
        let value = self.value.map_or("-".to_owned(), |value| format!("{} {}", short(value), self.unit));
        let floor = self.floor.map(|(_, value)| short(value)).unwrap_or_default();
        let ratio = self.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let goal = self.goal.map(Goal::shown).unwrap_or_default();
        let row =
            format!("{:<58} {value:>14} {floor:>9} {ratio:>7} {goal:>8}  {}", self.what, self.verdict());
        row.trim_end().to_owned()
    }

    fn remarks(&self) -> Vec<String> {
        let floor = self.floor.map(|(name, _)| format!("floor: {name}"));
        floor.into_iter().chain(Some(self.note.clone()).filter(|note| !note.is_empty())).collect()
    }
}

/// All lines of a run.
pub(crate) struct Report {
    about: Value,
    lines: Vec<Line>,
}

impl Report {
    pub(crate) fn begin(options: &Options) -> Self {
        let about = json!({
            "cores": process::cores(),
            "load_average_before": process::load_average(),
            "users": options.users,
            "pushes": options.pushes,
            "agents": options.agents,
            "rounds": options.rounds,
            "seconds_a_round": options.round.as_secs(),
            "debug_build": cfg!(debug_assertions),
        });
        say(&format!("{} cores, load average {} before", process::cores(), process::load_average()));
        if cfg!(debug_assertions) {
            say("This is a debug build: the numbers mean nothing.");
        }
        Self { about, lines: Vec::new() }
    }

    /// Keeps a line, and shows it at once.
    pub(crate) fn add(&mut self, line: Line) {
        say(&line.row());
        self.lines.push(line);
    }

    /// How many goals are not known to be held.
    pub(crate) fn missed(&self) -> usize {
        self.lines.iter().filter(|line| line.goal.is_some() && line.holds() != Some(true)).count()
    }

    /// Prints the table and writes the file.
    pub(crate) fn finish(&self, file: &Path) -> anyhow::Result<()> {
        let heading =
            format!("{:<58} {:>14} {:>9} {:>7} {:>8}", "measured", "value", "floor", "ratio", "goal");
        say(&format!("\n{heading}\n{:-<118}", ""));
        for line in &self.lines {
            say(&line.row());
            for remark in line.remarks() {
                say(&format!("    {remark}"));
            }
        }
        let not_measured = self.lines.iter().filter(|line| line.value.is_none()).count();
        let lines: Vec<Value> = self.lines.iter().map(Line::json).collect();
        let all = json!({ "about": self.about, "lines": lines });
        std::fs::write(file, serde_json::to_string_pretty(&all)?)?;
        say(&format!(
            "\n{} lines, {} goals missed, {not_measured} not measured; as JSON in {}",
            self.lines.len(),
            self.missed(),
            file.display()
        ));
        Ok(())
    }
}

/// Three digits are all that such a number is worth.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_that_was_not_measured_is_missed() {
        let goal = Goal::AtMost(100.0);
        let measured = |value| Line::new("push_answered", "answered, p99", value, "ms").goal(goal);
        let of = |lines: Vec<Line>| Report { about: Value::Null, lines };
        assert_eq!(of(vec![measured(99.0)]).missed(), 0);
        assert_eq!(of(vec![measured(101.0)]).missed(), 1);
        assert_eq!(of(vec![measured(f64::NAN)]).missed(), 1);
        let unmeasured = |goal| Line::not_measured("push_answered", "answered, p99", goal, "too slow");
        let report = of(vec![measured(99.0), unmeasured(Some(goal)), unmeasured(None)]);
        assert_eq!(report.missed(), 1);
        let line = &report.lines[1];
        assert_eq!(
            (line.verdict(), line.json()["goal"].clone()),
            ("NOT MEASURED", json!({ "at_most": 100.0 }))
        );
        assert!(line.row().contains("<= 100"), "{}", line.row());
    }
}
