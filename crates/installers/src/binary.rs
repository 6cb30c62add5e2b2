//! What a built binary itself says about where it runs.
//!
//! The dependencies of a package come from the file that is packed, not from the machine that packs it. The
//! names looked for stand in the dynamic string table of an ELF file; searching the bytes for them finds the
//! same names without an ELF parser.

use crate::deb::{Architecture, DebError};

/// Refuses an ELF file of another processor. Anything else passes: scripts stand in for binaries in tests.
pub(crate) fn check_machine(binary: &[u8], architecture: Architecture) -> Result<(), DebError> {
    let Some(header) = binary.first_chunk::<20>() else { return Ok(()) };
    let (Some(magic), Some(machine)) = (header.first_chunk::<4>(), header.last_chunk::<2>()) else {
        return Ok(());
    };
    let machine = u16::from_le_bytes(*machine);
    if magic == b"\x7fELF" && machine != architecture.elf_machine() {
        return Err(DebError::Machine { machine, architecture });
    }
    Ok(())
}

/// Debian relations for the shared libraries `binary` is linked with.
pub(crate) fn library_depends(binary: &[u8]) -> Vec<String> {
    let mut depends = Vec::new();
    if let Some(minor) = glibc_minor(binary) {
        depends.push(format!("libc6 (>= 2.{minor})"));
    }
    for (soname, package) in LIBRARIES {
        if contains(binary, soname) {
            depends.push((*package).to_owned());
        }
    }
    depends
}

/// The newest `GLIBC_2.x` symbol version asked for.
fn glibc_minor(binary: &[u8]) -> Option<u32> {
    let prefix = b"\0GLIBC_2.";
    let digits = |rest: &[u8]| {
        rest.iter()
            .take(3)
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
    };
    binary.windows(prefix.len() + 3).filter_map(|window| window.strip_prefix(prefix)).map(digits).max()
}

fn contains(binary: &[u8], name: &[u8]) -> bool {
    binary.windows(name.len()).any(|window| window == name)
}

const LIBRARIES: &[(&[u8], &str)] = &[(b"\0libgcc_s.so.1\0", "libgcc-s1"), (b"\0libpam.so.0\0", "libpam0g")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_glibc_version_and_the_libraries_are_named() {
        let table = b"\0libgcc_s.so.1\0libc.so.6\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.2.5\0libpam.so.0\0\0\0\0";
        assert_eq!(library_depends(table), ["libc6 (>= 2.34)", "libgcc-s1", "libpam0g"]);
        assert!(library_depends(b"#!/bin/sh\n").is_empty());
    }

    #[test]
    fn this_very_test_binary_needs_glibc() {
        let binary = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(library_depends(&binary).iter().any(|relation| relation.starts_with("libc6 (>= 2.")));
    }

    #[test]
    fn an_elf_file_of_another_processor_is_refused() {
        let mut elf = [0_u8; 64];
        elf[..4].copy_from_slice(b"\x7fELF");
        elf[18] = 62;
        check_machine(&elf, Architecture::Amd64).unwrap();
        assert!(matches!(
            check_machine(&elf, Architecture::Arm64),
            Err(DebError::Machine { machine: 62, architecture: Architecture::Arm64 })
        ));
        check_machine(b"#!/bin/sh\n", Architecture::Arm64).unwrap();
    }
}
