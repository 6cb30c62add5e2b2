//! What the organisation decided once for everybody.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{
    branding::Branding,
    duo::Duo,
    id::GroupId,
    mail::MailSettings,
    passkey_model::PasskeyModel,
    policy::{Applied, MethodRow, Sections},
    reset::RecoverySettings,
    telephony::Telephony,
    time::{Span, Time},
};

/// When the second door is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "when", rename_all = "snake_case")]
pub enum SecondDoorPolicy {
    #[default]
    Always,
    /// Only for members of these groups of users.
    Groups {
        groups: Vec<GroupId>,
    },
    Never,
    /// Nobody is let in at all.
    Refuse,
}

impl SecondDoorPolicy {
    /// Whether somebody who was asked for the second door before may be asked no longer.
    #[must_use]
    pub fn spares_more_than(&self, before: &Self) -> bool {
        match (before, self) {
            (Self::Never, _) | (_, Self::Always | Self::Refuse) => false,
            (_, Self::Groups { groups }) if groups.is_empty() => false,
            (Self::Always | Self::Refuse, _) | (Self::Groups { .. }, Self::Never) => true,
            (Self::Groups { groups: before }, Self::Groups { groups: after }) => {
                before.is_empty() || before.iter().any(|group| !after.contains(group))
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PasswordPolicy {
    pub shortest: u32,
    /// Refuse passwords found on lists of common ones, and the person's own name.
    pub refuse_common: bool,
    /// A password set longer ago has expired; 0 for never, which is what NIST advises.
    pub expire_after_days: u32,
}

impl PasswordPolicy {
    /// Fewest characters of a password that is the only thing asked of somebody (NIST SP 800-63B-4, 3.1.1.2).
    pub const ALONE: u32 = 15;

    /// How many characters a password has at least; `alone` is the password of somebody who is never asked for the
    /// second door.
    #[must_use]
    pub fn least(&self, alone: bool) -> u32 {
        if alone { self.shortest.max(Self::ALONE) } else { self.shortest }
    }

    /// When the oldest password was set that has not expired at `now`, if they expire.
    #[must_use]
    pub fn oldest(&self, now: Time) -> Option<Time> {
        let days = i64::from(self.expire_after_days);
        (days > 0).then(|| now.minus(Span::days(days)))
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { shortest: 12, refuse_common: true, expire_after_days: 0 }
    }
}

/// What time does to accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AccountPolicy {
    /// Whoever has not signed in for longer is dormant.
    pub idle_days: u32,
}

impl Default for AccountPolicy {
    fn default() -> Self {
        Self { idle_days: 90 }
    }
}

/// When people may enrol a first factor by themselves, with nothing but their password and a code that is mailed to them at
/// the door. At any other time it takes a code that an administrator hands out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct EnrollmentWindow {
    /// Not before this moment.
    pub from: Option<Time>,
    /// Not after this moment.
    pub until: Option<Time>,
}

impl EnrollmentWindow {
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now <= until)
    }
}

/// What passkeys are good for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PasskeyPolicy {
    /// Whether a passkey that verifies who uses it, by PIN, finger or face, opens both doors of the portal by itself.
    pub instead_of_password: bool,
    /// Whether only an answer counts for which the authenticator verified who uses it; else one that was touched is enough
    /// at the second door.
    pub always_verified: bool,
    /// The models of authenticators whose passkeys count. With none named, every passkey does, whatever keeps it.
    pub models: Vec<PasskeyModel>,
}

impl Default for PasskeyPolicy {
    fn default() -> Self {
        Self { instead_of_password: true, always_verified: false, models: Vec::new() }
    }
}

/// What one-time codes by a clock are worth.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CodePolicy {
    /// Whether clocks may go wrong: the code of the next step is taken as well, and hardware tokens whose clocks drift are
    /// followed. Else the code of this step and of the one before, and nothing else.
    pub drift: bool,
}

/// Numbers that the directory may give to people's accounts, and agents take. Everything else on a Linux machine has
/// an owner: below 1000 the system, 60001 to 60577 systemd's homes and mapped users, 61184 to 65519 its dynamic users,
/// 65534 and 65535 nobody, from 100000 the ranges of containers (`/etc/subuid`), from 524288 systemd's containers.
///
/// The first range lies within what `useradd` gives out by itself (1000 to 60000 on Debian), so that a local account
/// made there may take a number the directory has given to somebody. It is for houses whose files bear such numbers
/// already.
pub const POSIX_NUMBERS: [RangeInclusive<u32>; 2] = [10_000..=60_000, PREFERRED_NUMBERS];

/// The range that no tool of the system gives out by itself.
const PREFERRED_NUMBERS: RangeInclusive<u32> = 66_000..=99_999;

/// Whether all numbers from `first` to `last` may be given to people.
#[must_use]
pub fn are_for_people(first: u32, last: u32) -> bool {
    first <= last && POSIX_NUMBERS.iter().any(|range| range.contains(&first) && range.contains(&last))
}

/// What Unix accounts get where an administrator says nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PosixDefaults {
    pub first_uid: u32,
    pub last_uid: u32,
    pub shell: String,
    /// `{name}` stands for the user name.
    pub home: String,
}

impl Default for PosixDefaults {
    fn default() -> Self {
        let (first_uid, last_uid) = PREFERRED_NUMBERS.into_inner();
        Self { first_uid, last_uid, shell: "/bin/bash".into(), home: "/home/{name}".into() }
    }
}

/// What a key in `authorized_keys` is worth to the ssh server. The order is from the loosest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SshKeys {
    /// A key opens by itself: neither password nor second door is asked for. Who comes without a key is asked for
    /// both.
    KeyAlone,
    /// A key is not enough: password and second door are asked for behind it, as they are without a key.
    #[default]
    KeyAndSecondDoor,
}

impl SshKeys {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyAlone => "key_alone",
            Self::KeyAndSecondDoor => "key_and_second_door",
        }
    }
}

/// What becomes of a login at a device whose server cannot be reached. The order is from the loosest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// Somebody who sits in front of a device without a network, and administers neither it nor the directory, passes
    /// by the first door alone: three times at most, and for an hour at most since the server was last heard of.
    Open,
    /// Nobody passes but by the device's break-glass code.
    #[default]
    Closed,
}

impl FailMode {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// How people log in at devices: of the whole organisation, or of a group of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct DeviceLogin {
    /// PAM services the second door stands in front of; with none named, [`Self::USUAL_SERVICES`].
    pub services: Vec<String>,
    /// Groups of users who are asked for the second door at these devices. With none named, or with nobody in any
    /// of them, everybody is asked.
    pub groups: Vec<GroupId>,
    /// Whether a factor that can be pushed is tried without asking first. Without such a factor it changes nothing.
    pub auto_push: bool,
    /// How many wrong answers one login may give.
    pub prompts: u8,
    /// Whether the second door stands behind SSH keys as well.
    pub ssh_keys: SshKeys,
    /// What becomes of a login without the server. Open only in a group of devices, never for the whole organisation.
    pub fail_mode: FailMode,
}

impl DeviceLogin {
    /// Where no service is named, these: doubt asks.
    pub const USUAL_SERVICES: [&str; 4] = ["sshd", "sudo", "login", "su"];
}

impl Default for DeviceLogin {
    fn default() -> Self {
        Self {
            services: Self::USUAL_SERVICES.map(str::to_owned).to_vec(),
            groups: Vec::new(),
            auto_push: false,
            prompts: 3,
            ssh_keys: SshKeys::default(),
            fail_mode: FailMode::default(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    pub organization: String,
    /// The organisation's own policy, which holds wherever none that is applied says otherwise.
    #[serde(flatten)]
    pub policy: Sections,
    /// The ways to pass the second door, in the order in which they are offered.
    #[serde(default)]
    pub factors: Vec<MethodRow>,
    /// The policies of the portals and of the command line.
    #[serde(default)]
    pub portal_policies: Applied,
    /// The policies of logins at devices.
    #[serde(default)]
    pub device_policies: Applied,
    #[serde(default)]
    pub passwords: PasswordPolicy,
    #[serde(default)]
    pub accounts: AccountPolicy,
    #[serde(default)]
    pub passkeys: PasskeyPolicy,
    #[serde(default)]
    pub codes: CodePolicy,
    #[serde(default)]
    pub enrollment: EnrollmentWindow,
    #[serde(default)]
    pub posix: PosixDefaults,
    #[serde(default)]
    pub device_login: DeviceLogin,
    #[serde(default)]
    pub telephony: Telephony,
    #[serde(default)]
    pub mail: MailSettings,
    #[serde(default)]
    pub duo: Duo,
    #[serde(default)]
    pub recovery: RecoverySettings,
    /// Whether the list of what a new organisation does first was put away.
    #[serde(default)]
    pub first_hour_dismissed: bool,
    #[serde(default)]
    pub branding: Branding,
}

impl Settings {
    /// When the second door is asked for where no policy that is applied says it.
    #[must_use]
    pub fn second_door(&self) -> SecondDoorPolicy {
        self.policy.second_door.clone().unwrap_or_default()
    }

    /// The same settings, with this said of it.
    #[must_use]
    pub fn with_second_door(mut self, second_door: SecondDoorPolicy) -> Self {
        self.policy.second_door = Some(second_door);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_spares_more_when_somebody_may_be_asked_no_longer() {
        use SecondDoorPolicy::{Always, Never};
        let group = |n: u128| GroupId::new(uuid::Uuid::from_u128(n));
        let groups =
            |of: &[u128]| SecondDoorPolicy::Groups { groups: of.iter().copied().map(group).collect() };
        for (before, after) in [
            (Always, Never),
            (Always, groups(&[1])),
            (groups(&[]), groups(&[1])),
            (groups(&[]), Never),
            (groups(&[1]), Never),
            (groups(&[1, 2]), groups(&[2, 3])),
        ] {
            assert!(after.spares_more_than(&before), "{before:?} {after:?}");
        }
        for (before, after) in [
            (Always, Always),
            (Always, groups(&[])),
            (Never, groups(&[1])),
            (Never, Never),
            (groups(&[1]), Always),
            (groups(&[1]), groups(&[1, 2])),
        ] {
            assert!(!after.spares_more_than(&before), "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_window_without_bounds_is_always_open() {
        let window = |from: Option<i64>, until: Option<i64>| EnrollmentWindow {
            from: from.map(Time),
            until: until.map(Time),
        };
        assert!(EnrollmentWindow::default().is_open(Time(0)));
        for (from, until, open) in
            [(Some(5), None, true), (Some(6), None, false), (None, Some(5), true), (None, Some(4), false)]
        {
            assert_eq!(window(from, until).is_open(Time(5)), open, "{from:?} to {until:?}");
        }
    }

    #[test]
    fn people_get_no_number_that_the_system_gives_out() {
        for number in [0, 999, 60_001, 60_513, 61_184, 65_519, 65_534, 65_535, 100_000, 524_288, u32::MAX] {
            assert!(!are_for_people(number, number), "{number}");
        }
        for (first, last) in [(60_000, 66_000), (9_999, 20_000), (99_999, 66_000)] {
            assert!(!are_for_people(first, last), "{first} to {last}");
        }
        let default = PosixDefaults::default();
        assert!(are_for_people(default.first_uid, default.last_uid));
        assert!(are_for_people(20_000, 59_999));
        // What useradd takes next must not be a number of ours.
        assert!(default.first_uid > 60_000);
    }
}
