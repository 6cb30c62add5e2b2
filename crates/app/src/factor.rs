//! Factors: enrolled with proof, shown, removed, and accepted at the second door.

pub mod at_door;
pub mod bypass;
pub mod duo;
pub mod enrollable;
mod enrollment;
pub mod invitation;
pub(crate) mod mailed;
pub mod mailing;
pub(crate) mod opening;
pub mod phone;
#[cfg(test)]
mod tests;
mod texted;

use sallyport_crypto::{Secret, token, totp, yubikey};
use sallyport_model::{
    Action, Factor, FactorKind, Method, Proof, ResetOf, Settings, Time, User,
    id::{FactorId, UserId},
    name::display_name,
    signin::Resource,
};
use sallyport_policy::{EffectivePolicy, Enrolled};
use sallyport_store::{Edge, Reader, Session, Versioned};

pub use self::bypass::issue_bypass_codes;
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

/// Longest name of a factor that a person gives it.
const LONGEST_NAME: usize = 64;

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

/// Nobody gives up by themselves the last of their own that opens the portal for them, nor, where nothing does, the last there
/// is.
pub(crate) fn refuse_last(tx: &mut Tx<'_, '_>, factor: &Factor) -> Result<(), AppError> {
    let (ctx, now) = (tx.ctx, tx.ctx.now);
    if factor.kind() == FactorKind::BypassCode {
        return Ok(());
    }
    let opens = offers_at(tx, ctx, factor.user, &Resource::Portal)?;
    let mut own =
        opens.iter().filter(|offer| opening::is_own(offer.kind())).map(|offer| offer.factor).peekable();
    let has_another = if own.peek().is_some() {
        own.any(|id| id != factor.id)
    } else {
        of(tx, factor.user, now)?
            .iter()
            .any(|other| other.id != factor.id && other.kind() != FactorKind::BypassCode)
    };
    if has_another { Ok(()) } else { Err(AppError::Conflict(Phrase::LastFactor.into())) }
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

/// The same of these factors of this person's, which may be worth something under these settings or not, and of their mail.
pub(crate) fn offered_under(
    settings: &Settings,
    person: &User,
    mut factors: Vec<Factor>,
    policy: &EffectivePolicy,
    now: Time,
) -> Vec<Offer> {
    factors.retain(|factor| models::counts(&settings.passkeys, &factor.proof));
    factors.extend(mailed::of(person, settings));
    offered(&factors, phone::Lines::of(person, settings), policy, now)
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
            FactorKind::BypassCode => bypass::accept(tx, &factor, &typed)?,
            FactorKind::Duo | FactorKind::Passkey | FactorKind::Push => Verdict::Wrong,
            FactorKind::Mail | FactorKind::Phone => texted::accept(tx, user, &factor, &typed, places)?,
        };
        match found {
            Verdict::Accepted { .. } => return Ok(found),
            Verdict::Used => outcome = Verdict::Used,
            Verdict::Copied | Verdict::NotAllowed | Verdict::Wrong => {}
        }
    }
    // A batch is gone with its last code, and whoever types that again is told so.
    let spent = outcome == Verdict::Wrong && bypass::was_spent(tx, user.id, &typed)?;
    Ok(if spent { Verdict::Used } else { outcome })
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

/// Kind of the id by which programs and applications know a factor, as an alias.
pub(crate) const DUO_FACTOR: &str = "duo_factor";

/// A new factor of a person. With one that lasts, codes to enrol by are void that nobody used yet: whoever finds a link of
/// before in a mailbox must not add one of theirs.
pub(crate) fn insert(tx: &mut Tx<'_, '_>, factor: Factor) -> Result<Factor, AppError> {
    let created = tx.create(factor)?;
    let factor = tx.record(created, "enroll").value;
    let (owner, id) = (factor.user.to_string(), factor.id.to_string());
    tx.put_edge(Edge::UserFactor, &owner, &id)?;
    tx.put_alias(DUO_FACTOR, &factor.duo_id, &id)?;
    if factor.kind() != FactorKind::BypassCode {
        tx.void_unused_once(&owner, ENROLLMENT_CODE)?;
    }
    Ok(factor)
}

/// The form in which a typed code rests; `None` if it is no code at all.
fn code_hash(ctx: &Ctx, kind: &str, typed: &str) -> Option<String> {
    token::typed_digits(typed).map(|digits| ctx.org.keys.hash_token(kind, &digits))
}
