//! `sallyport session`: a person at the API, instead of an API token; and where else they are signed in and remembered.

mod everybody;
mod mine;

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

pub(super) use self::mine::{REMEMBERED, SESSIONS};
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
    #[command(flatten)]
    Everybody(everybody::Verb),
    #[command(flatten)]
    Mine(mine::Verb),
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
                let proved = code.answer(|code| client.post(&at, &json!({ "passcode": code })).map(Some))?;
                code.keep(&client, &proved)?;
            }
            Self::Close => {
                let client = Client::new(connection)?;
                let answer = client.post_nothing(&At::path(&["sign-out"]))?;
                client.say(&answer, "the session has ended")?;
            }
            Self::Everybody(verb) => verb.run(&Client::new(connection)?)?,
            Self::Mine(verb) => verb.run(&Client::new(connection)?)?,
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
    if let Some(phone) = phones(&begun).first() {
        tell(&format!("Type `{TEXT_ME}` to have a code texted: {}", phone.1));
    }
    code.answer(|code| {
        if code.eq_ignore_ascii_case(TEXT_ME)
            && let Some((phone, _)) = phones(&begun).first()
        {
            let at = At::path(&["sign-in", "text"]);
            client.post(&at, &json!({ "handle": handle, "phone": phone }))?;
            tell("A code is on its way.");
            return Ok(None);
        }
        client.post(&at, &json!({ "handle": handle, "passcode": code })).map(Some)
    })
}

/// Typed in place of a code.
const TEXT_ME: &str = "sms";

/// Ids and names of those among the offers that codes can be texted to.
fn phones(begun: &Value) -> Vec<(&str, &str)> {
    let offers = begun.get("offers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let texts = |offer: &&Value| offer.get("texts").and_then(Value::as_bool) == Some(true);
    offers
        .iter()
        .filter(texts)
        .filter_map(|offer| Some((offer.get("id")?.as_str()?, offer.get("name")?.as_str()?)))
        .collect()
}

impl Code {
    /// Brings the code to the second door. Whoever types it may try again, as often as the server lets them, and after
    /// what was typed was no code but had one sent.
    fn answer(&self, bring: impl Fn(&str) -> anyhow::Result<Option<Value>>) -> anyhow::Result<Value> {
        if let Some(file) = &self.passcode_file {
            let opened = bring(&Zeroizing::new(read_secret_line(file)?))?;
            return opened.context("that is no code");
        }
        loop {
            match bring(&terminal::secret("Passcode: ")?) {
                Err(error) if error.downcast_ref::<Refusal>().is_some_and(Refusal::is_wrong_code) => {
                    tell(&error.to_string());
                }
                Ok(None) => {}
                Ok(Some(opened)) => return Ok(opened),
                Err(error) => return Err(error),
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
