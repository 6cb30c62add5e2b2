//! `sallyport branding`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::{
    client::{At, Client},
    input::{self, Fields},
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Show what the organisation is called and how it looks
    Show,
    /// Change it; what is not given stays
    Update(Update),
}

#[derive(Args)]
pub(crate) struct Update {
    /// What it is called
    #[arg(long)]
    name: Option<String>,
    /// The colour of buttons and links on light pages, such as `#1a6dd0`
    #[arg(long, conflicts_with = "no_accent")]
    accent: Option<String>,
    /// The same on dark pages; made from the other where it is not given
    #[arg(long, conflicts_with = "no_accent")]
    accent_dark: Option<String>,
    /// With our own colours
    #[arg(long)]
    no_accent: bool,
    /// A file of PNG or WebP, at most 64 KiB
    #[arg(long, value_name = "FILE", conflicts_with = "no_logo")]
    logo: Option<PathBuf>,
    /// With our own logo
    #[arg(long)]
    no_logo: bool,
    /// A line on the page where people sign in, such as `en=Welcome`; all of them are replaced
    #[arg(long, value_name = "LANGUAGE=TEXT")]
    welcome: Vec<String>,
    /// Whom to ask for help, such as `en=Service desk: 4711`; all of them are replaced
    #[arg(long, value_name = "LANGUAGE=TEXT")]
    ask: Vec<String>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = At::path(&["branding"]);
        match self {
            Self::Show => client.show(&client.get(&at)?)?,
            Self::Update(update) => client.show(&client.patch(&at, &update.body()?)?)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    fn body(self) -> anyhow::Result<Value> {
        let logo = self.logo.map(|file| input::file(&file)).transpose()?.map(|bytes| BASE64.encode(&bytes));
        let fields = Fields::default()
            .with("organization", self.name)
            .with("accent", self.accent)
            .with("accent_dark", self.accent_dark)
            .with_none("accent", self.no_accent, json!(""))
            .with("logo", logo)
            .with_none("logo", self.no_logo, json!(""))
            .with("welcome", texts(&self.welcome)?)
            .with("help", texts(&self.ask)?);
        Ok(fields.json())
    }
}

fn texts(given: &[String]) -> anyhow::Result<Option<Map<String, Value>>> {
    let texts = given.iter().map(|text| {
        let (language, text) = text.split_once('=').context("a text is given as LANGUAGE=TEXT")?;
        Ok((language.to_owned(), text.into()))
    });
    let texts = texts.collect::<anyhow::Result<Map<_, _>>>()?;
    Ok((!texts.is_empty()).then_some(texts))
}
