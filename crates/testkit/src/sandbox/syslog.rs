//! The device's system log. Without one, what PAM modules and sudo have to say would be lost, and with it the reason
//! of most failures.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::namespace::Namespaces;

/// Listens for as long as it is kept.
#[derive(Debug)]
pub(crate) struct Syslog {
    socket: UnixDatagram,
    heard: Arc<Heard>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Heard {
    lines: Mutex<String>,
    is_over: AtomicBool,
}

impl Syslog {
    /// The socket is made from outside, through the init's root: a socket of the file system belongs to whoever made
    /// it, in whatever namespace those are who write to it.
    pub(crate) fn listen(namespaces: &Namespaces) -> io::Result<Self> {
        let path = namespaces.dev().join("log");
        let socket = UnixDatagram::bind(&path)?;
        rustix::fs::chmod(&path, 0o666.into())?;
        let heard = Arc::new(Heard::default());
        let (source, sink) = (socket.try_clone()?, Arc::clone(&heard));
        let reader = thread::Builder::new().name("syslog".to_owned()).spawn(move || read(&source, &sink))?;
        Ok(Self { socket, heard, reader: Some(reader) })
    }

    pub(crate) fn text(&self) -> String {
        self.heard.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Syslog {
    fn drop(&mut self) {
        self.heard.is_over.store(true, Ordering::Release);
        if self.socket.shutdown(Shutdown::Both).is_ok()
            && let Some(reader) = self.reader.take()
        {
            // It has nothing to return, and a panic of it was printed where it happened.
            let _ = reader.join();
        }
    }
}

/// A socket that was shut down reads as an empty message, but anybody may send one of those.
fn read(source: &UnixDatagram, heard: &Heard) {
    let mut message = [0; 8192];
    while let Ok(count) = source.recv(&mut message)
        && !heard.is_over.load(Ordering::Acquire)
    {
        let text = String::from_utf8_lossy(message.get(..count).unwrap_or_default());
        let mut lines = heard.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < MAX_TEXT {
            lines.push_str(without_priority(&text).trim_end());
            lines.push('\n');
        }
    }
}

/// RFC 3164: `<PRI>` in front says facility and severity as a number.
fn without_priority(message: &str) -> &str {
    message.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(message, |(_, text)| text)
}

const MAX_TEXT: usize = 16 * 1024 * 1024;
