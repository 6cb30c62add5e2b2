//! The second door once more, for a session that comes from a network it was not proved from.

use sallyport_crypto::Secret;
use sallyport_model::{
    User,
    id::SignInId,
    signin::{FirstDoor, Resource},
};
use sallyport_store::Versioned;

use super::{
    Answer, Step, new_sign_in,
    second_door::{self, At},
};
use crate::{AppError, Tx};

/// One answer at the second door, by whoever holds a session of this person. It is a sign-in of its own: held back, counted
/// and logged as every other.
pub(crate) fn answer(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    user: &Versioned<User>,
    resource: Resource,
    asked_of: &str,
    answer: &Answer,
) -> Result<Step, AppError> {
    let now = tx.ctx.now;
    let sign_in = new_sign_in(tx.ctx, id, user.name.as_str(), Some(user), resource);
    let sign_in = sign_in.open_second_door(FirstDoor::Session, now)?;
    let at = At { sign_in, handle: &Secret::default(), handle_hash: "", asked_of, wish: None };
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
