//! The decision who may pass, as a pure function: no clock, no store, no network. Whatever cannot be decided is
//! denied, and every answer carries its reasons.

use std::collections::BTreeSet;

use sallyport_model::{
    PasswordLock, PasswordStatus, User, UserState, id::GroupId, settings::SecondDoorPolicy, signin::Reason,
};

mod device_login;

pub use self::device_login::{EffectiveLogin, Scope};

/// All that a decision may look at.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub user: &'a User,
    /// Every group around the person.
    pub groups: &'a BTreeSet<GroupId>,
    pub second_door: &'a SecondDoorPolicy,
    /// At a device: how people log in there.
    pub device_login: Option<&'a EffectiveLogin>,
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

/// Decides. The strictest rule wins: any reason to deny denies.
#[must_use]
pub fn decide(request: &Request<'_>) -> Decision {
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
    if !against.is_empty() {
        return Decision::Deny(against);
    }
    match waiver(request.user, request.groups, request.second_door, request.device_login) {
        None => Decision::SecondDoor(vec![Reason::PolicyRequiresSecondDoor]),
        Some(reason) => Decision::Allow(vec![reason]),
    }
}

/// Why this person passes without a second door; `None` when they are asked for it.
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
        SecondDoorPolicy::Always => true,
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
