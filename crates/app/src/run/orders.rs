//! Orders on their way to a device: signed by the organisation, handed out as long as the device has not begun.

use sallyport_api::agent::{RunOrder, ServerMessage, Signed, context};
use sallyport_crypto::digest;
use sallyport_model::{
    Device, DeviceState, Run, RunState,
    id::{DeviceId, RunId},
};
use sallyport_store::{Edge, Reader};

use super::{CANCEL, HANDED_OUT, mark, order, young};
use crate::{AppError, Ctx};

/// Orders handed out at once; the device asks for more when it has ended some.
const MOST_ORDERS: usize = 64;
/// Bytes of orders handed out at once, so that a connection needs little memory.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Stops asked for at once.
const MOST_CANCELLATIONS: usize = 16;

/// The signed orders of what waits for a device, oldest first. What somebody wants stopped is not among them: the
/// device is told through the hub.
///
/// # Errors
/// The store's.
pub async fn orders_for(ctx: &Ctx, device: DeviceId) -> Result<Vec<Signed>, AppError> {
    let now = ctx.now;
    let pending = ctx.read(move |reader| pending(reader, device, now)).await?;
    let (stop, start): (Vec<_>, Vec<_>) = pending.into_iter().partition(|run| run.cancel);
    for run in stop.iter().take(MOST_CANCELLATIONS) {
        send_cancellation_of(ctx, device, run.id).await?;
    }
    let start: Vec<RunId> = start.iter().filter(|run| run.queued).map(|run| run.id).collect();
    if start.is_empty() {
        return Ok(Vec::new());
    }
    let orders = ctx.write(move |tx| hand_out(tx, device, &start)).await?;
    orders.iter().map(|order| signed(ctx, order)).collect()
}

/// Asks a device to stop a run that it may have begun.
pub(super) async fn send_cancellation(ctx: &Ctx, run: &Run) -> Result<(), AppError> {
    send_cancellation_of(ctx, run.device, run.id).await
}

/// The stop goes first and the order after it: a device that never had the order then says so instead of
/// beginning, and one that had it says again how it ended.
async fn send_cancellation_of(ctx: &Ctx, device: DeviceId, run: RunId) -> Result<(), AppError> {
    if !ctx.org.hub.send(device, ServerMessage::CancelRun { run }) {
        return Ok(());
    }
    let reading = ctx.clone();
    let order = ctx
        .read(move |reader| {
            let queued = reader.find::<Run>(run)?.is_some_and(|run| run.state == RunState::Queued);
            if queued { order::find(reader, &reading, run) } else { Ok(None) }
        })
        .await?;
    if let Some(order) = order {
        ctx.org.hub.send(device, ServerMessage::Run { order: signed(ctx, &order)? });
    }
    Ok(())
}

struct Pending {
    id: RunId,
    queued: bool,
    cancel: bool,
}

/// The undecided runs of a device.
fn pending(
    reader: &mut Reader,
    device: DeviceId,
    now: sallyport_model::Time,
) -> Result<Vec<Pending>, AppError> {
    if !reader.find::<Device>(device)?.is_some_and(|device| device.state == DeviceState::Active) {
        return Ok(Vec::new());
    }
    let mut pending = Vec::new();
    for id in young(reader.rights_of(Edge::DeviceRun, &device.to_string())?, now) {
        let Some(run) = reader.find::<Run>(id)?.filter(|run| !run.state.is_final()) else { continue };
        let cancel = reader.find_once(CANCEL, &id.to_string())?.is_some();
        pending.push(Pending { id, queued: run.state == RunState::Queued && run.not_after >= now, cancel });
    }
    Ok(pending)
}

/// Notes that these orders leave the house, before they do.
fn hand_out(tx: &mut crate::Tx<'_, '_>, device: DeviceId, runs: &[RunId]) -> Result<Vec<RunOrder>, AppError> {
    if !tx.find::<Device>(device)?.is_some_and(|device| device.state == DeviceState::Active) {
        return Ok(Vec::new());
    }
    let (mut orders, mut bytes) = (Vec::new(), 0);
    for id in runs {
        let now = tx.ctx.now;
        let waits = |run: &Run| run.state == RunState::Queued && run.device == device && run.not_after >= now;
        let Some(run) = tx.find::<Run>(*id)?.filter(|run| waits(run)) else { continue };
        // One damaged order must not hold up the others.
        let ctx = tx.ctx;
        let order = match order::find(tx, ctx, *id) {
            Ok(Some(order)) if order.run == *id && order.device == device => order,
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(run = %id, %error, "the order of a run does not open; it is withheld");
                continue;
            }
        };
        bytes += order.body.len() + order.environment.values().map(String::len).sum::<usize>();
        if orders.len() == MOST_ORDERS || (bytes > MOST_BYTES && !orders.is_empty()) {
            break;
        }
        mark(tx, HANDED_OUT, &run)?;
        orders.push(order);
    }
    Ok(orders)
}

fn signed(ctx: &Ctx, order: &RunOrder) -> Result<Signed, AppError> {
    let payload = serde_json::to_string(order)?;
    let signature = ctx.org.keys.device_signing().sign(context::RUN, payload.as_bytes());
    Ok(Signed { payload, signature: digest::hex(&signature) })
}
