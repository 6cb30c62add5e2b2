//! `sallyport hardware-token`.

use std::{path::PathBuf, process::ExitCode};

use clap::Subcommand;
use serde_json::json;

use super::{
    client::{At, Client},
    import, input,
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List hardware tokens in order of their serial numbers
    List {
        #[command(flatten)]
        listing: Listing,
        /// `assigned` or `unassigned`
        #[arg(long)]
        state: Option<String>,
    },
    /// Show a hardware token, by id or serial number
    Show { token: String },
    /// Take in the tokens of a file, CSV or PSKC, `-` for standard input
    Import {
        file: PathBuf,
        /// File with the key of an encrypted PSKC file, in hexadecimal in its first line
        #[arg(long)]
        key_file: Option<PathBuf>,
        /// Say row by row what would happen, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Hand a hardware token to a user
    Assign { token: String, user: String },
    /// Take a hardware token back from whoever has it
    Unassign { token: String },
    /// Bring a hardware token back into step by codes it shows one after the other
    Resync {
        token: String,
        #[arg(required = true, num_args = 2..=5)]
        codes: Vec<String>,
    },
    /// Delete a hardware token that nobody has
    Delete { token: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["hardware-tokens"]);
        let at = |token: &str| At::path(&["hardware-tokens", token]);
        let below = |token: &str, verb: &str| At::path(&["hardware-tokens", token, verb]);
        match self {
            Self::List { listing, state } => {
                let columns = [
                    ("SERIAL", "serial"),
                    ("KIND", "kind"),
                    ("DIGITS", "digits"),
                    ("DIGEST", "digest"),
                    ("USER", "holder.user"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all).with("state", state))?, &columns)?;
            }
            Self::Show { token } => client.show(&client.get(&at(&token))?)?,
            Self::Import { file, key_file, dry_run } => {
                let at = At::path(&["hardware-tokens", "import"]).with("dry_run", dry_run.then_some(true));
                let key = key_file.map(|file| crate::setup::read_secret_line(&file)).transpose()?;
                let body = json!({ "file": input::text(&file)?, "key": key });
                let report = client.post(&at, &body)?;
                import::show(client, &report, dry_run)?;
            }
            Self::Assign { token, user } => {
                let answer = client.post(&below(&token, "assign"), &json!({ "user": user }))?;
                client.say(&answer, &format!("{user} has the hardware token {token}"))?;
            }
            Self::Unassign { token } => {
                let answer = client.post_nothing(&below(&token, "unassign"))?;
                client.say(&answer, &format!("nobody has the hardware token {token}"))?;
            }
            Self::Resync { token, codes } => {
                let answer = client.post(&below(&token, "resync"), &json!({ "codes": codes }))?;
                client.say(&answer, &format!("the hardware token {token} is in step"))?;
            }
            Self::Delete { token } => {
                client
                    .say(&client.delete(&at(&token))?, &format!("the hardware token {token} is deleted"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
