//! `sallyport user`.

mod about;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::{
    bulk,
    client::{At, Client},
    input::{self, Fields},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List users in order of names
    List {
        #[command(flatten)]
        listing: Listing,
        /// Only those that are staged, active or suspended
        #[arg(long)]
        state: Option<String>,
    },
    /// Show a user
    Show { user: String },
    /// Create a user
    Create(Create),
    /// Change a user; what is not given stays
    Update(Update),
    /// Delete a staged user
    Delete { user: String },
    /// Let a user in
    Activate { user: String },
    /// Shut a user out everywhere
    Suspend { user: String },
    /// Lock a user's password: no first door opens for them
    LockPassword { user: String },
    /// Take the lock off a user's password
    Unlock { user: String },
    /// Set a user's password
    SetPassword {
        user: String,
        /// File with the password in its first line; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        password_file: PathBuf,
    },
    /// Set a user's administrator roles; none takes them away
    SetRoles {
        user: String,
        /// owner, administrator, help_desk, auditor or command_runner; may be repeated
        #[arg(long = "role")]
        roles: Vec<String>,
    },
    #[command(flatten)]
    About(about::Verb),
    /// Do the same to many users; one that is refused is left out with the reason
    Bulk(bulk::Users),
    /// Create and update users from a CSV file
    Import {
        /// `-` reads standard input
        file: PathBuf,
        /// Say row by row what would happen, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args)]
pub(crate) struct Create {
    /// User name
    name: String,
    #[command(flatten)]
    about: About,
    /// Unix user number; the next free one if not given
    #[arg(long)]
    uid: Option<u32>,
    /// Number of the primary group, this user's alone; the user number if not given
    #[arg(long)]
    gid: Option<u32>,
    /// Id or name of the manager
    #[arg(long)]
    manager: Option<String>,
    /// `administrator` or `standard` on every device the user is bound to
    #[arg(long)]
    device_right: Option<String>,
    /// Let the user in at once
    #[arg(long)]
    active: bool,
}

#[derive(Args)]
pub(crate) struct Update {
    user: String,
    #[command(flatten)]
    about: About,
    /// Take all further names away
    #[arg(long, conflicts_with = "aliases")]
    no_aliases: bool,
    /// Take all mail addresses away
    #[arg(long, conflicts_with = "mails")]
    no_mails: bool,
    /// Take all telephone numbers away
    #[arg(long, conflicts_with = "phones")]
    no_phones: bool,
    /// Take all SSH keys away
    #[arg(long, conflicts_with = "ssh_keys")]
    no_ssh_keys: bool,
    /// Id or name of the manager
    #[arg(long, conflicts_with = "no_manager")]
    manager: Option<String>,
    #[arg(long)]
    no_manager: bool,
    /// `administrator` or `standard` on every device the user is bound to
    #[arg(long, conflicts_with = "no_device_right")]
    device_right: Option<String>,
    #[arg(long)]
    no_device_right: bool,
}

#[derive(Args)]
pub(crate) struct About {
    #[arg(long)]
    display_name: Option<String>,
    /// Further name to sign in with; may be repeated
    #[arg(long = "alias")]
    aliases: Vec<String>,
    /// Mail address; may be repeated
    #[arg(long = "mail")]
    mails: Vec<String>,
    /// Telephone number such as +441632960000; may be repeated
    #[arg(long = "phone")]
    phones: Vec<String>,
    /// SSH public key; may be repeated
    #[arg(long = "ssh-key")]
    ssh_keys: Vec<String>,
    /// First name
    #[arg(long)]
    given_name: Option<String>,
    /// Last name
    #[arg(long)]
    family_name: Option<String>,
    /// Words for administrators to read
    #[arg(long)]
    notes: Option<String>,
    /// Further fact, as NAME=VALUE; may be repeated, and all of them are given
    #[arg(long = "attribute", value_name = "NAME=VALUE")]
    attributes: Vec<String>,
    /// Login shell
    #[arg(long)]
    shell: Option<String>,
    /// Where devices make the home; those that have made one keep it
    #[arg(long)]
    home: Option<String>,
}

impl About {
    fn fields(mut self) -> anyhow::Result<Fields> {
        let about = self.about()?;
        Ok(Fields::default()
            .with("about", about)
            .with("display_name", self.display_name)
            .with_list("aliases", self.aliases)
            .with_list("mails", self.mails)
            .with_list("phones", self.phones)
            .with_list("ssh_keys", self.ssh_keys)
            .with("shell", self.shell)
            .with("home", self.home))
    }

    /// What is told about the person, if anything is.
    fn about(&mut self) -> anyhow::Result<Option<Value>> {
        let mut attributes = Map::new();
        for given in std::mem::take(&mut self.attributes) {
            let (name, value) = given.split_once('=').context("a further fact is given as NAME=VALUE")?;
            attributes.insert(name.to_owned(), json!(value));
        }
        let attributes = Some(attributes).filter(|all| !all.is_empty()).map(Value::Object);
        let text = |given: &mut Option<String>| given.take().map(Value::String);
        let told = [
            ("given_name", text(&mut self.given_name)),
            ("family_name", text(&mut self.family_name)),
            ("notes", text(&mut self.notes)),
            ("attributes", attributes),
        ];
        let told: Map<String, Value> =
            told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        Ok(Some(told).filter(|told| !told.is_empty()).map(Value::Object))
    }
}

fn at(user: &str) -> At {
    At::path(&["users", user])
}

fn below(user: &str, what: &str) -> At {
    At::path(&["users", user, what])
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { listing, state } => {
                let users = client.get(&listing.of(At::path(&["users"])).with("state", state))?;
                client.show_list(
                    &users,
                    &[
                        ("NAME", "name"),
                        ("DISPLAY NAME", "display_name"),
                        ("STATE", "state"),
                        ("PASSWORD", "password_status"),
                        ("ROLES", "roles"),
                        ("UID", "posix.uid"),
                        ("ID", "id"),
                    ],
                )?;
            }
            Self::Show { user } => client.show(&client.get(&at(&user))?)?,
            Self::Create(create) => create.run(client)?,
            Self::Update(update) => update.run(client)?,
            Self::Delete { user } => {
                client.say(&client.delete(&at(&user))?, &format!("{user} is deleted"))?
            }
            Self::Activate { user } => act(client, &user, "activate", "is active")?,
            Self::Suspend { user } => act(client, &user, "suspend", "is suspended")?,
            Self::LockPassword { user } => act(client, &user, "lock-password", "has a locked password")?,
            Self::Unlock { user } => act(client, &user, "unlock", "is unlocked")?,
            Self::SetPassword { user, password_file } => {
                let password = crate::setup::read_secret_line(&password_file)?;
                let answer = client.put(&below(&user, "password"), &json!({ "password": password }))?;
                client.say(&answer, &format!("{user} has a new password"))?;
            }
            Self::SetRoles { user, roles } => {
                let answer = client.put(&below(&user, "roles"), &json!({ "roles": roles }))?;
                client.say(&answer, &format!("{user} has the roles: {}", roles.join(", ")))?;
            }
            Self::Import { file, dry_run } => import(client, &file, dry_run)?,
            Self::About(verb) => verb.run(client)?,
            Self::Bulk(many) => many.run(client)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Create {
    fn run(self, client: &Client) -> anyhow::Result<()> {
        let fields = self.about.fields()?.with("name", Some(self.name)).with("uid", self.uid);
        let fields = fields
            .with("gid", self.gid)
            .with("manager", self.manager)
            .with("device_right", self.device_right);
        client.show(&client.post(&At::path(&["users"]), &fields.with_flag("active", self.active).json())?)
    }
}

impl Update {
    fn run(self, client: &Client) -> anyhow::Result<()> {
        let none = |set: bool| set.then_some(Value::Null);
        let fields = self
            .about
            .fields()?
            .with_none("aliases", self.no_aliases, json!([]))
            .with_none("mails", self.no_mails, json!([]))
            .with_none("phones", self.no_phones, json!([]))
            .with_none("ssh_keys", self.no_ssh_keys, json!([]))
            .with("manager", self.manager)
            .with("manager", none(self.no_manager))
            .with("device_right", self.device_right)
            .with("device_right", none(self.no_device_right));
        client.show(&client.patch(&at(&self.user), &fields.json())?)
    }
}

fn act(client: &Client, user: &str, verb: &str, done: &str) -> anyhow::Result<()> {
    client.say(&client.post_nothing(&below(user, verb))?, &format!("{user} {done}"))
}

fn import(client: &Client, file: &std::path::Path, dry_run: bool) -> anyhow::Result<()> {
    let at = At::path(&["users", "import"]).with("dry_run", dry_run.then_some(true));
    let report = client.post_csv(&at, input::file(file)?)?;
    super::import::show(client, &report, dry_run)
}
