//! Running a program to its end within a time and an amount of output.
//!
//! Unlike `Command::output` this does not wait for a daemon that the program left behind with its output open: what
//! counts is the end of the program itself.

use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) output: Output,
    pub(crate) timed_out: bool,
}

/// Runs `command` until it ends, or kills it when `timeout` is over.
pub(crate) fn run(command: &mut Command, timeout: Duration) -> io::Result<Finished> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    match collect(&mut child, timeout) {
        Ok(finished) => Ok(finished),
        Err(error) => {
            child.kill()?;
            child.wait()?;
            Err(error)
        }
    }
}

/// Waits for the end of `child`; nothing is read, nothing killed.
pub(crate) fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    if let Some(status) = child.try_wait()? {
        return Ok(Some(status));
    }
    let end = end_of(child)?;
    let deadline = Instant::now() + timeout;
    loop {
        if ready(&[end.as_fd()], deadline)?.contains(&true) {
            return child.wait().map(Some);
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
    }
}

fn collect(child: &mut Child, timeout: Duration) -> io::Result<Finished> {
    let deadline = Instant::now() + timeout;
    let end = end_of(child)?;
    let mut stdout = Stream::new(child.stdout.take().map(OwnedFd::from))?;
    let mut stderr = Stream::new(child.stderr.take().map(OwnedFd::from))?;
    let timed_out = loop {
        let waiting_for: Vec<BorrowedFd<'_>> =
            [Some(end.as_fd()), stdout.waiting_for(), stderr.waiting_for()].into_iter().flatten().collect();
        let ended = ready(&waiting_for, deadline)?.first().copied().unwrap_or(false);
        // What was written before the end is in the pipes by now.
        stdout.drain()?;
        stderr.drain()?;
        if ended {
            break false;
        }
        if Instant::now() >= deadline {
            child.kill()?;
            break true;
        }
    };
    let status = child.wait()?;
    Ok(Finished { output: Output { status, stdout: stdout.bytes, stderr: stderr.bytes }, timed_out })
}

/// A descriptor that becomes readable when the process has ended, and that no other process can inherit the number of.
fn end_of(child: &Child) -> io::Result<OwnedFd> {
    Ok(pidfd_open(Pid::from_child(child), PidfdFlags::empty())?)
}

fn ready(waiting_for: &[BorrowedFd<'_>], deadline: Instant) -> io::Result<Vec<bool>> {
    let left = deadline.saturating_duration_since(Instant::now());
    let left = Timespec::try_from(left).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
    let mut fds: Vec<PollFd<'_>> =
        waiting_for.iter().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)).collect();
    match poll(&mut fds, Some(&left)) {
        Ok(_) | Err(Errno::INTR) => Ok(fds.iter().map(|fd| !fd.revents().is_empty()).collect()),
        Err(error) => Err(error.into()),
    }
}

/// One output of the program; what comes after the first `MAX_OUTPUT` bytes is read and dropped.
struct Stream {
    pipe: Option<std::fs::File>,
    bytes: Vec<u8>,
}

impl Stream {
    fn new(pipe: Option<OwnedFd>) -> io::Result<Self> {
        if let Some(pipe) = &pipe {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(Self { pipe: pipe.map(std::fs::File::from), bytes: Vec::new() })
    }

    fn waiting_for(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(std::fs::File::as_fd)
    }

    fn drain(&mut self) -> io::Result<()> {
        let mut chunk = [0; 8192];
        while let Some(pipe) = &mut self.pipe {
            match pipe.read(&mut chunk) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    let room = MAX_OUTPUT.saturating_sub(self.bytes.len()).min(count);
                    self.bytes.extend_from_slice(chunk.get(..room).unwrap_or_default());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

const MAX_OUTPUT: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, timeout: Duration) -> Finished {
        run(Command::new("sh").args(["-c", script]), timeout).unwrap()
    }

    #[test]
    fn brings_status_and_both_outputs() {
        let finished = sh("echo out; echo err >&2; exit 3", PLENTY);
        assert_eq!(finished.output.status.code(), Some(3));
        assert_eq!(finished.output.stdout, b"out\n");
        assert_eq!(finished.output.stderr, b"err\n");
        assert!(!finished.timed_out);
    }

    #[test]
    fn reads_more_than_a_pipe_holds() {
        let finished = sh("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2", PLENTY);
        assert_eq!((finished.output.stdout.len(), finished.output.stderr.len()), (1_000_000, 1_000_000));
    }

    #[test]
    fn does_not_wait_for_what_is_left_behind() {
        let finished = sh("sleep 20 & echo $!", PLENTY);
        assert!(!finished.timed_out);
        let left_behind = String::from_utf8(finished.output.stdout).unwrap();
        assert!(sh(&format!("kill {left_behind}"), PLENTY).output.status.success());
    }

    #[test]
    fn ends_what_does_not_end() {
        let finished = sh("exec sleep 600", Duration::from_millis(20));
        assert!(finished.timed_out);
        assert_eq!(finished.output.status.code(), None);
    }

    const PLENTY: Duration = Duration::from_secs(15);
}
