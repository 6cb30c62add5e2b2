//! What helps in development and in tests, and is no part of a server.

mod telephony;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum DevCommand {
    /// Be a telephone company: take texts and calls as Twilio does, and show them on a page
    Telephony(telephony::Telephony),
}

impl DevCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Telephony(telephony) => telephony.run(),
        }
    }
}
