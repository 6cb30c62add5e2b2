//! Users.

use std::collections::{BTreeMap, BTreeSet};

use sallyport_model::{Right, Role, Time, User};
use serde::{Deserialize, Serialize};

/// What is told about a person, and nothing follows from; what is not given stays, what is given empty is taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TellAbout {
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// For administrators to read, at most 4096 bytes.
    pub notes: Option<String>,
    /// All the further facts, at most 32, by names of the organisation's own: letters, digits, `_`, `-` and `.`.
    pub attributes: Option<BTreeMap<String, String>>,
}

/// A person to create. Without `active` they are staged: known, not yet let in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// `a-z`, `0-9`, `_`, `-`, `.`; at most 32 characters.
    pub name: String,
    /// Further names to sign in with, at most 8, such as a mail address. Devices know people by their name alone.
    pub aliases: Option<Vec<String>>,
    pub display_name: Option<String>,
    pub mails: Option<Vec<String>>,
    /// Such as `+441632960000`.
    pub phones: Option<Vec<String>>,
    pub ssh_keys: Option<Vec<String>>,
    pub shell: Option<String>,
    /// Where the home is on devices that make one from now on, such as `/home/ada`; as the settings say if not given.
    pub home: Option<String>,
    /// Unix user number; the next free one if not given. It stays.
    pub uid: Option<u32>,
    /// Number of the primary group, which is this person's alone; the user number if not given. It stays.
    pub gid: Option<u32>,
    /// Id or name of another user.
    pub manager: Option<String>,
    /// A right on every device the person is bound to.
    pub device_right: Option<Right>,
    #[serde(default)]
    pub about: TellAbout,
    #[serde(default)]
    pub active: bool,
}

/// Until when a person waits after wrong attempts; nothing where nothing is held back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldBack {
    /// No code opens their second door before, and no phone is asked; a passkey does.
    #[serde(default)]
    pub second_door_until: Option<Time>,
    /// No password is looked at before, where too many wrong ones came from; elsewhere it is.
    #[serde(default)]
    pub password_until: Option<Time>,
}

/// A person as they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShownUser {
    #[serde(flatten)]
    pub user: User,
    pub held_back: HeldBack,
}

/// Changes to a person; what is not given stays. `null` takes a manager or a right away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateUser {
    /// All the further names to sign in with. Those that stay keep their places.
    pub aliases: Option<Vec<String>>,
    pub display_name: Option<String>,
    pub mails: Option<Vec<String>>,
    pub phones: Option<Vec<String>>,
    pub ssh_keys: Option<Vec<String>>,
    pub shell: Option<String>,
    /// Devices that have made a home elsewhere keep it and say so.
    pub home: Option<String>,
    #[serde(default, with = "present")]
    pub manager: Option<Option<String>>,
    #[serde(default, with = "present")]
    pub device_right: Option<Option<Right>>,
    #[serde(default)]
    pub about: TellAbout,
}

/// The administrator roles a person shall have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRoles {
    pub roles: BTreeSet<Role>,
}

/// Tells `null` (take it away) from absence (leave it).
mod present {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::<T>::deserialize(deserializer).map(Some)
    }
}
