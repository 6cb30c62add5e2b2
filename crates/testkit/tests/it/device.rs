//! The device with everything real: the server's binary, the shipped packages in a sandbox, sshd, sudo, login, su.
//!
//! Raising a device and a server takes seconds, so tests that do not disturb each other share one and use people of
//! their own. Like the sandbox's own tests these are skipped, loudly, for who is not root.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail anywhere")]

mod agent;
mod disk;
mod doors;
mod duo_unix;
mod enrollment;
mod impostor;
mod login;
mod login_settings;
mod offline;
mod outage;
mod proof;
mod removal;
mod rights;
mod runs;
mod seed;
mod services;
mod standalone;
mod take_over;
mod upgrade;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sallyport_testkit::{
    skipped,
    ssh::SshOutcome,
    story::{DeviceHouse, text},
};
use serde_json::Value;

pub(crate) const PASSWORD: &str = "lantern orbit marmalade 4";

/// A house that lasts for as long as one of the tests that share it.
type Shared = Mutex<Weak<DeviceHouse>>;

fn shared(slot: &Shared, name: &str) -> Option<Arc<DeviceHouse>> {
    if !may_raise() {
        return None;
    }
    let mut slot: MutexGuard<'_, Weak<DeviceHouse>> = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(house) = slot.upgrade() {
        return Some(house);
    }
    let house = Arc::new(DeviceHouse::open(name).unwrap());
    *slot = Arc::downgrade(&house);
    Some(house)
}

/// A house of one's own, to do harm to.
pub(crate) fn own(name: &str) -> Option<DeviceHouse> {
    if !may_raise() {
        return None;
    }
    Some(DeviceHouse::open(name).unwrap())
}

/// Whether devices can be raised here; if not, it says so.
fn may_raise() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let is_root = status.lines().any(|line| line.starts_with("Uid:\t0\t0"));
    if !is_root {
        skipped("a device can only be raised by root");
    }
    is_root
}

/// Why the newest sign-in under this name ended as it did, after its state.
fn newest(house: &DeviceHouse, name: &str) -> (String, Vec<String>) {
    let entries = house.sign_ins(name).unwrap();
    let newest = entries.first().unwrap_or_else(|| panic!("no sign-in of {name}"));
    assert_eq!(newest["resource"]["kind"], "device_login", "{newest}");
    (text(newest, "state"), strings(&newest["reasons"]))
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[track_caller]
fn let_in(house: &DeviceHouse, outcome: &SshOutcome, user: &str) {
    assert!(outcome.is_success() && outcome.stdout.trim() == user, "{outcome:?}\n{}", house.logs());
}

#[track_caller]
fn refused(house: &DeviceHouse, outcome: &SshOutcome, words: &str) {
    assert_eq!(outcome.exit_code, Some(255), "{outcome:?}\n{}", house.logs());
    assert!(outcome.shown().contains(words), "`{words}` was not said: {outcome:?}\n{}", house.logs());
}
