//! Hardware tokens: imported, handed to people, brought back into step, and accepted at the second door as the factor
//! of whoever has them.
//!
//! A token is one thing whoever holds it, so its seed and what it spent stay with it: a code that opened a door opens
//! no other, also after the token went to somebody else, or was deleted and imported again.

pub mod import;
mod standing;
#[cfg(test)]
mod tests;

use sallyport_crypto::token;
use sallyport_model::{
    Action, Factor, FactorKind, HardwareToken, HardwareTokenKind, Proof, ResetOf, User, fold,
    id::{FactorId, HardwareTokenId, UserId},
    name::printable,
};
use sallyport_store::{Page, PageRequest, Reader, Session, Versioned};

use self::standing::{Standing, Tried};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    factor::{self, Verdict},
    recovery,
    signin::throttle,
};

/// Most tokens of one person: each is as many codes more that a guess could hit.
const MOST_TOKENS: usize = 5;
/// How many consecutive codes bring a token back into step.
const CODES_IN_A_ROW: std::ops::RangeInclusive<usize> = 2..=5;

impl Tx<'_, '_> {
    /// Loads a token to manage as a factor, and its holder if there is one, whom the caller may then act upon.
    fn token_for(
        &mut self,
        id: HardwareTokenId,
    ) -> Result<(Versioned<HardwareToken>, Option<Versioned<User>>), AppError> {
        self.ctx.allow(Action::ManageFactors)?;
        let found =
            self.find::<HardwareToken>(id)?.ok_or_else(|| AppError::not_found("hardware token", id))?;
        let holder = match found.holder {
            Some(holder) => Some(self.user_for(Action::ManageFactors, holder.user)?),
            None => None,
        };
        Ok((found, holder))
    }
}

/// A page of tokens, in order of their serial numbers.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, page: PageRequest) -> Result<Page<HardwareToken>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    ctx.read_many(move |reader| Ok(reader.list::<HardwareToken>(&page)?)).await
}

/// One token by id or serial number, as people type it.
///
/// # Errors
/// Denied, or no such token.
pub async fn resolve(ctx: &Ctx, given: &str) -> Result<Versioned<HardwareToken>, AppError> {
    ctx.allow(Action::ReadDirectory)?;
    let given = given.to_owned();
    ctx.read(move |reader| find(reader, &given)).await
}

/// The same, within a transaction.
pub(crate) fn find(reader: &mut Reader, given: &str) -> Result<Versioned<HardwareToken>, AppError> {
    let found = match given.parse::<HardwareTokenId>() {
        Ok(id) => reader.find::<HardwareToken>(id)?,
        Err(_) => reader.find_by_key::<HardwareToken>(&fold(given.trim()))?,
    };
    found.ok_or_else(|| AppError::not_found("hardware token", printable(given, 64)))
}

/// Hands a token to a person, for whom it is a factor from now on.
///
/// # Errors
/// Denied, above the caller's own rights, no such token or user, it is somebody's already, or the person has too many.
pub async fn assign(
    ctx: &Ctx,
    id: HardwareTokenId,
    user: UserId,
) -> Result<Versioned<HardwareToken>, AppError> {
    let factor = ctx.id(FactorId::new)?;
    ctx.write(move |tx| {
        let person = tx.user_for(Action::ManageFactors, user)?;
        let (before, _) = tx.token_for(id)?;
        recovery::permit(tx, &person, &ResetOf::AssignToken { token: id })?;
        let now = tx.ctx.now;
        let has = factor::of(tx, user, now)?.iter().filter(|factor| factor.token().is_some()).count();
        if has >= MOST_TOKENS {
            return Err(AppError::Conflict(
                format!("`{}` has {MOST_TOKENS} hardware tokens already", person.name).into(),
            ));
        }
        let after = before.value.clone().assign(user, factor)?;
        let made = Factor {
            id: factor,
            user,
            proof: Proof::HardwareToken { token: id },
            name: match after.kind {
                HardwareTokenKind::Hotp { .. } | HardwareTokenKind::Totp { .. } => {
                    format!("Hardware token {}", after.serial)
                }
                HardwareTokenKind::Yubikey => format!("YubiKey {}", after.serial),
            },
            duo_id: after.duo_id.clone(),
            created: now,
        };
        let changed = tx.update(&before, after)?;
        let after = tx.record(changed, "assign");
        factor::insert(tx, made)?;
        Ok(after)
    })
    .await
}

/// Takes a token back from whoever has it. What was proved with it is void.
///
/// # Errors
/// Denied, above the caller's own rights, no such token, or nobody has it.
pub async fn unassign(ctx: &Ctx, id: HardwareTokenId) -> Result<Versioned<HardwareToken>, AppError> {
    ctx.write(move |tx| {
        let (token, person) = tx.token_for(id)?;
        if person.is_none() {
            return Err(AppError::Conflict(
                format!("nobody has the hardware token `{}`", token.serial).into(),
            ));
        }
        take_back(tx, id, person.as_ref())?;
        Ok(tx.expect::<HardwareToken>(id)?)
    })
    .await
}

/// Brings a token back into step by consecutive codes, as it shows them: its button was pressed too often, or its clock
/// is off. It only goes forward, and these codes are spent with it.
///
/// # Errors
/// Denied, above the caller's own rights, no such token, or the codes are none that this token could show next.
pub async fn resync(
    ctx: &Ctx,
    id: HardwareTokenId,
    codes: &[String],
) -> Result<Versioned<HardwareToken>, AppError> {
    let typed = in_a_row(codes)?;
    ctx.write(move |tx| {
        let (token, _) = tx.token_for(id)?;
        if bring_into_step(tx, &token, &typed)? { Ok(token) } else { Err(not_in_a_row()) }
    })
    .await
}

/// The same by whoever has the token, behind both doors. Wrong codes are counted for them.
///
/// # Errors
/// The session is not behind both doors, the factor is no token of theirs, too much was wrong lately, or the codes are none
/// that this token could show next.
pub async fn resync_own(
    ctx: &Ctx,
    session: &Session,
    factor: FactorId,
    codes: &[String],
) -> Result<(), AppError> {
    let user = factor::behind_both_doors(ctx, session)?;
    let typed = in_a_row(codes)?;
    let moved = ctx
        .write(move |tx| {
            let now = tx.ctx.now;
            if throttle::own_code_wait(tx, user, now)?.is_some() {
                return Err(AppError::Busy);
            }
            let no_token = || AppError::not_found("hardware token", factor);
            let id = factor::one_of(tx, user, factor)?.token().ok_or_else(no_token)?;
            let token = tx.find::<HardwareToken>(id)?.ok_or_else(no_token)?;
            let moved = bring_into_step(tx, &token, &typed)?;
            // The failure must be counted, so it is not an error of the transaction.
            if !moved {
                throttle::own_code_failed(tx, user)?;
            }
            Ok(moved)
        })
        .await?;
    if moved { Ok(()) } else { Err(not_in_a_row()) }
}

/// Those of these factors whose tokens can fall out of step.
///
/// # Errors
/// The store's.
pub async fn with_steps(ctx: &Ctx, factors: &[Factor]) -> Result<Vec<FactorId>, AppError> {
    let tokens: Vec<_> =
        factors.iter().filter_map(|factor| factor.token().map(|token| (factor.id, token))).collect();
    ctx.read(move |reader| {
        let mut found = Vec::new();
        for (factor, token) in tokens {
            let token = reader.find::<HardwareToken>(token)?;
            found.extend(token.filter(|token| token.kind != HardwareTokenKind::Yubikey).map(|_| factor));
        }
        Ok(found)
    })
    .await
}

/// Codes as they were typed, if they are as many as it takes.
fn in_a_row(codes: &[String]) -> Result<Vec<String>, AppError> {
    if CODES_IN_A_ROW.contains(&codes.len()) {
        return Ok(codes.iter().map(|code| token::typed_digits(code).unwrap_or_default()).collect());
    }
    let (least, most) = CODES_IN_A_ROW.into_inner();
    Err(AppError::invalid("codes", format!("takes {least} to {most} codes, one after the other")))
}

fn not_in_a_row() -> AppError {
    AppError::invalid("codes", Phrase::TokenNotInStep)
}

/// Moves a token to where these codes stand, and spends them; whether they are such codes.
fn bring_into_step(
    tx: &mut Tx<'_, '_>,
    token: &Versioned<HardwareToken>,
    typed: &[String],
) -> Result<bool, AppError> {
    let ctx = tx.ctx;
    if token.kind == HardwareTokenKind::Yubikey {
        return Err(AppError::Conflict("a YubiKey is never out of step; its next code is good".into()));
    }
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let standing = Standing::of(tx, ctx, token)?;
    let moved = match standing.try_run(&typed, ctx.now.unix_seconds()) {
        Some(mark) => standing.move_to(tx, mark)?,
        None => false,
    };
    if moved {
        tx.record_touched(&token.value, "resync");
    }
    Ok(moved)
}

/// Deletes a token that nobody has, with its seed.
///
/// # Errors
/// Denied, no such token, or somebody has it.
pub async fn delete(ctx: &Ctx, id: HardwareTokenId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        tx.ctx.allow(Action::ManageHardwareTokens)?;
        let found = tx.find::<HardwareToken>(id)?.ok_or_else(|| AppError::not_found("hardware token", id))?;
        if found.holder.is_some() {
            let text = format!("somebody has the hardware token `{}`; take it back first", found.serial);
            return Err(AppError::Conflict(text.into()));
        }
        let deleted = tx.delete(&found)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

/// Deletes a token with its seed, and takes it back from whoever has it.
///
/// # Errors
/// Denied, above the caller's own rights, or no such token.
pub(crate) async fn discard(ctx: &Ctx, id: HardwareTokenId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        tx.ctx.allow(Action::ManageHardwareTokens)?;
        let (_, person) = tx.token_for(id)?;
        take_back(tx, id, person.as_ref())?;
        let left = tx.expect::<HardwareToken>(id)?;
        let deleted = tx.delete(&left)?;
        tx.record(deleted, "delete");
        Ok(())
    })
    .await
}

/// The token is nobody's any more, and what its holder proved with it is void.
fn take_back(
    tx: &mut Tx<'_, '_>,
    id: HardwareTokenId,
    person: Option<&Versioned<User>>,
) -> Result<(), AppError> {
    let (Some(person), Some(holder)) = (person, tx.expect::<HardwareToken>(id)?.holder) else {
        return Ok(());
    };
    match tx.find::<Factor>(holder.factor)? {
        Some(factor) => {
            factor::permit_removal(tx, person, &factor)?;
            factor::take_away(tx, person, &factor)
        }
        None => release(tx, id),
    }
}

/// Tries a code, digits or the letters of a YubiKey, of the token that a factor stands for. What is accepted is spent in this
/// transaction.
pub(crate) fn accept(tx: &mut Tx<'_, '_>, factor: &Factor, typed: &str) -> Result<Verdict, AppError> {
    let Some(id) = factor.token() else { return Ok(Verdict::Wrong) };
    let held = tx.find::<HardwareToken>(id)?;
    let held = held.filter(|token| token.holder.is_some_and(|holder| holder.factor == factor.id));
    let Some(token) = held else { return Ok(Verdict::Wrong) };
    let ctx = tx.ctx;
    let standing = Standing::of(tx, ctx, &token)?;
    let drifts = settings(tx)?.codes.drift;
    match standing.try_code(typed, ctx.now.unix_seconds(), drifts) {
        Tried::Fresh(mark) if standing.move_to(tx, mark)? => {
            Ok(Verdict::Accepted { factor: factor.id, kind: FactorKind::HardwareToken })
        }
        Tried::Fresh(_) | Tried::Used => Ok(Verdict::Used),
        Tried::Wrong => Ok(Verdict::Wrong),
    }
}

/// The token is nobody's any more; its factor is being removed.
pub(crate) fn release(tx: &mut Tx<'_, '_>, id: HardwareTokenId) -> Result<(), AppError> {
    let Some(before) = tx.find::<HardwareToken>(id)? else { return Ok(()) };
    let changed = tx.update(&before, before.value.clone().unassign())?;
    tx.record(changed, "unassign");
    Ok(())
}

/// Takes back every token of somebody who is being deleted.
pub(crate) fn release_all_of(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    let now = tx.ctx.now;
    for token in factor::of(tx, user, now)?.into_iter().filter_map(|factor| factor.token()) {
        release(tx, token)?;
    }
    Ok(())
}
