//! `sallyport factor`: what somebody who signed in does with their own factors.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
    terminal,
};
use crate::{setup::read_secret_line, tell};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List your factors
    List,
    /// Add a factor of yours; a passkey is added in the portal
    Add {
        kind: Kind,
        /// Of the phone to add, such as `+49 30 1234567`
        #[arg(long)]
        number: Option<String>,
        /// What it is called; only for a number
        #[arg(long)]
        name: Option<String>,
        /// What `--begin` printed, to go on with it
        #[arg(long, conflicts_with = "begin", requires = "passcode_file")]
        handle: Option<String>,
        /// File with the code in its first line; `-` reads standard input
        #[arg(long, value_name = "FILE", requires = "handle")]
        passcode_file: Option<PathBuf>,
        /// Ask for no code at the terminal: print what it takes to go on
        #[arg(long)]
        begin: bool,
    },
    /// Give a factor of yours another name
    Rename { factor: String, name: String },
    /// Make a code by which a phone of yours gets another page and key, and stays the same phone
    Reactivate { factor: String },
    /// Bring a hardware token of yours into step, with codes in the order in which it shows them
    Resync {
        factor: String,
        #[arg(required = true)]
        codes: Vec<String>,
    },
    /// Remove a factor of yours, but not the last; your sessions end
    Remove { factor: String },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// An authenticator application
    App,
    /// A number that codes are texted to
    Number,
    /// A phone whose page asks you
    Phone,
}

fn mine(rest: &[&str]) -> At {
    At::path(&[&["me", "factors"], rest].concat())
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        match self {
            Self::List => {
                let columns = [
                    ("NAME", "name"),
                    ("KIND", "kind"),
                    ("CREATED", "created"),
                    ("EXPIRES", "expires"),
                    ("LEFT", "codes.left"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&mine(&[]))?, &columns)?;
            }
            Self::Add { kind: Kind::Phone, handle, .. } => {
                if handle.is_some() {
                    bail!(
                        "a phone goes on by itself: open its page with the code, and there is nothing to confirm here"
                    );
                }
                let answer = client.post_nothing(&mine(&["push"]))?;
                client.say(&answer, &how_to_activate(&answer))?;
            }
            Self::Add { kind, handle: Some(handle), passcode_file: Some(file), .. } => {
                confirm(client, kind, &handle, &read_secret_line(&file)?)?;
            }
            Self::Add { kind, number, name, begin, .. } => add(client, kind, number, name, begin)?,
            Self::Rename { factor, name } => {
                let answer = client.patch(&mine(&[&factor]), &json!({ "name": name }))?;
                client.say(&answer, &format!("it is called {name}"))?;
            }
            Self::Reactivate { factor } => {
                let answer = client.post_nothing(&mine(&[&factor, "reactivate"]))?;
                client.say(&answer, &how_to_activate(&answer))?;
            }
            Self::Resync { factor, codes } => {
                let answer = client.post(&mine(&[&factor, "resync"]), &json!({ "codes": codes }))?;
                client.say(&answer, "its codes open the second door again")?;
            }
            Self::Remove { factor } => {
                let answer = client.delete(&mine(&[&factor]))?;
                client.say(&answer, "it is removed, and your sessions have ended")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Begins, and goes on with the code that is typed.
fn add(
    client: &Client,
    kind: Kind,
    number: Option<String>,
    name: Option<String>,
    begin: bool,
) -> anyhow::Result<()> {
    let begun = if kind == Kind::Number {
        if number.is_none() {
            bail!("say which number: `--number '+49 30 1234567'`");
        }
        let fields = Fields::default().with("number", number).with("name", name);
        client.post(&mine(&["number"]), &fields.json())?
    } else {
        client.post_nothing(&mine(&["totp"]))?
    };
    let part = |name: &str| begun.get(name).and_then(Value::as_str).unwrap_or_default();
    if begin {
        return client.show(&begun);
    }
    if kind == Kind::Number {
        tell(&format!("A code is on its way to the number that ends in {}.", part("last_four")));
    } else {
        tell(&format!("Key for your authenticator application: {}\n{}", part("seed"), part("uri")));
    }
    let code = terminal::line("The code it shows: ")?;
    confirm(client, kind, part("handle"), &code)
}

fn confirm(client: &Client, kind: Kind, handle: &str, code: &str) -> anyhow::Result<()> {
    let kind = if kind == Kind::Number { "number" } else { "totp" };
    let answer = client.post(&mine(&[kind, "confirm"]), &json!({ "handle": handle, "passcode": code }))?;
    client.say(&answer, "it opens the second door from now on")
}

/// What is done with the code of a phone's page.
pub(super) fn how_to_activate(answer: &Value) -> String {
    let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default();
    format!(
        "open this on the phone: {}\nor type this code at the page of phones: {}",
        part("url"),
        part("code")
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Connection;

    #[derive(clap::Parser)]
    struct Line {
        #[command(subcommand)]
        verb: Verb,
    }

    fn parsed(line: &str) -> Option<Verb> {
        Line::try_parse_from([&["factor"], &line.split(' ').collect::<Vec<_>>()[..]].concat())
            .ok()
            .map(|line| line.verb)
    }

    #[test]
    fn a_handle_is_taken_with_a_passcode_file_and_without_a_number() {
        for kind in ["number", "app"] {
            let verb = parsed(&format!("add {kind} --handle h --passcode-file -"));
            assert!(matches!(verb, Some(Verb::Add { handle: Some(_), number: None, .. })), "{kind}");
        }
        for half in ["add number --handle h", "add number --passcode-file -", "add app --begin --handle h"] {
            assert!(parsed(half).is_none(), "{half}");
        }
    }

    #[test]
    fn a_number_that_is_not_given_and_a_phone_with_a_handle_are_refused_before_anything_is_asked() {
        let url = Some("https://127.0.0.1:1".to_owned());
        let nowhere = Connection { url, token_file: None, ca: None, json: false };
        let client = Client::without_token(nowhere).unwrap();
        for (line, refusal) in [
            ("add number", "say which number: `--number"),
            ("add number --name work --begin", "say which number: `--number"),
            ("add phone --handle h --passcode-file -", "a phone goes on by itself"),
        ] {
            let said = parsed(line).unwrap().run(&client).unwrap_err().to_string();
            assert!(said.starts_with(refusal), "{line}: {said}");
        }
    }
}
