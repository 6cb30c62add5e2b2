//! `sallyport-agent`.

use std::process::ExitCode;

fn main() -> ExitCode {
    sallyport_agent::cli::main()
}
