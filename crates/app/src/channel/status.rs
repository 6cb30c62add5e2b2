//! What a device says of itself: kept short, printable and apart from the feed.

use sallyport_api::agent::{ActualAccount, Disk, Failure, Inventory, Report};
use sallyport_model::{Device, id::DeviceId, name::printable};

use crate::{
    AppError, Ctx,
    desired::version,
    device::{break_glass, standing},
};

const MOST_ACCOUNTS: usize = 4096;
const MOST_FAILURES: usize = 16;
const MOST_DISKS: usize = 64;
const MOST_ADDRESSES: usize = 64;
const LONGEST_WORD: usize = 128;
const LONGEST_REASON: usize = 300;

/// Notes that the device is there.
pub(super) async fn see(ctx: &Ctx, device: DeviceId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let key = device.to_string();
        let mut status = tx.device_status(&key)?;
        status.seen = tx.ctx.now;
        Ok(tx.put_device_status(&key, &status)?)
    })
    .await
}

/// Keeps the device's last report.
pub(super) async fn put_report(ctx: &Ctx, device: &Device, report: Report) -> Result<(), AppError> {
    let (device, report) = (device.clone(), bounded_report(report));
    let json = serde_json::to_string(&report)?;
    ctx.write(move |tx| {
        let key = device.id.to_string();
        let mut status = tx.device_status(&key)?;
        status.seen = tx.ctx.now;
        status.report = Some(json.clone());
        standing::put(tx, device.id, &status)?;
        break_glass::renew_if_used(tx, &device, &report, version(&status))
    })
    .await
}

/// Keeps the device's last inventory.
pub(super) async fn put_inventory(ctx: &Ctx, device: DeviceId, inventory: Inventory) -> Result<(), AppError> {
    let json = serde_json::to_string(&bounded_inventory(inventory))?;
    ctx.write(move |tx| {
        let key = device.to_string();
        let mut status = tx.device_status(&key)?;
        status.seen = tx.ctx.now;
        status.inventory = Some(json.clone());
        standing::put(tx, device, &status)
    })
    .await
}

fn bounded_report(report: Report) -> Report {
    let failure = |failure: Failure| Failure {
        aspect: printable(&failure.aspect, LONGEST_WORD),
        reason: printable(&failure.reason, LONGEST_REASON),
    };
    let account = |account: ActualAccount| ActualAccount {
        name: printable(&account.name, LONGEST_WORD),
        failures: account.failures.into_iter().take(MOST_FAILURES).map(failure).collect(),
        ..account
    };
    Report {
        accounts: report.accounts.into_iter().take(MOST_ACCOUNTS).map(account).collect(),
        login_failure: report.login_failure.map(|reason| printable(&reason, LONGEST_REASON)),
        ..report
    }
}

fn bounded_inventory(inventory: Inventory) -> Inventory {
    let word = |text: String| printable(&text, LONGEST_WORD);
    let disk = |disk: Disk| Disk {
        mount_point: word(disk.mount_point),
        file_system: word(disk.file_system),
        ..disk
    };
    Inventory {
        host_name: word(inventory.host_name),
        os: word(inventory.os),
        os_version: word(inventory.os_version),
        kernel: word(inventory.kernel),
        architecture: word(inventory.architecture),
        vendor: word(inventory.vendor),
        model: word(inventory.model),
        serial: word(inventory.serial),
        cpu_model: word(inventory.cpu_model),
        agent_version: word(inventory.agent_version),
        disks: inventory.disks.into_iter().take(MOST_DISKS).map(disk).collect(),
        addresses: inventory.addresses.into_iter().take(MOST_ADDRESSES).map(word).collect(),
        cpus: inventory.cpus,
        memory_bytes: inventory.memory_bytes,
        boot_time: inventory.boot_time,
    }
}
