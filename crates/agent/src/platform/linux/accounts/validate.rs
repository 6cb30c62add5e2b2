//! What a directory may put into the files of a machine. All of it is checked before any file is opened.

use sallyport_api::agent::DesiredAccount;
use sallyport_model::{
    SshKey, UserName, path,
    settings::{POSIX_NUMBERS, are_for_people},
};

use crate::platform::PlatformError;

/// More than this is no desired state but an attack on the machine.
const MOST_ACCOUNTS: usize = 2000;
const MOST_KEYS: usize = 100;

pub(super) fn within_limits(accounts: &[DesiredAccount]) -> Result<&[DesiredAccount], PlatformError> {
    if accounts.len() > MOST_ACCOUNTS {
        return Err(PlatformError::Refused(format!(
            "{} accounts are desired, at most {MOST_ACCOUNTS} are possible",
            accounts.len()
        )));
    }
    Ok(accounts)
}

/// `[a-z_][a-z0-9_.-]{0,31}`, not ending in a dot, and no system account's.
pub(super) fn is_name(name: &str) -> bool {
    name.parse::<UserName>().is_ok_and(|parsed| parsed.as_str() == name)
}

/// What is wrong with the account, if anything.
pub(super) fn account(desired: &DesiredAccount) -> Result<(), String> {
    if !is_name(&desired.name) {
        return Err("its name is none an account may have".to_owned());
    }
    if !is_gecos(&desired.display_name) {
        return Err("its display name has a colon, a control character, or too many characters".to_owned());
    }
    if !path::is_plain(&desired.shell) {
        return Err("its shell is not a plain absolute path".to_owned());
    }
    if !path::is_home(&desired.home) {
        return Err("its home is not a plain absolute path in a place for homes".to_owned());
    }
    Ok(())
}

/// The directory creates no account with a number that something else on the machine may give out.
pub(super) fn numbers(desired: &DesiredAccount) -> Result<(), String> {
    let is_for_people = |number| are_for_people(number, number);
    if is_for_people(desired.uid) && is_for_people(desired.gid) {
        return Ok(());
    }
    let ranges = POSIX_NUMBERS.map(|range| format!("from {} to {}", range.start(), range.end()));
    Err(format!("its numbers are not {}", ranges.join(" or ")))
}

/// Whether this is a hash of crypt(5), by its letters.
pub(super) fn is_hash(hash: &str) -> bool {
    let plain = |b: u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'.' | b'/' | b'$' | b'=' | b',' | b'-' | b'_' | b'+')
    };
    hash.starts_with('$') && (13..=400).contains(&hash.len()) && hash.bytes().all(plain)
}

/// The keys as a file, or which of them is none.
pub(super) fn key_file(keys: &[String]) -> Result<String, String> {
    if keys.len() > MOST_KEYS {
        return Err(format!("{} SSH keys are desired, at most {MOST_KEYS} are possible", keys.len()));
    }
    let mut file = String::new();
    for key in keys {
        let key = SshKey::parse(key).map_err(|error| error.to_string())?;
        file.push_str(key.as_str());
        file.push('\n');
    }
    Ok(file)
}

/// The display name as the first of the comma-separated parts it stands in.
pub(super) fn gecos(display_name: &str) -> String {
    display_name.replace([',', '='], " ")
}

fn is_gecos(text: &str) -> bool {
    text.len() <= 480 && !text.chars().any(|c| c == ':' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_fields_are_refused() {
        for hash in ["", "plain", "$6$a:b", "$6$abcdefghijk\nroot", "!$6$aaaaaaaaaaaaa", "$y$j9T$ab cd efgh"]
        {
            assert!(!is_hash(hash), "{hash:?}");
        }
        assert!(is_hash("$6$rounds=5000$saltsalt$abcdefghijklmnop./"));
        assert!(is_hash("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7"));
        for gecos in ["a:b", "a\nb", "a\u{1b}b"] {
            assert!(!is_gecos(gecos), "{gecos:?}");
        }
    }

    #[test]
    fn one_bad_key_spoils_the_file() {
        let good = format!("ssh-ed25519 {} a", "A".repeat(68));
        assert_eq!(key_file(std::slice::from_ref(&good)).unwrap(), format!("{good}\n"));
        assert!(key_file(&[good, "command=\"id\" ssh-rsa AAAA".to_owned()]).is_err());
        assert_eq!(key_file(&[]).unwrap(), "");
    }
}
