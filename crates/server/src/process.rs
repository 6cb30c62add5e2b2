//! What this process asks of the kernel before it takes keys and connections.

use rustix::{
    mm::{MlockAllFlags, mlockall},
    process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit},
    thread::{CapabilitySet, capabilities},
};

/// Thousands of devices keep a connection each; the soft limit of a login shell is for a thousand files.
pub(crate) fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    if setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).is_err() {
        tracing::warn!("the limit of open files could not be raised");
    }
}

/// Keys live in this process: no image of it may reach the disk, and nobody else may look into it.
pub(crate) fn forbid_core_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if setrlimit(Resource::Core, none).is_err()
        || set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err()
    {
        tracing::warn!("core dumps could not be switched off");
    }
}

/// Keys and passwords pass through this memory: what is touched of it stays out of the swap space.
pub(crate) fn lock_memory() {
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    // Under a limit it would be later allocations that fail.
    let is_locked = is_lockable_without_limit() && mlockall(flags).is_ok();
    if !is_locked && has_swap() {
        tracing::warn!(
            "this machine has swap space, and memory cannot be locked: keys may be written there; raise the limit of \
             locked memory (LimitMEMLOCK=infinity), or encrypt the swap space"
        );
    }
}

fn is_lockable_without_limit() -> bool {
    getrlimit(Resource::Memlock).current.is_none()
        || capabilities(None).is_ok_and(|sets| sets.effective.contains(CapabilitySet::IPC_LOCK))
}

fn has_swap() -> bool {
    // A line for each space, after a heading.
    std::fs::read_to_string("/proc/swaps").is_ok_and(|text| text.lines().count() > 1)
}
