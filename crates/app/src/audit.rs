//! What happened: the audit view over the feed, and the sign-ins with the reasons of their ends.

pub(crate) mod csv_rows;
mod log;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::BTreeSet};

use sallyport_model::{
    Action, Change,
    id::{SignInId, UserId},
    signin::SignIn,
};
use sallyport_store::{ChangeFilter, Reader};
use serde_json::Value;

pub use self::log::{LogPage, LogWanted, export_log, log};
use crate::{AppError, Ctx};

const LARGEST_PAGE: usize = 500;
/// Most rows of an export; what lies before is exported from there.
pub(crate) const LARGEST_EXPORT: usize = 50_000;

/// Which changes to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct ChangesWanted {
    /// Text that must occur in who, what or whom.
    pub text: String,
    /// Only those of the noun with this id.
    pub subject: Option<String>,
    /// Only those before this place in the feed.
    pub before: Option<i64>,
    pub limit: usize,
}

#[derive(Debug, Clone)]
pub struct ChangePage {
    pub items: Vec<Change>,
    /// For [`ChangesWanted::before`], if there are more.
    pub next: Option<i64>,
}

/// Which sign-ins to show, newest first.
#[derive(Debug, Clone, Default)]
pub struct SignInsWanted {
    /// Text that must occur in name, state or address.
    pub text: String,
    pub before: Option<SignInId>,
    pub limit: usize,
}

#[derive(Debug, Clone)]
pub struct SignInPage {
    pub items: Vec<ExplainedSignIn>,
    /// For [`SignInsWanted::before`], if there are more.
    pub next: Option<SignInId>,
}

/// A sign-in with the reasons of its end in words.
#[derive(Debug, Clone)]
pub struct ExplainedSignIn {
    pub sign_in: SignIn,
    pub reasons: Vec<Cow<'static, str>>,
}

/// A page of the audit trail, newest first.
///
/// # Errors
/// Denied.
pub async fn changes(ctx: &Ctx, wanted: ChangesWanted) -> Result<ChangePage, AppError> {
    ctx.allow(Action::ReadAudit)?;
    ctx.read_many(move |reader| changes_page(reader, &wanted)).await
}

/// The newest changes that fit, as CSV for a spreadsheet; each export is logged.
///
/// # Errors
/// Denied.
pub async fn export_changes(ctx: &Ctx, wanted: ChangesWanted) -> Result<Vec<u8>, AppError> {
    ctx.allow(Action::ReadAudit)?;
    tracing::info!(actor = ctx.actor().label(), "the audit trail is exported");
    let mut rows = csv_rows::changes()?;
    let mut wanted = ChangesWanted { limit: LARGEST_PAGE, ..wanted };
    for part in 1..=LARGEST_EXPORT / LARGEST_PAGE {
        let asked = wanted.clone();
        let page = ctx.read_many(move |reader| changes_page(reader, &asked)).await?;
        for change in &page.items {
            rows.change(change)?;
        }
        match page.next {
            Some(next) if part == LARGEST_EXPORT / LARGEST_PAGE => {
                rows.cut_off(&format!(
                    "Cut off after {LARGEST_EXPORT} changes; there are more before place {next}."
                ))?;
            }
            Some(next) => wanted.before = Some(next),
            None => break,
        }
    }
    rows.finish()
}

/// A page of everybody's sign-ins, newest first.
///
/// # Errors
/// Denied.
pub async fn sign_ins(ctx: &Ctx, wanted: SignInsWanted) -> Result<SignInPage, AppError> {
    ctx.allow(Action::ReadSignIns)?;
    ctx.read_many(move |reader| sign_ins_page(reader, None, &wanted)).await
}

/// A page of one person's sign-ins, newest first: one's own, or anybody's by right.
///
/// # Errors
/// Denied.
pub async fn sign_ins_of(ctx: &Ctx, user: UserId, wanted: SignInsWanted) -> Result<SignInPage, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadSignIns)?;
    }
    ctx.read_many(move |reader| sign_ins_page(reader, Some(user), &wanted)).await
}

/// The names of what a change changed, such as `display_name`.
#[must_use]
pub fn changed_fields(change: &Change) -> Vec<String> {
    let read = |doc: &Option<String>| match doc.as_deref().map(serde_json::from_str::<Value>) {
        Some(Ok(Value::Object(fields))) => fields,
        Some(_) | None => serde_json::Map::new(),
    };
    let (before, after) = (read(&change.before), read(&change.after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

fn changes_page(reader: &mut Reader, wanted: &ChangesWanted) -> Result<ChangePage, AppError> {
    let limit = wanted.limit.clamp(1, LARGEST_PAGE);
    let mut items = reader.list_changes(&ChangeFilter {
        subject: wanted.subject.clone(),
        before: wanted.before,
        text: wanted.text.clone(),
        limit: i64::try_from(limit).unwrap_or(1) + 1,
    })?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|change| change.seq);
    Ok(ChangePage { items, next })
}

fn sign_ins_page(
    reader: &mut Reader,
    of: Option<UserId>,
    wanted: &SignInsWanted,
) -> Result<SignInPage, AppError> {
    let limit = wanted.limit.clamp(1, LARGEST_PAGE);
    let fetch = i64::try_from(limit).unwrap_or(1) + 1;
    let before = wanted.before.map(|id| id.to_string());
    let mut found = match of {
        Some(user) => reader.sign_ins_of(user, before.as_deref(), fetch)?,
        None => reader.list_sign_ins(before.as_deref(), &wanted.text, fetch)?,
    };
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|sign_in| sign_in.id);
    Ok(SignInPage { items: found.into_iter().map(explained).collect(), next })
}

fn explained(sign_in: SignIn) -> ExplainedSignIn {
    ExplainedSignIn { reasons: sign_in.reasons.iter().map(|reason| reason.text()).collect(), sign_in }
}
