//! What a package may put where.
//!
//! dpkg unpacks as root, so a path is a privilege. Only plain names under four roots are accepted, nothing
//! set-id and nothing others may write to.

use super::DebError;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Dir,
    File,
}

pub(super) fn check(path: &str, mode: u32, kind: Kind) -> Result<(), DebError> {
    if !is_plain(path) || path.len() > LENGTH_MAX {
        return Err(DebError::Path(path.to_owned()));
    }
    let forbidden = mode & !0o755 != 0 || (kind == Kind::Dir && mode & 0o700 != 0o700);
    if forbidden {
        return Err(DebError::Mode { path: path.to_owned(), mode });
    }
    Ok(())
}

/// Absolute targets obey the rule for paths; relative ones may go down but never up.
pub(super) fn check_target(path: &str, target: &str) -> Result<(), DebError> {
    let plain = if target.starts_with('/') { is_plain(target) } else { target.split('/').all(is_name) };
    if !plain || target.len() > LENGTH_MAX {
        return Err(DebError::Target { path: path.to_owned(), target: target.to_owned() });
    }
    Ok(())
}

/// Every directory above `path`, without the root itself.
pub(super) fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at)).filter(|parent| !parent.is_empty())
}

fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let Some((root, below)) = rest.split_once('/') else { return false };
    ROOTS.contains(&root) && below.split('/').all(is_name)
}

fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+@:-".contains(&byte))
}

const ROOTS: [&str; 4] = ["etc", "lib", "usr", "var"];

/// A name field of a tar header holds 100 bytes; `.` in front, `/` behind and the final zero are ours.
const LENGTH_MAX: usize = 97;
