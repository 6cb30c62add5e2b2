//! Configured exchanges with other systems: for now, people, groups and phones kept in step in an account at Duo.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ConnectorId, ExportRunId, GroupId},
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConnectorKind {
    /// Keeps an account at Duo in step, by its Admin API.
    DuoExport,
}

impl ConnectorKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuoExport => "duo-export",
        }
    }
}

/// Who is exported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum ExportedPeople {
    #[default]
    All,
    /// Members of these groups of users, directly or through other groups.
    Groups { groups: Vec<GroupId> },
}

/// By which name a person is known there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UsernameSource {
    /// The first mail address.
    Mail,
    #[default]
    Name,
}

impl UsernameSource {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Name => "name",
        }
    }
}

/// What becomes of those who are exported no longer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Leavers {
    #[default]
    Disable,
    /// Disabled and then put into the trash, where Duo keeps them for a week.
    Trash,
}

impl Leavers {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Trash => "trash",
        }
    }
}

/// How many people may be shut out, or made, before a run waits for somebody's word: the greater of the two holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brake {
    pub people: u32,
    /// Of those the connector manages.
    pub percent: u32,
}

impl Default for Brake {
    fn default() -> Self {
        Self { people: 10, percent: 5 }
    }
}

impl Brake {
    /// The most of a connector that manages so many.
    #[must_use]
    pub fn most(self, managed: usize) -> usize {
        let share = managed.saturating_mul(usize::try_from(self.percent).unwrap_or(0)) / 100;
        share.max(usize::try_from(self.people).unwrap_or(usize::MAX))
    }
}

/// A configured exchange. Its secret key is kept apart, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connector {
    pub id: ConnectorId,
    pub name: String,
    pub kind: ConnectorKind,
    /// Host name of the account's Admin API, with a port if it is not 443.
    pub host: String,
    /// Integration key of the application of the Admin API there.
    pub ikey: String,
    /// One that is off writes nothing; what it made there stays.
    pub enabled: bool,
    pub people: ExportedPeople,
    /// Groups of users that are kept there too, with those of their members who are exported.
    pub groups: Vec<GroupId>,
    pub username: UsernameSource,
    /// Whether the phones in people's records are kept there.
    pub phones: bool,
    /// Whether a user or group that is there already under the same name becomes ours.
    pub take_over: bool,
    pub leavers: Leavers,
    pub brake: Brake,
    pub created: Time,
}

impl Connector {
    /// Most groups that one connector knows.
    pub const MOST_GROUPS: usize = 400;

    /// Whether a secret meant for `self` would go to somebody else under `after`.
    #[must_use]
    pub fn is_elsewhere_than(&self, after: &Self) -> bool {
        !self.host.eq_ignore_ascii_case(&after.host) || self.ikey != after.ikey
    }
}

/// What set a run going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportRunKind {
    /// Changes in the directory; only those they reached are looked at.
    Changes,
    /// Everybody is compared.
    Full,
    /// Everybody is compared, and nothing written.
    Preview,
}

impl ExportRunKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changes => "changes",
            Self::Full => "full",
            Self::Preview => "preview",
        }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportRunState {
    Running,
    Done,
    /// It could not go on; the reason says why.
    Failed,
    /// The brake holds it: it changed nothing and waits for an administrator.
    Held,
    /// The server or the connector was stopped in between.
    Interrupted,
    /// It was only to be seen.
    Previewed,
    /// An administrator let it go; what it meant to do is done by the next run.
    Released,
}

impl ExportRunState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Interrupted => "interrupted",
            Self::Previewed => "previewed",
            Self::Released => "released",
        }
    }

    /// Whether an administrator can let what it meant to do be done.
    #[must_use]
    pub const fn can_be_released(self) -> bool {
        match self {
            Self::Held | Self::Previewed => true,
            Self::Running | Self::Done | Self::Failed | Self::Interrupted | Self::Released => false,
        }
    }
}

/// What a step of a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportStepKind {
    Conflict,
    Create,
    Disable,
    Enable,
    Group,
    Membership,
    Phone,
    Rename,
    Restore,
    TakeOver,
    Trash,
    Update,
}

impl ExportStepKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Create => "create",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Group => "group",
            Self::Membership => "membership",
            Self::Phone => "phone",
            Self::Rename => "rename",
            Self::Restore => "restore",
            Self::TakeOver => "take_over",
            Self::Trash => "trash",
            Self::Update => "update",
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ExportOutcome {
    Done,
    Failed {
        why: String,
    },
    /// Not done, or not yet.
    Planned,
}

/// One step of a run, for one person or group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportStep {
    /// Id of the person or group here.
    pub subject: String,
    pub label: String,
    pub kind: ExportStepKind,
    /// What is done, in words.
    pub text: String,
    /// Whether it puts right what somebody changed there.
    pub corrects: bool,
    #[serde(flatten)]
    pub outcome: ExportOutcome,
}

/// How many steps of a run there were, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportCounts {
    pub planned: u32,
    pub done: u32,
    pub failed: u32,
    pub conflicts: u32,
    /// People who were, or would be, made or taken over.
    pub made: u32,
    /// People who were, or would be, disabled or put into the trash.
    pub ended: u32,
}

/// One run of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportRun {
    pub id: ExportRunId,
    pub connector: ConnectorId,
    pub kind: ExportRunKind,
    /// Who asked for it, if somebody did, for people to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub state: ExportRunState,
    pub started: Time,
    pub ended: Option<Time>,
    /// Why it failed, or what holds it.
    pub reason: String,
    pub counts: ExportCounts,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brake_is_the_greater_of_people_and_percent() {
        let brake = Brake { people: 10, percent: 5 };
        assert_eq!(brake.most(0), 10);
        assert_eq!(brake.most(200), 10);
        assert_eq!(brake.most(1000), 50);
        assert_eq!(Brake { people: 0, percent: 0 }.most(1000), 0);
    }
}
