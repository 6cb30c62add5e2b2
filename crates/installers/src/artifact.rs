//! The packages a server hosts, kept in one folder of its own disk.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use rustix::fs::{Mode, OFlags};

use sallyport_crypto::digest;

use crate::deb::Deb;

/// A hosted file, with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    pub file_name: String,
    pub sha256: [u8; 32],
    pub size: u64,
    pub bytes: Vec<u8>,
}

/// Why the folder cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    #[error("cannot use `{}`", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("`{0}` is not a name for a package")]
    Name(String),
    #[error("`{0}` is not a regular file")]
    NotAFile(String),
    #[error("`{0}` is larger than a package may be")]
    TooLarge(String),
    #[error("`{}` holds more than a package folder may", .0.display())]
    TooMany(PathBuf),
}

impl Artifact {
    /// An artifact that is not on disk, or not yet.
    #[must_use]
    pub fn new(file_name: String, bytes: Vec<u8>) -> Self {
        Self { file_name, sha256: digest::sha256(&bytes), size: bytes.len() as u64, bytes }
    }

    /// The digest as `sha256sum` prints it.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        HEXLOWER.encode(&self.sha256)
    }

    /// The media type it is served with.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        match extension(&self.file_name) {
            Some("deb") => "application/vnd.debian.binary-package",
            Some("msi") => "application/x-msi",
            Some(_) | None => "application/octet-stream",
        }
    }
}

/// Every package in `dir`, by name. Files that do not look like one are passed over: dot files, notes,
/// folders, symbolic links.
pub fn list(dir: &Path) -> Result<Vec<Artifact>, ArtifactError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        let is_file = entry.file_type().map_err(at(dir))?.is_file();
        if let (true, Ok(name)) = (is_file, entry.file_name().into_string())
            && is_artifact_name(&name)
        {
            names.push(name);
        }
        if names.len() > FILES_MAX {
            return Err(ArtifactError::TooMany(dir.to_owned()));
        }
    }
    names.sort_unstable();
    names.into_iter().map(|name| read(dir, &name)).collect()
}

/// The package `file_name` of `dir`. The name may come from a URL.
pub fn read(dir: &Path, file_name: &str) -> Result<Artifact, ArtifactError> {
    if !is_artifact_name(file_name) {
        return Err(ArtifactError::Name(file_name.to_owned()));
    }
    let path = dir.join(file_name);
    // Never through a symbolic link, and never waiting for the other end of a pipe.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File =
        rustix::fs::open(&path, flags, Mode::empty()).map_err(|error| at(&path)(error.into()))?.into();
    let metadata = file.metadata().map_err(at(&path))?;
    if !metadata.is_file() {
        return Err(ArtifactError::NotAFile(file_name.to_owned()));
    }
    if metadata.len() > SIZE_MAX {
        return Err(ArtifactError::TooLarge(file_name.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(SIZE_MAX + 1).read_to_end(&mut bytes).map_err(at(&path))?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(ArtifactError::TooLarge(file_name.to_owned()));
    }
    Ok(Artifact::new(file_name.to_owned(), bytes))
}

/// Puts a package into `dir`: after a crash there is the old file or the new one, never half of either.
pub fn save(dir: &Path, deb: &Deb) -> Result<Artifact, ArtifactError> {
    if !is_artifact_name(&deb.file_name) {
        return Err(ArtifactError::Name(deb.file_name.clone()));
    }
    if deb.bytes.len() as u64 > SIZE_MAX {
        return Err(ArtifactError::TooLarge(deb.file_name.clone()));
    }
    let path = dir.join(&deb.file_name);
    let part = dir.join(format!(".{}.part", deb.file_name));
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
    let mut file: File =
        rustix::fs::open(&part, flags, mode).map_err(|error| at(&part)(error.into()))?.into();
    file.write_all(&deb.bytes).map_err(at(&part))?;
    file.sync_all().map_err(at(&part))?;
    fs::rename(&part, &path).map_err(at(&path))?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(at(dir))?;
    Ok(Artifact::new(deb.file_name.clone(), deb.bytes.clone()))
}

fn is_artifact_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+~-".contains(&byte))
        && matches!(extension(name), Some("deb" | "msi" | "pkg"))
}

fn extension(name: &str) -> Option<&str> {
    name.rsplit_once('.').map(|(_, extension)| extension)
}

fn at(path: &Path) -> impl Fn(io::Error) -> ArtifactError {
    move |source| ArtifactError::Io { path: path.to_owned(), source }
}

const FILES_MAX: usize = 64;
const SIZE_MAX: u64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn deb(name: &str, bytes: &[u8]) -> Deb {
        Deb { file_name: name.to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn what_is_saved_is_listed_by_name_with_its_digest() {
        let dir = tempfile::tempdir().unwrap();
        save(dir.path(), &deb("b_1_amd64.deb", b"old")).unwrap();
        save(dir.path(), &deb("b_1_amd64.deb", b"abc")).unwrap();
        save(dir.path(), &deb("a_1_amd64.deb", b"")).unwrap();
        let listed = list(dir.path()).unwrap();
        assert_eq!(
            listed.iter().map(|artifact| artifact.file_name.as_str()).collect::<Vec<_>>(),
            ["a_1_amd64.deb", "b_1_amd64.deb"]
        );
        let artifact = &listed[1];
        assert_eq!((artifact.size, artifact.bytes.as_slice()), (3, b"abc".as_slice()));
        // FIPS 180-4, the first example.
        assert_eq!(artifact.sha256_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing half written stays behind");
    }

    #[test]
    fn only_plain_packages_are_hosted() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("README.md"), "no").unwrap();
        fs::write(dir.path().join(".hidden.deb"), "no").unwrap();
        fs::create_dir(dir.path().join("folder.deb")).unwrap();
        fs::write(dir.path().join("secret"), "no").unwrap();
        std::os::unix::fs::symlink("secret", dir.path().join("link.deb")).unwrap();
        assert_eq!(list(dir.path()).unwrap(), []);
        assert!(matches!(read(dir.path(), "link.deb"), Err(ArtifactError::Io { .. })));
        assert!(matches!(read(dir.path(), "folder.deb"), Err(ArtifactError::NotAFile(_))));
        assert!(matches!(read(dir.path(), "missing.deb"), Err(ArtifactError::Io { .. })));
        for name in ["../secret.deb", "a/b.deb", ".deb", "", "secret", "a\0.deb", "a b.deb", "ä.deb"] {
            assert!(matches!(read(dir.path(), name), Err(ArtifactError::Name(_))), "{name:?}");
            assert!(matches!(save(dir.path(), &deb(name, b"")), Err(ArtifactError::Name(_))), "{name:?}");
        }
    }

    #[test]
    fn size_and_number_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        File::create(dir.path().join("big.deb")).unwrap().set_len(SIZE_MAX + 1).unwrap();
        assert!(matches!(list(dir.path()), Err(ArtifactError::TooLarge(_))));
        for number in 0..=FILES_MAX {
            fs::write(dir.path().join(format!("{number}.deb")), "").unwrap();
        }
        assert!(matches!(list(dir.path()), Err(ArtifactError::TooMany(_))));
    }
}
