//! `sallyport reset`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
    listing::Listing,
    terminal,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Ask for a reset of a user who has had a factor; they are told at once
    Ask {
        /// By id or name
        user: String,
        /// `enrollment_code`, `bypass_codes`, `password`, `reactivate`, `remove_factor`, `unlock`, `add_phone`, `assign_token` or `addresses`
        what: String,
        /// Why, for the second person and the audit trail
        #[arg(long)]
        reason: String,
        /// Id of the factor to remove, or of the phone to set up anew
        #[arg(long)]
        factor: Option<String>,
        /// Number of the phone to add, such as `+49 30 1234567`
        #[arg(long)]
        number: Option<String>,
        /// The hardware token to hand out, by id or serial number
        #[arg(long)]
        token: Option<String>,
        /// A mail address to have instead; may be given several times
        #[arg(long = "mail")]
        mails: Vec<String>,
    },
    /// List resets, the newest first
    List {
        #[command(flatten)]
        listing: Listing,
        /// `waiting`, `held`, `cleared`, `done`, `refused` or `expired`
        #[arg(long)]
        state: Option<String>,
    },
    /// Show a reset
    Show { reset: String },
    /// Ask the user whether it is them who calls, and type the code that they read back; without --by, show how they could be asked
    CallBack {
        reset: String,
        /// `text`, `call`, or `push`, which waits for their phone
        #[arg(long)]
        by: Option<String>,
        /// Id of the factor; the first that can be asked so, if not given
        #[arg(long, requires = "by")]
        factor: Option<String>,
    },
    /// Approve a reset as a second person, who signed in (`session open`)
    Approve { reset: String },
    /// Stop a reset
    Refuse { reset: String },
    /// List what somebody asked to reset of yours, after `session open`
    Mine,
    /// Stop a reset of yours, after `session open`
    Stop { reset: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let below = |reset: &str, verb: &str| At::path(&["resets", reset, verb]);
        match self {
            Self::Ask { user, what, reason, factor, number, token, mails } => {
                let fields = Fields::default().with("what", Some(what)).with("reason", Some(reason));
                let fields = fields
                    .with("factor", factor)
                    .with("number", number)
                    .with("token", token)
                    .with_list("mails", mails);
                let answer = client.post(&At::path(&["users", &user, "resets"]), &fields.json())?;
                client.say(&answer, &what_next(&answer))?;
            }
            Self::List { listing, state } => {
                let columns = [
                    ("USER", "user_name"),
                    ("WHAT", "what.kind"),
                    ("STATE", "state"),
                    ("BY", "author.name"),
                    ("CREATED", "created"),
                    ("ID", "id"),
                ];
                let at = listing.of(At::path(&["resets"])).with("state", state);
                client.show_list(&client.get(&at)?, &columns)?;
            }
            Self::Show { reset } => client.show(&client.get(&At::path(&["resets", &reset]))?)?,
            Self::CallBack { reset, by: None, .. } => {
                let columns = [("BY", "by"), ("NAME", "name"), ("FACTOR", "factor")];
                client.show_list(&client.get(&below(&reset, "call-back"))?, &columns)?;
            }
            Self::CallBack { reset, by: Some(by), factor } => {
                let asked = Fields::default().with("by", Some(by)).with("factor", factor).json();
                let asked = client.post(&below(&reset, "call-back"), &asked)?;
                let code = match asked.get("number").and_then(Value::as_str) {
                    Some(number) => {
                        terminal::say(&format!("Read this number out to them: {number}\n"))?;
                        Value::Null
                    }
                    None => terminal::line("The code that they read back: ")?.into(),
                };
                let answer = client.post(&below(&reset, "confirm"), &json!({ "code": code }))?;
                client.say(&answer, "it is them; do it within ten minutes")?;
            }
            Self::Approve { reset } => {
                let answer = client.post_nothing(&below(&reset, "approve"))?;
                client.say(&answer, "approved; whoever asked may do it now, once")?;
            }
            Self::Mine => {
                let columns = [
                    ("WHAT", "what"),
                    ("STATE", "state"),
                    ("BY", "author"),
                    ("NOT BEFORE", "from"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&At::path(&["me", "resets"]))?, &columns)?;
            }
            Self::Stop { reset } => {
                let answer = client.post_nothing(&At::path(&["me", "resets", &reset, "stop"]))?;
                client
                    .say(&answer, "stopped; if it was not you who asked, tell your administrator at once")?;
            }
            Self::Refuse { reset } => {
                let answer = client.post_nothing(&below(&reset, "refuse"))?;
                client.say(&answer, &format!("{reset} is stopped"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn what_next(reset: &Value) -> String {
    let part = |name: &str| reset.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = part("id");
    match part("state") {
        "held" => format!("{id} can be done from {} on, unless somebody stops it", part("from")),
        _ => format!("{id} waits: `sallyport reset call-back {id}`, or let a second person approve it"),
    }
}
