//! `sallyport policy`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::Value;

use super::{
    client::{At, Client},
    input::{self, Fields},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List policies in order of names; the organisation's own is among the settings
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a policy, by id or name
    Show { policy: String },
    /// List where a policy is applied
    Applied { policy: String },
    /// Write a policy; it says nothing until it is applied
    Create {
        #[arg(long)]
        name: String,
        /// File with its sections as JSON, as `show --json` prints them; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        sections_file: Option<PathBuf>,
    },
    /// Rename a policy, or replace its sections
    Update {
        policy: String,
        #[arg(long)]
        name: Option<String>,
        /// File with all its sections as JSON; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        sections_file: Option<PathBuf>,
    },
    /// Delete a policy that is applied nowhere
    Delete { policy: String },
    /// Show what all policies come to for a user, and who says so
    Effective {
        user: String,
        /// At this application; without it, at the portal
        #[arg(long, conflicts_with = "device")]
        application: Option<String>,
        /// At a login at this device
        #[arg(long)]
        device: Option<String>,
        /// From this IP address
        #[arg(long, value_name = "ADDRESS")]
        source: Option<String>,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["policies"]);
        let at = |policy: &str| At::path(&["policies", policy]);
        match self {
            Self::List { listing } => {
                client.show_list(&client.get(&listing.of(all))?, &[("NAME", "name"), ("ID", "id")])?;
            }
            Self::Show { policy } => client.show(&client.get(&at(&policy))?)?,
            Self::Applied { policy } => {
                let found = client.get(&At::path(&["policies", &policy, "applied"]))?;
                client.show_list(&found, &[("KIND", "kind"), ("NAME", "name")])?;
            }
            Self::Create { name, sections_file } => {
                let fields =
                    Fields::default().with("name", Some(name)).with("sections", sections(sections_file)?);
                client.show(&client.post(&all, &fields.json())?)?;
            }
            Self::Update { policy, name, sections_file } => {
                let fields = Fields::default().with("name", name).with("sections", sections(sections_file)?);
                client.show(&client.patch(&at(&policy), &fields.json())?)?;
            }
            Self::Delete { policy } => {
                client.say(&client.delete(&at(&policy))?, &format!("{policy} is deleted"))?;
            }
            Self::Effective { user, application, device, source } => {
                let asked = At::path(&["users", &user, "effective-policy"])
                    .with("application", application)
                    .with("device", device)
                    .with("source", source);
                client.show(&client.get(&asked)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn sections(file: Option<PathBuf>) -> anyhow::Result<Option<Value>> {
    let Some(file) = file else { return Ok(None) };
    serde_json::from_slice(&input::file(&file)?).map(Some).context("the file is no JSON")
}
