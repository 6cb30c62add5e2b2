//! Where else oneself is signed in, and where one is remembered.

use clap::Subcommand;

use crate::cli::client::{At, Client};

/// Of sessions, one's own or a user's.
pub(in crate::cli) const SESSIONS: [(&str, &str); 6] = [
    ("SEEN", "seen"),
    ("BOTH DOORS", "both_doors"),
    ("FROM", "source"),
    ("NETWORKS", "networks"),
    ("BROWSER", "user_agent"),
    ("ID", "id"),
];

/// Of browsers that are remembered.
pub(in crate::cli) const REMEMBERED: [(&str, &str); 7] = [
    ("AT", "resource.kind"),
    ("NAME", "resource.name"),
    ("EVERYWHERE", "everywhere"),
    ("CREATED", "created"),
    ("UNTIL", "until"),
    ("BROWSER", "user_agent"),
    ("ID", "id"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List your sessions, in browsers and of programs
    List,
    /// End one of your sessions
    End {
        /// Its id, which `list` shows
        session: String,
    },
    /// End all your sessions but this one; your browsers are forgotten too
    EndOthers,
    /// List the browsers in which you are remembered
    Remembered,
    /// Forget the browsers in which you are remembered, so that both doors are passed there again
    Forget {
        /// Only this one; `remembered` lists their ids
        #[arg(long)]
        browser: Option<String>,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<()> {
        let (sessions, browsers) = (["me", "sessions"], ["me", "remembered-browsers"]);
        match self {
            Self::List => {
                let columns = [&SESSIONS[..], &[("PRESENT", "present")]].concat();
                client.show_list(&client.get(&At::path(&sessions))?, &columns)
            }
            Self::End { session } => {
                let answer = client.delete(&At::path(&[&sessions[..], &[&session]].concat()))?;
                client.say(&answer, "the session has ended")
            }
            Self::EndOthers => {
                let answer = client.delete(&At::path(&sessions))?;
                client.say(&answer, "your other sessions have ended")
            }
            Self::Remembered => client.show_list(&client.get(&At::path(&browsers))?, &REMEMBERED),
            Self::Forget { browser: Some(browser) } => {
                let answer = client.delete(&At::path(&[&browsers[..], &[&browser]].concat()))?;
                client.say(&answer, "the browser is forgotten")
            }
            Self::Forget { browser: None } => {
                let answer = client.delete(&At::path(&browsers))?;
                client.say(&answer, "all browsers are forgotten")
            }
        }
    }
}
