//! `sallyport search`.

use std::process::ExitCode;

use clap::Args;

use super::{
    Connection,
    client::{At, Client},
};

/// What to look for.
#[derive(Args)]
pub(crate) struct Search {
    /// Names, mail addresses, serial numbers: all words must occur
    #[arg(required = true)]
    text: Vec<String>,
    /// Most of each kind, from 1 to 50
    #[arg(long)]
    limit: Option<u8>,
    #[command(flatten)]
    connection: Connection,
}

impl Search {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let client = Client::new(self.connection)?;
        let at = At::path(&["search"]).with("text", Some(self.text.join(" "))).with("limit", self.limit);
        let columns =
            [("KIND", "kind"), ("NAME", "name"), ("ABOUT", "about"), ("ID", "id"), ("PAGE", "path")];
        client.show_list(&client.get(&at)?, &columns)?;
        Ok(ExitCode::SUCCESS)
    }
}
