//! A change of several files that holds as a whole or not at all.

use std::{fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{durable, log, paths::Paths, platform::PlatformError};

const LONGEST_FILE: u64 = 4 * 1024 * 1024;

/// What a file is to be; without content it is to be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) path: PathBuf,
    pub(super) content: Option<String>,
}

pub(super) struct Change {
    edits: Vec<Edit>,
    paths: Paths,
    /// The ssh server must read its configuration again.
    pub(super) concerns_sshd: bool,
}

/// On disk while a change is under way: how everything was.
#[derive(Debug, Serialize, Deserialize)]
struct Pending {
    before: Vec<Before>,
    concerns_sshd: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    path: PathBuf,
    content: Option<String>,
    mode: u32,
}

impl Change {
    pub(super) fn new(paths: &Paths) -> Self {
        Self { edits: Vec::new(), paths: paths.clone(), concerns_sshd: false }
    }

    pub(super) fn add(&mut self, edit: Edit) {
        self.edits.push(edit);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Puts everything in place and keeps it if `confirm` says so.
    pub(super) fn carry_out(
        self,
        confirm: impl FnOnce() -> Result<(), PlatformError>,
    ) -> Result<(), PlatformError> {
        if self.is_empty() {
            return Ok(());
        }
        let pending = self.pending()?;
        let note = serde_json::to_vec(&pending).map_err(io::Error::from)?;
        durable::write(&self.paths.login_pending(), &note, 0o600)?;
        let sshd_was_sound = self.concerns_sshd && super::sshd::check().is_ok();
        let outcome = self.put_in_place(&pending, sshd_was_sound).and_then(|()| confirm());
        if let Err(error) = outcome {
            restore(&pending, &self.paths)?;
            return Err(error);
        }
        Ok(durable::remove(&self.paths.login_pending())?)
    }

    fn pending(&self) -> io::Result<Pending> {
        let mut before = Vec::new();
        for edit in &self.edits {
            let content = durable::read_text(&edit.path, LONGEST_FILE)?;
            before.push(Before { path: edit.path.clone(), content, mode: mode(&edit.path) });
        }
        Ok(Pending { before, concerns_sshd: self.concerns_sshd })
    }

    fn put_in_place(&self, pending: &Pending, sshd_was_sound: bool) -> Result<(), PlatformError> {
        for (edit, before) in self.edits.iter().zip(&pending.before) {
            match &edit.content {
                Some(content) => durable::write(&edit.path, content.as_bytes(), before.mode)?,
                None => durable::remove(&edit.path)?,
            }
        }
        if sshd_was_sound {
            super::sshd::check()?;
        }
        if self.concerns_sshd {
            super::sshd::reload(&self.paths);
        }
        Ok(())
    }
}

/// Brings back what was before a change that nobody confirmed. Safe to call at any time but during a change.
///
/// # Errors
/// Something could not be brought back; it is tried again the next time.
pub fn recover(paths: &Paths) -> Result<bool, PlatformError> {
    super::rehearsal::forget(paths)?;
    let Some(bytes) = durable::read(&paths.login_pending(), LONGEST_FILE)? else { return Ok(false) };
    let pending: Pending = serde_json::from_slice(&bytes).map_err(io::Error::from)?;
    log::warn(format_args!(
        "a change of the login configuration was not confirmed; bringing back the former"
    ));
    restore(&pending, paths)?;
    Ok(true)
}

fn restore(pending: &Pending, paths: &Paths) -> Result<(), PlatformError> {
    for before in &pending.before {
        durable::forget_staged(&before.path)?;
        // What was never changed is not written again: on a full disk that would fail, where nothing has.
        if durable::read_text(&before.path, LONGEST_FILE).is_ok_and(|now| now == before.content)
            && (before.content.is_none() || mode(&before.path) == before.mode)
        {
            continue;
        }
        match &before.content {
            Some(content) => durable::write(&before.path, content.as_bytes(), before.mode)?,
            None => durable::remove(&before.path)?,
        }
    }
    if pending.concerns_sshd {
        super::sshd::reload(paths);
    }
    Ok(durable::remove(&paths.login_pending())?)
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or(0o644, |found| found.permissions().mode() & 0o777)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> (tempfile::TempDir, Paths, PathBuf, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::under(dir.path());
        fs::create_dir_all(paths.state_dir()).unwrap();
        let (old, new) = (dir.path().join("old"), dir.path().join("new"));
        fs::write(&old, "before").unwrap();
        (dir, paths, old, new)
    }

    fn change(paths: &Paths, old: &std::path::Path, new: &std::path::Path) -> Change {
        let mut change = Change::new(paths);
        change.add(Edit { path: old.to_owned(), content: Some("after".into()) });
        change.add(Edit { path: new.to_owned(), content: Some("new".into()) });
        change
    }

    #[test]
    fn a_confirmed_change_stays() {
        let (_dir, paths, old, new) = files();
        change(&paths, &old, &new).carry_out(|| Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "after");
        assert_eq!(fs::read_to_string(&new).unwrap(), "new");
        assert!(!recover(&paths).unwrap());
    }

    #[test]
    fn an_unconfirmed_change_goes_back() {
        let (_dir, paths, old, new) = files();
        let refused = || Err(PlatformError::Refused("no".into()));
        assert!(change(&paths, &old, &new).carry_out(refused).is_err());
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        assert!(!new.exists() && !paths.login_pending().exists());
    }

    #[test]
    fn what_a_failed_change_did_not_reach_is_not_written_again() {
        use std::os::unix::fs::MetadataExt as _;
        let (dir, paths, old, _) = files();
        let inode = fs::metadata(&old).unwrap().ino();
        // Nobody can write there, as on a full disk.
        let change = change(&paths, &dir.path().join("no-folder/file"), &old);
        assert!(change.carry_out(|| Ok(())).is_err());
        assert_eq!(fs::metadata(&old).unwrap().ino(), inode);
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        assert!(!paths.login_pending().exists());
    }

    #[test]
    fn a_change_that_was_cut_off_is_brought_back_by_the_agent() {
        let (_dir, paths, old, new) = files();
        let change = change(&paths, &old, &new);
        let pending = change.pending().unwrap();
        durable::write(&paths.login_pending(), &serde_json::to_vec(&pending).unwrap(), 0o600).unwrap();
        change.put_in_place(&pending, false).unwrap();
        assert!(recover(&paths).unwrap());
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        assert!(!new.exists());
    }
}
