//! `sallyport user bulk` and `sallyport device bulk`: the same for many, looked at first with `--dry-run`.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
};

/// What is done to many users.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum UserAction {
    Activate,
    AddToGroup,
    /// Staged users alone
    Delete,
    EndSessions,
    RemoveFromGroup,
    Suspend,
}

/// What is done to many devices.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DeviceAction {
    AddToGroup,
    Admit,
    RemoveFromGroup,
    Revoke,
    /// Run a command
    Run,
}

#[derive(Debug, Args)]
pub(crate) struct Users {
    action: UserAction,
    /// Id or name; may be repeated
    #[arg(long = "user")]
    users: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Instead of names: only those with this role, or `any`
    #[arg(long)]
    role: Option<String>,
    /// Instead of names: only those who have a factor, or have none
    #[arg(long)]
    has_factor: Option<bool>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
pub(crate) struct Devices {
    action: DeviceAction,
    /// Id or name; may be repeated
    #[arg(long = "device")]
    devices: Vec<String>,
    #[command(flatten)]
    filter: Filter,
    /// Instead of names: only those of this system, linux, macos or windows
    #[arg(long)]
    platform: Option<String>,
    /// The command that they run
    #[arg(long)]
    command: Option<String>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct Filter {
    /// Instead of names: all there are
    #[arg(long)]
    all: bool,
    /// Instead of names: only those in which this occurs
    #[arg(long)]
    text: Option<String>,
    /// Instead of names: only those in this state
    #[arg(long)]
    state: Option<String>,
    /// Instead of names: only those in this group
    #[arg(long)]
    in_group: Option<String>,
}

#[derive(Debug, Args)]
struct How {
    /// The group that they are added to or removed from
    #[arg(long)]
    group: Option<String>,
    /// Say for each what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Filter {
    /// What is asked for, with these fields besides; nothing where nothing is.
    fn with(self, more: Fields) -> Option<Value> {
        let fields = more.with("text", self.text).with("state", self.state).with("group", self.in_group);
        let fields = fields.json();
        let asks = self.all || fields.as_object().is_some_and(|fields| !fields.is_empty());
        asks.then_some(fields)
    }
}

impl Users {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        let more = Fields::default().with("role", self.role).with("has_factor", self.has_factor);
        let body = json!({ "users": self.users, "filter": self.filter.with(more), "group": self.how.group });
        post(client, "users", word(self.action), &body, self.how.dry_run)
    }
}

impl Devices {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        let filter = self.filter.with(Fields::default().with("platform", self.platform));
        let body = json!({
            "devices": self.devices, "filter": filter, "group": self.how.group, "command": self.command,
        });
        post(client, "devices", word(self.action), &body, self.how.dry_run)
    }
}

fn word(action: impl ValueEnum) -> String {
    action.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn post(client: &Client, noun: &str, action: String, body: &Value, dry_run: bool) -> anyhow::Result<()> {
    let at = At::path(&[noun, "bulk", &action]).with("dry_run", dry_run.then_some("true"));
    let report = client.post(&at, body)?;
    if client.json {
        return client.show(&report);
    }
    let rows = json!({ "items": report.get("rows") });
    client
        .show_list(&rows, &[("NAME", "name"), ("OUTCOME", "outcome"), ("DETAIL", "detail"), ("ID", "id")])?;
    let count = |name| report.get(name).and_then(Value::as_u64).unwrap_or_default();
    let what = if dry_run { "would be " } else { "" };
    crate::print(&format!("\n{} {what}done, {} {what}left out", count("done"), count("left_out")));
    Ok(())
}
