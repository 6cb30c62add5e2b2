//! Whom a machine that is not enrolled asks for the second door: everybody, or the members of some of its groups.

use std::time::Duration;

use super::tool;
use crate::{core::Standing, paths::Paths, standalone::Config};

const LOOKUP: Duration = Duration::from_secs(5);

/// What an account that exists here is to the second door. Nobody is left out on a doubt: not where the configuration
/// or the groups cannot be read, and not where none of the groups exists.
#[must_use]
pub fn standing(user: &str, paths: &Paths) -> Standing {
    match Config::load(paths) {
        Ok(config) if is_outside(user, &config.groups) => Standing::Local,
        Ok(_) | Err(_) => Standing::Active,
    }
}

fn is_outside(user: &str, groups: &[String]) -> bool {
    if groups.is_empty() {
        return false;
    }
    let Some(of_user) = groups_of(user) else { return false };
    groups.iter().all(|group| !of_user.contains(group)) && !existing(groups).is_empty()
}

/// Those of the groups that this machine has.
pub(super) fn existing(groups: &[String]) -> Vec<String> {
    let exists = |group: &&String| tool::run_with("getent", &["group", "--", group], b"", LOOKUP).is_ok();
    groups.iter().filter(exists).cloned().collect()
}

/// Names of the groups of an account; `None` if they cannot be told, or not all of them.
fn groups_of(user: &str) -> Option<Vec<String>> {
    let printed = tool::run_with("id", &["--groups", "--name", "--zero", "--", user], b"", LOOKUP).ok()?;
    // So much is more than is read of a program, and then some are missing.
    let names = printed.strip_suffix('\0').filter(|names| names.len() < 1900)?;
    Some(names.split('\0').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_somebody_known_not_to_be_in_an_existing_group_is_outside() {
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for (user, named, outside) in [
            ("root", &["daemon"][..], true),
            ("root", &["root"], false),
            ("root", &["daemon", "root"], false),
            ("root", &["no-such-group-here"], false),
            ("root", &[], false),
            ("nobody-of-this-name", &["daemon"], false),
        ] {
            assert_eq!(is_outside(user, &groups(named)), outside, "{user} {named:?}");
        }
    }
}
