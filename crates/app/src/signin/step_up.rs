//! The second door once more, for a session that comes from a network it was not proved from.

use sallyport_crypto::Secret;
use sallyport_model::{
    User,
    id::SignInId,
    signin::{FirstDoor, Resource, SignIn, SignInState},
};
use sallyport_store::Versioned;

use super::{Step, second_door};
use crate::{AppError, Tx};

/// One code at the second door, by whoever holds a session of this person. It is a sign-in of its own: held back, counted
/// and logged as every other.
pub(crate) fn passcode(
    tx: &mut Tx<'_, '_>,
    id: SignInId,
    user: &Versioned<User>,
    resource: Resource,
    passcode: &Secret,
) -> Result<Step, AppError> {
    let now = tx.ctx.now;
    let sign_in = SignIn {
        id,
        name: user.name.to_string(),
        user: Some(user.id),
        resource,
        source: tx.ctx.source.map(|source| source.to_string()),
        state: SignInState::FirstDoor,
        first_door: None,
        second_door: None,
        reasons: Vec::new(),
        epoch: user.credential_epoch,
        created: now,
    };
    let step = second_door(
        tx,
        sign_in.open_second_door(FirstDoor::Session, now)?,
        &Secret::default(),
        "",
        passcode,
    )?;
    // A wrong code leaves a sign-in open for the next. Nobody goes on with this one: the next code is another.
    if matches!(step, Step::SecondDoor(_))
        && let Some(noted) = tx.find_sign_in(&id.to_string())?
    {
        let reasons = noted.sign_in.reasons.clone();
        let denied = noted.sign_in.deny(reasons, now)?;
        tx.put_sign_in(&denied, "")?;
    }
    Ok(step)
}
