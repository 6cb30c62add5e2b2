//! How devices are, and which of them differ from what they should be.

use sallyport_api::rest::{DevicesSum, DriftCount, DriftedDevice};
use sallyport_model::{Device, DeviceState, DriftKind, Span, Time};
use sallyport_store::Reader;

use super::whole;
use crate::{AppError, Ctx, device::standing};

/// So many are named on an overview, and on a page of their own.
const MOST_NAMED: i64 = 6;
pub(super) const MOST_LISTED: i64 = 500;

pub(super) fn sum(reader: &mut Reader, ctx: &Ctx) -> Result<DevicesSum, AppError> {
    let states = reader.count_by_state::<Device>()?;
    let of = |wanted: DeviceState| {
        states.iter().find(|(state, _)| state == wanted.as_str()).map_or(0, |(_, count)| whole(*count))
    };
    let drifts = reader.count_drifts(standing::passing(ctx.now))?;
    let with = |kind: DriftKind| {
        drifts.iter().filter(|(bits, _)| bits & kind.bit() != 0).map(|(_, count)| whole(*count)).sum()
    };
    Ok(DevicesSum {
        active: of(DeviceState::Active),
        quarantined: of(DeviceState::Quarantined),
        connected: ctx.org.hub.connected() as u64,
        seen: whole(reader.count_devices_seen(ctx.now.minus(Span::days(1)))?),
        drifted: drifts.iter().map(|(_, count)| whole(*count)).sum(),
        drifts: DriftKind::ALL.map(|kind| DriftCount { kind, devices: with(kind) }).to_vec(),
        newest: list(reader, ctx.now, "", MOST_NAMED)?,
    })
}

pub(super) fn list(
    reader: &mut Reader,
    now: Time,
    text: &str,
    limit: i64,
) -> Result<Vec<DriftedDevice>, AppError> {
    let found = reader.list_drifted(text, standing::passing(now), limit)?;
    let device = |(device, standing): (sallyport_store::Versioned<Device>, sallyport_store::Standing)| {
        Ok(DriftedDevice {
            device: device.id,
            since: standing.since,
            drifts: serde_json::from_str(&standing.doc)?,
            name: device.value.name,
        })
    };
    found.into_iter().map(device).collect()
}
