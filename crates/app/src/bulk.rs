//! The same done to many users or devices. What it would come to is looked at first, by the very same work, which is then
//! undone; and when it is done, each is done by itself: one that is refused is left out with the reason, and spoils no other.
//! What was done is reported even where the rest failed.

mod devices;
#[cfg(test)]
mod tests;
mod users;

use std::collections::HashSet;

use sallyport_api::rest::{BulkOutcome, BulkReport, BulkRow};
use sallyport_model::name::printable;

pub use self::{
    devices::{DeviceWork, devices, devices_that_fit},
    users::{UserWork, users, users_that_fit},
};
use crate::AppError;

/// Most at once.
pub const MOST: usize = 5000;

/// Somebody or something that is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Id or name.
    pub given: String,
    /// The version that must still be there, where it matters.
    pub version: Option<i64>,
}

impl Target {
    pub fn new(given: impl Into<String>) -> Self {
        Self { given: given.into(), version: None }
    }
}

/// A target as it was found.
struct Found<I> {
    id: Option<I>,
    name: String,
    target: Target,
}

/// What came of it for one.
struct Effect {
    detail: String,
    version: Option<i64>,
}

impl Effect {
    fn new(detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), version: None }
    }
}

/// Refuses nobody, and too many.
fn refuse_none_or_too_many(targets: usize, noun: &str) -> Result<(), AppError> {
    match targets {
        0 => Err(AppError::Conflict(format!("no {noun} were chosen").into())),
        1..=MOST => Ok(()),
        _ => Err(AppError::Conflict(
            format!("{targets} {noun} are too many: at most {MOST} at once, so narrow the filter").into(),
        )),
    }
}

/// Each of them once, in order.
fn once(targets: Vec<Target>) -> Vec<Target> {
    let mut seen = HashSet::new();
    targets.into_iter().filter(|target| seen.insert(target.given.clone())).collect()
}

/// Refuses what has changed since it was looked at.
fn refuse_changed(target: &Target, version: i64) -> Result<(), AppError> {
    if target.version.is_none_or(|expected| expected == version) {
        return Ok(());
    }
    Err(AppError::Conflict("it has changed since".into()))
}

fn report<I: std::fmt::Display, E>(
    dry_run: bool,
    found: &[Found<I>],
    outcomes: Vec<Result<E, AppError>>,
    effect: impl Fn(&E) -> &Effect,
) -> BulkReport {
    let mut report = BulkReport { dry_run, ..BulkReport::default() };
    for (found, outcome) in found.iter().zip(outcomes) {
        let (outcome, detail, version) = match &outcome {
            Ok(done) => (BulkOutcome::Done, effect(done).detail.clone(), effect(done).version),
            Err(error) => (BulkOutcome::LeftOut, error.of_one("look at it again"), None),
        };
        match outcome {
            BulkOutcome::Done => report.done += 1,
            BulkOutcome::LeftOut => report.left_out += 1,
        }
        let id = found.id.as_ref().map_or_else(|| printable(&found.target.given, 64), ToString::to_string);
        report.rows.push(BulkRow { id, name: found.name.clone(), outcome, detail, version });
    }
    report
}

/// `1 session`, `2 sessions`.
fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
