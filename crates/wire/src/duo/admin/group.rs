//! Groups.

use serde::Serialize;

use super::{
    super::{
        call::Call,
        params::{ParamError, Params},
    },
    MAX_TEXT,
    user::{UserStatus, blank_line},
};

/// What is said about a group; what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFields {
    pub name: Option<String>,
    /// Empty takes it away.
    pub desc: Option<String>,
    pub status: Option<UserStatus>,
}

impl GroupFields {
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        Ok(Self {
            name: params.line("name", MAX_TEXT)?,
            desc: blank_line(params, "desc")?,
            status: UserStatus::read(params)?,
        })
    }
}

impl GroupFields {
    /// Says these fields in a call; the status of a group is never said.
    #[must_use]
    pub fn write(&self, call: Call) -> Call {
        call.with_some("name", self.name.as_ref()).with_some("desc", self.desc.as_ref())
    }
}

/// A group as it is told. The factors it once could switch off are said to be none of its business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupObject {
    pub group_id: String,
    pub name: String,
    pub desc: String,
    pub status: &'static str,
    pub push_enabled: bool,
    pub sms_enabled: bool,
    pub voice_enabled: bool,
    pub mobile_otp_enabled: bool,
    pub u2f_enabled: bool,
    /// In the older form alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<GroupMember>>,
}

/// A user in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupMember {
    pub user_id: String,
    pub username: String,
}

impl GroupObject {
    #[must_use]
    pub const fn new(group_id: String, name: String, desc: String) -> Self {
        Self {
            group_id,
            name,
            desc,
            status: "Active",
            push_enabled: false,
            sms_enabled: false,
            voice_enabled: false,
            mobile_otp_enabled: false,
            u2f_enabled: false,
            users: None,
        }
    }
}
