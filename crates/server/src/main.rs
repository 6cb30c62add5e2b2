//! The `sallyport` binary: one executable, every role.

mod admin_socket;
mod certificates;
mod cli;
mod config;
mod data;
mod dev;
mod doctor;
mod logging;
mod process;
mod serve;
mod setup;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Directory, single sign-on, second factor and device login in one server.
#[derive(Parser)]
#[command(name = "sallyport", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Name the organisation and its first owner, on the machine the server runs on
    Setup(setup::Setup),
    /// Let an owner who lost every factor enrol one again, on the machine the server runs on
    Recover(setup::Recover),
    /// Look at the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// What helps in development and in tests
    #[command(subcommand)]
    Dev(dev::DevCommand),
    /// Say what stands in the way of a healthy server
    Doctor(doctor::Doctor),
    #[command(flatten)]
    Noun(cli::Noun),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Recover(recover) => recover.run(),
        Command::Setup(setup) => setup.run(),
        Command::Config(command) => command.run(),
        Command::Dev(command) => command.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Noun(noun) => noun.run(),
    };
    done.unwrap_or_else(|error| {
        tell(&format!("sallyport: {error:#}"));
        ExitCode::FAILURE
    })
}

/// Writes a line for people to standard error.
fn tell(line: &str) {
    use std::io::Write as _;
    // Whoever closed standard error does not want to hear it.
    writeln!(std::io::stderr(), "{line}").ok();
}

/// Writes a line of results to standard output.
fn print(line: &str) {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{line}").ok();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
