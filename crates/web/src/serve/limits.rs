//! How much the listener takes, and for how long it waits.

use std::time::Duration;

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// Most connections of one address.
    pub connections_per_address: usize,
    /// A client must finish its handshake, and each request's head, in this time.
    pub patience: Duration,
    /// A write that the other side takes nothing of is given up after this time.
    pub write_patience: Duration,
    /// After the word to stop, running requests get this long.
    pub last_requests: Duration,
}

/// A whole site may stand behind one address: each of its devices keeps a connection for good, and each browser opens up
/// to six while a page loads. So this is room for some thousand people. It is still a small part of all connections, so
/// that one address cannot take the places of all others.
const PER_ADDRESS: usize = 2_000;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 50_000,
            connections_per_address: PER_ADDRESS,
            patience: Duration::from_secs(15),
            write_patience: Duration::from_secs(30),
            last_requests: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The usual limits where this process may open so many files: a quarter stays for everything that is no connection,
    /// and no address gets more than a quarter of the rest.
    #[must_use]
    pub fn for_files(files: usize) -> Self {
        let usual = Self::default();
        let connections = usual.connections.min(files / 4 * 3).max(1);
        let connections_per_address = usual.connections_per_address.min(connections.div_ceil(4));
        Self { connections, connections_per_address, ..usual }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_takes_the_places_of_all_others() {
        for files in [1, 256, 1024, 65_536, 1 << 20, usize::MAX] {
            let limits = Limits::for_files(files);
            assert!(limits.connections_per_address <= limits.connections.div_ceil(4), "{files}: {limits:?}");
            assert!(limits.connections_per_address >= 1 && limits.connections <= files.max(1), "{files}");
        }
        assert_eq!(Limits::for_files(65_536).connections_per_address, 2_000);
    }
}
