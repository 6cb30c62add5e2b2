//! Bindings join people, or groups of them, to devices, or groups of them.

use serde::{Deserialize, Serialize};

use crate::{
    id::{BindingId, DeviceId, GroupId, UserId},
    right::Right,
    time::Time,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum BindingSubject {
    Group(GroupId),
    User(UserId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum BindingTarget {
    Device(DeviceId),
    Group(GroupId),
}

impl BindingSubject {
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Group(id) => id.to_string(),
            Self::User(id) => id.to_string(),
        }
    }
}

impl BindingTarget {
    #[must_use]
    pub fn key(self) -> String {
        match self {
            Self::Device(id) => id.to_string(),
            Self::Group(id) => id.to_string(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Binding {
    pub id: BindingId,
    pub subject: BindingSubject,
    pub target: BindingTarget,
    /// The right this binding gives; without one it gives [`Right::Standard`].
    #[serde(default)]
    pub right: Option<Right>,
    /// Whether an existing account of the same name may be taken over.
    #[serde(default)]
    pub take_over: bool,
    pub created: Time,
}

impl Binding {
    /// At most one binding joins the same two ends.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}>{}", self.subject.key(), self.target.key())
    }
}
