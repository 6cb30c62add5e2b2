//! What a person's Unix accounts are like: numbers from the configured range, and paths that are good on any device.
//!
//! Numbers stay as they were given: files on devices belong to them. And no number is two people's, neither as the user's
//! nor as the primary group's, because each account brings a group of its own with it.

use sallyport_model::{Posix, Settings, UserName, path};

use crate::{AppError, Tx};

/// Alias kinds.
const UNIX_UID: &str = "unix_uid";
/// Of those whose group has another number than they.
const UNIX_GID: &str = "unix_gid";

/// What a new person's accounts shall be like; the settings fill in what is open.
pub(super) struct Wanted<'a> {
    pub(super) uid: Option<u32>,
    pub(super) gid: Option<u32>,
    pub(super) shell: Option<&'a str>,
    pub(super) home: Option<&'a str>,
}

/// Checks what is wanted, and finds a number where none is.
pub(super) fn draft(
    tx: &mut Tx<'_, '_>,
    name: &UserName,
    wanted: &Wanted<'_>,
    settings: &Settings,
) -> Result<Posix, AppError> {
    let uid = match wanted.uid {
        Some(uid) => in_range("uid", uid, settings)?,
        None => next_number(tx, settings)?,
    };
    Ok(Posix {
        uid,
        gid: wanted.gid.map_or(Ok(uid), |gid| in_range("gid", gid, settings))?,
        shell: wanted.shell.map_or_else(|| Ok(settings.posix.shell.clone()), shell)?,
        home: wanted.home.map_or_else(|| Ok(settings.posix.home.replace("{name}", name.as_str())), home)?,
    })
}

/// Refuses numbers that are somebody else's already, or keeps others from getting them.
pub(super) fn claim(tx: &mut Tx<'_, '_>, posix: &Posix, owner: &str) -> Result<(), AppError> {
    let (uid, gid) = (posix.uid, posix.gid);
    for (field, number) in [("uid", uid), ("gid", gid)] {
        if is_taken(tx, number)? {
            return Err(AppError::invalid(field, format!("{number} is taken")));
        }
    }
    tx.put_alias(UNIX_UID, &uid.to_string(), owner)?;
    if gid != uid {
        tx.put_alias(UNIX_GID, &gid.to_string(), owner)?;
    }
    Ok(())
}

pub(super) fn shell(given: &str) -> Result<String, AppError> {
    if path::is_plain(given) {
        Ok(given.to_owned())
    } else {
        Err(AppError::invalid("shell", "must be a plain absolute path"))
    }
}

pub(super) fn home(given: &str) -> Result<String, AppError> {
    if path::is_home(given) {
        Ok(given.to_owned())
    } else {
        Err(AppError::invalid(
            "home",
            "must be a plain absolute path such as /home/ada, in no folder of the system",
        ))
    }
}

fn in_range(field: &'static str, number: u32, settings: &Settings) -> Result<u32, AppError> {
    let range = settings.posix.first_uid..=settings.posix.last_uid;
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(AppError::invalid(field, format!("must be from {} to {}", range.start(), range.end())))
    }
}

fn is_taken(tx: &mut Tx<'_, '_>, number: u32) -> Result<bool, AppError> {
    let number = number.to_string();
    Ok(tx.find_alias(UNIX_UID, &number)?.is_some() || tx.find_alias(UNIX_GID, &number)?.is_some())
}

fn next_number(tx: &mut Tx<'_, '_>, settings: &Settings) -> Result<u32, AppError> {
    let owner = "org";
    let (first, last) = (settings.posix.first_uid, settings.posix.last_uid);
    // Each range is counted by itself, so that a lower one can follow a higher one.
    let counter = format!("uid {first}");
    let counted = tx.counter(owner, &counter)?.map_or(i64::from(first), |last| last + 1);
    let mut next = u32::try_from(counted).unwrap_or(u32::MAX).max(first);
    // Numbers that administrators gave out by hand lie within the range too.
    while next <= last && is_taken(tx, next)? {
        next += 1;
    }
    if next > last {
        return Err(AppError::Conflict(
            "the range of Unix user numbers is used up; widen it in the settings".into(),
        ));
    }
    tx.raise_counter(owner, &counter, i64::from(next))?;
    Ok(next)
}
