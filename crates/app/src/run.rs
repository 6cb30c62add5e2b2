//! Runs: one execution of a command on one device, from the queue to its end.
//!
//! A run is in the queue until the device says it began. What it was launched with is sealed beside it. From the
//! moment the order is handed to a device nobody here can know whether it began, so from then on only the device's
//! word, or a long silence that is then called *unknown*, ends it.

pub(crate) mod order;
mod orders;
mod output;
mod report;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeSet;

use sallyport_api::rest::LaunchCommand;
use sallyport_model::{
    Action, Command, Device, DeviceState, Run, RunState, Span, Time, Trigger, fold,
    id::{CommandId, DeviceId, RunId},
};
use sallyport_store::{Edge, Noun as _, Once, PageRequest, Reader, Versioned};

pub use orders::orders_for;
pub use output::{Output, Piece, Said, output};
pub use report::event;

use crate::{AppError, Ctx, Tx, command, ctx::uuid_at};

/// Mark that a run was handed to its device.
const HANDED_OUT: &str = "run_handed_out";
/// Mark that somebody wants a run stopped.
const CANCEL: &str = "run_cancel";

const DEFAULT_HOURS: u32 = 24;
const LONGEST_HOURS: u32 = 30 * 24;
const MOST_RUNS: usize = 5000;
const LARGEST_PAGE: usize = 500;
/// The longest a run can be undecided: it waits, runs, and is waited for.
pub(crate) const LONGEST_LIFE: Span = Span::days(33);

/// Which runs to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    pub command: Option<CommandId>,
    pub device: Option<DeviceId>,
    /// Only those in whose command's name, or whose ids, this occurs, as typed.
    pub text: String,
    /// Only those in this state, such as `queued`.
    pub state: Option<String>,
    /// Only those launched before this one.
    pub before: Option<RunId>,
    pub limit: usize,
}

/// Part of a listing, newest first.
#[derive(Debug, Clone)]
pub struct RunPage {
    pub items: Vec<Versioned<Run>>,
    /// For [`RunFilter::before`], if there are more.
    pub next: Option<RunId>,
}

/// Launches a command: one queued run for each active device.
///
/// # Errors
/// Denied, no such command or target, a named device that is not active, or no active device at all.
pub async fn launch(ctx: &Ctx, command: CommandId, input: LaunchCommand) -> Result<Vec<Run>, AppError> {
    ctx.allow(Action::LaunchCommands)?;
    let hours = input.expires_in_hours.unwrap_or(DEFAULT_HOURS);
    if !(1..=LONGEST_HOURS).contains(&hours) {
        return Err(AppError::invalid("expires_in_hours", format!("must be from 1 to {LONGEST_HOURS}")));
    }
    let not_after = ctx.now.plus(Span::hours(i64::from(hours)));
    let runs = ctx
        .write(move |tx| {
            let command = tx.command_for(Action::LaunchCommands, command)?;
            targets(tx, &command, &input)?
                .into_iter()
                .map(|device| queue(tx, &command, device, Trigger::Manual, not_after))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
    announce(ctx, &runs);
    Ok(runs)
}

/// Withdraws a run. One that no device has taken yet is cancelled at once; otherwise the device is asked to stop
/// it, now and whenever it comes back, and has the last word.
///
/// # Errors
/// Denied, no such run, or it has ended.
pub async fn cancel(ctx: &Ctx, id: RunId) -> Result<Versioned<Run>, AppError> {
    let run = ctx
        .write(move |tx| {
            tx.ctx.allow(Action::LaunchCommands)?;
            let run = tx.find::<Run>(id)?.ok_or_else(|| AppError::not_found("run", id))?;
            withdraw(tx, run, "cancel")
        })
        .await?;
    if !run.state.is_final() {
        orders::send_cancellation(ctx, &run).await?;
    }
    announce(ctx, std::slice::from_ref(&run.value));
    Ok(run)
}

/// One run.
///
/// # Errors
/// Denied, or no such run.
pub async fn show(ctx: &Ctx, id: RunId) -> Result<Versioned<Run>, AppError> {
    ctx.allow(Action::ReadRuns)?;
    ctx.read(move |reader| reader.find::<Run>(id)?.ok_or_else(|| AppError::not_found("run", id))).await
}

/// A page of runs, newest first.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, filter: RunFilter) -> Result<RunPage, AppError> {
    ctx.allow(Action::ReadRuns)?;
    let (limit, now) = (filter.limit.clamp(1, LARGEST_PAGE), ctx.now);
    ctx.read_many(move |reader| {
        let mut items = match (filter.device, filter.command) {
            (None, None) => newest(reader, &filter, limit + 1, now)?,
            (Some(device), _) => along(reader, Edge::DeviceRun, &device.to_string(), &filter, limit + 1)?,
            (None, Some(command)) => {
                along(reader, Edge::CommandRun, &command.to_string(), &filter, limit + 1)?
            }
        };
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|run| run.id);
        Ok(RunPage { items, next })
    })
    .await
}

/// Wakes the devices that have something to fetch, and whoever watches these runs.
pub(crate) fn announce(ctx: &Ctx, runs: &[Run]) {
    for run in runs {
        if run.state == RunState::Queued {
            ctx.org.hub.notify_runs(run.device);
        }
        ctx.org.hub.announce_run(run.id);
    }
}

/// Puts one run of `command` in the queue of a device.
pub(crate) fn queue(
    tx: &mut Tx<'_, '_>,
    command: &Command,
    device: DeviceId,
    trigger: Trigger,
    not_after: Time,
) -> Result<Run, AppError> {
    let run = Run {
        id: tx.ctx.id(RunId::new)?,
        command: command.id,
        command_name: command.name.clone(),
        device,
        state: RunState::Queued,
        trigger,
        launched_by: tx.ctx.actor().label(),
        not_after,
        created: tx.ctx.now,
    };
    let created = tx.create(run)?;
    let run = tx.record(created, "queue").value;
    let id = run.id.to_string();
    tx.put_edge(Edge::DeviceRun, &device.to_string(), &id)?;
    tx.put_edge(Edge::CommandRun, &command.id.to_string(), &id)?;
    order::put(tx, &run, command)?;
    Ok(run)
}

/// Takes the next step of a run's life.
pub(crate) fn advance(
    tx: &mut Tx<'_, '_>,
    run: &Versioned<Run>,
    next: RunState,
    verb: &'static str,
) -> Result<Versioned<Run>, AppError> {
    let after = run.value.clone().advance(next)?;
    if after.state.is_final() {
        order::forget(tx, run.id)?;
    }
    let changed = tx.update(run, after)?;
    Ok(tx.record(changed, verb))
}

/// Cancels what a command has in the queue, and asks for the rest to stop.
pub(crate) fn withdraw_all_of(tx: &mut Tx<'_, '_>, command: CommandId) -> Result<Vec<Run>, AppError> {
    let mut withdrawn = Vec::new();
    for id in young(tx.rights_of(Edge::CommandRun, &command.to_string())?, tx.ctx.now) {
        if let Some(run) = tx.find::<Run>(id)?.filter(|run| run.state == RunState::Queued) {
            withdrawn.push(withdraw(tx, run, "cancel")?.value);
        }
    }
    Ok(withdrawn)
}

/// Whether a run was ever handed to its device.
pub(crate) fn is_handed_out(reader: &mut Reader, run: RunId) -> Result<bool, AppError> {
    Ok(reader.find_once(HANDED_OUT, &run.to_string())?.is_some())
}

/// Runs in a state, with this text, that were launched since `since`, oldest first.
pub(crate) fn launched_since(
    reader: &mut Reader,
    since: Time,
    state: Option<&str>,
    text: &str,
) -> Result<Vec<Versioned<Run>>, AppError> {
    let mut request = PageRequest {
        after: floor(since),
        text: text.to_owned(),
        state: state.map(str::to_owned),
        limit: LARGEST_PAGE,
    };
    let mut found = Vec::new();
    loop {
        let page = reader.list::<Run>(&request)?;
        found.extend(page.items);
        match page.next {
            Some(next) => request.after = next,
            None => return Ok(found),
        }
    }
}

/// All runs that the launch of this one put in the queue; none while one of them goes on.
pub(crate) fn ended_together(reader: &mut Reader, run: &Run) -> Result<Option<Vec<Run>>, AppError> {
    const AT_ONCE: usize = 100;
    let (mut after, command) = (floor(run.created), run.command.to_string());
    let mut together = Vec::new();
    loop {
        let request = PageRequest { after, text: command.clone(), limit: AT_ONCE, ..PageRequest::default() };
        let page = reader.list::<Run>(&request)?;
        for other in page.items {
            // An id says when a run was launched, to the millisecond.
            if other.created.0 / 1000 > run.created.0 / 1000 {
                return Ok(Some(together));
            }
            if other.created != run.created
                || other.command != run.command
                || other.launched_by != run.launched_by
            {
                continue;
            }
            if !other.state.is_final() {
                return Ok(None);
            }
            together.push(other.value);
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(Some(together)),
        }
    }
}

fn withdraw(
    tx: &mut Tx<'_, '_>,
    run: Versioned<Run>,
    verb: &'static str,
) -> Result<Versioned<Run>, AppError> {
    if run.state.is_final() || !is_handed_out(tx, run.id)? {
        let at = tx.ctx.now;
        return advance(tx, &run, RunState::Cancelled { at }, verb);
    }
    if mark(tx, CANCEL, &run)? {
        tx.record_touched(&run.value, verb);
    }
    Ok(run)
}

/// Notes something about an undecided run, once; whether that is new.
fn mark(tx: &mut Tx<'_, '_>, kind: &'static str, run: &Run) -> Result<bool, AppError> {
    let hash = run.id.to_string();
    if tx.find_once(kind, &hash)?.is_some() {
        return Ok(false);
    }
    let expires = run.not_after.plus(LONGEST_LIFE);
    tx.put_once(kind, &hash, &Once { owner: hash.clone(), expires, used: None, doc: String::new() })?;
    Ok(true)
}

fn targets(
    reader: &mut Reader,
    command: &Command,
    input: &LaunchCommand,
) -> Result<BTreeSet<DeviceId>, AppError> {
    let (devices, groups) = command::known_targets(reader, &input.devices, &input.groups)?;
    for id in &devices {
        if let Some(device) = reader.find::<Device>(*id)?.filter(|device| device.state != DeviceState::Active)
        {
            let text = format!("device `{}` is {}, not active", device.name, device.state.as_str());
            return Err(AppError::Conflict(text.into()));
        }
    }
    let active = if devices.is_empty() && groups.is_empty() {
        command::active_targets(reader, &command.devices, &command.groups)?
    } else {
        command::active_targets(reader, &devices, &groups)?
    };
    match active.len() {
        0 => Err(AppError::Conflict("there is no active device among the targets".into())),
        1..=MOST_RUNS => Ok(active),
        _ => Err(AppError::Conflict(
            format!("more than {MOST_RUNS} devices at once; launch by smaller groups").into(),
        )),
    }
}

/// The newest runs at one end of an edge. Ids sort by the time of the launch.
fn along(
    reader: &mut Reader,
    edge: Edge,
    left: &str,
    filter: &RunFilter,
    limit: usize,
) -> Result<Vec<Versioned<Run>>, AppError> {
    let mut found = Vec::new();
    let ids = reader.rights_of(edge, left)?;
    for id in ids.iter().rev().filter_map(|id| id.parse::<RunId>().ok()) {
        if found.len() == limit {
            break;
        }
        if filter.before.is_none_or(|before| id < before)
            && let Some(run) = reader.find::<Run>(id)?.filter(|run| filter.takes(run))
        {
            found.push(run);
        }
    }
    Ok(found)
}

/// The newest runs of all: looks back further and further until there are enough.
fn newest(
    reader: &mut Reader,
    filter: &RunFilter,
    limit: usize,
    now: Time,
) -> Result<Vec<Versioned<Run>>, AppError> {
    let end = filter.before.map_or(now, launched_at);
    let mut found = Vec::new();
    for back in [Span::hours(1), Span::days(1), Span::days(31), Span(i64::MAX)] {
        found = launched_since(reader, end.minus(back), filter.state.as_deref(), &filter.text)?;
        found.retain(|run| filter.before.is_none_or(|before| run.id < before));
        if found.len() >= limit {
            break;
        }
    }
    found.reverse();
    found.truncate(limit);
    Ok(found)
}

impl RunFilter {
    fn takes(&self, run: &Run) -> bool {
        self.command.is_none_or(|command| command == run.command)
            && self.state.as_deref().is_none_or(|state| state == run.state.as_str())
            && run.search().contains(&fold(&self.text))
    }
}

/// Those ids whose runs can still be undecided, oldest first.
fn young(ids: Vec<String>, now: Time) -> Vec<RunId> {
    let since = now.minus(LONGEST_LIFE);
    let mut young: Vec<RunId> = ids
        .iter()
        .rev()
        .filter_map(|id| id.parse::<RunId>().ok())
        .take_while(|id| launched_at(*id) >= since)
        .collect();
    young.reverse();
    young
}

/// When a run was launched: its id says it, to the millisecond.
fn launched_at(id: RunId) -> Time {
    let (seconds, nanos) = id.uuid().get_timestamp().map_or((0, 0), |stamp| stamp.to_unix());
    Time(i64::try_from(seconds).unwrap_or(0).saturating_mul(1_000_000) + i64::from(nanos / 1000))
}

/// A key before those of all runs launched at `time` or later.
fn floor(time: Time) -> String {
    RunId::new(uuid_at(time, &[0; 10])).to_string()
}
