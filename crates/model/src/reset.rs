//! A reset: somebody gives another person a way through the doors, or takes theirs away, although that person has proved
//! themselves here before. It is asked for, told to the person, and done once it was cleared.

use serde::{Deserialize, Serialize};

use crate::{
    access::{Action, Role},
    change::Actor,
    factor::FactorKind,
    id::{FactorId, HardwareTokenId, ResetId, UserId},
    phone::PhoneNumber,
    time::{Span, Time},
};

/// What may be reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ResetKind {
    AddPhone,
    /// Other mail addresses: what is told and asked by mail follows them.
    Addresses,
    AssignToken,
    BypassCodes,
    /// A code, or a link that is sent.
    EnrollmentCode,
    Password,
    /// Of a phone that asks: its page makes another key.
    Reactivate,
    RemoveFactor,
    /// Of a password that somebody locked, or of a phone whose owner said that it was not them.
    Unlock,
}

impl ResetKind {
    /// The usual first.
    pub const ALL: [Self; 9] = [
        Self::EnrollmentCode,
        Self::BypassCodes,
        Self::Password,
        Self::Reactivate,
        Self::RemoveFactor,
        Self::Unlock,
        Self::AddPhone,
        Self::AssignToken,
        Self::Addresses,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddPhone => "add_phone",
            Self::Addresses => "addresses",
            Self::AssignToken => "assign_token",
            Self::BypassCodes => "bypass_codes",
            Self::EnrollmentCode => "enrollment_code",
            Self::Password => "password",
            Self::Reactivate => "reactivate",
            Self::RemoveFactor => "remove_factor",
            Self::Unlock => "unlock",
        }
    }

    /// For people to read.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::AddPhone => "a phone for codes",
            Self::Addresses => "other mail addresses",
            Self::AssignToken => "a hardware token",
            Self::BypassCodes => "bypass codes",
            Self::EnrollmentCode => "an enrolment code or link",
            Self::Password => "a new password",
            Self::Reactivate => "a phone set up anew",
            Self::RemoveFactor => "removal of a factor",
            Self::Unlock => "unlocking",
        }
    }

    /// The right that it takes.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Addresses => Action::UpdateUser,
            Self::Password | Self::Unlock => Action::SetPassword,
            Self::AddPhone
            | Self::AssignToken
            | Self::BypassCodes
            | Self::EnrollmentCode
            | Self::Reactivate
            | Self::RemoveFactor => Action::ManageFactors,
        }
    }
}

/// What exactly is reset: whoever clears it clears this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ResetOf {
    AddPhone {
        number: PhoneNumber,
    },
    /// These, in this order, in the place of all there were.
    Addresses {
        mails: Vec<String>,
    },
    AssignToken {
        token: HardwareTokenId,
    },
    BypassCodes,
    EnrollmentCode,
    Password,
    Reactivate {
        factor: FactorId,
    },
    RemoveFactor {
        factor: FactorId,
    },
    Unlock,
}

impl ResetOf {
    #[must_use]
    pub const fn kind(&self) -> ResetKind {
        match self {
            Self::AddPhone { .. } => ResetKind::AddPhone,
            Self::Addresses { .. } => ResetKind::Addresses,
            Self::AssignToken { .. } => ResetKind::AssignToken,
            Self::BypassCodes => ResetKind::BypassCodes,
            Self::EnrollmentCode => ResetKind::EnrollmentCode,
            Self::Password => ResetKind::Password,
            Self::Reactivate { .. } => ResetKind::Reactivate,
            Self::RemoveFactor { .. } => ResetKind::RemoveFactor,
            Self::Unlock => ResetKind::Unlock,
        }
    }
}

/// By what a reset was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Clearance {
    /// The person answered over a factor of theirs.
    CallBack { factor: FactorId, factor_kind: FactorKind },
    /// Somebody else with the right approved it.
    SecondPerson { who: Actor },
    /// Nobody stopped it for a day.
    Wait,
}

/// How far a reset has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ResetState {
    /// For a second person, or for the person themselves to be called back.
    Waiting {
        until: Time,
    },
    /// The person has a role: it can be done from then on, unless somebody stops it.
    Held {
        from: Time,
        until: Time,
    },
    /// Whoever asked may do it, once.
    Cleared {
        by: Clearance,
        until: Time,
    },
    Done {
        by: Clearance,
        at: Time,
    },
    /// Somebody stopped it.
    Refused {
        by: Actor,
        at: Time,
    },
    Expired {
        at: Time,
    },
}

impl ResetState {
    pub const ALL: [&str; 6] = ["waiting", "held", "cleared", "done", "refused", "expired"];
    /// Those that something can still become of.
    pub const OPEN: [&str; 3] = ["waiting", "held", "cleared"];

    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Held { .. } => "held",
            Self::Cleared { .. } => "cleared",
            Self::Done { .. } => "done",
            Self::Refused { .. } => "refused",
            Self::Expired { .. } => "expired",
        }
    }

    /// Until when something can still become of it; none where it is over.
    #[must_use]
    pub const fn until(&self) -> Option<Time> {
        match self {
            Self::Waiting { until } | Self::Held { until, .. } | Self::Cleared { until, .. } => Some(*until),
            Self::Done { .. } | Self::Refused { .. } | Self::Expired { .. } => None,
        }
    }
}

/// A reset that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reset {
    pub id: ResetId,
    /// Whom it concerns.
    pub user: UserId,
    /// Their name at the time.
    pub user_name: String,
    pub what: ResetOf,
    /// The factor, number, token or addresses that are meant, for people to read; empty where there is none.
    #[serde(default)]
    pub detail: String,
    /// Why, in the words of whoever asked.
    pub reason: String,
    pub author: Actor,
    #[serde(flatten)]
    pub state: ResetState,
    pub created: Time,
}

/// A step that a reset cannot take any more, or not yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this reset is {state} and cannot be {wanted}")]
pub struct ResetTransitionError {
    pub state: &'static str,
    pub wanted: &'static str,
}

impl Reset {
    /// So long a second person has, and so long whoever asked may do what waited for a day.
    pub const DAY: Span = Span::days(1);
    /// So long a person's own answer counts.
    pub const AFTER_CALL_BACK: Span = Span::minutes(10);
    /// So long a second person's word counts.
    pub const AFTER_APPROVAL: Span = Span::hours(8);
    pub const LONGEST_REASON: usize = 300;

    /// The same as it is now: what nothing became of in time has expired.
    #[must_use]
    pub fn as_of(self, now: Time) -> Self {
        match self.state.until() {
            Some(until) if until < now => Self { state: ResetState::Expired { at: until }, ..self },
            Some(_) | None => self,
        }
    }

    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        self.state.until().is_some_and(|until| until >= now)
    }

    /// Lets whoever asked do it.
    ///
    /// # Errors
    /// Unless it waits for that.
    pub fn clear(self, by: Clearance, now: Time) -> Result<Self, ResetTransitionError> {
        let life = match by {
            Clearance::CallBack { .. } => Self::AFTER_CALL_BACK,
            Clearance::SecondPerson { .. } | Clearance::Wait => Self::AFTER_APPROVAL,
        };
        let state = self.clone().as_of(now).state;
        if !matches!(state, ResetState::Waiting { .. }) {
            return Err(ResetTransitionError { state: state.as_str(), wanted: "approved" });
        }
        Ok(Self { state: ResetState::Cleared { by, until: now.plus(life) }, ..self })
    }

    /// It is being done.
    ///
    /// # Errors
    /// Unless it was cleared, or has waited for its day.
    pub fn carry_out(self, now: Time) -> Result<Self, ResetTransitionError> {
        let by = match self.clone().as_of(now).state {
            ResetState::Cleared { by, .. } => by,
            ResetState::Held { from, .. } if from <= now => Clearance::Wait,
            other @ (ResetState::Done { .. }
            | ResetState::Expired { .. }
            | ResetState::Held { .. }
            | ResetState::Refused { .. }
            | ResetState::Waiting { .. }) => {
                return Err(ResetTransitionError { state: other.as_str(), wanted: "done" });
            }
        };
        Ok(Self { state: ResetState::Done { by, at: now }, ..self })
    }

    /// Somebody stops it.
    ///
    /// # Errors
    /// It is over.
    pub fn refuse(self, by: Actor, now: Time) -> Result<Self, ResetTransitionError> {
        let state = self.clone().as_of(now).state;
        if state.until().is_none() {
            return Err(ResetTransitionError { state: state.as_str(), wanted: "stopped" });
        }
        Ok(Self { state: ResetState::Refused { by, at: now }, ..self })
    }
}

/// What the organisation decided about resets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RecoverySettings {
    /// Whether help desk resets people who proved themselves before without calling them back and without a second person.
    pub help_desk_alone: bool,
}

impl Role {
    /// Whether somebody with this role resets people without another's word. They still wait for a day where the person has a
    /// role.
    #[must_use]
    pub const fn resets_alone(self) -> bool {
        match self {
            Self::Administrator | Self::Owner => true,
            Self::Auditor | Self::CommandRunner | Self::HelpDesk => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Time = Time(1_000_000_000_000);

    fn reset(state: ResetState) -> Reset {
        Reset {
            id: ResetId::new(Uuid::from_u128(1)),
            user: UserId::new(Uuid::from_u128(2)),
            user_name: "ada".into(),
            what: ResetOf::BypassCodes,
            detail: String::new(),
            reason: "phone lost".into(),
            author: Actor::LocalAdmin,
            state,
            created: NOW,
        }
    }

    fn second_person() -> Clearance {
        Clearance::SecondPerson { who: Actor::LocalAdmin }
    }

    #[test]
    fn a_reset_is_done_once_after_it_was_cleared_in_time() {
        let waiting = reset(ResetState::Waiting { until: NOW.plus(Reset::DAY) });
        assert!(waiting.clone().carry_out(NOW).is_err());
        let cleared = waiting.clone().clear(second_person(), NOW).unwrap();
        assert!(cleared.clone().clear(second_person(), NOW).is_err());
        let done = cleared.clone().carry_out(NOW.plus(Reset::AFTER_APPROVAL)).unwrap();
        assert!(done.clone().carry_out(NOW).is_err() && done.refuse(Actor::LocalAdmin, NOW).is_err());
        let late = NOW.plus(Reset::AFTER_APPROVAL).plus(Span(1));
        assert!(cleared.clone().carry_out(late).is_err() && cleared.refuse(Actor::LocalAdmin, late).is_err());
        assert!(waiting.clone().clear(second_person(), NOW.plus(Reset::DAY).plus(Span(1))).is_err());
        assert!(waiting.refuse(Actor::LocalAdmin, NOW).unwrap().clear(second_person(), NOW).is_err());
    }

    #[test]
    fn what_is_held_cannot_be_cleared_and_is_done_between_one_day_and_two() {
        let (from, until) = (NOW.plus(Reset::DAY), NOW.plus(Reset::DAY).plus(Reset::DAY));
        let held = reset(ResetState::Held { from, until });
        assert!(held.clone().clear(second_person(), from).is_err());
        assert!(held.clone().carry_out(from.minus(Span(1))).is_err());
        assert!(held.clone().carry_out(from).is_ok() && held.clone().carry_out(until).is_ok());
        assert!(held.carry_out(until.plus(Span(1))).is_err());
    }
}
