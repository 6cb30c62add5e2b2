//! Why a sign-in of one's own came out as it did, in plain words. People are told what happened and not by which rule: who
//! has somebody's session learns nothing of policy that helps them round it.

use sallyport_model::signin::{Reason, SignIn};

use super::{Language, Text};

impl Language {
    /// The reasons of a sign-in, for whoever it was of.
    pub(crate) fn whys(self, sign_in: &SignIn) -> Vec<Text> {
        let mut said = Vec::new();
        for why in sign_in.reasons.iter().filter_map(|reason| self.why(reason)) {
            if !said.contains(&why) {
                said.push(why);
            }
        }
        said
    }

    fn why(self, reason: &Reason) -> Option<Text> {
        Some(match reason {
            Reason::AnsweredElsewhere => self.why_answered_elsewhere(),
            Reason::BothDoorsPassed | Reason::VouchedDoorPassed => self.why_both_doors(),
            Reason::Cancelled => self.why_gave_up(),
            Reason::CodeTexted => self.why_code_texted(),
            Reason::CountryAllows
            | Reason::NetworkAllows
            | Reason::NewUserAllowed
            | Reason::OutsideLoginGroups
            | Reason::PolicyAllowsWithout
            | Reason::RuleAllows(_) => self.why_spared(),
            Reason::DeviceRemembered => self.why_remembered(),
            Reason::DuoDenied => self.why_duo_no(),
            Reason::DuoNoName | Reason::DuoUnreachable => self.why_duo_down(),
            Reason::Expired => self.why_too_long(),
            Reason::FactorCopied => self.why_passkey_copied(),
            Reason::FactorNotAllowed => self.why_factor_not_here(),
            Reason::FactorUsed => self.why_code_used(),
            Reason::FactorWrong => self.why_second_door_wrong(),
            Reason::NewUserDenied | Reason::NoFactor => self.why_no_factor(),
            Reason::PasskeyPassed => self.why_passkey(),
            Reason::PasswordExpired => self.why_password_expired(),
            Reason::PasswordLocked => self.why_password_locked(),
            Reason::PasswordPending => self.why_password_pending(),
            Reason::PasswordWrong => self.why_password_wrong(),
            Reason::PushDenied => self.why_said_no(),
            Reason::PushNotMe => self.why_not_me(),
            Reason::PushUnanswered => self.why_unanswered(),
            Reason::ServerUnreachable => self.why_offline(),
            Reason::SessionOpen => self.why_session_open(),
            Reason::SteppedUp => self.why_stepped_up(),
            Reason::Throttled => self.why_held(),
            Reason::UnknownUser | Reason::UserStaged | Reason::UserSuspended => self.why_not_active(),
            Reason::AnonymousNetworkRequires
            | Reason::CountryRequires
            | Reason::NetworkRequires
            | Reason::PolicyRequiresSecondDoor
            | Reason::RuleRequires(_) => self.why_second_door_asked(),
            Reason::AnonymousNetwork
            | Reason::CountryDenied
            | Reason::NetworkBlocked
            | Reason::NetworkNotAuthorized => self.why_not_from_there(),
            Reason::ApplicationDisabled
            | Reason::NotPermitted
            | Reason::DeviceNotActive
            | Reason::NotBound
            | Reason::PolicyDenies
            | Reason::PolicyMissing
            | Reason::RuleDenies(_)
            | Reason::RuleFailed(_) => self.why_not_there(),
            // It decided nothing, and is nobody's but administrators'.
            Reason::RuleTried { .. } => return None,
        })
    }
}
