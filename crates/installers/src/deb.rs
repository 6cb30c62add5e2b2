//! Debian binary packages (deb(5), format 2.0), written without dpkg-deb.
//!
//! A package is an `ar` archive of three members: the format version, a tar with the control files and a tar
//! with the payload. Entries are sorted, owners are root and times are given, so building is a pure function.
//! There is no `md5sums` member: it would add a broken hash function to the build, dpkg writes the list itself
//! when it unpacks a package without one, and what protects the package in transit is its SHA-256.

use std::collections::BTreeMap;

mod archive;
mod control;
mod path;
#[cfg(test)]
mod tests;

pub use control::{Architecture, Control};
pub(crate) use control::{file_name, is_version};
use path::Kind;

/// A package as it is about to be built.
#[derive(Debug, Clone)]
pub struct Package {
    pub control: Control,
    pub scripts: Scripts,
    /// Files under `/etc` that dpkg must not overwrite once an administrator has changed them.
    pub conffiles: Vec<String>,
    pub files: Vec<File>,
    pub symlinks: Vec<Symlink>,
    /// Directories to own. Parents of everything else are added by themselves, as 0755.
    pub dirs: Vec<Dir>,
    /// Seconds since the Unix epoch, the time of every entry.
    pub mtime: u32,
}

/// Maintainer scripts; dpkg runs them as root.
#[derive(Debug, Clone, Default)]
pub struct Scripts {
    pub preinst: Option<String>,
    pub postinst: Option<String>,
    pub prerm: Option<String>,
    pub postrm: Option<String>,
}

#[derive(Debug, Clone)]
pub struct File {
    pub path: String,
    pub mode: u32,
    pub content: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Symlink {
    pub path: String,
    pub target: String,
}

#[derive(Debug, Clone)]
pub struct Dir {
    pub path: String,
    pub mode: u32,
}

/// A built package and the name dpkg tools expect it to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deb {
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// Why a package cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum DebError {
    #[error("cannot write the archive")]
    Archive(#[from] std::io::Error),
    #[error("conffile `{0}` is not a file of the package under `/etc`")]
    Conffile(String),
    #[error("`{0}` appears twice, or is needed as a directory and is not one")]
    Conflict(String),
    #[error("control field `{field}` has the forbidden value `{value}`")]
    Field { field: &'static str, value: String },
    #[error("the binary is built for machine {machine}, the package is for {architecture}")]
    Machine { machine: u16, architecture: Architecture },
    #[error("mode {mode:o} of `{path}` is not allowed")]
    Mode { path: String, mode: u32 },
    #[error("path `{0}` is not allowed in a package")]
    Path(String),
    #[error("maintainer script `{0}` does not begin with `#!/bin/sh`")]
    Script(&'static str),
    #[error("the package is larger than its format allows")]
    Size,
    #[error("symbolic link `{path}` may not point to `{target}`")]
    Target { path: String, target: String },
}

impl Package {
    /// Builds the package; equal packages give equal bytes.
    pub fn build(&self) -> Result<Deb, DebError> {
        let entries = self.entries()?;
        let control = self.control.render(installed_kib(&entries))?;
        let mut members = vec![("control", 0o644, control.into_bytes())];
        if !self.conffiles.is_empty() {
            members.push(("conffiles", 0o644, self.conffile_list()?.into_bytes()));
        }
        for (name, script) in self.scripts.named() {
            if !script.starts_with("#!/bin/sh\n") {
                return Err(DebError::Script(name));
            }
            members.push((name, 0o755, script.as_bytes().to_vec()));
        }
        members.sort_by_key(|(name, ..)| *name);

        let control = archive::control_tar(&members, self.mtime)?;
        let data = archive::data_tar(&entries, self.mtime)?;
        let bytes = archive::ar(
            &[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar.gz", &data)],
            self.mtime,
        )?;
        Ok(Deb { file_name: self.control.file_name(), bytes })
    }

    fn entries(&self) -> Result<BTreeMap<&str, Entry<'_>>, DebError> {
        let mut entries = BTreeMap::new();
        for dir in &self.dirs {
            insert(&mut entries, &dir.path, Entry::Dir { mode: dir.mode })?;
        }
        for file in &self.files {
            insert(&mut entries, &file.path, Entry::File { mode: file.mode, content: &file.content })?;
        }
        for link in &self.symlinks {
            path::check_target(&link.path, &link.target)?;
            insert(&mut entries, &link.path, Entry::Symlink { target: &link.target })?;
        }
        let named: Vec<&str> = entries.keys().copied().collect();
        for parent in named.into_iter().flat_map(path::parents) {
            match entries.entry(parent).or_insert(Entry::Dir { mode: 0o755 }) {
                Entry::Dir { .. } => {}
                Entry::File { .. } | Entry::Symlink { .. } => {
                    return Err(DebError::Conflict(parent.to_owned()));
                }
            }
        }
        Ok(entries)
    }

    fn conffile_list(&self) -> Result<String, DebError> {
        let mut sorted: Vec<&str> = self.conffiles.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut list = String::new();
        for path in sorted {
            if !path.starts_with("/etc/") || !self.files.iter().any(|file| file.path == path) {
                return Err(DebError::Conffile(path.to_owned()));
            }
            list.push_str(path);
            list.push('\n');
        }
        Ok(list)
    }
}

impl Scripts {
    fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("preinst", &self.preinst),
            ("postinst", &self.postinst),
            ("prerm", &self.prerm),
            ("postrm", &self.postrm),
        ]
        .into_iter()
        .filter_map(|(name, script)| Some((name, script.as_deref()?)))
    }
}

/// One member of the payload, by its path.
enum Entry<'a> {
    Dir { mode: u32 },
    File { mode: u32, content: &'a [u8] },
    Symlink { target: &'a str },
}

fn insert<'a>(
    entries: &mut BTreeMap<&'a str, Entry<'a>>,
    path: &'a str,
    entry: Entry<'a>,
) -> Result<(), DebError> {
    match &entry {
        Entry::Dir { mode } => path::check(path, *mode, Kind::Dir)?,
        Entry::File { mode, .. } => path::check(path, *mode, Kind::File)?,
        Entry::Symlink { .. } => path::check(path, 0, Kind::File)?,
    }
    match entries.insert(path, entry) {
        None => Ok(()),
        Some(_) => Err(DebError::Conflict(path.to_owned())),
    }
}

/// Debian policy 5.6.20: every file rounded up to whole KiB, and one KiB for anything else.
fn installed_kib(entries: &BTreeMap<&str, Entry<'_>>) -> u64 {
    entries
        .values()
        .map(|entry| match entry {
            Entry::Dir { .. } | Entry::Symlink { .. } => 1,
            Entry::File { content, .. } => (content.len() as u64).div_ceil(1024),
        })
        .sum()
}
