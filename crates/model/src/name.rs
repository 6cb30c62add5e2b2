//! Names as people type them and as machines compare them.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::as_text::as_text;

/// Why a name was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("a name must not be empty")]
    Empty,
    #[error("a name has at most {0} characters")]
    TooLong(usize),
    #[error("a name must not contain control characters or line breaks")]
    Control,
    #[error(
        "`{0}` is not a user name: use a-z, 0-9, `_`, `-` and `.`, starting with a letter or `_`, at most 32 characters"
    )]
    NotAUserName(String),
    #[error("`{0}` is the name of a system account")]
    Reserved(String),
}

/// A user's name in the directory and, where bound, on devices: lower case, portable, never a system account's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl FromStr for UserName {
    type Err = NameError;

    fn from_str(given: &str) -> Result<Self, NameError> {
        let name = given.to_ascii_lowercase();
        if !is_portable(&name) {
            return Err(NameError::NotAUserName(printable(given, 64)));
        }
        if is_reserved(&name) {
            return Err(NameError::Reserved(name));
        }
        Ok(Self(name))
    }
}

/// A further name that somebody signs in with, such as `EXAMPLE\\ada` or a mail address: folded, in one line, without
/// blanks, and never a system account's. It names nobody on devices.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Alias(String);

impl Alias {
    /// Longest alias, in characters.
    pub const LONGEST: usize = 120;
}

impl FromStr for Alias {
    type Err = NameError;

    fn from_str(given: &str) -> Result<Self, NameError> {
        let alias = fold(given);
        if alias.is_empty() {
            return Err(NameError::Empty);
        }
        if alias.chars().count() > Self::LONGEST {
            return Err(NameError::TooLong(Self::LONGEST));
        }
        if alias.chars().any(|c| is_unprintable(c) || c.is_whitespace()) {
            return Err(NameError::Control);
        }
        if is_reserved(&alias) {
            return Err(NameError::Reserved(alias));
        }
        Ok(Self(alias))
    }
}

as_text!(UserName: NameError, Alias: NameError);

fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok() || name.starts_with("systemd-")
}

/// What shadow-utils and every Unix take: `[a-z_][a-z0-9_.-]{0,31}`, not ending in a dot.
fn is_portable(name: &str) -> bool {
    let mut bytes = name.bytes();
    name.len() <= 32
        && bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.'))
        && !name.ends_with('.')
}

/// Accounts that systems bring along (Debian's base-passwd, common daemons, Windows and macOS built-ins),
/// sorted. A directory must never be able to name one of them.
pub const RESERVED: [&str; 52] = [
    "_apt",
    "_chrony",
    "adm",
    "admin",
    "administrator",
    "avahi",
    "backup",
    "bin",
    "colord",
    "daemon",
    "dbus",
    "dnsmasq",
    "docker",
    "ftp",
    "games",
    "geoclue",
    "gnats",
    "guest",
    "halt",
    "irc",
    "kmem",
    "krbtgt",
    "list",
    "localservice",
    "lp",
    "mail",
    "man",
    "messagebus",
    "mysql",
    "news",
    "nobody",
    "nogroup",
    "operator",
    "polkitd",
    "postfix",
    "postgres",
    "proxy",
    "root",
    "rtkit",
    "sallyport-agent",
    "shadow",
    "shutdown",
    "sshd",
    "sudo",
    "sync",
    "sys",
    "system",
    "tcpdump",
    "tss",
    "uucp",
    "wheel",
    "www-data",
];

/// The form in which names are compared and kept unique: trimmed, Unicode-lower-cased.
#[must_use]
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A name that people read: trimmed, 1 to 120 characters, no control characters.
///
/// # Errors
/// Which of these it is not.
pub fn display_name(given: &str) -> Result<String, NameError> {
    const LONGEST: usize = 120;
    let name = given.trim();
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().count() > LONGEST {
        return Err(NameError::TooLong(LONGEST));
    }
    if name.chars().any(is_unprintable) {
        return Err(NameError::Control);
    }
    Ok(name.to_owned())
}

/// `text` without control and direction-changing characters, cut to `longest` characters.
#[must_use]
pub fn printable(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !is_unprintable(*c)).take(longest).collect()
}

fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `user` of `DOMAIN\user` and of `user@domain`.
#[must_use]
pub fn without_domain(name: &str) -> Option<&str> {
    let behind = name.rsplit_once('\\').map_or(name, |(_, user)| user);
    let bare = behind.split_once('@').map_or(behind, |(user, _)| user).trim();
    (!bare.is_empty() && bare != name).then_some(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted_so_that_the_search_finds_them() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn user_names_are_portable_and_never_a_system_account() {
        for good in ["alice", "_svc", "a.b-c_1", "ALICE"] {
            assert!(good.parse::<UserName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "1a",
            "-a",
            "a b",
            "a\n",
            "a:b",
            "../x",
            "é",
            "a%s",
            "root",
            "Root",
            "systemd-network",
            "a.",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(bad.parse::<UserName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_alias_is_folded_and_never_a_system_account() {
        let alias = |given: &str| given.parse::<Alias>().map(String::from);
        assert_eq!(alias(" EXAMPLE\\Ada "), Ok("example\\ada".into()));
        assert_eq!(alias("Ada@Example.com"), Ok("ada@example.com".into()));
        for bad in ["", " ", "a b", "a\u{a0}b", "a\u{200b}b", "a\nb", "Root", "systemd-x", &"x".repeat(121)] {
            assert!(alias(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_error_does_not_carry_control_characters_on() {
        let error = "a\u{1b}[31m".parse::<UserName>().unwrap_err();
        assert!(!error.to_string().contains('\u{1b}'));
    }

    #[test]
    fn a_domain_stands_before_or_behind_a_name() {
        for name in ["EXAMPLE\\ada", "ada@example.com", "example.com\\ada@example.com"] {
            assert_eq!(without_domain(name), Some("ada"), "{name}");
        }
        for name in ["ada", "", "EXAMPLE\\", "@example.com"] {
            assert_eq!(without_domain(name), None, "{name}");
        }
    }
}
