//! `sallyport first-hour`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{At, Client};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show what a new organisation does first, and which of it is done
    Show,
    /// Put that list away
    Dismiss,
    /// Bring that list back
    Resume,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show => {
                let told = client.get(&At::path(&["first-hour"]))?;
                if client.json {
                    client.show(&told)?;
                } else {
                    let items = json!({ "items": told.get("steps").unwrap_or(&Value::Null) });
                    client.show_list(&items, &[("DONE", "done"), ("STEP", "title"), ("SEEN", "seen")])?;
                }
            }
            Self::Dismiss => {
                let told = client.post_nothing(&At::path(&["first-hour", "dismiss"]))?;
                client.say(&told, "The list is put away; `sallyport first-hour show` still shows it.")?;
            }
            Self::Resume => {
                let told = client.post_nothing(&At::path(&["first-hour", "resume"]))?;
                client.say(&told, "The list is shown again.")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
