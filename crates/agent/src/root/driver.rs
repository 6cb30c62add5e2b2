//! Carries out what the core decides, and tells it what happened.

use std::{
    collections::BTreeMap,
    sync::mpsc,
    time::{Duration, Instant},
};

use data_encoding::HEXLOWER;
use sallyport_api::agent::{AgentMessage, DesiredState, RunOrder, ServerMessage};
use sallyport_crypto::{SystemRandom, random};
use sallyport_ipc::{
    half::{self, Frame},
    login::AgentMessage as Word,
};
use sallyport_model::id::RunId;

#[cfg(unix)]
use super::auth_api::Askers;
use super::{
    Outcome,
    applier::Applier,
    event::{Event, LinkEvent, thread},
    link::Link,
    runner,
    status::{AccountStatus, Status},
};
use crate::{
    accounts::Ledger,
    clock::Clock,
    core::{Action, Core, Say, UsedCode},
    durable,
    half::{AuthApiWord, CONFIG, NetConfig},
    journal::Journal,
    log,
    paths::Paths,
    platform::{self, commands::Stopper},
    standalone,
    trust::Trust,
};

/// How often is looked whether the enrolment is still the same.
const LOOK: Duration = Duration::from_secs(3);
/// Pauses between network halves that come to nothing.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// For programs to end when the agent does.
const ENDING: Duration = Duration::from_secs(8);

pub(super) struct Driver {
    core: Core,
    trust: Option<Trust>,
    journal: Journal,
    paths: Paths,
    clock: Clock,
    events: mpsc::SyncSender<Event>,
    applier: Applier,
    link: Option<Link>,
    generation: u64,
    restart: Instant,
    pause: Duration,
    doors: BTreeMap<String, mpsc::Sender<Word>>,
    #[cfg(unix)]
    askers: Askers,
    programs: BTreeMap<RunId, Stopper>,
    /// Told to stop before they had started.
    stopping: Vec<RunId>,
    revoked: bool,
    told: Option<NetConfig>,
    /// Whose accounts there are, as they were applied last.
    ledger: Ledger,
    status: Option<Status>,
    status_due: bool,
}

impl Driver {
    pub(super) fn new(
        core: Core,
        trust: Option<Trust>,
        journal: Journal,
        paths: Paths,
        clock: Clock,
        events: mpsc::SyncSender<Event>,
    ) -> Self {
        let ledger = accounts_of(&paths);
        Self {
            #[cfg(unix)]
            askers: Askers::new(&paths, &events),
            applier: Applier::new(&paths, &events),
            core,
            trust,
            journal,
            paths,
            clock,
            events,
            link: None,
            // Never one that an earlier driver had, whose network half may still tell of its end.
            generation: u64::try_from(clock.now().monotonic.0).unwrap_or(0),
            restart: Instant::now(),
            pause: FIRST_PAUSE,
            doors: BTreeMap::new(),
            programs: BTreeMap::new(),
            stopping: Vec::new(),
            revoked: false,
            told: None,
            ledger,
            status: None,
            status_due: true,
        }
    }

    /// Until the enrolment changes or the agent is told to end.
    pub(super) fn drive(mut self, inbox: &mpsc::Receiver<Event>) -> Outcome {
        let mut look = Instant::now() + LOOK;
        loop {
            self.start_link();
            self.carry_out();
            self.tell_net();
            self.tell_status();
            match inbox.recv_timeout(self.patience(look)) {
                Ok(Event::Stop) => {
                    self.end(inbox);
                    return Outcome::Stop;
                }
                Ok(event) => self.handle(event),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return Outcome::Stop,
            }
            let now = self.clock.now();
            if self.core.poll_timeout() <= now.monotonic {
                self.core.handle_timeout(now);
            }
            if look <= Instant::now() {
                look = Instant::now() + LOOK;
                self.recover_login();
                if self.enrollment_changed() {
                    self.end(inbox);
                    return Outcome::EnrollmentChanged;
                }
            }
        }
    }

    fn patience(&self, look: Instant) -> Duration {
        let due = self.core.poll_timeout().0.saturating_sub(self.clock.now().monotonic.0).max(0);
        let due = Duration::from_micros(u64::try_from(due).unwrap_or(0));
        due.min(look.saturating_duration_since(Instant::now()))
    }

    fn enrollment_changed(&self) -> bool {
        Trust::load(&self.paths.trust()).is_ok_and(|trust| trust != self.trust)
    }

    /// A change of the login configuration that nobody will confirm, because the program that made it was killed,
    /// goes back by itself.
    fn recover_login(&mut self) {
        if !self.paths.login_pending().exists() {
            return;
        }
        let recovered = match platform::login::try_lock(&self.paths) {
            // Whoever holds it is still at it.
            Ok(None) => return,
            Ok(Some(_lock)) => platform::login::recover(&self.paths),
            Err(error) => Err(error),
        };
        match recovered {
            Ok(_) => self.core.handle_look_again(self.clock.now()),
            Err(error) => {
                log::warn(format_args!("the former login configuration cannot be brought back: {error}"));
            }
        }
    }

    fn start_link(&mut self) {
        if self.link.is_some() || self.trust.is_none() || self.restart > Instant::now() {
            return;
        }
        self.generation += 1;
        self.told = None;
        match Link::start(self.generation, &self.paths, &self.events) {
            Ok(link) => self.link = Some(link),
            Err(error) => {
                log::warn(format_args!("the network half cannot be started: {error}"));
                self.postpone_link();
            }
        }
    }

    fn postpone_link(&mut self) {
        self.restart = Instant::now() + self.pause;
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
    }

    fn handle(&mut self, event: Event) {
        let now = self.clock.now();
        match event {
            Event::Applied(report) => {
                self.status_due = true;
                self.ledger = accounts_of(&self.paths);
                self.core.handle_applied(report, now);
            }
            Event::AuthApi { conversation, word } => self.handle_auth_api(&conversation, word),
            Event::Inventory(inventory) => self.core.handle_inventory(*inventory),
            Event::Link { generation, what } => {
                self.status_due = true;
                self.handle_link(generation, what);
            }
            Event::LookAgain => self.core.handle_look_again(now),
            Event::LoginAnswered { conversation, text } => {
                self.core.handle_login_answer(&conversation, text, now);
            }
            Event::LoginGone { conversation } => {
                self.doors.remove(&conversation);
                self.core.handle_login_gone(&conversation);
            }
            Event::LoginOpened { begin, standing, prompts, door } => {
                self.doors.insert(begin.conversation.clone(), door);
                // Looked at for each login, so that a change counts from the next one on.
                self.core.handle_standalone(standalone::policy(&self.paths));
                self.core.handle_network(platform::network::is_up(&self.paths));
                self.core.handle_login(begin, standing, prompts, now);
            }
            Event::RunEnded { run, ending } => {
                self.programs.remove(&run);
                self.stopping.retain(|waiting| *waiting != run);
                self.core.handle_ended(run, ending, now);
            }
            Event::RunOutput { run, stream, bytes } => self.core.handle_output(run, stream, &bytes, now),
            Event::RunStarted { run, stopper } => {
                self.programs.insert(run, stopper);
                self.core.handle_started(run, now);
                if let Some(index) = self.stopping.iter().position(|waiting| *waiting == run) {
                    self.stopping.swap_remove(index);
                    self.stop(run);
                }
            }
            Event::Stop => {}
        }
    }

    fn handle_auth_api(&mut self, conversation: &str, word: AuthApiWord) {
        if let AuthApiWord::Unavailable { reason } = &word
            && self.doors.contains_key(conversation)
        {
            log::warn(format_args!("nobody can be asked for the second door: {reason}"));
        }
        self.core.handle_auth_api(conversation, word, self.clock.now());
    }

    fn handle_link(&mut self, generation: u64, what: LinkEvent) {
        let present = self.link.as_ref().is_some_and(|link| link.generation == generation);
        match what {
            LinkEvent::Frame(frame) if present => self.handle_frame(&frame),
            LinkEvent::Frame(_) => {}
            LinkEvent::Gone(ended) => {
                ended.reap();
                if present {
                    log::warn(format_args!("the network half ended"));
                    self.link = None;
                    self.core.handle_link_down(self.clock.now());
                    self.postpone_link();
                }
            }
        }
    }

    fn handle_frame(&mut self, frame: &Frame) {
        let now = self.clock.now();
        match frame.tag {
            half::LINK_UP => {
                self.pause = FIRST_PAUSE;
                self.core.handle_link_up(now);
            }
            half::LINK_DOWN => self.core.handle_link_down(now),
            half::SERVER_MESSAGE => match serde_json::from_slice::<ServerMessage>(&frame.body) {
                Ok(message) => {
                    if let Err(error) = self.core.handle_server_message(message, now) {
                        log::warn(format_args!("a message of the server was refused: {error}"));
                    }
                }
                Err(error) => log::warn(format_args!("a message of the server was not understood: {error}")),
            },
            other => log::warn(format_args!("the network half sent something unknown ({other})")),
        }
    }

    fn carry_out(&mut self) {
        while let Some(action) = self.core.poll_action() {
            self.carry_out_one(action);
        }
    }

    fn carry_out_one(&mut self, action: Action) {
        match action {
            Action::Apply(state) => self.apply(state),
            Action::Begin(order) => self.begin(&order),
            Action::Forget(run) => note(self.journal.forget(run), "the journal"),
            Action::Journal { run, entry } => note(self.journal.add(run, &entry), "the journal"),
            Action::Keep(signed) => {
                let kept = serde_json::to_vec(&signed).map_err(std::io::Error::from);
                let kept = kept.and_then(|bytes| durable::write(&self.paths.desired(), &bytes, 0o600));
                note(kept, "the desired state");
            }
            Action::KeepOffline { record, conversation } => {
                let kept = serde_json::to_vec(&record).map_err(std::io::Error::from);
                let kept = kept.and_then(|bytes| durable::write(&self.paths.offline(), &bytes, 0o600));
                if let Some(conversation) = conversation {
                    log::warn(format_args!("login: somebody passes without the server"));
                    self.core.handle_remembered(&conversation, kept.is_ok());
                }
                note(kept, "what happened without the server");
            }
            Action::ProveContact => match random::bytes::<32>(&SystemRandom::new()) {
                Ok(nonce) => self.core.handle_nonce(HEXLOWER.encode(&nonce), self.clock.now()),
                Err(_) => log::warn(format_args!("there is no randomness")),
            },
            Action::Revoked => {
                self.revoked = true;
                log::warn(format_args!("the server revoked this device; accounts stay as they are"));
            }
            Action::Say { conversation, say } => self.say(&conversation, say),
            Action::Send(message) if self.trust.is_none() => self.ask(message),
            Action::Send(message) => self.send(&message),
            Action::Settle { run, record } => note(self.journal.settle(run, &record), "the journal"),
            Action::Spend { conversation, code } => {
                let marked = self.spend(code);
                self.core.handle_spent(&conversation, marked, self.clock.now());
            }
            Action::Start(order) => {
                runner::start(RunOrder::clone(&order), self.paths.clone(), self.events.clone());
            }
            Action::Stop(run) => self.stop(run),
            Action::TakeInventory => self.take_inventory(),
        }
    }

    fn apply(&mut self, state: Box<DesiredState>) {
        if let Some(report) = self.applier.send(state) {
            self.status_due = true;
            self.core.handle_applied(report, self.clock.now());
        }
    }

    fn begin(&mut self, order: &RunOrder) {
        let journalled = self.journal.begin(order).map_err(|error| error.to_string());
        self.core.handle_begun(order.run, journalled, self.clock.now());
    }

    fn say(&mut self, conversation: &str, say: Say) {
        let (word, last) = match say {
            Say::Done(verdict) => (Word::Done { verdict }, true),
            Say::Inform(text) => (Word::Inform { text }, false),
            Say::Prompt { echo, text } => (Word::Prompt { echo, text }, false),
            Say::Warn(text) => (Word::Warn { text }, false),
        };
        if let Some(door) = self.doors.get(conversation) {
            // A door that closed meanwhile tells so by itself.
            let _ = door.send(word);
        }
        if last {
            self.doors.remove(conversation);
            #[cfg(unix)]
            self.askers.end(conversation);
        }
    }

    /// Where no organisation has this machine, a service is asked by the Auth API.
    #[cfg(unix)]
    fn ask(&mut self, message: AgentMessage) {
        if let Some((conversation, word)) = self.askers.send(message) {
            self.handle_auth_api(&conversation, word);
        }
    }

    #[cfg(not(unix))]
    fn ask(&mut self, _message: AgentMessage) {}

    fn send(&self, message: &AgentMessage) {
        let Some(link) = &self.link else { return };
        match serde_json::to_vec(message) {
            Ok(body) => link.send(Frame { tag: half::AGENT_MESSAGE, body }),
            Err(error) => log::warn(format_args!("a message cannot be written: {error}")),
        }
    }

    fn spend(&self, code: UsedCode) -> bool {
        log::warn(format_args!("login: the break-glass code was used by {}", code.user));
        let marked = super::used_codes(&self.paths.break_glass()).and_then(|mut codes| {
            codes.push(code);
            Ok(durable::write(&self.paths.break_glass(), &serde_json::to_vec(&codes)?, 0o600)?)
        });
        if let Err(error) = &marked {
            log::warn(format_args!("the used code cannot be marked: {error}"));
        }
        marked.is_ok()
    }

    fn stop(&mut self, run: RunId) {
        match self.programs.get(&run) {
            Some(stopper) => stopper.stop(),
            None => self.stopping.push(run),
        }
    }

    fn take_inventory(&self) {
        let (paths, events) = (self.paths.clone(), self.events.clone());
        let started = thread("inventory", move || {
            let inventory = platform::inventory::take(&paths);
            let _ = events.send(Event::Inventory(Box::new(inventory)));
        });
        note(started, "the inventory");
    }

    /// Tells the network half what it has to know, when that has changed.
    fn tell_net(&mut self) {
        let (Some(link), Some(trust)) = (&self.link, &self.trust) else { return };
        let config = NetConfig::new(trust, self.core.desired_state(), &self.ledger);
        if self.told.as_ref() == Some(&config) {
            return;
        }
        if let Ok(body) = serde_json::to_vec(&config) {
            link.send(Frame { tag: CONFIG, body });
            self.told = Some(config);
        }
    }

    fn tell_status(&mut self) {
        if !std::mem::take(&mut self.status_due) {
            return;
        }
        let mut status = self.present_status();
        if let Some(last) = &self.status {
            if last.connected == status.connected {
                status.since = last.since;
            }
            if *last == status {
                return;
            }
        }
        note(status.save(&self.paths.status()), "the status");
        self.status = Some(status);
    }

    fn present_status(&self) -> Status {
        let report = self.core.report();
        let accounts = report.into_iter().flat_map(|report| &report.accounts).map(|account| AccountStatus {
            name: account.name.clone(),
            condition: account.condition,
            failures: account.failures.clone(),
        });
        Status {
            process: std::process::id(),
            device: self.trust.as_ref().map(|trust| trust.device),
            organization: self.trust.as_ref().map(|trust| trust.organization_name.clone()),
            server: self.trust.as_ref().map(|trust| trust.server.clone()),
            connected: self.core.is_linked(),
            since: self.clock.now().wall,
            revoked: self.revoked,
            desired: self.core.desired_version(),
            applied: report.map(|report| report.version),
            login_component: report.map(|report| report.login_component),
            login_failure: report.and_then(|report| report.login_failure.clone()),
            accounts: accounts.collect(),
        }
    }

    /// Lets nothing go on that nobody would watch: programs are stopped and their end is written down.
    fn end(&mut self, inbox: &mpsc::Receiver<Event>) {
        self.core.handle_shutdown();
        let deadline = Instant::now() + ENDING;
        loop {
            self.carry_out();
            let left = deadline.saturating_duration_since(Instant::now());
            if !self.core.has_running() || left.is_zero() {
                break;
            }
            if let Ok(event) = inbox.recv_timeout(left) {
                self.handle(event);
            }
        }
        if let Some(link) = self.link.take() {
            link.cut();
        }
    }
}

fn note(outcome: std::io::Result<()>, what: &str) {
    if let Err(error) = outcome {
        log::warn(format_args!("{what} cannot be written: {error}"));
    }
}

/// Whose accounts there are; of a ledger that cannot be read nobody's.
fn accounts_of(paths: &Paths) -> Ledger {
    Ledger::load(&paths.accounts()).unwrap_or_else(|error| {
        log::warn(format_args!("whose accounts there are cannot be read: {error}"));
        Ledger::default()
    })
}
