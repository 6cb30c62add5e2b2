//! Logins against a reference: whatever is lost, late or changed meanwhile, somebody passes only by the organisation's
//! word on this login, or, while it says nothing, by a signed state that asks them for nothing.

use proptest::prelude::*;
use sallyport_api::agent::{LoginDecision, LoginFirstDoor};
use sallyport_ipc::login::Verdict;

use super::*;

#[derive(Debug, Clone)]
enum Op {
    Answer,
    /// Somebody logs in: the first door vouched for or not.
    Begin {
        vouched: bool,
    },
    Decide {
        allow: bool,
        exempt: bool,
    },
    LinkDown,
    LinkUp,
    Prompt,
    /// A new state: whether alice is in it, asked, suspended.
    State {
        present: bool,
        second_door: bool,
        suspended: bool,
    },
    Wait(i64),
}

fn op() -> impl Strategy<Value = Op> {
    let flag = any::<bool>;
    prop_oneof![
        1 => Just(Op::Answer),
        4 => flag().prop_map(|vouched| Op::Begin { vouched }),
        2 => (flag(), flag()).prop_map(|(allow, exempt)| Op::Decide { allow, exempt }),
        2 => Just(Op::LinkDown),
        2 => Just(Op::LinkUp),
        2 => Just(Op::Prompt),
        2 => (flag(), flag(), flag()).prop_map(|(present, second_door, suspended)| Op::State {
            present,
            second_door,
            suspended,
        }),
        2 => (0..200i64).prop_map(Op::Wait),
    ]
}

/// The login that is open, as the reference sees it.
struct Open {
    talk: String,
    /// The server was asked and has not spoken.
    silent: bool,
    excused: bool,
}

struct World {
    core: Core,
    open: Option<Open>,
    excuses: bool,
    linked: bool,
    n: u64,
    seconds: i64,
}

impl World {
    fn new() -> Self {
        Self { core: enrolled(), open: None, excuses: false, linked: false, n: 0, seconds: 0 }
    }

    /// The verdict that may follow from this, if one may.
    fn play(&mut self, op: Op) -> Option<Verdict> {
        let now = at(self.seconds);
        let mut may = None;
        match op {
            Op::Answer => {
                let talk = self.open.as_ref().map(|open| open.talk.clone()).unwrap_or_default();
                self.core.handle_login_answer(&talk, "123456".into(), now);
            }
            Op::Begin { vouched } if self.open.is_none() => {
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
                    service: "sshd".into(),
                    remote_host: None,
                    first_door,
                };
                self.core.handle_login(begin, Standing::Active, true, now);
                may = (excused && !self.linked).then_some(Verdict::Exempt);
            }
            Op::Begin { .. } => {}
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
            Op::State { present, second_door, suspended } => {
                self.n += 1;
                let alice = DesiredAccount { suspended, ..account(second_door) };
                let accounts = if present { vec![alice] } else { Vec::new() };
                let new = DesiredState { accounts, ..state(1, self.n) };
                self.core.handle_server_message(desired_message(&new), now).unwrap();
                self.excuses = present && !second_door && !suspended;
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_passes_but_by_the_organisations_word(ops in prop::collection::vec(op(), 0..60)) {
        let mut world = World::new();
        for op in ops {
            let may = world.play(op.clone());
            for action in drain(&mut world.core) {
                let Action::Say { conversation, say: Say::Done(verdict) } = action else { continue };
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
        }
        world.play(Op::LinkDown);
        world.play(Op::Wait(1000));
        drain(&mut world.core);
        world.open = None;
        world.play(Op::State { present: true, second_door: false, suspended: false });
        drain(&mut world.core);
        prop_assert_eq!(world.play(Op::Begin { vouched: true }), Some(Verdict::Exempt));
        let said = drain(&mut world.core);
        let exempt = said.iter().any(|action| matches!(action, Action::Say { say: Say::Done(Verdict::Exempt), .. }));
        prop_assert!(exempt, "{:?}", said);
    }
}
