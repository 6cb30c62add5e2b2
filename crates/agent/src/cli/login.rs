//! `sallyport-agent login`.

#[cfg(unix)]
pub(super) mod setup;

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use sallyport_api::agent::{DesiredLogin, DesiredState, Signed, context};

use anyhow::Context as _;

use super::{require_root, say};
#[cfg(unix)]
use crate::root::Status;
use crate::{
    accounts::Ledger,
    durable,
    paths::Paths,
    platform::login,
    standalone::{self, Config},
    trust::Trust,
};

const LONGEST_DESIRED: u64 = 4 * 1024 * 1024;
/// Where the line that composes passwords could not be written.
const COMPOSED_ALONE: &str = "an accented letter of a password must be typed as one character";

pub(super) fn enable(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let _lock = login::lock(paths)?;
    login::recover(paths)?;
    put_in_front(&wanted(paths), paths)
}

/// The caller holds the lock.
fn put_in_front(wanted: &DesiredLogin, paths: &Paths) -> anyhow::Result<()> {
    let enabled = login::enable(wanted, paths)?;
    tell_agent(paths);
    say(&format!("the second door stands in front of {}", enabled.join(", ")));
    if standalone::is_active(paths) {
        return Ok(());
    }
    let mut bytewise = login::status(&enabled, paths)?;
    bytewise.retain(|status| status.enabled && !status.composed && enabled.contains(&status.service));
    for status in bytewise {
        say(&format!("{}: {COMPOSED_ALONE}", status.service));
    }
    Ok(())
}

pub(super) fn disable(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let _lock = login::lock(paths)?;
    login::recover(paths)?;
    let disabled = login::disable(paths)?;
    tell_agent(paths);
    if disabled.is_empty() {
        say("the second door stood nowhere");
    } else {
        say(&format!("the second door was taken out of {}", disabled.join(", ")));
    }
    Ok(())
}

pub(super) fn status(json: bool, paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let services = login::status(&wanted(paths).services, paths)?;
    let ledger = Ledger::load(&paths.accounts())?;
    let names: Vec<&str> = ledger.accounts.values().map(|owned| owned.name.as_str()).collect();
    let standalone = standalone::is_active(paths);
    if json {
        let shown = serde_json::json!({ "services": services, "asked": names, "standalone": standalone });
        say(&serde_json::to_string_pretty(&shown)?);
        return Ok(());
    }
    for service in services {
        let place = match (service.present, service.enabled, service.wanted) {
            (false, _, _) => "not on this machine",
            (true, true, true) => "second door",
            (true, true, false) => "second door, although nobody wants it there",
            (true, false, true) => "no second door",
            (true, false, false) => "not covered",
        };
        say(&format!("{:<18}{place}", service.service));
        if service.enabled && !service.composed && !standalone {
            say(&format!("{:<18}{COMPOSED_ALONE}", ""));
        }
    }
    if standalone {
        return say_standalone(paths);
    }
    say(&format!("{:<18}{}", "asked", if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }));
    say("not asked: local accounts that the directory does not own, and root becoming somebody else");
    Ok(())
}

fn say_standalone(paths: &Paths) -> anyhow::Result<()> {
    let config = Config::load(paths).context("everybody is refused but with the break-glass code")?;
    let asked = match config.groups.as_slice() {
        [] => "everybody".to_owned(),
        groups => format!("members of {}", groups.join(", ")),
    };
    say(&format!("{:<18}{}", "by", config.host));
    say(&format!("{:<18}{asked}", "asked"));
    say("not asked: root becoming somebody else");
    Ok(())
}

/// The organisation learns at once where the second door stands now.
#[cfg(unix)]
fn tell_agent(paths: &Paths) {
    let status = Status::load(&paths.status()).ok().flatten();
    let Some(status) = status.filter(|status| status.is_running(paths)) else { return };
    if let Some(agent) = i32::try_from(status.process).ok().and_then(Pid::from_raw) {
        // It looks by itself now and then; this only hurries it.
        let _ = kill_process(agent, Signal::HUP);
    }
}

#[cfg(not(unix))]
fn tell_agent(_paths: &Paths) {}

/// How people are to log in here: as the organisation says, or this machine's own configuration.
fn wanted(paths: &Paths) -> DesiredLogin {
    standalone::policy(paths).unwrap_or_else(|| desired(paths))
}

/// How the organisation wants people to log in here, as far as this device has heard.
fn desired(paths: &Paths) -> DesiredLogin {
    let signed = durable::read(&paths.desired(), LONGEST_DESIRED).ok().flatten();
    let signed = signed.and_then(|bytes| serde_json::from_slice::<Signed>(&bytes).ok());
    let trust = Trust::load(&paths.trust()).ok().flatten();
    let state: Option<DesiredState> =
        trust.zip(signed).and_then(|(trust, signed)| trust.open(&signed, context::DESIRED_STATE).ok());
    state.map(|state| state.login).unwrap_or_default()
}
