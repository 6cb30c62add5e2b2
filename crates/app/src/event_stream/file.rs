//! Files of events: lines are added and made durable; a file that is large is turned, and the oldest turned ones go.
//!
//! The file keeps its name and `name.1` is the youngest of those before it, so a collector that follows a name follows it through
//! a turn as it does with logrotate.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// When a file is turned.
const LARGEST: u64 = 64 << 20;
/// Turned files that are kept.
const KEPT: u32 = 9;

/// Adds lines to the file, durably, after turning it if it is large.
pub(super) fn append(folder: &Path, file: &str, lines: &[String]) -> io::Result<()> {
    append_within(folder, file, lines, LARGEST)
}

fn append_within(folder: &Path, file: &str, lines: &[String], largest: u64) -> io::Result<()> {
    // The group reads: a collector is somebody else's program.
    fs::DirBuilder::new().recursive(true).mode(0o750).create(folder)?;
    let path = folder.join(file);
    let mut text = lines.join("\n");
    text.push('\n');
    match fs::symlink_metadata(&path) {
        Ok(found) if !found.is_file() => return Err(io::Error::other("it is there and is no plain file")),
        Ok(found) if found.len() > 0 && found.len() + text.len() as u64 > largest => turn(folder, file)?,
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let is_new = !path.exists();
    let mut open = OpenOptions::new().create(true).append(true).mode(0o640).open(&path)?;
    let before = open.metadata()?.len();
    let written = open.write_all(text.as_bytes()).and_then(|()| open.sync_data());
    if let Err(error) = written {
        // Half a line would be taken for an event; all of it is written again.
        open.set_len(before).ok();
        return Err(error);
    }
    if is_new {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn turn(folder: &Path, file: &str) -> io::Result<()> {
    let turned = |n: u32| -> PathBuf { folder.join(format!("{file}.{n}")) };
    for n in (1..KEPT).rev() {
        match fs::rename(turned(n), turned(n + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    fs::rename(folder.join(file), turned(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_is_turned_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(name));
        for n in 0..25 {
            append_within(folder.path(), "events.json", &[format!("{{\"n\":{n:04}}}")], 25).unwrap();
        }
        assert_eq!(read("events.json").unwrap(), "{\"n\":0024}\n");
        assert_eq!(read("events.json.1").unwrap(), "{\"n\":0022}\n{\"n\":0023}\n");
        assert_eq!(read("events.json.9").unwrap(), "{\"n\":0006}\n{\"n\":0007}\n");
        assert!(read("events.json.10").is_err());
    }

    #[test]
    fn what_is_no_plain_file_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "theirs").unwrap();
        std::os::unix::fs::symlink(&elsewhere, folder.path().join("events.json")).unwrap();
        assert!(append(folder.path(), "events.json", &["{}".into()]).is_err());
        assert_eq!(fs::read_to_string(elsewhere).unwrap(), "theirs");
    }
}
