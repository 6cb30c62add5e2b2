//! `sallyport token`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{
    client::{At, Client},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List API tokens, without their secrets
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Make an API token, which is shown this once
    Create {
        #[arg(long)]
        name: String,
        /// owner, administrator, help_desk, auditor or command_runner
        #[arg(long)]
        role: String,
        /// Days until it ends, at most 366
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// Revoke an API token at once
    Revoke {
        /// Id of the token
        token: String,
    },
    /// Show whom your own token speaks for and what it may do
    Me,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["tokens"]);
        match self {
            Self::List { listing } => {
                let columns = [
                    ("NAME", "name"),
                    ("ROLE", "role"),
                    ("EXPIRES", "expires"),
                    ("REVOKED", "revoked"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Create { name, role, days } => {
                client.show(&client.post(&all, &json!({ "name": name, "role": role, "days": days }))?)?;
            }
            Self::Revoke { token } => {
                let answer = client.post_nothing(&At::path(&["tokens", &token, "revoke"]))?;
                client.say(&answer, "the token is revoked")?;
            }
            Self::Me => client.show(&client.get(&At::path(&["me"]))?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
