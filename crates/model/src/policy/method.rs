//! The ways to pass the second door, and the organisation's list of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    factor::{FactorKind, Proof},
    id::GroupId,
};

/// A way to pass the second door, as people choose among them. A phone number is two: texts and calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Push,
    Passkey,
    Totp,
    HardwareToken,
    Text,
    Call,
    /// To the mail address of record. Off until somebody switches it on.
    Mail,
    /// A service of somebody else's, asked where a browser stands on a page of the portal.
    Duo,
    BypassCode,
}

impl Method {
    /// In the order in which they are offered where nobody says otherwise.
    pub const ALL: [Self; 9] = [
        Self::Push,
        Self::Passkey,
        Self::Totp,
        Self::HardwareToken,
        Self::Text,
        Self::Call,
        Self::Mail,
        Self::Duo,
        Self::BypassCode,
    ];

    /// Whether it is on where nobody says otherwise: all that is this house's own, and needs no mailbox.
    #[must_use]
    pub const fn is_on_by_itself(self) -> bool {
        match self {
            Self::Duo | Self::Mail => false,
            Self::Push
            | Self::Passkey
            | Self::Totp
            | Self::HardwareToken
            | Self::Text
            | Self::Call
            | Self::BypassCode => true,
        }
    }

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::HardwareToken => "hardware_token",
            Self::Text => "text",
            Self::Call => "call",
            Self::Mail => "mail",
            Self::Duo => "duo",
            Self::BypassCode => "bypass_code",
        }
    }

    /// What administrators call it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Push => "Push to a phone",
            Self::Passkey => "Passkeys and security keys",
            Self::Totp => "Authenticator app",
            Self::HardwareToken => "Hardware token",
            Self::Text => "Text message",
            Self::Call => "Phone call",
            Self::Mail => "Mail",
            Self::Duo => "Duo",
            Self::BypassCode => "Bypass code of an administrator",
        }
    }

    /// What it is worth, for those who choose.
    #[must_use]
    pub const fn note(self) -> &'static str {
        match self {
            Self::Push => "The person types a number that the door shows. Needs the page of a phone.",
            Self::Passkey => "Cannot be phished. The strongest there is.",
            Self::Totp => "Six digits of an app. Can be phished.",
            Self::HardwareToken => "Digits of a device that you import. Can be phished.",
            Self::Text => "Restricted: whoever takes over a number reads along. Never for administrators.",
            Self::Call => "Restricted: whoever takes over a number answers. Never for administrators.",
            Self::Mail => {
                "Restricted: whoever reads the mailbox passes, often with the same password. Never for administrators."
            }
            Self::Duo => {
                "Whatever Duo asks for, in its own prompt. Nobody enrols anything here. At the portal alone."
            }
            Self::BypassCode => "For who has lost everything else. Without it, recovery is a new enrolment.",
        }
    }

    /// The ways that a factor of this kind opens the door.
    #[must_use]
    pub const fn of_kind(kind: FactorKind) -> &'static [Self] {
        match kind {
            FactorKind::BypassCode => &[Self::BypassCode],
            FactorKind::Duo => &[Self::Duo],
            FactorKind::HardwareToken => &[Self::HardwareToken],
            FactorKind::Mail => &[Self::Mail],
            FactorKind::Passkey => &[Self::Passkey],
            FactorKind::Phone => &[Self::Text, Self::Call],
            FactorKind::Push => &[Self::Push],
            FactorKind::Totp => &[Self::Totp],
        }
    }

    /// The ways that this factor opens the door: a phone by what it may be used for.
    #[must_use]
    pub const fn of(proof: &Proof) -> &'static [Self] {
        match proof {
            Proof::Phone { texts: true, calls: false, .. } => &[Self::Text],
            Proof::Phone { texts: false, calls: true, .. } => &[Self::Call],
            Proof::BypassCode { .. }
            | Proof::Duo
            | Proof::HardwareToken { .. }
            | Proof::Mail { .. }
            | Proof::Passkey { .. }
            | Proof::Phone { .. }
            | Proof::Push { .. }
            | Proof::Totp => Self::of_kind(proof.kind()),
        }
    }
}

/// A row of the organisation's list of methods, whose order is the order in which they are offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MethodRow {
    pub method: Method,
    pub on: bool,
    /// For whom it is on: members of these groups of users. With none named, everybody.
    #[serde(default)]
    pub groups: Vec<GroupId>,
}

impl MethodRow {
    /// The whole list: the rows that are there in their order, and behind them those that nobody has spoken of. Of these
    /// mail is off: it is worth no more than the mailbox.
    #[must_use]
    pub fn complete(rows: &[Self]) -> Vec<Self> {
        let named = |method: &Method| rows.iter().any(|row| row.method == *method);
        let rest = Method::ALL.into_iter().filter(|method| !named(method));
        let rest = rest.map(|method| Self { method, on: method.is_on_by_itself(), groups: Vec::new() });
        rows.iter().cloned().chain(rest).collect()
    }

    /// Whether somebody who is in these groups has it.
    #[must_use]
    pub fn is_for(&self, groups: &BTreeSet<GroupId>) -> bool {
        self.on && (self.groups.is_empty() || self.groups.iter().any(|group| groups.contains(group)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_spoke_of_is_offered_last_and_is_on() {
        let rows = [
            MethodRow { method: Method::Totp, on: true, groups: Vec::new() },
            MethodRow { method: Method::Push, on: false, groups: Vec::new() },
        ];
        let complete = MethodRow::complete(&rows);
        assert_eq!(complete.len(), Method::ALL.len());
        assert_eq!((complete[0].method, complete[1].method), (Method::Totp, Method::Push));
        assert!(complete[2..].iter().all(|row| row.on == row.method.is_on_by_itself()));
        assert!(!complete[1].is_for(&BTreeSet::new()));
    }

    #[test]
    fn a_method_may_be_for_some_groups_only() {
        let group = GroupId::new(uuid::Uuid::from_u128(1));
        let row = MethodRow { method: Method::Text, on: true, groups: vec![group] };
        assert!(row.is_for(&BTreeSet::from([group])) && !row.is_for(&BTreeSet::new()));
    }
}
