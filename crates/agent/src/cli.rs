//! The commands people type, and the hidden ones the agent starts itself with.

mod enroll;
mod login;
mod package;
mod status;
mod unenroll;

#[cfg(target_os = "linux")]
use std::ffi::OsString;
use std::{io::Write as _, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

#[cfg(target_os = "linux")]
use crate::platform;
#[cfg(unix)]
use crate::{child::Task, net};
use crate::{paths::Paths, root};

/// The Sallyport agent of this device.
#[derive(Debug, Parser)]
#[command(name = "sallyport-agent", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes this machine a device of an organisation
    Enroll {
        /// Where the server is, as https://host:port
        #[arg(long)]
        server: String,
        /// File with the enrolment token
        #[arg(long, value_name = "FILE")]
        token_file: PathBuf,
        /// File with the organisation's certificate authority (PEM), should the server not send it along
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
    /// The second door in front of logins
    Login {
        #[command(subcommand)]
        command: LoginCommand,
    },
    #[command(hide = true)]
    Net { task: String },
    /// Packages the server offers
    Package {
        #[command(subcommand)]
        command: PackageCommand,
    },
    /// Runs the agent; its service does this
    Run,
    /// Shows whether this device is enrolled, connected, and as desired
    Status {
        #[arg(long)]
        json: bool,
    },
    #[cfg(target_os = "linux")]
    #[command(hide = true)]
    Supervise {
        #[arg(last = true, required = true)]
        program: Vec<OsString>,
    },
    /// Makes this machine forget the organisation; accounts stay as they are
    Unenroll,
}

#[derive(Debug, Subcommand)]
enum LoginCommand {
    /// Makes a new break-glass code for a machine that is not enrolled
    #[cfg(unix)]
    BreakGlass,
    /// Takes the second door out of every service
    Disable,
    /// Puts the second door in front of the services the organisation wants
    Enable,
    /// Takes the second door away from a machine that is not enrolled, and the keys with it
    #[cfg(unix)]
    Forget,
    /// Sets up the second door on a machine that is not enrolled: asked of Duo, or of Sallyport's Auth API
    #[cfg(unix)]
    Setup(login::setup::Setup),
    /// Shows where the second door stands
    Status {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum PackageCommand {
    /// Fetches, verifies and installs a package
    Install { name: String },
}

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let paths = Paths::system();
    let outcome = match cli.command {
        Command::Net { task } => return net(&task, &paths),
        Command::Enroll { server, token_file, ca } => {
            enroll::run(&server, &token_file, ca.as_deref(), &paths)
        }
        #[cfg(unix)]
        Command::Login { command: LoginCommand::BreakGlass } => login::setup::renew_break_glass(&paths),
        Command::Login { command: LoginCommand::Disable } => login::disable(&paths),
        Command::Login { command: LoginCommand::Enable } => login::enable(&paths),
        #[cfg(unix)]
        Command::Login { command: LoginCommand::Forget } => login::setup::forget(&paths),
        #[cfg(unix)]
        Command::Login { command: LoginCommand::Setup(setup) } => login::setup::setup(setup, &paths),
        Command::Login { command: LoginCommand::Status { json } } => login::status(json, &paths),
        Command::Package { command: PackageCommand::Install { name } } => package::install(&name, &paths),
        Command::Run => require_root().and_then(|()| root::run(&paths)),
        Command::Status { json } => status::run(json, &paths),
        #[cfg(target_os = "linux")]
        Command::Supervise { program } => return platform::supervisor::main(&program),
        Command::Unenroll => unenroll::run(&paths),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sallyport-agent: {}", sallyport_model::name::printable(&format!("{error:#}"), 2000));
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn net(task: &str, paths: &Paths) -> ExitCode {
    match Task::from_text(task) {
        Some(Task::AuthApi) => net::auth_api::process::main(),
        Some(Task::Channel) => net::process::main(paths),
        Some(Task::Enroll) => enroll::child(paths),
        Some(Task::Fetch) => package::child(),
        None => ExitCode::FAILURE,
    }
}

/// The network half is no process of its own here.
#[cfg(not(unix))]
fn net(_task: &str, _paths: &Paths) -> ExitCode {
    ExitCode::FAILURE
}

fn require_root() -> anyhow::Result<()> {
    #[cfg(unix)]
    anyhow::ensure!(rustix::process::geteuid().is_root(), "this must be run as root");
    Ok(())
}

/// Whoever stops reading what they asked for has read enough.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
