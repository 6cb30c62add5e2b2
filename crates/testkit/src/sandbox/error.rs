//! Why a sandbox could not be raised or used, said so that the reader knows what to install or allow.

use std::fmt;
use std::io;
use std::time::Duration;

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("`{0}` is not a host name: 1 to 63 of a-z, 0-9 and `-`, with no `-` at either end")]
    Name(String),
    #[error("programs are missing: {}", List(.0))]
    Programs(Vec<Program>),
    #[error(
        "not allowed to make a device: {} missing; run as root (in a container: with `--privileged`)",
        .0.join(", ")
    )]
    Capabilities(Vec<&'static str>),
    #[error("the kernel refused to make the device's namespaces or mounts: {0}")]
    Raise(String),
    #[error("the device's link could not be made: `{command}`: {reason}")]
    Link { command: String, reason: String },
    #[error("no free /30 network for the device after {0} tries")]
    NoFreeNetwork(u32),
    #[error("`{command}` failed inside `{name}` with {status}: {reason}")]
    Command { name: String, command: String, status: String, reason: String },
    #[error("`{command}` did not end inside `{name}` within {timeout:?}")]
    Timeout { name: String, command: String, timeout: Duration },
    #[error("`{what}`: {source}")]
    Io { what: String, source: io::Error },
}

/// A program the sandbox needs on the machine, and the Debian package that brings it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Program {
    pub name: &'static str,
    pub package: &'static str,
}

impl SandboxError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

struct List<'a>(&'a [Program]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, program) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{}` (Debian package {})", program.name, program.package)?;
        }
        Ok(())
    }
}
