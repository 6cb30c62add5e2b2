//! Policy asked about one person at one resource: what holds for them there, and what follows.

use std::net::IpAddr;

use sallyport_model::{
    Device, DeviceState, Method, PasswordLock, PasswordStatus, UsedBy, User,
    id::{DeviceId, UserId},
    signin::{FirstDoor, Reason, Resource, SignIn},
};
use sallyport_policy::{Decision, EffectivePolicy, Enrolled, Request};
use sallyport_store::{Reader, Versioned};

use super::throttle;
use crate::{
    AppError, Ctx, access_rule::From, desired, device::login_settings, factor, policy, sso::is_ours,
    view::View,
};

/// Who asks to be let in to what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) own_password: bool,
    /// From where, as far as that is known.
    pub(crate) source: Option<IpAddr>,
    /// The device of ours that their browser has proved to be on.
    pub(crate) device: Option<DeviceId>,
    /// Whether they have proved to be on a device that is remembered.
    pub(crate) remembered: bool,
}

impl<'a> Asking<'a> {
    /// Whoever makes this call, without our password.
    pub(crate) fn here(ctx: &Ctx, user: UserId, resource: &'a Resource) -> Self {
        let device = ctx.device_of(user);
        Self { resource, own_password: false, source: ctx.source, device, remembered: false }
    }

    /// Whoever began this sign-in, wherever the answer comes from.
    pub(crate) fn of(sign_in: &'a SignIn) -> Self {
        Self {
            resource: &sign_in.resource,
            own_password: sign_in.first_door == Some(FirstDoor::Password),
            source: sign_in.source.as_deref().and_then(|source| source.parse().ok()),
            device: sign_in.managed_device,
            remembered: false,
        }
    }
}

/// What policy says, and the policy that says it.
pub(crate) struct Ruling {
    pub(crate) decision: Decision,
    pub(crate) policy: EffectivePolicy,
}

/// Asks policy about this person at this resource, as things stand in this snapshot.
pub(crate) fn rule(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &Versioned<User>,
    asking: Asking<'_>,
) -> Result<Ruling, AppError> {
    let from = From { place: ctx.org.places.of(asking.source), device: asking.device, ..From::default() };
    rule_from(reader, ctx, user, asking, &from)
}

/// The same at a door of ours, and what is signed in to there. Whom an application is shut to is signed in to the portal, which tells
/// them so: at the first door it could only be told like a wrong password.
pub(crate) fn rule_at_door(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &Versioned<User>,
    asking: Asking<'_>,
) -> Result<(Resource, Ruling), AppError> {
    let ruling = rule(reader, ctx, user, asking)?;
    let is_shut = matches!(ruling.decision, Decision::Deny(_));
    if is_shut && *asking.resource != Resource::Portal && is_ours(reader, &ctx.org.view, asking.resource)? {
        let at_portal = Asking { resource: &Resource::Portal, ..asking };
        return Ok((Resource::Portal, rule(reader, ctx, user, at_portal)?));
    }
    Ok((asking.resource.clone(), ruling))
}

/// The same from some place, on some device, at some time.
pub(crate) fn rule_from(
    reader: &mut Reader,
    ctx: &Ctx,
    user: &Versioned<User>,
    asking: Asking<'_>,
    from: &From,
) -> Result<Ruling, AppError> {
    let device_login = match asking.resource {
        Resource::DeviceLogin { device, .. } => Some(login_settings::effective(reader, *device)?),
        Resource::Api | Resource::Application { .. } | Resource::Portal => None,
    };
    let held = policy::in_force_from(reader, ctx, user.id, asking.resource, from, device_login.is_some())?;
    let objection = match objection(reader, &ctx.org.view, user, asking.resource)? {
        None if held.missing => Some(Reason::PolicyMissing),
        objection => objection,
    };
    let stranger = match user.password_lock {
        Some(PasswordLock::Strangers) => {
            let from = throttle::Held::at(user.name.as_str(), asking.source);
            !throttle::is_known_source(reader, Some(user), &from)?
        }
        // Nothing hangs on it.
        Some(PasswordLock::Everybody) | None => true,
    };
    // Whoever is asked by Duo needs nothing of ours.
    let enrolled = if held.policy.looks_at_enrollment() && !held.policy.allows(Method::Duo) {
        factor::enrolled(&factor::of(reader, user.id, ctx.now)?)
    } else {
        Enrolled::Factor
    };
    let decision = sallyport_policy::decide(&Request {
        user,
        groups: &held.groups,
        policy: &held.policy,
        rules: &held.said,
        device_login: device_login.as_ref(),
        place: from.place,
        enrolled,
        remembered: asking.remembered,
        own_password: asking.own_password,
        stranger,
        objection,
    });
    Ok(Ruling { decision, policy: held.policy })
}

/// What the resource itself has against this person.
fn objection(
    reader: &mut Reader,
    view: &View,
    user: &User,
    resource: &Resource,
) -> Result<Option<Reason>, AppError> {
    match resource {
        Resource::Api | Resource::Portal => Ok(None),
        Resource::Application { application, .. } => {
            let found = view.application(reader, *application)?.filter(|found| found.enabled);
            let Some(found) = found else { return Ok(Some(Reason::ApplicationDisabled)) };
            let is_theirs = match &found.used_by {
                UsedBy::Everybody => true,
                some => some.is_for(user.id, &*view.groups_around(reader, user.id)?),
            };
            Ok((!is_theirs).then_some(Reason::NotPermitted))
        }
        Resource::DeviceLogin { device, .. } => {
            let active =
                reader.find::<Device>(*device)?.is_some_and(|device| device.state == DeviceState::Active);
            if !active {
                return Ok(Some(Reason::DeviceNotActive));
            }
            if !desired::is_bound(reader, user.id, *device)? {
                return Ok(Some(Reason::NotBound));
            }
            // It is changed in the portal: at a device nobody could be asked for a new one and the second door.
            Ok((user.password_status == PasswordStatus::Expired).then_some(Reason::PasswordExpired))
        }
    }
}
