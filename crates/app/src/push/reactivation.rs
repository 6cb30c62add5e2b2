//! A phone that is there already is set up anew: its page was lost, or it is another handset. It stays the same phone to all
//! who know it, with its id, its name and its place in lists, and signs with another key.
//!
//! The old key is dead once the new one is there, and not before: a link that nobody follows takes no door from anybody, nor
//! does whoever has a help desk send one. With it dies what was proved by it, as with a factor that is removed; only the
//! session goes on in which its owner began. A phone in the wrong hands is removed, which holds at once.

#[cfg(test)]
mod tests;

use sallyport_model::{
    Action, Factor, FactorKind, Proof, ResetOf, Span, User,
    id::{FactorId, UserId},
};
use sallyport_store::{Reader, Session, Versioned};
use serde::{Deserialize, Serialize};

use super::{
    PHONE,
    activation::{Begun, LIFE, Pending, begin},
    waking,
};
use crate::{
    AppError, Ctx, Tx,
    factor::{self as factors, LONGEST_ENROLLMENT},
    recovery, session,
    signin::challenge,
};

/// Verbs in the feed by which the person hears of it: whoever had the code did it, or whoever held a session of theirs.
pub(crate) const REACTIVATED: &str = "reactivate_phone";
pub(crate) const REACTIVATED_OWN: &str = "reactivate_own_phone";

/// The phone that a code sets up anew.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Again {
    factor: FactorId,
    /// Whether an administrator handed it out, which is a proof of who it is.
    handed_out: bool,
    /// The hash of the session in which its owner began.
    #[serde(default)]
    session: Option<String>,
}

/// Begins to set up one of one's own phones anew.
///
/// # Errors
/// The session is not behind both doors, no such phone, the person is dormant, or no randomness.
pub async fn begin_own(ctx: &Ctx, session: &Session, factor: FactorId) -> Result<Begun, AppError> {
    let id = factors::behind_both_doors(ctx, session)?;
    let session = Some(session.hash.clone());
    begin(ctx, LIFE, move |tx| {
        let user = tx.find::<User>(id)?.ok_or(AppError::Unauthenticated)?;
        factors::refuse_dormant(&user)?;
        pending(tx, &user, Again { factor, handed_out: false, session: session.clone() })
    })
    .await
}

/// Hands out a code for a phone of somebody's, good for so long and a day at most.
///
/// # Errors
/// Denied, above the caller's own rights, no such phone, not active, or a reset that is to be asked for first.
pub async fn issue(ctx: &Ctx, user: UserId, factor: FactorId, valid_secs: i64) -> Result<Begun, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let life = Span::seconds(valid_secs.clamp(60, LONGEST_ENROLLMENT));
    begin(ctx, life, move |tx| {
        let person = tx.user_for(Action::ManageFactors, user)?;
        if !person.is_active() {
            return Err(AppError::Conflict(format!("`{}` is not active", person.name).into()));
        }
        let pending = pending(tx, &person, Again { factor, handed_out: true, session: None })?;
        recovery::permit(tx, &person, &ResetOf::Reactivate { factor })?;
        tx.record_touched(&person.value, "issue_activation_code");
        Ok(pending)
    })
    .await
}

fn pending(tx: &mut Tx<'_, '_>, user: &User, again: Again) -> Result<Pending, AppError> {
    refuse_other_kinds(&factors::one_of(tx, user.id, again.factor)?.value)?;
    Ok(Pending { user: user.id, epoch: user.credential_epoch, enrollment: None, again: Some(again) })
}

/// Only a phone that is asked has a page.
pub(crate) fn refuse_other_kinds(factor: &Factor) -> Result<(), AppError> {
    if factor.kind() == FactorKind::Push {
        Ok(())
    } else {
        Err(AppError::Conflict(format!("`{}` is no phone that asks", factor.name).into()))
    }
}

impl Again {
    pub(super) fn is_there(&self, reader: &mut Reader, user: UserId) -> Result<bool, AppError> {
        Ok(reader.find::<Factor>(self.factor)?.is_some_and(|factor| factor.user == user))
    }

    /// The phone goes on with what its new page brought. Whatever the old page had is void: its secret, where it was woken,
    /// and what it said that no door has heard of yet.
    pub(super) fn complete(
        &self,
        tx: &mut Tx<'_, '_>,
        user: &Versioned<User>,
        proof: Proof,
    ) -> Result<Factor, AppError> {
        let (id, now) = (self.factor.to_string(), tx.ctx.now);
        let before = factors::one_of(tx, user.id, self.factor)?;
        for secret in tx.aliases_of(&id, PHONE)? {
            tx.delete_alias(PHONE, &secret, &id)?;
        }
        waking::unsubscribe(tx, &id)?;
        for open in tx.challenges_of(user.id, now.minus(challenge::LONGEST_LIFE))? {
            if open.factor == self.factor {
                tx.put_challenge(&open.void())?;
            }
        }
        let changed = tx.update(&before, Factor { proof, ..before.value.clone() })?;
        let factor = tx.record(changed, "reactivate").value;
        self.void_what_was_proved(tx, user)?;
        Ok(factor)
    }

    /// What the old key proved counts no more, but for the session in which its owner asked for another.
    fn void_what_was_proved(&self, tx: &mut Tx<'_, '_>, user: &Versioned<User>) -> Result<(), AppError> {
        let verb = if self.handed_out { REACTIVATED } else { REACTIVATED_OWN };
        let after = user.value.clone().with_next_epoch();
        let changed = tx.update(user, User { dormant: after.dormant && !self.handed_out, ..after })?;
        // By which the person hears of it.
        let after = tx.record(changed, verb);
        match &self.session {
            Some(hash) => session::carry_over(tx, hash, user, &after),
            None => Ok(()),
        }
    }
}
