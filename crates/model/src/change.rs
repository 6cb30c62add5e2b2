//! One recorded mutation of the directory. The ordered sequence of them is the change feed.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ApplicationId, DeviceId, TokenId, UserId},
    time::Time,
};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A program with the keys of an application, by Duo's Admin API.
    Application {
        id: ApplicationId,
        name: String,
    },
    /// A device, speaking for itself.
    Device {
        id: DeviceId,
        name: String,
    },
    /// Whoever holds the machine the server runs on, through the local admin socket.
    LocalAdmin,
    /// The server itself, following a rule.
    System {
        rule: String,
    },
    /// A program with an API token.
    Token {
        id: TokenId,
        name: String,
    },
    User {
        id: UserId,
        name: String,
    },
}

impl Actor {
    /// For people to read.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Application { name, .. } => format!("application {name}"),
            Self::Device { name, .. } => format!("device {name}"),
            Self::LocalAdmin => "local administrator".into(),
            Self::System { rule } => format!("Sallyport ({rule})"),
            Self::Token { name, .. } => format!("token {name}"),
            Self::User { name, .. } => name.clone(),
        }
    }

    /// Whether it is the same who acts, whatever they were called at the time. Rules and devices are nobody in particular.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Application { id, .. }, Self::Application { id: other, .. }) => id == other,
            (Self::LocalAdmin, Self::LocalAdmin) => true,
            (Self::Token { id, .. }, Self::Token { id: other, .. }) => id == other,
            (Self::User { id, .. }, Self::User { id: other, .. }) => id == other,
            _ => false,
        }
    }
}

/// What happened to the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

impl ChangeKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// What it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    /// The noun, such as `user`.
    pub noun: String,
    pub id: String,
    /// Its name at the time, for people to read.
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// Place in the feed: gapless, starting at 1.
    pub seq: i64,
    pub at: Time,
    pub actor: Actor,
    /// Address the request came from, if it came over a network.
    pub source: Option<String>,
    /// Id of the request, as in the logs.
    pub request: String,
    pub kind: ChangeKind,
    /// The verb in the words of the use case, such as `suspend`.
    pub verb: String,
    pub subject: Subject,
    /// The noun before and after, as JSON without secrets.
    pub before: Option<String>,
    pub after: Option<String>,
}
