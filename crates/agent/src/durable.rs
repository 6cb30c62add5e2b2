//! Files that are either the old or the new one, never half of it, whatever happens in between.
//!
//! All of this works in directories that belong to root (or, in tests, to whoever runs them); nothing here is
//! safe in a directory an ordinary user can write to.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Replaces `path` by `bytes`: a temporary file beside it, synced, renamed, the directory synced.
///
/// # Errors
/// Whatever the file system says; `path` is as it was.
pub fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let staged = stage(path, bytes, mode)?;
    commit(&staged, path)
}

/// The first half of [`write()`]: the new content is on disk beside `path`, under a hidden name.
///
/// # Errors
/// Whatever the file system says.
pub fn stage(path: &Path, bytes: &[u8], mode: u32) -> io::Result<PathBuf> {
    let staged = staging_name(path)?;
    match fs::remove_file(&staged) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = create_new(&staged, mode)?;
    #[cfg(test)]
    killing::here(|| file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default()));
    let written = file.write_all(bytes).and_then(|()| set_mode(&file, mode)).and_then(|()| file.sync_all());
    if let Err(error) = written {
        drop(file);
        let _ = fs::remove_file(&staged);
        return Err(error);
    }
    Ok(staged)
}

/// The second half of [`write()`].
///
/// # Errors
/// Whatever the file system says; the staged file is gone then.
pub fn commit(staged: &Path, path: &Path) -> io::Result<()> {
    #[cfg(test)]
    killing::here(|| Ok(()));
    if let Err(error) = fs::rename(staged, path) {
        let _ = fs::remove_file(staged);
        return Err(error);
    }
    sync_parent(path)
}

/// Adds to the end of a file that exists, durably.
///
/// # Errors
/// Whatever the file system says; a part of the line may be there.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Removes a file durably; that it is gone already is no error.
///
/// # Errors
/// Whatever the file system says.
pub fn remove(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    killing::here(|| Ok(()));
    match fs::remove_file(path) {
        Ok(()) => sync_parent(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes what a [`write()`] that was cut off left beside `path`.
///
/// # Errors
/// Whatever the file system says.
pub fn forget_staged(path: &Path) -> io::Result<()> {
    remove(&staging_name(path)?)
}

/// The content of a file; `None` if there is none.
///
/// # Errors
/// It cannot be read, or is longer than `longest`.
pub fn read(path: &Path, longest: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(longest.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(io::Error::other(format!("{} is longer than {longest} bytes", path.display())));
    }
    Ok(Some(bytes))
}

/// As [`read`], as text.
///
/// # Errors
/// As [`read`], or it is not UTF-8.
pub fn read_text(path: &Path, longest: u64) -> io::Result<Option<String>> {
    let Some(bytes) = read(path, longest)? else { return Ok(None) };
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| io::Error::other(format!("{} is not UTF-8", path.display())))
}

/// Makes a directory of ours, or makes sure that the one that is there is ours and has this mode.
///
/// # Errors
/// Somebody else's directory, or no directory at all.
pub fn directory(path: &Path, mode: u32) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    require_own_directory(path)?;
    set_directory_mode(path, mode)
}

fn staging_name(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::other(format!("{} names no file", path.display())))?;
    Ok(path.with_file_name(format!(".{name}.sallyport-new")))
}

#[cfg(unix)]
fn create_new(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create_new(true).mode(mode & 0o700).open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path, _mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Whatever the umask is.
#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn require_own_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    let found = fs::symlink_metadata(path)?;
    let own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    let open = found.mode() & 0o022 != 0;
    if own && !open {
        return Ok(());
    }
    Err(io::Error::other(format!("{} is there and is not a directory of ours alone", path.display())))
}

#[cfg(not(unix))]
fn require_own_directory(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        return Ok(());
    }
    Err(io::Error::other(format!("{} is there and is not a directory", path.display())))
}

#[cfg(unix)]
fn set_directory_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_directory_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Other systems have no such call; the rename itself is as durable as they make it.
#[cfg(not(unix))]
fn sync_parent(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// For tests of what a process leaves behind that is killed at one of its writes: with half of it on disk, with a whole
/// file that has not taken its place, or before something is taken away. A panic that nothing catches on the way stands
/// for the kill: whatever would have followed does not happen.
#[cfg(test)]
pub(crate) mod killing {
    use std::{cell::Cell, io, panic};

    thread_local! {
        static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
    }

    struct Killed;

    /// Whether the kill at this point, counted from 1, came before `life` was over.
    pub(crate) fn at(point: usize, life: impl FnOnce()) -> bool {
        LEFT.set(Some(point));
        let outcome = panic::catch_unwind(panic::AssertUnwindSafe(life));
        LEFT.set(None);
        match outcome {
            Ok(()) => false,
            Err(killed) if killed.is::<Killed>() => true,
            Err(other) => panic::resume_unwind(other),
        }
    }

    /// A point; `last` is what is still done if the process is killed here.
    pub(super) fn here(last: impl FnOnce() -> io::Result<()>) {
        let Some(left) = LEFT.get() else { return };
        LEFT.set(left.checked_sub(1));
        if left == 1 {
            let _ = last();
            panic::resume_unwind(Box::new(Killed));
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn a_write_replaces_the_whole_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        write(&path, b"one", 0o600).unwrap();
        fs::write(dir.path().join(".state.sallyport-new"), b"left by a crash").unwrap();
        write(&path, b"two", 0o640).unwrap();
        assert_eq!(read(&path, 9).unwrap().unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_there_or_too_long_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        assert_eq!(read(&path, 9).unwrap(), None);
        remove(&path).unwrap();
        write(&path, b"0123456789", 0o600).unwrap();
        assert!(read(&path, 9).is_err());
    }

    #[test]
    fn a_directory_through_a_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        directory(&dir.path().join("a"), 0o700).unwrap();
        symlink(dir.path().join("a"), dir.path().join("b")).unwrap();
        assert!(directory(&dir.path().join("b"), 0o700).is_err());
    }
}
