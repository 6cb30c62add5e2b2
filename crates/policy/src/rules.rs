//! Access rules, compiled once and asked with every attempt: each says whether it matches, or which of its conditions does
//! not hold, or that it cannot be evaluated, which denies.
//!
//! What is not known is never to anybody's advantage. A rule that denies or asks for the second door takes an address that
//! is not known for one of every network; a country or a device that is not known is none of those it names, and so fits
//! whatever says *not*. A rule that finds the first door enough never matches upon what is not known.

mod compiled;
mod device;
mod expression;
mod window;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use sallyport_model::{
    RuleMode, Time, User,
    access_rule::{Effect, Obligation, ResourceKind},
    id::{AccessRuleId, ApplicationId, GroupId},
    signin::{ByRule, Reason, Would},
};

pub use self::{
    compiled::{Compiled, RuleError},
    device::DeviceFacts,
    expression::SCHEMA,
};
use super::Place;

/// What somebody wants to be let in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<'a> {
    pub kind: ResourceKind,
    pub application: Option<ApplicationId>,
    /// What it is called.
    pub name: &'a str,
}

/// All that a rule may look at.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub user: &'a User,
    /// Every group around the person.
    pub groups: &'a BTreeSet<GroupId>,
    pub at: At<'a>,
    pub place: Place,
    /// What is known of the device, if it is known which it is.
    pub device: Option<&'a DeviceFacts>,
    pub now: Time,
}

/// What a rule looks at, in the order in which it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    Resource,
    Who,
    Excepted,
    Networks,
    Countries,
    Anonymous,
    Managed,
    Bound,
    Encrypted,
    Os,
    Seen,
    When,
    Expression,
}

/// What a rule says of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Matches,
    /// The first of its conditions that does not hold.
    Unmet(Condition),
    /// It cannot be evaluated.
    Fails(String),
}

/// What all rules together say of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    pub(super) against: Vec<Reason>,
    /// Why the second door is asked for whatever spares the person of it.
    pub(super) asks: Vec<Reason>,
    /// The same but for a device that is remembered.
    pub(super) asks_unless_remembered: Vec<Reason>,
    pub(super) spares: Vec<Reason>,
    /// What rules in a dry run would have done.
    pub(super) tried: Vec<Reason>,
    /// What is asked of the second door.
    pub obligation: Obligation,
}

impl Said {
    /// What is said where there are no rules.
    pub const NOTHING: &Self = &Self {
        against: Vec::new(),
        asks: Vec::new(),
        asks_unless_remembered: Vec::new(),
        spares: Vec::new(),
        tried: Vec::new(),
        obligation: Obligation { methods: None, fresh: None, remember_hours: None },
    };

    /// Most rules in a dry run that are written down with one sign-in.
    const MOST_TRIED: usize = 20;

    /// Why somebody is denied, if they are.
    #[must_use]
    pub fn against(&self) -> &[Reason] {
        &self.against
    }

    fn add(&mut self, rule: &Compiled, verdict: &Verdict, user: &User) {
        let failed = match verdict {
            Verdict::Matches => false,
            Verdict::Fails(_) => true,
            Verdict::Unmet(_) => return,
        };
        let by = ByRule { rule: rule.id, name: rule.name.clone() };
        let then = &rule.then;
        match (rule.mode, then.effect) {
            (RuleMode::Off, _) => {}
            (RuleMode::DryRun, _) if self.tried.len() >= Self::MOST_TRIED => {}
            (RuleMode::DryRun, effect) => {
                let would = match effect {
                    _ if failed => Would::Fail,
                    Effect::Allow if !user.roles.is_empty() => return,
                    Effect::Allow => Would::Allow,
                    Effect::Deny => Would::Deny,
                    Effect::SecondDoor => Would::SecondDoor,
                };
                self.tried.push(Reason::RuleTried { by, would });
            }
            (RuleMode::On, _) if failed => self.against.push(Reason::RuleFailed(by)),
            (RuleMode::On, Effect::Deny) => self.against.push(Reason::RuleDenies(by)),
            // Whoever may change the house always needs both doors.
            (RuleMode::On, Effect::Allow) if !user.roles.is_empty() => {}
            (RuleMode::On, Effect::Allow) => self.spares.push(Reason::RuleAllows(by)),
            (RuleMode::On, Effect::SecondDoor) => {
                let obligation = Obligation::from(then);
                let may_be_remembered =
                    obligation.fresh.is_none() && obligation.remember_hours.is_some_and(|hours| hours > 0);
                let asks = if may_be_remembered { &mut self.asks_unless_remembered } else { &mut self.asks };
                asks.push(Reason::RuleRequires(by));
                self.obligation = std::mem::take(&mut self.obligation).and(&obligation);
            }
        }
    }
}

/// All rules that are on or in a dry run.
#[derive(Debug, Default)]
pub struct Rules {
    each: Vec<Entry>,
    /// Every group that one of them names.
    named: Vec<GroupId>,
}

/// A rule, with its groups by their place among those that are named.
#[derive(Debug)]
struct Entry {
    rule: Arc<Compiled>,
    groups: Vec<usize>,
    except_groups: Vec<usize>,
}

/// What is known of a person before any rule is asked.
struct Person {
    /// Whether they are in the group at this place among those that are named.
    is_in: Vec<bool>,
}

impl Person {
    fn is_in(&self, groups: &[usize]) -> bool {
        groups.iter().any(|place| self.is_in.get(*place).copied().unwrap_or(false))
    }
}

impl Rules {
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = Arc<Compiled>>) -> Self {
        let rules: Vec<Arc<Compiled>> = rules.into_iter().collect();
        let named: BTreeSet<GroupId> =
            rules.iter().flat_map(|rule| rule.groups.iter().chain(&rule.except_groups)).copied().collect();
        let places: HashMap<GroupId, usize> =
            named.iter().enumerate().map(|(place, group)| (*group, place)).collect();
        let place =
            |groups: &[GroupId]| groups.iter().filter_map(|group| places.get(group).copied()).collect();
        let each = rules.into_iter().map(|rule| Entry {
            groups: place(&rule.groups),
            except_groups: place(&rule.except_groups),
            rule,
        });
        Self { each: each.collect(), named: named.into_iter().collect() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// The rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Compiled>> {
        self.each.iter().map(|entry| &entry.rule)
    }

    /// Whether it matters who is in which group.
    #[must_use]
    pub fn asks_for_groups(&self) -> bool {
        !self.named.is_empty() || self.iter().any(|rule| rule.has_expression())
    }

    /// Whether it matters on which device somebody is.
    #[must_use]
    pub fn ask_about_devices(&self) -> bool {
        self.iter().any(|rule| rule.asks_about_devices())
    }

    /// What all rules say of this attempt.
    #[must_use]
    pub fn ask(&self, asked: &Asked<'_>) -> Said {
        let mut said = Said::default();
        self.each_verdict(asked, |rule, verdict| said.add(rule, &verdict, asked.user));
        said
    }

    /// What each says of it.
    #[must_use]
    pub fn verdicts(&self, asked: &Asked<'_>) -> BTreeMap<AccessRuleId, Verdict> {
        let mut verdicts = BTreeMap::new();
        self.each_verdict(asked, |rule, verdict| {
            verdicts.insert(rule.id, verdict);
        });
        verdicts
    }

    fn each_verdict(&self, asked: &Asked<'_>, mut heard: impl FnMut(&Compiled, Verdict)) {
        if self.each.is_empty() {
            return;
        }
        let person = Person { is_in: self.named.iter().map(|group| asked.groups.contains(group)).collect() };
        let mut world = None;
        for Entry { rule, groups, except_groups } in &self.each {
            let (is_in, is_excepted) = (person.is_in(groups), person.is_in(except_groups));
            let verdict = match rule.typed(asked, is_in, is_excepted) {
                Verdict::Matches => rule.expressed(|| {
                    // What expressions look at is put together once, and only where there is one to be asked.
                    world.get_or_insert_with(|| {
                        expression::world(asked, self.each.iter().map(|entry| &*entry.rule))
                    })
                }),
                verdict @ (Verdict::Unmet(_) | Verdict::Fails(_)) => verdict,
            };
            heard(rule, verdict);
        }
    }

    /// What follows for somebody at logins at devices from who they are alone, and whether there is more that a device
    /// without the server cannot know.
    #[must_use]
    pub fn at_devices(&self, user: &User, groups: &BTreeSet<GroupId>) -> AtDevices {
        let is_in = |of: &[GroupId]| of.iter().any(|group| groups.contains(group));
        let on =
            self.iter().filter(|rule| rule.mode == RuleMode::On && rule.covers(ResourceKind::DeviceLogin));
        let reaching =
            on.filter(|rule| rule.reaches(user.id, is_in(&rule.groups), is_in(&rule.except_groups)));
        reaching.fold(AtDevices::default(), |found, rule| found.with(rule))
    }
}

/// What the rules come to at a device that does not reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AtDevices {
    /// Nobody like this is let in, whatever else is so.
    pub denied: bool,
    /// The second door is asked for, or may have to be.
    pub asked: bool,
    /// They may have to be denied, for what a device cannot know.
    pub may_be_denied: bool,
}

impl AtDevices {
    fn with(self, rule: &Compiled) -> Self {
        let certain = rule.is_unconditional && rule.broken.is_none();
        match rule.then.effect {
            // Nobody is spared of anything without the server. But an expression that errs denies.
            Effect::Allow => Self {
                may_be_denied: self.may_be_denied || rule.has_expression() || rule.broken.is_some(),
                asked: self.asked || rule.has_expression() || rule.broken.is_some(),
                ..self
            },
            Effect::Deny => Self { denied: self.denied || certain, asked: true, may_be_denied: true },
            Effect::SecondDoor => {
                Self { asked: true, may_be_denied: self.may_be_denied || rule.has_expression(), ..self }
            }
        }
    }
}

#[cfg(test)]
mod tests;
