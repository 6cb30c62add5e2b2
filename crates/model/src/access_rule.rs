//! Access rules: who may reach what, from where, on which device and when, and with what proof. They stand beside the
//! policies. A policy says how doors are built; a rule looks at one attempt to pass them.
//!
//! Whatever a rule does not name it does not mind: one that names nobody is for everybody. Fields that are not known here
//! are refused wherever a rule is read, for a condition that is not understood would be a rule that reaches too far.

mod day_time;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use self::day_time::{DayTime, DayTimeError, Weekday};
use crate::{
    id::{AccessRuleId, ApplicationId, GroupId, UserId},
    policy::{Country, Method},
    time::{Span, Time},
};

/// Whether a rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RuleMode {
    /// It is not looked at.
    Off,
    /// It decides nothing; what it would have done is written down with each sign-in.
    #[default]
    DryRun,
    On,
}

impl RuleMode {
    pub const ALL: [Self; 3] = [Self::Off, Self::DryRun, Self::On];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::DryRun => "dry_run",
            Self::On => "on",
        }
    }

    /// What administrators call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::DryRun => "Dry run",
            Self::On => "On",
        }
    }
}

/// A kind of thing that people are let in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    UserPortal,
    AdminPortal,
    /// The REST API, by a person and not by an API token.
    Api,
    /// Applications that people sign in to here.
    Application,
    /// Applications that ask for the second door by Duo's protocols.
    DuoApplication,
    DeviceLogin,
    Ldap,
    Radius,
}

impl ResourceKind {
    pub const ALL: [Self; 8] = [
        Self::UserPortal,
        Self::AdminPortal,
        Self::Api,
        Self::Application,
        Self::DuoApplication,
        Self::DeviceLogin,
        Self::Ldap,
        Self::Radius,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserPortal => "user_portal",
            Self::AdminPortal => "admin_portal",
            Self::Api => "api",
            Self::Application => "application",
            Self::DuoApplication => "duo_application",
            Self::DeviceLogin => "device_login",
            Self::Ldap => "ldap",
            Self::Radius => "radius",
        }
    }

    /// What a sentence calls all of them.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::UserPortal => "the user portal",
            Self::AdminPortal => "the administrators' portal",
            Self::Api => "the REST API",
            Self::Application => "applications",
            Self::DuoApplication => "Duo applications",
            Self::DeviceLogin => "logins at devices",
            Self::Ldap => "LDAP",
            Self::Radius => "RADIUS",
        }
    }
}

/// Whom a rule is for: everybody where neither users nor groups are named, and never those who are excepted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Who {
    pub users: BTreeSet<UserId>,
    pub groups: BTreeSet<GroupId>,
    /// For accounts that open a way in when all else is shut.
    pub except_users: BTreeSet<UserId>,
    pub except_groups: BTreeSet<GroupId>,
}

impl Who {
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.users.is_empty() && self.groups.is_empty()
    }
}

/// What a rule is about: everything where nothing is named, otherwise whatever is named in either way.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct What {
    pub kinds: BTreeSet<ResourceKind>,
    pub applications: BTreeSet<ApplicationId>,
}

impl What {
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.kinds.is_empty() && self.applications.is_empty()
    }

    /// Whether it is about this kind as such.
    #[must_use]
    pub fn covers(&self, kind: ResourceKind) -> bool {
        self.is_everything() || self.kinds.contains(&kind)
    }
}

/// Blocks of addresses that somebody comes from, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FromNetworks {
    pub not: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub networks: Vec<IpNet>,
}

/// Countries that somebody comes from, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FromCountries {
    pub not: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub countries: BTreeSet<Country>,
}

/// From where: all that is named must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FromWhere {
    pub networks: Option<FromNetworks>,
    pub countries: Option<FromCountries>,
    /// From a network that hides who uses it, or from another.
    pub anonymous: Option<bool>,
}

/// Operating systems that are new enough, or are not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OsVersions {
    pub not: bool,
    /// The oldest version that will do, by platform (`linux`, `macos`, `windows`) or by the beginning of a system's name,
    /// such as `debian`. A system that is not named will not do.
    pub at_least: BTreeMap<String, String>,
}

/// Lately seen, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SeenWithin {
    pub not: bool,
    pub days: u16,
}

/// On which device: all that is named must hold. A device that is not known is none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct OnDevice {
    /// Enrolled, admitted and not revoked.
    pub managed: Option<bool>,
    /// The person is bound to it.
    pub bound: Option<bool>,
    /// Its disks are encrypted, as it says.
    pub encrypted: Option<bool>,
    pub os: Option<OsVersions>,
    pub seen: Option<SeenWithin>,
}

/// Within these hours of these days, or outside of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct When {
    pub outside: bool,
    /// Every day where none is named.
    pub days: BTreeSet<Weekday>,
    /// The whole day where no hours are named. An end before the beginning is on the next day.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub from: Option<DayTime>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub to: Option<DayTime>,
    /// Such as `Europe/Zurich`; UTC where it is empty.
    pub zone: String,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The first door is enough. Never for whoever has a role.
    Allow,
    #[default]
    Deny,
    SecondDoor,
}

impl Effect {
    pub const ALL: [Self; 3] = [Self::SecondDoor, Self::Deny, Self::Allow];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::SecondDoor => "second_door",
        }
    }
}

/// What follows where a rule matches.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Then {
    pub effect: Effect,
    /// Of the second door: what counts, of all that is allowed besides.
    pub methods: Option<BTreeSet<Method>>,
    /// Of the second door: so long ago it may have been passed.
    pub fresh_minutes: Option<u32>,
    /// Of the second door: at most so long it is remembered. Without it, what is remembered does not count here.
    pub remember_hours: Option<u32>,
}

/// All that a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RuleSays {
    pub who: Who,
    pub what: What,
    pub from: FromWhere,
    pub device: OnDevice,
    pub when: Option<When>,
    /// What the rest cannot say, as a condition in Cedar; it must hold too.
    pub expression: Option<String>,
    pub then: Then,
}

impl RuleSays {
    /// Most ids, networks or countries in one list.
    pub const MOST_NAMED: usize = 500;
    pub const LONGEST_EXPRESSION: usize = 4096;
    pub const LONGEST_FRESH: u32 = 30 * 24 * 60;
    pub const LONGEST_REMEMBERED: u32 = 365 * 24;
    pub const MOST_DAYS: u16 = 3650;

    /// Every group that it names.
    pub fn groups(&self) -> impl Iterator<Item = &GroupId> {
        self.who.groups.iter().chain(&self.who.except_groups)
    }

    /// Whether it follows from who somebody is and what they want alone, which a device knows without the server.
    #[must_use]
    pub fn is_unconditional(&self) -> bool {
        self.from == FromWhere::default()
            && self.device == OnDevice::default()
            && self.when.is_none()
            && self.expression.is_none()
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessRule {
    pub id: AccessRuleId,
    pub name: String,
    /// Why it is there, for people to read.
    #[serde(default)]
    pub note: String,
    pub mode: RuleMode,
    pub says: RuleSays,
    pub created: Time,
}

impl AccessRule {
    /// Most rules there are.
    pub const MOST: usize = 500;
    pub const LONGEST_NOTE: usize = 500;
}

/// What the rules that match ask of a second door, all together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Obligation {
    /// What counts; `None`: all that policy allows.
    pub methods: Option<BTreeSet<Method>>,
    /// So long ago it may have been passed; `None`: policy alone says.
    pub fresh: Option<Span>,
    /// At most so many hours it is remembered; `None`: policy alone says.
    pub remember_hours: Option<u32>,
}

impl Obligation {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a second door that was passed then counts now.
    #[must_use]
    pub fn is_fresh(&self, passed: Time, now: Time) -> bool {
        self.fresh.is_none_or(|fresh| now.since(passed) <= fresh)
    }

    /// Both at once: the strictest of each.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let both =
            |one: &BTreeSet<Method>, other: &BTreeSet<Method>| one.intersection(other).copied().collect();
        Self {
            methods: match (self.methods, &other.methods) {
                (Some(one), Some(other)) => Some(both(&one, other)),
                (one, other) => one.or_else(|| other.clone()),
            },
            fresh: shortest(self.fresh, other.fresh),
            remember_hours: shortest(self.remember_hours, other.remember_hours),
        }
    }
}

impl From<&Then> for Obligation {
    fn from(then: &Then) -> Self {
        match then.effect {
            Effect::SecondDoor => Self {
                methods: then.methods.clone(),
                fresh: then.fresh_minutes.map(|minutes| Span::minutes(minutes.into())),
                remember_hours: then.remember_hours,
            },
            Effect::Allow | Effect::Deny => Self::default(),
        }
    }
}

fn shortest<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_refused_and_what_is_not_said_is_not_minded() {
        let read = |json: &str| serde_json::from_str::<RuleSays>(json);
        assert_eq!(read("{}").unwrap(), RuleSays::default());
        for unknown in [
            r#"{"whom":{}}"#,
            r#"{"who":{"user":[]}}"#,
            r#"{"device":{"healthy":true}}"#,
            r#"{"from":{"networks":{"no":true}}}"#,
            r#"{"then":{"effect":"ask"}}"#,
            r#"{"when":{"from":"25:00"}}"#,
        ] {
            assert!(read(unknown).is_err(), "{unknown}");
        }
    }

    #[test]
    fn obligations_together_are_the_strictest_of_each() {
        let says = |methods: Option<&[Method]>, fresh, remember_hours| Obligation {
            methods: methods.map(|methods| methods.iter().copied().collect()),
            fresh,
            remember_hours,
        };
        let one = says(Some(&[Method::Passkey, Method::Totp]), Some(Span::minutes(10)), None);
        let other = says(Some(&[Method::Passkey, Method::Push]), Some(Span::minutes(5)), Some(8));
        let both = says(Some(&[Method::Passkey]), Some(Span::minutes(5)), Some(8));
        assert_eq!(one.clone().and(&other), both);
        assert_eq!(other.and(&one), both);
        assert_eq!(one.clone().and(&Obligation::default()), one);
    }
}
