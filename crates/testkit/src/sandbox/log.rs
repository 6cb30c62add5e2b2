//! What a program inside writes, kept in memory of this process: nothing to clean up, whatever happens.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::fs::{MemfdFlags, memfd_create};

#[derive(Debug)]
pub(crate) struct Log(File);

impl Log {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        Ok(Self(memfd_create(name, MemfdFlags::CLOEXEC)?.into()))
    }

    /// An output for a child; all of them append, since they share one position.
    pub(crate) fn writer(&self) -> io::Result<Stdio> {
        self.0.try_clone().map(Stdio::from)
    }

    /// Where another process of this user can open it, for as long as this is kept.
    pub(crate) fn path(&self) -> PathBuf {
        path_of(&self.0)
    }

    /// All that has been written so far, up to a limit.
    pub(crate) fn text(&self) -> String {
        let mut bytes = Vec::new();
        let mut chunk = [0; 8192];
        while bytes.len() < MAX_TEXT {
            match self.0.read_at(&mut chunk, bytes.len() as u64) {
                Ok(0) | Err(_) => break,
                Ok(count) => bytes.extend_from_slice(chunk.get(..count).unwrap_or_default()),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A path for an open file, that other processes of this user can use while it is open here.
pub(crate) fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()))
}

const MAX_TEXT: usize = 16 * 1024 * 1024;

/// A standard input with these bytes, of any length, without a thread to feed it.
pub(crate) fn input(bytes: &[u8]) -> io::Result<Stdio> {
    let file = File::from(memfd_create("input", MemfdFlags::CLOEXEC)?);
    file.write_all_at(bytes, 0)?;
    Ok(file.into())
}
