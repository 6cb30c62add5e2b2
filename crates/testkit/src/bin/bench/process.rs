//! What the kernel says of a process.

use std::{fs, time::Duration};

use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kernel ticks a second in `/proc`, on every Linux there is.
const TICKS: u32 = 100;

/// Processor time of a process and its threads, user and system together.
pub(crate) fn processor_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in the second field may hold anything, closing brackets included.
    let (_, after) = stat.rsplit_once(')').context("`/proc/PID/stat` is not as it should be")?;
    let ticks =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum::<u32>();
    Ok(Duration::from_secs(1) * ticks / TICKS)
}

/// Processor time that the machine's host gave to others while threads here were ready to run, all cores together.
pub(crate) fn stolen() -> Duration {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks = stat.lines().next().and_then(|all| all.split_whitespace().nth(8)?.parse::<u32>().ok());
    Duration::from_secs(1) * ticks.unwrap_or_default() / TICKS
}

/// Resident memory of a process, in bytes: its own pages and those of the files it runs from.
pub(crate) fn resident(pid: u32) -> anyhow::Result<u64> {
    status_kilobytes(pid, "VmRSS:")
}

/// Resident memory that belongs to no file, in bytes.
pub(crate) fn resident_anonymous(pid: u32) -> anyhow::Result<u64> {
    status_kilobytes(pid, "RssAnon:")
}

fn status_kilobytes(pid: u32, field: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .context("no such line in `/proc/PID/status`")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024)
}

/// Keeps this thread from interrupting others when it wakes: it stands for somebody on another machine.
#[expect(unsafe_code, reason = "there is no safe name for this system call")]
pub(crate) fn never_interrupt() -> anyhow::Result<()> {
    const THIS_THREAD: libc::pid_t = 0;
    let no_priority = libc::sched_param { sched_priority: 0 };
    // SAFETY: the kernel reads the structure, which lives until the call returns.
    let result = unsafe { libc::sched_setscheduler(THIS_THREAD, libc::SCHED_BATCH, &raw const no_priority) };
    anyhow::ensure!(
        result == 0,
        "a thread cannot be made to stand back: {}",
        std::io::Error::last_os_error()
    );
    Ok(())
}

/// Lets this process, and the servers it starts, have as many connections as the system permits.
pub(crate) fn raise_open_files() -> anyhow::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

/// How busy the machine was over the last minute, besides us.
pub(crate) fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
