//! The steps of a plan: whom they are about, what they are, in which order they come, and which of them the brake counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sallyport_model::{
    connector::{ExportStep, ExportStepKind},
    id::{GroupId, UserId},
};
use sallyport_wire::duo::admin::client::RemoteId;

/// Whom or what a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Subject {
    Group(GroupId),
    User(UserId),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
        }
    }
}

/// What is done at the service, or noted here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    AddPhone {
        number: String,
    },
    Conflict {
        why: String,
    },
    Create {
        username: String,
        realname: String,
        email: String,
        aliases: Vec<String>,
    },
    CreateGroup {
        name: String,
        desc: String,
    },
    Disable {
        remote: RemoteId,
    },
    Enable {
        remote: RemoteId,
    },
    /// What is not there and not wanted is forgotten here.
    Forget,
    /// What we made and did not hear of.
    Found {
        remote: RemoteId,
    },
    Join {
        group: GroupId,
        name: String,
    },
    Leave {
        group: GroupId,
        name: String,
    },
    RemovePhone {
        number: String,
        phone: RemoteId,
    },
    Rename {
        remote: RemoteId,
        from: String,
        to: String,
        renamed: Aliases,
        kept: Aliases,
    },
    Restore {
        remote: RemoteId,
    },
    TakeOver {
        remote: RemoteId,
    },
    TakeOverGroup {
        remote: RemoteId,
    },
    /// Disabled before that, for whoever lies in the trash may still sign in there.
    Trash {
        remote: RemoteId,
        is_disabled: bool,
    },
    Update {
        remote: RemoteId,
        realname: Option<String>,
        email: Option<String>,
        aliases: Aliases,
    },
    UpdateGroup {
        remote: RemoteId,
        name: String,
        desc: String,
    },
}

/// Aliases after a change: all places, freed ones empty; and which of them are ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Aliases {
    /// None where nothing changes.
    pub(crate) places: Option<BTreeMap<u8, String>>,
    pub(crate) ours: BTreeSet<String>,
}

/// By what a step is known again: whom it is about, what it is, and what people read of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct StepKey(String, Option<ExportStepKind>, String);

impl From<ExportStep> for StepKey {
    fn from(line: ExportStep) -> Self {
        Self(line.subject, Some(line.kind), line.text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) subject: Subject,
    pub(crate) label: String,
    pub(crate) act: Act,
    /// Whether it puts right what somebody changed there.
    pub(crate) corrects: bool,
}

impl Step {
    pub(crate) const fn kind(&self) -> Option<ExportStepKind> {
        Some(match &self.act {
            Act::AddPhone { .. } | Act::RemovePhone { .. } => ExportStepKind::Phone,
            Act::Conflict { .. } => ExportStepKind::Conflict,
            Act::Create { .. } => ExportStepKind::Create,
            Act::CreateGroup { .. } | Act::TakeOverGroup { .. } | Act::UpdateGroup { .. } => {
                ExportStepKind::Group
            }
            Act::Disable { .. } => ExportStepKind::Disable,
            Act::Enable { .. } => ExportStepKind::Enable,
            Act::Forget | Act::Found { .. } => return None,
            Act::Join { .. } | Act::Leave { .. } => ExportStepKind::Membership,
            Act::Rename { .. } => ExportStepKind::Rename,
            Act::Restore { .. } => ExportStepKind::Restore,
            Act::TakeOver { .. } => ExportStepKind::TakeOver,
            Act::Trash { .. } => ExportStepKind::Trash,
            Act::Update { .. } => ExportStepKind::Update,
        })
    }

    /// What is done, for people to read.
    pub(crate) fn text(&self) -> String {
        match &self.act {
            Act::AddPhone { number } => format!("add the phone {number}"),
            Act::Conflict { why } => why.clone(),
            Act::Create { username, .. } => format!("create {username}"),
            Act::CreateGroup { name, .. } => format!("create the group {name}"),
            Act::Disable { .. } => "disable".into(),
            Act::Enable { .. } => "make active again".into(),
            Act::Forget => "forget".into(),
            Act::Found { .. } => "made before".into(),
            Act::Join { name, .. } => format!("add to the group {name}"),
            Act::Leave { name, .. } => format!("take out of the group {name}"),
            Act::RemovePhone { number, .. } => format!("take away the phone {number}"),
            Act::Rename { from, to, .. } => format!("rename {from} to {to}, keeping {from} as an alias"),
            Act::Restore { .. } => "take out of the trash".into(),
            Act::TakeOver { .. } => "take over the user who is there under this name".into(),
            Act::TakeOverGroup { .. } => "take over the group that is there under this name".into(),
            Act::Trash { .. } => "disable and put into the trash".into(),
            Act::Update { realname, email, aliases, .. } => {
                let parts = [
                    realname.as_ref().map(|_| "name"),
                    email.as_ref().map(|_| "mail"),
                    aliases.places.as_ref().map(|_| "aliases"),
                ];
                format!("change {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
            Act::UpdateGroup { name, .. } => format!("change name or description of the group to {name}"),
        }
    }

    /// Whether the brake counts it among those who are made, or among those who are shut out.
    pub(crate) const fn counts(&self) -> (bool, bool) {
        (
            matches!(self.act, Act::Create { .. } | Act::TakeOver { .. }),
            matches!(self.act, Act::Disable { .. } | Act::Trash { .. }),
        )
    }

    /// By which a step that somebody has seen is known again.
    pub(crate) fn key(&self) -> StepKey {
        StepKey(self.subject.to_string(), self.kind(), self.text())
    }

    /// What comes first: nobody who is shut out waits for those who come, and names are freed before they are taken.
    pub(super) const fn rank(&self) -> u8 {
        match &self.act {
            Act::Disable { .. } | Act::Trash { .. } => 0,
            Act::CreateGroup { .. } | Act::TakeOverGroup { .. } | Act::UpdateGroup { .. } => 1,
            Act::Found { .. }
            | Act::Enable { .. }
            | Act::Leave { .. }
            | Act::RemovePhone { .. }
            | Act::Rename { .. }
            | Act::Restore { .. }
            | Act::TakeOver { .. }
            | Act::Update { .. } => 2,
            Act::Create { .. } => 3,
            Act::AddPhone { .. } | Act::Join { .. } => 4,
            Act::Forget => 5,
            Act::Conflict { .. } => 6,
        }
    }
}

/// What the brake knows of a run before it begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) made: usize,
    pub(crate) ended: usize,
}

impl Done {
    /// Those of a plan that nobody has let run.
    pub(crate) fn of(steps: &[Step], released: &HashSet<StepKey>) -> Self {
        let unseen =
            steps.iter().filter(|step| step.counts() != (false, false) && !released.contains(&step.key()));
        unseen.fold(Self::default(), |so_far, step| {
            let (made, ended) = step.counts();
            Self { made: so_far.made + usize::from(made), ended: so_far.ended + usize::from(ended) }
        })
    }

    /// Why so many are too many, if they are.
    pub(crate) fn held(self, before: Self, most: usize) -> Option<String> {
        let over = |n: usize, before: usize, what: &str| {
            (n > 0 && n + before > most).then(|| {
                let lately =
                    if before > 0 { format!(", {before} within the last hour") } else { String::new() };
                format!("{n} people would be {what}{lately}; without a word of yours at most {most} are")
            })
        };
        over(self.ended, before.ended, "disabled or put into the trash")
            .or_else(|| over(self.made, before.made, "created or taken over"))
    }
}
