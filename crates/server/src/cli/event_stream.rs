//! `sallyport event-stream`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List event streams in order of names
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show an event stream, by id or name, and how far it has come
    Show { stream: String },
    /// Make an event stream, which is told of what happens from then on
    Create {
        #[arg(long)]
        name: String,
        #[command(flatten)]
        target: Target,
    },
    /// Change an event stream; what is not given stays
    Update {
        stream: String,
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Switch an event stream on; it goes on where it stopped
    Enable { stream: String },
    /// Switch an event stream off; what happens is kept for it for a week
    Disable { stream: String },
    /// Record an event of the kind event_stream.test, which goes the way of all events, at once
    Test { stream: String },
    /// Delete an event stream; what it wrote stays where it is
    Delete { stream: String },
}

/// Where a stream goes: one of `--file`, `--http`, `--splunk` and `--syslog`.
#[derive(Args)]
pub(crate) struct Target {
    /// A file of this name in the server's folder for events
    #[arg(long, value_name = "NAME", group = "where")]
    file: Option<String>,
    /// One event a line by POST to this URL
    #[arg(long, value_name = "URL", group = "where")]
    http: Option<String>,
    /// The HTTP Event Collector of a Splunk, by its URL
    #[arg(long, value_name = "URL", group = "where")]
    splunk: Option<String>,
    /// A syslog collector, such as tls:siem.example.com:6514; tcp and udp only to internal addresses that are listed
    #[arg(long, value_name = "TRANSPORT:HOST:PORT", group = "where")]
    syslog: Option<String>,
    /// In which words: `ocsf` or `cef`
    #[arg(long)]
    format: Option<String>,
    /// File with the secret of an HTTP collector in its first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

impl Target {
    fn fields(self) -> anyhow::Result<Fields> {
        let target = match (self.file, self.http, self.splunk, self.syslog) {
            (Some(file), ..) => Some(json!({ "kind": "file", "file": file })),
            (_, Some(url), ..) => Some(json!({ "kind": "http", "url": url, "shape": "lines" })),
            (_, _, Some(url), _) => Some(json!({ "kind": "http", "url": url, "shape": "splunk" })),
            (_, _, _, Some(syslog)) => Some(collector(&syslog)?),
            (None, None, None, None) => None,
        };
        let secret = self.secret_file.as_deref().map(crate::setup::read_secret_line).transpose()?;
        Ok(Fields::default().with("target", target).with("format", self.format).with("secret", secret))
    }
}

fn collector(given: &str) -> anyhow::Result<Value> {
    let parts = given.split_once(':').and_then(|(transport, rest)| {
        let (host, port) = rest.rsplit_once(':')?;
        Some((transport, host.trim_matches(['[', ']']), port.parse::<u16>().ok()?))
    });
    let Some((transport, host, port)) = parts else {
        bail!("`{given}` is no collector: it looks like tls:siem.example.com:6514")
    };
    Ok(json!({ "kind": "syslog", "host": host, "port": port, "transport": transport }))
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["event-streams"]);
        let at = |stream: &str| At::path(&["event-streams", stream]);
        let patch = |stream: &str, fields: Fields| client.show(&client.patch(&at(stream), &fields.json())?);
        match self {
            Self::List { listing } => {
                let columns = [
                    ("NAME", "name"),
                    ("TO", "target.kind"),
                    ("FORMAT", "format"),
                    ("ON", "enabled"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Show { stream } => client.show(&client.get(&at(&stream))?)?,
            Self::Create { name, target } => {
                client.show(&client.post(&all, &target.fields()?.with("name", Some(name)).json())?)?;
            }
            Self::Update { stream, name, target } => patch(&stream, target.fields()?.with("name", name))?,
            Self::Enable { stream } => patch(&stream, Fields::default().with("enabled", Some(true)))?,
            Self::Disable { stream } => patch(&stream, Fields::default().with("enabled", Some(false)))?,
            Self::Test { stream } => {
                let answer = client.post_nothing(&At::path(&["event-streams", &stream, "test"]))?;
                client.say(&answer, "it is on its way; `show` says when nothing is behind any more")?;
            }
            Self::Delete { stream } => {
                client.say(&client.delete(&at(&stream))?, &format!("{stream} is deleted"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
