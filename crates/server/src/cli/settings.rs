//! `sallyport settings`.

mod factors;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use sallyport_model::Time;
use serde_json::{Value, json};

use self::factors::Factors;
use super::{
    client::{At, Client},
    input,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show the settings
    Show,
    /// Change settings; what is not given stays
    Update(Box<Update>),
    /// Replace the settings by a file, as `show --json` prints them
    Replace {
        /// `-` reads standard input
        file: PathBuf,
        /// Only say whom it would leave with nothing that opens the portal
        #[arg(long)]
        preview: bool,
    },
}

#[derive(Args)]
pub(crate) struct Update {
    /// Name of the organisation
    #[arg(long)]
    organization: Option<String>,
    /// Who is asked for the second door: `always`, `never`, or `groups` with --second-door-group
    #[arg(long)]
    second_door: Option<String>,
    /// Id of a group of users; may be repeated
    #[arg(long = "second-door-group")]
    second_door_groups: Vec<String>,
    #[command(flatten)]
    factors: Factors,
    /// Characters that a password has at least
    #[arg(long)]
    shortest_password: Option<u32>,
    /// Whether to refuse passwords that are on lists of common ones
    #[arg(long)]
    refuse_common_passwords: Option<bool>,
    /// Days after which a password expires; 0 for never
    #[arg(long)]
    password_days: Option<u32>,
    /// Days without a sign-in after which an account is dormant
    #[arg(long)]
    idle_days: Option<u32>,
    /// Whether a passkey that verifies who uses it opens both doors of the portal
    #[arg(long)]
    passkey_instead_of_password: Option<bool>,
    /// Whether a passkey counts only where it verifies who uses it, at the second door too
    #[arg(long)]
    passkey_always_verified: Option<bool>,
    /// Whether codes of clocks that are a step ahead are taken, and hardware tokens whose clocks drift are followed
    #[arg(long)]
    code_drift: Option<bool>,
    /// From when on people may enrol a first factor by themselves, such as `2030-12-31T18:00Z`; `always` for no beginning
    #[arg(long, value_name = "TIME")]
    enroll_from: Option<String>,
    /// Until when; `always` for no end
    #[arg(long, value_name = "TIME")]
    enroll_until: Option<String>,
    /// Whether help desk resets people without a call back and without a second person
    #[arg(long)]
    help_desk_alone: Option<bool>,
    /// First Unix user number that new users get
    #[arg(long, value_name = "UID")]
    first_uid: Option<u32>,
    /// Last Unix user number that new users get
    #[arg(long, value_name = "UID")]
    last_uid: Option<u32>,
    /// Login shell of new users
    #[arg(long)]
    shell: Option<String>,
    /// Home of new users; `{name}` stands for the user name
    #[arg(long, value_name = "PATH")]
    home: Option<String>,
    /// PAM service that the second door stands in front of; may be repeated
    #[arg(long = "login-service")]
    login_services: Vec<String>,
    /// Id of a group of users who are asked for the second door at devices; may be repeated
    #[arg(long = "login-asked-group")]
    login_groups: Vec<String>,
    /// Ask everybody for the second door at devices
    #[arg(long, conflicts_with = "login_groups")]
    login_everybody: bool,
    /// Whether to push without asking first, to those who have a factor that can be pushed
    #[arg(long)]
    login_auto_push: Option<bool>,
    /// How many wrong answers one login at a device may give
    #[arg(long)]
    login_prompts: Option<u8>,
    /// What a key is worth to the ssh server: `key_and_second_door` or `key_alone`
    #[arg(long)]
    login_ssh_keys: Option<String>,
    /// Only say whom it would leave with nothing that opens the portal
    #[arg(long)]
    preview: bool,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = At::path(&["settings"]);
        match self {
            Self::Show => client.show(&client.get(&at)?)?,
            Self::Update(update) => {
                let (mut settings, preview) = (client.get(&at)?, update.preview);
                update.apply(&mut settings)?;
                put(client, &settings, preview)?;
            }
            Self::Replace { file, preview } => {
                let settings: Value =
                    serde_json::from_slice(&input::file(&file)?).context("the file is no JSON")?;
                put(client, &settings, preview)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Replaces the settings, or says what that would do.
fn put(client: &Client, settings: &Value, preview: bool) -> anyhow::Result<()> {
    if preview {
        return client.show(&client.post(&At::path(&["settings", "preview"]), settings)?);
    }
    client.show(&client.put_if(&At::path(&["settings"]), input::version(settings)?, settings)?)
}

impl Update {
    fn apply(self, settings: &mut Value) -> anyhow::Result<()> {
        let second_door = match (self.second_door.as_deref(), self.second_door_groups) {
            (None, groups) if groups.is_empty() => None,
            (None | Some("groups"), groups) if !groups.is_empty() => {
                Some(json!({ "when": "groups", "groups": groups }))
            }
            (Some("groups"), _) => bail!("name the groups with --second-door-group"),
            (when, _) => Some(json!({ "when": when })),
        };
        let asked = (self.login_everybody || !self.login_groups.is_empty()).then_some(self.login_groups);
        let given = [
            ("/organization", self.organization.map(Value::from)),
            ("/second_door", second_door),
            ("/factors", self.factors.rows(settings)?),
            ("/passwords/shortest", self.shortest_password.map(Value::from)),
            ("/passwords/refuse_common", self.refuse_common_passwords.map(Value::from)),
            ("/passwords/expire_after_days", self.password_days.map(Value::from)),
            ("/accounts/idle_days", self.idle_days.map(Value::from)),
            ("/passkeys/instead_of_password", self.passkey_instead_of_password.map(Value::from)),
            ("/passkeys/always_verified", self.passkey_always_verified.map(Value::from)),
            ("/codes/drift", self.code_drift.map(Value::from)),
            ("/enrollment/from", moment(self.enroll_from)?),
            ("/enrollment/until", moment(self.enroll_until)?),
            ("/recovery/help_desk_alone", self.help_desk_alone.map(Value::from)),
            ("/posix/first_uid", self.first_uid.map(Value::from)),
            ("/posix/last_uid", self.last_uid.map(Value::from)),
            ("/posix/shell", self.shell.map(Value::from)),
            ("/posix/home", self.home.map(Value::from)),
            ("/device_login/services", (!self.login_services.is_empty()).then(|| self.login_services.into())),
            ("/device_login/groups", asked.map(Value::from)),
            ("/device_login/auto_push", self.login_auto_push.map(Value::from)),
            ("/device_login/prompts", self.login_prompts.map(Value::from)),
            ("/device_login/ssh_keys", self.login_ssh_keys.map(Value::from)),
        ];
        input::set(settings, given)
    }
}

/// A moment as the settings keep it, or that there is none.
fn moment(given: Option<String>) -> anyhow::Result<Option<Value>> {
    Ok(match given.as_deref() {
        None => None,
        Some("always") => Some(Value::Null),
        Some(given) => Some(json!(given.parse::<Time>()?)),
    })
}
