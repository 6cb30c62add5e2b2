//! `sallyport mailing`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    client::{At, Client},
    input::Fields,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show who would get an enrolment link, and what stands in the way of the others; nothing is sent
    Preview(Who),
    /// Send enrolment links by mail to all who can get one
    Send(Who),
    /// List the mailings of the last thirty days, the newest first
    List,
    /// Show what became of every link of a mailing
    Show { mailing: String },
}

#[derive(Args)]
#[group(required = true)]
pub(crate) struct Who {
    /// Everybody who is active and has no factor that opens the portal
    #[arg(long, conflicts_with_all = ["group", "users"])]
    unenrolled: bool,
    /// Those in a group of users, by id or name
    #[arg(long, conflicts_with = "users")]
    group: Option<String>,
    /// A user, by id or name; may be repeated
    #[arg(long = "user")]
    users: Vec<String>,
}

impl Who {
    fn json(self) -> Value {
        let fields = Fields::default().with_flag("unenrolled", self.unenrolled);
        fields.with("group", self.group).with_list("users", self.users).json()
    }
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["mailings"]);
        match self {
            Self::Preview(who) => {
                let columns = [("NAME", "name"), ("GOES TO", "to"), ("WHAT STANDS IN THE WAY", "obstacle")];
                client
                    .show_list(&client.post(&At::path(&["mailings", "preview"]), &who.json())?, &columns)?;
            }
            Self::Send(who) => {
                let answer = client.post(&all, &who.json())?;
                let part = |name: &str| answer.get(name).map(Value::to_string).unwrap_or_default();
                let id = answer.get("id").and_then(Value::as_str).unwrap_or_default();
                let said = format!(
                    "{} links are on their way; `sallyport mailing show {id}` says what becomes of them",
                    part("total")
                );
                client.say(&answer, &said)?;
            }
            Self::List => {
                let columns =
                    [("BEGUN", "begun"), ("ENDED", "ended"), ("LINKS", "total"), ("BY", "by"), ("ID", "id")];
                client.show_list(&client.get(&all)?, &columns)?;
            }
            Self::Show { mailing } => client.show(&client.get(&At::path(&["mailings", &mailing]))?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
