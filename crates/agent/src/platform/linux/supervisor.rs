//! `sallyport-agent supervise`: one run of a command, and everything that comes of it, under one parent.
//!
//! Whatever a program starts can give up its group, its session, its environment and its parent. What it cannot give
//! up is being a descendant: the kernel hands every orphan to the nearest ancestor that asked for them
//! (`PR_SET_CHILD_SUBREAPER`, prctl(2)), and that is this process. So when a run has to end, the table of processes says
//! what belongs to it, and `ECHILD` says that nothing of it is left. It runs as root, so that nothing a run starts as
//! somebody else can end it. A program that ends by itself may leave others behind, such as services.

use std::{
    ffi::OsString,
    fs,
    io::{self, Read as _},
    os::unix::process::CommandExt as _,
    process::{Command, ExitCode, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_child_subreaper, wait},
};

use super::privileges;

pub(super) const SUBCOMMAND: &str = "supervise";
/// On standard input: everything is to end. That input closes means nothing; the agent may be starting anew.
pub(super) const STOP: &[u8] = b"!";

/// Between asking everything to end and ending it.
const GRACE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(20);
/// What a kill does not end by then waits for hardware or a file server, and is not waited for.
const PASSES: usize = 500;

/// The whole life of a supervisor: it ends as the program did.
#[must_use]
pub fn main(program: &[OsString]) -> ExitCode {
    match supervise(program) {
        Ok(status) => mirror(status),
        Err(error) => {
            eprintln!("sallyport-agent: the program cannot be started: {error}");
            ExitCode::from(127)
        }
    }
}

fn supervise(program: &[OsString]) -> io::Result<WaitStatus> {
    let (name, arguments) = program.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    // For whoever looks at the list of processes; nothing depends on it.
    let _ = rustix::thread::set_name(c"sallyport-run");
    set_child_subreaper(Some(getpid()))?;
    let child = Command::new(name).args(arguments).stdin(Stdio::null()).process_group(0).spawn()?;
    privileges::no_core()?;
    let stopping = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stopping);
    thread::Builder::new().spawn(move || {
        if io::stdin().read_exact(&mut [0; STOP.len()]).is_ok() {
            told.store(true, Ordering::SeqCst);
            end_all();
        }
    })?;
    reap(Pid::from_child(&child), &stopping)
}

/// Waits until the program has ended; when everything is to end, until nothing is left.
fn reap(program: Pid, stopping: &AtomicBool) -> io::Result<WaitStatus> {
    let mut ended = None;
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == program => {
                ended = Some(status);
                if !stopping.load(Ordering::SeqCst) {
                    break;
                }
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::CHILD) => break,
            Err(error) => return Err(error.into()),
        }
    }
    ended.ok_or_else(|| io::Error::other("its end was not seen"))
}

/// Goes on until the process ends, which it does as soon as nothing is left.
fn end_all() {
    let (_open, never) = mpsc::channel::<()>();
    signal_all(Signal::TERM);
    let _ = never.recv_timeout(GRACE);
    for _ in 0..PASSES {
        signal_all(Signal::KILL);
        let _ = never.recv_timeout(PAUSE);
    }
    eprintln!("sallyport-agent: something that this run started cannot be ended");
    std::process::exit(i32::from(CANNOT_END));
}

fn signal_all(signal: Signal) {
    for pid in descendants() {
        // Gone already is as good as killed.
        let _ = kill_process(pid, signal);
    }
}

/// Parents before their children, so that none goes on to its next step because a child ended.
fn descendants() -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let mut rest: Vec<(Pid, i32)> = entries
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.ok()?.file_name().to_str()?.parse().ok()?)?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            Some((pid, parent(&stat)?))
        })
        .collect();
    let mut found = Vec::new();
    let mut generation = vec![getpid().as_raw_pid()];
    while !generation.is_empty() {
        let (children, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|(_, parent)| generation.contains(parent));
        rest = others;
        generation = children.iter().map(|(pid, _)| pid.as_raw_pid()).collect();
        found.extend(children.into_iter().map(|(pid, _)| pid));
    }
    found
}

/// The name in front of it is the program's own choice, and may contain anything but its end.
pub(super) fn parent(stat: &str) -> Option<i32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Ends this process as the program ended.
fn mirror(status: WaitStatus) -> ExitCode {
    if let Some(code) = status.exit_status() {
        return u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from);
    }
    let signal = status.terminating_signal().unwrap_or_default();
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    // One that this process does not die of is told as shells tell it.
    ExitCode::from(u8::try_from(signal.saturating_add(128)).unwrap_or(u8::MAX))
}

const CANNOT_END: u8 = 125;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_pass_for_a_parent() {
        assert_eq!(parent("17 (sh) S 4 17 17 0"), Some(4));
        assert_eq!(parent("17 (x) S 1 (y) Z) R 9 17 17 0"), Some(9));
        assert_eq!(parent("17 (sh"), None);
    }
}
