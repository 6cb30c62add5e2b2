//! `sallyport <noun> <verb>`: everything an administrator can do, through the REST API of a running server.
//!
//! For people it prints tables, for programs (`--json`) what the API answered.

mod access_rule;
mod alarm;
mod application;
mod audit;
mod binding;
mod branding;
mod bulk;
mod client;
mod command;
mod connector;
mod device;
mod duo;
mod enrollment_token;
mod event_stream;
mod factor;
mod first_hour;
mod group;
mod hardware_token;
mod import;
mod input;
mod listing;
mod mail;
mod mailing;
mod overview;
mod passkey_model;
mod policy;
mod reset;
mod run;
mod search;
mod session;
mod settings;
mod show;
mod sign_in;
mod signing_key;
mod spray;
mod telephony;
mod terminal;
mod token;
mod user;
mod webhook;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use self::client::Client;

/// Which server to call, as whom, and how to print what it says.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Connection {
    /// Address of the server, such as `https://sallyport.example.com:8443`
    #[arg(long, env = "SALLYPORT_URL", global = true, value_name = "URL")]
    url: Option<String>,
    /// File with the API token in its first line; without it the token is read from SALLYPORT_TOKEN
    #[arg(long, env = "SALLYPORT_TOKEN_FILE", global = true, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// File with the certificate authority of the server, PEM; `sallyport setup --json` prints the server's own. Without it
    /// those that browsers trust
    #[arg(long, env = "SALLYPORT_CA", global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print what the API answered, as JSON
    #[arg(long, global = true)]
    json: bool,
}

/// A noun's verbs, and the server they are for.
#[derive(Args)]
pub(crate) struct Verbs<V: Subcommand> {
    #[command(subcommand)]
    verb: V,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Subcommand)]
pub(crate) enum Noun {
    /// Access rules: who may reach what, from where, on which device and when, and with what proof
    AccessRule(Verbs<access_rule::Verb>),
    /// What people said on their phones was not them, and passwords that are being guessed
    Alarm(Verbs<alarm::Verb>),
    /// Applications that people sign in to
    Application(Verbs<application::Verb>),
    /// Policies, and what they come to for somebody
    Policy(Verbs<policy::Verb>),
    /// Recorded changes
    Audit(Verbs<audit::Verb>),
    /// Who is on which device, with which right
    Binding(Verbs<binding::Verb>),
    /// How the organisation looks: its name, logo, colours and texts
    Branding(Verbs<branding::Verb>),
    /// What can be run on devices
    Command(Verbs<command::Verb>),
    /// What is kept in step elsewhere: people, groups and phones of an account at Duo
    Connector(Verbs<connector::Verb>),
    /// Devices
    Device(Verbs<device::Verb>),
    /// Duo, asked at the second door of the portal
    Duo(Verbs<duo::Verb>),
    /// Permissions for machines to enrol
    EnrollmentToken(Verbs<enrollment_token::Verb>),
    /// All events, told to a system that watches: a file, syslog or HTTP
    EventStream(Verbs<event_stream::Verb>),
    /// Your own factors, after `session open`
    Factor(Verbs<factor::Verb>),
    /// What a new organisation does first, up to the first login at a device
    FirstHour(Verbs<first_hour::Verb>),
    /// Groups of users and of devices
    Group(Verbs<group::Verb>),
    /// Things that show one-time codes
    HardwareToken(Verbs<hardware_token::Verb>),
    /// Mail: which server takes it, how much there may be, and what is written
    Mail(Verbs<mail::Verb>),
    /// Enrolment links to many people by mail
    Mailing(Verbs<mailing::Verb>),
    /// What goes on: who is refused and why, which devices differ, which factors people lack, what changed
    Overview(Verbs<overview::Verb>),
    /// Models of security keys and devices whose passkeys count
    PasskeyModel(Verbs<passkey_model::Verb>),
    /// Resets of people who have had a factor: asked for, cleared by a call back or a second person, or stopped
    Reset(Verbs<reset::Verb>),
    /// Executions of commands
    Run(Verbs<run::Verb>),
    /// Looks for a text among everything you may read
    Search(search::Search),
    /// Signing in as a person, instead of with an API token
    Session(Verbs<session::Verb>),
    /// Keys that sign what is stated to applications
    SigningKey(Verbs<signing_key::Verb>),
    /// What the organisation decided once for everybody
    Settings(Verbs<settings::Verb>),
    /// Who signed in, to what, and why it was allowed or refused
    SignIn(Verbs<sign_in::Verb>),
    /// Password sprays: attacks on many names at once
    Spray(Verbs<spray::Verb>),
    /// Texts and calls: who carries them and how many there may be
    Telephony(Verbs<telephony::Verb>),
    /// API tokens
    Token(Verbs<token::Verb>),
    /// People and service identities
    User(Verbs<user::Verb>),
    /// URLs that are told of events, signed
    Webhook(Verbs<webhook::Verb>),
}

impl Noun {
    /// Calls the server and prints what it says.
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::AccessRule(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Alarm(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Application(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Policy(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Audit(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Binding(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Branding(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Command(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Connector(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Device(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Duo(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::EnrollmentToken(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::EventStream(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Factor(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::FirstHour(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Group(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::HardwareToken(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Mail(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Mailing(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Overview(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::PasskeyModel(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Reset(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Run(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Search(search) => search.run(),
            Self::Session(Verbs { verb, connection }) => verb.run(connection),
            Self::SigningKey(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Settings(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::SignIn(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Spray(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Telephony(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Token(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::User(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
            Self::Webhook(Verbs { verb, connection }) => verb.run(&Client::new(connection)?),
        }
    }
}
