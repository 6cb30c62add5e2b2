//! The second door once more, for a session that is open: it comes from a network it was not proved from, or something
//! needs the second door passed lately.

use sallyport_crypto::Secret;
use sallyport_model::{
    User,
    id::SignInId,
    signin::{FirstDoor, Resource, SignIn, SignInState},
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Reader, Session, Versioned};

use super::{
    Answer, Denial, SECOND_DOOR_OPEN, Step, duo, handle_hash, new_sign_in,
    second_door::{self, At},
    throttle::network,
};
use crate::{AppError, Ctx, Tx};

/// What a sign-in of this session goes on with while a phone, or Duo, is asked for it. Nobody brings it, and the database does not
/// tell it: it follows from the session, and ends with the session's secret.
pub(crate) fn handle(ctx: &Ctx, session: &Session) -> Secret {
    Secret::new(ctx.org.keys.hash_token(STEP_UP, &session.hash))
}

const STEP_UP: &str = "step_up";

/// One answer at the second door, by whoever holds a session of this person. It is a sign-in of its own: held back, counted
/// and logged as every other. What a phone has answered, or Duo has stated, belongs to the one that asked it.
pub(crate) fn answer(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    user: &Versioned<User>,
    session: &Session,
    to: &Resource,
    answer: &Answer,
) -> Result<Step, AppError> {
    let ctx = tx.ctx;
    let (handle, hash) = place(ctx, session);
    let begun = begun(tx, ctx, session)?;
    if matches!(answer, Answer::Duo(_) | Answer::Elsewhere) {
        let Some(sign_in) = begun else { return Ok(Step::Denied(Denial::start_again())) };
        let at = At { sign_in, handle: &handle, handle_hash: &hash, asked_of: &session.hash, wish: None };
        return second_door::answer(tx, at, answer);
    }
    let now = tx.ctx.now;
    let sign_in = new_sign_in(tx.ctx, id, user.name.as_str(), Some(user), to.clone());
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    if let Some(begun) = begun {
        duo::is_down_as_at(tx, &sign_in, &begun)?;
    }
    let at = At { sign_in, handle: &Secret::default(), handle_hash: "", asked_of: &session.hash, wish: None };
    let step = second_door::answer(tx, at, answer)?;
    // A wrong answer leaves a sign-in open for the next. Nobody goes on with this one: the next answer is another.
    if matches!(step, Step::SecondDoor(_))
        && let Some(noted) = tx.find_sign_in(&id.to_string())?
    {
        let reasons = noted.sign_in.reasons.clone();
        let denied = noted.sign_in.deny(reasons, now)?;
        tx.put_sign_in(&denied, "")?;
    }
    Ok(step)
}

/// The sign-in that a phone, or Duo, is asked in for this session. Whoever else has the cookie, elsewhere, does not fetch
/// what somebody said yes to here.
fn begun(reader: &mut Reader, ctx: &Ctx, session: &Session) -> Result<Option<SignIn>, AppError> {
    let (_, hash) = place(ctx, session);
    let stored = reader.find_sign_in_by_handle(&hash)?.map(|stored| stored.sign_in);
    Ok(stored.filter(|sign_in| is_here(ctx, sign_in)))
}

/// The same, if it is open and leads there.
pub(crate) fn opened(
    reader: &mut Reader,
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
) -> Result<Option<SignIn>, AppError> {
    let begun = begun(reader, ctx, session)?.filter(|begun| begun.resource == *to);
    Ok(begun.filter(|begun| matches!(begun.state, SignInState::SecondDoor { until } if ctx.now <= until)))
}

/// What holds at this session's second door, where Duo may have been found out of reach.
pub(crate) fn policy_at(
    reader: &mut Reader,
    ctx: &Ctx,
    session: &Session,
    to: &Resource,
    policy: EffectivePolicy,
) -> Result<EffectivePolicy, AppError> {
    match opened(reader, ctx, session, to)? {
        Some(open) => duo::policy_while_down(reader, &open, policy),
        None => Ok(policy),
    }
}

/// Opens a sign-in of this session in which a phone, or Duo, can be asked, or leaves the one that is open.
pub(crate) fn open(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    user: &Versioned<User>,
    session: &Session,
    to: &Resource,
) -> Result<(), AppError> {
    let ctx = tx.ctx;
    let (_, hash) = place(ctx, session);
    let now = ctx.now;
    if opened(tx, ctx, session, to)?.is_some() {
        return Ok(());
    }
    if let Some(stored) = tx.find_sign_in_by_handle(&hash)? {
        second_door::turn_away(tx, stored.sign_in, Denial::start_again())?;
    }
    let sign_in = new_sign_in(tx.ctx, id, user.name.as_str(), Some(user), to.clone());
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now.plus(SECOND_DOOR_OPEN))?;
    Ok(tx.put_sign_in(&sign_in, &hash)?)
}

/// Whether a sign-in comes from the network of this call.
fn is_here(ctx: &Ctx, sign_in: &SignIn) -> bool {
    let of = sign_in.source.as_deref().and_then(|source| source.parse().ok());
    network(of) == network(ctx.source)
}

fn place(ctx: &Ctx, session: &Session) -> (Secret, String) {
    let handle = handle(ctx, session);
    let hash = handle_hash(ctx, &handle);
    (handle, hash)
}
