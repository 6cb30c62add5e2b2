//! Phones: a number that codes are texted to, or that is called. Added by an administrator, or by whoever passed both doors
//! and typed the code that was texted there.
//!
//! A number is stored before anything is sent to it, and what is sent goes to the stored one: no request says where to.
//! Nobody is told whether a number is known here already; it may be several people's.

#[cfg(test)]
mod tests;

use sallyport_api::rest::AddPhone;
use sallyport_crypto::{Secret, random};
use sallyport_model::{
    Action, CallingCode, Factor, FactorKind, Method, PhoneNumber, Proof, ResetOf, Settings, Span, Telephony,
    User,
    id::{FactorId, UserId},
    name::printable,
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Once, Reader, Session, Versioned};
use serde::{Deserialize, Serialize};

use super::{behind_both_doors, enrollable, insert, of, refuse_dormant, texted};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    recovery,
    signin::throttle,
    telephony::{Line, Occasion, budget::Carried},
};

const PENDING: &str = "pending_phone";

/// Most phones of one person.
const MOST: usize = 5;
/// Longest name of a phone.
const LONGEST_NAME: usize = 64;
/// How long somebody may take from the text to the code.
const PENDING_LIFE: Span = Span::minutes(Telephony::CODE_MINUTES);

/// What the phones of one person may be used for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lines {
    pub(crate) texts: bool,
    pub(crate) calls: bool,
}

impl Lines {
    /// Of this person, as things are set. Nothing, for whoever has a role: what guards the house is not guarded by a number
    /// that a telephone company can give to somebody else.
    pub(crate) fn of(user: &User, settings: &Settings) -> Self {
        if !user.roles.is_empty() {
            return Self::default();
        }
        Self { texts: settings.telephony.has_texts(), calls: settings.telephony.has_calls() }
    }

    /// The same, read from the store; only where there is a phone at all.
    pub(crate) fn read(reader: &mut Reader, user: UserId, factors: &[Factor]) -> Result<Self, AppError> {
        if !factors.iter().any(|factor| number_of(factor).is_some()) {
            return Ok(Self::default());
        }
        let Some(user) = reader.find::<User>(user)? else { return Ok(Self::default()) };
        Ok(Self::of(&user, &settings(reader)?.value))
    }

    /// What is left of them where this policy holds.
    pub(crate) fn under(self, policy: &EffectivePolicy) -> Self {
        Self {
            texts: self.texts && policy.allows(Method::Text),
            calls: self.calls && policy.allows(Method::Call),
        }
    }

    /// What is left of a proof: a phone only with what it may be used for now, and if that is nothing, none.
    pub(crate) fn leave(self, proof: &Proof) -> Option<Proof> {
        let Proof::Phone { number, texts, calls } = proof else { return Some(proof.clone()) };
        let (texts, calls) = (*texts && self.texts, *calls && self.calls);
        (texts || calls).then(|| Proof::Phone { number: number.clone(), texts, calls })
    }
}

pub(crate) const fn number_of(factor: &Factor) -> Option<&PhoneNumber> {
    match &factor.proof {
        Proof::Phone { number, .. } => Some(number),
        Proof::BypassCode { .. }
        | Proof::Duo
        | Proof::HardwareToken { .. }
        | Proof::Mail { .. }
        | Proof::Passkey { .. }
        | Proof::Push { .. }
        | Proof::Totp => None,
    }
}

/// A phone about to be added by its owner.
#[derive(Debug, Clone)]
pub struct PendingPhone {
    /// Must be brought with the code.
    pub handle: Secret,
    /// The last digits of the number the code went to.
    pub last_four: String,
}

/// What stands behind the handle of a phone that is not proved yet.
#[derive(Serialize, Deserialize)]
struct Pending {
    user: UserId,
    epoch: i64,
    number: PhoneNumber,
    name: String,
    calls: bool,
    /// Of the code that was texted.
    code: String,
}

/// Adds a phone to a person, at an administrator's word that it is theirs.
///
/// # Errors
/// Denied, above the caller's own rights, no such user, one with a role, or a number that nothing may be sent to.
pub async fn add(ctx: &Ctx, user: UserId, input: AddPhone) -> Result<Factor, AppError> {
    add_as(ctx, user, input, ctx.duo_id("DP")?, |_| Ok(())).await
}

/// The same under an id that the phone has already towards Duo's protocols; `also` is done in the same write.
pub(crate) async fn add_as(
    ctx: &Ctx,
    user: UserId,
    input: AddPhone,
    duo_id: String,
    also: impl Fn(&mut Tx<'_, '_>) -> Result<(), AppError> + Send + 'static,
) -> Result<Factor, AppError> {
    let id = ctx.id(FactorId::new)?;
    let number = read_number(&input.number)?;
    let (texts, calls) = (input.texts.unwrap_or(true), input.calls.unwrap_or(true));
    if !texts && !calls {
        return Err(AppError::invalid("texts", "a phone is texted, or called, or both"));
    }
    let name = named(input.name.as_deref(), &number);
    ctx.write(move |tx| {
        let person = tx.user_for(Action::ManageFactors, user)?;
        check(tx, &person, &number)?;
        recovery::permit(tx, &person, &ResetOf::AddPhone { number: number.clone() })?;
        also(tx)?;
        let proof = Proof::Phone { number: number.clone(), texts, calls };
        let created = tx.ctx.now;
        insert(tx, Factor { id, user, proof, name: name.clone(), duo_id: duo_id.clone(), created })
    })
    .await
}

/// Texts a code to a number that somebody who passed both doors wants to add.
///
/// # Errors
/// The session is not behind both doors, the person is dormant or has a role, texts are off, the number is none or nothing
/// may be sent to it, too many already, or the provider did not take it.
pub async fn begin_own(ctx: &Ctx, session: &Session, input: &AddPhone) -> Result<PendingPhone, AppError> {
    let user = behind_both_doors(ctx, session)?;
    let number = read_number(&input.number)?;
    let (handle, hash) = ctx.bearer(PENDING)?;
    let code = Secret::new(random::digits(&*ctx.org.random, texted::DIGITS)?);
    let pending = Pending {
        user,
        epoch: session.epoch,
        name: named(input.name.as_deref(), &number),
        number: number.clone(),
        calls: input.calls.unwrap_or(true),
        code: ctx.org.keys.hash_token(PENDING, code.expose()),
    };
    let doc = serde_json::to_string(&pending)?;
    let to = number.clone();
    let counted = ctx
        .write(move |tx| {
            let person = tx.find::<User>(user)?.ok_or(AppError::Unauthenticated)?;
            refuse_dormant(&person)?;
            check(tx, &person, &to)?;
            let ctx = tx.ctx;
            enrollable::refuse_useless(tx, ctx, user, FactorKind::Phone)?;
            let line = Line::of(tx, ctx)?.filter(|line| line.telephony.has_texts());
            let line = line.ok_or_else(|| AppError::Conflict(Phrase::NoTexts.into()))?;
            let counted = line.count(tx, Carried::Text, Occasion::NEW_NUMBER, user, to.clone())?;
            let counted = counted.map_err(|spent| AppError::Conflict(spent.phrase().into()))?;
            tx.void_once(&user.to_string(), PENDING)?;
            let expires = tx.ctx.now.plus(PENDING_LIFE);
            let once = Once { owner: user.to_string(), expires, used: None, doc: doc.clone() };
            tx.put_once(PENDING, &hash, &once)?;
            Ok(counted)
        })
        .await?;
    let text = texted::words(&[code], counted.telephony());
    counted.text(ctx, &text).await.map_err(|_| AppError::Conflict(crate::telephony::NOT_SENT.into()))?;
    Ok(PendingPhone { handle, last_four: number.last_four().to_owned() })
}

/// Adds the phone whose code was typed.
///
/// # Errors
/// The session is not behind both doors, the code is not right, or it took too long.
pub async fn confirm_own(
    ctx: &Ctx,
    session: &Session,
    handle: &Secret,
    code: &Secret,
) -> Result<Factor, AppError> {
    let user = behind_both_doors(ctx, session)?;
    let hash = ctx.org.keys.hash_token(PENDING, handle.expose());
    let typed = super::code_hash(ctx, PENDING, code.expose());
    let (id, duo_id) = (ctx.id(FactorId::new)?, ctx.duo_id("DP")?);
    let added = ctx
        .write(move |tx| {
            let ctx = tx.ctx;
            if throttle::own_code_wait(tx, user, ctx.now)?.is_some() {
                return Err(AppError::Busy);
            }
            let too_late = || AppError::Conflict(Phrase::NewCodeExpired.into());
            let once = tx.find_once(PENDING, &hash)?.ok_or_else(too_late)?;
            let pending: Pending = serde_json::from_str(&once.doc)?;
            let person = tx.find::<User>(user)?.filter(|person| {
                person.id == pending.user && person.credential_epoch == pending.epoch && person.is_active()
            });
            let person = person.ok_or_else(too_late)?;
            if typed.as_ref() != Some(&pending.code) {
                // The failure must be counted, so it is not an error of the transaction.
                return throttle::own_code_failed(tx, user).map(|()| None);
            }
            refuse_dormant(&person)?;
            check(tx, &person, &pending.number)?;
            enrollable::refuse_useless(tx, ctx, user, FactorKind::Phone)?;
            if !tx.use_once(PENDING, &hash, ctx.now)? {
                return Err(too_late());
            }
            let proof = Proof::Phone { number: pending.number, texts: true, calls: pending.calls };
            let (name, created) = (pending.name, ctx.now);
            recovery::number_is_theirs(tx, id)?;
            insert(tx, Factor { id, user, proof, name, duo_id: duo_id.clone(), created }).map(Some)
        })
        .await?;
    added.ok_or_else(|| AppError::invalid("passcode", Phrase::NumberCodeWrong))
}

/// Whether this number may become a factor of this person.
fn check(tx: &mut Tx<'_, '_>, person: &Versioned<User>, number: &PhoneNumber) -> Result<(), AppError> {
    if !person.roles.is_empty() {
        return Err(AppError::Conflict(Phrase::NumberWithRole.into()));
    }
    let telephony = settings(tx)?.value.telephony;
    if CallingCode::of(number, &telephony.countries).is_none() {
        return Err(AppError::invalid("number", Phrase::NumberClosed));
    }
    let now = tx.ctx.now;
    let factors = of(tx, person.id, now)?;
    let phones: Vec<&PhoneNumber> = factors.iter().filter_map(number_of).collect();
    if phones.contains(&number) {
        return Err(AppError::Conflict(Phrase::NumberTaken.into()));
    }
    if phones.len() >= MOST {
        return Err(AppError::Conflict(Phrase::TooManyNumbers(MOST).into()));
    }
    Ok(())
}

pub(crate) fn read_number(given: &str) -> Result<PhoneNumber, AppError> {
    given.parse().map_err(|error: sallyport_model::PhoneError| AppError::invalid("number", error))
}

fn named(given: Option<&str>, number: &PhoneNumber) -> String {
    let given = printable(given.unwrap_or_default().trim(), LONGEST_NAME);
    if given.is_empty() { format!("Phone ending in {}", number.last_four()) } else { given }
}
