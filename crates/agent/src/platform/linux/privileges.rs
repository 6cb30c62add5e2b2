//! Giving up privileges: the network half runs as a user of its own.

use std::{io, os::unix::process::CommandExt as _, process::Command};

use super::passwd::Database;
use crate::paths::Paths;

/// The user of the network half.
pub const USER: &str = "sallyport-agent";

/// Lets `command` run as [`USER`] with no supplementary groups (which the standard library drops together with the
/// user id). Who is not root has nothing to give up.
///
/// # Errors
/// The user is missing, or is one that has privileges.
pub fn drop_to_agent(paths: &Paths, command: &mut Command) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let (uid, gid) = agent_ids(paths)?;
    command.uid(uid).gid(gid);
    Ok(())
}

/// User and group of the network half.
///
/// # Errors
/// As [`drop_to_agent`].
pub fn agent_ids(paths: &Paths) -> io::Result<(u32, u32)> {
    let database = Database::load(paths)?;
    let user = database.user(USER).ok_or_else(|| {
        io::Error::other(format!("there is no user `{USER}`; install the package, or add it"))
    })?;
    if user.uid == 0 || user.gid == 0 {
        return Err(io::Error::other(format!("the user `{USER}` must not be root")));
    }
    Ok((user.uid, user.gid))
}

/// Done first by the network half: it can never gain privileges again, and leaves no core with its key in it. Before
/// anything comes from the network, [`confine`](super::syscalls::confine) follows.
///
/// # Errors
/// The system refuses; then it must not go on.
pub fn harden() -> io::Result<()> {
    if rustix::process::geteuid().is_root() {
        return Err(io::Error::other("the network half must not run as root"));
    }
    rustix::thread::set_no_new_privs(true)?;
    // For whoever looks at the list of processes; nothing depends on it.
    let _ = rustix::thread::set_name(c"sallyport-net");
    no_core()
}

/// No memory of this process on disk.
///
/// # Errors
/// The system refuses.
pub fn no_core() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
