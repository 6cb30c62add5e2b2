//! `sallyport duo`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    client::{At, Client},
    input,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show which Duo is asked at the second door of the portal
    Show,
    /// Change that; what is not given stays
    Update(Update),
    /// Ask Duo whether it is there, knows this client and has the same time; nobody is asked for anything
    Check,
}

#[derive(Args)]
pub(crate) struct Update {
    /// Client id of the Web SDK application at Duo; empty for none
    #[arg(long)]
    client_id: Option<String>,
    /// API host, such as api-1234abcd.duosecurity.com; empty for none
    #[arg(long)]
    host: Option<String>,
    /// File with the client secret in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Under which name Duo knows people: their user name, their mail address, or what --name-template makes of the former
    #[arg(long, value_parser = ["username", "mail", "template"])]
    name: Option<String>,
    /// What stands around the user name, such as `{name}@example.com` or `EXAMPLE\{name}`; with it, --name is `template`
    #[arg(long, value_name = "TEMPLATE")]
    name_template: Option<String>,
    /// What becomes of people who may use nothing but Duo when it cannot be asked
    #[arg(long, value_parser = ["closed", "own_factors"])]
    when_down: Option<String>,
    /// Where people look after their devices at Duo; empty for Duo's own prompt
    #[arg(long, value_name = "URL")]
    self_service: Option<String>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = At::path(&["duo"]);
        match self {
            Self::Show => client.show(&client.get(&at)?)?,
            Self::Update(update) => {
                let mut duo = client.get(&at)?;
                update.apply(&mut duo)?;
                client.show(&client.put_if(&at, input::version(&duo)?, &duo)?)?;
            }
            Self::Check => {
                let answer = client.post_nothing(&At::path(&["duo", "check"]))?;
                let said = match answer.get("problem").and_then(Value::as_str) {
                    None => "Duo can be asked".to_owned(),
                    Some(problem) => format!("Duo cannot be asked: {problem}"),
                };
                client.say(&answer, &said)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    fn apply(self, duo: &mut Value) -> anyhow::Result<()> {
        let secret = self.secret_file.as_deref().map(crate::setup::read_secret_line).transpose()?;
        let by_template = self.name_template.as_ref().filter(|template| !template.is_empty());
        let name = self.name.or_else(|| by_template.map(|_| "template".to_owned()));
        let given = [
            ("/client_id", self.client_id.map(Value::from)),
            ("/host", self.host.map(Value::from)),
            ("/name", name.map(Value::from)),
            ("/name_template", self.name_template.map(Value::from)),
            ("/when_down", self.when_down.map(Value::from)),
            ("/self_service", self.self_service.map(Value::from)),
        ];
        input::set(duo, given)?;
        if let (Some(secret), Some(fields)) = (secret, duo.as_object_mut()) {
            fields.insert("secret".into(), secret.into());
        }
        Ok(())
    }
}
