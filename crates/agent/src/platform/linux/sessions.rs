//! Who is on this machine now, and how they are made to leave.

use std::{fs, os::unix::fs::MetadataExt as _, sync::mpsc, time::Duration};

use rustix::process::{Pid, Signal, kill_process};

use super::tool;
use crate::{paths::Paths, platform::PlatformError};

/// Passes over the process table; whoever forks faster than this is caught by the next application.
const PASSES: usize = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// Whether a process of this user runs.
pub(super) fn is_present(paths: &Paths, uid: u32) -> bool {
    !processes(paths, uid).is_empty()
}

/// Ends every process of this user.
pub(super) fn end(paths: &Paths, uid: u32, name: &str) -> Result<(), PlatformError> {
    if paths.systemd().is_dir() {
        // The user's manager and its units; without such a session there is nothing to end there.
        let _ = tool::run("loginctl", &["terminate-user", "--", name]);
    }
    let (_open, never) = mpsc::channel::<()>();
    for _ in 0..PASSES {
        let found = processes(paths, uid);
        if found.is_empty() {
            return Ok(());
        }
        for pid in found {
            // Gone already is as good as killed.
            let _ = kill_process(pid, Signal::KILL);
        }
        // A killed process takes a moment to die; zombies, which nobody has waited for, are not counted.
        let _ = never.recv_timeout(PAUSE);
    }
    Err(PlatformError::Refused("processes of this user are still there".to_owned()))
}

fn processes(paths: &Paths, uid: u32) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir(paths.proc()) else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let raw: i32 = entry.file_name().to_str()?.parse().ok()?;
            let status = fs::read_to_string(entry.path().join("status")).ok()?;
            let owned = entry.metadata().ok()?.uid() == uid || real_uid(&status) == Some(uid);
            (owned && !is_dead(&status)).then(|| Pid::from_raw(raw)).flatten()
        })
        .collect()
}

fn real_uid(status: &str) -> Option<u32> {
    field(status, "Uid:")?.split_whitespace().next()?.parse().ok()
}

fn is_dead(status: &str) -> bool {
    field(status, "State:").is_some_and(|state| state.trim_start().starts_with(['Z', 'X']))
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name))
}
