//! Bypass codes: what an administrator hands out in place of a person's own factor. Each is good so often as was said, once
//! where nothing was, and for a time; a batch is a factor, which is gone with the last use of its last code.
//!
//! A code rests under its digest beside the batch that it is of and how often it opens yet. Every use of it compares and
//! sets that, so a code opens no more doors than it was made for, however many ask at once and on whichever node.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sallyport_crypto::{Secret, token};
use sallyport_model::{
    Action, Factor, FactorKind, Proof, ResetOf, Span, Time, User,
    id::{FactorId, UserId},
};
use sallyport_store::{Edge, Once, Reader};

use super::{Verdict, code_hash, insert, lasts, of};
use crate::{AppError, Ctx, Tx, recovery};

const BYPASS: &str = "bypass";
/// Longest life of a code, in seconds.
pub(crate) const LONGEST: i64 = 30 * 24 * 3600;
/// Most codes in one batch.
const MOST: usize = 10;
/// Most that are open at one person: each is one more that a guess could hit.
const MOST_OPEN: usize = 100;
/// Most uses of one code. One that opened for ever would be a second password.
pub const MOST_USES: u32 = 100;

/// Codes to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    pub count: usize,
    /// How often each is good.
    pub uses: u32,
    pub valid_secs: i64,
}

/// What is left of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    /// Codes that open a door yet.
    pub codes: usize,
    /// Of so many.
    pub of: usize,
    /// How often they open one yet, all together.
    pub uses: u64,
}

/// What stands behind a code: its batch, and how often it is good yet.
struct Behind {
    batch: FactorId,
    left: u32,
}

impl Behind {
    /// Once is not said, as it was not before there was anything else.
    fn doc(&self) -> String {
        if self.left == 1 { self.batch.to_string() } else { format!("{} {}", self.batch, self.left) }
    }

    fn of(once: &Once) -> Option<Self> {
        let (batch, left) = once.doc.split_once(' ').unwrap_or((&once.doc, "1"));
        Some(Self { batch: batch.parse().ok()?, left: left.parse().ok()? })
    }
}

/// Makes a batch of codes each of which is good once.
///
/// # Errors
/// As for [`issue`].
pub async fn issue_bypass_codes(
    ctx: &Ctx,
    user: UserId,
    count: usize,
    valid_secs: i64,
) -> Result<Vec<Secret>, AppError> {
    issue(ctx, user, Batch { count, uses: 1, valid_secs }).await
}

/// Makes a batch of codes, all shown once.
///
/// # Errors
/// Denied, no such user, or too many codes or uses.
pub async fn issue(ctx: &Ctx, user: UserId, batch: Batch) -> Result<Vec<Secret>, AppError> {
    let drawn = draw(ctx, batch)?;
    let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("DB")?);
    let codes = drawn.iter().map(|(code, _)| code.clone()).collect();
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        recovery::permit(tx, &user, &ResetOf::BypassCodes)?;
        let now = tx.ctx.now;
        // What is left of batches that are there: codes of one that was taken back rest for a while.
        let left = left_of(tx, user.id, now)?;
        let there = of(tx, user.id, now)?;
        let open = there.iter().filter_map(|factor| left.get(&factor.id)).map(|left| left.codes).sum();
        refuse_more_than_may_be_open(&user, open, drawn.len())?;
        let factor = make(tx, user.id, (id, &duo_id), "Bypass codes", batch)?;
        drawn.iter().try_for_each(|(_, hash)| put(tx, &factor, hash, batch.uses))
    })
    .await?;
    Ok(codes)
}

/// Draws codes each of which is a factor of its own, for a program that names them one by one. Unless they are kept,
/// unused ones that were there are gone; nothing was proved with them, so nothing else is void.
///
/// # Errors
/// Denied, no such user, above the caller's own rights, or too many.
pub(crate) async fn issue_singles(
    ctx: &Ctx,
    user: UserId,
    batch: Batch,
    keep_others: bool,
) -> Result<Vec<Secret>, AppError> {
    let (mut codes, mut drafts) = (Vec::new(), Vec::new());
    for (code, hash) in draw(ctx, batch)? {
        drafts.push((ctx.id(FactorId::new)?, ctx.duo_id("DB")?, hash));
        codes.push(code);
    }
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        recovery::permit(tx, &user, &ResetOf::BypassCodes)?;
        let open = clear(tx, user.id, keep_others)?;
        refuse_more_than_may_be_open(&user, open, drafts.len())?;
        for (id, duo_id, hash) in &drafts {
            let factor = make(tx, user.id, (*id, duo_id), "Bypass code", batch)?;
            put(tx, &factor, hash, batch.uses)?;
        }
        Ok(())
    })
    .await?;
    Ok(codes)
}

fn refuse_more_than_may_be_open(user: &User, open: usize, more: usize) -> Result<(), AppError> {
    if open + more <= MOST_OPEN {
        return Ok(());
    }
    let text =
        format!("`{}` would have more than {MOST_OPEN} bypass codes; take back a batch first", user.name);
    Err(AppError::Conflict(text.into()))
}

/// The codes, and the forms in which they rest.
fn draw(ctx: &Ctx, batch: Batch) -> Result<Vec<(Secret, String)>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    if !(1..=MOST).contains(&batch.count) {
        return Err(AppError::invalid("count", format!("from 1 to {MOST}")));
    }
    if !(1..=MOST_USES).contains(&batch.uses) {
        return Err(AppError::invalid("uses", format!("from 1 to {MOST_USES}")));
    }
    let mut drawn = Vec::with_capacity(batch.count);
    for _ in 0..batch.count {
        let code = token::grouped_digits(3, &*ctx.org.random)?;
        let hash = code_hash(ctx, BYPASS, code.expose()).unwrap_or_default();
        drawn.push((code, hash));
    }
    Ok(drawn)
}

/// The factor that some codes are.
fn make(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    (id, duo_id): (FactorId, &str),
    name: &str,
    batch: Batch,
) -> Result<Factor, AppError> {
    let created = tx.ctx.now;
    let expires = Some(created.plus(Span::seconds(batch.valid_secs.clamp(60, LONGEST))));
    let proof = Proof::BypassCode { expires };
    insert(tx, Factor { id, user, proof, name: name.into(), duo_id: duo_id.into(), created })
}

fn put(tx: &mut Tx<'_, '_>, factor: &Factor, hash: &str, uses: u32) -> Result<(), AppError> {
    let doc = Behind { batch: factor.id, left: uses }.doc();
    let expires = factor.expires().unwrap_or(factor.created);
    Ok(tx.put_once(BYPASS, hash, &Once { owner: factor.user.to_string(), expires, used: None, doc })?)
}

/// Removes what opens nothing any more, and what is not to be kept; how many codes are open then.
fn clear(tx: &mut Tx<'_, '_>, user: UserId, keep_others: bool) -> Result<usize, AppError> {
    let (owner, now) = (user.to_string(), tx.ctx.now);
    let left = left_of(tx, user, now)?;
    let mut open = 0;
    for factor in tx.list_rights_of::<Factor>(Edge::UserFactor, &owner)? {
        if factor.kind() != FactorKind::BypassCode {
            continue;
        }
        let codes = left.get(&factor.id).map_or(0, |left| left.codes);
        if keep_others && lasts(&factor, now) && codes > 0 {
            open += codes;
        } else {
            let removed = tx.delete(&factor)?;
            tx.record(removed, "remove");
        }
    }
    Ok(open)
}

/// Takes back all codes that an administrator handed out to a person.
pub(crate) fn void(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    clear(tx, user, false).map(drop)
}

/// Tries a code on a batch. What is accepted is spent in this transaction, and the batch goes with its last code: what
/// opens nothing any more must not look like something that does.
pub(crate) fn accept(tx: &mut Tx<'_, '_>, factor: &Factor, typed: &str) -> Result<Verdict, AppError> {
    let Some(hash) = code_hash(tx.ctx, BYPASS, typed) else { return Ok(Verdict::Wrong) };
    let Some(once) = tx.find_once(BYPASS, &hash)? else { return Ok(Verdict::Wrong) };
    let of_batch = |behind: &Behind| once.owner == factor.user.to_string() && behind.batch == factor.id;
    let Some(behind) = Behind::of(&once).filter(of_batch) else { return Ok(Verdict::Wrong) };
    let now = tx.ctx.now;
    let spent = if behind.left > 1 && once.used.is_none() && once.expires >= now {
        let after = Behind { left: behind.left - 1, ..behind };
        tx.note_once(BYPASS, &hash, &once.doc, &after.doc())?
    } else {
        tx.use_once(BYPASS, &hash, now)?
    };
    if !spent {
        return Ok(if once.used.is_some() { Verdict::Used } else { Verdict::Wrong });
    }
    if left_of(tx, factor.user, now)?.get(&factor.id).is_none_or(|left| left.codes == 0) {
        let batch = tx.expect::<Factor>(factor.id)?;
        let removed = tx.delete(&batch)?;
        tx.record(removed, "spend");
    }
    Ok(Verdict::Accepted { factor: factor.id, kind: FactorKind::BypassCode })
}

/// Whether this was a code of theirs, and opened all that it was made for.
pub(crate) fn was_spent(tx: &mut Tx<'_, '_>, user: UserId, typed: &str) -> Result<bool, AppError> {
    let Some(hash) = code_hash(tx.ctx, BYPASS, typed) else { return Ok(false) };
    let found = tx.find_once(BYPASS, &hash)?;
    Ok(found.is_some_and(|once| once.used.is_some() && once.owner == user.to_string()))
}

/// What is left of each batch of a person: their own, or by right.
///
/// # Errors
/// Denied.
pub async fn left(ctx: &Ctx, user: UserId) -> Result<BTreeMap<FactorId, Left>, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadDirectory)?;
    }
    let now = ctx.now;
    ctx.read(move |reader| left_of(reader, user, now)).await
}

/// The same, within a transaction.
pub(crate) fn left_of(
    reader: &mut Reader,
    user: UserId,
    now: Time,
) -> Result<BTreeMap<FactorId, Left>, AppError> {
    let mut all = BTreeMap::<FactorId, Left>::new();
    for once in reader.once_of(&user.to_string(), BYPASS)? {
        let Some(behind) = Behind::of(&once) else { continue };
        let left = all.entry(behind.batch).or_default();
        left.of += 1;
        if once.used.is_none() && once.expires >= now {
            left.codes += 1;
            left.uses += u64::from(behind.left);
        }
    }
    Ok(all)
}
