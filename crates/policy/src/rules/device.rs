//! What is known of a device that somebody uses.

use std::{cmp::Ordering, collections::BTreeMap};

use sallyport_model::{Platform, Span, Time, fold};

/// What a device is, as we know it and as it said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceFacts {
    /// Enrolled, admitted and not revoked.
    pub managed: bool,
    /// The person is bound to it.
    pub bound: bool,
    /// `None`: it does not say.
    pub encrypted: Option<bool>,
    pub platform: Platform,
    /// The name of its system; empty where it has not said.
    pub os: String,
    pub os_version: String,
    pub seen: Option<Time>,
}

impl DeviceFacts {
    /// Whether its system is as new as is wanted of it; `None` where it has not said which it is.
    pub(super) fn is_new_enough(&self, at_least: &BTreeMap<String, String>) -> Option<bool> {
        let (os, platform) = (fold(&self.os), platform(self.platform));
        let is_named = |name: &str| {
            let rest = os.strip_prefix(name);
            name == platform || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let mut named = false;
        for (_, oldest) in at_least.iter().filter(|(name, _)| is_named(&fold(name))) {
            named = true;
            if compare(&self.os_version, oldest)? == Ordering::Less {
                return Some(false);
            }
        }
        if !named && self.os.is_empty() { None } else { Some(named) }
    }

    pub(super) fn was_seen_within(&self, days: u16, now: Time) -> Option<bool> {
        self.seen.map(|seen| now.since(seen) <= Span::days(days.into()))
    }
}

pub(super) const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "linux",
        Platform::Macos => "macos",
        Platform::Windows => "windows",
    }
}

/// Compares versions number by number; `None` where one begins with no number.
fn compare(version: &str, other: &str) -> Option<Ordering> {
    let (version, other) = (numbers(version), numbers(other));
    if version.is_empty() || other.is_empty() {
        return None;
    }
    let longest = version.len().max(other.len());
    let at = |of: &[u64], place: usize| of.get(place).copied().unwrap_or(0);
    let places = (0..longest).map(|place| at(&version, place).cmp(&at(&other, place)));
    Some(places.fold(Ordering::Equal, Ordering::then))
}

/// The numbers that a version begins with, up to what is no number.
fn numbers(version: &str) -> Vec<u64> {
    version.trim().split(['.', '-', ' ']).map_while(|part| part.parse().ok()).collect()
}

/// Whether a text can be compared with the version of a system.
pub(super) fn is_version(text: &str) -> bool {
    !text.is_empty() && text.split('.').all(|part| part.parse::<u64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(os: &str, os_version: &str) -> DeviceFacts {
        DeviceFacts {
            managed: true,
            bound: true,
            encrypted: None,
            platform: Platform::Linux,
            os: os.into(),
            os_version: os_version.into(),
            seen: None,
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers_and_those_that_are_not_known_are_unknown() {
        let oldest = |name: &str, version: &str| BTreeMap::from([(name.to_owned(), version.to_owned())]);
        for (os, version, name, at_least, expected) in [
            ("Debian GNU/Linux", "12", "debian", "12", Some(true)),
            ("Debian GNU/Linux", "12.10", "debian", "12.9", Some(true)),
            ("Debian GNU/Linux", "9", "Debian", "12", Some(false)),
            ("Debian GNU/Linux", "12", "linux", "12.1", Some(false)),
            ("Ubuntu", "24.04", "debian", "12", Some(false)),
            ("Debianoid", "24.04", "debian", "12", Some(false)),
            ("Debian GNU/Linux", "sid", "debian", "12", None),
            ("Debian GNU/Linux", "", "debian", "12", None),
            ("", "", "debian", "12", None),
            ("", "", "linux", "12", None),
        ] {
            let device = device(os, version);
            assert_eq!(device.is_new_enough(&oldest(name, at_least)), expected, "{os} {version} {name}");
        }
    }
}
