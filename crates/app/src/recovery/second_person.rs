//! A second person's word: somebody with the right who neither asked for the reset nor is concerned by it.

use sallyport_model::{Clearance, Reset, access::Action, id::ResetId};
use sallyport_store::Versioned;

use super::{find, still_may};
use crate::{AppError, Caller, Ctx};

/// Approves a reset: whoever asked for it may do it, once, within hours.
///
/// # Errors
/// Denied, above the caller's own rights, no such reset, it waits for nobody's word any more, or the caller is no second
/// person.
pub async fn approve(ctx: &Ctx, id: ResetId) -> Result<Versioned<Reset>, AppError> {
    ctx.allow(Action::ManageFactors)?;
    ctx.write(move |tx| {
        let (now, who) = (tx.ctx.now, tx.ctx.actor());
        let reset = find(tx, id)?;
        let action = reset.what.kind().action();
        let person = tx.user_for(action, reset.user)?;
        if let Some(why) = no_second_person(tx.ctx, &reset) {
            return Err(AppError::Conflict(why.into()));
        }
        // A session may be a moment older than the roles of whose it is.
        if !still_may(tx, &who, action)? {
            return Err(AppError::Denied(action));
        }
        if !person.roles.is_empty() {
            let why = format!("`{}` has a role now: ask anew, and it waits for a day", person.name);
            return Err(AppError::Conflict(why.into()));
        }
        let after = reset.value.clone().clear(Clearance::SecondPerson { who }, now)?;
        let changed = tx.update(&reset, after)?;
        Ok(tx.record(changed, "approve"))
    })
    .await
}

/// Why the caller is none.
fn no_second_person(ctx: &Ctx, reset: &Reset) -> Option<&'static str> {
    match &ctx.caller {
        Caller::LocalAdmin => None,
        Caller::Person { .. } if reset.author.is_same_as(&ctx.actor()) => {
            Some("you asked for this reset yourself: it takes the word of somebody else")
        }
        Caller::Person { id, .. } if *id == reset.user => {
            Some("this reset concerns you: it takes the word of somebody else")
        }
        Caller::Person { .. } => None,
        // Whose hands a token is in nobody can say; they may be those that asked.
        Caller::AdminApi { .. }
        | Caller::Application { .. }
        | Caller::Device { .. }
        | Caller::Nobody
        | Caller::System { .. }
        | Caller::Token { .. } => {
            Some("it takes a second person, and an API token is none: sign in (`sallyport session open`)")
        }
    }
}
