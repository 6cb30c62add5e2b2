//! The story of the house, played once on this machine with real parts: the server's binary, the shipped packages
//! on a device of its own namespaces, real sshd, sudo and PAM, the real ssh client. Every step is seen to hold or
//! the demo fails. Nothing in the product knows that this is a demo.

#[path = "demo/audience.rs"]
mod audience;
#[path = "demo/seen.rs"]
mod seen;
#[path = "demo/story.rs"]
mod story;
#[path = "demo/suspension.rs"]
mod suspension;

use std::process::ExitCode;

fn main() -> ExitCode {
    let keep = std::env::var_os("KEEP").is_some_and(|value| value == "1");
    match story::play(keep) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            seen::say(&format!("\nThe demo stopped: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
