//! `sallyport overview`.

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    listing::Part,
    show::Columns,
};
use crate::print;

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show what goes on: who is refused and why, which devices differ, which factors people lack, what changed
    Show {
        /// How far back sign-ins are told of: 1 or 7
        #[arg(long)]
        days: Option<u8>,
    },
    /// List devices that differ from what they should be
    Drifted {
        /// Only those in whose name this occurs
        #[arg(long)]
        text: Option<String>,
    },
    /// List active people by the second factors they have
    People {
        /// What they have
        #[arg(long, value_enum, default_value_t = Holding::None)]
        holding: Holding,
        /// Only those in whose name or address this occurs
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        part: Part,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Holding {
    HardwareToken,
    None,
    Passkey,
    PhoneOnly,
    Push,
    Totp,
}

impl Holding {
    const fn as_str(self) -> &'static str {
        match self {
            Self::HardwareToken => "hardware_token",
            Self::None => "none",
            Self::Passkey => "passkey",
            Self::PhoneOnly => "phone_only",
            Self::Push => "push",
            Self::Totp => "totp",
        }
    }
}

/// The lists of an overview: where they are, what they are called, and what is shown of them.
const LISTS: [(&str, &str, Columns<'static>); 6] = [
    ("/sign_ins/reasons", "Why sign-ins were refused", &[("COUNT", "count"), ("WHY", "text")]),
    ("/sign_ins/people", "Who was refused", &[("COUNT", "count"), ("NAME", "name"), ("WHY", "reasons")]),
    ("/devices/drifts", "In what devices differ", &[("DEVICES", "devices"), ("WHAT", "kind")]),
    ("/devices/newest", "Devices that differ", &[("NAME", "name"), ("SINCE", "since"), ("WHAT", "drifts")]),
    ("/factors/kinds", "Second factors of active people", &[("PEOPLE", "users"), ("KIND", "kind")]),
    ("/changes/actors", "Who changed what", &[("CHANGES", "count"), ("WHO", "who"), ("WHAT", "changed")]),
];

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show { days } => show(client, &client.get(&At::path(&["overview"]).with("days", days))?)?,
            Self::Drifted { text } => {
                let found = client.get(&At::path(&["overview", "drifted-devices"]).with("text", text))?;
                let columns = [("NAME", "name"), ("SINCE", "since"), ("WHAT", "drifts"), ("ID", "device")];
                client.show_list(&found, &columns)?;
            }
            Self::People { holding, text, part } => {
                let at = At::path(&["overview", "people"]).with("holding", Some(holding.as_str()));
                let columns =
                    [("NAME", "name"), ("DISPLAY NAME", "display_name"), ("MAILS", "mails"), ("ID", "id")];
                client.show_list(&client.get(&part.of(at.with("text", text)))?, &columns)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(client: &Client, told: &Value) -> anyhow::Result<()> {
    if client.json {
        return client.show(told);
    }
    for (name, sums) in told.as_object().into_iter().flatten() {
        // Numbers first; what is a list stands below.
        let numbers = sums
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, value)| *name != "since" && (value.is_number() || value.is_boolean()));
        let numbers = numbers.map(|(name, value)| format!("{} {value}", name.replace('_', " ")));
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        if !numbers.is_empty() {
            print(&format!("{}: {numbers}", name.replace('_', " ")));
        }
    }
    for (at, heading, columns) in LISTS {
        if let Some(items) =
            told.pointer(at).filter(|items| items.as_array().is_some_and(|items| !items.is_empty()))
        {
            print(&format!("\n{heading}"));
            client.show_list(&json!({ "items": items }), columns)?;
        }
    }
    Ok(())
}
