//! The table of devices: which are in it, and in what order.

use std::collections::BTreeSet;

use sallyport_model::{Device, GroupKind, id::DeviceId};
use sallyport_store::Reader;

use crate::{
    AppError, Ctx, group,
    hub::Hub,
    listing::{self, Listing, Wanted},
};

/// Which devices to show.
#[derive(Debug, Clone, Default)]
pub struct DevicesWanted {
    pub list: Wanted,
    /// Only those in this group, by its id or name, directly or through other groups.
    pub group: Option<String>,
    /// Only those that are connected to the node that answers, or are not.
    pub connected: Option<bool>,
}

/// A page of devices.
///
/// # Errors
/// Denied, or no such group of devices.
pub async fn page(ctx: &Ctx, wanted: DevicesWanted) -> Result<Listing<Device>, AppError> {
    let (hub, list) = (ctx.org.hub.clone(), wanted.list.clone());
    listing::page_of(ctx, list, move |reader| among(reader, hub, &wanted)).await
}

/// The ids of all devices that fit, in order.
///
/// # Errors
/// As [`page`].
pub async fn all(ctx: &Ctx, wanted: DevicesWanted) -> Result<Vec<String>, AppError> {
    let (hub, list) = (ctx.org.hub.clone(), wanted.list.clone());
    listing::all_of::<Device, _>(ctx, list, move |reader| among(reader, hub, &wanted)).await
}

fn among(
    reader: &mut Reader,
    hub: Hub,
    wanted: &DevicesWanted,
) -> Result<impl Fn(&str) -> bool + use<>, AppError> {
    let members: Option<BTreeSet<String>> = match &wanted.group {
        Some(given) => {
            let group = group::named_of_kind(reader, given, GroupKind::Devices)?;
            Some(reader.members_within(&group.id.to_string())?)
        }
        None => None,
    };
    let connected = wanted.connected;
    let is_connected = move |id: &str| id.parse::<DeviceId>().is_ok_and(|id| hub.is_connected(id));
    Ok(move |id: &str| {
        members.as_ref().is_none_or(|members| members.contains(id))
            && connected.is_none_or(|wanted| is_connected(id) == wanted)
    })
}
