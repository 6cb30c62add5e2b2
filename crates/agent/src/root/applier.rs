//! Applying the desired state, beside the driver: tools of the system take their time, and the door must not wait.

use std::{io, panic, sync::mpsc};

use sallyport_api::agent::{ActualAccount, Condition, DesiredLogin, DesiredState, Failure, Report};

use super::event::{Event, thread};
use crate::{
    log,
    paths::Paths,
    platform::{self, PlatformError, accounts::Answers},
};

/// The one thread that touches accounts, started when there is something to apply.
pub(super) struct Applier {
    paths: Paths,
    events: mpsc::SyncSender<Event>,
    states: Option<mpsc::Sender<Box<DesiredState>>>,
}

impl Applier {
    pub(super) fn new(paths: &Paths, events: &mpsc::SyncSender<Event>) -> Self {
        Self { paths: paths.clone(), events: events.clone(), states: None }
    }

    /// Has the state applied, of which an event tells; or else the report at once, where nobody is there to do it.
    pub(super) fn send(&mut self, state: Box<DesiredState>) -> Option<Report> {
        let states = match self.states.take() {
            Some(states) => states,
            None => match start(self.paths.clone(), self.events.clone()) {
                Ok(states) => states,
                Err(error) => return Some(failed(&state, &error.to_string(), &self.paths)),
            },
        };
        if let Err(mpsc::SendError(state)) = states.send(state) {
            return Some(failed(&state, "the thread for it is gone", &self.paths));
        }
        self.states = Some(states);
        None
    }
}

fn start(paths: Paths, events: mpsc::SyncSender<Event>) -> io::Result<mpsc::Sender<Box<DesiredState>>> {
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
fn failed(state: &DesiredState, reason: &str, paths: &Paths) -> Report {
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

    fn state() -> DesiredState {
        DesiredState {
            device: DeviceId::new(Uuid::from_u128(1)),
            version: StateVersion { epoch: 1, n: 7 },
            issued: Time(0),
            accounts: Vec::new(),
            login: DesiredLogin::default(),
            portal: None,
        }
    }

    #[test]
    fn applying_that_breaks_off_is_reported_as_failed() {
        let machine = tempfile::tempdir().unwrap();
        let report = to_an_end(&state(), &Paths::under(machine.path()), || panic!("broken"));
        assert_eq!(report.version, state().version);
        assert_eq!(report.login_failure.as_deref(), Some("applying it broke off"));
    }

    #[test]
    fn where_nobody_is_there_to_apply_a_state_the_report_says_so_at_once() {
        let machine = tempfile::tempdir().unwrap();
        let (events, _inbox) = mpsc::sync_channel(1);
        let mut applier = Applier::new(&Paths::under(machine.path()), &events);
        applier.states = Some(mpsc::channel().0);
        let report = applier.send(Box::new(state())).unwrap();
        assert_eq!(report.version, state().version);
        assert_eq!(report.login_failure.as_deref(), Some("the thread for it is gone"));
        // The next state finds a new one.
        assert!(applier.states.is_none());
    }
}
