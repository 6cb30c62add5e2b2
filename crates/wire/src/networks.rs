//! Addresses and blocks of them, as people write them in lists and programs send them.
//!
//! Whatever IPv6 writes of IPv4 (`::ffff:192.0.2.1`) is IPv4: addresses are compared without that form everywhere, so a block
//! that kept it would hold nobody.

mod listed;
mod proxy;

use std::net::IpAddr;

use ipnet::{IpNet, IpSubnets, Ipv4Net, Ipv4Subnets, Ipv6Subnets};

pub use self::{
    listed::{Networks, NetworksError},
    proxy::{Proxy, ProxyError},
};

/// One address or a block of them: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`. What lies beyond the prefix is left off.
#[must_use]
pub fn block(text: &str) -> Option<IpNet> {
    written(text).map(|block| unmapped(block.trunc()))
}

/// The same, or a range from one address to another (`192.0.2.7-192.0.2.99`), which is the blocks that it is made of.
#[must_use]
pub fn blocks(text: &str) -> Option<Vec<IpNet>> {
    let Some((first, last)) = text.split_once('-') else { return Some(vec![block(text)?]) };
    let address = |text: &str| text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical());
    let subnets = match (address(first)?, address(last)?) {
        (IpAddr::V4(first), IpAddr::V4(last)) if first <= last => {
            IpSubnets::V4(Ipv4Subnets::new(first, last, 0))
        }
        (IpAddr::V6(first), IpAddr::V6(last)) if first <= last => {
            IpSubnets::V6(Ipv6Subnets::new(first, last, 0))
        }
        (IpAddr::V4(_) | IpAddr::V6(_), _) => return None,
    };
    Some(subnets.collect())
}

/// An address alone, or with a prefix, and all of its bits.
fn written(text: &str) -> Option<IpNet> {
    text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse()).ok()
}

/// A block of IPv4 addresses that are written as IPv6 ones, as what it is.
fn unmapped(block: IpNet) -> IpNet {
    let IpNet::V6(v6) = block else { return block };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96));
    v4.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok()).map_or(block, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_read_as_people_write_it() {
        let read = |text: &str| block(text).map(|block| block.to_string());
        for (given, meant) in [
            ("192.0.2.7", "192.0.2.7/32"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("2001:db8::1/32", "2001:db8::/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
            ("::/95", "::/95"),
        ] {
            assert_eq!(read(given).as_deref(), Some(meant), "{given}");
        }
        for bad in ["", "a", "192.0.2", "192.0.2.7/33", "192.0.2.0/-1", " 192.0.2.7", "192.0.2.7-192.0.2.9"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_range_is_the_blocks_that_it_is_made_of() {
        let read = |text: &str| {
            blocks(text).map(|blocks| blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(read("192.0.2.7-192.0.2.9").as_deref(), Some("192.0.2.7/32 192.0.2.8/31"));
        assert_eq!(read("::ffff:192.0.2.8 - 192.0.2.9").as_deref(), Some("192.0.2.8/31"));
        assert_eq!(read("192.0.2.7/24").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(read("2001:db8::-2001:db8::1").as_deref(), Some("2001:db8::/127"));
        assert_eq!(blocks("0.0.0.1-255.255.255.254").map(|blocks| blocks.len()), Some(62));
        for bad in ["192.0.2.9-192.0.2.7", "192.0.2.7-::1", "192.0.2.7-", "-", "1-2-3"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
