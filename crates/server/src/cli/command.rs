//! `sallyport command`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    client::{At, Client},
    input::{self, Fields},
    listing::Listing,
    run,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List commands in order of names
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only those that run by hand (`manual`) or by themselves (`on_enrollment`)
        #[arg(long)]
        trigger: Option<String>,
    },
    /// Show a command
    Show { command: String },
    /// Create a command
    Create {
        #[arg(long)]
        name: String,
        #[command(flatten)]
        about: About,
    },
    /// Change a command; what is not given stays
    Update {
        command: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        about: About,
        /// Run by hand only
        #[arg(long, conflicts_with = "on_enrollment")]
        manual: bool,
        #[command(flatten)]
        cleared: Cleared,
    },
    /// Delete a command and withdraw its queued runs
    Delete { command: String },
    /// Run a command now
    Run(Launch),
}

#[derive(Args)]
pub(crate) struct About {
    /// What it does, as text
    #[arg(long, conflicts_with = "body_file")]
    body: Option<String>,
    /// What it does, in a file; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// sh, bash, powershell or cmd; sh if not given
    #[arg(long)]
    interpreter: Option<String>,
    /// The local account it runs as; root if not given
    #[arg(long, value_name = "ACCOUNT")]
    run_as: Option<String>,
    /// Seconds until it is stopped; 600 if not given
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// NAME=VALUE; may be repeated
    #[arg(long = "env", value_name = "NAME=VALUE")]
    environment: Vec<String>,
    /// Run it once on every device that enrols into the targets
    #[arg(long)]
    on_enrollment: bool,
    /// With --on-enrollment: run it on the devices that are there already, too
    #[arg(long)]
    run_on_present: bool,
    /// Id or name of a device it is meant for; may be repeated
    #[arg(long = "device")]
    devices: Vec<String>,
    /// Id or name of a group of devices it is meant for; may be repeated
    #[arg(long = "group")]
    groups: Vec<String>,
}

/// What a command is to have none of any more.
#[derive(Args)]
pub(crate) struct Cleared {
    /// Take all variables of the environment away
    #[arg(long, conflicts_with = "environment")]
    no_env: bool,
    /// Take all devices from the targets
    #[arg(long, conflicts_with = "devices")]
    no_devices: bool,
    /// Take all groups from the targets
    #[arg(long, conflicts_with = "groups")]
    no_groups: bool,
}

#[derive(Args)]
pub(crate) struct Launch {
    command: String,
    /// Id or name of a device; may be repeated. Without devices and groups it runs on its own targets
    #[arg(long = "device")]
    devices: Vec<String>,
    /// Id or name of a group of devices; may be repeated
    #[arg(long = "group")]
    groups: Vec<String>,
    /// How long runs wait for devices that are away; 24 if not given
    #[arg(long)]
    expires_in_hours: Option<u32>,
    /// Print what it prints until all runs have ended; fails if one of them did
    #[arg(long)]
    follow: bool,
}

impl About {
    fn fields(self) -> anyhow::Result<Fields> {
        let body = match self.body_file {
            Some(file) => Some(input::text(&file)?),
            None => self.body,
        };
        Ok(Fields::default()
            .with("body", body)
            .with("interpreter", self.interpreter)
            .with("run_as", self.run_as)
            .with("timeout_seconds", self.timeout)
            .with("environment", environment(&self.environment)?)
            .with("trigger", self.on_enrollment.then_some("on_enrollment"))
            .with_flag("run_on_present", self.run_on_present)
            .with_list("devices", self.devices)
            .with_list("groups", self.groups))
    }
}

fn environment(given: &[String]) -> anyhow::Result<Option<Map<String, Value>>> {
    let mut variables = Map::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else { bail!("`{pair}` is not NAME=VALUE") };
        variables.insert(name.to_owned(), value.into());
    }
    Ok((!variables.is_empty()).then_some(variables))
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["commands"]);
        let at = |command: &str| At::path(&["commands", command]);
        match self {
            Self::List { listing, trigger } => {
                let columns = [
                    ("NAME", "name"),
                    ("TRIGGER", "trigger"),
                    ("INTERPRETER", "interpreter"),
                    ("RUN AS", "run_as"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all).with("trigger", trigger))?, &columns)?;
            }
            Self::Show { command } => client.show(&client.get(&at(&command))?)?,
            Self::Create { name, about } => {
                let interpreter = about.interpreter.clone().unwrap_or_else(|| "sh".into());
                let fields = about.fields()?.with("name", Some(name)).with("interpreter", Some(interpreter));
                client.show(&client.post(&all, &fields.json())?)?;
            }
            Self::Update { command, name, about, manual, cleared } => {
                let fields = about
                    .fields()?
                    .with("name", name)
                    .with("trigger", manual.then_some("manual"))
                    .with_none("environment", cleared.no_env, json!({}))
                    .with_none("devices", cleared.no_devices, json!([]))
                    .with_none("groups", cleared.no_groups, json!([]));
                client.show(&client.patch(&at(&command), &fields.json())?)?;
            }
            Self::Delete { command } => {
                client.say(&client.delete(&at(&command))?, &format!("{command} is deleted"))?;
            }
            Self::Run(launch) => return launch.run(client),
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Launch {
    fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let fields = Fields::default()
            .with_list("devices", self.devices)
            .with_list("groups", self.groups)
            .with("expires_in_hours", self.expires_in_hours);
        let runs = client.post(&At::path(&["commands", &self.command, "launch"]), &fields.json())?;
        if !self.follow {
            client.show_list(&runs, &run::COLUMNS)?;
            return Ok(ExitCode::SUCCESS);
        }
        let items = runs.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let ids: Vec<&str> = items.iter().filter_map(|run| run.get("id").and_then(Value::as_str)).collect();
        run::follow(client, &ids)
    }
}
