//! What helps in development and in tests, and is no part of a server.

mod mail;
mod telephony;

use std::process::ExitCode;

use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum DevCommand {
    /// Be a post office: take mail by SMTP, deliver nothing, and show it on a page
    Mail(mail::Mail),
    /// Be a telephone company: take texts and calls as Twilio does, and show them on a page
    Telephony(telephony::Telephony),
}

impl DevCommand {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Mail(mail) => mail.run(),
            Self::Telephony(telephony) => telephony.run(),
        }
    }
}

/// Until somebody stops the program.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = term.recv() => {}
        // Without a handler the program ends by itself.
        _ = tokio::signal::ctrl_c() => {}
    }
}
