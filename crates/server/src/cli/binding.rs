//! `sallyport binding`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    client::{At, Client},
    input::Fields,
    listing::Listing,
    show::Columns,
};

pub(super) const COLUMNS: [(&str, &str); 6] = [
    ("WHO", "subject_name"),
    ("KIND", "subject.kind"),
    ("WHERE", "target_name"),
    ("RIGHT", "right"),
    ("TAKE OVER", "take_over"),
    ("ID", "id"),
];

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List bindings
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Show a binding
    Show { binding: String },
    /// Bind a user or group of users to a device or group of devices
    Create(Create),
    /// Change the right a binding gives, or whether it may take an account over
    Update {
        binding: String,
        /// `administrator` or `standard`
        #[arg(long, conflicts_with = "no_right")]
        right: Option<String>,
        /// Give no right of its own
        #[arg(long)]
        no_right: bool,
        /// Whether an existing account of the same name may be taken over
        #[arg(long)]
        take_over: Option<bool>,
    },
    /// Unbind; accounts that nothing else keeps are locked
    Delete { binding: String },
}

#[derive(Args)]
pub(crate) struct Create {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    target: Target,
    /// Give administrator rights
    #[arg(long)]
    administrator: bool,
    /// Take over an existing account of the same name
    #[arg(long)]
    take_over: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Subject {
    /// Id or name of a user
    #[arg(long)]
    user: Option<String>,
    /// Id or name of a group of users
    #[arg(long)]
    user_group: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Target {
    /// Id or name of a device
    #[arg(long)]
    device: Option<String>,
    /// Id or name of a group of devices
    #[arg(long)]
    device_group: Option<String>,
}

impl Verb {
    pub(super) fn run(self, client: &Client) -> anyhow::Result<ExitCode> {
        let at = |binding: &str| At::path(&["bindings", binding]);
        match self {
            Self::List { listing } => {
                let columns: Columns<'_> = &COLUMNS;
                client.show_list(&client.get(&listing.of(At::path(&["bindings"])))?, columns)?;
            }
            Self::Show { binding } => client.show(&client.get(&at(&binding))?)?,
            Self::Create(Create { subject, target, administrator, take_over }) => {
                let fields = Fields::default()
                    .with("user", subject.user)
                    .with("user_group", subject.user_group)
                    .with("device", target.device)
                    .with("device_group", target.device_group)
                    .with("right", administrator.then_some("administrator"))
                    .with_flag("take_over", take_over);
                client.show(&client.post(&At::path(&["bindings"]), &fields.json())?)?;
            }
            Self::Update { binding, right, no_right, take_over } => {
                let fields = Fields::default()
                    .with("right", right)
                    .with("right", no_right.then_some(Value::Null))
                    .with("take_over", take_over);
                client.show(&client.patch(&at(&binding), &fields.json())?)?;
            }
            Self::Delete { binding } => {
                client.say(&client.delete(&at(&binding))?, "the binding is deleted")?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
