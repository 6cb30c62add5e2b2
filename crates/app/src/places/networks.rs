//! Networks that hide who uses them: the exits of Tor, and whatever else the administrator lists.

use std::{net::IpAddr, path::Path};

use ipnet::IpNet;
use sallyport_model::name::printable;

use super::{Contents, PlacesError};

/// Disjoint, in order.
pub(super) struct Networks(Vec<IpNet>);

/// Shortest prefixes taken. A larger network is a slip of the pen that would shut out a good part of the world.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;
/// So much of a line that is not understood is told.
const TOLD: usize = 48;

impl Networks {
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        let after = self.0.partition_point(|network| network.network() <= address);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|network| network.contains(&address))
    }
}

impl Contents for Networks {
    const MOST: u64 = 16;

    fn read(path: &Path, bytes: Vec<u8>) -> Result<Self, PlacesError> {
        let unusable = |what: String| PlacesError::Networks { path: path.to_owned(), what };
        let text = String::from_utf8(bytes).map_err(|_| unusable("it is no text".into()))?;
        let mut networks = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let given = line.split_once('#').map_or(line, |(before, _)| before).trim();
            if given.is_empty() {
                continue;
            }
            let told = || format!("line {number} is `{}`", printable(given, TOLD));
            let network = network(given).ok_or_else(|| unusable(told()))?;
            let shortest = if network.addr().is_ipv4() { SHORTEST_V4 } else { SHORTEST_V6 };
            if network.prefix_len() < shortest {
                return Err(unusable(format!("{}, and larger than a /{shortest}", told())));
            }
            networks.push(network);
        }
        let mut networks = IpNet::aggregate(&networks);
        networks.sort_unstable_by_key(IpNet::network);
        Ok(Self(networks))
    }
}

/// One address or a block of them; an IPv4 address that is written as one of IPv6 is that address.
fn network(given: &str) -> Option<IpNet> {
    match given.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => Some(given.parse::<IpNet>().ok()?.trunc()),
    }
}
