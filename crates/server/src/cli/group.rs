//! `sallyport group`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
    listing::{Listing, Part},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List groups in order of names
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only groups of `users` or of `devices`
        #[arg(long)]
        kind: Option<String>,
    },
    /// Show a group
    Show { group: String },
    /// Create an empty group
    Create {
        #[arg(long)]
        name: String,
        /// What it holds: `users` or `devices`
        #[arg(long)]
        kind: String,
        #[arg(long)]
        description: Option<String>,
    },
    /// Rename or describe a group
    Update {
        group: String,
        #[arg(long)]
        name: Option<String>,
        #[arg(long)]
        description: Option<String>,
    },
    /// Say how people log in at the devices of a group; what is not given stays, or begins as the organisation has it
    LoginSettings {
        group: String,
        #[command(flatten)]
        login: GivenLogin,
    },
    /// Delete a group with its memberships and bindings
    Delete { group: String },
    /// List the members of a group
    Members {
        group: String,
        /// Users or devices that are in it through other groups too
        #[arg(long)]
        effective: bool,
        #[command(flatten)]
        part: Part,
    },
    /// Add a member to a group
    AddMember {
        group: String,
        #[command(flatten)]
        member: Member,
    },
    /// Take a member out of a group
    RemoveMember {
        group: String,
        /// Id of the member
        member: String,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Member {
    /// Id or name of a user
    #[arg(long)]
    user: Option<String>,
    /// Id or name of a device
    #[arg(long)]
    device: Option<String>,
    /// Id or name of a group
    #[arg(long = "group")]
    inner: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct GivenLogin {
    /// Take the group's own settings away: the organisation's hold again
    #[arg(long, conflicts_with_all = ["services", "asked", "everybody", "auto_push", "prompts", "ssh_keys", "fail_mode"])]
    use_organization: bool,
    /// PAM service that the second door stands in front of; may be repeated
    #[arg(long = "service")]
    services: Vec<String>,
    /// Id or name of a group of users who are asked for the second door; may be repeated
    #[arg(long = "asked-group")]
    asked: Vec<String>,
    /// Ask everybody
    #[arg(long, conflicts_with = "asked")]
    everybody: bool,
    /// Whether to push without asking first, to those who have a factor that can be pushed
    #[arg(long)]
    auto_push: Option<bool>,
    /// How many wrong answers one login may give
    #[arg(long)]
    prompts: Option<u8>,
    /// What a key is worth to the ssh server: `key_and_second_door` or `key_alone`
    #[arg(long)]
    ssh_keys: Option<String>,
    /// Without the server: `closed`, or `open` to standard users in front of a device without a network
    #[arg(long)]
    fail_mode: Option<String>,
}

impl GivenLogin {
    fn json(self) -> Value {
        if self.use_organization {
            return json!({ "device_login": null });
        }
        // No group at all is everybody.
        let asked = (self.everybody || !self.asked.is_empty()).then_some(self.asked);
        let fields = Fields::default()
            .with_list("services", self.services)
            .with("groups", asked)
            .with("auto_push", self.auto_push)
            .with("prompts", self.prompts)
            .with("ssh_keys", self.ssh_keys)
            .with("fail_mode", self.fail_mode);
        json!({ "device_login": fields.json() })
    }
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["groups"]);
        match self {
            Self::List { listing, kind } => {
                let columns =
                    [("NAME", "name"), ("KIND", "kind"), ("DESCRIPTION", "description"), ("ID", "id")];
                client.show_list(&client.get(&listing.of(all).with("state", kind))?, &columns)?;
            }
            Self::Show { group } => client.show(&client.get(&At::path(&["groups", &group]))?)?,
            Self::Create { name, kind, description } => {
                let fields = Fields::default().with("name", Some(name)).with("kind", Some(kind));
                client.show(&client.post(&all, &fields.with("description", description).json())?)?;
            }
            Self::Update { group, name, description } => {
                let fields = Fields::default().with("name", name).with("description", description);
                client.show(&client.patch(&At::path(&["groups", &group]), &fields.json())?)?;
            }
            Self::LoginSettings { group, login } => {
                client.show(&client.patch(&At::path(&["groups", &group]), &login.json())?)?;
            }
            Self::Delete { group } => {
                client
                    .say(&client.delete(&At::path(&["groups", &group]))?, &format!("{group} is deleted"))?;
            }
            Self::Members { group, effective, part } => {
                let at =
                    At::path(&["groups", &group, "members"]).with("effective", effective.then_some(true));
                let columns = [("NAME", "name"), ("WHAT", "kind"), ("STATE", "state"), ("ID", "id")];
                client.show_list(&client.get(&part.of(at))?, &columns)?;
            }
            Self::AddMember { group, member } => {
                let fields = Fields::default().with("user", member.user).with("device", member.device);
                let body = fields.with("group", member.inner).json();
                let answer = client.post(&At::path(&["groups", &group, "members"]), &body)?;
                client.say(&answer, "the member is added")?;
            }
            Self::RemoveMember { group, member } => {
                let answer = client.delete(&At::path(&["groups", &group, "members", &member]))?;
                client.say(&answer, "the member is taken out")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
