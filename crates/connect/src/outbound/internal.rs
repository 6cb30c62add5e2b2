//! Which addresses are nobody's on the public network: this machine's, this site's, or the protocol's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is internal, in whatever form it is written.
#[must_use]
pub fn is_internal(address: IpAddr) -> bool {
    match unmapped(address) {
        IpAddr::V4(v4) => is_internal_v4(v4),
        IpAddr::V6(v6) => is_internal_v6(v6),
    }
}

/// An IPv4 address that is written as an IPv6 one, as what it is.
pub(super) fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn is_internal_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_broadcast()
        // "This network", shared address space, protocol assignments, benchmarks, reserved (RFC 6890).
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240
}

fn is_internal_v6(v6: Ipv6Addr) -> bool {
    let [a, b, c, _, _, _, g, h] = v6.segments();
    let [high, low] = [g, h].map(u16::to_be_bytes);
    let last = Ipv4Addr::new(high[0], high[1], low[0], low[1]);
    v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_multicast()
        || (a & 0xfe00) == 0xfc00
        || (a & 0xffc0) == 0xfe80
        // Retired site-local addresses, which some networks still route.
        || (a & 0xffc0) == 0xfec0
        // An IPv4 address at the end (compatible, NAT64), or behind the prefix (6to4).
        || (v6.segments()[..6] == [0; 6] && is_internal_v4(last))
        || (a == 0x64 && b == 0xff9b && (c == 1 || is_internal_v4(last)))
        || (a == 0x2002 && {
            let [b, c] = [b, c].map(u16::to_be_bytes);
            is_internal_v4(Ipv4Addr::new(b[0], b[1], c[0], c[1]))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_internal_address_is_one() {
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(is_internal(address.parse().unwrap()), "{address}");
        }
        for address in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::",
            "::ffff:1.1.1.1",
        ] {
            assert!(!is_internal(address.parse().unwrap()), "{address}");
        }
    }
}
