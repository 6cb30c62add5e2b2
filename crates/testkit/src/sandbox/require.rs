//! What a sandbox needs of the machine, looked at before anything is tried, so that the answer is one clear line.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::error::{Program, SandboxError};

/// Fails with everything that is missing, not only the first.
pub(crate) fn check(programs: &[Program]) -> Result<(), SandboxError> {
    let status =
        fs::read_to_string("/proc/self/status").map_err(SandboxError::io("reading /proc/self/status"))?;
    let capabilities = missing_capabilities(&status);
    if !capabilities.is_empty() {
        return Err(SandboxError::Capabilities(capabilities));
    }
    present(programs, &env::var_os("PATH").unwrap_or_default())
}

pub(crate) fn present(programs: &[Program], path: &OsStr) -> Result<(), SandboxError> {
    let missing: Vec<Program> =
        programs.iter().copied().filter(|program| !is_in_path(program.name, path)).collect();
    if missing.is_empty() { Ok(()) } else { Err(SandboxError::Programs(missing)) }
}

fn is_in_path(name: &str, path: &OsStr) -> bool {
    env::split_paths(path).any(|folder| {
        fs::metadata(folder.join(name))
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

fn missing_capabilities(status: &str) -> Vec<&'static str> {
    let effective = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))
        .and_then(|value| u64::from_str_radix(value.trim(), 16).ok())
        .unwrap_or(0);
    NEEDED.iter().filter(|(_, bit)| effective & (1 << bit) == 0).map(|(name, _)| *name).collect()
}

/// Bit numbers as in `linux/capability.h`.
const NEEDED: [(&str, u32); 3] = [("CAP_NET_ADMIN", 12), ("CAP_SYS_CHROOT", 18), ("CAP_SYS_ADMIN", 21)];

pub(crate) const RAISING: [Program; 8] = [
    Program { name: "awk", package: "mawk" },
    Program { name: "hostname", package: "hostname" },
    Program { name: "ip", package: "iproute2" },
    Program { name: "mount", package: "mount" },
    Program { name: "nsenter", package: "util-linux" },
    Program { name: "setpriv", package: "util-linux" },
    Program { name: "tini", package: "tini" },
    Program { name: "unshare", package: "util-linux" },
];

pub(crate) const SSHD: [Program; 2] = [
    Program { name: "sshd", package: "openssh-server" },
    Program { name: "ssh-keygen", package: "openssh-client" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_missing_capability() {
        assert!(missing_capabilities("CapEff:\t000001ffffffffff\n").is_empty());
        assert_eq!(missing_capabilities("CapEff:\t000001ffffdfffff\n"), ["CAP_SYS_ADMIN"]);
        assert_eq!(missing_capabilities("CapEff:\t0000000000000000\n").len(), 3);
        assert_eq!(missing_capabilities("nonsense").len(), 3);
    }

    /// A fresh machine has what the setup installs, and nothing else can be counted on.
    #[test]
    fn the_setup_installs_what_devices_need() {
        let installed = list_of_setup("device");
        for program in RAISING.iter().chain(&SSHD).filter(|program| !is_in_every_debian(program.package)) {
            assert!(
                installed.contains(&program.package),
                "{} is not installed by scripts/setup",
                program.package
            );
        }
    }

    /// So that whoever lacks one hears of it before anything is built.
    #[test]
    fn the_setup_asks_for_the_same_rights() {
        let needed: Vec<String> = NEEDED.iter().map(|(name, bit)| format!("{name}:{bit}")).collect();
        assert_eq!(list_of_setup("rights"), needed);
    }

    fn list_of_setup(name: &str) -> Vec<&'static str> {
        let setup = include_str!("../../../../scripts/setup");
        let line = setup.lines().find_map(|line| line.strip_prefix(&format!("{name}=("))).unwrap();
        line.trim_end_matches(')').split(' ').collect()
    }

    /// Of priority *required* or *important*.
    fn is_in_every_debian(package: &str) -> bool {
        ["hostname", "mawk"].contains(&package)
    }

    #[test]
    fn tells_which_package_brings_a_missing_program() {
        let programs = [
            Program { name: "sh", package: "dash" },
            Program { name: "no-such-program", package: "nowhere" },
        ];
        let error = present(&programs, OsStr::new("/usr/bin:/bin"));
        assert_eq!(
            error.map_err(|error| error.to_string()),
            Err("programs are missing: `no-such-program` (Debian package nowhere)".to_owned())
        );
    }
}
