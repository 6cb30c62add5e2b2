//! Many devices at once.

use std::sync::Arc;

use sallyport_api::rest::{BulkReport, DeviceAction, GroupMember};
use sallyport_model::{
    Action, Command, Device, DeviceState, GroupKind, Run, Span, Trigger, fold,
    id::{CommandId, DeviceId, GroupId},
    name::printable,
};
use sallyport_store::Reader;

use super::{Effect, Found, MOST, Target, once, refuse_changed, refuse_none_or_too_many, report};
use crate::{
    AppError, Ctx, Tx,
    device::{
        self,
        fleet::{self, DevicesWanted},
    },
    group,
    import::rows,
    run,
};

/// How long a run waits for its device.
const WAITS: Span = Span::days(1);

/// What is done to them, by id or name of the group or of the command where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceWork {
    pub action: DeviceAction,
    pub group: Option<String>,
    pub command: Option<String>,
}

/// The same with what it names.
#[derive(Debug, Clone, Copy)]
enum Known {
    Admit,
    Join(GroupId),
    Leave(GroupId),
    Revoke,
    Run(CommandId),
}

/// Does it, or says what would come of it.
///
/// # Errors
/// Denied, none or too many, or a group or command that is not there.
pub async fn devices(
    ctx: &Ctx,
    work: DeviceWork,
    targets: Vec<Target>,
    dry_run: bool,
) -> Result<BulkReport, AppError> {
    ctx.allow(right(work.action))?;
    let targets = once(targets);
    refuse_none_or_too_many(targets.len(), "devices")?;
    let (known, found) =
        ctx.read_many(move |reader| Ok((known(reader, &work)?, found(reader, targets)?))).await?;
    let found = Arc::new(found);
    let each = Arc::clone(&found);
    let outcomes = rows::work(ctx, found.len(), dry_run, move |tx, index| {
        let one = each.get(index).ok_or_else(|| AppError::Internal("no such row".into()))?;
        apply(tx, known, one)
    })
    .await;
    if !dry_run {
        let runs: Vec<Run> = outcomes.iter().flatten().filter_map(|(_, run)| run.clone()).collect();
        run::announce(ctx, &runs);
    }
    Ok(report(dry_run, &found, outcomes, |(effect, _)| effect))
}

/// All devices that fit, in the order of their table.
///
/// # Errors
/// Denied, or too many.
pub async fn devices_that_fit(ctx: &Ctx, wanted: DevicesWanted) -> Result<Vec<Target>, AppError> {
    let ids = fleet::all(ctx, wanted).await?;
    refuse_none_or_too_many(ids.len().max(1), "devices")?;
    Ok(ids.into_iter().take(MOST).map(Target::new).collect())
}

const fn right(action: DeviceAction) -> Action {
    match action {
        DeviceAction::AddToGroup | DeviceAction::RemoveFromGroup => Action::ManageGroups,
        DeviceAction::Admit | DeviceAction::Revoke => Action::ManageDevices,
        DeviceAction::Run => Action::LaunchCommands,
    }
}

fn known(reader: &mut Reader, work: &DeviceWork) -> Result<Known, AppError> {
    let given = |field: &'static str, given: &Option<String>| {
        let given = given.as_deref().map(str::trim).unwrap_or_default();
        if given.is_empty() { Err(AppError::invalid(field, "must be given")) } else { Ok(given.to_owned()) }
    };
    Ok(match work.action {
        DeviceAction::Admit => Known::Admit,
        DeviceAction::Revoke => Known::Revoke,
        DeviceAction::AddToGroup => {
            let group = given("group", &work.group)?;
            Known::Join(group::named_of_kind(reader, &group, GroupKind::Devices)?.id)
        }
        DeviceAction::RemoveFromGroup => {
            let group = given("group", &work.group)?;
            Known::Leave(group::named_of_kind(reader, &group, GroupKind::Devices)?.id)
        }
        DeviceAction::Run => Known::Run(command(reader, &given("command", &work.command)?)?),
    })
}

fn command(reader: &mut Reader, given: &str) -> Result<CommandId, AppError> {
    let found = match given.parse::<CommandId>() {
        Ok(id) => reader.find::<Command>(id)?,
        Err(_) => reader.find_by_key::<Command>(&fold(given))?,
    };
    Ok(found.ok_or_else(|| AppError::not_found("command", printable(given, 64)))?.id)
}

fn found(reader: &mut Reader, targets: Vec<Target>) -> Result<Vec<Found<DeviceId>>, AppError> {
    let mut all = Vec::with_capacity(targets.len());
    for target in targets {
        let device = match device::named(reader, &target.given) {
            Ok(device) => Some(device),
            // Several of that name are none that is meant.
            Err(AppError::Conflict(_) | AppError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let name = device.as_ref().map_or_else(|| printable(&target.given, 64), |device| device.name.clone());
        all.push(Found { id: device.map(|device| device.id), name, target });
    }
    Ok(all)
}

fn apply(
    tx: &mut Tx<'_, '_>,
    known: Known,
    found: &Found<DeviceId>,
) -> Result<(Effect, Option<Run>), AppError> {
    let missing = || AppError::Conflict(format!("no device, or several, are called `{}`", found.name).into());
    let id = found.id.ok_or_else(missing)?;
    let before = device::known(tx, id)?;
    refuse_changed(&found.target, before.version)?;
    let member = || GroupMember { device: Some(id.to_string()), ..GroupMember::default() };
    let effect = match known {
        Known::Admit => {
            device::admit_in(tx, id)?;
            Effect::new("leaves quarantine and is told who may be on it")
        }
        Known::Revoke => {
            device::revoke_in(tx, id)?;
            Effect::new("is refused for ever, and must enrol anew")
        }
        Known::Join(group) => {
            group::add_member_in(tx, group, &member())?;
            Effect::new("joins it")
        }
        Known::Leave(group) => {
            group::remove_member_in(tx, group, &member())?;
            Effect::new("leaves it")
        }
        Known::Run(command) => {
            let run = queue(tx, command, &before)?;
            return Ok((Effect::new("runs it, now or when it comes back within a day"), Some(run)));
        }
    };
    Ok((effect, None))
}

fn queue(tx: &mut Tx<'_, '_>, command: CommandId, device: &Device) -> Result<Run, AppError> {
    let command = tx.command_for(Action::LaunchCommands, command)?;
    if device.state != DeviceState::Active {
        let text = format!("device `{}` is {}, not active", device.name, device.state.as_str());
        return Err(AppError::Conflict(text.into()));
    }
    let not_after = tx.ctx.now.plus(WAITS);
    run::queue(tx, &command, device.id, Trigger::Manual, not_after)
}
