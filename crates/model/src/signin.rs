//! One attempt from first door to decision.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{
    factor::FactorKind,
    id::{AccessRuleId, ApplicationId, DeviceId, FactorId, SignInId, UserId},
    policy::Country,
    time::Time,
};

/// What a person is signing in to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Resource {
    /// The REST API, by a person and not by an API token.
    Api,
    Application {
        application: ApplicationId,
        name: String,
    },
    DeviceLogin {
        device: DeviceId,
        name: String,
        service: String,
    },
    Portal,
}

/// How the first door was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FirstDoor {
    /// A passkey that was found without a name.
    Passkey,
    Password,
    /// A session that was open already and came from another network.
    Session,
    /// Somebody else checked it and says so.
    Vouched {
        by: String,
    },
}

/// How the second door was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondDoor {
    pub factor: FactorId,
    pub kind: FactorKind,
    /// Whether a phone was told the number that the door showed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_number: bool,
    /// The address from which a phone said yes, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The country of that address, if it was known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub country: Option<Country>,
}

impl SecondDoor {
    /// Passed at the door itself.
    #[must_use]
    pub const fn here(factor: FactorId, kind: FactorKind) -> Self {
        Self { factor, kind, by_number: false, source: None, country: None }
    }
}

/// Why a sign-in ended as it did. The order is the order in which the doors stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    UnknownUser,
    UserStaged,
    UserSuspended,
    PasswordPending,
    PasswordWrong,
    PasswordLocked,
    PasswordExpired,
    Throttled,
    NoFactor,
    FactorWrong,
    FactorUsed,
    FactorCopied,
    FactorNotAllowed,
    CodeTexted,
    PolicyAllowsWithout,
    OutsideLoginGroups,
    NewUserAllowed,
    CountryAllows,
    NetworkAllows,
    DeviceRemembered,
    ServerUnreachable,
    PolicyRequiresSecondDoor,
    CountryRequires,
    NetworkRequires,
    AnonymousNetworkRequires,
    PolicyDenies,
    PolicyMissing,
    NewUserDenied,
    CountryDenied,
    NetworkBlocked,
    NetworkNotAuthorized,
    AnonymousNetwork,
    NotBound,
    DeviceNotActive,
    ApplicationDisabled,
    NotPermitted,
    Expired,
    Cancelled,
    BothDoorsPassed,
    VouchedDoorPassed,
    SteppedUp,
    SessionOpen,
    PasskeyPassed,
    AnsweredElsewhere,
    PushUnanswered,
    PushDenied,
    PushNotMe,
    DuoDenied,
    DuoNoName,
    DuoUnreachable,
    /// An access rule finds the first door enough.
    RuleAllows(ByRule),
    /// An access rule asks for the second door.
    RuleRequires(ByRule),
    RuleDenies(ByRule),
    /// An access rule could not be evaluated, which denies.
    RuleFailed(ByRule),
    /// What an access rule in a dry run would have done. It decided nothing.
    RuleTried {
        #[serde(flatten)]
        by: ByRule,
        would: Would,
    },
}

/// The access rule that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ByRule {
    pub rule: AccessRuleId,
    /// Its name at the time.
    pub name: String,
}

impl ByRule {
    fn says(&self, what: &str) -> Cow<'static, str> {
        Cow::Owned(format!("the access rule “{}” {what}", self.name))
    }
}

/// What a rule in a dry run would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Would {
    Allow,
    Deny,
    SecondDoor,
    /// It could not be evaluated.
    Fail,
}

impl Would {
    /// To follow "it would have".
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Allow => "asked for no second door",
            Self::Deny => "denied this",
            Self::SecondDoor => "required a second door",
            Self::Fail => "denied this, for it could not be evaluated",
        }
    }
}

impl Reason {
    /// Whether it is why nobody was asked for the second door, by the word of a policy.
    #[must_use]
    pub const fn spares(&self) -> bool {
        matches!(
            self,
            Self::PolicyAllowsWithout
                | Self::OutsideLoginGroups
                | Self::NewUserAllowed
                | Self::CountryAllows
                | Self::NetworkAllows
                | Self::DeviceRemembered
                | Self::RuleAllows(_)
        )
    }

    /// The word of it, as in JSON; which rule, where it is one, stands beside it there.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownUser => "unknown_user",
            Self::UserStaged => "user_staged",
            Self::UserSuspended => "user_suspended",
            Self::PasswordPending => "password_pending",
            Self::PasswordWrong => "password_wrong",
            Self::PasswordLocked => "password_locked",
            Self::PasswordExpired => "password_expired",
            Self::Throttled => "throttled",
            Self::NoFactor => "no_factor",
            Self::FactorWrong => "factor_wrong",
            Self::FactorUsed => "factor_used",
            Self::FactorCopied => "factor_copied",
            Self::FactorNotAllowed => "factor_not_allowed",
            Self::CodeTexted => "code_texted",
            Self::PolicyAllowsWithout => "policy_allows_without",
            Self::OutsideLoginGroups => "outside_login_groups",
            Self::NewUserAllowed => "new_user_allowed",
            Self::CountryAllows => "country_allows",
            Self::NetworkAllows => "network_allows",
            Self::DeviceRemembered => "device_remembered",
            Self::ServerUnreachable => "server_unreachable",
            Self::PolicyRequiresSecondDoor => "policy_requires_second_door",
            Self::CountryRequires => "country_requires",
            Self::NetworkRequires => "network_requires",
            Self::AnonymousNetworkRequires => "anonymous_network_requires",
            Self::PolicyDenies => "policy_denies",
            Self::PolicyMissing => "policy_missing",
            Self::NewUserDenied => "new_user_denied",
            Self::CountryDenied => "country_denied",
            Self::NetworkBlocked => "network_blocked",
            Self::NetworkNotAuthorized => "network_not_authorized",
            Self::AnonymousNetwork => "anonymous_network",
            Self::NotBound => "not_bound",
            Self::DeviceNotActive => "device_not_active",
            Self::ApplicationDisabled => "application_disabled",
            Self::NotPermitted => "not_permitted",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::BothDoorsPassed => "both_doors_passed",
            Self::VouchedDoorPassed => "vouched_door_passed",
            Self::SteppedUp => "stepped_up",
            Self::SessionOpen => "session_open",
            Self::PasskeyPassed => "passkey_passed",
            Self::AnsweredElsewhere => "answered_elsewhere",
            Self::PushUnanswered => "push_unanswered",
            Self::PushDenied => "push_denied",
            Self::PushNotMe => "push_not_me",
            Self::DuoDenied => "duo_denied",
            Self::DuoNoName => "duo_no_name",
            Self::DuoUnreachable => "duo_unreachable",
            Self::RuleAllows(_) => "rule_allows",
            Self::RuleRequires(_) => "rule_requires",
            Self::RuleDenies(_) => "rule_denies",
            Self::RuleFailed(_) => "rule_failed",
            Self::RuleTried { .. } => "rule_tried",
        }
    }

    /// Whether it keeps somebody out; the others only say how far they came.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        match self {
            Self::UnknownUser
            | Self::UserStaged
            | Self::UserSuspended
            | Self::PasswordPending
            | Self::PasswordWrong
            | Self::PasswordLocked
            | Self::PasswordExpired
            | Self::Throttled
            | Self::NoFactor
            | Self::FactorWrong
            | Self::FactorUsed
            | Self::FactorCopied
            | Self::FactorNotAllowed
            | Self::PolicyDenies
            | Self::PolicyMissing
            | Self::NewUserDenied
            | Self::CountryDenied
            | Self::NetworkBlocked
            | Self::NetworkNotAuthorized
            | Self::AnonymousNetwork
            | Self::NotBound
            | Self::DeviceNotActive
            | Self::ApplicationDisabled
            | Self::NotPermitted
            | Self::Expired
            | Self::Cancelled
            | Self::PushUnanswered
            | Self::PushDenied
            | Self::PushNotMe
            | Self::DuoDenied
            | Self::DuoNoName
            | Self::DuoUnreachable
            | Self::RuleDenies(_)
            | Self::RuleFailed(_) => true,
            Self::CodeTexted
            | Self::PolicyAllowsWithout
            | Self::OutsideLoginGroups
            | Self::NewUserAllowed
            | Self::CountryAllows
            | Self::NetworkAllows
            | Self::DeviceRemembered
            | Self::ServerUnreachable
            | Self::PolicyRequiresSecondDoor
            | Self::CountryRequires
            | Self::NetworkRequires
            | Self::AnonymousNetworkRequires
            | Self::BothDoorsPassed
            | Self::VouchedDoorPassed
            | Self::SteppedUp
            | Self::SessionOpen
            | Self::PasskeyPassed
            | Self::AnsweredElsewhere
            | Self::RuleAllows(_)
            | Self::RuleRequires(_)
            | Self::RuleTried { .. } => false,
        }
    }

    /// The access rule that it speaks of.
    #[must_use]
    pub const fn rule(&self) -> Option<&ByRule> {
        if let Self::RuleAllows(by)
        | Self::RuleRequires(by)
        | Self::RuleDenies(by)
        | Self::RuleFailed(by)
        | Self::RuleTried { by, .. } = self
        {
            Some(by)
        } else {
            None
        }
    }

    /// Whether that was because of where somebody came from, or may have been.
    #[must_use]
    pub const fn spares_by_place(&self) -> bool {
        matches!(self, Self::CountryAllows | Self::NetworkAllows | Self::RuleAllows(_))
    }

    /// For administrators to read. People at the door are told less.
    #[must_use]
    pub fn text(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::RuleAllows(by) => return by.says("asks for no second door"),
            Self::RuleRequires(by) => return by.says("requires a second door"),
            Self::RuleDenies(by) => return by.says("denies it"),
            Self::RuleFailed(by) => return by.says("could not be evaluated, which denies"),
            Self::RuleTried { by, would } => {
                return by.says(&format!("is in a dry run; it would have {}", would.text()));
            }
            Self::UnknownUser => "no user has this name",
            Self::UserStaged => "the user is staged and not yet let in",
            Self::UserSuspended => "the user is suspended",
            Self::PasswordPending => "the user has no password yet",
            Self::PasswordWrong => "wrong password",
            Self::PasswordLocked => "the password is locked",
            Self::PasswordExpired => "the password has expired and was not changed yet",
            Self::Throttled => "too many wrong attempts; held back for a while",
            Self::NoFactor => "the user has no factor for the second door",
            Self::FactorWrong => "wrong code at the second door",
            Self::FactorUsed => "the code was used before",
            Self::CodeTexted => "a code was texted, which is typed at a sign-in of its own",
            Self::FactorCopied => "the passkey has counted backwards, as a copy of it would",
            Self::FactorNotAllowed => "policy does not count this kind of factor here",
            Self::PolicyAllowsWithout => "policy lets this user pass without a second door",
            Self::OutsideLoginGroups => "outside the login settings' groups of this device",
            Self::ServerUnreachable => {
                "the device could not reach the server, and its group lets the password alone open then"
            }
            Self::PolicyRequiresSecondDoor => "policy requires a second door",
            Self::NewUserAllowed => "policy lets users pass who have no factor yet",
            Self::CountryAllows => "policy asks for no second door from this country",
            Self::NetworkAllows => "policy asks for no second door from this network",
            Self::DeviceRemembered => {
                "the second door was passed on this device before, and policy remembers it"
            }
            Self::CountryRequires => "policy requires a second door from this country",
            Self::NetworkRequires => "policy requires a second door from this network",
            Self::AnonymousNetworkRequires => {
                "policy requires a second door from networks that hide who uses them"
            }
            Self::PolicyDenies => "policy lets nobody in here",
            Self::PolicyMissing => "a policy that is applied here does not exist any more",
            Self::NewUserDenied => "the user has no factor, and policy denies users without one",
            Self::CountryDenied => "policy lets nobody in from this country",
            Self::NetworkBlocked => "policy blocks this network",
            Self::NetworkNotAuthorized => "the network is none of those that policy lets in",
            Self::AnonymousNetwork => "the network hides who uses it, and policy lets nobody in from such",
            Self::NotBound => "the user is not bound to this device",
            Self::DeviceNotActive => "the device is not active",
            Self::ApplicationDisabled => "the application is disabled",
            Self::NotPermitted => "the application is not for this user",
            Self::SessionOpen => "the person was signed in already, with all that policy asks for here",
            Self::Expired => "the sign-in took too long",
            Self::Cancelled => "the person gave up",
            Self::BothDoorsPassed => "both doors were passed",
            Self::VouchedDoorPassed => "the first door was vouched for and the second was passed",
            Self::SteppedUp => "the second door was passed once more, for a session that was open",
            Self::AnsweredElsewhere => "the person answered on their phone",
            Self::PushUnanswered => "the request to the phone was not answered in time",
            Self::PushDenied => "the request was denied on the phone",
            Self::PushNotMe => "the person says that it was not them who asked",
            Self::DuoDenied => "Duo did not say that the person passed",
            Self::DuoNoName => "Duo knows people by mail address, and the user has none",
            Self::DuoUnreachable => "Duo could not be asked",
            Self::PasskeyPassed => "a passkey that verified who used it opened both doors",
        })
    }
}

/// Where a sign-in stands. The order is its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SignInState {
    /// A name was given; the first door is not passed.
    FirstDoor,
    /// The first door is passed, the second is open to be tried.
    SecondDoor {
        until: Time,
    },
    Allowed {
        at: Time,
    },
    Denied {
        at: Time,
    },
}

impl SignInState {
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::FirstDoor => "first_door",
            Self::SecondDoor { .. } => "second_door",
            Self::Allowed { .. } => "allowed",
            Self::Denied { .. } => "denied",
        }
    }

    /// Whether it is decided.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        match self {
            Self::FirstDoor | Self::SecondDoor { .. } => false,
            Self::Allowed { .. } | Self::Denied { .. } => true,
        }
    }
}

/// One attempt to sign in, with all that decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub id: SignInId,
    /// The name as it was typed, printable, shortened.
    pub name: String,
    #[serde(default)]
    pub user: Option<UserId>,
    pub resource: Resource,
    /// Address the person came from, if known.
    #[serde(default)]
    pub source: Option<String>,
    /// The country of that address, if it was known then.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub country: Option<Country>,
    /// What asks, as it names itself: a browser, or the machine that an application asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The machine that an application asks for, where it says which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The device of this organisation that the browser had proved to be on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_device: Option<DeviceId>,
    #[serde(flatten)]
    pub state: SignInState,
    #[serde(default)]
    pub first_door: Option<FirstDoor>,
    #[serde(default)]
    pub second_door: Option<SecondDoor>,
    /// What was brought last to the second door, where that is known: a wrong code is of no kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<FactorKind>,
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The person's credential epoch when the first door was passed.
    #[serde(default)]
    pub epoch: i64,
    pub created: Time,
}

/// A step the sign-in cannot take from where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in is {0} and cannot take this step")]
pub struct SignInTransitionError(pub &'static str);

impl SignIn {
    /// Why it was denied: what stood in the way first.
    #[must_use]
    pub fn refusal(&self) -> Option<&Reason> {
        match self.state {
            SignInState::Denied { .. } => self.reasons.iter().find(|reason| reason.refuses()),
            SignInState::FirstDoor | SignInState::SecondDoor { .. } | SignInState::Allowed { .. } => None,
        }
    }

    /// The first door was passed; the second may be tried until `until`.
    ///
    /// # Errors
    /// Unless the sign-in stands before the first door.
    pub fn open_second_door(self, first: FirstDoor, until: Time) -> Result<Self, SignInTransitionError> {
        match self.state {
            SignInState::FirstDoor => {
                Ok(Self { first_door: Some(first), state: SignInState::SecondDoor { until }, ..self })
            }
            SignInState::SecondDoor { .. } | SignInState::Allowed { .. } | SignInState::Denied { .. } => {
                Err(SignInTransitionError(self.state.as_str()))
            }
        }
    }

    /// The sign-in succeeded: the only way to `Allowed`.
    ///
    /// # Errors
    /// Unless the second door was passed in time, or `without_second_door` says why none was needed.
    pub fn allow(
        self,
        passed: Passed,
        reasons: Vec<Reason>,
        now: Time,
    ) -> Result<Self, SignInTransitionError> {
        let state = SignInState::Allowed { at: now };
        match (&self.state, passed) {
            (SignInState::SecondDoor { until }, Passed::SecondDoor(second)) if now <= *until => {
                Ok(Self { second_door: Some(second), state, reasons, ..self })
            }
            (SignInState::SecondDoor { until }, Passed::NoneNeeded) if now <= *until => {
                Ok(Self { state, reasons, ..self })
            }
            (other, _) => Err(SignInTransitionError(other.as_str())),
        }
    }

    /// The sign-in failed, for these reasons.
    ///
    /// # Errors
    /// If it is decided already.
    pub fn deny(self, reasons: Vec<Reason>, now: Time) -> Result<Self, SignInTransitionError> {
        match self.state {
            SignInState::FirstDoor | SignInState::SecondDoor { .. } => {
                Ok(Self { state: SignInState::Denied { at: now }, reasons, ..self })
            }
            SignInState::Allowed { .. } | SignInState::Denied { .. } => {
                Err(SignInTransitionError(self.state.as_str()))
            }
        }
    }
}

/// What opened the last door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    SecondDoor(SecondDoor),
    /// Policy asked for none.
    NoneNeeded,
}
