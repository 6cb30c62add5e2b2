//! The end of a sign-in that its person does not want to go on with.

use sallyport_crypto::Secret;
use sallyport_model::{id::UserId, signin::Reason};

use super::handle_hash;
use crate::{AppError, Tx};

/// Ends the sign-in whose next step would bring `handle`, if there is one, and takes back what a phone was asked for it;
/// whose phones hear of that. Nothing is counted: nothing was tried.
pub(crate) fn cancel(tx: &mut Tx<'_, '_>, handle: &Secret) -> Result<Option<UserId>, AppError> {
    let (hash, now) = (handle_hash(tx.ctx, handle), tx.ctx.now);
    let Some(stored) = tx.find_sign_in_by_handle(&hash)? else { return Ok(None) };
    if let Some(challenge) = tx.challenge_at(stored.sign_in.id)? {
        tx.put_challenge(&challenge.void())?;
    }
    let denied = stored.sign_in.deny(vec![Reason::Cancelled], now)?;
    tx.put_sign_in(&denied, "")?;
    Ok(denied.user)
}
