//! Factors: enrolled with proof, shown, removed, and accepted at the second door.

pub mod at_door;
pub mod duo;
pub mod enrollable;
mod enrollment;
pub mod invitation;
pub(crate) mod mailed;
pub mod mailing;
pub mod phone;
#[cfg(test)]
mod tests;
mod texted;

use sallyport_crypto::{Secret, token, totp, yubikey};
use sallyport_model::{
    Action, Factor, FactorKind, Method, Proof, ResetOf, Span, Time, User,
    id::{FactorId, UserId},
    name::display_name,
    signin::Resource,
};
use sallyport_policy::{EffectivePolicy, Enrolled};
use sallyport_store::{Edge, Once, Reader, Session, Versioned};

use self::enrollment::ENROLLMENT_CODE;
pub(crate) use self::enrollment::{
    Begun, EnrollmentCode, LONGEST_ENROLLMENT, behind_both_doors, pending_hash, person_behind, refuse_dormant,
};
pub use self::enrollment::{PendingTotp, begin_own_totp, begin_totp, confirm_totp, issue_enrollment_code};
pub(crate) use self::texted::{Draft, Parcel, has_outstanding, next_first_digit, send_batch};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::{open_secret, settings},
    hardware_token,
    passkey::models,
    policy::in_force,
    recovery,
    signin::Offer,
};

const TOTP_SEED: &str = "totp_seed";
const TOTP_STEP: &str = "totp_step";
const BYPASS: &str = "bypass";

/// Longest life of a bypass code.
const LONGEST_BYPASS: i64 = 30 * 24 * 3600;
/// Longest name of a factor that a person gives it.
const LONGEST_NAME: usize = 64;
/// Most bypass codes in one batch.
const MOST_BYPASS_CODES: usize = 10;
/// Most that a program may leave open at one person: each is one more that a guess could hit.
const MOST_OPEN_BYPASS_CODES: usize = 100;

/// What an answer at the second door turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted {
        factor: FactorId,
        kind: FactorKind,
    },
    /// A passkey that has counted backwards, as a copy of it would.
    Copied,
    /// A passkey of a model that the organisation does not name.
    NotAllowed,
    /// It was right and is spent.
    Used,
    Wrong,
}

/// A person's factors.
///
/// # Errors
/// Denied.
pub async fn list(ctx: &Ctx, user: UserId) -> Result<Vec<Factor>, AppError> {
    if !ctx.is_person(user) {
        ctx.allow(Action::ReadDirectory)?;
    }
    let now = ctx.now;
    ctx.read(move |reader| of(reader, user, now)).await
}

/// Makes a batch of bypass codes, each good once, all shown once.
///
/// # Errors
/// Denied, no such user, or too many at once.
pub async fn issue_bypass_codes(
    ctx: &Ctx,
    user: UserId,
    count: usize,
    valid_secs: i64,
) -> Result<Vec<Secret>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    if !(1..=MOST_BYPASS_CODES).contains(&count) {
        return Err(AppError::invalid("count", format!("from 1 to {MOST_BYPASS_CODES}")));
    }
    let codes: Vec<Secret> =
        (0..count).map(|_| token::grouped_digits(3, &*ctx.org.random)).collect::<Result<_, _>>()?;
    let hashes: Vec<String> = codes.iter().filter_map(|code| code_hash(ctx, BYPASS, code.expose())).collect();
    let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("DB")?);
    let expires = ctx.now.plus(Span::seconds(valid_secs.clamp(60, LONGEST_BYPASS)));
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        recovery::permit(tx, &user, &ResetOf::BypassCodes)?;
        let factor = Factor {
            id,
            user: user.id,
            proof: Proof::BypassCode { expires: Some(expires) },
            name: "Bypass codes".into(),
            duo_id: duo_id.clone(),
            created: tx.ctx.now,
        };
        insert(tx, factor)?;
        for hash in &hashes {
            let once = Once { owner: user.id.to_string(), expires, used: None, doc: id.to_string() };
            tx.put_once(BYPASS, hash, &once)?;
        }
        Ok(())
    })
    .await?;
    Ok(codes)
}

/// Draws bypass codes each of which is a factor of its own, for a program that names them one by one. Unless they are
/// kept, unused ones that were there are gone; nothing was proved with them, so nothing else is void.
///
/// # Errors
/// Denied, no such user, above the caller's own rights, or too many at once.
pub(crate) async fn issue_single_bypass_codes(
    ctx: &Ctx,
    user: UserId,
    count: usize,
    valid_secs: Option<i64>,
    keep_others: bool,
) -> Result<Vec<Secret>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    if !(1..=MOST_BYPASS_CODES).contains(&count) {
        return Err(AppError::invalid("count", format!("from 1 to {MOST_BYPASS_CODES}")));
    }
    let valid = valid_secs.unwrap_or(LONGEST_BYPASS).clamp(60, LONGEST_BYPASS);
    let expires = ctx.now.plus(Span::seconds(valid));
    let mut codes = Vec::new();
    let mut drafts = Vec::new();
    for _ in 0..count {
        let code = token::grouped_digits(3, &*ctx.org.random)?;
        let hash = code_hash(ctx, BYPASS, code.expose()).unwrap_or_default();
        drafts.push((ctx.id(FactorId::new)?, ctx.duo_id("DB")?, hash));
        codes.push(code);
    }
    ctx.write(move |tx| {
        let user = tx.user_for(Action::ManageFactors, user)?;
        recovery::permit(tx, &user, &ResetOf::BypassCodes)?;
        let (owner, now) = (user.id.to_string(), tx.ctx.now);
        let before = tx.list_rights_of::<Factor>(Edge::UserFactor, &owner)?;
        let is_code = |factor: &&Versioned<Factor>| factor.kind() == FactorKind::BypassCode;
        for factor in before.iter().filter(is_code) {
            let gone = !keep_others || !lasts(factor, now);
            if gone && (unused_bypass_codes(tx, factor, now)? > 0 || !lasts(factor, now)) {
                let removed = tx.delete(factor)?;
                tx.record(removed, "remove");
            }
        }
        let left = of(tx, user.id, now)?;
        let mut open = 0;
        for factor in left.iter().filter(|factor| factor.kind() == FactorKind::BypassCode) {
            open += unused_bypass_codes(tx, factor, now)?;
        }
        if open + drafts.len() > MOST_OPEN_BYPASS_CODES {
            let text = format!("`{}` would have more than {MOST_OPEN_BYPASS_CODES} bypass codes", user.name);
            return Err(AppError::Conflict(text.into()));
        }
        for (id, duo_id, hash) in &drafts {
            let factor = Factor {
                id: *id,
                user: user.id,
                proof: Proof::BypassCode { expires: Some(expires) },
                name: "Bypass code".into(),
                duo_id: duo_id.clone(),
                created: now,
            };
            insert(tx, factor)?;
            tx.put_once(
                BYPASS,
                hash,
                &Once { owner: owner.clone(), expires, used: None, doc: id.to_string() },
            )?;
        }
        Ok(())
    })
    .await?;
    Ok(codes)
}

/// How many of a batch of bypass codes open a door yet.
pub(crate) fn unused_bypass_codes(
    reader: &mut Reader,
    factor: &Factor,
    now: Time,
) -> Result<usize, AppError> {
    let batch = factor.id.to_string();
    let all = reader.once_of(&factor.user.to_string(), BYPASS)?;
    Ok(all.iter().filter(|once| once.doc == batch && once.used.is_none() && once.expires >= now).count())
}

/// Removes anybody's factor, as an administrator.
///
/// # Errors
/// Denied, above the caller's own rights, or no such factor.
pub async fn remove(ctx: &Ctx, user: UserId, factor: FactorId) -> Result<(), AppError> {
    ctx.write(move |tx| {
        let person = tx.user_for(Action::ManageFactors, user)?;
        let found = one_of(tx, user, factor)?;
        permit_removal(tx, &person, &found)?;
        take_away(tx, &person, &found)
    })
    .await
}

/// Codes of an administrator are taken back by anybody who may: nobody comes in by that.
pub(crate) fn permit_removal(tx: &mut Tx<'_, '_>, person: &User, factor: &Factor) -> Result<(), AppError> {
    if factor.kind() == FactorKind::BypassCode {
        return Ok(());
    }
    recovery::permit(tx, person, &ResetOf::RemoveFactor { factor: factor.id })
}

/// Removes one of one's own factors, but not the last. What was proved with it is void, this session included.
///
/// # Errors
/// The session is not behind both doors, no such factor, or it is the last.
pub async fn remove_own(ctx: &Ctx, session: &Session, factor: FactorId) -> Result<(), AppError> {
    let id = behind_both_doors(ctx, session)?;
    ctx.write(move |tx| {
        let person = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        let found = one_of(tx, id, factor)?;
        refuse_last(tx, &found)?;
        take_away(tx, &person, &found)
    })
    .await
}

/// Nobody gives up the last of their lasting factors by themselves.
pub(crate) fn refuse_last(tx: &mut Tx<'_, '_>, factor: &Factor) -> Result<(), AppError> {
    let now = tx.ctx.now;
    let lasting = of(tx, factor.user, now)?.iter().filter(|f| f.kind() != FactorKind::BypassCode).count();
    if factor.kind() != FactorKind::BypassCode && lasting <= 1 {
        return Err(AppError::Conflict(Phrase::LastFactor.into()));
    }
    Ok(())
}

/// Gives one of one's own factors another name.
///
/// # Errors
/// The session is not behind both doors, no such factor, or no name.
pub async fn rename_own(
    ctx: &Ctx,
    session: &Session,
    factor: FactorId,
    name: &str,
) -> Result<Factor, AppError> {
    let (id, name) = (behind_both_doors(ctx, session)?, read_name(name)?);
    ctx.write(move |tx| {
        let found = one_of(tx, id, factor)?;
        named(tx, &found, &name)
    })
    .await
}

/// Gives anybody's factor another name, as an administrator.
///
/// # Errors
/// Denied, above the caller's own rights, no such factor, or no name.
pub async fn rename(ctx: &Ctx, user: UserId, factor: FactorId, name: &str) -> Result<Factor, AppError> {
    let name = read_name(name)?;
    ctx.write(move |tx| {
        tx.user_for(Action::ManageFactors, user)?;
        let found = one_of(tx, user, factor)?;
        named(tx, &found, &name)
    })
    .await
}

fn read_name(name: &str) -> Result<String, AppError> {
    let name = display_name(name).map_err(|error| AppError::invalid("name", error))?;
    Ok(name.chars().take(LONGEST_NAME).collect())
}

fn named(tx: &mut Tx<'_, '_>, factor: &Versioned<Factor>, name: &str) -> Result<Factor, AppError> {
    let changed = tx.update(factor, Factor { name: name.to_owned(), ..factor.value.clone() })?;
    Ok(tx.record(changed, "rename").value)
}

pub(crate) fn one_of(
    reader: &mut Reader,
    user: UserId,
    factor: FactorId,
) -> Result<Versioned<Factor>, AppError> {
    let found = reader.find::<Factor>(factor)?.filter(|found| found.user == user);
    found.ok_or_else(|| AppError::not_found("factor", factor))
}

/// Removes a factor. What was proved with it is void.
pub(crate) fn take_away(
    tx: &mut Tx<'_, '_>,
    person: &Versioned<User>,
    factor: &Versioned<Factor>,
) -> Result<(), AppError> {
    let removed = tx.delete(factor)?;
    tx.record(removed, "remove");
    recovery::note_factor(tx, person.id, factor.kind())?;
    if let Some(token) = factor.token() {
        hardware_token::release(tx, token)?;
    }
    // What was proved with it must not count any more. Codes of a batch that is gone open nothing either.
    let changed = tx.update(person, person.value.clone().with_next_epoch())?;
    tx.record(changed, "factor_removed");
    Ok(())
}

/// Takes back all codes that an administrator handed out to a person.
pub(crate) fn void_bypass_codes(tx: &mut Tx<'_, '_>, user: UserId) -> Result<(), AppError> {
    for factor in tx.list_rights_of::<Factor>(Edge::UserFactor, &user.to_string())? {
        if factor.kind() == FactorKind::BypassCode {
            let removed = tx.delete(&factor)?;
            tx.record(removed, "remove");
        }
    }
    Ok(())
}

/// What could open the second door for a person now where this policy holds, in the order in which it is offered.
pub(crate) fn offers(
    reader: &mut Reader,
    user: UserId,
    policy: &EffectivePolicy,
    now: Time,
) -> Result<Vec<Offer>, AppError> {
    let mut factors = of(reader, user, now)?;
    models::leave_those_that_count(reader, &mut factors)?;
    let lines = phone::Lines::read(reader, user, &factors)?;
    if policy.allows(Method::Mail) {
        factors.extend(mail_of(reader, user)?);
    }
    Ok(offered(&factors, lines, policy, now))
}

/// The mail factor of a person.
fn mail_of(reader: &mut Reader, user: UserId) -> Result<Option<Factor>, AppError> {
    let Some(user) = reader.find::<User>(user)? else { return Ok(None) };
    Ok(mailed::of(&user, &settings(reader)?.value))
}

/// What could open the second door for a person at a resource now.
pub(crate) fn offers_at(
    reader: &mut Reader,
    ctx: &Ctx,
    user: UserId,
    resource: &Resource,
) -> Result<Vec<Offer>, AppError> {
    let held = in_force(reader, ctx, user, resource, false)?;
    offers(reader, user, &held.policy, ctx.now)
}

/// Those of a person's factors that could open the second door now where this policy holds. `lines`: what their phones may
/// be used for.
pub(crate) fn offered(
    factors: &[Factor],
    lines: phone::Lines,
    policy: &EffectivePolicy,
    now: Time,
) -> Vec<Offer> {
    let lines = lines.under(policy);
    let place = |proof: &Proof| policy.usable().position(|method| Method::of(proof).contains(&method));
    let mut offers: Vec<(usize, Offer)> = factors
        .iter()
        .filter(|factor| lasts(factor, now))
        .filter_map(|factor| {
            let proof = lines.leave(&factor.proof)?;
            let (name, duo_id) = (factor.name.clone(), factor.duo_id.clone());
            Some((place(&proof)?, Offer { factor: factor.id, proof, name, duo_id }))
        })
        .collect();
    let duo = policy.usable().position(|method| method == Method::Duo);
    offers.extend(duo.map(|place| (place, duo::offer())));
    offers.sort_by_key(|(place, _)| *place);
    offers.into_iter().map(|(_, offer)| offer).collect()
}

/// What these factors of a person come to.
pub(crate) fn enrolled(factors: &[Factor]) -> Enrolled {
    let each = factors.iter().map(|factor| match factor.kind() {
        FactorKind::BypassCode => Enrolled::Codes,
        FactorKind::Duo
        | FactorKind::HardwareToken
        | FactorKind::Mail
        | FactorKind::Passkey
        | FactorKind::Phone
        | FactorKind::Push
        | FactorKind::Totp => Enrolled::Factor,
    });
    each.max().unwrap_or(Enrolled::Nothing)
}

/// Whether a factor of this kind opens a door where this policy holds.
pub(crate) fn counts(policy: &EffectivePolicy, kind: FactorKind) -> bool {
    Method::of_kind(kind).iter().any(|method| policy.allows(*method))
}

/// Tries a code on all factors of a person. What is accepted is spent in this transaction. `places`: what the code is typed
/// at, by which a code is known that was texted for that alone.
pub(crate) fn accept(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    passcode: &Secret,
    places: &[&str],
    policy: &EffectivePolicy,
) -> Result<Verdict, AppError> {
    // Whatever is not of digits alone is tried on what types letters, which is a token.
    let letters = yubikey::typed(passcode.expose());
    let Some(typed) = token::typed_digits(passcode.expose()).or_else(|| letters.clone()) else {
        return Ok(Verdict::Wrong);
    };
    let now = tx.ctx.now;
    let mut outcome = Verdict::Wrong;
    let mail = if policy.allows(Method::Mail) { mail_of(tx, user.id)? } else { None };
    for factor in of(tx, user.id, now)?.into_iter().chain(mail) {
        let found = match factor.kind() {
            // A right code that does not count here is kept for where it does.
            kind if !counts(policy, kind) => Verdict::Wrong,
            FactorKind::Phone if !policy.allows(Method::Text) => Verdict::Wrong,
            kind if letters.is_some() && kind != FactorKind::HardwareToken => Verdict::Wrong,
            FactorKind::Totp => accept_totp(tx, factor.id, &typed)?,
            FactorKind::HardwareToken => hardware_token::accept(tx, &factor, &typed)?,
            FactorKind::BypassCode => accept_bypass(tx, user.id, factor.id, &typed)?,
            FactorKind::Duo | FactorKind::Passkey | FactorKind::Push => Verdict::Wrong,
            FactorKind::Mail | FactorKind::Phone => texted::accept(tx, user, &factor, &typed, places)?,
        };
        match found {
            Verdict::Accepted { .. } => return Ok(found),
            Verdict::Used => outcome = Verdict::Used,
            Verdict::Copied | Verdict::NotAllowed | Verdict::Wrong => {}
        }
    }
    Ok(outcome)
}

/// How many steps a clock may be ahead.
fn steps_ahead(reader: &mut Reader) -> Result<i64, AppError> {
    Ok(i64::from(settings(reader)?.codes.drift))
}

fn accept_totp(tx: &mut Tx<'_, '_>, factor: FactorId, typed: &str) -> Result<Verdict, AppError> {
    let id = factor.to_string();
    let ctx = tx.ctx;
    let Some(seed) = open_secret(tx, ctx, &id, TOTP_SEED)? else { return Ok(Verdict::Wrong) };
    let (now, last) = (ctx.now.unix_seconds(), tx.counter(&id, TOTP_STEP)?);
    let ahead = steps_ahead(tx)?;
    match totp::accept(&seed, typed, now, ahead, last) {
        Some(step) if tx.raise_counter(&id, TOTP_STEP, step)? => {
            Ok(Verdict::Accepted { factor, kind: FactorKind::Totp })
        }
        Some(_) => Ok(Verdict::Used),
        None if totp::accept(&seed, typed, now, ahead, None).is_some() => Ok(Verdict::Used),
        None => Ok(Verdict::Wrong),
    }
}

fn accept_bypass(
    tx: &mut Tx<'_, '_>,
    user: UserId,
    factor: FactorId,
    typed: &str,
) -> Result<Verdict, AppError> {
    let Some(hash) = code_hash(tx.ctx, BYPASS, typed) else { return Ok(Verdict::Wrong) };
    let Some(once) = tx.find_once(BYPASS, &hash)? else { return Ok(Verdict::Wrong) };
    if once.owner != user.to_string() || once.doc != factor.to_string() {
        return Ok(Verdict::Wrong);
    }
    let now = tx.ctx.now;
    if tx.use_once(BYPASS, &hash, now)? {
        Ok(Verdict::Accepted { factor, kind: FactorKind::BypassCode })
    } else {
        Ok(if once.used.is_some() { Verdict::Used } else { Verdict::Wrong })
    }
}

/// A person's factors that have not expired.
pub(crate) fn of(reader: &mut Reader, user: UserId, now: Time) -> Result<Vec<Factor>, AppError> {
    let all = reader.list_rights_of::<Factor>(Edge::UserFactor, &user.to_string())?;
    Ok(all.into_iter().map(|factor| factor.value).filter(|factor| lasts(factor, now)).collect())
}

/// Whether a person has a factor that does not end by itself, as codes of an administrator do.
pub(crate) fn has_lasting(reader: &mut Reader, user: UserId, now: Time) -> Result<bool, AppError> {
    Ok(of(reader, user, now)?.iter().any(|factor| factor.kind() != FactorKind::BypassCode))
}

fn lasts(factor: &Factor, now: Time) -> bool {
    factor.expires().is_none_or(|expires| expires >= now)
}

/// A new factor of a person. With one that lasts, codes to enrol by are void that nobody used yet: whoever finds a link of
/// before in a mailbox must not add one of theirs.
pub(crate) fn insert(tx: &mut Tx<'_, '_>, factor: Factor) -> Result<Factor, AppError> {
    let created = tx.create(factor)?;
    let factor = tx.record(created, "enroll").value;
    let owner = factor.user.to_string();
    tx.put_edge(Edge::UserFactor, &owner, &factor.id.to_string())?;
    if factor.kind() != FactorKind::BypassCode {
        tx.void_unused_once(&owner, ENROLLMENT_CODE)?;
    }
    Ok(factor)
}

/// The form in which a typed code rests; `None` if it is no code at all.
fn code_hash(ctx: &Ctx, kind: &str, typed: &str) -> Option<String> {
    token::typed_digits(typed).map(|digits| ctx.org.keys.hash_token(kind, &digits))
}
