//! Bypass codes.

use serde::Serialize;

use super::{
    super::params::{ParamError, Params},
    group::GroupMember,
};

/// Codes to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueBypassCodes {
    pub count: usize,
    /// How often each of them is good.
    pub uses: u32,
    /// `None` for as long as can be.
    pub valid_secs: Option<i64>,
    /// Whether the codes that are there stay good.
    pub preserve_existing: bool,
}

impl IssueBypassCodes {
    const MOST: i64 = 10;
    const MOST_USES: i64 = 100;

    /// A code that somebody thought of can be guessed, and one that opens for ever (a `reuse_count` of 0) is a password:
    /// both are refused.
    pub fn read(params: &Params) -> Result<Self, ParamError> {
        if params.json("codes")?.is_some() {
            return Err(ParamError::Invalid("codes"));
        }
        let uses = params.int("reuse_count")?.unwrap_or(1);
        if !(1..=Self::MOST_USES).contains(&uses) {
            return Err(ParamError::Invalid("reuse_count"));
        }
        let count = params.int("count")?.unwrap_or(Self::MOST);
        let valid_secs = params.int("valid_secs")?.unwrap_or(0);
        if !(1..=Self::MOST).contains(&count) {
            return Err(ParamError::Invalid("count"));
        }
        if valid_secs < 0 {
            return Err(ParamError::Invalid("valid_secs"));
        }
        Ok(Self {
            count: usize::try_from(count).map_err(|_| ParamError::Invalid("count"))?,
            uses: u32::try_from(uses).map_err(|_| ParamError::Invalid("reuse_count"))?,
            valid_secs: Some(valid_secs).filter(|secs| *secs > 0),
            preserve_existing: params.is_set("preserve_existing")?,
        })
    }
}

/// A code as it is told, without itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BypassCodeObject {
    pub bypass_code_id: String,
    pub admin_email: String,
    pub created: i64,
    pub expiration: Option<i64>,
    /// How often it opens yet: codes that were made in one batch are told as one that opens so often.
    pub reuse_count: u64,
    pub user: GroupMember,
}
