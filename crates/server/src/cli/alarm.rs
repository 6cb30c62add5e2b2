//! `sallyport alarm`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{
    client::{At, Client},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List alarms, the open ones first and then the newest
    List {
        #[command(flatten)]
        listing: Listing,
        /// `open` or `closed`
        #[arg(long)]
        state: Option<String>,
    },
    /// Show an alarm
    Show { alarm: String },
    /// Close an alarm
    Close {
        alarm: String,
        /// What came of it, for whoever reads of it later
        #[arg(long)]
        note: String,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { listing, state } => {
                let columns = [
                    ("USER", "user_name"),
                    ("KIND", "kind"),
                    ("AT", "what"),
                    ("FROM", "place"),
                    ("TIMES", "times"),
                    ("LAST", "said"),
                    ("STATE", "state"),
                    ("ID", "id"),
                ];
                let at = listing.of(At::path(&["alarms"])).with("state", state);
                client.show_list(&client.get(&at)?, &columns)?;
            }
            Self::Show { alarm } => client.show(&client.get(&At::path(&["alarms", &alarm]))?)?,
            Self::Close { alarm, note } => {
                let answer =
                    client.post(&At::path(&["alarms", &alarm, "close"]), &json!({ "note": note }))?;
                client.say(&answer, &format!("{alarm} is closed"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
