//! Runs that follow from the feed: a device that comes to where an on-enrolment command waits gets it, once for
//! ever.
//!
//! Whether a device had its turn is a mark of its own and not a question to the list of runs, so that reading the
//! same changes again, on this node or another, adds nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_model::{
    Change, ChangeKind, Command, Device, DeviceState, Run, Span, Time, Trigger,
    id::{CommandId, DeviceId},
};
use sallyport_store::{Once, Reader};

use crate::{AppError, Tx, command, run};

/// Kind of the mark that a command had its turn on a device.
const TURN: &str = "enrollment_run";
/// A machine that has just enrolled may be away for long before it is used.
const WAITS: Span = Span::days(30);

/// Queues what follows from `changes`; the devices that have something to fetch.
///
/// # Errors
/// The store's; then nothing was queued.
pub(crate) fn apply(tx: &mut Tx<'_, '_>, changes: &[Change]) -> Result<Vec<DeviceId>, AppError> {
    let mut moved = BTreeSet::new();
    for change in changes {
        moved.extend(moved_by(tx, change)?);
    }
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let commands = waiting_commands(tx)?;
    let mut woken = Vec::new();
    for device in moved {
        let around = tx.groups_around(&device.to_string())?;
        let mut queued = false;
        for command in commands.iter().filter(|command| is_target(command, device, &around)) {
            if claim(tx, command.id, device)? {
                queue(tx, command, device)?;
                queued = true;
            }
        }
        if queued {
            woken.push(device);
        }
    }
    Ok(woken)
}

/// Takes the one turn a command has on a device; `false` if it had it.
pub(crate) fn claim(tx: &mut Tx<'_, '_>, command: CommandId, device: DeviceId) -> Result<bool, AppError> {
    let hash = format!("{command}>{device}");
    if tx.find_once(TURN, &hash)?.is_some() {
        return Ok(false);
    }
    let for_ever = Time(i64::MAX);
    let once = Once { owner: command.to_string(), expires: for_ever, used: None, doc: String::new() };
    tx.put_once(TURN, &hash, &once)?;
    Ok(true)
}

/// Queues an on-enrolment command on a device.
pub(crate) fn queue(tx: &mut Tx<'_, '_>, command: &Command, device: DeviceId) -> Result<Run, AppError> {
    let not_after = tx.ctx.now.plus(WAITS);
    run::queue(tx, command, device, Trigger::OnEnrollment, not_after)
}

/// The active devices that a change may have brought to where they were not.
fn moved_by(reader: &mut Reader, change: &Change) -> Result<BTreeSet<DeviceId>, AppError> {
    let candidates: Vec<DeviceId> = match (change.subject.noun.as_str(), change.kind) {
        ("device", ChangeKind::Created | ChangeKind::Updated) => became_active(change).into_iter().collect(),
        ("group", ChangeKind::Updated) => match member_added(change) {
            Some(member) => match member.parse::<DeviceId>() {
                Ok(device) => vec![device],
                Err(_) if member.starts_with("grp_") => {
                    reader.members_within(&member)?.iter().filter_map(|key| key.parse().ok()).collect()
                }
                Err(_) => Vec::new(),
            },
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    let mut active = BTreeSet::new();
    for id in candidates {
        if reader.find::<Device>(id)?.is_some_and(|device| device.state == DeviceState::Active) {
            active.insert(id);
        }
    }
    Ok(active)
}

fn became_active(change: &Change) -> Option<DeviceId> {
    let read = |doc: &Option<String>| doc.as_deref().and_then(|doc| serde_json::from_str::<Device>(doc).ok());
    let (before, after) = (read(&change.before), read(&change.after)?);
    let was_active = before.is_some_and(|before| before.state == DeviceState::Active);
    (after.state == DeviceState::Active && !was_active).then_some(after.id)
}

fn member_added(change: &Change) -> Option<String> {
    let doc: serde_json::Value = serde_json::from_str(change.after.as_deref()?).ok()?;
    doc.get("member_added")?.as_str().map(str::to_owned)
}

fn is_target(command: &Command, device: DeviceId, around: &BTreeSet<String>) -> bool {
    command.devices.contains(&device)
        || command.groups.iter().any(|group| around.contains(&group.to_string()))
}

/// The on-enrolment commands. One that was altered must keep neither the others nor the feed from going on.
fn waiting_commands(tx: &mut Tx<'_, '_>) -> Result<Vec<Command>, AppError> {
    let mut waiting = tx.list_all::<Command>()?;
    waiting.retain(|command| command.trigger == Trigger::OnEnrollment);
    let ctx = tx.ctx;
    waiting.retain(|command| command::refuse_altered(tx, ctx, command).is_ok());
    Ok(waiting.into_iter().map(|command| command.value).collect())
}
