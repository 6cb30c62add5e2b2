//! `sallyport spray`.

use std::process::ExitCode;

use clap::Subcommand;

use super::{
    client::{At, Client},
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List password sprays, the one that goes on first and then the newest
    List {
        #[command(flatten)]
        listing: Listing,
    },
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List { listing } => {
                let columns = [
                    ("BEGAN", "began"),
                    ("NOTICED", "noticed"),
                    ("ENDED", "ended"),
                    ("NAMES", "names"),
                    ("ATTEMPTS", "attempts"),
                    ("NETWORKS", "all_networks"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(At::path(&["sprays"])))?, &columns)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
