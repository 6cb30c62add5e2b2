//! A rule made ready to be asked: what can be worked out beforehand is.

use std::collections::HashSet;

use ipnet::IpNet;
use sallyport_model::{
    AccessRule, RuleMode,
    access_rule::{
        Effect, FromCountries, FromNetworks, FromWhere, OnDevice, OsVersions, ResourceKind, SeenWithin, Then,
        What,
    },
    id::{AccessRuleId, ApplicationId, GroupId, UserId},
    policy::Country,
};

use super::{
    Asked, Condition, DeviceFacts, Verdict,
    device::is_version,
    expression::{self, Expression, World},
    window::Window,
};
use crate::place::is_within;

/// Why a rule cannot be compiled, for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("the expression is not one that can be evaluated: {0}")]
    Expression(String),
    #[error("`{0}` is no version; write numbers with points between them, such as `22.04`")]
    Version(String),
    #[error("`{0}` is no time zone; write one such as `Europe/Zurich`, or leave it out for UTC")]
    Zone(String),
}

/// A rule that is ready to be asked.
#[derive(Debug)]
pub struct Compiled {
    pub id: AccessRuleId,
    pub name: String,
    pub mode: RuleMode,
    pub then: Then,
    pub(super) groups: Vec<GroupId>,
    pub(super) except_groups: Vec<GroupId>,
    users: HashSet<UserId>,
    except_users: HashSet<UserId>,
    what: What,
    applications: HashSet<ApplicationId>,
    networks: Option<(bool, Vec<IpNet>)>,
    countries: Option<(bool, HashSet<Country>)>,
    anonymous: Option<bool>,
    device: OnDevice,
    when: Option<Window>,
    expression: Option<Expression>,
    pub(super) is_unconditional: bool,
    /// Why it cannot be asked at all. It was fit to be saved once, and what it meant is lost.
    pub(super) broken: Option<String>,
}

impl Compiled {
    /// # Errors
    /// It cannot hold.
    pub fn new(rule: &AccessRule) -> Result<Self, RuleError> {
        let mut compiled = Self::without_what_can_fail(rule);
        let oldest = rule.says.device.os.iter().flat_map(|os| os.at_least.values());
        if let Some(wrong) = oldest.into_iter().find(|oldest| !is_version(oldest)) {
            return Err(RuleError::Version(wrong.chars().take(64).filter(|c| !c.is_control()).collect()));
        }
        compiled.when = rule.says.when.as_ref().map(Window::new).transpose()?;
        let expression = rule.says.expression.as_deref();
        compiled.expression = expression.map(expression::check).transpose()?;
        Ok(compiled)
    }

    /// The same of a rule that was saved. One that cannot be compiled any more denies wherever it reaches.
    #[must_use]
    pub fn saved(rule: &AccessRule) -> Self {
        Self::new(rule).unwrap_or_else(|error| Self {
            broken: Some(error.to_string()),
            ..Self::without_what_can_fail(rule)
        })
    }

    fn without_what_can_fail(rule: &AccessRule) -> Self {
        let says = &rule.says;
        let FromWhere { networks, countries, anonymous } = says.from.clone();
        Self {
            id: rule.id,
            name: rule.name.clone(),
            mode: rule.mode,
            then: says.then.clone(),
            groups: says.who.groups.iter().copied().collect(),
            except_groups: says.who.except_groups.iter().copied().collect(),
            users: says.who.users.iter().copied().collect(),
            except_users: says.who.except_users.iter().copied().collect(),
            applications: says.what.applications.iter().copied().collect(),
            what: says.what.clone(),
            networks: networks.map(|FromNetworks { not, networks }| (not, networks)),
            countries: countries
                .map(|FromCountries { not, countries }| (not, countries.into_iter().collect())),
            anonymous,
            device: says.device.clone(),
            when: None,
            expression: None,
            is_unconditional: says.is_unconditional(),
            broken: None,
        }
    }

    /// Whether it cannot be asked at all.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    #[must_use]
    pub fn has_expression(&self) -> bool {
        self.expression.is_some()
    }

    /// Every group that it names, in its expression too.
    pub fn named_groups(&self) -> impl Iterator<Item = &GroupId> {
        let expressed = self.expression.iter().flat_map(|expression| &expression.groups);
        self.groups.iter().chain(&self.except_groups).chain(expressed)
    }

    /// Whether it matters on which device somebody is.
    #[must_use]
    pub fn asks_about_devices(&self) -> bool {
        self.has_expression() || self.device != OnDevice::default()
    }

    /// The blocks of addresses that it names.
    pub fn networks(&self) -> impl Iterator<Item = &IpNet> {
        self.networks.iter().flat_map(|(_, networks)| networks)
    }

    /// The countries that it names.
    pub fn countries(&self) -> impl Iterator<Item = &Country> {
        self.countries.iter().flat_map(|(_, countries)| countries)
    }

    /// Whether it may say one thing now and another later.
    #[must_use]
    pub fn minds_the_time(&self) -> bool {
        self.has_expression() || self.when.is_some()
    }

    pub(super) fn expression(&self) -> Option<&Expression> {
        self.expression.as_ref()
    }

    /// Whether it is about this kind of resource as such.
    #[must_use]
    pub fn covers(&self, kind: ResourceKind) -> bool {
        self.what.covers(kind)
    }

    /// Whether somebody is meant by it, who is in one of its groups, or in one of those it excepts.
    pub(super) fn reaches(&self, user: UserId, is_in: bool, is_excepted: bool) -> bool {
        self.who(user, is_in, is_excepted).is_ok()
    }

    fn who(&self, user: UserId, is_in: bool, is_excepted: bool) -> Result<(), Condition> {
        let everybody = self.users.is_empty() && self.groups.is_empty();
        if !everybody && !is_in && !self.users.contains(&user) {
            return Err(Condition::Who);
        }
        if is_excepted || self.except_users.contains(&user) { Err(Condition::Excepted) } else { Ok(()) }
    }

    /// What the form can say.
    pub(super) fn typed(&self, asked: &Asked<'_>, is_in: bool, is_excepted: bool) -> Verdict {
        let reached = self.about(asked).and_then(|()| self.who(asked.user.id, is_in, is_excepted));
        if let Err(unmet) = reached {
            return Verdict::Unmet(unmet);
        }
        if let Some(why) = &self.broken {
            return Verdict::Fails(why.clone());
        }
        let held = self.from(asked).and_then(|()| self.on(asked));
        if let Err(unmet) = held {
            return Verdict::Unmet(unmet);
        }
        match self.when.as_ref().map(|window| window.holds(asked.now)) {
            None | Some(Ok(true)) => Verdict::Matches,
            Some(Ok(false)) => Verdict::Unmet(Condition::When),
            Some(Err(why)) => Verdict::Fails(why),
        }
    }

    /// What the expression says, where everything else holds.
    pub(super) fn expressed<'w>(&self, world: impl FnOnce() -> &'w mut World) -> Verdict {
        match self.expression.as_ref().map(|expression| expression.holds(world())) {
            None | Some(Ok(true)) => Verdict::Matches,
            Some(Ok(false)) => Verdict::Unmet(Condition::Expression),
            Some(Err(why)) => Verdict::Fails(why),
        }
    }

    fn about(&self, asked: &Asked<'_>) -> Result<(), Condition> {
        let at = asked.at;
        let named = at.application.is_some_and(|id| self.applications.contains(&id));
        // Whoever administers opens both portals by one sign-in, so what is asked of the second door for theirs is asked
        // there. Who is denied it, is denied it at its own pages, and of a dry run there is no sign-in but this one.
        let administers = at.kind == ResourceKind::UserPortal
            && (self.then.effect == Effect::SecondDoor || self.mode == RuleMode::DryRun)
            && !asked.user.roles.is_empty()
            && self.covers(ResourceKind::AdminPortal);
        if named || administers || self.covers(at.kind) { Ok(()) } else { Err(Condition::Resource) }
    }

    fn from(&self, asked: &Asked<'_>) -> Result<(), Condition> {
        let (place, doubt) = (asked.place, self.doubt());
        let nowhere = place.address.is_none();
        if let Some((not, networks)) = &self.networks {
            let fact = place.address.map(|address| is_within(networks, address));
            doubt.holds(fact, *not, true).then_some(()).ok_or(Condition::Networks)?;
        }
        if let Some((not, countries)) = &self.countries {
            let fact = place.country.map(|country| countries.contains(&country));
            doubt.holds(fact, *not, nowhere).then_some(()).ok_or(Condition::Countries)?;
        }
        if let Some(wanted) = self.anonymous {
            let fact = if nowhere && !place.anonymous { None } else { Some(place.anonymous) };
            doubt.holds(fact, !wanted, true).then_some(()).ok_or(Condition::Anonymous)?;
        }
        Ok(())
    }

    fn on(&self, asked: &Asked<'_>) -> Result<(), Condition> {
        let doubt = self.doubt();
        let holds = |fact, not| doubt.holds(fact, not, false);
        let of = |fact: fn(&DeviceFacts) -> Option<bool>| asked.device.and_then(fact);
        let OnDevice { managed, bound, encrypted, os, seen } = &self.device;
        let flags = [
            (managed, of(|device| Some(device.managed)), Condition::Managed),
            (bound, of(|device| Some(device.bound)), Condition::Bound),
            (encrypted, of(|device| device.encrypted), Condition::Encrypted),
        ];
        for (wanted, fact, condition) in flags {
            if wanted.is_some_and(|wanted| !holds(fact, !wanted)) {
                return Err(condition);
            }
        }
        if let Some(OsVersions { not, at_least }) = os {
            let fact = asked.device.and_then(|device| device.is_new_enough(at_least));
            holds(fact, *not).then_some(()).ok_or(Condition::Os)?;
        }
        if let Some(SeenWithin { not, days }) = seen {
            let fact = asked.device.and_then(|device| device.was_seen_within(*days, asked.now));
            holds(fact, *not).then_some(()).ok_or(Condition::Seen)?;
        }
        Ok(())
    }

    const fn doubt(&self) -> Doubt {
        match self.then.effect {
            Effect::Allow => Doubt::Spares,
            Effect::Deny | Effect::SecondDoor => Doubt::Strict,
        }
    }
}

/// To whose disadvantage what is not known is.
#[derive(Debug, Clone, Copy)]
enum Doubt {
    /// A rule that spares does not match upon it.
    Spares,
    /// A rule that denies or asks does.
    Strict,
}

impl Doubt {
    /// Whether a condition holds. `either`: whether what is not known may be what is named as well as something else.
    const fn holds(self, fact: Option<bool>, not: bool, either: bool) -> bool {
        match (fact, self) {
            (Some(fact), _) => fact != not,
            (None, Self::Spares) => false,
            (None, Self::Strict) => not || either,
        }
    }
}
