//! The privileged half: makes the device what it should be, runs commands, answers at the door. It opens no network
//! connection.

mod applier;
#[cfg(unix)]
pub(crate) mod auth_api;
mod driver;
mod event;
mod link;
#[cfg(unix)]
mod login_socket;
mod runner;
mod status;

use std::{path::Path, sync::mpsc};

use anyhow::Context as _;

use self::driver::Driver;
#[cfg(unix)]
use self::event::Event;
pub use self::status::{AccountStatus, Status};
use crate::{
    child,
    clock::Clock,
    core::{Core, Memory, OfflineRecord, UsedCode},
    durable,
    journal::Journal,
    log,
    paths::Paths,
    platform, standalone,
    trust::Trust,
};

/// Events that wait for the driver; who makes more of them waits as well.
const QUEUE: usize = 256;
const LONGEST_DESIRED: u64 = 4 * 1024 * 1024;
const LONGEST_OFFLINE: u64 = 64 * 1024;

/// What the driver came back for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The enrolment is another one than at the start.
    EnrollmentChanged,
    Stop,
}

/// Runs until told to end. Enrolled or not: the door is answered in any case.
///
/// # Errors
/// What makes it impossible to begin.
pub fn run(paths: &Paths) -> anyhow::Result<()> {
    // Commands get an ordinary mask; every file of ours is given its mode by name.
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    #[cfg(target_os = "linux")]
    platform::privileges::no_core().context("core dumps cannot be switched off")?;
    child::prepare(paths).context("the state directory cannot be used")?;
    durable::directory(&paths.run_dir(), 0o755).context("the run directory cannot be used")?;
    platform::commands::prepare(paths).context("the directory for scripts cannot be used")?;
    let (events, inbox) = mpsc::sync_channel(QUEUE);
    let clock = Clock::start();
    #[cfg(unix)]
    login_socket::listen(paths, events.clone()).context("the login socket cannot be opened")?;
    #[cfg(unix)]
    listen_for_signals(events.clone())?;
    loop {
        let trust = Trust::load(&paths.trust())?;
        let journal = Journal::open(&paths.journal_dir()).context("the journal cannot be opened")?;
        let core = Core::new(memory(trust.clone(), &journal, paths)?, clock.now());
        match &trust {
            Some(trust) => {
                log::info(format_args!("enrolled with {} as {}", trust.organization_name, trust.device))
            }
            None if standalone::is_active(paths) => tell_standalone(paths),
            None => log::info(format_args!("not enrolled; waiting for `sallyport-agent enroll`")),
        }
        let driver = Driver::new(core, trust, journal, paths.clone(), clock, events.clone());
        match driver.drive(&inbox) {
            Outcome::EnrollmentChanged => log::info(format_args!("the enrolment changed")),
            Outcome::Stop => break,
        }
    }
    let _ = durable::remove(&paths.login_socket());
    Ok(())
}

fn memory(trust: Option<Trust>, journal: &Journal, paths: &Paths) -> anyhow::Result<Memory> {
    let desired = durable::read(&paths.desired(), LONGEST_DESIRED).unwrap_or_else(|error| {
        log::warn(format_args!("the desired state that was kept cannot be read: {error}"));
        None
    });
    Ok(Memory {
        trust,
        desired: desired.and_then(|bytes| serde_json::from_slice(&bytes).ok()),
        records: journal.load(crate::clock::wall()).context("the journal cannot be read")?,
        used_codes: used_codes(&paths.break_glass())?,
        offline: offline(&paths.offline()),
    })
}

fn tell_standalone(paths: &Paths) {
    match standalone::Config::load(paths) {
        Ok(config) => log::info(format_args!("not enrolled; {} is asked for the second door", config.host)),
        Err(error) => log::warn(format_args!("nobody can be asked for the second door: {error}")),
    }
}

/// A code is as good as new to who has forgotten that it was used; so this must be readable.
fn used_codes(path: &Path) -> anyhow::Result<Vec<UsedCode>> {
    let Some(bytes) = durable::read(path, LONGEST_DESIRED)? else { return Ok(Vec::new()) };
    serde_json::from_slice(&bytes).with_context(|| format!("{} cannot be understood", path.display()))
}

/// What cannot be understood opens nothing, and must keep nobody else from the agent.
fn offline(path: &Path) -> Option<OfflineRecord> {
    let kept = durable::read(path, LONGEST_OFFLINE).map_err(anyhow::Error::from);
    let record = kept.and_then(|bytes| Ok(bytes.map(|bytes| serde_json::from_slice(&bytes)).transpose()?));
    record.unwrap_or_else(|error| {
        log::warn(format_args!("{} cannot be understood: {error}", path.display()));
        None
    })
}

#[cfg(unix)]
fn listen_for_signals(events: mpsc::SyncSender<Event>) -> anyhow::Result<()> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
    };
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("signals cannot be caught")?;
    event::thread("signals", move || {
        for signal in signals.forever() {
            let event = if signal == SIGHUP { Event::LookAgain } else { Event::Stop };
            if events.send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
