//! `sallyport device`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    bulk,
    client::{At, Client},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List devices in order of names
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only those that are quarantined, active or revoked
        #[arg(long)]
        state: Option<String>,
    },
    /// Show a device, with how people log in there and where that comes from
    Show { device: String },
    /// Show how a device should look, how it looks, and the difference
    State { device: String },
    /// Give a device another name in the directory
    Rename { device: String, name: String },
    /// Let a device out of quarantine
    Admit { device: String },
    /// Refuse a device for ever
    Revoke { device: String },
    /// Forget a revoked device
    Delete { device: String },
    /// Do the same to many devices; one that is refused is left out with the reason
    Bulk(bulk::Devices),
    /// List the groups a device is in
    Groups { device: String },
    /// List the bindings that reach a device
    Bindings { device: String },
    /// Reveal the code that opens a login on the device when the server is gone
    BreakGlass { device: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = |device: &str| At::path(&["devices", device]);
        let below = |device: &str, what: &str| At::path(&["devices", device, what]);
        match self {
            Self::List { listing, state } => {
                let columns = [
                    ("NAME", "name"),
                    ("PLATFORM", "platform"),
                    ("STATE", "state"),
                    ("CREATED", "created"),
                    ("ID", "id"),
                ];
                client.show_list(
                    &client.get(&listing.of(At::path(&["devices"])).with("state", state))?,
                    &columns,
                )?;
            }
            Self::Show { device } => {
                let login = client.get(&below(&device, "login-settings"))?;
                show(client, client.get(&at(&device))?, &login)?;
            }
            Self::State { device } => show_state(client, &client.get(&below(&device, "state"))?)?,
            Self::Rename { device, name } => {
                client.show(&client.patch(&at(&device), &json!({ "name": name }))?)?;
            }
            Self::Admit { device } => {
                client
                    .say(&client.post_nothing(&below(&device, "admit"))?, &format!("{device} is active"))?;
            }
            Self::Revoke { device } => {
                client
                    .say(&client.post_nothing(&below(&device, "revoke"))?, &format!("{device} is revoked"))?;
            }
            Self::Delete { device } => {
                client.say(&client.delete(&at(&device))?, &format!("{device} is forgotten"))?;
            }
            Self::Bulk(many) => many.run(client)?,
            Self::Groups { device } => {
                let columns = [("NAME", "name"), ("DIRECT", "direct"), ("ID", "id")];
                client.show_list(&client.get(&below(&device, "groups"))?, &columns)?;
            }
            Self::Bindings { device } => {
                client.show_list(&client.get(&below(&device, "bindings"))?, &super::binding::COLUMNS)?;
            }
            Self::BreakGlass { device } => {
                let answer = client.post_nothing(&below(&device, "break-glass"))?;
                let code = answer.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
                client.say(&answer, &code)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(client: &Client, mut device: Value, login: &Value) -> anyhow::Result<()> {
    if let (true, Some(fields)) = (client.json, device.as_object_mut()) {
        fields.insert("login_settings".to_owned(), login.clone());
    }
    client.show(&device)?;
    if client.json {
        return Ok(());
    }
    crate::print("");
    let settings = ["services", "everybody", "groups", "prompts", "ssh_keys", "auto_push", "fail_mode"];
    let rows: Vec<Value> = settings.into_iter().flat_map(|name| rows(name, login.get(name))).collect();
    let columns = [("LOGIN SETTING", "setting"), ("VALUE", "value"), ("FROM", "from")];
    client.show_list(&json!({ "items": rows }), &columns)
}

/// A row for each value of a setting.
fn rows(setting: &str, found: Option<&Value>) -> Vec<Value> {
    let row = |sourced: &Value| {
        let part = |name: &str| sourced.get(name).unwrap_or(&Value::Null);
        let from: Vec<_> =
            part("from").as_array().into_iter().flatten().filter_map(|source| source.get("name")).collect();
        // A group is shown by its name.
        let value = part("value").get("name").unwrap_or(part("value"));
        json!({ "setting": setting, "value": value, "from": from })
    };
    match found {
        Some(Value::Array(items)) => items.iter().map(row).collect(),
        Some(one) => vec![row(one)],
        None => Vec::new(),
    }
}

fn show_state(client: &Client, state: &Value) -> anyhow::Result<()> {
    if client.json {
        return client.show(state);
    }
    let mut about = state.clone();
    if let Some(fields) = about.as_object_mut() {
        fields.remove("accounts");
    }
    client.show(&about)?;
    crate::print("");
    let accounts = json!({ "items": state.get("accounts") });
    client.show_list(
        &accounts,
        &[
            ("ACCOUNT", "name"),
            ("DIFFERENCE", "difference"),
            ("ACTUAL", "actual"),
            ("RIGHT", "desired.right.right"),
            ("SUSPENDED", "desired.suspended"),
            ("REASONS", "reasons"),
        ],
    )
}
