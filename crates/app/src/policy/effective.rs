//! What holds for one person at one resource, and who says so.

use std::{collections::BTreeSet, sync::Arc};

use ipnet::IpNet;
use sallyport_model::{
    Action, FactorKind, Group, Method, Policy, Settings, Time, User, fold,
    id::{ApplicationId, DeviceId, GroupId, UserId},
    policy::{
        AnonymousNetworks, Applied, AuthorizedNetworks, MethodRow, NewUser, NumberWhen, PlaceAction,
        RememberedDevices, RememberedFor, Section, Sections, UserLocation,
    },
    settings::SecondDoorPolicy,
    signin::{Reason, Resource},
};
use sallyport_policy::{Decision, EffectivePolicy, Origin, Place, Said};
use sallyport_store::{Reader, Versioned};

use crate::{
    AppError, Ctx,
    access_rule::{self, From},
    factor::{self, duo},
    group,
    signin::{self, Offer, throttle},
};

/// The policy that is in force for somebody somewhere.
pub(crate) struct InForce {
    pub(crate) policy: EffectivePolicy,
    /// Every group around the person, as far as something asks for them.
    pub(crate) groups: Arc<BTreeSet<GroupId>>,
    /// A policy is applied that is not there. Nobody knows what it said.
    pub(crate) missing: bool,
    /// What the access rules say; the policy has heard of it.
    pub(crate) said: Said,
}

/// What is in force for a person at a resource, from where this call comes. `always`: whether their groups are wanted whatever
/// policy asks.
pub(crate) fn in_force(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    resource: &Resource,
    always: bool,
) -> Result<InForce, AppError> {
    let device = ctx.device_of(user);
    let from = From { place: ctx.org.places.of(ctx.source), device, ..From::default() };
    in_force_from(reader, ctx, user, resource, &from, always)
}

/// The same from somewhere else.
pub(crate) fn in_force_from(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    resource: &Resource,
    from: &From,
    always: bool,
) -> Result<InForce, AppError> {
    let view = &ctx.org.view;
    let settings = view.settings(reader)?;
    let application = match resource {
        Resource::Application { application, .. } => view.application(reader, *application)?,
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => None,
    };
    let nothing = Applied::default();
    let applied = match resource {
        Resource::Api | Resource::Portal => &settings.portal_policies,
        Resource::Application { .. } => application.as_ref().map_or(&nothing, |found| &found.policies),
        Resource::DeviceLogin { .. } => &settings.device_policies,
    };
    let rules = view.access_rules(reader)?;
    let mut asks_for_groups = always
        || rules.asks_for_groups()
        || !applied.groups.is_empty()
        || !settings.policy.groups().is_empty()
        || settings.factors.iter().any(|row| !row.groups.is_empty());
    if let Some(id) = applied.policy {
        let policy = view.policy(reader, id)?;
        asks_for_groups |= policy.is_some_and(|policy| !policy.sections.groups().is_empty());
    }
    let groups = if asks_for_groups { view.groups_around(reader, user)? } else { Arc::default() };
    let (policy, missing) = in_force_for(reader, ctx, &settings, applied, &groups)?;
    let duo = policy.allows(Method::Duo) && !duo::can_be_asked_at(reader, view, resource)?;
    let policy = if duo { policy.without(Method::Duo) } else { policy };
    let said = access_rule::ask(reader, ctx, &rules, user, &groups, resource, from)?;
    Ok(InForce { policy: policy.under(&said.obligation), groups, missing, said })
}

/// What the policies alone come to at a resource, for somebody who is in these groups.
pub(crate) fn sections_in_force(
    reader: &mut Reader,
    ctx: &Ctx,
    resource: &Resource,
    groups: &BTreeSet<GroupId>,
) -> Result<EffectivePolicy, AppError> {
    let settings = ctx.org.view.settings(reader)?;
    let applied = match resource {
        Resource::Api | Resource::Portal => settings.portal_policies.clone(),
        Resource::Application { application, .. } => {
            let found = ctx.org.view.application(reader, *application)?;
            found.map(|application| application.policies.clone()).unwrap_or_default()
        }
        Resource::DeviceLogin { .. } => settings.device_policies.clone(),
    };
    Ok(in_force_for(reader, ctx, &settings, &applied, groups)?.0)
}

/// What is in force where these policies are applied, for somebody who is in these groups; and whether one of them is not
/// there.
pub(crate) fn in_force_for(
    reader: &mut Reader,
    ctx: &Ctx,
    settings: &Settings,
    applied: &Applied,
    groups: &BTreeSet<GroupId>,
) -> Result<(EffectivePolicy, bool), AppError> {
    let (mut found, mut missing): (Vec<(Origin, Arc<Policy>)>, bool) = (Vec::new(), false);
    let for_groups = applied.groups.iter().filter(|applied| groups.contains(&applied.group));
    let for_groups = for_groups.map(|applied| Origin::Group { policy: applied.policy, group: applied.group });
    let for_all = applied.policy.map(|policy| Origin::Resource { policy });
    for origin in for_groups.chain(for_all) {
        let (Origin::Group { policy, .. } | Origin::Resource { policy }) = origin else { continue };
        match ctx.org.view.policy(reader, policy)? {
            Some(policy) => found.push((origin, policy)),
            None => missing = true,
        }
    }
    let mut layers: Vec<(Origin, &Sections)> =
        found.iter().map(|(origin, policy)| (origin.clone(), &policy.sections)).collect();
    layers.push((Origin::Organization, &settings.policy));
    Ok((EffectivePolicy::merge(&layers, &settings.factors, groups), missing))
}

/// Whether a method counts at the portal for anybody at all.
pub(crate) fn counts_for_somebody(
    reader: &mut Reader,
    ctx: &Ctx,
    settings: &Settings,
    method: Method,
) -> Result<bool, AppError> {
    let rows = MethodRow::complete(&settings.factors);
    let Some(row) = rows.into_iter().find(|row| row.method == method && row.on) else { return Ok(false) };
    let applied = &settings.portal_policies;
    let for_whom: Vec<Option<GroupId>> = match row.groups.len() {
        0 => vec![None],
        _ => row.groups.iter().copied().map(Some).collect(),
    };
    // Of whoever is in no more of the groups than they have to: another one may have a policy that takes the method away.
    let with_policies = applied.groups.iter().map(|applied| Some(applied.group));
    for policy_of in std::iter::once(None).chain(with_policies) {
        for group in &for_whom {
            let groups = policy_of.iter().chain(group).copied().collect();
            if in_force_for(reader, ctx, settings, applied, &groups)?.0.allows(method) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A resource as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    Application(ApplicationId),
    Device(DeviceId),
    Portal,
}

/// What holds for a person at a resource, told.
#[derive(Debug, Clone)]
pub struct Explained {
    pub resource: Resource,
    pub policy: EffectivePolicy,
    /// Who says each section, in words.
    pub said_by: Vec<(Section, String)>,
    /// The names of the groups whose members are asked for the second door.
    asked_groups: Vec<String>,
    /// Whether whoever asks may read settings, and so which networks are spared.
    names_blocks: bool,
    /// What of theirs would be offered.
    pub offers: Vec<Offer>,
    /// What is known of the place that was asked about.
    pub place: Place,
    /// What would follow now if the first door were passed, from there.
    pub decision: Decision,
    /// After wrong codes, no code opens their second door before.
    pub shut_until: Option<Time>,
}

/// Tells what holds for a person at a resource, with the reason for each line. `source`: from which address.
///
/// # Errors
/// Denied, or no such person, application or device.
pub async fn explain(
    ctx: &Ctx,
    user: UserId,
    at: Where,
    source: Option<std::net::IpAddr>,
) -> Result<Explained, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    let asking = ctx.clone();
    ctx.read_many(move |reader| {
        let user = reader.find::<User>(user)?.ok_or_else(|| AppError::not_found("user", user))?;
        let resource = resource(reader, &at)?;
        let from = From { place: asking.org.places.of(source), ..From::default() };
        explain_from(reader, &asking, &user, resource, &from)
    })
    .await
}

/// The same from some place, on some device, at some time.
pub(crate) fn explain_from(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &Versioned<User>,
    resource: Resource,
    from: &From,
) -> Result<Explained, AppError> {
    // Our password is asked for at the portal; elsewhere somebody else answers for the first door.
    let own_password = resource == Resource::Portal;
    let source = from.place.address;
    let held =
        signin::Asking { resource: &resource, own_password, source, device: from.device, remembered: false };
    let ruling = signin::rule_from(reader, ctx, user, held, from)?;
    let mut said_by = Vec::new();
    for section in Section::ALL {
        said_by.push((section, name_of(reader, ctx, ruling.policy.origin(section))?));
    }
    let offers = factor::offers(reader, user.id, &ruling.policy, ctx.now)?;
    let shut_until = throttle::held_back(reader, user, ctx.now)?.second_door_until;
    let signin::Ruling { decision, policy } = ruling;
    let asked_groups = asked_groups(reader, &policy.second_door.value)?;
    let names_blocks = ctx.allow(Action::ReadSettings).is_ok();
    let decision = match decision {
        // Whoever has a key, or Duo, is let in by it all the same.
        Decision::SecondDoor(_) if shut_until.is_some() && !offers.iter().any(is_beyond_guessing) => {
            Decision::Deny(vec![Reason::Throttled])
        }
        decision @ (Decision::Allow(_) | Decision::Deny(_) | Decision::SecondDoor(_)) => decision,
    };
    let place = from.place;
    Ok(Explained {
        resource,
        policy,
        said_by,
        asked_groups,
        names_blocks,
        offers,
        place,
        decision,
        shut_until,
    })
}

/// What opens the second door while too many wrong codes keep it shut for codes, and for phones that are asked.
fn is_beyond_guessing(offer: &Offer) -> bool {
    matches!(offer.kind(), FactorKind::Duo | FactorKind::Passkey)
}

pub(crate) fn resource(reader: &mut Reader, at: &Where) -> Result<Resource, AppError> {
    Ok(match at {
        Where::Portal => Resource::Portal,
        Where::Application(id) => {
            let found = reader.find::<sallyport_model::Application>(*id)?;
            let found = found.ok_or_else(|| AppError::not_found("application", id))?;
            Resource::Application { application: *id, name: found.value.name }
        }
        Where::Device(id) => {
            let found = reader.find::<sallyport_model::Device>(*id)?;
            let found = found.ok_or_else(|| AppError::not_found("device", id))?;
            Resource::DeviceLogin { device: *id, name: found.value.name, service: "login".into() }
        }
    })
}

/// The names of the groups whose members are asked, in order.
fn asked_groups(reader: &mut Reader, second_door: &SecondDoorPolicy) -> Result<Vec<String>, AppError> {
    let groups = match second_door {
        SecondDoorPolicy::Groups { groups } => groups.as_slice(),
        SecondDoorPolicy::Always | SecondDoorPolicy::Never | SecondDoorPolicy::Refuse => &[],
    };
    let mut names = Vec::new();
    for id in groups {
        names.push(group::known(reader, *id)?.value.name);
    }
    names.sort_by_key(|name| fold(name));
    Ok(names)
}

fn name_of(reader: &mut Reader, ctx: &Ctx, origin: &Origin) -> Result<String, AppError> {
    let policy = |reader: &mut Reader, id| {
        let found = ctx.org.view.policy(reader, id)?;
        Ok::<_, AppError>(found.map_or_else(|| id.to_string(), |policy| policy.name.clone()))
    };
    Ok(match origin {
        Origin::BuiltIn => "built in; nobody said otherwise".into(),
        Origin::Organization => "the organisation's policy".into(),
        Origin::Resource { policy: id } => format!("policy “{}”, applied here", policy(reader, *id)?),
        Origin::Group { policy: id, group } => {
            let group: Group = group::known(reader, *group)?.value;
            format!("policy “{}”, applied here to group “{}”", policy(reader, *id)?, group.name)
        }
    })
}

impl Explained {
    /// What a section comes to, in words.
    #[must_use]
    pub fn tell(&self, section: Section) -> String {
        let policy = &self.policy;
        match section {
            Section::SecondDoor => match &policy.second_door.value {
                SecondDoorPolicy::Always => "always asked for".into(),
                SecondDoorPolicy::Groups { .. } => {
                    format!("asked for of members of {}", named(&self.asked_groups))
                }
                SecondDoorPolicy::Never => "never asked for; of administrators always".into(),
                SecondDoorPolicy::Refuse => "nobody is let in".into(),
            },
            Section::NewUser => match policy.new_user.value {
                NewUser::Enroll => "whoever has no factor has to enrol one first".into(),
                NewUser::NoSecondDoor => "whoever has no factor passes by the first door alone".into(),
                NewUser::Deny => "whoever has no factor is denied".into(),
            },
            Section::UserLocation => location(&policy.user_location.value),
            Section::AuthorizedNetworks => networks(&policy.authorized_networks.value, self.names_blocks),
            Section::AnonymousNetworks => match policy.anonymous_networks.value {
                AnonymousNetworks::Ignore => "make no difference".into(),
                AnonymousNetworks::SecondDoor => "ask for the second door".into(),
                AnonymousNetworks::Deny => "are denied".into(),
            },
            Section::RememberedDevices => match &policy.remembered_devices.value {
                RememberedDevices { hours: 0, .. } => "none are remembered".into(),
                RememberedDevices { hours, reach: RememberedFor::OneApplication } => {
                    format!("for {}, each application for itself", counted(*hours as usize, "hour"))
                }
                RememberedDevices { hours, reach: RememberedFor::All } => {
                    format!("for {}, at all applications that say so too", counted(*hours as usize, "hour"))
                }
            },
            Section::Methods => match &policy.allowed.value {
                None => "all that are on".into(),
                Some(allowed) => allowed.iter().map(|method| method.text()).collect::<Vec<_>>().join(", "),
            },
            Section::VerifiedPush => {
                let push = &policy.verified_push.value;
                let digits = counted(push.digits.into(), "digit");
                match push.when {
                    NumberWhen::Always => format!("{digits}; what can show no number pushes nobody"),
                    NumberWhen::WhereShown => format!("{digits}; what can show no number pushes without"),
                }
            }
            Section::Lockout => {
                let lockout = &policy.lockout.value;
                let codes = counted(lockout.wrong_codes.into(), "wrong code");
                format!(
                    "{codes} in a row shut the second door for {}",
                    counted(lockout.minutes as usize, "minute")
                )
            }
        }
    }

    /// From where, in words.
    #[must_use]
    pub fn from(&self) -> String {
        let Some(address) = self.place.address else { return "an address that is not known".into() };
        let country = match self.place.country {
            Some(country) => format!("in {country}"),
            None => "country not known".into(),
        };
        let hides = if self.place.anonymous { ", of a network that hides who uses it" } else { "" };
        format!("{address}, {country}{hides}")
    }

    /// Why, in words.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        self.decision.reasons()
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// So many of a list are named; the others are counted.
const MOST_NAMED: usize = 8;

fn named<T: std::fmt::Display>(all: &[T]) -> String {
    let names: Vec<String> = all.iter().take(MOST_NAMED).map(ToString::to_string).collect();
    match all.len().saturating_sub(MOST_NAMED) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}

fn location(location: &UserLocation) -> String {
    let does = |action: PlaceAction| match action {
        PlaceAction::Ignore => "make no difference",
        PlaceAction::NoSecondDoor => "need no second door",
        PlaceAction::SecondDoor => "ask for the second door",
        PlaceAction::Deny => "are denied",
    };
    let mut told: Vec<String> = Vec::new();
    for action in [PlaceAction::Deny, PlaceAction::SecondDoor, PlaceAction::NoSecondDoor, PlaceAction::Ignore]
    {
        let named = location.countries.iter().filter(|(_, of)| **of == action);
        let named: Vec<&str> = named.map(|(country, _)| country.as_str()).collect();
        if !named.is_empty() {
            told.push(format!("{} {}", named.join(", "), does(action)));
        }
    }
    let others = if told.is_empty() { "all countries" } else { "all others" };
    told.push(format!("{others} {}", does(location.others)));
    told.join("; ")
}

fn networks(networks: &AuthorizedNetworks, names_blocks: bool) -> String {
    let blocks = |of: &[IpNet]| if names_blocks { named(of) } else { counted(of.len(), "block") };
    let mut told = Vec::new();
    if !networks.no_second_door.is_empty() {
        let enrolled = if networks.require_enrollment { ", for whoever has enrolled" } else { "" };
        told.push(format!("no second door from {}{enrolled}", blocks(&networks.no_second_door)));
    }
    if !networks.second_door.is_empty() {
        told.push(format!("the second door from {}", blocks(&networks.second_door)));
    }
    if !networks.blocked.is_empty() {
        told.push(format!("{} denied", blocks(&networks.blocked)));
    }
    if networks.deny_others {
        told.push("all others denied".into());
    }
    if told.is_empty() { "make no difference".into() } else { told.join("; ") }
}
