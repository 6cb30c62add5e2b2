//! `sallyport sign-in`.

use std::{io::Write as _, process::ExitCode};

use clap::Subcommand;

use super::{
    client::{At, Client},
    listing::{Listing, Part},
};

pub(super) const COLUMNS: [(&str, &str); 8] = [
    ("TIME", "created"),
    ("NAME", "name"),
    ("TO", "resource.kind"),
    ("FROM", "source"),
    ("COUNTRY", "country"),
    ("STATE", "state"),
    ("SECOND DOOR", "second_door.kind"),
    ("WHY", "explanation"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List sign-ins, the newest first
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// List your own, with what happened in plain words, after `session open`
    Mine {
        #[command(flatten)]
        part: Part,
    },
    /// Print sign-ins as CSV
    Export {
        /// Only those in which this occurs
        #[arg(long)]
        text: Option<String>,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { listing } => {
                client.show_list(&client.get(&listing.of(At::path(&["sign-ins"])))?, &COLUMNS)?;
            }
            Self::Mine { part } => {
                let [time, _, to @ ..] = COLUMNS;
                let at = part.of(At::path(&["me", "sign-ins"]));
                client.show_list(&client.get(&at)?, &[&[time], &to[..]].concat())?;
            }
            Self::Export { text } => {
                let rows = client.fetch(&At::path(&["sign-ins", "export"]).with("text", text))?;
                std::io::stdout().write_all(&rows)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
