//! Applying the desired state, beside the driver: tools of the system take their time, and the door must not wait.

use std::{io, panic, sync::mpsc};

use sallyport_api::agent::{ActualAccount, Condition, DesiredLogin, DesiredState, Failure, Report};

use super::event::{Event, thread};
use crate::{
    log,
    paths::Paths,
    platform::{self, PlatformError, accounts::Answers},
};

/// Starts the one thread that touches accounts.
pub(super) fn start(
    paths: Paths,
    events: mpsc::SyncSender<Event>,
) -> io::Result<mpsc::Sender<Box<DesiredState>>> {
    let (states, orders) = mpsc::channel::<Box<DesiredState>>();
    thread("apply", move || {
        let mut answers = Answers::default();
        while let Ok(state) = orders.recv() {
            // Answers that are there were given, wherever it breaks off.
            let applying = panic::AssertUnwindSafe(|| apply(&state, &paths, &mut answers));
            let report = to_an_end(&state, &paths, applying);
            if events.send(Event::Applied(report)).is_err() {
                return;
            }
        }
    })?;
    Ok(states)
}

/// Whatever happens, there is a report: as long as there is none, no order begins.
fn to_an_end(
    state: &DesiredState,
    paths: &Paths,
    apply: impl FnOnce() -> Report + panic::UnwindSafe,
) -> Report {
    panic::catch_unwind(apply).unwrap_or_else(|_| failed(state, "applying it broke off", paths))
}

fn apply(state: &DesiredState, paths: &Paths, answers: &mut Answers) -> Report {
    let accounts = platform::accounts::apply(state, paths, answers)
        .unwrap_or_else(|error| failed_accounts(state, &error.to_string()));
    for account in &accounts {
        for failure in &account.failures {
            log::warn(format_args!("account {}: {}: {}", account.name, failure.aspect, failure.reason));
        }
    }
    let login_failure = follow_login(&state.login, paths).err().map(|error| error.to_string());
    if let Some(reason) = &login_failure {
        log::warn(format_args!("the login component cannot stand as desired: {reason}"));
    }
    let login_component = platform::login::state(&state.login, paths);
    Report { version: state.version, accounts, login_component, login_failure }
}

/// Lets the login component, where it stands, follow what is desired. The driver must not wait for this: its threads
/// answer the login by which the change is tested.
fn follow_login(login: &DesiredLogin, paths: &Paths) -> Result<(), PlatformError> {
    // Whoever holds the lock tells us when they are done, and if they die, the driver brings back what was and looks
    // again. Waiting here would keep a suspension waiting as well.
    let Some(_lock) = platform::login::try_lock(paths)? else { return Ok(()) };
    platform::login::recover(paths)?;
    if platform::login::follow(login, paths)? {
        log::info(format_args!("the login component stands as desired now"));
    }
    Ok(())
}

/// That nothing of the state could be applied.
pub(super) fn failed(state: &DesiredState, reason: &str, paths: &Paths) -> Report {
    let accounts = failed_accounts(state, reason);
    let login_component = platform::login::state(&state.login, paths);
    Report { version: state.version, accounts, login_component, login_failure: Some(reason.to_owned()) }
}

fn failed_accounts(state: &DesiredState, reason: &str) -> Vec<ActualAccount> {
    log::warn(format_args!("the desired state cannot be applied: {reason}"));
    let failure = Failure { aspect: "account".to_owned(), reason: reason.to_owned() };
    state
        .accounts
        .iter()
        .map(|account| ActualAccount {
            user: account.user,
            name: account.name.clone(),
            condition: Condition::Failed,
            failures: vec![failure.clone()],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sallyport_api::agent::StateVersion;
    use sallyport_model::{Time, id::DeviceId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn applying_that_breaks_off_is_reported_as_failed() {
        let state = DesiredState {
            device: DeviceId::new(Uuid::from_u128(1)),
            version: StateVersion { epoch: 1, n: 7 },
            issued: Time(0),
            accounts: Vec::new(),
            login: DesiredLogin::default(),
        };
        let machine = tempfile::tempdir().unwrap();
        let report = to_an_end(&state, &Paths::under(machine.path()), || panic!("broken"));
        assert_eq!(report.version, state.version);
        assert_eq!(report.login_failure.as_deref(), Some("applying it broke off"));
    }
}
