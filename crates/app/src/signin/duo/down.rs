//! When Duo is of no use at a door: what is said, what is kept of it, and what holds there as long.

use sallyport_connect::duo::DuoError;
use sallyport_crypto::Secret;
use sallyport_model::{
    DuoDown, Method,
    signin::{Reason, SignIn},
};
use sallyport_policy::EffectivePolicy;
use sallyport_store::{Once, Reader};

use super::{
    super::{
        SECOND_DOOR_OPEN, Step, handle_hash,
        second_door::{At, There},
    },
    IS_DOWN, SAID_NO, stands, still_open,
};
use crate::{AppError, Ctx, Phrase, Tx, ctx::settings};

/// Kind of the note that Duo could not be asked at a door.
const DOWN: &str = "duo_down";

/// What follows where Duo cannot be asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IsDown {
    /// The person is told.
    Told,
    /// And what policy says of it holds at this door.
    Noted,
}

/// The door after Duo was of no use.
pub(super) async fn failed(
    ctx: &Ctx,
    handle: &Secret,
    error: &DuoError,
    says: IsDown,
) -> Result<Step, AppError> {
    let (problem, reason, is_down) = match error {
        // It answered, and its answer does not let anybody in.
        DuoError::Code { .. } | DuoError::Statement { .. } => (SAID_NO, Reason::DuoDenied, false),
        // Anybody could bring that about.
        DuoError::Busy(_) => (IS_DOWN, Reason::DuoUnreachable, false),
        DuoError::Clock { .. }
        | DuoError::Host(_)
        | DuoError::Key { .. }
        | DuoError::NotDuo { .. }
        | DuoError::Unavailable { .. }
        | DuoError::Unreachable(_) => (IS_DOWN, Reason::DuoUnreachable, says == IsDown::Noted),
    };
    tracing::error!(request = &*ctx.request, %error, "a sign-in at Duo came to nothing");
    let (hash, handle) = (handle_hash(ctx, handle), handle.clone());
    ctx.write(move |tx| {
        if is_down && let Some(stored) = tx.find_sign_in_by_handle(&hash)? {
            note_down(tx, &stored.sign_in)?;
        }
        match stands(tx, &handle, &hash)? {
            Ok((at, there)) => noted(tx, &at, &there, problem, reason.clone()),
            Err(step) => Ok(step),
        }
    })
    .await
}

/// The door as it stands now; why is told to the person, and to administrators.
pub(super) fn noted(
    tx: &mut Tx<'_, '_>,
    at: &At<'_>,
    there: &There,
    problem: Phrase,
    reason: Reason,
) -> Result<Step, AppError> {
    tx.put_sign_in(&SignIn { reasons: vec![reason], ..at.sign_in.clone() }, at.handle_hash)?;
    still_open(tx, at, there, problem)
}

/// Notes that Duo could not be asked at this door, as long as it stays open.
fn note_down(tx: &mut Tx<'_, '_>, sign_in: &SignIn) -> Result<(), AppError> {
    let owner = sign_in.id.to_string();
    let expires = tx.ctx.now.plus(SECOND_DOOR_OPEN);
    tx.void_once(&owner, DOWN)?;
    Ok(tx.put_once(DOWN, &owner, &Once { owner: owner.clone(), expires, used: None, doc: String::new() })?)
}

/// What was found of Duo at one door of an open session holds at the next of the same: each answer there is a sign-in of
/// its own.
pub(crate) fn is_down_as_at(tx: &mut Tx<'_, '_>, sign_in: &SignIn, former: &SignIn) -> Result<(), AppError> {
    let noted = tx.find_once(DOWN, &former.id.to_string())?;
    if noted.is_some_and(|noted| noted.expires >= tx.ctx.now) { note_down(tx, sign_in) } else { Ok(()) }
}

/// What holds at this door where Duo is on for the person and could not be asked.
pub(crate) fn policy_while_down(
    reader: &mut Reader,
    sign_in: &SignIn,
    policy: EffectivePolicy,
) -> Result<EffectivePolicy, AppError> {
    if !policy.allows(Method::Duo) || reader.find_once(DOWN, &sign_in.id.to_string())?.is_none() {
        return Ok(policy);
    }
    Ok(match settings(reader)?.duo.when_down {
        DuoDown::Closed => policy,
        DuoDown::OwnFactors => policy.with_all_that_are_on(),
    })
}
