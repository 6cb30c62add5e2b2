//! Policies: what is asked of people where, by sections. A policy says only what it means to say; a section it leaves out
//! is inherited: of a policy for a group at an application from the application's, of that from the organisation's, and of
//! that from what is built in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    factor::{FactorKind, Proof},
    id::{GroupId, PolicyId},
    settings::SecondDoorPolicy,
    time::Time,
};

/// A way to pass the second door, as people choose among them. A phone number is two: texts and calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Push,
    Passkey,
    Totp,
    HardwareToken,
    Text,
    Call,
    /// To the mail address of record. Off until somebody switches it on.
    Mail,
    /// A service of somebody else's, asked where a browser stands on a page of the portal.
    Duo,
    BypassCode,
}

impl Method {
    /// In the order in which they are offered where nobody says otherwise.
    pub const ALL: [Self; 9] = [
        Self::Push,
        Self::Passkey,
        Self::Totp,
        Self::HardwareToken,
        Self::Text,
        Self::Call,
        Self::Mail,
        Self::Duo,
        Self::BypassCode,
    ];

    /// Whether it is on where nobody says otherwise: all that is this house's own, and needs no mailbox.
    #[must_use]
    pub const fn is_on_by_itself(self) -> bool {
        match self {
            Self::Duo | Self::Mail => false,
            Self::Push
            | Self::Passkey
            | Self::Totp
            | Self::HardwareToken
            | Self::Text
            | Self::Call
            | Self::BypassCode => true,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::HardwareToken => "hardware_token",
            Self::Text => "text",
            Self::Call => "call",
            Self::Mail => "mail",
            Self::Duo => "duo",
            Self::BypassCode => "bypass_code",
        }
    }

    /// What administrators call it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Push => "Push to a phone",
            Self::Passkey => "Passkeys and security keys",
            Self::Totp => "Authenticator app",
            Self::HardwareToken => "Hardware token",
            Self::Text => "Text message",
            Self::Call => "Phone call",
            Self::Mail => "Mail",
            Self::Duo => "Duo",
            Self::BypassCode => "Bypass code of an administrator",
        }
    }

    /// What it is worth, for those who choose.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Push => "The person types a number that the door shows. Needs the page of a phone.",
            Self::Passkey => "Cannot be phished. The strongest there is.",
            Self::Totp => "Six digits of an app. Can be phished.",
            Self::HardwareToken => "Digits of a device that you import. Can be phished.",
            Self::Text => "Restricted: whoever takes over a number reads along. Never for administrators.",
            Self::Call => "Restricted: whoever takes over a number answers. Never for administrators.",
            Self::Mail => {
                "Restricted: whoever reads the mailbox passes, often with the same password. Never for administrators."
            }
            Self::Duo => {
                "Whatever Duo asks for, in its own prompt. Nobody enrols anything here. At the portal alone."
            }
            Self::BypassCode => "For who has lost everything else. Without it, recovery is a new enrolment.",
        }
    }

    /// The ways that a factor of this kind opens the door.
    #[must_use]
    pub const fn of_kind(kind: FactorKind) -> &'static [Self] {
        match kind {
            FactorKind::BypassCode => &[Self::BypassCode],
            FactorKind::Duo => &[Self::Duo],
            FactorKind::HardwareToken => &[Self::HardwareToken],
            FactorKind::Mail => &[Self::Mail],
            FactorKind::Passkey => &[Self::Passkey],
            FactorKind::Phone => &[Self::Text, Self::Call],
            FactorKind::Push => &[Self::Push],
            FactorKind::Totp => &[Self::Totp],
        }
    }

    /// The ways that this factor opens the door: a phone by what it may be used for.
    #[must_use]
    pub const fn of(proof: &Proof) -> &'static [Self] {
        match proof {
            Proof::Phone { texts: true, calls: false, .. } => &[Self::Text],
            Proof::Phone { texts: false, calls: true, .. } => &[Self::Call],
            Proof::BypassCode { .. }
            | Proof::Duo
            | Proof::HardwareToken { .. }
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Push { .. }
            | Proof::Totp => Self::of_kind(proof.kind()),
        }
    }
}

/// A row of the organisation's list of methods, whose order is the order in which they are offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MethodRow {
    pub method: Method,
    pub on: bool,
    /// For whom it is on: members of these groups of users. With none named, everybody.
    #[serde(default)]
    pub groups: Vec<GroupId>,
}

impl MethodRow {
    /// The whole list: the rows that are there in their order, and behind them those that nobody has spoken of. Of these
    /// mail is off: it is worth no more than the mailbox.
    #[must_use]
    pub fn complete(rows: &[Self]) -> Vec<Self> {
        let named = |method: &Method| rows.iter().any(|row| row.method == *method);
        let rest = Method::ALL.into_iter().filter(|method| !named(method));
        let rest = rest.map(|method| Self { method, on: method.is_on_by_itself(), groups: Vec::new() });
        rows.iter().cloned().chain(rest).collect()
    }

    /// Whether somebody who is in these groups has it.
    #[must_use]
    pub fn is_for(&self, groups: &BTreeSet<GroupId>) -> bool {
        self.on && (self.groups.is_empty() || self.groups.iter().any(|group| groups.contains(group)))
    }
}

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

/// A country by its two letters (ISO 3166-1 alpha-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// Not two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, such as `CH`")]
pub struct CountryError;

impl Country {
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(given: &str) -> Result<Self, CountryError> {
        match *given.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Ok(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => Err(CountryError),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("ch".parse::<Country>().map(|country| country.to_string()), Ok("CH".into()));
        for bad in ["", "C", "CHE", "C1", "ÄÖ", " C"] {
            assert!(bad.parse::<Country>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_nobody_spoke_of_is_offered_last_and_is_on() {
        let rows = [
            MethodRow { method: Method::Totp, on: true, groups: Vec::new() },
            MethodRow { method: Method::Push, on: false, groups: Vec::new() },
        ];
        let complete = MethodRow::complete(&rows);
        assert_eq!(complete.len(), Method::ALL.len());
        assert_eq!((complete[0].method, complete[1].method), (Method::Totp, Method::Push));
        assert!(complete[2..].iter().all(|row| row.on == row.method.is_on_by_itself()));
        assert!(!complete[1].is_for(&BTreeSet::new()));
    }

    #[test]
    fn a_method_may_be_for_some_groups_only() {
        let group = GroupId::new(uuid::Uuid::from_u128(1));
        let row = MethodRow { method: Method::Text, on: true, groups: vec![group] };
        assert!(row.is_for(&BTreeSet::from([group])) && !row.is_for(&BTreeSet::new()));
    }
}
