//! Policies: what is asked of people where, by sections. A policy says only what it means to say; a section it leaves out
//! is inherited: of a policy for a group at an application from the application's, of that from the organisation's, and of
//! that from what is built in.

mod country;
mod method;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use self::{
    country::{Country, CountryError},
    method::{Method, MethodRow},
};
use crate::{
    id::{GroupId, PolicyId},
    settings::SecondDoorPolicy,
    time::Time,
};

/// What becomes of whoever has nothing yet to pass the second door with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NewUser {
    /// They have to enrol first.
    #[default]
    Enroll,
    /// They pass by the first door alone. Never who has a role.
    NoSecondDoor,
    Deny,
}

/// What a place does to a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceAction {
    /// Nothing: the other sections decide.
    #[default]
    Ignore,
    /// The first door is enough from there.
    NoSecondDoor,
    /// The second door is asked for from there, whatever spares people of it.
    SecondDoor,
    Deny,
}

/// What follows from the country that somebody's address is registered in. An address of which that is not known is in
/// none of the countries named, and spares nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct UserLocation {
    /// From countries that are not named, and from addresses of which none is known.
    pub others: PlaceAction,
    /// By the two letters of a country.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, PlaceAction>))]
    pub countries: BTreeMap<Country, PlaceAction>,
}

/// What follows from the network that somebody comes from, by blocks of addresses (CIDR).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AuthorizedNetworks {
    /// The first door is enough from here.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub no_second_door: Vec<IpNet>,
    /// Whether who comes from there must all the same have something to pass the second door with.
    pub require_enrollment: bool,
    /// The second door is asked for from here, whatever spares people of it.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub second_door: Vec<IpNet>,
    /// Whether nobody gets in from anywhere else.
    pub deny_others: bool,
    /// Nobody gets in from here.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub blocked: Vec<IpNet>,
}

impl AuthorizedNetworks {
    /// Most blocks in one list.
    pub const MOST: usize = 500;

    /// A block of IPv4 addresses in the clothes of IPv6, in which no address is compared.
    #[must_use]
    pub fn mapped(&self) -> Option<&IpNet> {
        let mut blocks = [&self.no_second_door, &self.second_door, &self.blocked].into_iter().flatten();
        blocks.find(|block| matches!(block, IpNet::V6(block) if block.addr().to_ipv4_mapped().is_some()))
    }
}

impl Default for AuthorizedNetworks {
    fn default() -> Self {
        Self {
            no_second_door: Vec::new(),
            require_enrollment: true,
            second_door: Vec::new(),
            deny_others: false,
            blocked: Vec::new(),
        }
    }
}

/// What follows where the address is one of a network that hides who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnonymousNetworks {
    #[default]
    Ignore,
    /// The second door is asked for, whatever spares people of it.
    SecondDoor,
    Deny,
}

/// How far a remembered device reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RememberedFor {
    /// To what it was remembered at.
    #[default]
    OneApplication,
    /// To all whose policy says so too.
    All,
}

/// For how long the second door is not asked for again on a device that somebody passed it on and chose to have
/// remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RememberedDevices {
    /// None are remembered where it is 0.
    pub hours: u32,
    pub reach: RememberedFor,
}

impl RememberedDevices {
    pub const LONGEST_HOURS: u32 = 365 * 24;
}

/// When a push has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NumberWhen {
    /// From a door that can show none nobody is pushed.
    #[default]
    Always,
    /// From a door that can show none people are pushed without. Whoever knows a password can then only be kept out by a
    /// person who never says yes to what they did not ask for.
    WhereShown,
}

/// The number that a push shows at the door and wants typed on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct VerifiedPush {
    pub digits: u8,
    pub when: NumberWhen,
}

impl VerifiedPush {
    pub const FEWEST: u8 = 3;
    pub const MOST: u8 = 6;

    /// Whether a door that can show no number pushes all the same.
    #[must_use]
    pub const fn allows_plain(&self) -> bool {
        match self.when {
            NumberWhen::Always => false,
            NumberWhen::WhereShown => true,
        }
    }
}

impl Default for VerifiedPush {
    fn default() -> Self {
        Self { digits: Self::FEWEST, when: NumberWhen::default() }
    }
}

/// When wrong codes shut somebody's second door, and for how long at first; each further wrong one doubles the time. The
/// count is the person's, over all doors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Lockout {
    pub wrong_codes: u8,
    pub minutes: u32,
}

impl Lockout {
    /// Nobody is let guess more often than this (OWASP ASVS 6.6.3 wants a limit, NIST SP 800-63B a low one).
    pub const MOST_WRONG: u8 = 5;
    pub const SHORTEST: u32 = 5;
    pub const LONGEST: u32 = 24 * 60;
}

impl Default for Lockout {
    fn default() -> Self {
        Self { wrong_codes: Self::MOST_WRONG, minutes: Self::SHORTEST }
    }
}

/// What a policy says. A section that is not there is inherited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Sections {
    pub second_door: Option<SecondDoorPolicy>,
    pub new_user: Option<NewUser>,
    pub user_location: Option<UserLocation>,
    pub authorized_networks: Option<AuthorizedNetworks>,
    pub anonymous_networks: Option<AnonymousNetworks>,
    pub remembered_devices: Option<RememberedDevices>,
    /// Which of the methods that are on for somebody count here.
    pub methods: Option<BTreeSet<Method>>,
    pub verified_push: Option<VerifiedPush>,
    pub lockout: Option<Lockout>,
}

/// The name of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Section {
    SecondDoor,
    NewUser,
    UserLocation,
    AuthorizedNetworks,
    AnonymousNetworks,
    RememberedDevices,
    Methods,
    VerifiedPush,
    Lockout,
}

impl Section {
    pub const ALL: [Self; 9] = [
        Self::SecondDoor,
        Self::NewUser,
        Self::UserLocation,
        Self::AuthorizedNetworks,
        Self::AnonymousNetworks,
        Self::RememberedDevices,
        Self::Methods,
        Self::VerifiedPush,
        Self::Lockout,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecondDoor => "second_door",
            Self::NewUser => "new_user",
            Self::UserLocation => "user_location",
            Self::AuthorizedNetworks => "authorized_networks",
            Self::AnonymousNetworks => "anonymous_networks",
            Self::RememberedDevices => "remembered_devices",
            Self::Methods => "methods",
            Self::VerifiedPush => "verified_push",
            Self::Lockout => "lockout",
        }
    }

    /// What administrators call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SecondDoor => "Second door",
            Self::NewUser => "New users",
            Self::UserLocation => "User location",
            Self::AuthorizedNetworks => "Authorised networks",
            Self::AnonymousNetworks => "Anonymous networks",
            Self::RememberedDevices => "Remembered devices",
            Self::Methods => "Factors allowed",
            Self::VerifiedPush => "Number of a push",
            Self::Lockout => "Lockout",
        }
    }
}

impl Sections {
    /// The groups of users that these sections name.
    #[must_use]
    pub fn groups(&self) -> &[GroupId] {
        match &self.second_door {
            Some(SecondDoorPolicy::Groups { groups }) => groups,
            Some(SecondDoorPolicy::Always | SecondDoorPolicy::Never | SecondDoorPolicy::Refuse) | None => &[],
        }
    }

    /// Whether the first door is enough from some place, or for whoever has nothing to pass the second with.
    #[must_use]
    pub fn spares_somewhere(&self) -> bool {
        let spares = |action: &PlaceAction| *action == PlaceAction::NoSecondDoor;
        let location = self.user_location.as_ref();
        self.new_user == Some(NewUser::NoSecondDoor)
            || self.authorized_networks.as_ref().is_some_and(|of| !of.no_second_door.is_empty())
            || location.is_some_and(|of| spares(&of.others) || of.countries.values().any(spares))
    }

    /// Whether somebody who was asked for the second door before may be asked no longer, wherever they are.
    #[must_use]
    pub fn spares_more_than(&self, before: &Self) -> bool {
        let second_door = |sections: &Self| sections.second_door.clone().unwrap_or_default();
        second_door(self).spares_more_than(&second_door(before))
            || (self.spares_somewhere() && !before.spares_somewhere())
    }

    /// Which sections are said here.
    #[must_use]
    pub const fn has(&self, section: Section) -> bool {
        match section {
            Section::SecondDoor => self.second_door.is_some(),
            Section::NewUser => self.new_user.is_some(),
            Section::UserLocation => self.user_location.is_some(),
            Section::AuthorizedNetworks => self.authorized_networks.is_some(),
            Section::AnonymousNetworks => self.anonymous_networks.is_some(),
            Section::RememberedDevices => self.remembered_devices.is_some(),
            Section::Methods => self.methods.is_some(),
            Section::VerifiedPush => self.verified_push.is_some(),
            Section::Lockout => self.lockout.is_some(),
        }
    }
}

/// A policy that can be applied to applications, to the portal and to logins at devices. The organisation's own, which
/// holds everywhere, is among its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    pub id: PolicyId,
    pub name: String,
    /// The 20-character key by which the Duo protocols name it.
    pub duo_id: String,
    pub sections: Sections,
    pub created: Time,
}

/// A policy for those at some resource who are in a group of users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPolicy {
    pub group: GroupId,
    pub policy: PolicyId,
}

/// The policies of a resource, over the organisation's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Applied {
    /// For everybody there.
    pub policy: Option<PolicyId>,
    /// For members of groups; of several that say something, the first that holds for a person decides.
    pub groups: Vec<GroupPolicy>,
}

impl Applied {
    /// Most groups with a policy of their own at one resource.
    pub const MOST: usize = 100;

    /// Every policy that is applied here.
    pub fn policies(&self) -> impl Iterator<Item = PolicyId> + '_ {
        self.policy.into_iter().chain(self.groups.iter().map(|applied| applied.policy))
    }
}
