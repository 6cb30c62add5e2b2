//! `sallyport session`: a person at the API, instead of an API token.

use std::{
    fs::{OpenOptions, Permissions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    Connection,
    client::{At, Client, Refusal},
    terminal,
};
use crate::{print, setup::read_secret_line, tell};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Sign in by both doors, and print the token for SALLYPORT_TOKEN
    ///
    /// What is not given is asked for at the terminal. An administrator's session ends after 15 minutes without use,
    /// and after 8 hours.
    Open {
        /// Your user name
        #[arg(long)]
        name: Option<String>,
        /// File with your password in its first line; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        code: Code,
    },
    /// Give a code once more, from another network than before, and print the session's new token
    StepUp {
        #[command(flatten)]
        code: Code,
    },
    /// End your session
    Close,
}

/// A code for the second door, and where the token goes that it opens.
#[derive(Args)]
pub(crate) struct Code {
    /// File with a code of your authenticator, or a bypass code, in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    passcode_file: Option<PathBuf>,
    /// Write the token into this file, for SALLYPORT_TOKEN_FILE, instead of printing it
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

impl Verb {
    pub(super) fn run(self, connection: Connection) -> anyhow::Result<ExitCode> {
        match self {
            Self::Open { name, password_file, code } => {
                let client = Client::without_token(connection)?;
                let opened = open(&client, name, password_file.as_deref(), &code)?;
                code.keep(&client, &opened)?;
            }
            Self::StepUp { code } => {
                let client = Client::new(connection)?;
                let at = At::path(&["step-up"]);
                let proved = code.answer(|code| client.post(&at, &json!({ "passcode": code })))?;
                code.keep(&client, &proved)?;
            }
            Self::Close => {
                let client = Client::new(connection)?;
                let answer = client.post_nothing(&At::path(&["sign-out"]))?;
                client.say(&answer, "the session has ended")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn open(
    client: &Client,
    name: Option<String>,
    password_file: Option<&Path>,
    code: &Code,
) -> anyhow::Result<Value> {
    let name = match name {
        Some(name) => name,
        None => terminal::line("Name: ")?,
    };
    let password = match password_file {
        Some(file) => Zeroizing::new(read_secret_line(file)?),
        None => terminal::secret("Password: ")?,
    };
    let given = json!({ "name": name, "password": password.as_str() });
    let begun = client.post(&At::path(&["sign-in"]), &given)?;
    let Some(handle) = begun.get("handle") else { return Ok(begun) };
    let at = At::path(&["sign-in", "second-door"]);
    code.answer(|code| client.post(&at, &json!({ "handle": handle, "passcode": code })))
}

impl Code {
    /// Brings the code to the second door. Whoever types it may try again, as often as the server lets them.
    fn answer(&self, bring: impl Fn(&str) -> anyhow::Result<Value>) -> anyhow::Result<Value> {
        if let Some(file) = &self.passcode_file {
            return bring(&Zeroizing::new(read_secret_line(file)?));
        }
        loop {
            let answer = bring(&terminal::secret("Passcode: ")?);
            match answer {
                Err(error) if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_wrong_code) => {
                    tell(&error.to_string());
                }
                done => return done,
            }
        }
    }

    /// Prints the token or puts it into the file.
    fn keep(&self, client: &Client, opened: &Value) -> anyhow::Result<()> {
        let token = opened.get("token").and_then(Value::as_str).context("the server gave no token")?;
        if opened.get("password_expired").and_then(Value::as_bool) == Some(true) {
            tell(
                "Your password has expired: this session opens nothing until you set a new one in the portal.",
            );
        } else if opened.get("both_doors").and_then(Value::as_bool) == Some(false) {
            tell("You came in by the first door alone: this session opens no administration.");
        }
        match &self.save {
            Some(file) => {
                write(file, token).with_context(|| format!("cannot write `{}`", file.display()))?;
                client.say(&Value::Null, &format!("the token is in {}", file.display()))
            }
            None if client.json => client.show(opened),
            None => {
                print(token);
                Ok(())
            }
        }
    }
}

/// Writes a file that its owner alone can read, even if it was there and others could.
fn write(file: &Path, token: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    writeln!(file, "{token}")
}
