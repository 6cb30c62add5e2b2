//! Every version of a rule, as the feed keeps it, and the way back to one: a new change, which is looked at like any other.

use sallyport_model::{AccessRule, Action, Change, ChangeKind, Time, id::AccessRuleId};
use sallyport_store::{ChangeFilter, Noun as _, Reader};

use super::{Changed, check, stands};
use crate::{AppError, Ctx, user::expect_version};

/// Most versions that are shown, the newest.
const MOST: i64 = 500;

/// A rule as it was from one change on.
#[derive(Debug, Clone)]
pub struct RuleVersion {
    /// The place of the change in the feed.
    pub change: i64,
    pub at: Time,
    pub by: String,
    pub verb: String,
    /// `None`: from then on it was not there.
    pub rule: Option<AccessRule>,
}

/// The versions of a rule, the newest first; of one that is deleted too.
///
/// # Errors
/// Denied, or there never was such a rule.
pub async fn history(ctx: &Ctx, id: AccessRuleId) -> Result<Vec<RuleVersion>, AppError> {
    ctx.allow(Action::ReadSettings)?;
    ctx.read_many(move |reader| {
        let versions =
            changes(reader, id, None, MOST)?.into_iter().map(version).collect::<Result<Vec<_>, _>>()?;
        if versions.is_empty() { Err(AppError::not_found("access rule", id)) } else { Ok(versions) }
    })
    .await
}

/// Brings a rule back as it was from this change on.
///
/// # Errors
/// Denied, no such version, it is as it was, changed by somebody else since `version`, what it names is gone, or it would shut
/// out whoever does this or every owner.
pub async fn restore(
    ctx: &Ctx,
    id: AccessRuleId,
    change: i64,
    version: Option<i64>,
) -> Result<Changed, AppError> {
    ctx.allow(Action::ChangeSettings)?;
    ctx.write(move |tx| {
        let found = changes(tx, id, Some(change.saturating_add(1)), 1)?.into_iter().next();
        let found = found.filter(|found| found.seq == change);
        let missing = || AppError::not_found("version of this access rule", change);
        let former = self::version(found.ok_or_else(missing)?)?.rule.ok_or_else(missing)?;
        check::says(tx, &former)?;
        match tx.find::<AccessRule>(id)? {
            Some(now) => {
                expect_version(&now, version)?;
                if former == now.value {
                    return Err(AppError::Conflict("the rule says the same now".into()));
                }
                let changed = tx.update(&now, former)?;
                let changed = tx.record(changed, "return");
                stands(tx, Some(&now), changed)
            }
            None => {
                check::room(tx)?;
                let created = tx.create(former)?;
                let created = tx.record(created, "return");
                stands(tx, None, created)
            }
        }
    })
    .await
}

fn changes(
    reader: &mut Reader,
    id: AccessRuleId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Change>, AppError> {
    let filter = ChangeFilter { subject: Some(id.to_string()), before, text: String::new(), limit };
    let changes = reader.list_changes(&filter)?;
    Ok(changes.into_iter().filter(|change| change.subject.noun == AccessRule::NOUN).collect())
}

fn version(change: Change) -> Result<RuleVersion, AppError> {
    let rule = match (change.kind, change.after) {
        (ChangeKind::Created | ChangeKind::Updated, Some(doc)) => Some(serde_json::from_str(&doc)?),
        (ChangeKind::Created | ChangeKind::Deleted | ChangeKind::Updated, _) => None,
    };
    Ok(RuleVersion { change: change.seq, at: change.at, by: change.actor.label(), verb: change.verb, rule })
}
