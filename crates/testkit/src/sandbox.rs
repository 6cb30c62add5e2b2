//! A sandbox: a Linux device on this very machine, made of namespaces.
//!
//! It has its own root (an overlay that forgets), process ids, host name, address and accounts; users can be created in
//! it, packages installed and people logged in over SSH for real, and the machine itself stays as it was. It shares
//! the machine's programs, so what is tested is what is installed here. Nothing outlives the process that raised it:
//! the device's init waits at the end of a pipe, everything it writes is memory.

mod bounded;
mod child;
mod error;
mod link;
mod log;
mod namespace;
mod require;
mod sshd;
mod syslog;
mod terminal;

use std::ffi::{OsStr, OsString};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

pub use rustix::process::Signal;

pub use child::SandboxChild;
pub use error::{Program, SandboxError};
pub use terminal::Terminal;

use link::Link;
use namespace::Namespaces;
use syslog::Syslog;

pub(crate) use bounded::run as run_bounded;
pub(crate) use log::{Log, input};

/// What the device to raise is like.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Host name of the device.
    pub name: String,
    /// Folders of the machine to show inside, read-only, where they are. The root's own file system is there anyway,
    /// but as it was at the start, and without what is mounted elsewhere, such as a `/tmp` in memory.
    pub shared: Vec<PathBuf>,
    /// How long a command of `run` may take.
    pub run_timeout: Duration,
}

impl SandboxOptions {
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), shared: Vec::new(), run_timeout: Duration::from_secs(120) }
    }
}

/// A device that stands until this is dropped.
#[derive(Debug)]
pub struct Sandbox {
    options: SandboxOptions,
    // Fields are dropped in this order: the link first, since the kernel would take its time with it.
    link: Link,
    syslog: Syslog,
    namespaces: Namespaces,
}

impl Sandbox {
    pub fn raise(options: &SandboxOptions) -> Result<Self, SandboxError> {
        if !is_host_name(&options.name) {
            return Err(SandboxError::Name(options.name.clone()));
        }
        require::check(&require::RAISING)?;
        let namespaces = Namespaces::raise(&options.name, &options.shared)?;
        let link = Link::create(&namespaces.path("net").unwrap_or_default())?;
        let syslog =
            Syslog::listen(&namespaces).map_err(SandboxError::io("listening on the device's /dev/log"))?;
        let sandbox = Self { options: options.clone(), link, syslog, namespaces };
        sandbox.check_with_input(["ip", "-batch", "-"], sandbox.link.far_end_batch().as_bytes())?;
        Ok(sandbox)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.options.name
    }

    /// The device's address.
    #[must_use]
    pub fn address(&self) -> Ipv4Addr {
        self.link.device_address()
    }

    /// The machine's address as the device sees it; a server for the device listens here.
    #[must_use]
    pub fn host_address(&self) -> Ipv4Addr {
        self.link.host_address()
    }

    /// Name of the machine's end of the cable.
    #[must_use]
    pub fn link_name(&self) -> String {
        self.link.name()
    }

    /// Process on the machine that stands for the device; its only child is the device's init.
    #[must_use]
    pub fn host_pid(&self) -> u32 {
        self.namespaces.unshare_pid()
    }

    /// What programs inside said to the system log, PAM modules among them.
    #[must_use]
    pub fn syslog(&self) -> String {
        self.syslog.text()
    }

    /// Runs a program inside as root until it ends, whatever its exit status.
    pub fn run<I, S>(&self, arguments: I) -> Result<Output, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.finish(arguments, Stdio::null())
    }

    /// As `run`, with these bytes as standard input.
    pub fn run_with_input<I, S>(&self, arguments: I, input: &[u8]) -> Result<Output, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let input = log::input(input).map_err(SandboxError::io("making a standard input"))?;
        self.finish(arguments, input)
    }

    /// As `run`, but anything but exit status 0 is an error that says what the program said. Returns its output.
    pub fn check<I, S>(&self, arguments: I) -> Result<Vec<u8>, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        self.check_with_input(arguments, b"")
    }

    /// As `check`, with these bytes as standard input.
    pub fn check_with_input<I, S>(&self, arguments: I, input: &[u8]) -> Result<Vec<u8>, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let arguments = owned(arguments);
        let output = self.run_with_input(&arguments, input)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let status = output.status.to_string();
        Err(SandboxError::Command {
            name: self.options.name.clone(),
            command: shown(&arguments),
            status,
            reason,
        })
    }

    /// Starts a program inside that keeps running; its outputs go to a log.
    pub fn spawn<I, S>(&self, arguments: I) -> Result<SandboxChild, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let arguments = owned(arguments);
        let announced = child::ANNOUNCE.iter().map(OsString::from).chain(arguments.iter().cloned());
        SandboxChild::spawn(self.namespaces.command(announced), &shown(&arguments))
    }

    /// Sends a signal to a program started by `spawn`; one that has ended is left alone.
    pub fn kill(&self, signal: Signal, child: &mut SandboxChild) -> Result<(), SandboxError> {
        let ended = child.wait(Duration::ZERO).map_err(SandboxError::io("looking at a child"))?;
        if ended.is_none() {
            let kill = format!("kill -{} {}", signal.as_raw(), child.pid());
            self.check(["/bin/sh", "-c", &kill])?;
        }
        Ok(())
    }

    /// Writes a file inside, whole or not at all, and the folders above it where they are missing.
    pub fn write_file(&self, path: impl AsRef<Path>, mode: u32, bytes: &[u8]) -> Result<(), SandboxError> {
        let mode = OsString::from(format!("{mode:o}"));
        let script = ["/bin/sh", "-euc", WRITE_FILE, "write"].map(OsString::from);
        let arguments = script.into_iter().chain([path.as_ref().into(), mode]);
        self.check_with_input(arguments, bytes).map(drop)
    }

    pub fn read_file(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, SandboxError> {
        self.check([OsStr::new("cat"), OsStr::new("--"), path.as_ref().as_os_str()])
    }

    fn finish<I, S>(&self, arguments: I, input: Stdio) -> Result<Output, SandboxError>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let arguments = owned(arguments);
        let mut command: Command = self.namespaces.command(&arguments);
        let finished = bounded::run(command.stdin(input), self.options.run_timeout)
            .map_err(SandboxError::io(shown(&arguments)))?;
        if finished.timed_out {
            let (name, command) = (self.options.name.clone(), shown(&arguments));
            return Err(SandboxError::Timeout { name, command, timeout: self.options.run_timeout });
        }
        Ok(finished.output)
    }
}

fn owned<I, S>(arguments: I) -> Vec<OsString>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    arguments.into_iter().map(|argument| argument.as_ref().to_owned()).collect()
}

fn shown(arguments: &[OsString]) -> String {
    arguments.join(OsStr::new(" ")).to_string_lossy().into_owned()
}

fn is_host_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// How long what is quick may take on a busy machine.
pub(crate) const PROMPT: Duration = Duration::from_secs(20);
const WRITE_FILE: &str = r#"umask 077
mkdir -p -m 0755 -- "$(dirname -- "$1")"
cat >"$1.new"
chmod -- "$2" "$1.new"
mv -f -- "$1.new" "$1""#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_checked_before_anything_is_made() {
        for name in ["", "-a", "a-", "Laptop", "a b", "a.b", "ü", &"a".repeat(64)] {
            let refused = Sandbox::raise(&SandboxOptions::named(name));
            assert!(matches!(refused, Err(SandboxError::Name(_))), "{name}");
        }
        assert!(is_host_name("laptop-1"));
    }
}
