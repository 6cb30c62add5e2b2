//! Devices connected here hear of what another node's projections did.
//!
//! A projection runs on whichever node is first, and tells only the devices connected there. With a shared database
//! every node therefore also reads what all projections are done with, and has its own devices look again.

use std::sync::Arc;

use sallyport_model::{Change, Device, Run, id::DeviceId};
use sallyport_store::{Noun as _, Reader};

use super::{BATCH, Notice, POLL, PROJECTIONS, deliver, device_state};
use crate::{AppError, Ctx, Org};

pub(super) async fn follow(org: &Arc<Org>) {
    if !org.db.is_shared() {
        return std::future::pending().await;
    }
    let mut seen = None;
    loop {
        match look(org, seen).await {
            Ok((cursor, notices)) => {
                let more = seen.is_some_and(|seen| cursor > seen);
                seen = Some(cursor);
                deliver(org, &notices);
                if more {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "other nodes' changes cannot be read"),
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What happened after place `seen`, and how far that was. Devices look at everything when they connect, so the
/// first look only finds the place to go on from.
pub(super) async fn look(org: &Arc<Org>, seen: Option<i64>) -> Result<(i64, Vec<Notice>), AppError> {
    Ctx::system(org, "others")
        .read(move |reader| {
            let mut done = i64::MAX;
            for projection in PROJECTIONS {
                done = done.min(reader.feed_cursor(projection.name)?);
            }
            let Some(seen) = seen else { return Ok((done, Vec::new())) };
            let mut changes = reader.changes_after(seen, BATCH)?;
            changes.retain(|change| change.seq <= done);
            let Some(last) = changes.last().map(|change| change.seq) else { return Ok((seen, Vec::new())) };
            Ok((last, notices(reader, &changes)?))
        })
        .await
}

fn notices(reader: &mut Reader, changes: &[Change]) -> Result<Vec<Notice>, AppError> {
    let mut notices: Vec<Notice> = changes
        .iter()
        .filter(|change| change.subject.noun == Run::NOUN)
        .filter_map(|change| serde_json::from_str::<Run>(change.after.as_deref()?).ok())
        .map(|run| Notice::Runs(run.device))
        .collect();
    for id in device_state::affected(reader, changes)? {
        let gone = is_gone(reader, id)?;
        notices.push(if gone { Notice::Revoked(id) } else { Notice::Desired(id) });
    }
    Ok(notices)
}

fn is_gone(reader: &mut Reader, id: DeviceId) -> Result<bool, AppError> {
    let device = reader.find::<Device>(id)?;
    Ok(device.is_none_or(|device| device.state == sallyport_model::DeviceState::Revoked))
}
