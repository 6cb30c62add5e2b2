//! What the agent does, as a state machine without IO.
//!
//! Inputs are `handle_*` with the time, outputs are [`Action`]s, which the driver carries out in order. The core
//! verifies every [`Signed`] itself: what arrives comes through the network half,
//! which is trusted with nothing.

mod clock;
mod desired;
mod login;
mod offline;
mod output;
mod runs;

use std::collections::VecDeque;

use sallyport_api::agent::{
    AgentMessage, DesiredLogin, DesiredState, Inventory, LoginBegin, LoginStep, Report, RunOrder,
    ServerMessage, Signed, StateVersion, Stream,
};
use sallyport_ipc::login::Verdict;
use sallyport_model::{
    id::RunId,
    time::{Span, Time},
};

use self::{clock::ServerClock, desired::Desired, login::Logins, offline::Offline, runs::Runs};
pub use self::{
    login::{Standing, UsedCode, break_glass_hash},
    offline::{OfflineRecord, Uptime},
    runs::{Ending, Entry, Record},
};
use crate::{half::AuthApiWord, trust::Trust};

/// The time of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since some start; only goes forward.
    pub monotonic: Span,
    /// As the machine has it; may jump.
    pub wall: Time,
    /// In the life of the machine; `None` where that cannot be told.
    pub uptime: Option<Uptime>,
}

/// What the driver is to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Make the device look so, then call [`Core::handle_applied`], also if that failed: orders wait for it.
    Apply(Box<DesiredState>),
    /// Put the intent to run this on disk, then call [`Core::handle_begun`].
    Begin(Box<RunOrder>),
    /// Keep the desired state for the next start.
    Keep(Box<Signed>),
    /// Remember this, on disk; then call [`Core::handle_remembered`] for the login that waits for it.
    KeepOffline {
        record: Box<OfflineRecord>,
        conversation: Option<String>,
    },
    /// Forget a run of long ago.
    Forget(RunId),
    /// Add to the journal of a run, on disk, before going on.
    Journal {
        run: RunId,
        entry: Entry,
    },
    /// Call [`Core::handle_nonce`] with fresh randomness.
    ProveContact,
    /// The server is done with this device.
    Revoked,
    /// Show a person at the door something, or end the conversation.
    Say {
        conversation: String,
        say: Say,
    },
    Send(AgentMessage),
    /// The server has all of a run: its journal may shrink to what must be remembered.
    Settle {
        run: RunId,
        record: Record,
    },
    /// Mark a break-glass code as used, on disk, then call [`Core::handle_spent`].
    Spend {
        conversation: String,
        code: UsedCode,
    },
    /// Start the program, then report with [`Core::handle_started`], [`Core::handle_output`] and
    /// [`Core::handle_ended`].
    Start(Box<RunOrder>),
    /// End the program and everything it started.
    Stop(RunId),
    /// Look at the machine, then call [`Core::handle_inventory`].
    TakeInventory,
}

/// To a person at the door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say {
    Done(Verdict),
    Inform(String),
    Prompt { echo: bool, text: String },
    Warn(String),
}

/// What the agent remembers from before it started.
#[derive(Debug, Default)]
pub struct Memory {
    pub trust: Option<Trust>,
    pub desired: Option<Signed>,
    pub records: Vec<Record>,
    pub used_codes: Vec<UsedCode>,
    /// `None` if there is none, or none that can be understood: then nobody passes until the server was there.
    pub offline: Option<OfflineRecord>,
}

pub struct Core {
    trust: Option<Trust>,
    standalone: Option<DesiredLogin>,
    clock: ServerClock,
    desired: Desired,
    runs: Runs,
    logins: Logins,
    offline: Offline,
    /// Whether the machine has a network; while nobody says, it has.
    network: bool,
    inventory: Option<Inventory>,
    inventory_due: Span,
    link: bool,
    actions: VecDeque<Action>,
}

/// How often the machine is looked at for the inventory.
const INVENTORY_EVERY: Span = Span::hours(6);

impl Core {
    /// Goes on where the agent stopped: applies the state it has, and owns up to runs whose end it missed.
    #[must_use]
    pub fn new(memory: Memory, now: Now) -> Self {
        let Memory { trust, desired, records, used_codes, offline } = memory;
        let state = desired.and_then(|signed| desired::verified(trust.as_ref()?, &signed).ok());
        let mut core = Self {
            clock: ServerClock::new(state.as_ref().map(|state| state.issued), now),
            offline: Offline::new(trust.as_ref(), offline),
            network: true,
            trust,
            standalone: None,
            desired: Desired::default(),
            runs: Runs::default(),
            logins: Logins::new(used_codes),
            inventory: None,
            inventory_due: now.monotonic,
            link: false,
            actions: VecDeque::new(),
        };
        core.runs.restore(records, now, &core.clock, &mut core.actions);
        if let Some(state) = state {
            core.desired.adopt(state, now, &mut core.actions);
        }
        core
    }

    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Core::handle_timeout`] wants to be called, on the monotonic clock.
    #[must_use]
    pub fn poll_timeout(&self) -> Span {
        let due = [self.desired.due(), self.runs.due(), self.logins.due(), self.offline.due()];
        due.into_iter().chain([Some(self.inventory_due)]).flatten().min().unwrap_or(self.inventory_due)
    }

    /// The version of the state this device has.
    #[must_use]
    pub fn desired_version(&self) -> Option<StateVersion> {
        self.desired.version()
    }

    #[must_use]
    pub fn desired_state(&self) -> Option<&DesiredState> {
        self.desired.state()
    }

    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        self.desired.report()
    }

    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.link
    }

    /// The network half says that the server's proof held.
    pub fn handle_link_up(&mut self, now: Now) {
        self.link = true;
        self.inventory = None;
        self.inventory_due = now.monotonic;
        self.desired.handle_link_up(&mut self.actions);
        self.runs.handle_link_up(&mut self.actions);
        self.offline.handle_contact(self.desired.opens(), now, &mut self.actions);
    }

    pub fn handle_link_down(&mut self, now: Now) {
        self.link = false;
        self.offline.handle_link_down();
        let login = self.desired.login();
        self.logins.handle_link_down(login, now, &mut self.actions);
    }

    /// A message of the server, as the network half hands it on.
    ///
    /// # Errors
    /// Why it was not believed; nothing has changed then.
    pub fn handle_server_message(&mut self, message: ServerMessage, now: Now) -> Result<(), RefusedMessage> {
        match message {
            ServerMessage::Challenge { .. } | ServerMessage::Reconnect { .. } => {}
            ServerMessage::Welcome { signature: _, now: told } => self.clock.handle_told(told, now),
            ServerMessage::Revoked => self.actions.push_back(Action::Revoked),
            ServerMessage::Desired { state } => self.handle_desired(state, now)?,
            ServerMessage::Run { order } => self.handle_order(&order, now)?,
            ServerMessage::CancelRun { run } => {
                self.runs.cancel(run, self.link, now, &self.clock, &mut self.actions)
            }
            ServerMessage::RunAcknowledged { run, seq } => {
                self.runs.handle_acknowledged(run, seq, &mut self.actions);
            }
            ServerMessage::Login { conversation, step } => {
                self.handle_login_step(&conversation, step, now)?
            }
            ServerMessage::Contact { proof } => {
                let trust = self.trust.as_ref().ok_or(RefusedMessage::NotEnrolled)?;
                self.offline.handle_proof(&proof, trust, &mut self.actions)?;
            }
        }
        Ok(())
    }

    fn handle_desired(&mut self, signed: Signed, now: Now) -> Result<(), RefusedMessage> {
        let trust = self.trust.as_ref().ok_or(RefusedMessage::NotEnrolled)?;
        let state = desired::verified(trust, &signed)?;
        self.clock.handle_signed(state.issued, now);
        self.desired.handle_state(state, signed, now, &mut self.actions)?;
        self.logins.handle_state(&self.desired);
        if self.link {
            self.offline.handle_contact(self.desired.opens(), now, &mut self.actions);
        }
        Ok(())
    }

    fn handle_order(&mut self, signed: &Signed, now: Now) -> Result<(), RefusedMessage> {
        let trust = self.trust.as_ref().ok_or(RefusedMessage::NotEnrolled)?;
        let order: RunOrder = trust.open(signed, sallyport_api::agent::context::RUN)?;
        if order.device != trust.device {
            return Err(RefusedMessage::OtherDevice);
        }
        self.runs.handle_order(order, self.link, now, &self.clock, &mut self.actions);
        self.begin_waiting(now);
        Ok(())
    }

    fn handle_login_step(
        &mut self,
        conversation: &str,
        step: LoginStep,
        now: Now,
    ) -> Result<(), RefusedMessage> {
        let trust = self.trust.as_ref().ok_or(RefusedMessage::NotEnrolled)?;
        self.logins.handle_step(conversation, step, trust, self.clock.estimate(now), now, &mut self.actions)
    }

    /// The device was made to look as desired, as far as possible.
    pub fn handle_applied(&mut self, report: Report, now: Now) {
        let report = self.logins.with_used_codes(report, self.desired.login());
        self.desired.handle_applied(report, self.link, now, &mut self.actions);
        self.begin_waiting(now);
    }

    /// Something on this machine changed beside us.
    pub fn handle_look_again(&mut self, now: Now) {
        self.desired.look_again(now, &mut self.actions);
    }

    /// The intent to run is on disk, or could not be put there.
    pub fn handle_begun(&mut self, run: RunId, journalled: Result<(), String>, now: Now) {
        self.runs.handle_begun(run, journalled, self.link, now, &self.clock, &mut self.actions);
    }

    /// The program runs.
    pub fn handle_started(&mut self, run: RunId, now: Now) {
        self.runs.handle_started(run, self.link, self.clock.estimate(now), &mut self.actions);
    }

    pub fn handle_output(&mut self, run: RunId, stream: Stream, bytes: &[u8], now: Now) {
        self.runs.handle_output(run, stream, bytes, self.link, self.clock.estimate(now), &mut self.actions);
    }

    /// The program ended, or could not be started.
    pub fn handle_ended(&mut self, run: RunId, ending: Ending, now: Now) {
        self.runs.handle_ended(run, ending, self.link, now, &self.clock, &mut self.actions);
        self.begin_waiting(now);
    }

    /// Begins the orders whose turn it is. Whom the directory shut out, and what it changed, counts before any of
    /// them: on return from absence both come at once, and applying takes longer than beginning a run. What runs
    /// already goes on.
    fn begin_waiting(&mut self, now: Now) {
        let held_back = self.desired.is_pending();
        self.runs.begin_waiting(held_back, self.link, now, &self.clock, &mut self.actions);
    }

    /// The agent is about to end: whatever runs is stopped.
    pub fn handle_shutdown(&mut self) {
        self.runs.handle_shutdown(&mut self.actions);
    }

    /// Whether a program still runs.
    #[must_use]
    pub fn has_running(&self) -> bool {
        self.runs.has_running()
    }

    /// Fresh randomness for [`Action::ProveContact`].
    pub fn handle_nonce(&mut self, nonce: String, now: Now) {
        self.offline.handle_nonce(nonce, now, &mut self.actions);
    }

    /// Whether the machine has a network, be it one that leads to the server or not.
    pub fn handle_network(&mut self, is_up: bool) {
        self.network = is_up;
    }

    /// Somebody logs in. `begin.conversation` is fresh randomness.
    pub fn handle_login(&mut self, begin: LoginBegin, standing: Standing, prompts: bool, now: Now) {
        let link = self.can_ask();
        let policy = login_policy(self.trust.as_ref(), &self.desired, self.standalone.as_ref());
        let excused = self.desired.excuses(&begin.user);
        let lets = self.desired.fails_open(&begin.user);
        let lets = lets.filter(|_| !link && self.offline.allows(&begin, self.network, now).is_ok());
        let offline =
            lets.map(|user| (offline::login(&begin, user, self.clock.estimate(now)), &mut self.offline));
        self.logins.handle_begin(
            begin,
            standing,
            prompts,
            link,
            excused,
            offline,
            policy,
            now,
            &mut self.actions,
        );
    }

    /// A login without the server is remembered, or could not be.
    pub fn handle_remembered(&mut self, conversation: &str, remembered: bool) {
        self.logins.handle_remembered(conversation, remembered, &mut self.offline, &mut self.actions);
    }

    /// How people log in at a machine that is not enrolled and asks a service by itself; `None` at any other.
    pub fn handle_standalone(&mut self, policy: Option<DesiredLogin>) {
        self.standalone = policy;
    }

    /// A machine that is not enrolled: what came of asking the service.
    pub fn handle_auth_api(&mut self, conversation: &str, word: AuthApiWord, now: Now) {
        // Where an organisation decides, nobody else does.
        if self.trust.is_none() {
            let login = self.standalone.as_ref();
            self.logins.handle_auth_api(conversation, word, login, now, &mut self.actions);
        }
    }

    /// The person at the door answered.
    pub fn handle_login_answer(&mut self, conversation: &str, text: String, now: Now) {
        let link = self.can_ask();
        let login = login_policy(self.trust.as_ref(), &self.desired, self.standalone.as_ref());
        self.logins.handle_answer(conversation, text, link, login, now, &mut self.actions);
    }

    /// The person, or the program they came through, is gone.
    pub fn handle_login_gone(&mut self, conversation: &str) {
        let link = self.can_ask();
        self.logins.handle_gone(conversation, link, &mut self.actions);
    }

    /// A break-glass code is marked as used, or could not be.
    pub fn handle_spent(&mut self, conversation: &str, marked: bool, now: Now) {
        self.logins.handle_spent(conversation, marked, &mut self.actions);
        // The server hears of the use by the next report, and replaces the code then.
        self.desired.look_again(now, &mut self.actions);
    }

    /// Whether there is somebody to ask for the second door.
    fn can_ask(&self) -> bool {
        match self.trust {
            Some(_) => self.link,
            None => self.standalone.is_some(),
        }
    }

    pub fn handle_inventory(&mut self, inventory: Inventory) {
        if self.link && self.inventory.as_ref() != Some(&inventory) {
            self.actions.push_back(Action::Send(AgentMessage::Inventory(Box::new(inventory.clone()))));
            self.inventory = Some(inventory);
        }
    }

    pub fn handle_timeout(&mut self, now: Now) {
        if self.inventory_due <= now.monotonic {
            self.inventory_due = later(now, INVENTORY_EVERY);
            self.actions.push_back(Action::TakeInventory);
        }
        if self.offline.due().is_some_and(|due| due <= now.monotonic) {
            self.offline.handle_contact(self.desired.opens(), now, &mut self.actions);
        }
        self.desired.handle_timeout(now, &mut self.actions);
        self.runs.handle_timeout(now, &self.clock, &mut self.actions);
        self.begin_waiting(now);
        let link = self.can_ask();
        let login = login_policy(self.trust.as_ref(), &self.desired, self.standalone.as_ref());
        self.logins.handle_timeout(link, login, now, &mut self.actions);
    }
}

/// Why a message of the server changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum RefusedMessage {
    #[error("it was not expected: {0}")]
    NotExpected(&'static str),
    #[error("this device is not enrolled")]
    NotEnrolled,
    #[error("it is older than what this device has")]
    Older,
    #[error("it is meant for another device")]
    OtherDevice,
    #[error(transparent)]
    Trust(#[from] crate::trust::TrustError),
}

/// The organisation's word on how people log in here; without an organisation this machine's own.
fn login_policy<'a>(
    trust: Option<&Trust>,
    desired: &'a Desired,
    standalone: Option<&'a DesiredLogin>,
) -> Option<&'a DesiredLogin> {
    match trust {
        Some(_) => desired.login(),
        None => standalone,
    }
}

fn later(now: Now, span: Span) -> Span {
    Span(now.monotonic.0.saturating_add(span.0))
}

#[cfg(test)]
mod tests;
