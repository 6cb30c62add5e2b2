//! `sallyport enrollment-token`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    client::{At, Client},
    input::Fields,
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List enrolment tokens, the oldest first, without their secrets
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Permit one machine to enrol; the token is shown this once
    Create {
        /// For people to read, such as the machine it is meant for
        #[arg(long)]
        description: Option<String>,
        /// Id or name of a group of devices that the machine joins at once; may be repeated
        #[arg(long = "group")]
        groups: Vec<String>,
        /// How long it can be used, from 1 to 24; 24 if not given
        #[arg(long)]
        hours: Option<u32>,
    },
    /// Take a token back that was not used yet
    Revoke {
        /// Id of the token
        token: String,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["enrollment-tokens"]);
        match self {
            Self::List { listing } => {
                let columns = [
                    ("DESCRIPTION", "description"),
                    ("EXPIRES", "expires"),
                    ("USED BY", "used_by"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Create { description, groups, hours } => {
                let fields = Fields::default()
                    .with("description", description)
                    .with_list("groups", groups)
                    .with("hours", hours);
                client.show(&client.post(&all, &fields.json())?)?;
            }
            Self::Revoke { token } => {
                let answer = client.delete(&At::path(&["enrollment-tokens", &token]))?;
                client.say(&answer, "the token is taken back")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
