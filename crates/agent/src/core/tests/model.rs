//! Runs against a reference: whatever is lost, repeated, reordered or cut off, a program starts at most once and not
//! before what the directory said was applied, what was told is never contradicted, and in the end the server knows
//! how everything ended.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use proptest::prelude::*;
use sallyport_api::agent::{ComponentState, Report, RunEvent, RunHappening};

use super::*;
use crate::journal::Journal;

#[derive(Debug, Clone)]
enum Op {
    Ack(u128),
    /// What is being applied is.
    Applied,
    /// What the device said so far arrives.
    Arrive,
    Cancel(u128),
    /// The process is killed after so many further actions.
    Crash(usize),
    /// A newer state comes.
    Desire,
    End(u128),
    LinkDown,
    LinkUp,
    Order(u128),
    Print(u128),
    /// The clock of the machine is set.
    SetClock(i64),
    Wait(i64),
}

fn op() -> impl Strategy<Value = Op> {
    let run = 1..5u128;
    prop_oneof![
        3 => run.clone().prop_map(Op::Order),
        1 => run.clone().prop_map(Op::Cancel),
        2 => run.clone().prop_map(Op::Ack),
        2 => run.clone().prop_map(Op::End),
        1 => run.prop_map(Op::Print),
        2 => Just(Op::Applied),
        4 => Just(Op::Arrive),
        1 => Just(Op::Desire),
        2 => (0..6usize).prop_map(Op::Crash),
        1 => Just(Op::LinkDown),
        2 => Just(Op::LinkUp),
        1 => (-100_000..100_000i64).prop_map(Op::SetClock),
        1 => (0..90i64).prop_map(Op::Wait),
    ]
}

/// How far the write came that the process did not live to see the end of.
#[derive(Debug, Clone, Copy)]
enum Tear {
    Before,
    Within,
    After,
}

#[derive(Debug)]
enum Write {
    /// To the end of a file, where half of it may stay behind.
    Append(Entry),
    /// A whole file, beside the old one until it takes its place.
    Replace(Vec<Entry>),
}

/// A device, its disk, and the server at the other end.
struct World {
    core: Core,
    orders: BTreeMap<u128, ServerMessage>,
    disk: BTreeMap<RunId, Vec<Entry>>,
    /// The number of the newest state that came.
    desired: u64,
    kept: Option<Signed>,
    applying: Option<StateVersion>,
    /// The number of the last state that was applied since the start.
    applied: u64,
    running: BTreeSet<RunId>,
    started: Vec<RunId>,
    /// Said and on its way; gone with the connection or the process, and nobody tells the device.
    on_its_way: Vec<RunEvent>,
    /// All that was ever said, whether it arrived or not.
    said: BTreeMap<(RunId, u64), RunEvent>,
    /// What arrived.
    told: BTreeMap<RunId, BTreeMap<u64, RunEvent>>,
    clock: i64,
    monotonic: i64,
    /// Actions left until the process is killed.
    life: Option<usize>,
    writes: usize,
    /// The process is killed at the write of this number.
    fatal: Option<(usize, Tear)>,
    torn: Option<(RunId, Write)>,
    /// Begun when the process was killed, and nobody saw the end.
    lost: BTreeSet<RunId>,
}

impl World {
    fn new() -> Self {
        Self {
            core: enrolled(),
            orders: (1..5).map(|n| (n, run_message(&order(n)))).collect(),
            disk: BTreeMap::new(),
            desired: 0,
            kept: None,
            applying: None,
            applied: 0,
            running: BTreeSet::new(),
            started: Vec::new(),
            on_its_way: Vec::new(),
            said: BTreeMap::new(),
            told: BTreeMap::new(),
            clock: 0,
            monotonic: 0,
            life: None,
            writes: 0,
            fatal: None,
            torn: None,
            lost: BTreeSet::new(),
        }
    }

    fn now(&self) -> Now {
        Now { monotonic: Span::seconds(self.monotonic), wall: time(self.clock), uptime: None }
    }

    fn play(&mut self, op: Op) {
        let now = self.now();
        match op {
            Op::Ack(n) => self.ack(run_id(n)),
            Op::Applied => self.apply(),
            Op::Arrive => self.arrive(),
            Op::Cancel(n) => {
                self.core.handle_server_message(ServerMessage::CancelRun { run: run_id(n) }, now).unwrap();
            }
            Op::Crash(after) => self.life = Some(after),
            Op::Desire => {
                self.desired += 1;
                self.core.handle_server_message(desired_message(&state(1, self.desired)), now).unwrap();
            }
            Op::End(n) => self.end(run_id(n)),
            Op::LinkDown => {
                self.on_its_way.clear();
                self.core.handle_link_down(now);
            }
            // One that comes up without the other having been seen to go down is another connection all the same.
            Op::LinkUp => {
                self.on_its_way.clear();
                self.core.handle_link_up(now);
            }
            Op::Order(n) => self.core.handle_server_message(self.orders[&n].clone(), now).unwrap(),
            Op::Print(n) => {
                if self.running.contains(&run_id(n)) {
                    self.core.handle_output(run_id(n), Stream::Stdout, b"printed", now);
                }
            }
            Op::SetClock(to) => self.clock = to,
            Op::Wait(seconds) => {
                self.clock += seconds;
                self.monotonic += seconds;
                self.core.handle_timeout(self.now());
            }
        }
        self.carry_out();
    }

    fn carry_out(&mut self) {
        loop {
            if self.life == Some(0) {
                self.crash();
            }
            let Some(action) = self.core.poll_action() else { break };
            self.life = self.life.map(|left| left - 1);
            self.one(action);
        }
    }

    fn one(&mut self, action: Action) {
        let now = self.now();
        match action {
            Action::Begin(order) => {
                assert!(!self.disk.contains_key(&order.run), "begun although it was known");
                assert_eq!(self.applied, self.desired, "begun before what is desired was applied");
                let survived = self.write(order.run, Write::Replace(vec![Entry::intent(&order)]));
                if !survived || self.life == Some(0) {
                    return;
                }
                self.core.handle_begun(order.run, Ok(()), now);
            }
            Action::Journal { run, entry: entry @ Entry::Event(_) } => {
                self.write(run, Write::Append(entry));
            }
            Action::Journal { run, entry } => {
                assert!(!self.disk.contains_key(&run), "a journal was begun anew");
                self.write(run, Write::Replace(vec![entry]));
            }
            Action::Settle { run, record } => {
                self.write(run, Write::Replace(record.entries()));
            }
            Action::Forget(run) => panic!("{run} was forgotten too early"),
            Action::Start(order) => {
                assert!(!self.started.contains(&order.run), "started twice");
                assert!(matches!(self.disk[&order.run][0], Entry::Intent { .. }), "no intent on disk");
                self.started.push(order.run);
                self.running.insert(order.run);
                self.core.handle_started(order.run, now);
            }
            Action::Stop(run) => self.end(run),
            Action::Send(AgentMessage::RunEvent(event)) => {
                let known = self.said.entry((event.run, event.seq)).or_insert(event.clone());
                assert_eq!(*known, event, "what was said was contradicted");
                self.on_its_way.push(event);
            }
            Action::Apply(state) => {
                assert!(self.applying.is_none(), "two states at once");
                self.applying = Some(state.version);
            }
            Action::Keep(signed) => self.kept = Some(*signed),
            Action::KeepOffline { .. }
            | Action::ProveContact
            | Action::Revoked
            | Action::Say { .. }
            | Action::Send(_)
            | Action::Spend { .. }
            | Action::TakeInventory => {}
        }
    }

    /// Whether the process outlived it.
    fn write(&mut self, run: RunId, write: Write) -> bool {
        self.writes += 1;
        let fatal = self.fatal.take_if(|(n, _)| *n == self.writes).map(|(_, tear)| tear);
        match (fatal, write) {
            (None | Some(Tear::After), Write::Append(entry)) => self.disk.get_mut(&run).unwrap().push(entry),
            (None | Some(Tear::After), Write::Replace(entries)) => {
                self.disk.insert(run, entries);
            }
            (Some(Tear::Within), write) => self.torn = Some((run, write)),
            (Some(Tear::Before), _) => {}
        }
        if fatal.is_some() {
            self.crash();
        }
        fatal.is_none()
    }

    /// The process is gone, and with it everything that is not on disk, which is read as the agent reads it. Programs
    /// are gone as well.
    fn crash(&mut self) {
        self.life = None;
        self.running.clear();
        self.on_its_way.clear();
        (self.applying, self.applied) = (None, 0);
        self.monotonic += 1;
        let records = self.read_disk();
        self.disk = records.iter().map(|record| (record.run, record.entries())).collect();
        let open =
            records.iter().filter(|one| one.begun && !one.settled && !one.events.last().is_some_and(is_last));
        self.lost.extend(open.map(|record| record.run));
        // What did not reach the disk is not known any more.
        self.desired = self.kept.as_ref().map_or(0, kept_number);
        let desired = self.kept.clone();
        let memory = Memory { trust: Some(trust()), desired, records, ..Memory::default() };
        self.core = Core::new(memory, self.now());
    }

    fn read_disk(&mut self) -> Vec<Record> {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path()).unwrap();
        let path = |run: RunId| folder.path().join(format!("{run}.json"));
        for (run, entries) in &self.disk {
            fs::write(path(*run), lines(entries)).unwrap();
        }
        match self.torn.take() {
            Some((run, Write::Append(entry))) => {
                let line = lines(&[entry]);
                let there = fs::read(path(run)).unwrap();
                fs::write(path(run), [&there, &line[..line.len() / 2]].concat()).unwrap();
            }
            Some((run, Write::Replace(entries))) => {
                let staged = folder.path().join(format!(".{run}.json.sallyport-new"));
                let bytes = lines(&entries);
                fs::write(staged, &bytes[..bytes.len() / 2]).unwrap();
            }
            None => {}
        }
        journal.load(self.now().wall).unwrap()
    }

    fn apply(&mut self) {
        let Some(version) = self.applying.take() else { return };
        self.applied = version.n;
        let accounts = Vec::new();
        let report =
            Report { version, accounts, login_component: ComponentState::Absent, login_failure: None };
        self.core.handle_applied(report, self.now());
    }

    fn end(&mut self, run: RunId) {
        if self.running.remove(&run) {
            self.core.handle_ended(run, Ending::Exited { code: Some(0), reason: None }, self.now());
        }
    }

    fn arrive(&mut self) {
        for event in self.on_its_way.drain(..) {
            self.told.entry(event.run).or_default().insert(event.seq, event);
        }
    }

    /// The server has what it has without a gap.
    fn ack(&mut self, run: RunId) {
        let events = self.told.entry(run).or_default();
        let seq = (1..).take_while(|seq| events.contains_key(seq)).last().unwrap_or(0);
        self.core.handle_server_message(ServerMessage::RunAcknowledged { run, seq }, self.now()).unwrap();
    }

    /// Everything that hinders is over.
    fn come_to_rest(&mut self) {
        self.life = None;
        self.clock = self.clock.max(0);
        // One that is applied, and the newest after it.
        self.play(Op::Applied);
        self.play(Op::Applied);
        // An order may have waited for its time or for room.
        for n in (1..5).chain(1..5) {
            self.play(Op::LinkUp);
            self.play(Op::Wait(1));
            self.play(Op::Order(n));
            self.play(Op::End(n));
            self.play(Op::Arrive);
            self.play(Op::Ack(n));
        }
    }

    /// Whether every run happened at most once, and the server knows of each how it ended.
    fn assert_sound(&self) {
        for n in 1..5 {
            let events = &self.told[&run_id(n)];
            let last = *events.keys().last().unwrap();
            assert_eq!(events.len() as u64, last, "a gap in {events:?}");
            let ends: Vec<u64> =
                events.values().filter(|event| is_last(event)).map(|event| event.seq).collect();
            assert_eq!(ends, [last], "{events:?}");
            let started = self.started.contains(&run_id(n));
            let refused = matches!(events[&last].what, RunHappening::Refused { .. });
            assert!(!(started && refused), "refused although it was started");
            let settled = matches!(self.disk[&run_id(n)][0], Entry::Settled { .. });
            assert!(settled, "the journal was not settled");
            if self.lost.contains(&run_id(n)) {
                assert!(
                    matches!(events[&last].what, RunHappening::Unknown { .. }),
                    "nobody saw its end: {events:?}"
                );
            }
        }
    }
}

fn kept_number(signed: &Signed) -> u64 {
    serde_json::from_str::<DesiredState>(&signed.payload).unwrap().version.n
}

fn lines(entries: &[Entry]) -> Vec<u8> {
    entries.iter().flat_map(|entry| [serde_json::to_vec(entry).unwrap(), b"\n".to_vec()].concat()).collect()
}

fn is_last(event: &RunEvent) -> bool {
    match event.what {
        RunHappening::Started | RunHappening::Output { .. } | RunHappening::Dropped { .. } => false,
        RunHappening::Finished { .. }
        | RunHappening::Refused { .. }
        | RunHappening::Cancelled
        | RunHappening::Unknown { .. } => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_happens_at_most_once_and_its_story_is_told_whole(ops in prop::collection::vec(op(), 0..40)) {
        let mut world = World::new();
        for op in ops {
            world.play(op);
        }
        world.come_to_rest();
        world.assert_sound();
    }
}

/// Of every kind: finished, cancelled, stopped for their time, refused, told at once and later.
fn schedule() -> Vec<Op> {
    vec![
        Op::LinkUp,
        Op::Order(1),
        Op::Print(1),
        Op::Order(2),
        Op::Arrive,
        Op::Ack(1),
        Op::LinkDown,
        Op::Print(2),
        Op::End(1),
        Op::LinkUp,
        Op::Arrive,
        Op::Ack(1),
        Op::Cancel(2),
        Op::Arrive,
        Op::Ack(2),
        Op::Order(3),
        Op::Print(3),
        Op::Wait(70),
        Op::Arrive,
        Op::Ack(3),
        Op::Wait(4000),
        Op::Order(4),
        Op::Arrive,
        Op::Ack(4),
    ]
}

#[test]
fn killed_at_any_write_nothing_runs_twice_and_what_nobody_saw_end_is_unknown() {
    let play = |fatal| {
        let mut world = World { fatal, ..World::new() };
        for op in schedule() {
            world.play(op);
        }
        assert!(world.fatal.is_none(), "there is no such write");
        world
    };
    let whole = play(None);
    let ends = |world: &World| -> Vec<_> {
        world.told.values().filter_map(|events| Some(format!("{:?}", events.values().last()?.what))).collect()
    };
    let kinds = ["Finished", "Cancelled", "Finished", "Refused"];
    for (end, kind) in ends(&whole).iter().zip(kinds) {
        assert!(end.starts_with(kind), "{end}");
    }
    let mut unknown = 0;
    for n in 1..=whole.writes {
        for tear in [Tear::Before, Tear::Within, Tear::After] {
            let mut world = play(Some((n, tear)));
            world.come_to_rest();
            world.assert_sound();
            unknown += world.lost.len();
        }
    }
    assert!(whole.writes > 12 && unknown > whole.writes, "{} writes, {unknown} unknown", whole.writes);
}
