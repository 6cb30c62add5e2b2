//! What we know about sign-ins and changes, in the vocabulary of the protocol's logs.

use sallyport_model::{
    ChangeKind, Factor, FactorKind, HardwareToken, HardwareTokenKind, Proof,
    signin::{Reason, SecondDoor, SignIn, SignInState},
};
use sallyport_store::Reader;

use crate::AppError;

/// How a sign-in ended, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::duo) struct End {
    pub(in crate::duo) result: &'static str,
    pub(in crate::duo) reason: &'static str,
}

/// The end of a sign-in that nobody can continue.
pub(in crate::duo) fn end(sign_in: &SignIn) -> End {
    let because = |result, otherwise| {
        let reason = sign_in.reasons.iter().find_map(|reason| word(reason));
        End { result, reason: reason.unwrap_or(otherwise) }
    };
    match &sign_in.state {
        SignInState::Allowed { .. } => match &sign_in.second_door {
            Some(passed) => End { result: "success", reason: passed_by(passed.kind, &sign_in.reasons) },
            None => End { result: "success", reason: spared_by(&sign_in.reasons) },
        },
        SignInState::Denied { .. } if sign_in.reasons.contains(&Reason::PushNotMe) => {
            because("fraud", "error")
        }
        SignInState::Denied { .. } if is_of_the_first_door(&sign_in.reasons) => because("failure", "error"),
        SignInState::Denied { .. } => because("denied", "denied_by_policy"),
        // The door stood open until it closed by itself.
        SignInState::FirstDoor | SignInState::SecondDoor { .. } => because("denied", "no_response"),
    }
}

/// Whether a sign-in came to nothing before any factor was asked for, for the sake of a password.
fn is_of_the_first_door(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| {
        matches!(reason, Reason::PasswordPending | Reason::PasswordWrong | Reason::PasswordExpired)
    })
}

/// Why a second door that was passed opened.
fn passed_by(kind: FactorKind, reasons: &[Reason]) -> &'static str {
    match kind {
        FactorKind::Duo | FactorKind::Passkey | FactorKind::Push => "user_approved",
        FactorKind::Phone if is_answered_elsewhere(reasons) => "user_approved",
        FactorKind::BypassCode
        | FactorKind::HardwareToken
        | FactorKind::Mail
        | FactorKind::Phone
        | FactorKind::Totp => "valid_passcode",
    }
}

/// Why no second door was asked for.
fn spared_by(reasons: &[Reason]) -> &'static str {
    let words = [
        (Reason::NewUserAllowed, "allow_unenrolled_user"),
        (Reason::CountryAllows, "trusted_location"),
        (Reason::NetworkAllows, "trusted_network"),
        (Reason::DeviceRemembered, "remembered_device"),
    ];
    let said = words.into_iter().find(|(reason, _)| reasons.contains(reason));
    said.map_or("allowed_by_policy", |(_, word)| word)
}

fn is_answered_elsewhere(reasons: &[Reason]) -> bool {
    reasons.contains(&Reason::AnsweredElsewhere)
}

/// The protocol's word for a reason to refuse; none for those that say how far somebody came.
const fn word(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::UnknownUser | Reason::NoFactor => Some("deny_unenrolled_user"),
        Reason::UserStaged | Reason::UserSuspended => Some("user_disabled"),
        Reason::PasswordPending | Reason::PasswordWrong | Reason::PasswordExpired => Some("error"),
        Reason::PasswordLocked | Reason::Throttled => Some("locked_out"),
        Reason::FactorWrong | Reason::FactorUsed => Some("invalid_passcode"),
        Reason::FactorCopied => Some("invalid_device"),
        Reason::FactorNotAllowed => Some("factor_restricted"),
        Reason::Expired | Reason::PushUnanswered => Some("no_response"),
        Reason::Cancelled | Reason::PushDenied => Some("user_cancelled"),
        Reason::PushNotMe => Some("user_marked_fraud"),
        Reason::DuoDenied => Some("denied_by_policy"),
        Reason::DuoNoName | Reason::DuoUnreachable => Some("error"),
        Reason::NotBound | Reason::DeviceNotActive | Reason::ApplicationDisabled | Reason::NotPermitted => {
            Some("denied_by_policy")
        }
        Reason::PolicyDenies | Reason::PolicyMissing => Some("denied_by_policy"),
        // The protocol has no word of its own for networks.
        Reason::NetworkBlocked | Reason::NetworkNotAuthorized => Some("denied_by_policy"),
        Reason::NewUserDenied => Some("deny_unenrolled_user"),
        Reason::CountryDenied => Some("location_restricted"),
        Reason::AnonymousNetwork => Some("anonymous_ip"),
        Reason::RuleDenies(_) | Reason::RuleFailed(_) => Some("denied_by_policy"),
        Reason::RuleAllows(_)
        | Reason::RuleRequires(_)
        | Reason::RuleTried { .. }
        | Reason::PolicyAllowsWithout
        | Reason::OutsideLoginGroups
        | Reason::NewUserAllowed
        | Reason::CountryAllows
        | Reason::NetworkAllows
        | Reason::DeviceRemembered
        | Reason::CountryRequires
        | Reason::NetworkRequires
        | Reason::AnonymousNetworkRequires
        | Reason::ServerUnreachable
        | Reason::PolicyRequiresSecondDoor
        | Reason::BothDoorsPassed
        | Reason::VouchedDoorPassed
        | Reason::SessionOpen
        | Reason::SteppedUp
        | Reason::AnsweredElsewhere
        | Reason::CodeTexted
        | Reason::PasskeyPassed => None,
    }
}

/// With what the second door was passed, or tried last.
pub(in crate::duo) fn factor_of(reader: &mut Reader, sign_in: &SignIn) -> Result<&'static str, AppError> {
    let reasons = sign_in.reasons.as_slice();
    Ok(match (&sign_in.second_door, sign_in.tried) {
        (Some(passed), _) if is_of_a_yubikey(reader, passed)? => "yubikey_code",
        (Some(passed), _) if passed.kind == FactorKind::Push && passed.by_number => "verified_duo_push",
        (Some(passed), _) => factor(passed.kind, reasons),
        // A text is asked for and typed at another sign-in, so what was tried of a phone was a call.
        (None, Some(FactorKind::Phone)) => "phone_call",
        (None, Some(kind)) => factor(kind, reasons),
        (None, None) if reasons.contains(&Reason::CodeTexted) => "sms_refresh",
        (None, None) if reasons.contains(&Reason::DeviceRemembered) => "remembered_device",
        (None, None) if reasons.contains(&Reason::NetworkAllows) => "trusted_network",
        (None, None) => {
            let is_code = |reason: &Reason| matches!(reason, Reason::FactorUsed | Reason::FactorWrong);
            if reasons.iter().any(is_code) { "passcode" } else { "not_available" }
        }
    })
}

/// Whether this is a token that types letters, as long as it is somebody's.
fn is_of_a_yubikey(reader: &mut Reader, passed: &SecondDoor) -> Result<bool, AppError> {
    if passed.kind != FactorKind::HardwareToken {
        return Ok(false);
    }
    let token = reader.find::<Factor>(passed.factor)?.and_then(|factor| factor.token());
    let token = match token {
        Some(token) => reader.find::<HardwareToken>(token)?,
        None => None,
    };
    Ok(token.is_some_and(|token| token.kind == HardwareTokenKind::Yubikey))
}

/// What somebody can be asked by from now on.
pub(super) fn enrolled(factor: &Factor) -> &'static str {
    match factor.proof {
        Proof::Phone { texts: false, .. } => "phone_call",
        Proof::BypassCode { .. }
        | Proof::Duo
        | Proof::HardwareToken { .. }
        | Proof::Mail { .. }
        | Proof::Passkey { .. }
        | Proof::Phone { .. }
        | Proof::Push { .. }
        | Proof::Totp => self::factor(factor.kind(), &[]),
    }
}

fn factor(kind: FactorKind, reasons: &[Reason]) -> &'static str {
    match kind {
        FactorKind::BypassCode => "bypass_code",
        // What it was that Duo asked for, Duo knows.
        FactorKind::Duo => "not_available",
        FactorKind::HardwareToken => "hardware_token",
        // The protocol has no word for mail.
        FactorKind::Mail => "sms_passcode",
        FactorKind::Passkey => "security_key",
        FactorKind::Phone if is_answered_elsewhere(reasons) => "phone_call",
        FactorKind::Phone => "sms_passcode",
        FactorKind::Push => "duo_push",
        FactorKind::Totp => "passcode",
    }
}

/// What was done, such as `user_create`; nouns that the protocol has no word for keep ours.
pub(super) fn action(noun: &str, kind: ChangeKind) -> String {
    let noun = match noun {
        "application" => "integration",
        "hardware_token" => "hardtoken",
        "settings" => "customer",
        other => other,
    };
    let done = match kind {
        ChangeKind::Created => "create",
        ChangeKind::Updated => "update",
        ChangeKind::Deleted => "delete",
    };
    format!("{noun}_{done}")
}
