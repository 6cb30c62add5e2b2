//! Whose programs are at the other end of connections within this machine, as the kernel says in `/proc/net/tcp` and `tcp6` (proc(5)).

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, SocketAddr},
};

/// How `/proc/net` writes a connection that stands.
const ESTABLISHED: &str = "01";

/// The number of the account whose program holds the other end of a connection from here to this port of `127.0.0.1`.
#[must_use]
pub fn owner(from: SocketAddr, port: u16) -> Option<u32> {
    if !from.ip().is_loopback() {
        return None;
    }
    // Programs that speak both protocols hold an IPv4 connection in a socket of IPv6.
    let look = |file, mapped| owner_in(&fs::read_to_string(file).ok()?, from, port, mapped);
    look("/proc/net/tcp", false).or_else(|| look("/proc/net/tcp6", true))
}

fn owner_in(table: &str, from: SocketAddr, port: u16, mapped: bool) -> Option<u32> {
    let ours = SocketAddr::new(IpAddr::from([127, 0, 0, 1]), port);
    let (local, remote) = (written(from, mapped)?, written(ours, mapped)?);
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let is_it = fields.next()? == local && fields.next()? == remote && fields.next()? == ESTABLISHED;
        // Queues, the timer and what was sent again stand between.
        if is_it { fields.nth(3)?.parse().ok() } else { None }
    })
}

/// An address as the kernel writes it: words as this machine keeps them in memory.
fn written(address: SocketAddr, mapped: bool) -> Option<String> {
    let IpAddr::V4(ip) = address.ip().to_canonical() else { return None };
    let mut text = String::new();
    if mapped {
        let prefix = [[0; 4], [0; 4], [0, 0, 0xff, 0xff]];
        for word in prefix {
            write!(text, "{:08X}", u32::from_ne_bytes(word)).ok()?;
        }
    }
    write!(text, "{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port()).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    const HEADER: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn from(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn the_other_end_is_found_and_only_while_it_stands() {
        let table = format!(
            "{HEADER}\
             \x20  0: 0100007F:BA25 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 1 1 0 100 0 0 10 0\n\
             \x20  1: 0100007F:D431 0100007F:BA25 01 00000000:00000000 02:00000000 00000000 20001        0 2 2 0 20 4 30 10 -1\n\
             \x20  2: 0100007F:BA25 0100007F:D431 01 00000000:00000000 00:00000000 00000000   998        0 3 1 0 20 4 30 10 -1\n\
             \x20  3: 0100007F:D432 0100007F:BA25 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0\n"
        );
        assert_eq!(owner_in(&table, from(0xd431), 0xba25, false), Some(20_001));
        for (asked, port) in [(0xd432, 0xba25), (0xd433, 0xba25), (0xd431, 0xba26)] {
            assert_eq!(owner_in(&table, from(asked), port, false), None);
        }
        let mapped = format!(
            "{HEADER}   0: 0000000000000000FFFF00000100007F:D431 0000000000000000FFFF00000100007F:BA25 01 \
             00000000:00000000 00:00000000 00000000  1000        0 9 1 0 20 4 30 10 -1\n"
        );
        assert_eq!(owner_in(&mapped, from(0xd431), 0xba25, true), Some(1000));
        assert_eq!(owner_in(&mapped, from(0xd431), 0xba25, false), None);
    }

    #[test]
    fn a_connection_of_this_program_is_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let me = rustix::process::getuid().as_raw();
        assert_eq!(owner(stream.local_addr().unwrap(), port), Some(me));
        assert_eq!(owner("192.0.2.1:80".parse().unwrap(), port), None);
    }
}
