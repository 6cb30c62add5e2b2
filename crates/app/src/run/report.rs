//! What devices say of their runs: taken once, kept within bounds, acknowledged when it is durable.
//!
//! A device says everything again until it is acknowledged, so a repetition is no news. It is also not believed
//! more than it must be: it speaks for its own runs alone, and what it prints is kept up to a limit of ours.

use data_encoding::BASE64;
use sallyport_api::agent::{RunEvent, RunHappening, ServerMessage};
use sallyport_model::{
    Action, Run, RunState, Time,
    id::{DeviceId, RunId},
    name::printable,
};
use sallyport_store::Versioned;

use super::{CANCEL, advance};
use crate::{AppError, Ctx, Tx};

/// Of one run's output so many bytes are kept, counting some for each piece.
const MOST_OUTPUT: i64 = 1024 * 1024;
const PIECE_COSTS: i64 = 128;
const LONGEST_REASON: usize = 500;

/// Counters of a run: the last event taken, what its output takes up, and what of it was left out here.
const TAKEN: &str = "run_events";
const KEPT: &str = "run_output";
pub(super) const LEFT_OUT: &str = "run_output_left_out";

/// Takes what a device says of a run, and answers that the device may forget it.
///
/// Events of a run come in order. On an error nothing was taken, and the connection must end, so that the device
/// comes back and says again what was not acknowledged.
///
/// # Errors
/// [`AppError::Denied`] for a run that is not this device's; the store's.
pub async fn event(ctx: &Ctx, device: DeviceId, event: RunEvent) -> Result<ServerMessage, AppError> {
    let id = event.run;
    let taken = ctx.write(move |tx| take(tx, device, &event)).await?;
    ctx.org.hub.announce_run(id);
    if taken.stop {
        ctx.org.hub.send(device, ServerMessage::CancelRun { run: id });
    }
    if taken.ended {
        // There is room for more.
        ctx.org.hub.notify_runs(device);
    }
    Ok(ServerMessage::RunAcknowledged { run: id, seq: taken.seq })
}

struct Taken {
    /// All up to here is here for good.
    seq: u64,
    ended: bool,
    /// Somebody wants it stopped, and it is running.
    stop: bool,
}

fn take(tx: &mut Tx<'_, '_>, device: DeviceId, event: &RunEvent) -> Result<Taken, AppError> {
    // Whether there is no such run or it is somebody else's is not for a device to know.
    let run = tx
        .find::<Run>(event.run)?
        .filter(|run| run.device == device)
        .ok_or(AppError::Denied(Action::LaunchCommands))?;
    let id = event.run.to_string();
    let seq = i64::try_from(event.seq).map_err(|_| AppError::invalid("seq", "out of range"))?;
    let last = tx.counter(&id, TAKEN)?.unwrap_or(0);
    if seq <= last {
        return Ok(Taken { seq: u64::try_from(last).unwrap_or(0), ended: false, stop: false });
    }
    keep(tx, event, seq)?;
    tx.raise_counter(&id, TAKEN, seq)?;
    let run = follow(tx, run, &event.what)?;
    let ended = run.state.is_final();
    let stop = !ended && tx.find_once(CANCEL, &id)?.is_some();
    Ok(Taken { seq: event.seq, ended, stop })
}

/// Keeps an event for whoever reads the output.
fn keep(tx: &mut Tx<'_, '_>, event: &RunEvent, seq: i64) -> Result<(), AppError> {
    let id = event.run.to_string();
    let kept = tx.counter(&id, KEPT)?.unwrap_or(0);
    // What is kept takes up so much, and stands for so much that was printed.
    let (size, printed, what) = match &event.what {
        RunHappening::Output { stream, data } => match BASE64.decode(data.as_bytes()) {
            Ok(bytes) => (length(bytes.len()), length(bytes.len()), event.what.clone()),
            Err(_) => {
                let dropped = RunHappening::Dropped { stream: *stream, bytes: data.len() as u64 };
                (0, length(data.len()), dropped)
            }
        },
        RunHappening::Dropped { bytes, .. } => {
            (0, i64::try_from(*bytes).unwrap_or(i64::MAX), event.what.clone())
        }
        RunHappening::Started
        | RunHappening::Finished { .. }
        | RunHappening::Refused { .. }
        | RunHappening::Cancelled
        | RunHappening::Unknown { .. } => return Ok(()),
    };
    let total = kept + size + PIECE_COSTS;
    if total <= MOST_OUTPUT {
        tx.raise_counter(&id, KEPT, total)?;
        let doc = serde_json::to_string(&RunEvent { what, ..event.clone() })?;
        return Ok(tx.put_run_event(&id, seq, &doc)?);
    }
    let so_far = tx.counter(&id, LEFT_OUT)?.unwrap_or(0);
    tx.raise_counter(&id, LEFT_OUT, so_far.saturating_add(printed))?;
    Ok(())
}

/// Lets a run go where its device says it went. What cannot follow any more, such as a late word on a run that was
/// given up as unknown, changes nothing.
fn follow(tx: &mut Tx<'_, '_>, run: Versioned<Run>, what: &RunHappening) -> Result<Versioned<Run>, AppError> {
    let Some((next, verb)) = next(what, tx.ctx.now) else { return Ok(run) };
    if run.value.clone().advance(next.clone()).is_err() {
        return Ok(run);
    }
    advance(tx, &run, next, verb)
}

fn next(what: &RunHappening, at: Time) -> Option<(RunState, &'static str)> {
    let said = |reason: &str| printable(reason, LONGEST_REASON);
    Some(match what {
        RunHappening::Output { .. } | RunHappening::Dropped { .. } => return None,
        RunHappening::Started => (RunState::Started { at }, "start"),
        RunHappening::Finished { exit_code, reason } => {
            let reason = reason.as_deref().map(said);
            (RunState::Finished { at, exit_code: *exit_code, reason }, "finish")
        }
        RunHappening::Refused { reason } => {
            (RunState::Finished { at, exit_code: None, reason: Some(said(reason)) }, "refuse")
        }
        RunHappening::Cancelled => (RunState::Cancelled { at }, "cancel"),
        RunHappening::Unknown { reason } => (RunState::Unknown { at, reason: said(reason) }, "lose"),
    })
}

fn length(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What of a run's output was left out here.
pub(super) fn left_out(reader: &mut sallyport_store::Reader, run: RunId) -> Result<u64, AppError> {
    Ok(reader.counter(&run.to_string(), LEFT_OUT)?.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0))
}
