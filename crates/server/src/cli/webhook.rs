//! `sallyport webhook`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{
    client::{At, Client},
    input::Fields,
    listing::{Listing, Part},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List webhooks in order of names
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a webhook, by id or name, and how it stands
    Show { webhook: String },
    /// Make a webhook; the secret it signs with is shown this once
    Create {
        #[arg(long)]
        name: String,
        /// Where it is told: `https://…`, or `http://` to an internal address that the configuration lists
        #[arg(long, value_name = "URL")]
        address: String,
        /// What it is told of, such as user or sign_in.denied; of everything without any; may be repeated
        #[arg(long = "kind", value_name = "KIND")]
        kinds: Vec<String>,
    },
    /// Change a webhook; what is not given stays
    Update {
        webhook: String,
        #[arg(long)]
        name: Option<String>,
        /// Where it is told
        #[arg(long, value_name = "URL")]
        address: Option<String>,
        /// All that it is told of; may be repeated
        #[arg(long = "kind", value_name = "KIND", conflicts_with = "everything")]
        kinds: Vec<String>,
        /// Tell it of everything
        #[arg(long)]
        everything: bool,
    },
    /// Switch a webhook on; it goes on where it stopped
    Enable { webhook: String },
    /// Switch a webhook off; what happens is kept for it for a week
    Disable { webhook: String },
    /// Make another secret, shown this once; for a day the former one signs as well
    Rotate { webhook: String },
    /// Send an event of the kind webhook.test now, and say what came of it
    Test { webhook: String },
    /// List what a webhook was told, the newest first, and what came of it
    Deliveries {
        webhook: String,
        #[command(flatten)]
        part: Part,
    },
    /// Show a delivery, with what is sent
    ShowDelivery { webhook: String, delivery: String },
    /// Make a delivery once more, or one that waits now
    Redeliver { webhook: String, delivery: String },
    /// Delete a webhook with what it was told
    Delete { webhook: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["webhooks"]);
        let at = |webhook: &str| At::path(&["webhooks", webhook]);
        let below = |webhook: &str, what: &str| At::path(&["webhooks", webhook, what]);
        let patch = |webhook: &str, fields: Fields| client.show(&client.patch(&at(webhook), &fields.json())?);
        match self {
            Self::List { listing } => {
                let columns = [("NAME", "name"), ("URL", "url"), ("ON", "enabled"), ("ID", "id")];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Show { webhook } => client.show(&client.get(&at(&webhook))?)?,
            Self::Create { name, address, kinds } => {
                let body = json!({ "name": name, "url": address, "kinds": kinds });
                client.show(&client.post(&all, &body)?)?;
            }
            Self::Update { webhook, name, address, kinds, everything } => patch(
                &webhook,
                Fields::default()
                    .with("name", name)
                    .with("url", address)
                    .with_list("kinds", kinds)
                    .with_none("kinds", everything, json!([])),
            )?,
            Self::Enable { webhook } => patch(&webhook, Fields::default().with("enabled", Some(true)))?,
            Self::Disable { webhook } => patch(&webhook, Fields::default().with("enabled", Some(false)))?,
            Self::Rotate { webhook } => client.show(&client.post_nothing(&below(&webhook, "rotate"))?)?,
            Self::Test { webhook } => client.show(&client.post_nothing(&below(&webhook, "test"))?)?,
            Self::Deliveries { webhook, part } => {
                let columns = [
                    ("KIND", "kind"),
                    ("ABOUT", "subject"),
                    ("STATE", "state"),
                    ("TRIES", "tries"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&part.of(below(&webhook, "deliveries")))?, &columns)?;
            }
            Self::ShowDelivery { webhook, delivery } => {
                client.show(&client.get(&At::path(&["webhooks", &webhook, "deliveries", &delivery]))?)?;
            }
            Self::Redeliver { webhook, delivery } => {
                let at = At::path(&["webhooks", &webhook, "deliveries", &delivery, "redeliver"]);
                client.say(
                    &client.post_nothing(&at)?,
                    "it is on its way; `deliveries` shows what came of it",
                )?;
            }
            Self::Delete { webhook } => {
                client.say(&client.delete(&at(&webhook))?, &format!("{webhook} is deleted"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
