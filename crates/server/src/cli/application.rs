//! `sallyport application`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use data_encoding::BASE64;
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::{self, Fields},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List applications in order of names
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show an application, by id, name or integration key
    Show { application: String },
    /// Create an application; its secret key is shown this once
    Create {
        /// `oidc`: it has people signed in by OpenID Connect or OAuth 2; `saml`: by SAML 2.0; `duo-auth-api`: it asks for the second door by Duo's Auth API or Web SDK; `duo-admin-api`: it looks after the
        /// directory by Duo's Admin API, as far as it is granted with `update`
        #[arg(long = "type", value_name = "TYPE", required_unless_present_any = ["from", "link", "origins"])]
        kind: Option<String>,
        /// What people see; of the catalogue, its own name if none is given
        #[arg(long, required_unless_present = "from")]
        name: Option<String>,
        /// Id of an entry of the catalogue to make it of
        #[arg(long, value_name = "ID", conflicts_with_all = ["kind", "link"])]
        from: Option<String>,
        /// An answer to a question of that entry; may be repeated
        #[arg(long = "answer", value_name = "KEY=VALUE", requires = "from")]
        answers: Vec<String>,
        /// A bookmark that leads there
        #[arg(long, value_name = "URL")]
        link: Option<String>,
        /// An application behind a proxy, which people reach there: `https://host[:port]`; may be repeated
        #[arg(long = "origin", value_name = "URL", conflicts_with = "link")]
        origins: Vec<String>,
    },
    /// List the ready-made applications, or show one with what it asks
    Catalogue { entry: Option<String> },
    /// Say what is to be done at an application that the catalogue made, with the server's values filled in
    Instructions { application: String },
    /// Show what an application would be told about somebody
    Claims {
        application: String,
        /// A name, an alias or an id
        #[arg(long)]
        user: String,
    },
    /// Rename an application, or change what it may do
    Update(Box<Update>),
    /// Show which clients asked for an application in the last month, and which of them let people in while the server is away
    Clients { application: String },
    /// Let people in again
    Enable { application: String },
    /// Let nobody in
    Disable { application: String },
    /// Replace an application's secret key, which is shown this once
    Rotate { application: String },
    /// Take over what an application that asks by SAML says about itself in its metadata
    SamlMetadata {
        application: String,
        /// The file it publishes, or the address where it does, which is read from then on once a day; `-` for standard input
        file: PathBuf,
    },
    /// Have the SAML key that waits sign for an application from now on; the former one is void
    SamlRotate { application: String },
    /// Delete an application with its keys
    Delete { application: String },
}

/// What changes of an application.
#[derive(Args)]
pub(crate) struct Update {
    application: String,
    #[arg(long)]
    name: Option<String>,
    /// All the addresses browsers may be sent back to from the prompt of Duo's Web SDK; may be repeated
    #[arg(long = "redirect-uri", value_name = "URL", conflicts_with = "no_redirect_uri")]
    redirect_uris: Vec<String>,
    /// No address at all: the application may not use the prompt
    #[arg(long)]
    no_redirect_uri: bool,
    /// The name by which the application calls us, where it is not the server's own; without port
    #[arg(long, value_name = "NAME", conflicts_with = "no_api_host")]
    api_host: Option<String>,
    /// By the server's own name again
    #[arg(long)]
    no_api_host: bool,
    /// Whether signatures without a date are accepted at /rest/v1, as Debian's login-duo and libpam-duo make them
    #[arg(long, value_name = "BOOL")]
    accepts_undated: Option<bool>,
    /// Which spellings of a name are the same person: none, or simple, by which DOMAIN\user and user@domain are user
    #[arg(long, value_name = "HOW")]
    username_normalization: Option<String>,
    /// Id of the policy that holds here for everybody, over the organisation's
    #[arg(long, value_name = "ID", conflicts_with = "no_policies")]
    policy: Option<String>,
    /// Id of a group of users and of the policy that holds for its members here, as `GROUP=POLICY`; may be repeated, the
    /// first that holds for somebody first
    #[arg(long = "group-policy", value_name = "GROUP=POLICY", conflicts_with = "no_policies")]
    group_policies: Vec<String>,
    /// Apply no policy here but the organisation's
    #[arg(long)]
    no_policies: bool,
    /// Id of somebody who may use it; may be repeated. All who may are named together
    #[arg(long = "user", value_name = "ID", conflicts_with_all = ["everybody", "nobody"])]
    users: Vec<String>,
    /// Id of a group whose members may use it; may be repeated
    #[arg(long = "group", value_name = "ID", conflicts_with_all = ["everybody", "nobody"])]
    groups: Vec<String>,
    /// Everybody may use it
    #[arg(long, conflicts_with = "nobody")]
    everybody: bool,
    /// Nobody may use it
    #[arg(long)]
    nobody: bool,
    /// Where a bookmark leads
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// All the places where people reach an application behind a proxy; may be repeated
    #[arg(long = "origin", value_name = "URL")]
    origins: Vec<String>,
    /// An answer to a question of the entry of the catalogue that it was made of; may be repeated. All of them are given together
    #[arg(long = "answer", value_name = "KEY=VALUE")]
    answers: Vec<String>,
    /// Its logo: a file of PNG or WebP, at most 64 KiB
    #[arg(long, value_name = "FILE", conflicts_with = "no_logo")]
    logo: Option<PathBuf>,
    /// Without a logo of its own
    #[arg(long)]
    no_logo: bool,
    /// All of how it asks by OpenID Connect, as JSON from this file, or from standard input with `-`
    #[arg(long, value_name = "FILE")]
    oidc: Option<PathBuf>,
    /// All of how it asks by SAML, as JSON from this file, or from standard input with `-`
    #[arg(long, value_name = "FILE")]
    saml: Option<PathBuf>,
    /// All that an application of the Admin API may do, of read_resource, write_resource, read_log, info, integrations
    /// and settings; may be repeated
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
    /// Take all of that away
    #[arg(long, conflicts_with = "grants")]
    no_grants: bool,
}

impl Update {
    /// Of which application, and what is said about it.
    fn fields(self) -> anyhow::Result<(String, Fields)> {
        let fields = Fields::default()
            .with("name", self.name)
            .with("accepts_undated", self.accepts_undated)
            .with("username_normalization", self.username_normalization)
            .with_list("redirect_uris", self.redirect_uris)
            .with_none("redirect_uris", self.no_redirect_uri, json!([]))
            .with("api_host", self.api_host)
            .with_none("api_host", self.no_api_host, json!(""))
            .with("policies", applied(self.policy, &self.group_policies)?)
            .with_none("policies", self.no_policies, json!({}))
            .with("used_by", used_by(&self.users, &self.groups, self.nobody))
            .with_none("used_by", self.everybody, json!({ "kind": "everybody" }))
            .with("link", self.link)
            .with_list("origins", self.origins)
            .with("answers", (!self.answers.is_empty()).then(|| pairs(&self.answers)).transpose()?)
            .with(
                "logo",
                self.logo.map(|file| input::file(&file)).transpose()?.map(|bytes| BASE64.encode(&bytes)),
            )
            .with_none("logo", self.no_logo, json!(""))
            .with("oidc", self.oidc.map(|file| json_of(&file)).transpose()?)
            .with("saml", self.saml.map(|file| json_of(&file)).transpose()?)
            .with_list("grants", self.grants)
            .with_none("grants", self.no_grants, json!([]));
        Ok((self.application, fields))
    }
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["applications"]);
        let at = |application: &str| At::path(&["applications", application]);
        let patch =
            |application: &str, fields: Fields| client.show(&client.patch(&at(application), &fields.json())?);
        match self {
            Self::List { listing } => {
                let columns = [
                    ("NAME", "name"),
                    ("TYPE", "kind"),
                    ("IKEY", "ikey"),
                    ("HOST", "host"),
                    ("ENABLED", "enabled"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Show { application } => client.show(&client.get(&at(&application))?)?,
            Self::Create { kind, name, from, answers, link, origins } => {
                let answers = from.is_some().then(|| pairs(&answers)).transpose()?;
                let fields = Fields::default()
                    .with("type", kind)
                    .with("name", name)
                    .with("catalogue", from)
                    .with("answers", answers)
                    .with("link", link)
                    .with_list("origins", origins);
                client.show(&client.post(&all, &fields.json())?)?;
            }
            Self::Catalogue { entry } => catalogue(client, entry.as_deref())?,
            Self::Instructions { application } => {
                client.show(&client.get(&At::path(&["applications", &application, "instructions"]))?)?;
            }
            Self::Claims { application, user } => {
                let at = At::path(&["applications", &application, "claims"]).with("user", Some(user));
                client.show(&client.get(&at)?)?;
            }
            Self::Update(update) => {
                let (application, fields) = update.fields()?;
                patch(&application, fields)?;
            }
            Self::Clients { application } => {
                let columns = [
                    ("CLIENT", "name"),
                    ("MACHINE", "host"),
                    ("FAIL MODE", "fail_mode"),
                    ("FROM", "source"),
                    ("SEEN", "seen"),
                ];
                let at = At::path(&["applications", &application, "clients"]);
                client.show_list(&client.get(&at)?, &columns)?;
            }
            Self::Enable { application } => {
                patch(&application, Fields::default().with("enabled", Some(true)))?
            }
            Self::Disable { application } => {
                patch(&application, Fields::default().with("enabled", Some(false)))?
            }
            Self::Rotate { application } => {
                client.show(&client.post_nothing(&At::path(&["applications", &application, "rotate"]))?)?;
            }
            Self::SamlMetadata { application, file } => {
                let at = At::path(&["applications", &application, "saml", "metadata"]);
                let is_address = file.to_str().filter(|text| text.contains("://")).map(str::to_owned);
                let metadata = is_address.map_or_else(|| input::text(&file), Ok)?;
                let metadata = json!({ "metadata": metadata });
                client.show(&client.post(&at, &metadata)?)?;
            }
            Self::SamlRotate { application } => {
                let at = At::path(&["applications", &application, "saml", "rotate"]);
                client.show(&client.post_nothing(&at)?)?;
            }
            Self::Delete { application } => {
                client.say(&client.delete(&at(&application))?, &format!("{application} is deleted"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The policies of an application, if some were given: all of them.
fn applied(policy: Option<String>, groups: &[String]) -> anyhow::Result<Option<Value>> {
    if policy.is_none() && groups.is_empty() {
        return Ok(None);
    }
    let group = |given: &String| {
        let (group, policy) =
            given.split_once('=').context("a policy for a group is given as GROUP=POLICY")?;
        Ok(json!({ "group": group, "policy": policy }))
    };
    let groups = groups.iter().map(group).collect::<anyhow::Result<Vec<Value>>>()?;
    Ok(Some(json!({ "policy": policy, "groups": groups })))
}

/// Who may use it, where some are named or nobody is to.
fn used_by(users: &[String], groups: &[String], nobody: bool) -> Option<Value> {
    let named = nobody || !users.is_empty() || !groups.is_empty();
    named.then(|| json!({ "kind": "only", "users": users, "groups": groups }))
}

/// Answers to questions of the catalogue.
fn pairs(given: &[String]) -> anyhow::Result<Value> {
    let mut answers = serde_json::Map::new();
    for pair in given {
        let (key, answer) = pair.split_once('=').context("an answer is given as KEY=VALUE")?;
        answers.insert(key.to_owned(), answer.into());
    }
    Ok(Value::Object(answers))
}

/// What there is in the catalogue, or one entry of it.
fn catalogue(client: &Client, entry: Option<&str>) -> anyhow::Result<()> {
    let all = client.get(&At::path(&["catalogue"]))?;
    let Some(id) = entry else {
        let columns = [
            ("ID", "id"),
            ("NAME", "name"),
            ("PROTOCOL", "protocol"),
            ("CATEGORY", "category"),
            ("AVAILABLE", "available"),
        ];
        return client.show_list(&all, &columns);
    };
    let items = all.get("items").and_then(Value::as_array);
    let found = items.into_iter().flatten().find(|item| item.get("id").and_then(Value::as_str) == Some(id));
    client.show(found.with_context(|| format!("there is no entry of the catalogue `{id}`"))?)
}

/// What a file of JSON says.
fn json_of(file: &Path) -> anyhow::Result<Value> {
    serde_json::from_str(&input::text(file)?).with_context(|| format!("`{}` is no JSON", file.display()))
}
