//! A file of addresses and networks, one in a line; what stands behind a `#` is for people.

use std::net::IpAddr;

use ipnet::IpNet;
use sallyport_model::name::printable;

use super::block;

/// Shortest prefixes taken. A larger network is a slip of the pen that would shut out a good part of the world.
const SHORTEST_V4: u8 = 8;
const SHORTEST_V6: u8 = 16;
/// So much of a line that is not understood is told.
const TOLD: usize = 48;

/// Disjoint, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// Why a list cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetworksError {
    #[error("it is no text")]
    NoText,
    #[error("line {line} is `{told}`, and larger than a /{shortest}")]
    TooLarge { line: usize, told: String, shortest: u8 },
    #[error("line {line} is `{told}`")]
    Unreadable { line: usize, told: String },
}

impl Networks {
    /// # Errors
    /// A line is no address and no network, or names too many.
    pub fn read(file: &[u8]) -> Result<Self, NetworksError> {
        let text = std::str::from_utf8(file).map_err(|_| NetworksError::NoText)?;
        let mut networks = Vec::new();
        for (line, written) in (1..).zip(text.lines()) {
            let given = written.split_once('#').map_or(written, |(before, _)| before).trim();
            if given.is_empty() {
                continue;
            }
            let told = || printable(given, TOLD);
            let network = block(given).ok_or_else(|| NetworksError::Unreadable { line, told: told() })?;
            let shortest = if network.addr().is_ipv4() { SHORTEST_V4 } else { SHORTEST_V6 };
            if network.prefix_len() < shortest {
                return Err(NetworksError::TooLarge { line, told: told(), shortest });
            }
            networks.push(network);
        }
        let mut networks = IpNet::aggregate(&networks);
        networks.sort_unstable_by_key(IpNet::network);
        Ok(Self(networks))
    }

    /// Whether the address is of one of them. It comes without the form of IPv6 for those of IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let after = self.0.partition_point(|network| network.network() <= address);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|network| network.contains(&address))
    }

    /// What is left of them once those within others are gone.
    pub fn iter(&self) -> impl Iterator<Item = &IpNet> {
        self.0.iter()
    }
}
