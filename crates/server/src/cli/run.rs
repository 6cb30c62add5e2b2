//! `sallyport run`.

use std::{io::Write as _, process::ExitCode};

use clap::Subcommand;
use sallyport_model::name::printable;
use serde_json::Value;

use super::{
    client::{At, Client},
    listing::Listing,
    show::harmless,
};

pub(super) const COLUMNS: [(&str, &str); 7] = [
    ("COMMAND", "command_name"),
    ("STATE", "state"),
    ("EXIT CODE", "exit_code"),
    ("LAUNCHED BY", "launched_by"),
    ("CREATED", "created"),
    ("DEVICE", "device"),
    ("ID", "id"),
];

/// Seconds that the server may hold an answer back.
const WAIT: u32 = 5;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List runs, the newest first
    List {
        /// Only runs of this command
        #[arg(long)]
        command: Option<String>,
        /// Only runs on this device
        #[arg(long)]
        device: Option<String>,
        /// Only those that are queued, started, finished, cancelled, expired or unknown
        #[arg(long)]
        state: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a run
    Show { run: String },
    /// Print what a run printed
    Output {
        run: String,
        /// Go on until it has ended; fails if the run did
        #[arg(long)]
        follow: bool,
    },
    /// Withdraw a run, or have the device stop it
    Cancel { run: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { command, device, state, listing } => {
                let at =
                    At::path(&["runs"]).with("command", command).with("device", device).with("state", state);
                client.show_list(&client.get(&listing.of(at))?, &COLUMNS)?;
            }
            Self::Show { run } => client.show(&client.get(&At::path(&["runs", &run]))?)?,
            Self::Output { run, follow: true } => return follow(client, &[&run]),
            Self::Output { run, follow: false } => {
                Watched::new(&run, false).read(client, 0)?;
            }
            Self::Cancel { run } => {
                client.show(&client.post_nothing(&At::path(&["runs", &run, "cancel"]))?)?
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints what runs print until all of them have ended. Fails unless all ended well.
pub(super) fn follow(client: &Client, runs: &[&str]) -> anyhow::Result<ExitCode> {
    let mut watched: Vec<Watched> = runs.iter().map(|run| Watched::new(run, runs.len() > 1)).collect();
    while watched.iter().any(|run| run.ended.is_none()) {
        // Waits for the first that goes on; the others are looked at in between.
        let mut wait = if watched.iter().filter(|run| run.ended.is_none()).count() > 1 { 1 } else { WAIT };
        for run in watched.iter_mut().filter(|run| run.ended.is_none()) {
            run.read(client, wait)?;
            wait = 0;
        }
    }
    let well = watched.iter().all(|run| run.ended == Some(true));
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A run whose output is being printed.
struct Watched {
    id: String,
    next: i64,
    /// Whether it ended well, once it has.
    ended: Option<bool>,
    /// Whether others print in between.
    among_others: bool,
}

impl Watched {
    fn new(id: &str, among_others: bool) -> Self {
        Self { id: id.to_owned(), next: 0, ended: None, among_others }
    }

    /// Prints what is new, waiting for it up to so many seconds.
    fn read(&mut self, client: &Client, mut wait: u32) -> anyhow::Result<()> {
        loop {
            let at = At::path(&["runs", &self.id, "output"])
                .with("after", Some(self.next))
                .with("wait", Some(wait));
            let answer = client.get(&at)?;
            self.next = answer.get("next").and_then(Value::as_i64).unwrap_or(self.next);
            if client.json {
                crate::print(&serde_json::to_string(&answer)?);
            } else {
                self.print(&answer)?;
            }
            if answer.get("more").and_then(Value::as_bool) != Some(true) {
                return self.note_end(client, &answer);
            }
            wait = 0;
        }
    }

    fn print(&self, answer: &Value) -> anyhow::Result<()> {
        let pieces = answer.get("pieces").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if self.among_others && !pieces.is_empty() {
            crate::print(&format!("--- {}", printable(&self.id, 60)));
        }
        for piece in pieces {
            let text = |name| piece.get(name).and_then(Value::as_str).unwrap_or_default();
            let shown = match piece.get("dropped").and_then(Value::as_u64) {
                Some(bytes) if bytes > 0 => format!("\n[{bytes} bytes left out]\n"),
                _ => harmless(text("text")),
            };
            if text("stream") == "stderr" {
                std::io::stderr().write_all(shown.as_bytes())?;
            } else {
                std::io::stdout().write_all(shown.as_bytes())?;
            }
        }
        std::io::stdout().flush()?;
        Ok(())
    }

    fn note_end(&mut self, client: &Client, answer: &Value) -> anyhow::Result<()> {
        let run = answer.get("run").unwrap_or(&Value::Null);
        let text = |name| run.get(name).and_then(Value::as_str).map(|text| printable(text, 500));
        let state = text("state").unwrap_or_default();
        if state == "queued" || state == "started" {
            return Ok(());
        }
        let exit_code = run.get("exit_code").and_then(Value::as_i64);
        self.ended = Some(state == "finished" && exit_code == Some(0));
        if self.ended == Some(false) && !client.json {
            let code = exit_code.map(|code| format!(", exit code {code}")).unwrap_or_default();
            let reason = text("reason").map(|reason| format!(": {reason}")).unwrap_or_default();
            crate::tell(&format!("run {} is {state}{code}{reason}", self.id));
        }
        Ok(())
    }
}
