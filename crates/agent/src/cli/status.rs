//! `sallyport-agent status`.

use std::fmt::Write as _;

use sallyport_api::agent::{ComponentState, Condition, StateVersion};
use sallyport_model::name::printable;

use super::say;
use crate::{paths::Paths, root::Status, standalone};

pub(super) fn run(json: bool, paths: &Paths) -> anyhow::Result<()> {
    let mut status =
        Status::load(&paths.status())?.unwrap_or_else(|| Status::never_ran(crate::clock::wall()));
    let running = status.is_running(paths);
    status.connected &= running;
    if json {
        let mut value = serde_json::to_value(&status)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("running".to_owned(), running.into());
        }
        say(&serde_json::to_string_pretty(&value)?);
    } else {
        say(text(&status, running, standalone::is_active(paths)).trim_end());
    }
    Ok(())
}

fn text(status: &Status, running: bool, standalone: bool) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{name:<18}{}", printable(value, 300));
    };
    line("agent", if running { "running" } else { "not running" });
    match (&status.organization, &status.device, &status.server) {
        (Some(organization), Some(device), Some(server)) => {
            line("organisation", organization);
            line("device", &device.to_string());
            line("server", server);
        }
        _ => line("organisation", "not enrolled"),
    }
    let connected = if status.connected { "connected" } else { "not connected" };
    line("channel", &format!("{connected} since {}", status.since));
    if status.revoked {
        line("", "the server revoked this device");
    }
    line("desired state", &version(status.desired));
    line("applied", &version(status.applied));
    if standalone {
        line("login component", "asks by itself; `sallyport-agent login status` says whom");
    } else {
        line("login component", component(status.login_component));
    }
    if let Some(reason) = &status.login_failure {
        line("", reason);
    }
    for account in &status.accounts {
        line("account", &format!("{}: {}", account.name, condition(account.condition)));
        for failure in &account.failures {
            line("", &format!("{}: {}", failure.aspect, failure.reason));
        }
    }
    out
}

fn version(version: Option<StateVersion>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| format!("{}.{}", version.epoch, version.n))
}

const fn component(state: Option<ComponentState>) -> &'static str {
    match state {
        None | Some(ComponentState::Absent) => "not installed",
        Some(ComponentState::Installed) => "installed, not enabled",
        Some(ComponentState::Enabled) => "enabled",
        Some(ComponentState::Unsupported) => "not supported here",
    }
}

const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::InPlace => "as desired",
        Condition::WaitingForPassword => "waiting for password",
        Condition::Locked => "locked",
        Condition::Failed => "not as desired",
    }
}
