//! The cable between the machine and a device: a veth pair with a /30 network of its own.
//!
//! The name of the machine's end is made from the number of the network, so the kernel's refusal of a second link of the
//! same name is what keeps two sandboxes, also of different processes, from taking the same addresses.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::bounded;
use super::error::SandboxError;

#[derive(Debug)]
pub(crate) struct Link {
    network: Network,
}

impl Link {
    /// Makes the pair; the far end is `eth0` in the network namespace at `namespace`, not yet configured.
    pub(crate) fn create(namespace: &Path) -> Result<Self, SandboxError> {
        for network in Network::candidates() {
            if network.is_in_use()? {
                continue;
            }
            let far = format!("peer name {FAR_END} netns {}", namespace.display());
            match ip(&format!("link add {} type veth {far}", network.link_name())) {
                Ok(_) => {
                    let link = Self { network };
                    link.configure_near_end()?;
                    return Ok(link);
                }
                Err(SandboxError::Link { reason, .. }) if reason.contains("File exists") => {}
                Err(error) => return Err(error),
            }
        }
        Err(SandboxError::NoFreeNetwork(TRIES))
    }

    pub(crate) fn name(&self) -> String {
        self.network.link_name()
    }

    pub(crate) fn host_address(&self) -> Ipv4Addr {
        self.network.host()
    }

    pub(crate) fn device_address(&self) -> Ipv4Addr {
        self.network.device()
    }

    /// What `ip -batch -` has to hear inside the device. No default route: what is not the machine is unreachable at
    /// once instead of after a time-out.
    pub(crate) fn far_end_batch(&self) -> String {
        format!(
            "link set lo up\naddr add {}/30 dev {FAR_END}\nlink set {FAR_END} up\n",
            self.network.device()
        )
    }

    fn configure_near_end(&self) -> Result<(), SandboxError> {
        let name = self.network.link_name();
        ip(&format!("addr add {}/30 dev {name}", self.network.host()))?;
        ip(&format!("link set {name} up"))?;
        Ok(())
    }
}

/// The kernel takes the pair away with the device's namespace, but only some time after; this is at once.
impl Drop for Link {
    fn drop(&mut self) {
        // Gone already is as good; nobody is left to tell about anything else.
        let _ = ip(&format!("link del {}", self.network.link_name()));
    }
}

/// A /30 of 10.192.0.0/10, by its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Network(u32);

impl Network {
    /// A few numbers, far apart for different processes; that they are free is for `create` to find out.
    fn candidates() -> impl Iterator<Item = Self> {
        let process = std::process::id().wrapping_mul(SPREAD);
        (0..TRIES).map(move |_| {
            let next = RAISED.fetch_add(1, Ordering::Relaxed);
            Self(process.wrapping_add(next) % NETWORKS)
        })
    }

    fn is_in_use(self) -> Result<bool, SandboxError> {
        let network = Ipv4Addr::from_bits(self.base());
        Ok(!ip(&format!("-4 -oneline addr show to {network}/30"))?.is_empty())
    }

    fn base(self) -> u32 {
        Ipv4Addr::new(10, 192, 0, 0).to_bits() | (self.0 << 2)
    }

    fn host(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.base() | 1)
    }

    fn device(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.base() | 2)
    }

    /// At most 15 characters, the kernel's limit.
    fn link_name(self) -> String {
        format!("sally-{:05x}", self.0)
    }
}

fn ip(arguments: &str) -> Result<Vec<u8>, SandboxError> {
    let command = || format!("ip {arguments}");
    let finished = bounded::run(Command::new("ip").args(arguments.split(' ')), super::PROMPT)
        .map_err(SandboxError::io(command()))?;
    if finished.output.status.success() {
        return Ok(finished.output.stdout);
    }
    let reason = String::from_utf8_lossy(&finished.output.stderr).trim().to_owned();
    Err(SandboxError::Link { command: command(), reason })
}

static RAISED: AtomicU32 = AtomicU32::new(0);
const FAR_END: &str = "eth0";
const TRIES: u32 = 32;
const NETWORKS: u32 = 1 << 20;
/// Odd and near the golden ratio of 2^32 (Knuth): neighbouring process ids land far apart.
const SPREAD: u32 = 0x9e37_79b1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_inside_their_network() {
        let last = Network(NETWORKS - 1);
        assert_eq!(Network(0).host(), Ipv4Addr::new(10, 192, 0, 1));
        assert_eq!(Network(1).device(), Ipv4Addr::new(10, 192, 0, 6));
        assert_eq!(last.device(), Ipv4Addr::new(10, 255, 255, 254));
    }

    #[test]
    fn link_names_are_distinct_and_short_enough() {
        assert_ne!(Network(1).link_name(), Network(2).link_name());
        assert_eq!(Network(NETWORKS - 1).link_name(), "sally-fffff");
    }

    #[test]
    fn candidates_never_repeat_within_a_process() {
        let names: std::collections::BTreeSet<String> =
            Network::candidates().chain(Network::candidates()).map(Network::link_name).collect();
        assert_eq!(names.len(), 2 * TRIES as usize);
    }
}
