//! The connection to the agent: who may be at the other end, and how long it may take.
//!
//! The directory of the socket must belong to root or to the expected peer and be writable by nobody else; the
//! peer must be the expected user by the word of the kernel. Only then is anything said.

use std::{
    fmt,
    io::{self, Read, Write},
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{arguments::Arguments, socket};

/// A verified connection with deadlines. The first byte must come early, or the agent is taken for dead; from then
/// on each of our messages gives it the whole timeout, however it slices what it says.
pub(crate) struct Door<N> {
    stream: UnixStream,
    now: N,
    timeout: Duration,
    deadline: Instant,
    heard: bool,
}

#[derive(Debug)]
pub(crate) enum DoorError {
    Connect(PathBuf, io::Error),
    /// The directory could be used to put another socket in the agent's place.
    Directory(PathBuf),
    NotASocket(PathBuf),
    Peer {
        expected: u32,
        found: u32,
    },
    Unreadable(PathBuf, io::Error),
}

impl<N: Fn() -> Instant> Door<N> {
    pub(crate) fn open(arguments: &Arguments, now: N) -> Result<Self, DoorError> {
        let path = &arguments.socket;
        check_directory(path, arguments.peer_uid)?;
        check_socket(path)?;
        let patience = arguments.timeout.min(FIRST_WORD);
        let deadline = now() + patience;
        let connected = socket::connect(path, patience);
        let stream = connected.map_err(|error| DoorError::Connect(path.clone(), error))?;
        check_peer(&stream, path, arguments.peer_uid)?;
        Ok(Self { stream, now, timeout: arguments.timeout, deadline, heard: false })
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since((self.now)());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
    }

    fn renew(&mut self) {
        self.deadline = (self.now)() + self.timeout;
    }
}

impl<N: Fn() -> Instant> Read for Door<N> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        let count = self.stream.read(buffer).map_err(timed_out)?;
        if !self.heard {
            self.heard = true;
            self.renew();
        }
        Ok(count)
    }
}

impl<N: Fn() -> Instant> Write for Door<N> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        socket::send(&self.stream, bytes).map_err(timed_out)
    }

    /// The end of one of our messages, often typed by a person: the agent's time begins now.
    fn flush(&mut self) -> io::Result<()> {
        if self.heard {
            self.renew();
        }
        Ok(())
    }
}

/// An expired socket timeout reads as "would block" in the standard library.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}

fn check_directory(socket: &Path, peer_uid: u32) -> Result<(), DoorError> {
    let directory = socket.parent().unwrap_or(Path::new("/"));
    let facts = directory
        .symlink_metadata()
        .map_err(|error| DoorError::Unreadable(directory.to_path_buf(), error))?;
    let owned = facts.uid() == 0 || facts.uid() == peer_uid;
    if facts.is_dir() && owned && facts.mode() & WRITABLE_BY_OTHERS == 0 {
        Ok(())
    } else {
        Err(DoorError::Directory(directory.to_path_buf()))
    }
}

fn check_socket(path: &Path) -> Result<(), DoorError> {
    let facts = path.symlink_metadata().map_err(|error| DoorError::Unreadable(path.to_path_buf(), error))?;
    if facts.file_type().is_socket() { Ok(()) } else { Err(DoorError::NotASocket(path.to_path_buf())) }
}

fn check_peer(stream: &UnixStream, path: &Path, expected: u32) -> Result<(), DoorError> {
    let found = socket::peer_uid(stream).map_err(|error| DoorError::Connect(path.to_path_buf(), error))?;
    if found == expected { Ok(()) } else { Err(DoorError::Peer { expected, found }) }
}

/// Paths are printed escaped, so that no name can forge a line of the log.
impl fmt::Display for DoorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(path, error) => write!(f, "cannot connect to the agent at {path:?}: {error}"),
            Self::Directory(path) => {
                write!(f, "{path:?} is not a directory that only its trusted owner can write to")
            }
            Self::NotASocket(path) => write!(f, "{path:?} is not a socket"),
            Self::Peer { expected, found } => {
                write!(
                    f,
                    "the listener runs as uid {found} instead of {expected}, which looks like tampering"
                )
            }
            Self::Unreadable(path, error) => write!(f, "cannot look at {path:?}: {error}"),
        }
    }
}

impl std::error::Error for DoorError {}

const FIRST_WORD: Duration = Duration::from_secs(15);
const WRITABLE_BY_OTHERS: u32 = 0o022;

#[cfg(test)]
mod tests;
