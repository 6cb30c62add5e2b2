//! `sallyport telephony`.

use std::{io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input,
    listing::Listing,
};

const COLUMNS: [(&str, &str); 7] = [
    ("TIME", "at"),
    ("NAME", "name"),
    ("NUMBER", "number"),
    ("WHAT", "kind"),
    ("FOR", "context"),
    ("HUNDREDTHS", "price"),
    ("STATE", "state"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show who carries texts and calls, and what was spent
    Show,
    /// Change telephony; what is not given stays
    Update(Box<Update>),
    /// Ask the provider whether it knows account and secret; nothing is sent to anybody
    Check,
    /// List texts and calls that were sent, the newest first
    Log {
        #[command(flatten)]
        listing: Listing,
    },
    /// Print them as CSV
    Export {
        /// Only those in which this occurs
        #[arg(long)]
        text: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct Update {
    /// Account SID at Twilio, or at who answers as it does
    #[arg(long, conflicts_with_all = ["gateway_file", "nobody"])]
    twilio_account: Option<String>,
    /// Where that API is; without it the public service
    #[arg(long, requires = "twilio_account", value_name = "URL")]
    twilio_url: Option<String>,
    /// File with a gateway as JSON: `method`, `url`, `headers`, `content_type`, `body`; `-` reads standard input
    #[arg(long, conflicts_with = "nobody", value_name = "FILE")]
    gateway_file: Option<PathBuf>,
    /// Have nobody carry texts and calls
    #[arg(long)]
    nobody: bool,
    /// File with the account's token, or the gateway's key, in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Number that texts and calls come from
    #[arg(long)]
    sender: Option<String>,
    /// Whether codes are texted
    #[arg(long)]
    texts: Option<bool>,
    /// Whether phones are called
    #[arg(long)]
    calls: Option<bool>,
    /// How many codes a text brings
    #[arg(long)]
    codes: Option<u8>,
    /// Hours that the codes of a batch are good
    #[arg(long)]
    batch_hours: Option<u8>,
    /// Calling code of an allowed country, such as +49; may be repeated
    #[arg(long = "country")]
    countries: Vec<String>,
    /// Most to one number in a day
    #[arg(long)]
    per_number: Option<u32>,
    /// Most for one person in a day
    #[arg(long)]
    per_person: Option<u32>,
    /// Most to one country in a day
    #[arg(long)]
    per_country: Option<u32>,
    /// Most in all in a day
    #[arg(long)]
    per_day: Option<u32>,
    /// What a text costs, in hundredths
    #[arg(long)]
    text_price: Option<u32>,
    /// What a call costs, in hundredths
    #[arg(long)]
    call_price: Option<u32>,
    /// Most that is spent in thirty days, in hundredths
    #[arg(long)]
    ceiling: Option<u32>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = At::path(&["telephony"]);
        match self {
            Self::Show => client.show(&client.get(&at)?)?,
            Self::Update(update) => {
                let mut telephony = client.get(&at)?;
                update.apply(&mut telephony)?;
                client.show(&client.put_if(&at, input::version(&telephony)?, &telephony)?)?;
            }
            Self::Log { listing } => {
                client.show_list(&client.get(&listing.of(At::path(&["telephony", "log"])))?, &COLUMNS)?;
            }
            Self::Export { text } => {
                let rows = client.fetch(&At::path(&["telephony", "log", "export"]).with("text", text))?;
                std::io::stdout().write_all(&rows)?;
            }
            Self::Check => {
                let answer = client.post_nothing(&At::path(&["telephony", "check"]))?;
                let said = match (answer.get("known").and_then(Value::as_bool), answer.get("problem")) {
                    (Some(true), _) => "the provider knows account and secret".to_owned(),
                    (Some(false), problem) => {
                        let problem = problem.and_then(Value::as_str).unwrap_or_default();
                        format!("the provider does not know us: {problem}")
                    }
                    (None, _) => "a gateway cannot be asked".to_owned(),
                };
                client.say(&answer, &said)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    fn apply(self, telephony: &mut Value) -> anyhow::Result<()> {
        let provider = match (&self.twilio_account, &self.gateway_file) {
            (Some(account), _) => Some(
                json!({ "kind": "twilio", "account": account, "url": self.twilio_url.unwrap_or_default() }),
            ),
            (None, Some(file)) => {
                let mut gateway: Value =
                    serde_json::from_slice(&input::file(file)?).context("the gateway is no JSON")?;
                let fields = gateway.as_object_mut().context("the gateway is no JSON object")?;
                fields.insert("kind".into(), "gateway".into());
                Some(gateway)
            }
            (None, None) => self.nobody.then_some(Value::Null),
        };
        let secret = self.secret_file.as_deref().map(crate::setup::read_secret_line).transpose()?;
        let limit = |value: Option<u32>| value.map(Value::from);
        let given = [
            ("/provider", provider),
            ("/sender", self.sender.map(Value::from)),
            ("/texts", self.texts.map(Value::from)),
            ("/calls", self.calls.map(Value::from)),
            ("/codes", self.codes.map(Value::from)),
            ("/batch_hours", self.batch_hours.map(Value::from)),
            ("/countries", (!self.countries.is_empty()).then(|| self.countries.into())),
            ("/limits/per_number", limit(self.per_number)),
            ("/limits/per_person", limit(self.per_person)),
            ("/limits/per_country", limit(self.per_country)),
            ("/limits/per_day", limit(self.per_day)),
            ("/limits/text_price", limit(self.text_price)),
            ("/limits/call_price", limit(self.call_price)),
            ("/limits/ceiling", limit(self.ceiling)),
        ];
        input::set(telephony, given)?;
        if let (Some(secret), Some(fields)) = (secret, telephony.as_object_mut()) {
            fields.insert("secret".into(), secret.into());
        }
        Ok(())
    }
}
