//! How a device stands to what it should be, as it said last: noted beside its status whenever that says something else, so
//! that five thousand devices are counted without reading what each of them said.

use sallyport_api::{
    agent::{Condition, Inventory, Report},
    rest::Drift,
};
use sallyport_model::{DriftKind, Span, Time, id::DeviceId};
use sallyport_store::{DeviceStatus, Passing, Standing};

use super::view::last_report;
use crate::{AppError, Tx, access_rule, desired};

/// A device has this long to take up a new state before that is worth a word.
const GRACE: Span = Span::minutes(10);
/// So many accounts are named.
const MOST_NAMED: usize = 3;
/// What agents are measured by, which come with the server.
const NEWEST_AGENT: &str = env!("CARGO_PKG_VERSION");

/// Puts a device's status, and how it stands by that.
pub(crate) fn put(tx: &mut Tx<'_, '_>, device: DeviceId, status: &DeviceStatus) -> Result<(), AppError> {
    let (key, drifts) = (device.to_string(), drifts(status));
    let standing = Standing {
        drift: drifts.iter().fold(0, |bits, drift| bits | drift.kind.bit()),
        since: tx.ctx.now,
        doc: serde_json::to_string(&drifts)?,
    };
    tx.put_device_status(&key, status)?;
    Ok(tx.put_standing(&key, &standing)?)
}

/// What is only on its way at this time.
pub(crate) const fn passing(now: Time) -> Passing {
    Passing { drift: DriftKind::Behind.bit(), since: now.minus(GRACE) }
}

fn drifts(status: &DeviceStatus) -> Vec<Drift> {
    let report = last_report(status);
    let inventory: Option<Inventory> =
        status.inventory.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let of_report = report.iter().flat_map(of_report).collect::<Vec<_>>();
    let behind = behind(status, report.as_ref());
    of_report.into_iter().chain(behind).chain(inventory.iter().flat_map(of_inventory)).collect()
}

fn of_report(report: &Report) -> impl Iterator<Item = Drift> {
    let failed: Vec<&str> = report
        .accounts
        .iter()
        .filter(|account| account.condition == Condition::Failed)
        .map(|account| account.name.as_str())
        .collect();
    let accounts = (!failed.is_empty()).then(|| drift(DriftKind::Accounts, named(&failed)));
    let login = report.login_failure.clone().map(|reason| drift(DriftKind::LoginComponent, reason));
    accounts.into_iter().chain(login)
}

fn behind(status: &DeviceStatus, report: Option<&Report>) -> Option<Drift> {
    let wanted = desired::version(status);
    let (said, has_any) = (report.map(|report| report.version), wanted.n > 0);
    let detail = match said {
        Some(said) if said == wanted => return None,
        Some(said) => format!("it speaks of state {} of {}", said.n, wanted.n),
        None => "it has not reported yet".into(),
    };
    has_any.then(|| drift(DriftKind::Behind, detail))
}

fn of_inventory(inventory: &Inventory) -> impl Iterator<Item = Drift> {
    let open = access_rule::are_encrypted(inventory) == Some(false);
    let disks = inventory.disks.iter().filter(|disk| disk.encrypted == Some(false));
    let disks: Vec<&str> = disks.map(|disk| disk.mount_point.as_str()).collect();
    let disk = open.then(|| drift(DriftKind::Disk, named(&disks)));
    let agent = is_older(&inventory.agent_version, NEWEST_AGENT).then(|| {
        drift(DriftKind::Agent, format!("{} where {NEWEST_AGENT} is there", inventory.agent_version))
    });
    disk.into_iter().chain(agent)
}

const fn drift(kind: DriftKind, detail: String) -> Drift {
    Drift { kind, detail }
}

/// The first few, and how many more there are.
fn named(names: &[&str]) -> String {
    let shown = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Whether a version, such as `0.9.12`, is before another. What is no version is not older.
fn is_older(version: &str, than: &str) -> bool {
    let parts =
        |version: &str| version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>();
    match (parts(version), parts(than)) {
        (Some(version), Some(than)) => version < than,
        (None, _) | (_, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (version, than, older) in [
            ("0.9.0", "0.10.0", true),
            ("0.10.0", "0.9.0", false),
            ("1.2.3", "1.2.3", false),
            ("1.2", "1.2.1", true),
            ("", "1.2.1", false),
            ("nightly", "1.2.1", false),
        ] {
            assert_eq!(is_older(version, than), older, "{version} {than}");
        }
    }

    #[test]
    fn a_few_names_are_told_and_the_others_counted() {
        assert_eq!(named(&["ada"]), "ada");
        assert_eq!(named(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
