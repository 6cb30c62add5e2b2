//! `sallyport connector`.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    client::{At, Client},
    input::Fields,
    listing::Listing,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List connectors in order of names
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a connector, by id or name, and how it stands
    Show { connector: String },
    /// Make a connector, which is off until it is switched on
    Create {
        /// `duo-export`: keeps people, groups and phones of an account at Duo in step
        #[arg(long = "type", value_name = "TYPE", default_value = "duo-export")]
        kind: String,
        #[arg(long)]
        name: String,
        /// API hostname at Duo, such as api-0123abcd.duosecurity.com
        #[arg(long)]
        host: String,
        /// Integration key of the application of the Admin API at Duo
        #[arg(long)]
        ikey: String,
        /// File with its secret key in the first line; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        skey_file: PathBuf,
    },
    /// Change a connector; what is not given stays
    Update(Box<Update>),
    /// Switch a connector on
    Enable { connector: String },
    /// Switch a connector off; what it made at the other system stays there
    Disable { connector: String },
    /// Ask the other system whether it knows our keys; nothing is changed there
    Check { connector: String },
    /// Have everybody compared, and nothing written; `runs` shows what came out
    Preview { connector: String },
    /// Have everybody compared and put in step now
    Run { connector: String },
    /// List what a connector did, the newest first
    Runs {
        connector: String,
        /// Only those before this run
        #[arg(long, value_name = "RUN")]
        after: Option<String>,
        /// Most of them
        #[arg(long)]
        limit: Option<usize>,
        /// Seconds to wait while a run is asked for or under way, at most 5
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Show a run
    ShowRun { connector: String, run: String },
    /// List the steps of a run, with what became of each
    Steps {
        connector: String,
        run: String,
        /// Only the steps after this one
        #[arg(long, value_name = "STEP")]
        after: Option<i64>,
        /// Most of them
        #[arg(long)]
        limit: Option<usize>,
    },
    /// Let be done what a run meant to do that the brake holds
    Release { connector: String, run: String },
    /// Delete a connector; what it made at the other system stays there
    Delete { connector: String },
}

#[derive(Args)]
pub(crate) struct Update {
    connector: String,
    #[arg(long)]
    name: Option<String>,
    /// With another host or integration key the secret key is forgotten
    #[arg(long)]
    host: Option<String>,
    #[arg(long)]
    ikey: Option<String>,
    /// File with a new secret key in the first line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    skey_file: Option<PathBuf>,
    /// Export everybody
    #[arg(long, conflicts_with = "people_groups")]
    everybody: bool,
    /// Export members of this group, by id, and of no others; may be repeated
    #[arg(long = "people-group", value_name = "GROUP")]
    people_groups: Vec<String>,
    /// Group of users that is kept there too, by id; all of them are given; may be repeated
    #[arg(long = "group", value_name = "GROUP", conflicts_with = "no_groups")]
    groups: Vec<String>,
    /// Keep no group there
    #[arg(long)]
    no_groups: bool,
    /// By what people are known there: `name` or `mail`
    #[arg(long)]
    username: Option<String>,
    /// Whether the phones in people's records are kept there
    #[arg(long, value_name = "BOOL")]
    phones: Option<bool>,
    /// Whether a user or group that is there already under the same name becomes ours
    #[arg(long, value_name = "BOOL")]
    take_over: Option<bool>,
    /// What becomes of those who are exported no longer: `disable` or `trash`
    #[arg(long)]
    leavers: Option<String>,
    /// How many people may be shut out, or made, without anybody's word
    #[arg(long, requires = "brake_percent")]
    brake_people: Option<u32>,
    /// Or so many percent of those there, if that is more
    #[arg(long, requires = "brake_people")]
    brake_percent: Option<u32>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let all = At::path(&["connectors"]);
        let at = |connector: &str| At::path(&["connectors", connector]);
        let below = |connector: &str, what: &str| At::path(&["connectors", connector, what]);
        let switch = |connector: &str, on: bool| {
            client.show(&client.patch(&at(connector), &json!({ "enabled": on }))?)
        };
        match self {
            Self::List { listing } => {
                let columns =
                    [("NAME", "name"), ("TYPE", "kind"), ("HOST", "host"), ("ON", "enabled"), ("ID", "id")];
                client.show_list(&client.get(&listing.of(all))?, &columns)?;
            }
            Self::Show { connector } => client.show(&client.get(&at(&connector))?)?,
            Self::Create { kind, name, host, ikey, skey_file } => {
                let skey = crate::setup::read_secret_line(&skey_file)?;
                let body = json!({ "type": kind, "name": name, "host": host, "ikey": ikey, "skey": skey });
                client.show(&client.post(&all, &body)?)?;
            }
            Self::Update(update) => {
                let connector = update.connector.clone();
                client.show(&client.patch(&at(&connector), &update.json()?)?)?;
            }
            Self::Enable { connector } => switch(&connector, true)?,
            Self::Disable { connector } => switch(&connector, false)?,
            Self::Check { connector } => {
                let answer = client.post_nothing(&below(&connector, "check"))?;
                let problem = answer.get("problem").and_then(Value::as_str);
                client.say(&answer, problem.unwrap_or("it knows our keys, and lets us read"))?;
            }
            Self::Preview { connector } => {
                let answer = client.post_nothing(&below(&connector, "preview"))?;
                client.say(&answer, "it is under way; `sallyport connector runs` shows what came out")?;
            }
            Self::Run { connector } => {
                let answer = client.post_nothing(&below(&connector, "run"))?;
                client.say(&answer, "it is under way; `sallyport connector runs` shows what came out")?;
            }
            Self::Runs { connector, after, limit, wait } => {
                let runs = below(&connector, "runs")
                    .with("after", after)
                    .with("limit", limit.map(|limit| limit.to_string()))
                    .with("wait", wait.map(|wait| wait.to_string()));
                let columns = [
                    ("STARTED", "started"),
                    ("KIND", "kind"),
                    ("STATE", "state"),
                    ("REASON", "reason"),
                    ("ID", "id"),
                ];
                client.show_list(&client.get(&runs)?, &columns)?;
            }
            Self::ShowRun { connector, run } => {
                client.show(&client.get(&At::path(&["connectors", &connector, "runs", &run]))?)?;
            }
            Self::Steps { connector, run, after, limit } => {
                let steps = At::path(&["connectors", &connector, "runs", &run, "steps"])
                    .with("after", after)
                    .with("limit", limit);
                let columns = [
                    ("WHO", "label"),
                    ("KIND", "kind"),
                    ("WHAT", "text"),
                    ("OUTCOME", "outcome"),
                    ("WHY", "why"),
                ];
                client.show_list(&client.get(&steps)?, &columns)?;
            }
            Self::Release { connector, run } => {
                let at = At::path(&["connectors", &connector, "runs", &run, "release"]);
                client.say(&client.post_nothing(&at)?, "it runs now")?;
            }
            Self::Delete { connector } => {
                client.say(&client.delete(&at(&connector))?, &format!("{connector} is deleted"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Update {
    fn json(self) -> anyhow::Result<Value> {
        let people = match (self.everybody, self.people_groups.is_empty()) {
            (true, _) => Some(json!({ "who": "all" })),
            (false, false) => Some(json!({ "who": "groups", "groups": self.people_groups })),
            (false, true) => None,
        };
        let brake = self.brake_people.zip(self.brake_percent);
        let brake = brake.map(|(people, percent)| json!({ "people": people, "percent": percent }));
        let skey = self.skey_file.as_deref().map(crate::setup::read_secret_line).transpose()?;
        let fields = Fields::default()
            .with("name", self.name)
            .with("host", self.host)
            .with("ikey", self.ikey)
            .with("skey", skey)
            .with("people", people)
            .with_list("groups", self.groups)
            .with_none("groups", self.no_groups, json!([]))
            .with("username", self.username)
            .with("phones", self.phones)
            .with("take_over", self.take_over)
            .with("leavers", self.leavers)
            .with("brake", brake);
        Ok(fields.json())
    }
}
