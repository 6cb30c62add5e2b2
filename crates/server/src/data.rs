//! The data folder: made on the first start, readable by nobody else, held by one server at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use sallyport_crypto::{SystemRandom, random};
use sallyport_model::id::OrgId;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Everything in the house hangs from this key, and it is in no database.
const ROOT_KEY: &str = "root.key";
const LOCK: &str = "lock";

/// A data folder held by this process.
pub(crate) struct DataFolder {
    path: PathBuf,
    /// Keeps other servers out as long as it lives.
    _lock: File,
}

impl DataFolder {
    /// Opens the folder, making it if it is not there.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        make_private(path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join(LOCK))
            .with_context(|| format!("cannot write in `{}`", path.display()))?;
        if rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err() {
            bail!("another server is using `{}`", path.display());
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("sallyport.db")
    }

    /// The root key; made on the first start.
    pub(crate) fn root_key(&self) -> anyhow::Result<Zeroizing<[u8; 32]>> {
        let path = self.path.join(ROOT_KEY);
        match read_root_key(&path) {
            Err(error)
                if error
                    .downcast_ref::<std::io::Error>()
                    .is_some_and(|e| e.kind() == ErrorKind::NotFound) =>
            {
                if self.database().exists() {
                    bail!(
                        "`{}` is missing, and without it the database cannot be read; put it back from your backup",
                        path.display()
                    );
                }
                write_root_key(&path)?;
                read_root_key(&path)
            }
            other => other,
        }
    }
}

/// The organisation's id follows from its root key, so that nothing else need be kept or agreed upon.
#[must_use]
pub(crate) fn organization_id(root: &[u8; 32]) -> OrgId {
    let digest = sallyport_crypto::digest::sha256_of_parts(&[b"organization id", root]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(digest.first_chunk::<16>().unwrap_or(&[0; 16]));
    OrgId::new(Uuid::new_v8(bytes))
}

fn make_private(path: &Path) -> anyhow::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) => return Err(error).with_context(|| format!("cannot make `{}`", path.display())),
    }
    let metadata = std::fs::metadata(path)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        bail!("`{}` belongs to somebody else", path.display());
    }
    if metadata.mode() & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot make `{}` private", path.display()))?;
    }
    Ok(())
}

fn read_root_key(path: &Path) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.mode() & 0o077 != 0 {
        bail!(
            "`{}` can be read by others; run chmod 400 on it, and think about who may have a copy",
            path.display()
        );
    }
    let mut key = Zeroizing::new([0; 32]);
    if metadata.len() != 32 {
        bail!("`{}` is not a root key of 32 bytes", path.display());
    }
    file.read_exact(&mut *key)?;
    Ok(key)
}

fn write_root_key(path: &Path) -> anyhow::Result<()> {
    let key = Zeroizing::new(random::bytes::<32>(&SystemRandom::new())?);
    let partial = path.with_extension("partial");
    std::fs::remove_file(&partial)
        .or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) })?;
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o400).open(&partial)?;
    file.write_all(&*key)?;
    file.sync_all()?;
    // A link refuses where a rename would overwrite.
    std::fs::hard_link(&partial, path).with_context(|| format!("cannot write `{}`", path.display()))?;
    std::fs::remove_file(&partial)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
