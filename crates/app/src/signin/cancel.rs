//! The end of a sign-in that its person does not want to go on with.

use sallyport_crypto::Secret;
use sallyport_model::signin::Reason;

use super::HANDLE;
use crate::{AppError, Tx};

/// Ends the sign-in whose next step would bring `handle`, if there is one. Nothing is counted: nothing was tried.
pub(crate) fn cancel(tx: &mut Tx<'_, '_>, handle: &Secret) -> Result<(), AppError> {
    let (hash, now) = (tx.ctx.org.keys.hash_token(HANDLE, handle.expose()), tx.ctx.now);
    let Some(stored) = tx.find_sign_in_by_handle(&hash)? else { return Ok(()) };
    let denied = stored.sign_in.deny(vec![Reason::Cancelled], now)?;
    Ok(tx.put_sign_in(&denied, "")?)
}
