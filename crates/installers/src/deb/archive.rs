//! The containers of a package: ustar inside gzip inside `ar`, with every varying field pinned.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::{DebError, Entry};

/// The control members, each a name, a mode and its content.
pub(super) fn control_tar(members: &[(&str, u32, Vec<u8>)], mtime: u32) -> Result<Vec<u8>, DebError> {
    let mut tar = Builder::new(Vec::new());
    append(&mut tar, "./", &Entry::Dir { mode: 0o755 }, mtime)?;
    for (name, mode, content) in members {
        append(&mut tar, &format!("./{name}"), &Entry::File { mode: *mode, content }, mtime)?;
    }
    gzip(&tar.into_inner()?)
}

/// The payload, in the order of its paths, so that a directory comes before what is in it.
pub(super) fn data_tar(entries: &BTreeMap<&str, Entry<'_>>, mtime: u32) -> Result<Vec<u8>, DebError> {
    let mut tar = Builder::new(Vec::new());
    append(&mut tar, "./", &Entry::Dir { mode: 0o755 }, mtime)?;
    for (path, entry) in entries {
        let slash = match entry {
            Entry::Dir { .. } => "/",
            Entry::File { .. } | Entry::Symlink { .. } => "",
        };
        append(&mut tar, &format!(".{path}{slash}"), entry, mtime)?;
    }
    gzip(&tar.into_inner()?)
}

/// ar(5), common format: no symbol table, short names, even offsets.
pub(super) fn ar(members: &[(&str, &[u8])], mtime: u32) -> Result<Vec<u8>, DebError> {
    let mut out = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let size = content.len();
        if name.len() > 16 || size > AR_SIZE_MAX {
            return Err(DebError::Size);
        }
        writeln!(out, "{name:<16}{mtime:<12}{:<6}{:<6}{:<8}{size:<10}`", 0, 0, "100644")?;
        out.extend_from_slice(content);
        if size % 2 == 1 {
            out.push(b'\n');
        }
    }
    Ok(out)
}

fn append(tar: &mut Builder<Vec<u8>>, name: &str, entry: &Entry<'_>, mtime: u32) -> Result<(), DebError> {
    let (kind, mode, content): (_, _, &[u8]) = match entry {
        Entry::Dir { mode } => (EntryType::Directory, *mode, &[]),
        Entry::File { mode, content } => (EntryType::Regular, *mode, content),
        Entry::Symlink { .. } => (EntryType::Symlink, 0o777, &[]),
    };
    let mut header = Header::new_ustar();
    // Written by hand because `set_path` drops the leading `./` that dpkg tools expect.
    fill(&mut header.as_old_mut().name, name)?;
    if let Entry::Symlink { target } = entry {
        fill(&mut header.as_old_mut().linkname, target)?;
    }
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    header.set_mtime(u64::from(mtime));
    header.set_size(content.len() as u64);
    header.set_cksum();
    tar.append(&header, content)?;
    Ok(())
}

fn fill(field: &mut [u8; 100], text: &str) -> Result<(), DebError> {
    // One byte stays zero, so readers of the oldest format agree on where the name ends.
    match field.get_mut(..text.len()) {
        Some(start) if text.len() < 100 => start.copy_from_slice(text.as_bytes()),
        Some(_) | None => return Err(DebError::Path(text.to_owned())),
    }
    Ok(())
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, DebError> {
    // No time, no name and the same operating system everywhere; 3 is Unix.
    let mut encoder = GzBuilder::new().mtime(0).operating_system(3).write(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Ten decimal digits.
const AR_SIZE_MAX: usize = 9_999_999_999;
