//! Codes by text and by mail, asked for at the second door. To which phone or address is said by the factor; number and
//! address are the stored ones.

#[cfg(test)]
mod tests;

use sallyport_crypto::Secret;
use sallyport_model::{
    FactorKind, User,
    id::{FactorId, SignInId},
    signin::{Reason, Resource, SignIn},
};
use sallyport_policy::Decision;
use sallyport_store::{Session, Versioned};

use super::{
    Answer, Asking, Denial, Offer, Ruling, SecondDoorStep, Step, handle_hash, rule,
    second_door::{At, There, deny, person_at, still_open, turn_away},
};
use crate::{
    AppError, Ctx, Phrase, Tx,
    ctx::settings,
    factor::{self, Draft, Parcel},
    session::step_up::SteppedUp,
};

/// Said when a text or a mail is on its way.
pub const ON_ITS_WAY: Phrase = Phrase::OnItsWay;

/// Those of the offers that codes can be sent to, in the order in which menus count them.
pub fn texted_phones(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers.iter().filter(|offer| offer.proof.is_sent_codes())
}

/// What came of asking for a text.
enum Asked {
    Not(SecondDoorStep),
    /// Nothing goes on at this door.
    Over(Step),
    Ready(Box<Parcel>, SecondDoorStep),
}

/// Texts codes to a phone of whoever stands at this second door. The step says in its problem why not, and has none where it
/// is on its way; a single code opens this door alone.
///
/// # Errors
/// Something of ours failed.
pub async fn text(ctx: &Ctx, handle: &Secret, phone: FactorId) -> Result<Step, AppError> {
    let (draft, at) = (Draft::draw(ctx)?, handle_hash(ctx, handle));
    let handle = handle.clone();
    let asked = ctx
        .write(move |tx| match tx.find_sign_in_by_handle(&at)? {
            None => Ok(Asked::Over(Step::Denied(Denial::start_again()))),
            Some(stored) => ask(tx, stored.sign_in, (&handle, &at), phone, &draft, &at),
        })
        .await?;
    Ok(match asked {
        Asked::Over(step) => step,
        Asked::Not(step) => Step::SecondDoor(step),
        Asked::Ready(parcel, step) => {
            Step::SecondDoor(SecondDoorStep { problem: parcel.send(ctx).await?.err(), ..step })
        }
    })
}

/// Texts codes for a sign-in that begins anew with the code, as those of protected applications do. This one ends, and
/// the text says whether it is on its way.
///
/// # Errors
/// Something of ours failed.
pub(crate) async fn text_for_later(
    ctx: &Ctx,
    handle: &Secret,
    phone: FactorId,
) -> Result<Result<(), Denial>, AppError> {
    let (draft, hash) = (Draft::draw(ctx)?, handle_hash(ctx, handle));
    let handle = handle.clone();
    let asked = ctx
        .write(move |tx| {
            let Some(stored) = tx.find_sign_in_by_handle(&hash)? else {
                return Ok(Asked::Over(Step::Denied(Denial::start_again())));
            };
            let at = later_place(&stored.sign_in.resource).unwrap_or_else(|| hash.clone());
            let asked = ask(tx, stored.sign_in.clone(), (&handle, &hash), phone, &draft, &at)?;
            if matches!(asked, Asked::Ready(..)) {
                deny(tx, stored.sign_in, Denial::new(ON_ITS_WAY, vec![Reason::CodeTexted]))?;
            }
            Ok(asked)
        })
        .await?;
    Ok(match asked {
        Asked::Over(Step::Denied(denial)) => Err(denial),
        Asked::Over(Step::Allowed(_) | Step::EnrollmentNeeded { .. } | Step::SecondDoor(_)) => {
            Err(Denial::new(Phrase::NoPhoneToText, Vec::new()))
        }
        Asked::Not(step) => Err(Denial::new(step.problem.unwrap_or(Phrase::NoPhoneToText), Vec::new())),
        Asked::Ready(parcel, _) => {
            parcel.send(ctx).await?.map_err(|problem| Denial::new(problem, Vec::new()))
        }
    })
}

/// The place at which a code is good that was asked for in one sign-in and is typed in another.
pub(super) fn later_place(resource: &Resource) -> Option<String> {
    match resource {
        Resource::Application { application, .. } => Some(application.to_string()),
        Resource::Api | Resource::DeviceLogin { .. } | Resource::Portal => None,
    }
}

/// `good_at`: where a single code is good.
fn ask(
    tx: &mut Tx<'_, '_>,
    sign_in: SignIn,
    (handle, handle_hash): (&Secret, &str),
    phone: FactorId,
    draft: &Draft,
    good_at: &str,
) -> Result<Asked, AppError> {
    let at = At { sign_in, handle, handle_hash, asked_of: handle_hash, wish: None };
    let there = person_at(tx, &at.sign_in, &Answer::Passcode(Secret::default()))?;
    let There { user, policy, .. } = match there {
        Ok(there) => there,
        Err(denial) => return turn_away(tx, at.sign_in, denial).map(Asked::Over),
    };
    let step = match still_open(tx, &at, &user, &policy, None)? {
        Step::SecondDoor(step) => step,
        over @ (Step::Allowed(_) | Step::Denied(_) | Step::EnrollmentNeeded { .. }) => {
            return Ok(Asked::Over(over));
        }
    };
    let asked_at = (good_at, Some(at.sign_in.id));
    Ok(match store(tx, &user, &step.offers, phone, draft, asked_at)? {
        Ok(parcel) => Asked::Ready(Box::new(parcel), step),
        Err(problem) => Asked::Not(SecondDoorStep { problem: Some(problem), ..step }),
    })
}

fn store(
    tx: &mut Tx<'_, '_>,
    user: &Versioned<User>,
    offers: &[Offer],
    phone: FactorId,
    draft: &Draft,
    at: (&str, Option<SignInId>),
) -> Result<Result<Parcel, Phrase>, AppError> {
    let Some(offer) = texted_phones(offers).find(|offer| offer.factor == phone) else {
        return Ok(Err(Phrase::NoPhoneToText));
    };
    let factor = if offer.kind() == FactorKind::Mail {
        factor::mailed::of(user, &settings(tx)?.value)
    } else {
        tx.find::<sallyport_model::Factor>(phone)?.map(|found| found.value)
    };
    let Some(factor) = factor else { return Ok(Err(Phrase::NoPhoneToText)) };
    draft.store(tx, user, &factor, at)
}

/// Texts codes to whoever is signed in and passes the second door once more; a single code is good for this session.
pub(crate) async fn text_once_more(
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    phone: FactorId,
) -> Result<Result<(), SteppedUp>, AppError> {
    let (draft, of, to) = (Draft::draw(ctx)?, session.clone(), to.clone());
    let not = |text: Phrase| SteppedUp::NotYet { text, retry_after_seconds: None };
    let parcel = ctx
        .write(move |tx| {
            let user = tx
                .find::<User>(of.user)?
                .filter(|user| user.is_active() && user.credential_epoch == of.epoch);
            let user = user.ok_or(AppError::Unauthenticated)?;
            let now = tx.ctx.now;
            if let Some(wait) = super::throttle::second_door_wait(tx, user.id, now)? {
                return Ok(Err(Phrase::too_many(wait)));
            }
            let ctx = tx.ctx;
            let asking = Asking::here(ctx, user.id, &to);
            let Ruling { decision, policy } = rule(tx, ctx, &user, asking)?;
            if matches!(decision, Decision::Deny(_)) {
                return Err(AppError::Unauthenticated);
            }
            let policy = super::step_up::policy_at(tx, ctx, &of, &to, policy)?;
            let offers = factor::offers(tx, user.id, &policy, ctx.now)?;
            store(tx, &user, &offers, phone, &draft, (&of.hash, None))
        })
        .await?;
    match parcel {
        Err(problem) => Ok(Err(not(problem))),
        Ok(parcel) => Ok(parcel.send(ctx).await?.map_err(not)),
    }
}
