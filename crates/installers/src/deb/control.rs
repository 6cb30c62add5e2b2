//! The control file of a package: its name, version, dependencies and description.

use std::fmt;
use std::fmt::Write as _;

use super::DebError;

/// The fields an administrator sees in `dpkg -s`.
#[derive(Debug, Clone)]
pub struct Control {
    pub package: String,
    pub version: String,
    pub architecture: Architecture,
    pub maintainer: String,
    pub section: String,
    pub depends: Vec<String>,
    pub recommends: Vec<String>,
    /// One line.
    pub synopsis: String,
    /// Lines of text; an empty line separates paragraphs.
    pub description: String,
}

/// A processor the agent is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    Amd64,
    Arm64,
}

impl Architecture {
    /// As in `dpkg --print-architecture`.
    #[must_use]
    pub const fn debian(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// As in `gcc -print-multiarch`, the folder of architecture-specific libraries.
    #[must_use]
    pub const fn multiarch(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64-linux-gnu",
            Self::Arm64 => "aarch64-linux-gnu",
        }
    }

    /// `e_machine` of its ELF files.
    pub(crate) const fn elf_machine(self) -> u16 {
        match self {
            Self::Amd64 => 62,
            Self::Arm64 => 183,
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.debian())
    }
}

impl Control {
    pub(super) fn file_name(&self) -> String {
        file_name(&self.package, &self.version, self.architecture)
    }

    pub(super) fn render(&self, installed_kib: u64) -> Result<String, DebError> {
        check("Package", &self.package, is_package_name)?;
        check("Version", &self.version, is_version)?;
        for (field, value) in
            [("Maintainer", &self.maintainer), ("Section", &self.section), ("Description", &self.synopsis)]
        {
            check(field, value, is_line)?;
        }
        let mut out = format!(
            "Package: {}\nVersion: {}\nArchitecture: {}\nMaintainer: {}\nInstalled-Size: {installed_kib}\n",
            self.package, self.version, self.architecture, self.maintainer
        );
        for (field, relations) in [("Depends", &self.depends), ("Recommends", &self.recommends)] {
            for relation in relations {
                check(field, relation, |value| is_line(value) && !value.contains(','))?;
            }
            if !relations.is_empty() {
                let _ = writeln!(out, "{field}: {}", relations.join(", "));
            }
        }
        let _ =
            write!(out, "Section: {}\nPriority: optional\nDescription: {}\n", self.section, self.synopsis);
        for line in self.description.lines() {
            check("Description", line, |value| value.is_empty() || is_line(value))?;
            let _ = writeln!(out, " {}", if line.is_empty() { "." } else { line });
        }
        Ok(out)
    }
}

/// The name dpkg tools give a package file.
pub(crate) fn file_name(package: &str, version: &str, architecture: Architecture) -> String {
    format!("{package}_{version}_{architecture}.deb")
}

/// Policy 5.6.12 without an epoch, whose colon does not belong in a file name or a URL.
pub(crate) fn is_version(value: &str) -> bool {
    value.len() <= 64
        && value.starts_with(|first: char| first.is_ascii_digit())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".+~-".contains(&byte))
}

fn is_package_name(value: &str) -> bool {
    (2..=64).contains(&value.len())
        && value.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+.-".contains(&byte))
}

/// Text that cannot begin another field.
fn is_line(value: &str) -> bool {
    !value.trim().is_empty() && value.len() <= 1024 && !value.chars().any(char::is_control)
}

fn check(field: &'static str, value: &str, valid: impl Fn(&str) -> bool) -> Result<(), DebError> {
    if valid(value) { Ok(()) } else { Err(DebError::Field { field, value: value.to_owned() }) }
}
