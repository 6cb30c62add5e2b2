//! `sallyport passkey-model`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use sallyport_api::rest::NamePasskeyModel;

use super::{
    client::{At, Client},
    input,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the models of security keys and devices whose passkeys count; with none, every passkey does
    List,
    /// Name a model, by its maker's metadata statement or by its number and the certificates that vouch for it
    Add(Box<Add>),
    /// Take a model out of the list; with the last, every passkey counts again
    Remove {
        /// The number of the model
        aaguid: String,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    /// File with the FIDO metadata statement of the model, `-` for standard input
    #[arg(long, value_name = "FILE", required_unless_present = "aaguid", conflicts_with_all = ["aaguid", "roots_file"])]
    metadata_file: Option<PathBuf>,
    /// Number of the model; zeros for keys that speak U2F alone
    #[arg(long, requires = "roots_file", requires = "name")]
    aaguid: Option<String>,
    /// What people call it; else what the statement says
    #[arg(long)]
    name: Option<String>,
    /// File with the certificates that vouch for the model, as PEM one after the other
    #[arg(long, value_name = "FILE", requires = "aaguid")]
    roots_file: Option<PathBuf>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["passkey-models"]);
        match self {
            Self::List => {
                client.show_list(&client.get(&all)?, &[("AAGUID", "aaguid"), ("NAME", "name")])?;
            }
            Self::Add(add) => {
                let Add { metadata_file, aaguid, name, roots_file } = *add;
                let text = |file: Option<PathBuf>| file.map(|file| input::text(&file)).transpose();
                let body = NamePasskeyModel {
                    metadata: text(metadata_file)?,
                    aaguid,
                    name,
                    roots: text(roots_file)?,
                };
                let answer = client.post(&all, &serde_json::to_value(body)?)?;
                client.say(&answer, "the model is named")?;
            }
            Self::Remove { aaguid } => {
                let answer = client.delete(&At::path(&["passkey-models", &aaguid]))?;
                client.say(&answer, &format!("the model {aaguid} is not named any more"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
