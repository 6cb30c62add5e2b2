//! People and service identities.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod about;

pub use self::about::{About, AboutError};
use crate::{
    access::Role,
    id::UserId,
    name::{Alias, UserName},
    right::Right,
    time::Time,
};

/// Whether a person may pass any door at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Known, not yet let in.
    Staged,
    Active,
    /// Shut out everywhere; nothing is deleted.
    Suspended,
}

impl UserState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What is the matter with a person's password, apart from whether they may pass at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PasswordStatus {
    /// None was set yet.
    Pending,
    Active,
    /// Must be changed at the next sign-in.
    Expired,
    /// Refused until an administrator unlocks it or a new one is set; [`PasswordLock`] says to whom.
    Locked,
}

impl PasswordStatus {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Locked => "locked",
        }
    }
}

/// To whom a locked password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PasswordLock {
    /// By an administrator: no first door opens for this person, ours or another's.
    Everybody,
    /// After too many guesses: whoever comes from a network the person never signed in from. A lock for everybody
    /// would let a guesser shut the person out.
    Strangers,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mail {
    pub address: String,
    #[serde(default)]
    pub verified: bool,
}

/// A telephone number in E.164 form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Phone {
    pub number: String,
    #[serde(default)]
    pub verified: bool,
}

/// What a Unix account needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Posix {
    pub uid: u32,
    pub gid: u32,
    pub shell: String,
    pub home: String,
}

/// One line of `authorized_keys`, without options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct SshKey(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an SSH public key: give one line such as `ssh-ed25519 AAAA... comment`, without options"
)]
pub struct SshKeyError(String);

impl SshKey {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads one key line: a known algorithm, base64, a printable comment. Options are refused, for they run
    /// commands.
    ///
    /// # Errors
    /// The line, shortened, if it is anything else.
    pub fn parse(line: &str) -> Result<Self, SshKeyError> {
        const ALGORITHMS: [&str; 7] = [
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp521",
            "sk-ecdsa-sha2-nistp256@openssh.com",
            "sk-ssh-ed25519@openssh.com",
            "ssh-ed25519",
            "ssh-rsa",
        ];
        let error = || SshKeyError(crate::name::printable(line, 40));
        let line = line.trim();
        if line.len() > 8192 || line.chars().any(char::is_control) {
            return Err(error());
        }
        let mut words = line.splitn(3, ' ');
        let (algorithm, blob) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if !ALGORITHMS.contains(&algorithm) || blob.len() < 40 || !blob.bytes().all(base64) {
            return Err(error());
        }
        Ok(Self(line.to_owned()))
    }
}

/// A person or a service identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    pub id: UserId,
    pub name: UserName,
    /// Further names to sign in with, by their places from 1 to 8, which the Duo protocols number.
    #[serde(default)]
    pub aliases: BTreeMap<u8, Alias>,
    pub display_name: String,
    #[serde(default)]
    pub about: About,
    #[serde(default)]
    pub mails: Vec<Mail>,
    #[serde(default)]
    pub phones: Vec<Phone>,
    pub posix: Posix,
    #[serde(default)]
    pub ssh_keys: Vec<SshKey>,
    #[serde(default)]
    pub manager: Option<UserId>,
    pub state: UserState,
    /// Since when a suspended person lies in the trash, where another directory put them. Activation takes them out.
    #[serde(default)]
    pub trashed: Option<Time>,
    /// Not seen for long, or shut out in between, so that the password may be in other hands: nothing enrols a factor
    /// but an administrator's code, until a factor of this person was seen again.
    #[serde(default)]
    pub dormant: bool,
    pub password_status: PasswordStatus,
    /// When the present password was set.
    #[serde(default)]
    pub password_set: Option<Time>,
    #[serde(default)]
    pub password_lock: Option<PasswordLock>,
    /// Administrator roles; empty for nearly everybody.
    #[serde(default)]
    pub roles: BTreeSet<Role>,
    /// A right on every device the person is bound to.
    #[serde(default)]
    pub device_right: Option<Right>,
    /// Rises whenever what this person proved before must no longer count. A session carries the epoch it was
    /// made in and dies with it.
    #[serde(default)]
    pub credential_epoch: i64,
    /// The 20-character id by which the Duo protocols name this person.
    pub duo_id: String,
    pub created: Time,
}

/// A change of state that is not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("user `{name}` is {state} and cannot be {wanted}")]
pub struct UserTransitionError {
    pub name: UserName,
    pub state: &'static str,
    pub wanted: &'static str,
}

impl User {
    /// Places there are for aliases.
    pub const MOST_ALIASES: u8 = 8;

    /// Their mail addresses as they stand, the first before others.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        self.mails.iter().map(|mail| mail.address.clone()).collect()
    }

    /// Lets a staged or suspended person in. Who was shut out comes back dormant.
    ///
    /// # Errors
    /// If active already.
    pub fn activate(self) -> Result<Self, UserTransitionError> {
        match self.state {
            UserState::Staged => Ok(Self { state: UserState::Active, ..self }),
            UserState::Suspended => {
                Ok(Self { state: UserState::Active, trashed: None, dormant: true, ..self })
            }
            UserState::Active => Err(self.cannot_be("activated")),
        }
    }

    /// Shuts a person out; all they proved before is void.
    ///
    /// # Errors
    /// If suspended already.
    pub fn suspend(self) -> Result<Self, UserTransitionError> {
        match self.state {
            UserState::Staged | UserState::Active => {
                Ok(Self { state: UserState::Suspended, credential_epoch: self.credential_epoch + 1, ..self })
            }
            UserState::Suspended => Err(self.cannot_be("suspended")),
        }
    }

    /// Shuts a person out and puts them in the trash.
    ///
    /// # Errors
    /// If they lie there already.
    pub fn trash(self, now: Time) -> Result<Self, UserTransitionError> {
        match (self.state, self.trashed) {
            (_, Some(_)) => {
                Err(UserTransitionError { name: self.name, state: "in the trash", wanted: "put there again" })
            }
            (UserState::Suspended, None) => Ok(Self { trashed: Some(now), ..self }),
            (UserState::Staged | UserState::Active, None) => {
                Ok(Self { trashed: Some(now), ..self.suspend()? })
            }
        }
    }

    /// A new password was set: whatever was the matter with the old one is over, and what it proved is void.
    #[must_use]
    pub fn with_new_password(self, now: Time) -> Self {
        let password_status = PasswordStatus::Active;
        Self { password_status, password_set: Some(now), password_lock: None, ..self }.with_next_epoch()
    }

    /// Locks the password. A lock for everybody takes the place of one for strangers, never the other way.
    ///
    /// # Errors
    /// If it is locked like that already, or to more people.
    pub fn lock_password(self, lock: PasswordLock) -> Result<Self, UserTransitionError> {
        let locked =
            Self { password_status: PasswordStatus::Locked, password_lock: Some(lock), ..self.clone() };
        match (self.password_status, self.password_lock, lock) {
            (PasswordStatus::Locked, None | Some(PasswordLock::Everybody), _)
            | (PasswordStatus::Locked, Some(PasswordLock::Strangers), PasswordLock::Strangers) => {
                Err(UserTransitionError { name: self.name, state: "locked", wanted: "locked again" })
            }
            // What was proved before by the password is in doubt only if an administrator says so.
            (_, _, PasswordLock::Everybody) => Ok(locked.with_next_epoch()),
            (_, _, PasswordLock::Strangers) => Ok(locked),
        }
    }

    /// Takes the lock off the password.
    #[must_use]
    pub fn unlock_password(self, has_password: bool) -> Self {
        let password_status = match (self.password_status, has_password) {
            (PasswordStatus::Locked, true) => PasswordStatus::Active,
            (PasswordStatus::Locked, false) => PasswordStatus::Pending,
            (PasswordStatus::Pending | PasswordStatus::Active | PasswordStatus::Expired, _) => {
                self.password_status
            }
        };
        Self { password_status, password_lock: None, ..self }
    }

    /// The password's status by its age: one set before `oldest` has expired. A policy that became milder takes
    /// that back.
    #[must_use]
    pub fn with_password_age(self, oldest: Option<Time>) -> Self {
        let set = self.password_set.unwrap_or(self.created);
        let too_old = oldest.is_some_and(|oldest| set < oldest);
        let password_status = match (self.password_status, too_old) {
            (PasswordStatus::Active, true) => PasswordStatus::Expired,
            (PasswordStatus::Expired, false) => PasswordStatus::Active,
            (
                PasswordStatus::Pending
                | PasswordStatus::Active
                | PasswordStatus::Expired
                | PasswordStatus::Locked,
                _,
            ) => self.password_status,
        };
        Self { password_status, ..self }
    }

    /// Voids everything this person proved before.
    #[must_use]
    pub fn with_next_epoch(self) -> Self {
        Self { credential_epoch: self.credential_epoch + 1, ..self }
    }

    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == UserState::Active
    }

    fn cannot_be(self, wanted: &'static str) -> UserTransitionError {
        UserTransitionError { name: self.name, state: self.state.as_str(), wanted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_keys_carry_no_options_and_no_second_line() {
        let key = format!("ssh-ed25519 {} alice@laptop", "A".repeat(68));
        assert!(SshKey::parse(&key).is_ok());
        for bad in [
            format!("command=\"id\" {key}"),
            format!("{key}\n{key}"),
            "ssh-ed25519".into(),
            "ssh-dss AAAA".into(),
            String::new(),
        ] {
            assert!(SshKey::parse(&bad).is_err(), "{bad:?}");
        }
    }
}
