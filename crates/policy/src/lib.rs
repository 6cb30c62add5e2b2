//! The decision who may pass, as a pure function: no clock, no store, no network. Whatever cannot be decided is
//! denied, and every answer carries its reasons.

use std::{collections::BTreeSet, net::IpAddr};

use sallyport_model::{
    PasswordLock, PasswordStatus, User, UserState,
    id::GroupId,
    policy::{Country, NewUser},
    settings::SecondDoorPolicy,
    signin::Reason,
};

mod device_login;
mod effective;
mod place;
pub mod rules;

pub use self::{
    device_login::{EffectiveLogin, Scope},
    effective::{EffectivePolicy, Line, Origin, Standing},
    rules::{Asked, At, Compiled, Condition, DeviceFacts, Rules, Said, Verdict},
};

/// From where somebody comes, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub address: Option<IpAddr>,
    pub country: Option<Country>,
    /// Whether the address is known to be of a network that hides who uses it.
    pub anonymous: bool,
}

/// What somebody has to pass a second door with, wherever it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enrolled {
    Nothing,
    /// Codes of an administrator alone.
    Codes,
    /// A factor of their own.
    Factor,
}

/// All that a decision may look at.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub user: &'a User,
    /// Every group around the person.
    pub groups: &'a BTreeSet<GroupId>,
    /// What holds for this person at this resource.
    pub policy: &'a EffectivePolicy,
    /// What the access rules say of it.
    pub rules: &'a Said,
    /// At a device: how people log in there.
    pub device_login: Option<&'a EffectiveLogin>,
    pub place: Place,
    /// What the person has to pass a second door with. Matters only where [`EffectivePolicy::looks_at_enrollment`].
    pub enrolled: Enrolled,
    /// Whether the person passed the second door here before on this device, lately enough.
    pub remembered: bool,
    /// Whether the first door was checked by us, so that the state of our password matters.
    pub own_password: bool,
    /// Whether the person never signed in from where this comes from.
    pub stranger: bool,
    /// What the resource itself has against this person, such as a missing binding.
    pub objection: Option<Reason>,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// No second door is needed.
    Allow(Vec<Reason>),
    /// The second door must be passed.
    SecondDoor(Vec<Reason>),
    Deny(Vec<Reason>),
}

impl Decision {
    /// Why.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow(reasons) | Self::SecondDoor(reasons) | Self::Deny(reasons) => reasons,
        }
    }

    fn with(mut self, more: &[Reason]) -> Self {
        let (Self::Allow(reasons) | Self::SecondDoor(reasons) | Self::Deny(reasons)) = &mut self;
        reasons.extend_from_slice(more);
        self
    }
}

/// Decides. The strictest rule wins: any reason to deny denies, and any reason to ask for the second door asks, whatever
/// else spares the person of it.
#[must_use]
pub fn decide(request: &Request<'_>) -> Decision {
    decide_by(request).with(&request.rules.tried)
}

/// The same without what rules in a dry run would have done.
fn decide_by(request: &Request<'_>) -> Decision {
    let mut against = Vec::new();
    match request.user.state {
        UserState::Active => {}
        UserState::Staged => against.push(Reason::UserStaged),
        UserState::Suspended => against.push(Reason::UserSuspended),
    }
    match request.user.password_status {
        PasswordStatus::Active | PasswordStatus::Expired => {}
        PasswordStatus::Pending if request.own_password => against.push(Reason::PasswordPending),
        PasswordStatus::Pending => {}
        PasswordStatus::Locked if is_open_to(request) => {}
        PasswordStatus::Locked => against.push(Reason::PasswordLocked),
    }
    against.extend(request.objection.clone());
    if request.policy.second_door.value == SecondDoorPolicy::Refuse {
        against.push(Reason::PolicyDenies);
    }
    let from = place::Says::of(request);
    against.extend(from.against);
    if request.policy.new_user.value == NewUser::Deny && request.enrolled == Enrolled::Nothing {
        against.push(Reason::NewUserDenied);
    }
    against.extend(request.rules.against.iter().cloned());
    if !against.is_empty() {
        return Decision::Deny(against);
    }
    let rules = request.rules;
    let mut asks = [from.asks, rules.asks.clone()].concat();
    if !from.remembered {
        asks.extend(rules.asks_unless_remembered.iter().cloned());
    }
    if !asks.is_empty() {
        return Decision::SecondDoor(asks);
    }
    let spares = [from.spares, rules.spares.clone()].concat();
    let second_door = &request.policy.second_door.value;
    match waiver(request.user, request.groups, second_door, request.device_login) {
        Some(reason) => Decision::Allow(vec![reason]),
        None if request.user.roles.is_empty() && !spares.is_empty() => Decision::Allow(spares),
        None if is_let_in_unenrolled(request) => Decision::Allow(vec![Reason::NewUserAllowed]),
        None => Decision::SecondDoor(vec![Reason::PolicyRequiresSecondDoor]),
    }
}

/// Whether policy lets this person pass because they have nothing to pass the second door with.
fn is_let_in_unenrolled(request: &Request<'_>) -> bool {
    request.policy.new_user.value == NewUser::NoSecondDoor
        && request.enrolled == Enrolled::Nothing
        && request.user.roles.is_empty()
}

/// Why this person passes without a second door wherever they come from; `None` when they are asked for it.
#[must_use]
pub fn waiver(
    user: &User,
    groups: &BTreeSet<GroupId>,
    second_door: &SecondDoorPolicy,
    device_login: Option<&EffectiveLogin>,
) -> Option<Reason> {
    // Whoever may change the house always needs both doors.
    if !user.roles.is_empty() {
        return None;
    }
    let required = match second_door {
        SecondDoorPolicy::Always | SecondDoorPolicy::Refuse => true,
        // A scope that names nobody was never meant to let everybody pass.
        SecondDoorPolicy::Groups { groups: asked } => {
            asked.is_empty() || asked.iter().any(|group| groups.contains(group))
        }
        SecondDoorPolicy::Never => false,
    };
    match device_login {
        _ if !required => Some(Reason::PolicyAllowsWithout),
        Some(login) if !login.asks(groups) => Some(Reason::OutsideLoginGroups),
        Some(_) | None => None,
    }
}

/// Whether a locked password is locked to others than this one. Where somebody else checked the first door, nobody
/// guesses at ours.
fn is_open_to(request: &Request<'_>) -> bool {
    match request.user.password_lock {
        Some(PasswordLock::Strangers) => !request.own_password || !request.stranger,
        Some(PasswordLock::Everybody) | None => false,
    }
}

#[cfg(test)]
mod tests;
