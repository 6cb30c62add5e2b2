//! Enrolment links, to one person or to many.

use serde::{Deserialize, Serialize};

/// How an enrolment link is sent. Where to is what stands in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvitationBy {
    #[default]
    Mail,
    Text,
}

impl InvitationBy {
    pub const ALL: [Self; 2] = [Self::Mail, Self::Text];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Text => "text",
        }
    }
}

/// An enrolment link for one person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendEnrollmentLink {
    /// By mail if not given.
    #[serde(default)]
    pub by: InvitationBy,
}

/// Who is sent an enrolment link by mail: one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChoosePeople {
    /// Everybody who is active and has no factor that opens the portal.
    #[serde(default)]
    pub unenrolled: bool,
    /// Id or name of a group of users, with those in groups within.
    #[serde(default)]
    pub group: Option<String>,
    /// Ids or names of users.
    #[serde(default)]
    pub users: Option<Vec<String>>,
}
