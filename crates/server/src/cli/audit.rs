//! `sallyport audit`.

use std::{io::Write as _, process::ExitCode};

use clap::{Args, Subcommand};

use super::client::{At, Client};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List recorded changes, the newest first
    List {
        #[command(flatten)]
        which: Which,
        /// Most items, from 1 to 500
        #[arg(long)]
        limit: Option<u16>,
    },
    /// Print recorded changes as CSV
    Export {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Args)]
pub(crate) struct Which {
    /// Only changes in which this occurs
    #[arg(long)]
    text: Option<String>,
    /// Only changes of the noun with this id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Where to begin: what the list before said
    #[arg(long)]
    after: Option<String>,
}

impl Which {
    fn of(self, at: At) -> At {
        at.with("text", self.text).with("subject", self.subject).with("after", self.after)
    }
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { which, limit } => {
                let columns = [
                    ("PLACE", "seq"),
                    ("TIME", "at"),
                    ("WHO", "who"),
                    ("VERB", "verb"),
                    ("NOUN", "subject.noun"),
                    ("NAME", "subject.label"),
                    ("CHANGED", "changed"),
                ];
                let changes = client.get(&which.of(At::path(&["changes"])).with("limit", limit))?;
                client.show_list(&changes, &columns)?;
            }
            Self::Export { which } => {
                let rows = client.fetch(&which.of(At::path(&["changes", "export"])))?;
                std::io::stdout().write_all(&rows)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
