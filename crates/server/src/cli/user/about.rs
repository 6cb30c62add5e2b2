//! What belongs to a user: factors, codes, sessions, groups, devices.

use clap::Subcommand;
use serde_json::Value;

use super::below;
use crate::cli::{
    binding,
    client::{At, Client},
    factor,
    input::Fields,
    listing::Part,
    session, sign_in,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List a user's factors
    Factors { user: String },
    /// Give a factor of a user another name
    RenameFactor { user: String, factor: String, name: String },
    /// Make a code by which a phone of a user gets another page and key, and stays the same phone
    ReactivatePhone {
        user: String,
        /// Id of the phone, which `factors` lists as `push`
        factor: String,
        /// How long the code is good
        #[arg(long)]
        hours: Option<u16>,
    },
    /// Remove a factor of a user
    RemoveFactor { user: String, factor: String },
    /// Add a phone to a user, whose it must be
    AddPhone {
        user: String,
        /// With the calling code of the country, such as +441632960000
        number: String,
        /// What it is called towards its owner
        #[arg(long)]
        name: Option<String>,
        /// Do not text codes to it
        #[arg(long)]
        no_texts: bool,
        /// Do not call it
        #[arg(long)]
        no_calls: bool,
    },
    /// Make bypass codes, each good once or as often as is said
    BypassCodes {
        user: String,
        /// From 1 to 10
        #[arg(long, default_value_t = 1)]
        count: u8,
        /// How often each opens a door, from 1 to 100 times
        #[arg(long, default_value_t = 1)]
        uses: u8,
        /// How long they are good
        #[arg(long)]
        hours: Option<u16>,
    },
    /// Make a code with which a user enrols their first factor
    EnrollmentCode {
        user: String,
        /// How long it is good
        #[arg(long)]
        hours: Option<u16>,
    },
    /// Send a user a link with which they enrol their first factor, to the address or number in the directory
    EnrollmentLink {
        user: String,
        /// `mail` or `text`
        #[arg(long, default_value = "mail")]
        by: String,
    },
    /// List a user's sessions
    Sessions { user: String },
    /// End all sessions of a user
    EndSessions { user: String },
    /// End one session of a user; `sessions` lists their ids
    EndSession { user: String, session: String },
    /// List the browsers in which a user is remembered
    RememberedBrowsers { user: String },
    /// Forget all browsers of a user, and the devices that applications have tokens for
    ForgetBrowsers {
        user: String,
        /// Only this one; `remembered-browsers` lists their ids
        #[arg(long)]
        browser: Option<String>,
    },
    /// List the groups a user is in
    Groups { user: String },
    /// List the devices a user is bound to, with the right on each
    Devices { user: String },
    /// List a user's bindings, those through groups too
    Bindings { user: String },
    /// Show the right a user has on a device, and where it comes from
    Right { user: String, device: String },
    /// List a user's sign-ins, the newest first
    SignIns {
        user: String,
        #[command(flatten)]
        part: Part,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::Factors { user } => {
                let columns = [
                    ("NAME", "name"),
                    ("KIND", "kind"),
                    ("CREATED", "created"),
                    ("EXPIRES", "expires"),
                    ("LEFT", "codes.left"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&below(&user, "factors"))?, &columns)
            }
            Self::RenameFactor { user, factor, name } => {
                let at = At::path(&["users", &user, "factors", &factor]);
                let answer =
                    client.patch(&at, &Fields::default().with("name", Some(name.as_str())).json())?;
                client.say(&answer, &format!("the factor is called {name}"))
            }
            Self::ReactivatePhone { user, factor, hours } => {
                let at = At::path(&["users", &user, "factors", &factor, "reactivate"]);
                let answer = client.post(&at, &Fields::default().with("hours", hours).json())?;
                client.say(&answer, &factor::how_to_activate(&answer))
            }
            Self::RemoveFactor { user, factor } => {
                let answer = client.delete(&At::path(&["users", &user, "factors", &factor]))?;
                client.say(&answer, "the factor is removed")
            }
            Self::AddPhone { user, number, name, no_texts, no_calls } => {
                let fields = Fields::default().with("number", Some(number)).with("name", name);
                let fields = fields.with("texts", no_texts.then_some(false));
                let body = fields.with("calls", no_calls.then_some(false)).json();
                let answer = client.post(&below(&user, "phones"), &body)?;
                client.say(&answer, &format!("{user} has a phone more"))
            }
            Self::BypassCodes { user, count, uses, hours } => {
                let fields = Fields::default().with("count", Some(count)).with("uses", Some(uses));
                let body = fields.with("hours", hours).json();
                let answer = client.post(&below(&user, "bypass-codes"), &body)?;
                let codes =
                    answer.get("codes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let codes: Vec<&str> = codes.iter().filter_map(Value::as_str).collect();
                client.say(&answer, &codes.join("  "))
            }
            Self::EnrollmentCode { user, hours } => {
                let answer = client
                    .post(&below(&user, "enrollment-code"), &Fields::default().with("hours", hours).json())?;
                let code = answer.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
                client.say(&answer, &code)
            }
            Self::EnrollmentLink { user, by } => {
                let body = Fields::default().with("by", Some(by)).json();
                let answer = client.post(&below(&user, "enrollment-link"), &body)?;
                let to = answer.get("to").and_then(Value::as_str).unwrap_or_default().to_owned();
                client.say(&answer, &format!("the link is on its way to {to}"))
            }
            Self::Sessions { user } => {
                client.show_list(&client.get(&below(&user, "sessions"))?, &session::SESSIONS)
            }
            Self::EndSessions { user } => client.show(&client.delete(&below(&user, "sessions"))?),
            Self::EndSession { user, session } => {
                let answer = client.delete(&At::path(&["users", &user, "sessions", &session]))?;
                client.say(&answer, "the session has ended")
            }
            Self::RememberedBrowsers { user } => {
                client.show_list(&client.get(&below(&user, "remembered-browsers"))?, &session::REMEMBERED)
            }
            Self::ForgetBrowsers { user, browser: Some(browser) } => {
                let answer = client.delete(&At::path(&["users", &user, "remembered-browsers", &browser]))?;
                client.say(&answer, "the browser is forgotten")
            }
            Self::ForgetBrowsers { user, browser: None } => {
                let answer = client.delete(&below(&user, "remembered-browsers"))?;
                client.say(&answer, "all browsers are forgotten")
            }
            Self::Groups { user } => {
                let columns = [("NAME", "name"), ("DIRECT", "direct"), ("ID", "id")];
                client.show_list(&client.get(&below(&user, "groups"))?, &columns)
            }
            Self::Devices { user } => {
                let columns = [
                    ("NAME", "name"),
                    ("STATE", "state"),
                    ("RIGHT", "right.right"),
                    ("FROM", "right.from.kind"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&below(&user, "devices"))?, &columns)
            }
            Self::Bindings { user } => {
                client.show_list(&client.get(&below(&user, "bindings"))?, &binding::COLUMNS)
            }
            Self::Right { user, device } => {
                client.show(&client.get(&At::path(&["users", &user, "devices", &device]))?)
            }
            Self::SignIns { user, part } => {
                client.show_list(&client.get(&part.of(below(&user, "sign-ins")))?, &sign_in::COLUMNS)
            }
        }
    }
}
