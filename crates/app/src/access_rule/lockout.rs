//! Whether any owner still gets to the administrators' portal: from some place, at some time, with something they have.
//!
//! Rules can shut people out together though none does alone, and an expression can say anything. So nothing is concluded from
//! how rules look: an owner gets in if there is a place and a time at which they do. The places that are tried are one of each
//! part into which the networks that are named cut all addresses, in each country that is named and one that is not.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnet::IpNet;
use sallyport_model::{
    FactorKind, Method, Role, RuleMode, Span, Time, User,
    access_rule::{Effect, ResourceKind},
    id::{GroupId, UserId},
    policy::Country,
    signin::Resource,
};
use sallyport_policy::{Asked, At, Compiled, Decision, EffectivePolicy, Place, Rules};
use sallyport_store::{Reader, Versioned};

use super::From;
use crate::{
    AppError, Ctx, Tx, factor, policy,
    signin::{self, Offer},
};

/// So many places and times are tried for one owner, and of those that the rules leave open so many with all that else
/// decides. Where none was found by then, nothing shows that there is one.
const MOST_TRIED: usize = 20_000;
const MOST_RULED: usize = 200;

/// Refuses a change after which no owner could get to the administrators' portal, whoever makes it.
pub(crate) fn refuse_to_shut_out(tx: &mut Tx<'_, '_>) -> Result<(), AppError> {
    if some_owner_gets_in(tx, None)? {
        return Ok(());
    }
    let text = "after this change no owner could reach the administrators' portal, from anywhere at any time, with anything they \
        have: except one of them (`who.except_users`), let another factor count, or leave the rule in a dry run; nothing was \
        changed";
    Err(AppError::Conflict(text.into()))
}

/// Refuses to do without this owner, where the rules let no other one in.
pub(crate) fn refuse_to_do_without(tx: &mut Tx<'_, '_>, leaving: UserId) -> Result<(), AppError> {
    if some_owner_gets_in(tx, Some(leaving))? {
        return Ok(());
    }
    let text = "the access rules let no other owner reach the administrators' portal, from anywhere at any time; change them first";
    Err(AppError::Conflict(text.into()))
}

/// Whether an owner gets in, other than one who leaves.
fn some_owner_gets_in(tx: &mut Tx<'_, '_>, leaving: Option<UserId>) -> Result<bool, AppError> {
    let ctx = tx.ctx;
    let rules = ctx.org.view.access_rules(tx)?;
    if !rules.iter().any(|rule| may_keep_out(rule)) {
        return Ok(true);
    }
    let is_owner = |user: &User| user.is_active() && user.roles.contains(&Role::Owner);
    let mut owners = tx.list_all::<User>()?;
    owners.retain(|user| is_owner(user));
    // Before the first there is nobody to shut out.
    if owners.is_empty() {
        return Ok(true);
    }
    for owner in owners.iter().filter(|owner| Some(owner.id) != leaving) {
        if gets_in(tx, ctx, &rules, owner)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn may_keep_out(rule: &Compiled) -> bool {
    let portals = [ResourceKind::UserPortal, ResourceKind::AdminPortal];
    rule.mode == RuleMode::On
        && (rule.then.effect != Effect::Allow || rule.has_expression() || rule.is_broken())
        && portals.iter().any(|kind| rule.covers(*kind))
}

/// What is the same of an owner wherever they are.
struct Owner<'a> {
    user: &'a Versioned<User>,
    groups: &'a BTreeSet<GroupId>,
    /// Whether they have anything to pass the second door with, if rules said nothing.
    has_something: bool,
}

fn gets_in(reader: &mut Reader, ctx: &Ctx, rules: &Rules, user: &Versioned<User>) -> Result<bool, AppError> {
    let groups = ctx.org.view.groups_around(reader, user.id)?;
    let settings = ctx.org.view.settings(reader)?;
    let (base, _) = policy::in_force_for(reader, ctx, &settings, &settings.portal_policies, &groups)?;
    let has_something = has_lasting(reader, ctx, user, &base)?;
    let owner = Owner { user, groups: &groups, has_something };
    let places = places(ctx, rules, &base);
    let times = times(ctx.now, rules);
    let tries = times.iter().flat_map(|now| places.iter().map(move |place| (*place, *now)));
    let mut ruled = 0;
    for (place, now) in tries.take(MOST_TRIED) {
        if !is_open_by_rules(rules, &owner, place, now) {
            continue;
        }
        if is_open(reader, ctx, &owner, place, now)? {
            return Ok(true);
        }
        ruled += 1;
        if ruled >= MOST_RULED {
            break;
        }
    }
    Ok(false)
}

/// Whether no rule denies them either portal from there.
fn is_open_by_rules(rules: &Rules, owner: &Owner<'_>, place: Place, now: Time) -> bool {
    let denies = |kind| {
        let at = At { kind, application: None, name: "portal" };
        let asked = Asked { user: owner.user, groups: owner.groups, at, place, device: None, now };
        !rules.ask(&asked).against().is_empty()
    };
    !denies(ResourceKind::UserPortal) && !denies(ResourceKind::AdminPortal)
}

/// Whether nothing else denies it either, and something counts there that they have. Who has nothing at all yet may enrol what
/// counts.
fn is_open(
    reader: &mut Reader,
    ctx: &Ctx,
    owner: &Owner<'_>,
    place: Place,
    now: Time,
) -> Result<bool, AppError> {
    let asking = signin::Asking {
        resource: &Resource::Portal,
        own_password: false,
        source: place.address,
        device: None,
        remembered: false,
    };
    let from = From { place, now: Some(now), ..From::default() };
    let ruling = signin::rule_from(reader, ctx, owner.user, asking, &from)?;
    if matches!(ruling.decision, Decision::Deny(_)) {
        return Ok(false);
    }
    if owner.has_something {
        return has_lasting(reader, ctx, owner.user, &ruling.policy);
    }
    Ok(ruling.policy.usable().any(|method| method != Method::BypassCode))
}

/// Whether they have something that counts under this policy and is not gone with its next use.
fn has_lasting(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &User,
    policy: &EffectivePolicy,
) -> Result<bool, AppError> {
    let offers = factor::offers(reader, user.id, policy, ctx.now)?;
    Ok(offers.iter().map(Offer::kind).any(|kind| kind != FactorKind::BypassCode))
}

fn places(ctx: &Ctx, rules: &Rules, base: &EffectivePolicy) -> Vec<Place> {
    let networks = &base.authorized_networks.value;
    let named = [&networks.no_second_door, &networks.second_door, &networks.blocked].into_iter().flatten();
    let blocks = rules.iter().flat_map(|rule| rule.networks()).chain(named);
    let mut addresses: BTreeSet<IpAddr> = blocks.flat_map(edges).collect();
    addresses.insert(Ipv4Addr::UNSPECIFIED.into());
    addresses.insert(Ipv6Addr::UNSPECIFIED.into());
    let countries: BTreeSet<Country> = rules
        .iter()
        .flat_map(|rule| rule.countries())
        .chain(base.user_location.value.countries.keys())
        .copied()
        .collect();
    // Two letters that no country has, unless somebody named it.
    let other = ["ZZ", "XX", "QQ"].into_iter().filter_map(|name| name.parse::<Country>().ok());
    let other = other.into_iter().find(|other| !countries.contains(other));
    let countries: Vec<Option<Country>> =
        countries.into_iter().chain(other).map(Some).chain([None]).collect();
    let here = ctx.source.map(|source| ctx.org.places.of(Some(source)));
    let everywhere = addresses.into_iter().flat_map(|address| {
        let known = ctx.org.places.of(Some(address));
        let each = countries.iter().map(move |country| Place { country: *country, ..known });
        each.flat_map(|place| [false, true].map(|anonymous| Place { anonymous, ..place })).collect::<Vec<_>>()
    });
    here.into_iter().chain(everywhere).take(MOST_TRIED).collect()
}

/// Where a block begins, and what comes after it.
fn edges(block: &IpNet) -> impl Iterator<Item = IpAddr> + use<> {
    let after = match block.broadcast() {
        IpAddr::V4(last) => u32::from(last).checked_add(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(last) => u128::from(last).checked_add(1).map(|next| Ipv6Addr::from(next).into()),
    };
    std::iter::once(block.network()).chain(after)
}

/// Now, and where it matters every half an hour of the week that begins.
fn times(now: Time, rules: &Rules) -> Vec<Time> {
    let halves = if rules.iter().any(|rule| rule.minds_the_time()) { 7 * 48 } else { 1 };
    (0..halves).map(|half| now.plus(Span::minutes(30 * half))).collect()
}
