//! Logins against a reference: whatever is lost, late or changed meanwhile, somebody passes only by the organisation's
//! word on this login, by a break-glass code that was never used, or, while the server says nothing, by a signed state
//! that asks them for nothing or lets them pass some few times. What counts is counted over any number of crashes.

use proptest::prelude::*;
use sallyport_api::agent::{
    ActualAccount, ComponentState, Condition, ContactProof, LoginDecision, LoginFirstDoor, OfflineLogin,
};
use sallyport_ipc::login::Verdict;

use super::*;
use crate::core::login::break_glass_hash;

const CODE: &str = "12345678901234567890";

#[derive(Debug, Clone)]
enum Op {
    Answer,
    /// Somebody logs in: the first door vouched for or not, in front of the machine or over the network.
    Begin {
        vouched: bool,
        console: bool,
    },
    /// The right break-glass code is typed in.
    Code,
    /// The server proves that it is there, and takes what it is told.
    Contact,
    /// The process is killed and starts again.
    Crash,
    Decide {
        allow: bool,
        exempt: bool,
    },
    LinkDown,
    LinkUp,
    Prompt,
    /// A new state: whether alice is in it, asked, suspended, let in without the server.
    State {
        present: bool,
        second_door: bool,
        suspended: bool,
        fail_open: bool,
    },
    Wait(i64),
}

fn op() -> impl Strategy<Value = Op> {
    let flag = any::<bool>;
    prop_oneof![
        1 => Just(Op::Answer),
        8 => (prop::bool::weighted(0.8), flag()).prop_map(|(vouched, console)| Op::Begin { vouched, console }),
        1 => Just(Op::Code),
        1 => Just(Op::Contact),
        2 => Just(Op::Crash),
        2 => (flag(), flag()).prop_map(|(allow, exempt)| Op::Decide { allow, exempt }),
        2 => Just(Op::LinkDown),
        2 => Just(Op::LinkUp),
        2 => Just(Op::Prompt),
        3 => (flag(), flag(), flag(), flag()).prop_map(|(present, second_door, suspended, fail_open)| Op::State {
            present,
            second_door,
            suspended,
            fail_open,
        }),
        2 => (0..2000i64).prop_map(Op::Wait),
    ]
}

/// The login that is open, as the reference sees it.
struct Open {
    talk: String,
    /// The server was asked and has not spoken.
    silent: bool,
    excused: bool,
}

/// How far the write came that the process did not live to see the end of. Every file here is written beside the old
/// one and takes its place whole, so between the two there is nothing.
#[derive(Debug, Clone, Copy)]
enum Tear {
    Before,
    After,
}

/// What a crash leaves.
#[derive(Default)]
struct Disk {
    desired: Option<Signed>,
    used_codes: Vec<UsedCode>,
    offline: Option<OfflineRecord>,
    writes: usize,
    /// The process is killed at the write of this number.
    fatal: Option<(usize, Tear)>,
}

struct World {
    core: Core,
    disk: Disk,
    open: Option<Open>,
    /// What the present state says of alice.
    excuses: bool,
    fail_open: bool,
    linked: bool,
    n: u64,
    seconds: i64,
    /// When the server last proved that it is there.
    contact: Option<i64>,
    /// Passed without the server, and it has not heard of it.
    untold: usize,
    told: Vec<OfflineLogin>,
    code_used: bool,
}

impl World {
    fn new() -> Self {
        Self {
            core: enrolled(),
            disk: Disk::default(),
            open: None,
            excuses: false,
            fail_open: false,
            linked: false,
            n: 0,
            seconds: 0,
            contact: None,
            untold: 0,
            told: Vec::new(),
            code_used: false,
        }
    }

    fn talk(&self) -> String {
        self.open.as_ref().map(|open| open.talk.clone()).unwrap_or_default()
    }

    /// The verdict that may follow from this, if one may.
    fn play(&mut self, op: Op) -> Option<Verdict> {
        let now = at(self.seconds);
        let mut may = None;
        match op {
            Op::Answer => self.core.handle_login_answer(&self.talk(), "123456".into(), now),
            Op::Begin { vouched, console } if self.open.is_none() => may = self.begin(vouched, console, now),
            Op::Begin { .. } => {}
            Op::Code => {
                may = (!self.code_used).then_some(Verdict::Allow);
                self.core.handle_login_answer(&self.talk(), CODE.into(), now);
            }
            Op::Contact if self.linked => self.meet(now),
            Op::Contact => {}
            Op::Crash => self.crash(),
            Op::Decide { allow, exempt } => may = self.decide(allow, exempt, now),
            Op::LinkDown => {
                may = self.unheard();
                self.linked = false;
                self.core.handle_link_down(now);
            }
            Op::LinkUp => {
                self.linked = true;
                self.core.handle_link_up(now);
            }
            Op::Prompt => {
                let Some(open) = &mut self.open else { return None };
                let step = LoginStep::Prompt { echo: false, text: "Passcode: ".into() };
                let message = ServerMessage::Login { conversation: open.talk.clone(), step };
                if self.core.handle_server_message(message, now).is_ok() {
                    open.silent = false;
                }
            }
            Op::State { present, second_door, suspended, fail_open } => {
                self.n += 1;
                let alice = DesiredAccount { suspended, fail_open, ..account(second_door) };
                let accounts = if present { vec![alice] } else { Vec::new() };
                let mut new = DesiredState { accounts, ..state(1, self.n) };
                new.login.break_glass_hash = Some(break_glass_hash("salt", CODE));
                self.core.handle_server_message(desired_message(&new), now).unwrap();
                self.excuses = present && !second_door && !suspended;
                self.fail_open = present && fail_open && !suspended;
                if let Some(open) = &mut self.open {
                    open.excused &= self.excuses;
                }
            }
            Op::Wait(seconds) => {
                may = self.unheard();
                self.seconds += seconds;
                self.core.handle_timeout(at(self.seconds));
            }
        }
        may
    }

    fn begin(&mut self, vouched: bool, console: bool, now: Now) -> Option<Verdict> {
        self.n += 1;
        let talk = format!("talk-{}", self.n);
        let first_door = match vouched {
            true => LoginFirstDoor::Vouched { by: "pam_unix".into() },
            false => LoginFirstDoor::Password { password: "open".into() },
        };
        let excused = vouched && self.excuses;
        self.open = Some(Open { talk: talk.clone(), silent: true, excused });
        let begin = LoginBegin {
            conversation: talk,
            user: "alice".into(),
            service: if console { "login" } else { "sshd" }.into(),
            remote_host: None,
            first_door,
        };
        self.core.handle_network(false);
        self.core.handle_login(begin, Standing::Active, true, now);
        let lately = self.contact.is_some_and(|contact| self.seconds - contact <= 3600);
        let offline = self.fail_open && vouched && console && lately && self.untold < 3;
        (!self.linked && (excused || offline)).then_some(Verdict::Exempt)
    }

    /// Carries out what the core wants; what it said to whom it was the last word.
    fn carry_out(&mut self) -> Vec<(String, Verdict)> {
        let mut said = Vec::new();
        while let Some(action) = self.core.poll_action() {
            let now = at(self.seconds);
            match action {
                Action::Apply(state) => self.core.handle_applied(in_place(&state), now),
                Action::Keep(signed) => {
                    self.write(|disk| disk.desired = Some(*signed));
                }
                Action::KeepOffline { record, conversation } => {
                    if self.write(|disk| disk.offline = Some(*record))
                        && let Some(conversation) = conversation
                    {
                        self.core.handle_remembered(&conversation, true);
                        self.untold += 1;
                    }
                }
                Action::Spend { conversation, code } => {
                    if self.write(|disk| disk.used_codes.push(code)) {
                        self.code_used = true;
                        self.core.handle_spent(&conversation, true, now);
                    }
                }
                Action::Say { conversation, say: Say::Done(verdict) } => said.push((conversation, verdict)),
                Action::Begin(_)
                | Action::Forget(_)
                | Action::Journal { .. }
                | Action::ProveContact
                | Action::Revoked
                | Action::Say { .. }
                | Action::Send(_)
                | Action::Settle { .. }
                | Action::Start(_)
                | Action::Stop(_)
                | Action::TakeInventory => {}
            }
        }
        said
    }

    /// Whether the process outlived it.
    fn write(&mut self, write: impl FnOnce(&mut Disk)) -> bool {
        self.disk.writes += 1;
        let writes = self.disk.writes;
        let fatal = self.disk.fatal.take_if(|(n, _)| *n == writes).map(|(_, tear)| tear);
        match fatal {
            None | Some(Tear::After) => write(&mut self.disk),
            Some(Tear::Before) => {}
        }
        if fatal.is_some() {
            self.crash();
        }
        fatal.is_none()
    }

    /// The process is gone, with everybody who waited at the door, and starts again with what is on disk.
    fn crash(&mut self) {
        (self.open, self.linked) = (None, false);
        let memory = Memory {
            trust: Some(trust()),
            desired: self.disk.desired.clone(),
            used_codes: self.disk.used_codes.clone(),
            offline: self.disk.offline.clone(),
            ..Memory::default()
        };
        self.core = Core::new(memory, at(self.seconds));
        let state = self.core.desired_state();
        let alice = state.into_iter().flat_map(|state| &state.accounts).find(|account| !account.suspended);
        self.excuses = alice.is_some_and(|alice| !alice.second_door);
        self.fail_open = alice.is_some_and(|alice| alice.fail_open);
        // Remembered and not given is counted all the same.
        let offline = self.disk.offline.as_ref();
        self.untold = offline.map_or(0, |record| record.logins.len());
        self.contact = offline.and_then(|record| Some(record.contact?.at.as_seconds()));
        self.code_used = !self.disk.used_codes.is_empty();
    }

    /// The server takes what it is told, and proves it.
    fn meet(&mut self, now: Now) {
        let nonce = format!("nonce-{}", self.n);
        self.n += 1;
        self.carry_out();
        self.core.handle_nonce(nonce.clone(), now);
        while let Some(action) = self.core.poll_action() {
            if let Action::Send(AgentMessage::Contact(contact)) = action {
                self.told.extend(contact.logins);
            }
        }
        let proof = sign(context::CONTACT, &ContactProof { device: DEVICE, nonce });
        self.core.handle_server_message(ServerMessage::Contact { proof }, now).unwrap();
        (self.contact, self.untold) = (Some(self.seconds), 0);
    }

    fn unheard(&self) -> Option<Verdict> {
        self.open.as_ref().is_some_and(|open| open.silent && open.excused).then_some(Verdict::Exempt)
    }

    fn decide(&mut self, allow: bool, exempt: bool, now: Now) -> Option<Verdict> {
        let conversation = self.open.as_ref()?.talk.clone();
        let decision = LoginDecision {
            device: DEVICE,
            conversation: conversation.clone(),
            user: "alice".into(),
            service: "sshd".into(),
            allow,
            exempt,
            text: String::new(),
            not_after: time(self.seconds + 60),
        };
        let step = LoginStep::Decided { decision: sign(context::LOGIN, &decision) };
        let _ = self.core.handle_server_message(ServerMessage::Login { conversation, step }, now);
        match (allow, exempt) {
            (true, false) => Some(Verdict::Allow),
            (true, true) => Some(Verdict::Exempt),
            (false, _) => None,
        }
    }
}

fn in_place(state: &DesiredState) -> Report {
    let actual = |account: &DesiredAccount| ActualAccount {
        user: account.user,
        name: account.name.clone(),
        condition: Condition::InPlace,
        failures: Vec::new(),
    };
    Report {
        version: state.version,
        accounts: state.accounts.iter().map(actual).collect(),
        login_component: ComponentState::Enabled,
        login_failure: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_passes_but_by_the_organisations_word(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new();
        for op in ops {
            let may = world.play(op.clone());
            for (conversation, verdict) in world.carry_out() {
                let open = world.open.take();
                prop_assert_eq!(open.map(|open| open.talk), Some(conversation));
                match verdict {
                    Verdict::Allow | Verdict::Exempt => prop_assert_eq!(Some(verdict), may, "by {:?}", op),
                    Verdict::Deny | Verdict::Unavailable => {}
                }
            }
        }
    }

    /// What the signed state allows is really given: silence of the server does not lock out whom it does not ask.
    #[test]
    fn whom_the_state_does_not_ask_passes_without_the_server(ops in prop::collection::vec(op(), 0..40)) {
        let mut world = World::new();
        for op in ops {
            world.play(op);
            for _ in world.carry_out() {
                world.open = None;
            }
        }
        world.play(Op::LinkDown);
        world.play(Op::Wait(1000));
        world.carry_out();
        world.open = None;
        world.play(Op::State { present: true, second_door: false, suspended: false, fail_open: false });
        world.carry_out();
        prop_assert_eq!(world.play(Op::Begin { vouched: true, console: false }), Some(Verdict::Exempt));
        let said = world.carry_out();
        prop_assert!(said.iter().any(|(_, verdict)| *verdict == Verdict::Exempt), "{:?}", said);
    }
}

/// Passes and attempts in vain of every kind, with and without the server.
fn schedule() -> Vec<Op> {
    let state = || Op::State { present: true, second_door: true, suspended: false, fail_open: true };
    let begin = || Op::Begin { vouched: true, console: true };
    let by_code = || [Op::Begin { vouched: true, console: false }, Op::Code];
    let alone = [vec![Op::LinkDown], vec![begin(); 2], by_code().into(), by_code().into(), vec![begin(); 3]];
    let met = vec![Op::LinkUp, Op::Contact];
    [vec![Op::LinkUp, state(), Op::Contact], alone.concat(), met, vec![state()], alone.concat()].concat()
}

#[test]
fn killed_at_any_write_a_code_opens_once_and_no_more_than_three_pass_untold() {
    let play = |fatal| {
        let mut world = World { disk: Disk { fatal, ..Disk::default() }, ..World::new() };
        let (mut codes, mut untold, mut passed) = (0, 0, Vec::new());
        for op in schedule() {
            let met = matches!(op, Op::Contact) && world.linked;
            world.play(op);
            for (talk, verdict) in world.carry_out() {
                world.open = None;
                match verdict {
                    Verdict::Allow => codes += 1,
                    Verdict::Exempt => passed.push(talk),
                    Verdict::Deny | Verdict::Unavailable => continue,
                }
                untold += usize::from(verdict == Verdict::Exempt);
            }
            if met {
                untold = 0;
            }
            assert!(codes <= 1 && untold <= 3, "{codes} by code, {untold} untold");
        }
        world.play(Op::LinkUp);
        world.play(Op::Contact);
        world.carry_out();
        for talk in &passed {
            assert!(world.told.iter().any(|login| login.conversation == *talk), "nobody was told of {talk}");
        }
        assert!(world.disk.fatal.is_none(), "there is no such write");
        (codes, passed.len(), world.disk.writes)
    };
    let (codes, passed, writes) = play(None);
    assert_eq!((codes, passed), (1, 6), "nothing hinders");
    for n in 1..=writes {
        for tear in [Tear::Before, Tear::After] {
            play(Some((n, tear)));
        }
    }
}
