//! What this machine is, as far as its files tell. What cannot be read stays empty.

use std::{collections::BTreeSet, fs, io, net::Ipv6Addr, path::Path};

use sallyport_api::agent::{Disk, Inventory};
use sallyport_model::{name::printable, time::Time};

use crate::{durable, paths::Paths};

const LONGEST_FILE: u64 = 4 * 1024 * 1024;
const LONGEST_FIELD: usize = 200;
const MOST_DISKS: usize = 64;
const MOST_ADDRESSES: usize = 64;

/// Looks at everything once.
#[must_use]
pub fn take(paths: &Paths) -> Inventory {
    let os = text(paths, "etc/os-release");
    let cpus = text(paths, "proc/cpuinfo");
    let field = |path| line(&text(paths, path));
    Inventory {
        host_name: field("proc/sys/kernel/hostname"),
        os: release(&os, "NAME"),
        os_version: release(&os, "VERSION_ID"),
        kernel: field("proc/sys/kernel/osrelease"),
        architecture: std::env::consts::ARCH.to_owned(),
        vendor: field("sys/class/dmi/id/sys_vendor"),
        model: field("sys/class/dmi/id/product_name"),
        serial: field("sys/class/dmi/id/product_serial"),
        cpus: u32::try_from(cpus.lines().filter(|line| line.starts_with("processor")).count()).unwrap_or(0),
        cpu_model: colon_field(&cpus, "model name"),
        memory_bytes: memory(&text(paths, "proc/meminfo")),
        disks: disks(paths),
        addresses: addresses(paths),
        boot_time: boot_time(&text(paths, "proc/stat")),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The name of this machine.
#[must_use]
pub fn host_name(paths: &Paths) -> String {
    line(&text(paths, "proc/sys/kernel/hostname"))
}

fn text(paths: &Paths, path: &str) -> String {
    let bytes = durable::read(&paths.absolute(path), LONGEST_FILE).ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn line(text: &str) -> String {
    printable(text.lines().next().unwrap_or_default().trim(), LONGEST_FIELD)
}

fn release(text: &str, name: &str) -> String {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    printable(value.unwrap_or_default().trim_matches('"'), LONGEST_FIELD)
}

fn colon_field(text: &str, name: &str) -> String {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    printable(value.unwrap_or_default().trim(), LONGEST_FIELD)
}

fn memory(text: &str) -> u64 {
    let kilobytes = colon_value(text, "MemTotal:");
    kilobytes.saturating_mul(1024)
}

fn colon_value(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value.and_then(|value| value.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn boot_time(text: &str) -> Option<Time> {
    let seconds = colon_value(text, "btime");
    i64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Time::from_unix_seconds)
}

/// Mounted block devices; a device mounted twice counts once.
fn disks(paths: &Paths) -> Vec<Disk> {
    let mut seen = BTreeSet::new();
    let mounts = text(paths, "proc/mounts");
    let mut disks = Vec::new();
    for mount in mounts.lines() {
        let mut fields = mount.split(' ');
        let (Some(device), Some(point), Some(kind)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        if device.starts_with("/dev/") && disks.len() < MOST_DISKS && seen.insert(device.to_owned()) {
            disks.push(disk(paths, device, point, kind));
        }
    }
    disks
}

fn disk(paths: &Paths, device: &str, point: &str, kind: &str) -> Disk {
    // Octal escapes of spaces and the like would name another place; such a disk is listed without sizes.
    let sizes = rustix::fs::statvfs(point).ok();
    let bytes = |blocks: u64, size: u64| blocks.saturating_mul(size);
    Disk {
        mount_point: printable(point, LONGEST_FIELD),
        file_system: printable(kind, LONGEST_FIELD),
        size_bytes: sizes.as_ref().map_or(0, |sizes| bytes(sizes.f_blocks, sizes.f_frsize)),
        free_bytes: sizes.as_ref().map_or(0, |sizes| bytes(sizes.f_bavail, sizes.f_frsize)),
        encrypted: is_encrypted(paths, device),
    }
}

/// Whether dm-crypt is on every way from the file system to the metal; `None` where sysfs does not tell.
fn is_encrypted(paths: &Paths, device: &str) -> Option<bool> {
    let name = fs::canonicalize(paths.absolute(device)).ok()?;
    let block = paths.sys().join("class/block").join(name.file_name()?);
    is_crypt(&block, 0)
}

fn is_crypt(block: &Path, depth: u8) -> Option<bool> {
    const DEEPEST: u8 = 8;
    if !block.exists() {
        return None;
    }
    // Only the device mapper has such a name for its devices.
    let uuid = if_there(fs::read_to_string(block.join("dm/uuid")))?.unwrap_or_default();
    if uuid.starts_with("CRYPT-") {
        return Some(true);
    }
    if depth == DEEPEST {
        return None;
    }
    let below = if_there(fs::read_dir(block.join("slaves")))?;
    let below = below.into_iter().flatten().map(|entry| is_crypt(&entry.ok()?.path(), depth + 1));
    let below: Vec<Option<bool>> = below.collect();
    // One plain device below a volume is where some of its files lie, or all of them.
    if below.is_empty() || below.contains(&Some(false)) {
        return Some(false);
    }
    below.into_iter().all(|crypt| crypt == Some(true)).then_some(true)
}

/// Nothing where nothing is; `None` where that cannot be told.
fn if_there<T>(found: io::Result<T>) -> Option<Option<T>> {
    match found {
        Ok(found) => Some(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(None),
        Err(_) => None,
    }
}

fn addresses(paths: &Paths) -> Vec<String> {
    let mut found = BTreeSet::new();
    found.extend(ipv4(&text(paths, "proc/net/fib_trie")));
    found.extend(ipv6(&text(paths, "proc/net/if_inet6")));
    found.into_iter().take(MOST_ADDRESSES).collect()
}

/// The leaves of the routing trie that are this machine's own.
fn ipv4(trie: &str) -> Vec<String> {
    let mut last = "";
    let mut found = Vec::new();
    for line in trie.lines() {
        if let Some(address) = line.trim().strip_prefix("|-- ") {
            last = address;
        } else if line.contains("/32 host LOCAL") && !last.starts_with("127.") {
            found.push(printable(last, LONGEST_FIELD));
        }
    }
    found
}

fn ipv6(table: &str) -> Vec<String> {
    let address = |line: &str| {
        let address = u128::from_str_radix(line.split_whitespace().next()?, 16).ok()?;
        Some(Ipv6Addr::from(address))
    };
    let own = |address: &Ipv6Addr| !address.is_loopback() && !address.is_unicast_link_local();
    table.lines().filter_map(address).filter(own).map(|address| address.to_string()).collect()
}

#[cfg(test)]
mod tests;
