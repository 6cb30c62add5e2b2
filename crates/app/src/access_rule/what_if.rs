//! What would happen to somebody, somewhere, and why, rule by rule: nothing is tried, and nothing is written.

use std::net::IpAddr;

use sallyport_model::{
    AccessRule, Action, RuleMode, Time, User,
    access_rule::Effect,
    id::{ApplicationId, DeviceId, UserId},
    policy::{Country, Section},
    signin::Resource,
};
use sallyport_policy::{Condition, Place, Verdict};
use sallyport_store::Reader;

use super::{From, ask, sentence};
use crate::{
    AppError, Ctx,
    policy::{self, Explained, Where},
};

/// Who, at what, from where, on what and when.
#[derive(Debug, Clone)]
pub struct WhatIf {
    pub user: UserId,
    pub at: WhatIfAt,
    pub source: Option<IpAddr>,
    /// In place of the country that is known of the address.
    pub country: Option<Country>,
    /// In place of what is known of the address.
    pub anonymous: Option<bool>,
    /// The device they are on; at a login at a device that one.
    pub device: Option<DeviceId>,
    /// Now, unless it says otherwise.
    pub now: Option<Time>,
}

/// At what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhatIfAt {
    AdminPortal,
    Api,
    Application(ApplicationId),
    Device(DeviceId),
    Portal,
}

/// What one rule says of it.
#[derive(Debug, Clone)]
pub struct RuleHeard {
    pub rule: AccessRule,
    /// The rule in words.
    pub says: String,
    /// `None`: it is off, and not asked.
    pub verdict: Option<Verdict>,
    /// The verdict in words.
    pub because: String,
}

impl RuleHeard {
    #[must_use]
    pub fn matches(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Matches))
    }
}

/// All of it.
#[derive(Debug, Clone)]
pub struct WhatIfTold {
    /// What holds there by policy, what would be offered, and what follows from policies and rules together.
    pub explained: Explained,
    /// In order of names.
    pub rules: Vec<RuleHeard>,
    pub now: Time,
}

impl WhatIfTold {
    /// Each section of policy, what it comes to, and who says so.
    #[must_use]
    pub fn lines(&self) -> Vec<(Section, String, String)> {
        let explained = &self.explained;
        let line =
            |(section, because): &(Section, String)| (*section, explained.tell(*section), because.clone());
        explained.said_by.iter().map(line).collect()
    }
}

/// Tells what would happen, with every rule's word.
///
/// # Errors
/// Denied, or no such person, application or device.
pub async fn what_if(ctx: &Ctx, asked: WhatIf) -> Result<WhatIfTold, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.allow(Action::ReadSignIns)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| told(reader, &asking, &asked)).await
}

fn told(reader: &mut Reader, ctx: &Ctx, asked: &WhatIf) -> Result<WhatIfTold, AppError> {
    let resource = match &asked.at {
        WhatIfAt::Api => Resource::Api,
        WhatIfAt::AdminPortal | WhatIfAt::Portal => policy::resource(reader, &Where::Portal)?,
        WhatIfAt::Application(id) => policy::resource(reader, &Where::Application(*id))?,
        WhatIfAt::Device(id) => policy::resource(reader, &Where::Device(*id))?,
    };
    let known = ctx.org.places.of(asked.source);
    let place = Place {
        country: asked.country.or(known.country),
        anonymous: asked.anonymous.unwrap_or(known.anonymous),
        ..known
    };
    let admin_portal = asked.at == WhatIfAt::AdminPortal;
    let from = From { place, now: asked.now, device: asked.device, admin_portal };
    let user = reader.find::<User>(asked.user)?.ok_or_else(|| AppError::not_found("user", asked.user))?;
    let explained = policy::explain_from(reader, ctx, &user, resource, &from)?;
    let groups = ctx.org.view.groups_around(reader, user.id)?;
    let rules = ctx.org.view.access_rules(reader)?;
    let device = ask::facts(reader, &rules, &user, &explained.resource, &from)?;
    let at = ask::at(reader, ctx, &explained.resource, &from)?;
    let mut verdicts = rules.verdicts(&ask::asked(ctx, &user, &groups, at, device.as_ref(), &from));
    let mut heard = Vec::new();
    for rule in reader.list_all::<AccessRule>()? {
        let verdict = verdicts.remove(&rule.id);
        let because = because(&rule, verdict.as_ref(), &user, device.is_some());
        heard.push(RuleHeard {
            says: sentence::text(reader, &rule.says)?,
            rule: rule.value,
            verdict,
            because,
        });
    }
    Ok(WhatIfTold { explained, rules: heard, now: from.now.unwrap_or(ctx.now) })
}

/// A verdict in words.
fn because(rule: &AccessRule, verdict: Option<&Verdict>, user: &User, device_is_known: bool) -> String {
    match verdict {
        None => "it is off".into(),
        Some(Verdict::Fails(why)) => {
            let then = match rule.mode {
                RuleMode::On => "which denies",
                RuleMode::DryRun | RuleMode::Off => "which would deny, if it were on",
            };
            format!("it cannot be evaluated, {then}: {why}")
        }
        Some(Verdict::Unmet(condition)) => unmet(*condition, device_is_known).into(),
        Some(Verdict::Matches) => {
            let does = match (rule.mode, rule.says.then.effect) {
                (_, Effect::Allow) if !user.roles.is_empty() => {
                    "it matches, but spares nobody who has a role"
                }
                (RuleMode::On, Effect::Allow) => {
                    "it matches: the first door is enough, unless something asks for more"
                }
                (RuleMode::On, Effect::Deny) => "it matches, and denies",
                (RuleMode::On, Effect::SecondDoor) => "it matches, and asks for the second door",
                (RuleMode::DryRun | RuleMode::Off, _) => {
                    "it matches, but is in a dry run and decides nothing"
                }
            };
            does.into()
        }
    }
}

const fn unmet(condition: Condition, device_is_known: bool) -> &'static str {
    match condition {
        Condition::Resource => "it is about something else",
        Condition::Who => "it is about others",
        Condition::Excepted => "the person is one of those it excepts",
        Condition::Networks => "its networks do not fit the address",
        Condition::Countries => "its countries do not fit the address",
        Condition::Anonymous => "it asks whether the network hides who uses it, and that does not fit",
        Condition::Managed | Condition::Bound | Condition::Encrypted | Condition::Os | Condition::Seen
            if !device_is_known =>
        {
            "it asks about the device, which is not known"
        }
        Condition::Managed => "it asks whether the device is managed, and that does not fit",
        Condition::Bound => "it asks whether the person is bound to the device, and that does not fit",
        Condition::Encrypted => {
            "it asks whether the disks are encrypted, and that does not fit or is not known"
        }
        Condition::Os => "it asks about the system's version, and that does not fit or is not known",
        Condition::Seen => "it asks when the device was last seen, and that does not fit or is not known",
        Condition::When => "its hours do not fit the time",
        Condition::Expression => "its expression does not hold",
    }
}
