//! What the agent reads that others wrote, as functions of text: for the fuzzer, which reads nothing else of it.

use super::{login, passwd::Database, supervisor};

/// How many users, hashes and groups these three files name.
#[must_use]
pub fn accounts(passwd: &str, shadow: &str, group: &str) -> [usize; 3] {
    let found = Database::parse(passwd, shadow, group);
    [found.users.len(), found.shadow.len(), found.groups.len()]
}

/// A PAM service file with the component in front of its logins; nothing where it is not edited.
#[must_use]
pub fn pam_enabled(text: &str, included: &str) -> Option<String> {
    login::enabled_in(text, included)
}

/// The same file without the component.
#[must_use]
pub fn pam_disabled(text: &str) -> String {
    login::disabled_in(text)
}

/// Whether logins by it come to the second door.
#[must_use]
pub fn pam_is_covered(text: &str, included: &str) -> bool {
    login::is_covered_in(text, included)
}

/// Whose child a process is, as its line in `/proc` says, in which its name is its own choice.
#[must_use]
pub fn parent(stat: &str) -> Option<i32> {
    supervisor::parent(stat)
}
