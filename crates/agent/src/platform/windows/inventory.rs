//! What this machine is, as far as Windows tells. What cannot be told stays empty.

use std::{collections::BTreeSet, net::IpAddr};

use sallyport_api::agent::{Disk, Inventory};
use sallyport_model::{name::printable, time::Time};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, Product, RefreshKind, System};

use crate::paths::Paths;

const LONGEST_FIELD: usize = 200;
const MOST_ADDRESSES: usize = 64;

/// Looks at everything once.
#[must_use]
pub fn take(paths: &Paths) -> Inventory {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted);
    // A major version that the registry does not hold is counted as 0.
    let version = System::os_version().filter(|version| !version.starts_with('0'));
    Inventory {
        host_name: host_name(paths),
        os: System::long_os_version().map_or_else(|| "Windows".to_owned(), |name| field(&name)),
        os_version: told(version).unwrap_or_default(),
        kernel: told(System::kernel_version()).unwrap_or_default(),
        architecture: std::env::consts::ARCH.to_owned(),
        vendor: told(Product::vendor_name()).unwrap_or_default(),
        model: told(Product::name()).unwrap_or_default(),
        serial: told(Product::serial_number()).unwrap_or_default(),
        cpus: u32::try_from(system.cpus().len()).unwrap_or(u32::MAX),
        cpu_model: system.cpus().first().map(|cpu| field(cpu.brand())).unwrap_or_default(),
        memory_bytes: system.total_memory(),
        disks: disks(),
        addresses: addresses(),
        boot_time: i64::try_from(System::boot_time()).ok().filter(|s| *s > 0).map(Time::from_unix_seconds),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The name of this machine.
#[must_use]
pub fn host_name(_paths: &Paths) -> String {
    told(System::host_name()).unwrap_or_default()
}

fn told(text: Option<String>) -> Option<String> {
    text.map(|text| field(&text))
}

fn field(text: &str) -> String {
    printable(text.trim(), LONGEST_FIELD)
}

/// Drives by their letters, beyond those of floppies. Which file system is on one, and whether BitLocker protects it,
/// is not asked yet.
fn disks() -> Vec<Disk> {
    let disk = |letter: char| {
        let mount_point = format!("{letter}:\\");
        let space = fs4::statvfs(&mount_point).ok()?;
        Some(Disk {
            mount_point,
            file_system: String::new(),
            size_bytes: space.total_space(),
            free_bytes: space.available_space(),
            encrypted: None,
        })
    };
    ('C'..='Z').filter_map(disk).collect()
}

fn addresses() -> Vec<String> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let all = interfaces.iter().map(if_addrs::Interface::ip);
    let own: BTreeSet<String> = all.filter(is_reachable).map(|address| address.to_string()).collect();
    own.into_iter().take(MOST_ADDRESSES).collect()
}

fn is_reachable(address: &IpAddr) -> bool {
    !address.is_loopback() && !matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}
