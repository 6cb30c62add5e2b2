//! macOS: enrols, is known by its inventory, and says of everything else that it cannot do it yet.

pub use super::unsupported::{accounts, commands, login, network, packages, scope};

pub mod inventory {
    //! What this machine is, as far as the standard library tells.

    use sallyport_api::agent::Inventory;
    use sallyport_model::name::printable;

    use crate::paths::Paths;

    /// Looks at everything once.
    #[must_use]
    pub fn take(paths: &Paths) -> Inventory {
        let cpus = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
        Inventory {
            host_name: host_name(paths),
            os: "macOS".to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            cpus: u32::try_from(cpus).unwrap_or(u32::MAX),
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Inventory::default()
        }
    }

    /// The name of this machine.
    #[must_use]
    pub fn host_name(_paths: &Paths) -> String {
        let name = rustix::system::uname();
        printable(&name.nodename().to_string_lossy(), 120)
    }
}
