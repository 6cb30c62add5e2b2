//! Commands: what can be run on devices, on which, and what makes it run.
//!
//! What a device runs must come from somebody with the right to write commands, not from whoever can write to the
//! database. So a command is also kept sealed, under a key that is not in the database, and nothing is launched
//! that differs from it.

mod check;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sallyport_api::rest::{CreateCommand, UpdateCommand};
use sallyport_model::{
    Action, Command, Device, DeviceState, GroupKind, Run, Trigger, fold,
    id::{CommandId, DeviceId, GroupId},
    name::{display_name, printable},
};
use sallyport_store::{Page, PageRequest, Reader, Versioned};

use crate::{
    AppError, Ctx, Tx, ctx::open_secret, device, feed::enrollment_runs, group, run, user::expect_version,
};

/// Secret of a command: all of it, sealed.
const SEALED: &str = "command";
/// Whom a command runs as where nothing is said.
const DEFAULT_RUN_AS: &str = "root";
const DEFAULT_TIMEOUT: u32 = 600;

impl Tx<'_, '_> {
    /// Loads a command to act upon: refuses unless the caller may do this and the command is as it was written.
    pub(crate) fn command_for(
        &mut self,
        action: Action,
        id: CommandId,
    ) -> Result<Versioned<Command>, AppError> {
        self.ctx.allow(action)?;
        let command = self.find::<Command>(id)?.ok_or_else(|| AppError::not_found("command", id))?;
        let ctx = self.ctx;
        refuse_altered(self, ctx, &command)?;
        Ok(command)
    }
}

/// One command.
///
/// # Errors
/// Denied, or no such command.
pub async fn show(ctx: &Ctx, id: CommandId) -> Result<Versioned<Command>, AppError> {
    resolve(ctx, &id.to_string()).await
}

/// One command by id or by name, as people type it.
///
/// # Errors
/// Denied, or no such command.
pub async fn resolve(ctx: &Ctx, name_or_id: &str) -> Result<Versioned<Command>, AppError> {
    ctx.allow(Action::ReadRuns)?;
    let given = name_or_id.to_owned();
    ctx.read(move |reader| {
        let found = match given.parse::<CommandId>() {
            Ok(id) => reader.find::<Command>(id)?,
            Err(_) => reader.find_by_key::<Command>(&fold(&given))?,
        };
        found.ok_or_else(|| AppError::not_found("command", printable(&given, 64)))
    })
    .await
}

/// A page of commands, in order of names.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<Command>, AppError> {
    ctx.allow(Action::ReadRuns)?;
    ctx.read_many(move |reader| Ok(reader.list::<Command>(&page)?)).await
}

/// Creates a command. An on-enrolment one counts as done on the devices that are there already, unless it is to
/// run on them too.
///
/// # Errors
/// Denied, invalid input, or the name is taken.
pub async fn create(ctx: &Ctx, input: CreateCommand) -> Result<Versioned<Command>, AppError> {
    ctx.allow(Action::WriteCommands)?;
    let id = ctx.id(CommandId::new)?;
    let (command, runs) = ctx
        .write(move |tx| {
            let command = draft(tx, id, &input)?;
            allow_trigger(tx.ctx, &command, input.run_on_present)?;
            let created = tx.create(command)?;
            let created = tx.record(created, "create");
            seal(tx, &created)?;
            let runs = settle_present(tx, None, &created, input.run_on_present)?;
            Ok((created, runs))
        })
        .await?;
    run::announce(ctx, &runs);
    Ok(command)
}

/// Changes a command; what is not given stays. Runs launched before keep what they were launched with.
///
/// # Errors
/// Denied, invalid input, or changed by somebody else since `version`.
pub async fn update(
    ctx: &Ctx,
    id: CommandId,
    version: Option<i64>,
    input: UpdateCommand,
) -> Result<Versioned<Command>, AppError> {
    ctx.allow(Action::WriteCommands)?;
    let (command, runs) = ctx
        .write(move |tx| {
            let before = tx.command_for(Action::WriteCommands, id)?;
            expect_version(&before, version)?;
            let after = amended(tx, &before, &input)?;
            if after == before.value {
                return Err(AppError::invalid("body", "nothing would change"));
            }
            allow_trigger(tx.ctx, &after, input.run_on_present)?;
            let changed = tx.update(&before, after)?;
            let after = tx.record(changed, "update");
            seal(tx, &after)?;
            let runs = settle_present(tx, Some(&before), &after, input.run_on_present)?;
            Ok((after, runs))
        })
        .await?;
    run::announce(ctx, &runs);
    Ok(command)
}

/// Deletes a command. Its runs that no device has taken yet are cancelled; the others end by themselves and stay
/// in the history of their devices.
///
/// # Errors
/// Denied, no such command, or changed by somebody else since `version`.
pub async fn delete(ctx: &Ctx, id: CommandId, version: Option<i64>) -> Result<(), AppError> {
    let runs = ctx
        .write(move |tx| {
            tx.ctx.allow(Action::WriteCommands)?;
            // An altered command can at least be deleted.
            let command = tx.find::<Command>(id)?.ok_or_else(|| AppError::not_found("command", id))?;
            expect_version(&command, version)?;
            let runs = run::withdraw_all_of(tx, id)?;
            let deleted = tx.delete(&command)?;
            tx.record(deleted, "delete");
            Ok(runs)
        })
        .await?;
    run::announce(ctx, &runs);
    Ok(())
}

/// The active devices that a command's targets contain.
pub(crate) fn active_targets(
    reader: &mut Reader,
    devices: &[DeviceId],
    groups: &[GroupId],
) -> Result<BTreeSet<DeviceId>, AppError> {
    let mut found: BTreeSet<DeviceId> = devices.iter().copied().collect();
    for group in groups {
        let within = reader.members_within(&group.to_string())?;
        found.extend(within.iter().filter_map(|key| key.parse::<DeviceId>().ok()));
    }
    let mut active = BTreeSet::new();
    for id in found {
        if reader.find::<Device>(id)?.is_some_and(|device| device.state == DeviceState::Active) {
            active.insert(id);
        }
    }
    Ok(active)
}

/// The devices and groups of devices with these ids or names.
pub(crate) fn known_targets(
    reader: &mut Reader,
    devices: &[String],
    groups: &[String],
) -> Result<(Vec<DeviceId>, Vec<GroupId>), AppError> {
    check::number_of_targets(devices.len() + groups.len())?;
    let devices: Result<BTreeSet<_>, AppError> =
        devices.iter().map(|given| Ok(device::named(reader, given)?.id)).collect();
    let groups: Result<BTreeSet<_>, AppError> =
        groups.iter().map(|given| Ok(group::named_of_kind(reader, given, GroupKind::Devices)?.id)).collect();
    Ok((devices?.into_iter().collect(), groups?.into_iter().collect()))
}

/// Refuses a command that is not what was written by the use cases above.
pub(crate) fn refuse_altered(reader: &mut Reader, ctx: &Ctx, command: &Command) -> Result<(), AppError> {
    let sealed = open_secret(reader, ctx, &command.id.to_string(), SEALED);
    let intact = match &sealed {
        Ok(Some(text)) => serde_json::from_slice::<Command>(text).is_ok_and(|written| written == *command),
        Ok(None) | Err(_) => false,
    };
    if intact {
        return Ok(());
    }
    tracing::error!(command = %command.id, "the command in the database is not the one that was written");
    Err(AppError::Internal(format!("command `{}` was altered in the database; delete it", command.id)))
}

fn seal(tx: &mut Tx<'_, '_>, command: &Command) -> Result<(), AppError> {
    let text = serde_json::to_vec(command)?;
    tx.seal_secret(&command.id.to_string(), SEALED, &text)
}

fn draft(tx: &mut Tx<'_, '_>, id: CommandId, input: &CreateCommand) -> Result<Command, AppError> {
    let (devices, groups) = known_targets(tx, &input.devices, &input.groups)?;
    let command = Command {
        id,
        name: display_name(&input.name)?,
        interpreter: input.interpreter,
        body: input.body.clone(),
        run_as: input.run_as.clone().unwrap_or_else(|| DEFAULT_RUN_AS.into()),
        timeout_seconds: input.timeout_seconds.unwrap_or(DEFAULT_TIMEOUT),
        environment: input.environment.clone(),
        trigger: input.trigger.unwrap_or(Trigger::Manual),
        devices,
        groups,
        created: tx.ctx.now,
    };
    check::content(&command)?;
    Ok(command)
}

fn amended(tx: &mut Tx<'_, '_>, before: &Command, input: &UpdateCommand) -> Result<Command, AppError> {
    let mut after = before.clone();
    if let Some(name) = &input.name {
        after.name = display_name(name)?;
    }
    if let Some(interpreter) = input.interpreter {
        after.interpreter = interpreter;
    }
    if let Some(body) = &input.body {
        after.body.clone_from(body);
    }
    if let Some(run_as) = &input.run_as {
        after.run_as.clone_from(run_as);
    }
    if let Some(timeout) = input.timeout_seconds {
        after.timeout_seconds = timeout;
    }
    if let Some(environment) = &input.environment {
        after.environment.clone_from(environment);
    }
    if let Some(trigger) = input.trigger {
        after.trigger = trigger;
    }
    if let Some(devices) = &input.devices {
        after.devices = known_targets(tx, devices, &[])?.0;
    }
    if let Some(groups) = &input.groups {
        after.groups = known_targets(tx, &[], groups)?.1;
    }
    check::content(&after)?;
    Ok(after)
}

/// A command that runs by itself is launched by whoever makes it so.
fn allow_trigger(ctx: &Ctx, command: &Command, run_on_present: bool) -> Result<(), AppError> {
    match command.trigger {
        Trigger::OnEnrollment => ctx.allow(Action::LaunchCommands),
        Trigger::Manual if run_on_present => Err(AppError::invalid(
            "run_on_present",
            "only an on-enrolment command runs on devices by itself; launch this one",
        )),
        Trigger::Manual => Ok(()),
    }
}

/// Decides for the devices that an on-enrolment command finds in its targets: it runs on them now, or never.
fn settle_present(
    tx: &mut Tx<'_, '_>,
    before: Option<&Command>,
    after: &Command,
    run_on_present: bool,
) -> Result<Vec<Run>, AppError> {
    if after.trigger != Trigger::OnEnrollment {
        return Ok(Vec::new());
    }
    let settled = match before.filter(|before| before.trigger == Trigger::OnEnrollment) {
        Some(before) => active_targets(tx, &before.devices, &before.groups)?,
        None => BTreeSet::new(),
    };
    let mut runs = Vec::new();
    for device in active_targets(tx, &after.devices, &after.groups)?.difference(&settled) {
        if enrollment_runs::claim(tx, after.id, *device)? && run_on_present {
            runs.push(enrollment_runs::queue(tx, after, *device)?);
        }
    }
    Ok(runs)
}
