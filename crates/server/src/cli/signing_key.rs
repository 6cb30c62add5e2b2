//! `sallyport signing-key`.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::{Value, json};

use super::client::{At, Client};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the keys, the youngest first
    List,
    /// Have the key that waits sign from now on; what the former one signed stays good for two days
    Rotate {
        /// ES256, EdDSA or RS256
        #[arg(long)]
        algorithm: String,
    },
    /// Declare a key void at once, as for one that somebody else may have
    Revoke { key: String },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let show = |keys: &Value| {
            let columns =
                [("ID", "id"), ("ALGORITHM", "algorithm"), ("STATE", "state"), ("CREATED", "created")];
            client.show_list(keys, &columns)
        };
        match self {
            Self::List => show(&client.get(&At::path(&["signing-keys"]))?)?,
            Self::Rotate { algorithm } => {
                let asked = json!({ "algorithm": algorithm });
                show(&client.post(&At::path(&["signing-keys", "rotate"]), &asked)?)?;
            }
            Self::Revoke { key } => {
                show(&client.post_nothing(&At::path(&["signing-keys", &key, "revoke"]))?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
