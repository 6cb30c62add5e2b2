//! `sallyport-agent login`.

#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use sallyport_api::agent::{DesiredLogin, DesiredState, Signed, context};

use super::{require_root, say};
#[cfg(unix)]
use crate::root::Status;
use crate::{accounts::Ledger, durable, paths::Paths, platform::login, trust::Trust};

const LONGEST_DESIRED: u64 = 4 * 1024 * 1024;

pub(super) fn enable(paths: &Paths) -> anyhow::Result<()> {
    require_root()?;
    let _lock = login::lock(paths)?;
    login::recover(paths)?;
    let enabled = login::enable(&desired(paths), paths)?;
    tell_agent(paths);
    say(&format!("the second door stands in front of {}", enabled.join(", ")));
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
    let services = login::status(&desired(paths).services, paths)?;
    let ledger = Ledger::load(&paths.accounts())?;
    let names: Vec<&str> = ledger.accounts.values().map(|owned| owned.name.as_str()).collect();
    if json {
        say(&serde_json::to_string_pretty(&serde_json::json!({ "services": services, "asked": names }))?);
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
    }
    say(&format!("{:<18}{}", "asked", if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }));
    say("not asked: local accounts that the directory does not own, and root becoming somebody else");
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

/// How the organisation wants people to log in here, as far as this device has heard.
fn desired(paths: &Paths) -> DesiredLogin {
    let signed = durable::read(&paths.desired(), LONGEST_DESIRED).ok().flatten();
    let signed = signed.and_then(|bytes| serde_json::from_slice::<Signed>(&bytes).ok());
    let trust = Trust::load(&paths.trust()).ok().flatten();
    let state: Option<DesiredState> =
        trust.zip(signed).and_then(|(trust, signed)| trust.open(&signed, context::DESIRED_STATE).ok());
    state.map(|state| state.login).unwrap_or_default()
}
