//! Runs: each at most once, whatever is lost, repeated or cut off.
//!
//! The intent is on disk before the program starts; everything that happened is on disk before the server hears of
//! it, and kept until the server has it for good. After a crash between intent and result nobody can say how the
//! program ended, so that is what is reported, and it is not run again.

mod record;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sallyport_api::agent::{AgentMessage, RunEvent, RunHappening, RunOrder, Stream};
use sallyport_model::{
    id::RunId,
    time::{Span, Time},
};

pub use self::record::{Entry, Record};
use super::{Action, Now, clock::ServerClock, later, output::Output};

/// Programs at the same time; further orders wait in memory and are sent again by the server if the agent restarts.
const MOST_AT_ONCE: usize = 8;
/// Orders that wait.
const MOST_WAITING: usize = 256;
/// Cancelled before they were known.
const MOST_CANCELLED: usize = 1024;
/// Kept after their end at least so long, and so long after the last moment they could have been started.
const REMEMBERED: Span = Span::days(31);
const LONGEST_RUN_SECONDS: u32 = 7 * 24 * 3600;
const FORGET_EVERY: Span = Span::hours(12);

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By itself, or by a signal that nobody here sent.
    Exited { code: Option<i32>, reason: Option<String> },
    /// It could not be started at all.
    NotStarted { reason: String },
}

#[derive(Debug, Default)]
pub(super) struct Runs {
    runs: BTreeMap<RunId, Run>,
    waiting: VecDeque<RunOrder>,
    cancelled: BTreeSet<RunId>,
    /// When to look at the waiting orders again, whose time is the server's.
    look_due: Option<Span>,
    forget_due: Span,
}

#[derive(Debug)]
struct Run {
    stage: Stage,
    /// The number of the last event.
    seq: u64,
    /// What the server does not have yet.
    events: VecDeque<RunEvent>,
    not_after: Time,
    /// Kept for good, to be told again should the server ask again.
    last: Option<RunEvent>,
}

#[derive(Debug)]
enum Stage {
    /// The intent is on its way to the disk.
    Beginning(Box<RunOrder>),
    Running {
        out: Output,
        err: Output,
        deadline: Span,
        timeout_seconds: u32,
        stop: Option<StopReason>,
    },
    Ended {
        at: Time,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StopReason {
    Cancelled,
    Shutdown,
    Timeout,
}

impl Runs {
    pub(super) fn restore(
        &mut self,
        records: Vec<Record>,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        let at = clock.estimate(now);
        for record in records {
            let (run, begun, over) = (record.run, record.begun, record.is_over());
            self.runs.insert(run, Run::restored(record, at));
            let lost = if begun {
                let reason = "the agent or the machine stopped while it ran".to_owned();
                RunHappening::Unknown { reason }
            } else {
                RunHappening::Refused { reason: "the agent stopped when it came".to_owned() }
            };
            if !over {
                self.tell(run, lost, false, at, actions);
            }
        }
        self.forget_due = now.monotonic;
        self.forget_old(now, clock, actions);
    }

    pub(super) fn handle_order(
        &mut self,
        order: RunOrder,
        link: bool,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        if let Some(known) = self.runs.get(&order.run) {
            known.tell_again(link, actions);
            return;
        }
        if self.waiting.iter().any(|waiting| waiting.run == order.run) {
            return;
        }
        let at = clock.estimate(now);
        if self.cancelled.remove(&order.run) {
            self.refuse(&order, RunHappening::Cancelled, link, at, actions);
        } else if let Some(reason) = objection(&order, at) {
            self.refuse(&order, RunHappening::Refused { reason }, link, at, actions);
        } else if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(order);
        }
        // Beyond that an order is as good as lost on the way: the server sends it again.
    }

    /// Starts what waits, as far as there is room, it is time, and nothing that comes before commands is still to be
    /// done.
    pub(super) fn begin_waiting(
        &mut self,
        held_back: bool,
        link: bool,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        let at = clock.estimate(now);
        let mut kept = VecDeque::new();
        self.look_due = None;
        for order in std::mem::take(&mut self.waiting) {
            if order.not_after < at {
                let reason = "its time had passed".to_owned();
                self.refuse(&order, RunHappening::Refused { reason }, link, at, actions);
            } else if order.not_before > at {
                self.look_due = Some(later(now, Span::seconds(1)));
                kept.push_back(order);
            } else if held_back || self.busy() >= MOST_AT_ONCE {
                kept.push_back(order);
            } else {
                self.runs.insert(order.run, Run::beginning(&order));
                actions.push_back(Action::Begin(Box::new(order)));
            }
        }
        self.waiting = kept;
    }

    pub(super) fn handle_begun(
        &mut self,
        run: RunId,
        journalled: Result<(), String>,
        link: bool,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        let at = clock.estimate(now);
        let Some(Run { stage, .. }) = self.runs.get_mut(&run) else { return };
        let Stage::Beginning(order) = stage else { return };
        let order = order.clone();
        if let Err(error) = journalled {
            *stage = Stage::Ended { at };
            let reason = format!("the journal cannot be written: {error}");
            self.tell(run, RunHappening::Refused { reason }, link, at, actions);
            return;
        }
        if self.cancelled.remove(&run) {
            *stage = Stage::Ended { at };
            self.tell(run, RunHappening::Cancelled, link, at, actions);
            return;
        }
        let timeout_seconds = order.timeout_seconds.clamp(1, LONGEST_RUN_SECONDS);
        *stage = Stage::Running {
            out: Output::new(Stream::Stdout),
            err: Output::new(Stream::Stderr),
            deadline: later(now, Span::seconds(i64::from(timeout_seconds))),
            timeout_seconds,
            stop: None,
        };
        actions.push_back(Action::Start(order));
    }

    pub(super) fn handle_started(
        &mut self,
        run: RunId,
        link: bool,
        at: Time,
        actions: &mut VecDeque<Action>,
    ) {
        if self.runs.get(&run).is_some_and(|run| matches!(run.stage, Stage::Running { .. })) {
            self.tell(run, RunHappening::Started, link, at, actions);
        }
    }

    pub(super) fn handle_output(
        &mut self,
        run: RunId,
        stream: Stream,
        bytes: &[u8],
        link: bool,
        at: Time,
        actions: &mut VecDeque<Action>,
    ) {
        let Some(Run { stage: Stage::Running { out, err, .. }, .. }) = self.runs.get_mut(&run) else {
            return;
        };
        let told = match stream {
            Stream::Stdout => out.take(bytes),
            Stream::Stderr => err.take(bytes),
        };
        for happening in told {
            self.tell(run, happening, link, at, actions);
        }
    }

    pub(super) fn handle_ended(
        &mut self,
        run: RunId,
        ending: Ending,
        link: bool,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        let at = clock.estimate(now);
        let Some(known) = self.runs.get_mut(&run) else { return };
        if !matches!(known.stage, Stage::Running { .. }) {
            return;
        }
        let stage = std::mem::replace(&mut known.stage, Stage::Ended { at });
        if let Stage::Running { out, err, stop, timeout_seconds, .. } = stage {
            for happening in out.finish().into_iter().chain(err.finish()) {
                self.tell(run, happening, link, at, actions);
            }
            self.tell(run, final_word(ending, stop, timeout_seconds), link, at, actions);
        }
    }

    pub(super) fn cancel(
        &mut self,
        run: RunId,
        link: bool,
        now: Now,
        clock: &ServerClock,
        actions: &mut VecDeque<Action>,
    ) {
        if let Some(index) = self.waiting.iter().position(|waiting| waiting.run == run) {
            if let Some(order) = self.waiting.remove(index) {
                self.refuse(&order, RunHappening::Cancelled, link, clock.estimate(now), actions);
            }
            return;
        }
        match self.runs.get_mut(&run).map(|run| &mut run.stage) {
            Some(Stage::Running { stop, .. }) => {
                stop.get_or_insert(StopReason::Cancelled);
                actions.push_back(Action::Stop(run));
            }
            // Its intent is just being written; the server asks again if it sees it started.
            Some(Stage::Beginning(_)) => {
                if self.cancelled.len() < MOST_CANCELLED {
                    self.cancelled.insert(run);
                }
            }
            Some(Stage::Ended { .. }) => {
                if let Some(known) = self.runs.get(&run) {
                    known.tell_again(link, actions);
                }
            }
            None => {
                if self.cancelled.len() < MOST_CANCELLED {
                    self.cancelled.insert(run);
                }
            }
        }
    }

    pub(super) fn handle_acknowledged(&mut self, run: RunId, seq: u64, actions: &mut VecDeque<Action>) {
        let Some(known) = self.runs.get_mut(&run) else { return };
        if known.events.is_empty() {
            return;
        }
        known.events.retain(|event| event.seq > seq);
        if let (Stage::Ended { at }, true) = (&known.stage, known.events.is_empty()) {
            let record = known.settled(run, *at);
            actions.push_back(Action::Settle { run, record });
        }
    }

    pub(super) fn handle_link_up(&self, actions: &mut VecDeque<Action>) {
        for run in self.runs.values() {
            run.tell_unheard(actions);
        }
    }

    pub(super) fn handle_shutdown(&mut self, actions: &mut VecDeque<Action>) {
        self.waiting.clear();
        for (id, run) in &mut self.runs {
            if let Stage::Running { stop, .. } = &mut run.stage {
                stop.get_or_insert(StopReason::Shutdown);
                actions.push_back(Action::Stop(*id));
            }
        }
    }

    pub(super) fn has_running(&self) -> bool {
        self.busy() > 0
    }

    pub(super) fn handle_timeout(&mut self, now: Now, clock: &ServerClock, actions: &mut VecDeque<Action>) {
        for (id, run) in &mut self.runs {
            if let Stage::Running { deadline, stop: stop @ None, .. } = &mut run.stage
                && *deadline <= now.monotonic
            {
                *stop = Some(StopReason::Timeout);
                actions.push_back(Action::Stop(*id));
            }
        }
        if self.forget_due <= now.monotonic {
            self.forget_old(now, clock, actions);
        }
    }

    /// The next deadline.
    pub(super) fn due(&self) -> Option<Span> {
        let deadlines = self.runs.values().filter_map(|run| match &run.stage {
            Stage::Running { deadline, stop: None, .. } => Some(*deadline),
            Stage::Running { .. } | Stage::Beginning(_) | Stage::Ended { .. } => None,
        });
        deadlines.chain(self.look_due).chain([self.forget_due]).min()
    }

    fn busy(&self) -> usize {
        self.runs.values().filter(|run| !matches!(run.stage, Stage::Ended { .. })).count()
    }

    /// Makes sure an order is never begun, and says so.
    fn refuse(
        &mut self,
        order: &RunOrder,
        happening: RunHappening,
        link: bool,
        at: Time,
        actions: &mut VecDeque<Action>,
    ) {
        let known = Entry::Known { run: order.run, not_after: order.not_after };
        actions.push_back(Action::Journal { run: order.run, entry: known });
        self.runs.insert(order.run, Run { stage: Stage::Ended { at }, ..Run::beginning(order) });
        self.tell(order.run, happening, link, at, actions);
    }

    /// Numbers what happened, puts it on disk, then tells the server.
    fn tell(&mut self, run: RunId, what: RunHappening, link: bool, at: Time, actions: &mut VecDeque<Action>) {
        let Some(known) = self.runs.get_mut(&run) else { return };
        known.seq += 1;
        let event = RunEvent { run, seq: known.seq, at, what };
        known.events.push_back(event.clone());
        if record::is_last(&event.what) {
            known.last = Some(event.clone());
        }
        actions.push_back(Action::Journal { run, entry: Entry::Event(event.clone()) });
        if link {
            actions.push_back(Action::Send(AgentMessage::RunEvent(event)));
        }
    }

    fn forget_old(&mut self, now: Now, clock: &ServerClock, actions: &mut VecDeque<Action>) {
        self.forget_due = later(now, FORGET_EVERY);
        let at = clock.estimate(now);
        let old = |run: &Run| match run.stage {
            Stage::Ended { at: ended } => {
                run.not_after.max(ended).plus(REMEMBERED) < at && run.events.is_empty()
            }
            Stage::Beginning(_) | Stage::Running { .. } => false,
        };
        let forgotten: Vec<RunId> = self.runs.iter().filter(|(_, run)| old(run)).map(|(id, _)| *id).collect();
        for id in forgotten {
            self.runs.remove(&id);
            actions.push_back(Action::Forget(id));
        }
    }
}

impl Run {
    fn beginning(order: &RunOrder) -> Self {
        Self {
            stage: Stage::Beginning(Box::new(order.clone())),
            seq: 0,
            events: VecDeque::new(),
            not_after: order.not_after,
            last: None,
        }
    }

    fn restored(record: Record, now: Time) -> Self {
        let at = record.last_event().map_or(now, |event| event.at);
        Self {
            stage: Stage::Ended { at },
            seq: record.last_event().map_or(0, |event| event.seq),
            not_after: record.not_after,
            last: record.last_event().filter(|event| record::is_last(&event.what)).cloned(),
            events: if record.settled { VecDeque::new() } else { record.events.into() },
        }
    }

    fn settled(&self, run: RunId, at: Time) -> Record {
        let last = self.last.clone();
        Record {
            run,
            begun: true,
            settled: true,
            not_after: self.not_after.max(at),
            events: last.into_iter().collect(),
        }
    }

    fn tell_unheard(&self, actions: &mut VecDeque<Action>) {
        actions.extend(self.events.iter().cloned().map(AgentMessage::RunEvent).map(Action::Send));
    }

    /// The server asks for what it should know: everything it did not acknowledge, or else the end.
    fn tell_again(&self, link: bool, actions: &mut VecDeque<Action>) {
        if !link {
            return;
        }
        self.tell_unheard(actions);
        if let (true, Some(last)) = (self.events.is_empty(), &self.last) {
            actions.push_back(Action::Send(AgentMessage::RunEvent(last.clone())));
        }
    }
}

fn objection(order: &RunOrder, at: Time) -> Option<String> {
    if order.not_after < at {
        return Some("its time had passed".to_owned());
    }
    if order.not_after < order.not_before {
        return Some("it ends before it begins".to_owned());
    }
    None
}

fn final_word(ending: Ending, stop: Option<StopReason>, timeout_seconds: u32) -> RunHappening {
    match (ending, stop) {
        (Ending::NotStarted { reason }, _) => RunHappening::Refused { reason },
        (Ending::Exited { .. }, Some(StopReason::Cancelled)) => RunHappening::Cancelled,
        (Ending::Exited { .. }, Some(StopReason::Timeout)) => RunHappening::Finished {
            exit_code: None,
            reason: Some(format!("stopped: it took longer than {timeout_seconds} seconds")),
        },
        (Ending::Exited { .. }, Some(StopReason::Shutdown)) => RunHappening::Finished {
            exit_code: None,
            reason: Some("stopped: the agent was told to end".to_owned()),
        },
        (Ending::Exited { code, reason }, None) => RunHappening::Finished { exit_code: code, reason },
    }
}
