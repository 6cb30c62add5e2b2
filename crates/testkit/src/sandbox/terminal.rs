//! A terminal of the device with a person at it: what is shown there, and what is typed, line by line.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::child::SandboxChild;
use super::error::SandboxError;
use super::{PROMPT, Sandbox};

/// The person's end of a pseudo terminal, and the program at the other.
#[derive(Debug)]
pub struct Terminal {
    master: File,
    program: SandboxChild,
    shown: String,
    /// Up to where what was shown has been waited for.
    seen: usize,
}

impl Sandbox {
    /// Starts a program as the session leader of a fresh terminal of the device.
    pub fn at_terminal(&self, arguments: &[&str]) -> Result<Terminal, SandboxError> {
        let opening = SandboxError::io("opening a terminal of the device");
        let (master, path) = self.open_terminal().map_err(opening)?;
        let start = ["/bin/sh", "-c", r#"exec setsid --wait --ctty "$@" <"$0" >"$0" 2>&1"#, &path];
        let program = self.spawn(start.iter().chain(arguments))?;
        Ok(Terminal { master, program, shown: String::new(), seen: 0 })
    }

    /// A terminal belongs to the devpts whose `ptmx` was opened, so this one is the device's own.
    fn open_terminal(&self) -> io::Result<(File, String)> {
        let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let path = self.namespaces.dev().join("pts/ptmx");
        let master = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)?;
        rustix::pty::unlockpt(&master)?;
        let path = rustix::pty::ptsname(&master, Vec::new())?;
        Ok((master, path.into_string().map_err(io::Error::other)?))
    }
}

impl Terminal {
    /// Waits until this is shown, behind what was waited for before.
    ///
    /// # Errors
    /// It is not shown in time; what was is in the error.
    pub fn wait_for(&mut self, part: &str) -> io::Result<()> {
        let deadline = Instant::now() + PROMPT;
        loop {
            self.read()?;
            if let Some((before, _)) = self.shown.get(self.seen..).and_then(|new| new.split_once(part)) {
                self.seen += before.len() + part.len();
                return Ok(());
            }
            if Instant::now() >= deadline {
                let what = format!("`{part}` was not shown:\n{}\n{}", self.shown, self.program.log());
                return Err(io::Error::new(ErrorKind::TimedOut, what));
            }
            // A pause between two looks; a program that has ended may have left something to read.
            self.program.wait(BETWEEN_LOOKS)?;
        }
    }

    /// Types a line.
    ///
    /// # Errors
    /// The terminal does not take it.
    pub fn type_line(&mut self, line: &str) -> io::Result<()> {
        self.master.write_all(format!("{line}\n").as_bytes())
    }

    /// All that was shown until now, echoes of what was typed among it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn read(&mut self) -> io::Result<()> {
        let mut chunk = [0; 4096];
        loop {
            match self.master.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => {
                    let read = chunk.get(..count).unwrap_or_default();
                    self.shown.push_str(&String::from_utf8_lossy(read));
                }
                // Nobody has the other end open: login(1) hangs up on whoever had, and opens it anew.
                Err(error) if Errno::from_io_error(&error) == Some(Errno::IO) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
