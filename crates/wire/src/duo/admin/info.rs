//! Counts about the whole.

use serde::Serialize;

use super::super::params::{ParamError, Params};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub admin_count: u64,
    pub integration_count: u64,
    pub telephony_credits_remaining: i64,
    pub user_count: u64,
    pub user_pending_deletion_count: u64,
    pub edition: &'static str,
}

/// From when to when, in Unix seconds; the last thirty days where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    pub mintime: i64,
    pub maxtime: i64,
}

impl TimeRange {
    const USUAL: i64 = 30 * 24 * 3600;

    pub fn read(params: &Params, now: i64) -> Result<Self, ParamError> {
        let maxtime = params.int("maxtime")?.unwrap_or(now);
        let mintime = params.int("mintime")?.unwrap_or_else(|| maxtime.saturating_sub(Self::USUAL));
        if mintime < 0 || mintime > maxtime {
            return Err(ParamError::Invalid("mintime"));
        }
        Ok(Self { mintime, maxtime })
    }
}

/// How often something ended how, or how many people it did for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Attempts {
    #[serde(rename = "ERROR")]
    pub error: u64,
    #[serde(rename = "FAILURE")]
    pub failure: u64,
    #[serde(rename = "FRAUD")]
    pub fraud: u64,
    #[serde(rename = "SUCCESS")]
    pub success: u64,
}
