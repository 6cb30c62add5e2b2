//! The line to the network half: a process of its own where the system has what that takes, otherwise a thread.

#[cfg(unix)]
mod process;
#[cfg(not(unix))]
mod thread;

#[cfg(unix)]
pub(super) use self::process::{Ended, Link};
#[cfg(not(unix))]
pub(super) use self::thread::{Ended, Link};
