//! What the audience gets to see: a line for each step, conversations, and the table at the end.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use sallyport_testkit::ssh::SshOutcome;

/// Writes a line for the audience.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").ok();
}

/// The steps so far: what was tried, how long it took, and whether it was seen to hold.
pub(crate) struct Seen {
    began: Instant,
    steps: Vec<Step>,
    /// Times from an answer of the server to what followed from it outside.
    consequences: Vec<(&'static str, Duration)>,
}

struct Step {
    what: String,
    took: Duration,
    held: bool,
}

/// What the whole story is to take less than; building the parts is no part of it.
const MINUTE: Duration = Duration::from_secs(60);

impl Seen {
    /// The story begins now.
    pub(crate) fn begin() -> Self {
        Self { began: Instant::now(), steps: Vec::new(), consequences: Vec::new() }
    }

    pub(crate) fn step<T>(&mut self, what: &str, f: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        write!(std::io::stdout(), "{:>2}. {what} ... ", self.steps.len() + 1).ok();
        std::io::stdout().flush().ok();
        let started = Instant::now();
        let result = f().with_context(|| format!("step failed: {what}"));
        let (took, held) = (started.elapsed(), result.is_ok());
        say(&if held { format!("seen ({} ms)", took.as_millis()) } else { "NOT SEEN".to_owned() });
        self.steps.push(Step { what: what.to_owned(), took, held });
        result
    }

    pub(crate) fn consequence(&mut self, what: &'static str, took: Duration) {
        self.consequences.push((what, took));
    }

    /// The table, of as many steps as there were. With all of them it says what the whole story took.
    pub(crate) fn table(&self, is_whole: bool) {
        let took = self.began.elapsed();
        let line = || say(&format!("{:-<90}", ""));
        say("\nWhat was seen to hold");
        line();
        for Step { what, took, held } in &self.steps {
            say(&row(what, *held, *took));
        }
        line();
        for (what, took) in &self.consequences {
            say(&format!("{what:<78} {:>8} ms", took.as_millis()));
        }
        if is_whole {
            line();
            say(&total(took));
        }
    }
}

fn total(took: Duration) -> String {
    row("the whole story, once built, in less than a minute", took < MINUTE, took)
}

fn row(what: &str, held: bool, took: Duration) -> String {
    let word = if held { "seen" } else { "NOT SEEN" };
    format!("{what:<68} {word:>9} {:>8} ms", took.as_millis())
}

/// The conversation as the person at the client had it, with what they typed.
pub(crate) fn show(outcome: &SshOutcome) {
    let answers = outcome.answers_given.iter().map(String::as_str).chain(std::iter::repeat(""));
    for (prompt, answer) in outcome.prompts_seen.iter().zip(answers) {
        let typed = if answer.is_empty() { "(nothing)" } else { answer };
        let mut lines = prompt.lines().filter(|line| !line.trim().is_empty()).peekable();
        while let Some(line) = lines.next() {
            let typed = if lines.peek().is_none() { format!(" {typed}") } else { String::new() };
            say(&format!("      | {}{typed}", line.trim_end()));
        }
    }
    let noise = |line: &&str| !line.trim().is_empty() && !line.starts_with("Warning: Permanently added");
    for line in outcome.stderr.lines().filter(noise).chain(outcome.stdout.lines()) {
        say(&format!("      | {}", line.trim_end()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_whether_the_story_took_less_than_a_minute() {
        let of = |milliseconds| total(Duration::from_millis(milliseconds));
        assert!(of(59_999).ends_with("     seen    59999 ms"), "{}", of(59_999));
        assert!(of(60_000).ends_with(" NOT SEEN    60000 ms"), "{}", of(60_000));
        assert_eq!(of(59_999).len(), 90, "as wide as the table");
    }
}
