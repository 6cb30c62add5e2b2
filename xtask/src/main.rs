//! `cargo xtask`: the workspace's own tasks, where a shell script would be too small a tool.
//!
//! Checks live in `check/`, one file each; generated files are listed in `generate.rs`; packages for devices are
//! put together in `packages.rs`. The `Makefile` is the front door, this is what stands behind it.

#![expect(clippy::print_stdout, reason = "a command line tool speaks on its standard output")]

use std::process::ExitCode;

use anyhow::{Result, bail};

mod check;
mod generate;
mod metadata;
mod packages;
mod workspace;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <task>

  check [step...]      run every check, or only the named ones
  gen [name...]        write the generated files, or only the named ones
  packages             build the agent and its packages into target/packages
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let Some((task, rest)) = args.split_first() else {
        print!("{USAGE}");
        return Ok(());
    };
    let workspace = Workspace::locate()?;
    match task.as_str() {
        "check" => check::run(&workspace, rest),
        "gen" => generate::run(&workspace, rest),
        "packages" => packages::run(&workspace),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("unknown task `{other}`\n\n{USAGE}"),
    }
}
