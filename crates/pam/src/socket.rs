//! The three socket calls that the standard library does not offer as a login process needs them.

#![expect(unsafe_code, reason = "the shim speaks to the kernel where the standard library does not")]

use std::{
    io,
    mem::size_of,
    os::{
        fd::{AsRawFd, FromRawFd, OwnedFd},
        unix::{ffi::OsStrExt, net::UnixStream},
    },
    path::Path,
    time::Duration,
};

use libc::{c_char, socklen_t};

/// Connects, but waits no longer than `timeout`: a listener whose queue is full would otherwise hold the login
/// process for as long as it likes.
pub(crate) fn connect(path: &Path, timeout: Duration) -> io::Result<UnixStream> {
    let address = address(path)?;
    // SAFETY: no pointers are passed; the result is checked before use.
    let descriptor = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0) };
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, was made a line ago, and nothing else owns it.
    let stream = UnixStream::from(unsafe { OwnedFd::from_raw_fd(descriptor) });
    stream.set_write_timeout(Some(timeout))?;
    // SAFETY: the address is a whole `sockaddr_un` that outlives the call, and its true size is given.
    let connected = unsafe {
        libc::connect(stream.as_raw_fd(), (&raw const address).cast(), size_of_as_socklen(&address))
    };
    if connected == 0 { Ok(stream) } else { Err(io::Error::last_os_error()) }
}

/// The user behind the other end, as the kernel noted when that end began to listen.
pub(crate) fn peer_uid(stream: &UnixStream) -> io::Result<u32> {
    let mut peer = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut length = size_of_as_socklen(&peer);
    // SAFETY: `peer` and `length` outlive the call, and `length` is the true size of `peer`.
    let answered = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if answered != 0 {
        return Err(io::Error::last_os_error());
    }
    if length == size_of_as_socklen(&peer) { Ok(peer.uid) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Sends without the signal that would kill a login process whose agent has just died.
pub(crate) fn send(stream: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: pointer and length are those of one slice that outlives the call.
    let sent =
        unsafe { libc::send(stream.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

fn address(path: &Path) -> io::Result<libc::sockaddr_un> {
    let mut address = libc::sockaddr_un {
        sun_family: libc::sa_family_t::try_from(libc::AF_UNIX).map_err(io::Error::other)?,
        sun_path: [0; 108],
    };
    let bytes = path.as_os_str().as_bytes();
    if bytes.is_empty() || bytes.contains(&0) || bytes.len() >= address.sun_path.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (slot, byte) in address.sun_path.iter_mut().zip(bytes) {
        *slot = c_char::from_ne_bytes([*byte]);
    }
    Ok(address)
}

fn size_of_as_socklen<T>(_: &T) -> socklen_t {
    socklen_t::try_from(size_of::<T>()).unwrap_or(0)
}
