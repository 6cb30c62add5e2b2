//! `sallyport access-rule`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Subcommand;
use sallyport_model::Time;
use serde_json::Value;

use super::{
    client::{At, Client},
    input::{self, Fields},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List access rules in order of names
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only those that are off, dry_run or on
        #[arg(long)]
        state: Option<String>,
    },
    /// Show an access rule, by id or name
    Show { rule: String },
    /// Write an access rule; it runs dry unless a mode is given
    Create {
        #[arg(long)]
        name: String,
        /// Why it is there
        #[arg(long)]
        note: Option<String>,
        /// `off`, `dry_run` or `on`
        #[arg(long)]
        mode: Option<String>,
        /// File with what it says as JSON, as `show --json` prints it under `says`; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        rule_file: PathBuf,
    },
    /// Rename an access rule, switch it on or off, or replace what it says
    Update {
        rule: String,
        #[arg(long)]
        name: Option<String>,
        /// Why it is there
        #[arg(long)]
        note: Option<String>,
        /// `off`, `dry_run` or `on`
        #[arg(long)]
        mode: Option<String>,
        /// File with all that it says as JSON; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        rule_file: Option<PathBuf>,
    },
    /// Delete an access rule; its history stays
    Delete { rule: String },
    /// Show whose sign-ins of the last thirty days a change would have ended differently; nothing is changed
    Preview {
        /// The rule that would change; without it, a new one
        #[arg(required_unless_present = "rule_file")]
        rule: Option<String>,
        /// As if it were deleted
        #[arg(long, requires = "rule", conflicts_with_all = ["mode", "rule_file"])]
        delete: bool,
        /// As if it were `off`, `dry_run` or `on`
        #[arg(long)]
        mode: Option<String>,
        /// File with all that it would say as JSON; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        rule_file: Option<PathBuf>,
    },
    /// Show what would happen to a user, and why, rule by rule
    WhatIf {
        user: String,
        /// At `user`, `admin` or `api`; without it and what follows, at the user portal
        #[arg(long, conflicts_with_all = ["application", "device"])]
        portal: Option<String>,
        /// At this application
        #[arg(long, conflicts_with = "device")]
        application: Option<String>,
        /// At a login at this device
        #[arg(long)]
        device: Option<String>,
        /// From this IP address
        #[arg(long, value_name = "ADDRESS")]
        source: Option<String>,
        /// From this country, in place of the one that is known of the address
        #[arg(long)]
        country: Option<String>,
        /// From a network that hides who uses it, or from another, in place of what is known of the address
        #[arg(long, value_name = "TRUE|FALSE")]
        anonymous: Option<bool>,
        /// On this device, as if it were known
        #[arg(long, value_name = "DEVICE")]
        on_device: Option<String>,
        /// At this time, such as `2030-12-31T18:00Z`
        #[arg(long, value_name = "TIME")]
        at: Option<Time>,
    },
    /// List the versions of an access rule, the newest first; by its id of one that is deleted too
    History { rule: String },
    /// Bring an access rule back as it was, which is a new change
    Return {
        rule: String,
        /// The number of the change, as the history lists it
        change: i64,
    },
    /// Show what the expression of an access rule can ask about
    Schema,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["access-rules"]);
        let at = |rule: &str| At::path(&["access-rules", rule]);
        match self {
            Self::List { listing, state } => {
                let found = client.get(&listing.of(all).with("state", state))?;
                client.show_list(
                    &found,
                    &[("NAME", "name"), ("MODE", "mode"), ("NOTE", "note"), ("ID", "id")],
                )?;
            }
            Self::Show { rule } => client.show(&client.get(&at(&rule))?)?,
            Self::Create { name, note, mode, rule_file } => {
                let fields = Fields::default().with("name", Some(name)).with("note", note).with("mode", mode);
                let fields = fields.with("says", Some(says(&rule_file)?));
                client.show(&client.post(&all, &fields.json())?)?;
            }
            Self::Update { rule, name, note, mode, rule_file } => {
                let fields = Fields::default().with("name", name).with("note", note).with("mode", mode);
                let fields = fields.with("says", rule_file.as_deref().map(says).transpose()?);
                client.show(&client.patch(&at(&rule), &fields.json())?)?;
            }
            Self::Delete { rule } => {
                client.say(&client.delete(&at(&rule))?, &format!("{rule} is deleted"))?
            }
            Self::Preview { rule, delete, mode, rule_file } => {
                let id = match &rule {
                    Some(rule) => client.get(&at(rule))?.get("id").cloned(),
                    None => None,
                };
                let says = rule_file.as_deref().map(says).transpose()?;
                let fields = Fields::default().with("rule", id).with_flag("delete", delete);
                let fields = fields.with("mode", mode).with("says", says);
                client.show(&client.post(&At::path(&["access-rules", "preview"]), &fields.json())?)?;
            }
            Self::WhatIf { user, portal, application, device, source, country, anonymous, on_device, at } => {
                let asked = At::path(&["users", &user, "what-if"])
                    .with("portal", portal)
                    .with("application", application)
                    .with("device", device)
                    .with("source", source)
                    .with("country", country)
                    .with("anonymous", anonymous)
                    .with("on_device", on_device)
                    .with("at", at.map(|at| at.0));
                client.show(&client.get(&asked)?)?;
            }
            Self::History { rule } => {
                let found = client.get(&At::path(&["access-rules", &rule, "history"]))?;
                let columns = [("CHANGE", "change"), ("AT", "at"), ("BY", "by"), ("VERB", "verb")];
                client.show_list(&found, &columns)?;
            }
            Self::Return { rule, change } => {
                let fields = Fields::default().with("change", Some(change));
                client.show(&client.post(&At::path(&["access-rules", &rule, "return"]), &fields.json())?)?;
            }
            Self::Schema => client.show(&client.get(&At::path(&["access-rules", "schema"]))?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn says(file: &Path) -> anyhow::Result<Value> {
    serde_json::from_slice(&input::file(file)?).context("the file is no JSON")
}
