//! `sallyport mail`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show who takes mail, and how it stands
    Show,
    /// Change mail; what is not given stays
    Update(Box<Update>),
    /// Go to the mail server up to where a mail would be handed over; nothing is sent
    Check,
    /// Show the mail with an enrolment link as somebody would read it; without a file, the one that is set
    Preview {
        /// Another subject
        #[arg(long, value_name = "TEXT")]
        subject: Option<String>,
        /// File with another text, `-` for standard input
        #[arg(long, value_name = "FILE")]
        text_file: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Update {
    /// Host of the mail server
    #[arg(long, requires = "port", conflicts_with = "nobody")]
    host: Option<String>,
    /// Its port: 465 for TLS and 587 for STARTTLS, mostly
    #[arg(long, requires = "host")]
    port: Option<u16>,
    /// `tls`, `starttls` or `none`, which is for addresses that the server's configuration lists
    #[arg(long, requires = "host", default_value = "tls")]
    security: String,
    /// Who we are there
    #[arg(long, requires = "host")]
    user: Option<String>,
    /// File with the certificate authorities trusted there, PEM; without it those that browsers trust
    #[arg(long, requires = "host", value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Have nobody take mail
    #[arg(long)]
    nobody: bool,
    /// File with the password of that user in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Address that mail comes from
    #[arg(long)]
    sender: Option<String>,
    /// Whether people are told what happened to their factors and their password
    #[arg(long)]
    notices: Option<bool>,
    /// Most to one address in a day
    #[arg(long)]
    per_address: Option<u32>,
    /// Most for one person in a day
    #[arg(long)]
    per_person: Option<u32>,
    /// Most in all in a day
    #[arg(long)]
    per_day: Option<u32>,
    /// Subject of the mail with an enrolment link
    #[arg(long)]
    subject: Option<String>,
    /// File with the text of that mail: `{name}`, `{link}`, `{organization}` and `{expires}` stand for what they say
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = At::path(&["mail"]);
        match self {
            Self::Show => client.show(&client.get(&at)?)?,
            Self::Update(update) => {
                let mut mail = client.get(&at)?;
                update.apply(&mut mail)?;
                client.show(&client.put_if(&at, input::version(&mail)?, &mail)?)?;
            }
            Self::Check => {
                let answer = client.post_nothing(&At::path(&["mail", "check"]))?;
                let said = match answer.get("problem").and_then(Value::as_str) {
                    None => "the mail server takes our mail".to_owned(),
                    Some(problem) => format!("mail would not be taken: {problem}"),
                };
                client.say(&answer, &said)?;
            }
            Self::Preview { subject, text_file } => {
                let mut mail = client.get(&at)?;
                let text = text_file.as_deref().map(input::text).transpose()?;
                let given = [
                    ("/enrollment/subject", subject.map(Value::from)),
                    ("/enrollment/text", text.map(Value::from)),
                ];
                input::set(&mut mail, given)?;
                let template = mail.get("enrollment").cloned().unwrap_or_default();
                client.show(&client.post(&At::path(&["mail", "preview"]), &template)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    fn apply(self, mail: &mut Value) -> anyhow::Result<()> {
        let server = match (self.host, self.port) {
            (Some(host), Some(port)) => Some(json!({
                "host": host, "port": port, "security": self.security, "user": self.user.unwrap_or_default(),
                "ca": self.ca_file.as_deref().map(input::text).transpose()?.unwrap_or_default(),
            })),
            _ => self.nobody.then_some(Value::Null),
        };
        let password = self.password_file.as_deref().map(crate::setup::read_secret_line).transpose()?;
        let limit = |value: Option<u32>| value.map(Value::from);
        let given = [
            ("/server", server),
            ("/sender", self.sender.map(Value::from)),
            ("/notices", self.notices.map(Value::from)),
            ("/limits/per_address", limit(self.per_address)),
            ("/limits/per_person", limit(self.per_person)),
            ("/limits/per_day", limit(self.per_day)),
            ("/enrollment/subject", self.subject.map(Value::from)),
            ("/enrollment/text", self.text_file.as_deref().map(input::text).transpose()?.map(Value::from)),
        ];
        input::set(mail, given)?;
        if let (Some(password), Some(fields)) = (password, mail.as_object_mut()) {
            fields.insert("password".into(), password.into());
        }
        Ok(())
    }
}
