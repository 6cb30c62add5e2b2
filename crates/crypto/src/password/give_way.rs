//! How a thread that computes for long shares its core with one that answers at once.

use std::io;

/// Which of two threads gets more of a core that both want. Not more than this: at 19 a dozen busy threads of others
/// starve every sign-in.
const NICENESS: i32 = 10;

/// How long this thread would like to run in one go, in nanoseconds. The scheduler lets whoever asks for less interrupt
/// who asks for more, as soon as it wakes, and over time gives both their share all the same. Hashing is slowed by each
/// interruption and does not mind a wait.
const SLICE: u64 = 100_000_000;

/// Lets threads with short work go before this one, for as long as it lives. The slice is heeded since Linux 6.12; older
/// kernels know the niceness alone.
///
/// # Errors
/// The kernel refuses.
#[expect(unsafe_code, reason = "there is no safe name for this system call")]
pub fn give_way() -> io::Result<()> {
    let attributes = libc::sched_attr {
        size: u32::try_from(size_of::<libc::sched_attr>()).map_err(io::Error::other)?,
        sched_policy: libc::SCHED_OTHER.cast_unsigned(),
        sched_flags: 0,
        sched_nice: NICENESS,
        sched_priority: 0,
        sched_runtime: SLICE,
        sched_deadline: 0,
        sched_period: 0,
    };
    const THIS_THREAD: libc::pid_t = 0;
    const NO_FLAGS: libc::c_uint = 0;
    // SAFETY: the kernel reads `size` bytes of the structure, which lives until the call returns, and keeps nothing.
    let result =
        unsafe { libc::syscall(libc::SYS_sched_setattr, THIS_THREAD, &raw const attributes, NO_FLAGS) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_takes_it() {
        std::thread::spawn(|| {
            give_way().unwrap();
            let thread = Some(rustix::thread::gettid());
            assert_eq!(rustix::process::getpriority_process(thread).unwrap(), NICENESS);
        })
        .join()
        .unwrap();
    }
}
