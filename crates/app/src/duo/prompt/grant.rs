//! The code: what a browser carries back to the application. It is worth nothing to whoever sees it there, because only
//! the application's key redeems it, once, within a minute.

use sallyport_crypto::Secret;
use sallyport_model::{
    Span,
    id::{SignInId, UserId},
};
use sallyport_store::Once;
use serde::{Deserialize, Serialize};

use super::{PROMPT, Prompt, hash};
use crate::{AppError, Ctx, signin::Admission};

/// Kind of the code, and its prefix.
pub(super) const CODE: &str = "spc";
/// An application redeems it when the browser brings it.
const CODE_LIFE: Span = Span::seconds(60);

/// What a code stands for.
#[derive(Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) prompt: Prompt,
    pub(super) user: UserId,
    /// The person's credential epoch: what voids sessions voids this too.
    pub(super) epoch: i64,
    pub(super) sign_in: SignInId,
}

/// A code for somebody who was admitted to this prompt's application, once for each prompt that was shown. `None` if the
/// prompt is over.
pub(super) async fn issue(
    ctx: &Ctx,
    prompt: &Prompt,
    handle: Option<&Secret>,
    admission: &Admission,
) -> Result<Option<Secret>, AppError> {
    // What was begun at another front door ends there.
    if *admission.resource() != prompt.resource() {
        return Err(AppError::Unauthenticated);
    }
    let (code, code_hash) = ctx.bearer(CODE)?;
    let shown = handle.map(|handle| hash(ctx, handle));
    let grant = Grant {
        prompt: prompt.clone(),
        user: admission.user().id,
        epoch: admission.user().credential_epoch,
        sign_in: admission.sign_in(),
    };
    let once = Once {
        owner: prompt.application.to_string(),
        expires: ctx.now.plus(CODE_LIFE),
        used: None,
        doc: serde_json::to_string(&grant)?,
    };
    let now = ctx.now;
    let issued = ctx
        .write(move |tx| {
            if let Some(shown) = &shown
                && !tx.use_once(PROMPT, shown, now)?
            {
                return Ok(false);
            }
            tx.put_once(CODE, &code_hash, &once)?;
            Ok(true)
        })
        .await?;
    Ok(issued.then_some(code))
}
