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
#[derive(Default)]
pub(crate) struct Seen {
    steps: Vec<Step>,
    /// Times from an answer of the server to what followed from it outside.
    consequences: Vec<(&'static str, Duration)>,
}

struct Step {
    what: String,
    took: Duration,
    held: bool,
}

impl Seen {
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

    /// The table, of as many steps as there were.
    pub(crate) fn table(&self) {
        let line = || say(&format!("{:-<90}", ""));
        say("\nWhat was seen to hold");
        line();
        for Step { what, took, held } in &self.steps {
            let word = if *held { "seen" } else { "NOT SEEN" };
            say(&format!("{what:<68} {word:>9} {:>8} ms", took.as_millis()));
        }
        line();
        for (what, took) in &self.consequences {
            say(&format!("{what:<78} {:>8} ms", took.as_millis()));
        }
    }
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
