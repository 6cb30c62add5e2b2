//! A login through libpam and the very stack that was written, before anybody else has to go through it.
//!
//! Nobody's password is known here, so the modules that would ask for one are exchanged for `pam_permit`, in a copy of
//! the stack that exists for as long as the rehearsal takes. Everything else is as it will be at the door: libpam reads
//! the lines and loads every module of the stack, jumps land where they land, our module finds its arguments and the
//! agent, and the agent answers with *exempt*, about root at [`SERVICE`], whatever else it says of root.
//!
//! A stack that does not let root through today, for a reason of its own, proves nothing; so each is taken through
//! before the change too, and whatever was granted then must be granted after it. What is not rehearsed is the first
//! door itself, which is not ours, and services that keep it in a `substack`.

use std::{io, time::Duration};

use super::{LONGEST_FILE, included, pam, selftest, service_file};
use crate::{durable, log, paths::Paths, platform::PlatformError, platform::linux::tool};

/// Of the copy. The agent exempts root there and nowhere else.
pub const SERVICE: &str = "sallyport-rehearsal";
const PATIENCE: Duration = Duration::from_secs(30);

/// Those of the services whose stack lets root through as it now stands. Nothing is changed that could not be
/// rehearsed: without the program that does it, that is an error.
pub(super) fn granted(services: &[String], paths: &Paths) -> Result<Vec<String>, PlatformError> {
    let program = paths.pam_check();
    if !program.exists() {
        return Err(PlatformError::Refused(format!(
            "{} is missing, without which no login can be rehearsed; install the package sallyport-login again",
            program.display()
        )));
    }
    selftest::require_loadable(&program)?;
    let mut found = Vec::new();
    for service in services {
        match rehearse(service, paths) {
            Ok(true) => found.push(service.clone()),
            Ok(false) => {}
            Err(error) => {
                log::info(format_args!("login: {service} lets root through by no rehearsal: {error}"))
            }
        }
    }
    Ok(found)
}

/// Refuses unless all of these still let root through.
pub(super) fn require(services: &[String], paths: &Paths) -> Result<(), PlatformError> {
    for service in services {
        let refused = |reason: String| {
            PlatformError::Refused(format!("a login through the new stack of `{service}` fails: {reason}"))
        };
        match rehearse(service, paths) {
            Ok(true) => {}
            Ok(false) => return Err(refused("it cannot be rehearsed any more".to_owned())),
            Err(error) => return Err(refused(error.to_string())),
        }
    }
    Ok(())
}

/// Takes away a copy that a killed rehearsal left.
pub(super) fn forget(paths: &Paths) -> io::Result<()> {
    let copy = paths.pam_dir().join(SERVICE);
    durable::forget_staged(&copy)?;
    durable::remove(&copy)
}

/// Whether the stack can be rehearsed at all; an error if it can, and refuses.
fn rehearse(service: &str, paths: &Paths) -> Result<bool, PlatformError> {
    let Some(text) = durable::read_text(&service_file(service, paths)?, LONGEST_FILE)? else {
        return Ok(false);
    };
    let Some(copy) = pam::rehearsal(&text, &|name| included(name, paths)) else { return Ok(false) };
    durable::write(&paths.pam_dir().join(SERVICE), copy.as_bytes(), 0o644)?;
    let program = paths.pam_check();
    let outcome = tool::run_with(&program.to_string_lossy(), &[SERVICE], b"", PATIENCE);
    forget(paths)?;
    outcome.map(|_| true)
}
