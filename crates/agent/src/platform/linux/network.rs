//! Whether the machine has a network, by what the kernel says of its interfaces.
//!
//! Any interface but the loopback counts that is up and has a carrier, wherever it leads: cable, radio, tunnel, a
//! bridge with somebody at it. Addresses and routes are not looked at, for whoever keeps the server away may have
//! taken them too. Where it cannot be told, there is one.

use std::{fs, path::Path};

use crate::{durable, paths::Paths};

/// `ARPHRD_LOOPBACK` of `linux/if_arp.h`.
const LOOPBACK: &str = "772";
/// `IFF_UP` of `linux/if.h`.
const UP: u32 = 1;

/// Whether an interface is up.
#[must_use]
pub fn is_up(paths: &Paths) -> bool {
    let Ok(interfaces) = fs::read_dir(paths.sys().join("class/net")) else { return true };
    interfaces.into_iter().any(|interface| interface.map_or(true, |found| leads_somewhere(&found.path())))
}

fn leads_somewhere(interface: &Path) -> bool {
    // Beside the interfaces stand files, such as `bonding_masters`.
    if !interface.is_dir() || word(interface, "type").as_deref() == Some(LOOPBACK) {
        return false;
    }
    // RFC 2863, as `Documentation/ABI/testing/sysfs-class-net` of the kernel spells it.
    match word(interface, "operstate").as_deref() {
        Some("dormant" | "down" | "lowerlayerdown" | "notpresent" | "testing") => false,
        // Of drivers that do not say, such as those of tunnels.
        Some("unknown") => {
            let flags = word(interface, "flags");
            let flags = flags.and_then(|flags| u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok());
            flags.is_none_or(|flags| flags & UP != 0)
        }
        Some(_) | None => true,
    }
}

fn word(interface: &Path, name: &str) -> Option<String> {
    let text = durable::read_text(&interface.join(name), 64).ok()??;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_that_is_up_is_a_network_and_so_is_what_nobody_can_tell() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        assert!(is_up(&paths), "nothing can be read");
        let net = dir.path().join("sys/class/net");
        let put = |interface: &str, files: &[(&str, &str)]| {
            let folder = net.join(interface);
            fs::create_dir_all(&folder).unwrap();
            for (name, text) in files {
                fs::write(folder.join(name), format!("{text}\n")).unwrap();
            }
        };
        put("lo", &[("type", "772"), ("operstate", "unknown"), ("flags", "0x9")]);
        put("eth0", &[("type", "1"), ("operstate", "down"), ("flags", "0x1003")]);
        put("docker0", &[("type", "1"), ("operstate", "down")]);
        put("tun0", &[("type", "65534"), ("operstate", "unknown"), ("flags", "0x1090")]);
        fs::write(net.join("bonding_masters"), "\n").unwrap();
        assert!(!is_up(&paths));
        for (interface, files) in [
            ("eth0", [("operstate", "up"), ("flags", "0x1003")]),
            ("tun0", [("operstate", "unknown"), ("flags", "0x1091")]),
            ("tun0", [("operstate", "unknown"), ("flags", "what")]),
            ("eth0", [("operstate", "new word"), ("flags", "0x1002")]),
        ] {
            put(interface, &files);
            assert!(is_up(&paths), "{interface} {files:?}");
            put(interface, &[("operstate", "down")]);
            assert!(!is_up(&paths));
        }
    }
}
