//! A program that keeps running inside a device.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use super::bounded;
use super::error::SandboxError;
use super::log::Log;

/// Ends with the device at the latest; dropped earlier, it is killed then.
#[derive(Debug)]
pub struct SandboxChild {
    nsenter: Child,
    pid: u32,
    log: Log,
}

impl SandboxChild {
    /// `command` must run `ANNOUNCE` in front of the program.
    pub(crate) fn spawn(mut command: Command, what: &str) -> Result<Self, SandboxError> {
        let log = Log::new(what).map_err(SandboxError::io("making a log"))?;
        let mut nsenter = log
            .writer()
            .and_then(|stderr| command.stdout(std::process::Stdio::piped()).stderr(stderr).spawn())
            .map_err(SandboxError::io(format!("starting `{what}`")))?;
        match announced_pid(&mut nsenter) {
            Ok(pid) => Ok(Self { nsenter, pid, log }),
            Err(source) => {
                let _ = nsenter.kill();
                let _ = nsenter.wait();
                let what = format!("starting `{what}`: {}", log.text().trim());
                Err(SandboxError::Io { what, source })
            }
        }
    }

    /// Process id as the device knows it.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Both outputs, so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Waits for the end; `None` when it has not come within `timeout`.
    pub fn wait(&mut self, timeout: Duration) -> io::Result<Option<ExitStatus>> {
        bounded::wait(&mut self.nsenter, timeout)
    }
}

impl Drop for SandboxChild {
    fn drop(&mut self) {
        // The program inside asked the kernel to be killed together with the `nsenter` in front of it.
        let _ = self.nsenter.kill();
        let _ = self.nsenter.wait();
    }
}

fn announced_pid(nsenter: &mut Child) -> io::Result<u32> {
    let stdout = nsenter.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut line = String::new();
    BufReader::new(stdout.take(MAX_LINE)).read_line(&mut line)?;
    line.trim_end().parse().map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))
}

/// Tells the process id on the pipe at standard output, then gives that up for the log and becomes the program.
pub(crate) const ANNOUNCE: [&str; 4] = ["/bin/sh", "-c", r#"echo $$; exec "$@" >&2"#, "announce"];
const MAX_LINE: u64 = 64;
