//! Where everybody is signed in, for administrators.

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::{Value, json};

use crate::cli::{
    client::{At, Client},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List everybody's sessions, the last used first; needs the right to read sign-ins
    ListAll {
        #[command(flatten)]
        listing: Listing,
    },
    /// End several sessions together; needs the right to suspend users
    EndSeveral {
        /// A session as `list-all` shows it: the id of the user, a colon, and the id of the session; may be repeated
        #[arg(long = "session", value_name = "USER:SESSION", required = true)]
        sessions: Vec<String>,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        match self {
            Self::ListAll { listing } => {
                let columns = [
                    ("NAME", "user_name"),
                    ("SEEN", "seen"),
                    ("FROM", "source"),
                    ("BROWSER", "user_agent"),
                    ("USER", "user"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(At::path(&["sessions"])))?, &columns)
            }
            Self::EndSeveral { sessions } => {
                let one = |given: &String| {
                    let (user, session) =
                        given.split_once(':').context("a session is given as USER:SESSION, both by id")?;
                    Ok(json!({ "user": user, "session": session }))
                };
                let sessions = sessions.iter().map(one).collect::<anyhow::Result<Vec<Value>>>()?;
                client.show(&client.post(&At::path(&["sessions", "end"]), &json!({ "sessions": sessions }))?)
            }
        }
    }
}
