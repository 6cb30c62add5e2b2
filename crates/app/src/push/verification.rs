//! Whether somebody is who they say: a help desk that speaks with a person asks their phone, and reads them the number that
//! the phone wants. It opens no door: the sign-in it names is its own id, which no sign-in has.

use sallyport_crypto::random;
use sallyport_model::{
    Action, Challenge, ChallengeState, Factor, FactorKind,
    challenge::Reach,
    id::{ChallengeId, FactorId, SignInId, UserId},
    name::printable,
};

use crate::{
    AppError, Ctx, Tx,
    factor::one_of,
    push,
    signin::challenge::{self, LIFE},
};

/// Digits of the number that is read out.
const DIGITS: usize = 6;

/// A request that went to a phone.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: ChallengeId,
    /// What the person has to type on the phone.
    pub(crate) number: String,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Confirmed,
    /// The person says that they speak with nobody.
    NotThem,
    /// They said no, did not know the number, or did not answer in time.
    Refused,
    Waiting,
}

/// Asks a person's phone.
///
/// # Errors
/// Denied, above the caller's own rights, no such phone or not one that is pushed, or it is asked too often.
pub(crate) async fn ask(ctx: &Ctx, user: UserId, phone: FactorId) -> Result<Asked, AppError> {
    let id = ctx.id(ChallengeId::new)?;
    let number = random::digits(&*ctx.org.random, DIGITS)?;
    let shown = number.clone();
    let challenge = ctx.write(move |tx| make(tx, (user, phone), id, &shown)).await?;
    ctx.org.bells.ring(&challenge.user.to_string());
    push::wake(ctx, &challenge);
    Ok(Asked { id, number })
}

fn make(
    tx: &mut Tx<'_, '_>,
    (user, phone): (UserId, FactorId),
    id: ChallengeId,
    number: &str,
) -> Result<Challenge, AppError> {
    let ctx = tx.ctx;
    let person = tx.user_for(Action::ManageFactors, user)?;
    if !person.is_active() {
        return Err(AppError::Conflict(format!("`{}` is not active", person.name).into()));
    }
    let factor: Factor = one_of(tx, user, phone)?.value;
    if factor.kind() != FactorKind::Push {
        return Err(AppError::invalid("phone_id", "is no phone that is pushed"));
    }
    let what = format!("Help desk ({})", ctx.actor().label());
    let challenge = place(tx, (id, of(id)), (user, phone), number, &what)?;
    tx.record_touched(&factor, "verify");
    Ok(challenge)
}

/// A request to this phone of this person, asked for from where the call comes from: whether it is them who speaks with a
/// help desk. `about` stands in the place of a sign-in, and is the id of none.
pub(crate) fn place(
    tx: &mut Tx<'_, '_>,
    (id, about): (ChallengeId, SignInId),
    (user, phone): (UserId, FactorId),
    number: &str,
    what: &str,
) -> Result<Challenge, AppError> {
    let (now, source) = (tx.ctx.now, tx.ctx.source.map(|source| source.to_string()));
    if let Some(problem) = challenge::make_room(tx, (about, source.as_deref()), user)? {
        return Err(AppError::Conflict(problem.into()));
    }
    let challenge = Challenge {
        id,
        sign_in: about,
        user,
        factor: phone,
        kind: FactorKind::Push,
        state: ChallengeState::Waiting,
        number: Some(number.to_owned()),
        wrong_numbers: 0,
        reach: Reach::OnItsWay,
        verifies: true,
        what: printable(what, 100),
        source: None,
        country: None,
        device: None,
        answered_from: None,
        answered_in: None,
        disowned: false,
        created: now,
        expires: now.plus(LIFE),
    };
    tx.put_challenge(&challenge)?;
    Ok(challenge)
}

/// The sign-in that a request of this kind names.
const fn of(id: ChallengeId) -> SignInId {
    SignInId::new(id.uuid())
}

/// What came of a request that [`ask`] sent to this person; nothing for any other.
///
/// # Errors
/// Denied, or above the caller's own rights.
pub(crate) async fn outcome(ctx: &Ctx, user: UserId, id: ChallengeId) -> Result<Option<Outcome>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    let now = ctx.now;
    let mine = move |found: &Challenge| found.user == user && found.verifies && found.sign_in == of(id);
    let found = ctx
        .read(move |reader| {
            let Some(challenge) = reader.find_challenge(id)?.filter(mine) else { return Ok(None) };
            Ok(Some((reader.find::<Factor>(challenge.factor)?.is_some(), challenge)))
        })
        .await?;
    Ok(found.map(|(is_theirs, challenge)| match challenge.state {
        ChallengeState::Waiting if challenge.is_open(now) => Outcome::Waiting,
        // A yes says who speaks now, and nothing for whoever comes back to it; nor does that of a phone that is gone.
        ChallengeState::Approved | ChallengeState::Spent
            if is_theirs && now <= challenge.created.plus(challenge::LONGEST_LIFE) =>
        {
            Outcome::Confirmed
        }
        ChallengeState::NotMe => Outcome::NotThem,
        ChallengeState::Approved
        | ChallengeState::Denied
        | ChallengeState::Spent
        | ChallengeState::Void
        | ChallengeState::Waiting => Outcome::Refused,
    }))
}
